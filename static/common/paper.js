// Paper in the dashboard: what is drawn on it is read here at once, told to the other components of the tab, and sent to
// the server when the pen is lifted (`ui/components/paper.py`).

import { prepareDrawing } from "../engine/drawing.js";
import { makePaper, newHistory } from "../engine/paper.js";
import { makeReader } from "../engine/reader.js";
import { makeShown, sentence } from "../engine/shown.js";

const INVITATION = "Draw a digit from 0 to 9.";
// By paper: what is drawn, and what Undo goes back to. It is there again when its page or section is.
const papers = new Map();

export default function ({ data, parentElement, setStateValue }) {
  const node = parentElement.querySelector(".mnist-paper");
  node.mounted ??= mount(node, data);
  node.mounted.update(data, (drawn) => setStateValue("drawn", drawn));
  return () => setTimeout(() => node.isConnected || node.mounted.leave());
}

function mount(node, { paper: key, strokes, constants }) {
  const part = (name) => node.querySelector(`[data-part="${name}"]`);
  if (!papers.has(key)) papers.set(key, { history: newHistory(strokes), number: 0 });
  const kept = papers.get(key);
  let sent = strokes;
  let [send, reader, engine, standIn] = [null, null, null, null];
  let about = 0; // counts what answers may be about
  let last = null; // the answer that is shown

  const nodes = Object.fromEntries(["seen", "digit", "warning", "sure", "bars"].map((name) => [name, part(name)]));
  const showAnswer = makeShown(nodes, INVITATION);

  function show(isDone) {
    const drawing = paper.drawing();
    const prepared = prepareDrawing(drawing, constants.PAPER, constants);
    const detail = { paper: key, image: prepared?.image ?? null, done: isDone };
    window.dispatchEvent(new CustomEvent("mnist-lab:digit", { detail }));
    const possible = paper.possible();
    for (const name of ["undo", "redo", "clear"]) part(name).setAttribute("aria-disabled", String(!possible[name]));
    if (drawing.length) read(prepared, isDone);
    else readStandIn();
  }

  /** Show the answer when it is there, where what it is about still is. */
  async function read(prepared, isDone) {
    if (!reader) return showAnswer(prepared, {});
    const asked = about;
    const answer = await answerOf(prepared, isDone);
    if (!answer || asked !== about) return;
    showAnswer(prepared, answer);
    last = { image: prepared?.image ?? null, ...answer };
    if (isDone) part("said").textContent = sentence(answer);
  }

  async function readStandIn() {
    const asked = ++about; // answers to a drawing that has been cleared come too late
    last = null;
    part("said").textContent = "";
    if (!standIn) return showAnswer(null, {});
    const image = Uint8Array.from(atob(standIn.image), (letter) => letter.charCodeAt(0));
    const { name } = standIn;
    const say = (answer) => {
      showAnswer({ image }, answer);
      part("seen").setAttribute("aria-label", `${name}, 28 by 28 pixels`);
      part("sure").textContent = `Nothing is drawn yet: this is ${name}.`;
      part("warning").textContent = answer.warning ?? "";
    };
    say({});
    const answer = reader && (await answerOf({ image }, false));
    if (answer && asked === about) say(answer);
  }

  async function answerOf(prepared, isDone) {
    try {
      return await reader.ask(prepared, isDone);
    } catch (error) {
      return { warning: `Nothing is read here: ${error.message}. Load the page again.` };
    }
  }

  function tell() {
    const drawing = paper.drawing();
    if (same(drawing, sent)) return;
    sent = drawing;
    kept.number += 1; // what is sent again after the server has shown something else is new
    send({ number: kept.number, strokes: drawing });
  }

  const paper = makePaper(part("paper"), {
    side: constants.PAPER,
    brush: () => constants.BRUSH,
    history: kept.history,
    onChange(isDone) {
      show(isDone);
      if (isDone) tell();
    },
  });
  for (const name of ["undo", "redo", "clear"]) part(name).addEventListener("click", paper[name]);

  return {
    update(data, how) {
      send = how;
      part("paper").setAttribute("aria-label", data.label);
      node.dataset.known = data.strokes.length; // strokes that the server has
      node.style.setProperty("--paper", `${data.size}px`);
      part("answer").hidden = !data.engine;
      const isOther = !same(engine, data.engine) || standIn?.name !== data.stand_in?.name;
      if (!same(engine, data.engine)) reader = data.engine && makeReader(data.engine);
      [engine, standIn] = [data.engine, data.stand_in];
      if (isOther) about += 1;
      if (isOther && !paper.isDrawing()) show(true);
      if (!paper.isDrawing()) tell(); // a server that was started anew knows of no drawing
    },
    drawing: paper.drawing,
    answer: () => last,
    leave: paper.leave,
  };
}

const same = (one, other) => one === other || JSON.stringify(one) === JSON.stringify(other);
