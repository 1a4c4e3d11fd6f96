// Paper in the dashboard: what is drawn on it is read here at once, told to the other components of the tab, and sent to
// the server when the pen is lifted (`ui/components/paper.py`).

import { prepareDrawing } from "../engine/drawing.js";
import { makePaper, newHistory } from "../engine/paper.js";
import { loadReader } from "../engine/reader.js";
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

function mount(node, { paper: key, strokes, revision, constants }) {
  const part = (name) => node.querySelector(`[data-part="${name}"]`);
  if (!papers.has(key)) papers.set(key, { history: newHistory(strokes), revision, number: 0 });
  const kept = papers.get(key);
  let sent = strokes;
  let [send, reader, asked, standIn] = [null, null, null, null];

  const nodes = Object.fromEntries(["seen", "digit", "warning", "sure", "bars"].map((name) => [name, part(name)]));
  const showAnswer = makeShown(nodes, INVITATION);

  function show(isDone) {
    const drawing = paper.drawing();
    const prepared = prepareDrawing(drawing, constants.PAPER, constants);
    const answer = reader && drawing.length ? reader.ask(prepared, isDone) : {};
    const detail = { paper: key, image: prepared?.image ?? null, done: isDone, answer, network: reader?.network };
    window.dispatchEvent(new CustomEvent("mnist-lab:digit", { detail }));
    if (!drawing.length && standIn) showStandIn();
    else showAnswer(prepared, answer);
    const possible = paper.possible();
    for (const name of ["undo", "redo", "clear"]) part(name).setAttribute("aria-disabled", String(!possible[name]));
    if (isDone) part("said").textContent = sentence(answer);
  }

  function showStandIn() {
    const image = Uint8Array.from(atob(standIn.image), (letter) => letter.charCodeAt(0));
    const probabilities = reader?.network.answer(image);
    showAnswer({ image }, probabilities ? { probabilities, digit: probabilities.indexOf(Math.max(...probabilities)) } : {});
    part("seen").setAttribute("aria-label", `${standIn.name}, 28 by 28 pixels`);
    part("sure").textContent = `Nothing is drawn yet: this is ${standIn.name}.`;
    part("warning").textContent = "";
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
      if (data.revision !== kept.revision) {
        kept.revision = data.revision;
        sent = data.strokes;
        paper.change({ strokes: data.strokes, picture: null });
      }
      part("answer").hidden = !data.engine;
      const wanted = JSON.stringify(data.engine ?? null);
      const isOther = wanted !== asked;
      if (isOther) [asked, reader] = [wanted, null];
      const instead = standIn?.name !== data.stand_in?.name;
      standIn = data.stand_in;
      if (isOther || (instead && !paper.isDrawing())) show(true);
      if (isOther && data.engine) load(data.engine, wanted);
      if (!paper.isDrawing()) tell(); // a server that was started anew knows of no drawing
    },
    drawing: paper.drawing,
    leave: paper.leave,
  };

  async function load(engine, wanted) {
    try {
      const loaded = await loadReader(engine);
      if (wanted !== asked) return; // another network was chosen meanwhile
      reader = loaded;
      show(!paper.isDrawing());
    } catch (error) {
      if (wanted === asked) part("warning").textContent = `Nothing is read here: ${error.message}. Load the page again.`;
    }
  }
}

const same = (one, other) => one === other || JSON.stringify(one) === JSON.stringify(other);
