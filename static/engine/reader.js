// Networks fetched from the server, and asked. (The exported page has its own in it.)

import { judged, numbersOf } from "./answer.js";
import { makeNetwork, unpackWeights } from "./network.js";

const fetched = new Map();

/** The network in a file that the server wrote (`ui/components/engine.py`); each is fetched once in a tab. */
export function loadNetwork(address) {
  if (!fetched.has(address)) {
    const coming = fetch(new URL(address, globalThis.document?.baseURI))
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

/** What takes the time of an answer (`numbersOf`), of networks by their addresses. */
export async function numbersFor({ image, isDone, network, detector }) {
  return numbersOf(image, ...(await Promise.all([loadNetwork(network), loadNetwork(detector)])), isDone);
}

/** A reader whose `ask(prepared, isDone)` promises what `answerTo` (answer.js) says, or null where it was overtaken.
 *
 * It reads in a thread of its own: the pen never waits for an answer, however large the network is. While one is on its
 * way, of the others only the last is kept. The addresses and constants are those of `engine_data`
 * (ui/components/engine.py), `prepared` comes from prepare.js.
 */
export function makeReader({ network, detector, constants }) {
  const [one, other] = [network, detector].map((address) => new URL(address, document.baseURI).href);
  let [busy, next] = [false, null];
  // All is there, and compiled, before the first answer is asked for.
  inThread({ image: new Uint8Array(28 * 28), isDone: true, network: one, detector: other }).catch(() => {});

  async function work() {
    if (busy || !next) return;
    busy = true;
    const { prepared, isDone, resolve, reject } = next;
    next = null;
    try {
      const numbers = prepared && (await inThread({ image: prepared.image, isDone, network: one, detector: other }));
      resolve(judged(prepared, numbers, constants));
    } catch (error) {
      reject(error);
    }
    busy = false;
    work();
  }

  return {
    ask: (prepared, isDone = true) =>
      new Promise((resolve, reject) => {
        next?.resolve(null);
        next = { prepared, isDone, resolve, reject };
        work();
      }),
  };
}

// One thread for all readers of the tab; where a browser gives none, this one does the work.
let thread = null;
const waiting = []; // for its answers, which come in the order of the requests

function inThread(request) {
  thread ??= startThread();
  if (!thread.worker) return numbersFor(request);
  return new Promise((resolve, reject) => {
    waiting.push({ request, resolve, reject });
    thread.worker.postMessage(request);
  });
}

function startThread() {
  const started = { worker: null };
  try {
    started.worker = new Worker(new URL("./reader_worker.js", import.meta.url), { type: "module" });
    started.worker.onmessage = ({ data: { numbers, error } }) => {
      const { resolve, reject } = waiting.shift();
      if (error) reject(new Error(error));
      else resolve(numbers);
    };
    started.worker.onerror = () => {
      started.worker = null;
      for (const { request, resolve } of waiting.splice(0)) resolve(numbersFor(request));
    };
  } catch {
    started.worker = null;
  }
  return started;
}
