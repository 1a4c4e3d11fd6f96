// What a network answers to a prepared digit, with the warning that goes with it.

import { warning } from "./warning.js";

/** {probabilities, digit, unlike, warning}; `warning` alone where there is no ink.
 *
 * `detector` tells how probable it is, `unlike`, that this is no digit. Before the drawing is done there is no warning:
 * a stroke just begun is a blot.
 */
export function answerTo(prepared, network, detector, constants, isDone = true) {
  if (!prepared) return { warning: warning(null, null, 0, constants) };
  const probabilities = network.answer(prepared.image);
  const digit = probabilities.indexOf(Math.max(...probabilities));
  if (!isDone) return { probabilities, digit, warning: null };
  const unlike = 1 / (1 + Math.exp(-detector.single(prepared.image)[0]));
  return { probabilities, digit, unlike, warning: warning(prepared, probabilities, unlike, constants) };
}
