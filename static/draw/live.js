// The answer on the Draw page while the pen moves, in the place of the server's; after the stroke the server's stands there.
//
// The canvas (streamlit-drawable-canvas) tells of a stroke when it is finished. What it hears is heard here beside it.

import { prepareDrawing } from "../engine/drawing.js";
import { makeReader } from "../engine/reader.js";
import { makeShown } from "../engine/shown.js";

const PATIENCE = 10_000; // milliseconds after which the server's last answer is shown again, whatever happened to it

export default function ({ data, parentElement }) {
  const node = parentElement.querySelector(".live-answer");
  node.mounted ??= mount(node);
  node.mounted.update(data);
  return () => setTimeout(() => node.isConnected || node.mounted.leave());
}

function mount(node) {
  const leaving = new AbortController();
  const part = (name) => node.querySelector(`[data-part="${name}"]`);
  const nodes = Object.fromEntries(["seen", "digit", "warning", "sure", "bars"].map((name) => [name, part(name)]));
  const showAnswer = makeShown(nodes, "");
  let data = null; // as the server last sent it
  let finished = []; // strokes that the server does not have yet
  let stroke = null;
  let engine = null;
  let reader = null; // null as well where it has failed: then only the server answers
  let isReady = false;
  let about = 0; // counts what answers may be about
  let last = null;
  let [waiting, patience] = [0, 0];

  async function show(isDone) {
    const asked = about;
    const drawing = [...data.strokes, ...finished, ...(stroke ? [stroke] : [])];
    const prepared = prepareDrawing(drawing, data.side, data.engine.constants);
    try {
      const answer = prepared && (await reader?.ask(prepared, isDone));
      if (!answer || asked !== about) return;
      showAnswer(prepared, answer);
      last = { image: prepared.image, isDone, ...answer };
      showHere(true);
    } catch {
      reader = null;
      showHere(false);
    }
  }

  function showHere(here) {
    node.hidden = !here;
    const server = document.querySelector(`.st-key-${data.instead}`);
    if (server) server.dataset.live = here;
  }

  const place = ({ clientX, clientY }, canvas) => {
    const box = canvas.getBoundingClientRect();
    return [((clientX - box.left) * data.side) / box.width, ((clientY - box.top) * data.side) / box.height];
  };
  const pointer = (event) => event.changedTouches?.[0] ?? event;
  const listeners = {
    down(event) {
      const path = event.composedPath();
      const canvas = path.find((one) => one.classList?.contains("upper-canvas"));
      const isOurs = path.some((one) => one.classList?.contains(`st-key-${data.place}`));
      if (stroke || !reader || !canvas || !isOurs || event.button > 0) return;
      clearTimeout(patience);
      stroke = { places: [place(pointer(event), canvas)], width: data.brush, canvas };
      moved();
    },
    move(event) {
      if (!stroke) return;
      stroke.places.push(place(pointer(event), stroke.canvas));
      moved();
    },
    up(event) {
      if (!stroke || event.touches?.length) return;
      finished.push(stroke);
      stroke = null;
      show(true);
      patience = setTimeout(forget, PATIENCE);
    },
  };

  /** It answers once before the first stroke, so that its network is there. */
  async function prepareReader(made) {
    try {
      await made?.ask({ image: new Uint8Array(28 * 28) }, false);
      isReady = made !== null;
    } catch {
      if (made === reader) reader = null;
    }
  }

  function moved() {
    waiting ||= requestAnimationFrame(() => {
      waiting = 0;
      if (stroke) show(false);
    });
  }

  function forget() {
    finished = [];
    about += 1; // what is still on its way comes too late
    showHere(false);
  }

  const kinds = { down: ["mousedown", "touchstart"], move: ["mousemove", "touchmove"], up: ["mouseup", "touchend", "touchcancel"] };
  for (const [name, types] of Object.entries(kinds)) {
    for (const type of types) {
      document.addEventListener(type, (event) => listeners[name](event), { capture: true, passive: true, signal: leaving.signal });
    }
  }

  return {
    update(next) {
      const before = data?.strokes.length ?? 0;
      data = next;
      if (JSON.stringify(engine) !== JSON.stringify(data.engine)) {
        engine = data.engine;
        reader = engine && makeReader(engine);
        prepareReader(reader);
      }
      clearTimeout(patience);
      if (stroke) finished = finished.slice(Math.max(0, data.strokes.length - before));
      else forget();
    },
    answer: () => last,
    isReady: () => isReady && reader !== null,
    leave() {
      leaving.abort();
      cancelAnimationFrame(waiting);
      clearTimeout(patience);
      showHere(false);
    },
  };
}
