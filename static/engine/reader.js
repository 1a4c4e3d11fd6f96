// A network fetched from the server, ready to answer. (The exported page has its own in it.)

import { answerTo } from "./answer.js";
import { makeNetwork, unpackWeights } from "./network.js";

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

/** {network, ask}: `ask(prepared, isDone)` is what `answerTo` says.
 *
 * The addresses and constants are those of `engine_data` (ui/components/engine.py), `prepared` comes from prepare.js.
 */
export async function loadReader({ network, detector, constants }) {
  const [answering, unlikely] = await Promise.all([loadNetwork(network), loadNetwork(detector)]);
  return { network: answering, ask: (prepared, isDone) => answerTo(prepared, answering, unlikely, constants, isDone) };
}
