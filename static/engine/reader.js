// A network fetched from the server, and what it answers to a prepared digit, with the warning that goes with it.

import { makeNetwork, unpackWeights } from "./network.js";
import { warning } from "./warning.js";

const fetched = new Map();

/** The network in a file that the server wrote (`ui/components/engine.py`); each is fetched once in a tab. */
export function loadNetwork(address) {
  if (!fetched.has(address)) {
    const coming = fetch(new URL(address, document.baseURI))
      .then((response) => {
        if (!response.ok) throw new Error(`the network did not load (${response.status})`);
        return response.json();
      })
      .then(({ program, packed, weights }) => {
        const bytes = Uint8Array.from(atob(weights), (letter) => letter.charCodeAt(0));
        return makeNetwork(program, unpackWeights(bytes, packed));
      });
    coming.catch(() => fetched.delete(address)); // another try fetches it anew
    fetched.set(address, coming);
  }
  return fetched.get(address);
}

/** {network, ask}: `ask(prepared)` is {probabilities, digit, unlike, warning}, `warning` alone where there is no ink.
 *
 * The addresses and constants are those of `engine_data` (ui/components/engine.py), `prepared` comes from prepare.js.
 */
export async function loadReader({ network, detector, constants }) {
  const [answering, unlikely] = await Promise.all([loadNetwork(network), loadNetwork(detector)]);
  return { network: answering, ask: (prepared) => answerTo(prepared, answering, unlikely, constants) };
}

/** What `network` answers; `detector` tells how probable it is that this is no digit. */
export function answerTo(prepared, network, detector, constants) {
  if (!prepared) return { warning: warning(null, null, 0, constants) };
  const probabilities = network.answer(prepared.image);
  const unlike = 1 / (1 + Math.exp(-detector.single(prepared.image)[0]));
  const digit = probabilities.indexOf(Math.max(...probabilities));
  return { probabilities, digit, unlike, warning: warning(prepared, probabilities, unlike, constants) };
}
