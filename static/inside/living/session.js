// What is looked at in this tab, shared by the picture of the network and by the value that is worked out.

/** network, image (Uint8Array of 784), view (null: the digit as it is), path (the way to the value that is worked out:
 * [{layer, at}, ...], see steps.js; empty: the answer), probabilities, given (the image that the server handed over last),
 * isDrawing (the pen is on the paper: what the server hands over is then older than what is on it).
 */
export const session = { network: null, image: null, view: null, path: [], probabilities: null, given: null, isDrawing: false };

const listeners = new Set();

/** `hear(changes)` is called after each change until what this returns is called. */
export function listen(hear) {
  listeners.add(hear);
  return () => listeners.delete(hear);
}

/** Change some of it, and tell everybody. */
export function change(changes) {
  Object.assign(session, changes);
  for (const hear of [...listeners]) hear(changes);
}

/** Look at this network and at this image (base64 of its 784 bytes) from now on, unless that is so already.
 *
 * The way to a value is kept where the network has the same layers: another epoch of a run, say.
 */
export function begin(network, given) {
  const changes = {};
  if (session.given !== given) {
    session.given = given;
    if (!session.isDrawing) changes.image = handedOver();
  }
  if (session.network !== network) {
    const isAlike = session.network && kindOf(session.network) === kindOf(network);
    Object.assign(changes, { network, ...(isAlike ? {} : { path: [], view: null }) });
  }
  if (Object.keys(changes).length) {
    change({ ...changes, probabilities: network.answer(changes.image ?? session.image) });
  }
}

/** The image that the server handed over last; null before it has. */
export const handedOver = () => session.given && Uint8Array.from(atob(session.given), (letter) => letter.charCodeAt(0));

const kindOf = ({ layers }) => JSON.stringify(layers.map(({ kind, shape }) => [kind, shape]));

/** The value at the end of the way, or null. */
export const chosen = () => session.path[session.path.length - 1] ?? null;

/** The digit that is answered. */
export const answered = () => session.probabilities.indexOf(Math.max(...session.probabilities));

/** The digits, the most probable first. */
export const ranked = () => [...session.probabilities.keys()].sort((a, b) => session.probabilities[b] - session.probabilities[a]);
