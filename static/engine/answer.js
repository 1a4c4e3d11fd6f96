// What a network answers to a prepared digit, with the warning that goes with it.

import { warning } from "./warning.js";

/** {probabilities, digit, unlike, warning}; `warning` alone where there is no ink.
 *
 * `detector` tells how probable it is, `unlike`, that this is no digit. Before the drawing is done it is not asked, and
 * there is no warning: a stroke just begun is a blot.
 */
export function answerTo(prepared, network, detector, constants, isDone = true) {
  return judged(prepared, prepared && numbersOf(prepared.image, network, detector, isDone), constants);
}

/** {probabilities, unlike}, which take the time; `unlike` is null where it is not asked for. */
export function numbersOf(image, network, detector, isDone) {
  const unlike = isDone ? 1 / (1 + Math.exp(-detector.single(image)[0])) : null;
  return { probabilities: network.answer(image), unlike };
}

/** What is said of a prepared digit by these numbers. */
export function judged(prepared, numbers, constants) {
  if (!prepared) return { warning: warning(null, null, 0, constants) };
  const { probabilities, unlike } = numbers;
  const digit = probabilities.indexOf(Math.max(...probabilities));
  return { ...numbers, digit, warning: unlike === null ? null : warning(prepared, probabilities, unlike, constants) };
}
