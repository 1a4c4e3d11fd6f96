// The page: what is drawn or opened, what is read of it, and what is shown. The engine stands above.

import { answerTo } from "./answer.js";
import { prepareDrawing } from "./drawing.js";
import { makeNetwork, unpackWeights } from "./network.js";
import { makePaper } from "./paper.js";
import { readPicture } from "./picture.js";
import { prepare } from "./prepare.js";
import { makeShown, sentence } from "./shown.js";

const LIVE = 12; // milliseconds: an answer that takes no longer is given while the pen moves
const part = (id) => document.getElementById(id);
const data = JSON.parse(part("data").textContent);
const load = ({ program, packed }, id) =>
  makeNetwork(program, unpackWeights(Uint8Array.from(atob(part(id).textContent), (c) => c.charCodeAt(0)), packed));
const SIDE = data.constants.PAPER; // of the paper, in the pixels in which a drawing is kept, whatever the screen's are
const network = load(data.network, "weights");
const detector = load(data.detector, "detector");

const brush = part("brush");
const paper = makePaper(part("paper"), { side: SIDE, brush: () => Number(brush.value), onChange: show });
const nodes = Object.fromEntries(["seen", "digit", "warning", "sure", "bars"].map((id) => [id, part(id)]));
const showAnswer = makeShown(nodes, "Draw a digit from 0 to 9: the answer appears here.");
let cost = 0; // milliseconds that the last answer took

function show(isDone) {
  if (!isDone && cost > LIVE) return;
  const started = performance.now();
  const picture = paper.picture();
  const possible = paper.possible();
  const prepared = picture ? prepare(picture, null, data.constants) : prepareDrawing(paper.drawing(), SIDE, data.constants);
  const answer = possible.clear ? answerTo(prepared, network, detector, data.constants, isDone) : {};
  cost = performance.now() - started;
  showAnswer(prepared, answer);
  part("source").textContent = picture ? `The answer is about ${picture.name}. Draw, or clear, to go on.` : "Or drop or paste one.";
  for (const [id, is] of Object.entries(possible)) part(id).setAttribute("aria-disabled", String(!is));
  if (isDone) part("said").textContent = sentence(answer);
}

for (const id of ["undo", "redo", "clear"]) part(id).addEventListener("click", paper[id]);
document.addEventListener("keydown", (event) => {
  const isUndo = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z";
  if (!isUndo || event.defaultPrevented || paper.isDrawing()) return; // on the paper it has been done already
  event.preventDefault();
  (event.shiftKey ? paper.redo : paper.undo)();
});
const showWidth = () => (part("brush-width").textContent = brush.value);
brush.addEventListener("input", showWidth);

// A picture: chosen, dropped or pasted. Of several that come quickly the last one counts.
let asked = 0;
async function open(file) {
  if (!file) return;
  const number = ++asked;
  part("source").textContent = `Reading ${file.name} ...`;
  try {
    const picture = await readPicture(file, data.constants);
    if (number === asked) paper.change({ strokes: [], picture: { ...picture, name: file.name || "the picture" } });
  } catch (error) {
    if (number !== asked) return;
    const kept = paper.picture()?.name ?? "your drawing";
    const message = `${error.message}${paper.possible().clear ? ` The answer is still about ${kept}.` : ""}`;
    part("source").textContent = part("said").textContent = message;
  }
}
part("choose").addEventListener("click", () => part("file").click());
part("file").addEventListener("change", () => {
  open(part("file").files[0]);
  part("file").value = ""; // the same file may be chosen again
});
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault();
  open(event.dataTransfer.files[0]);
});
document.addEventListener("paste", (event) => open(event.clipboardData.files[0]));

showWidth();
show(true);
const ask = (prepared) => answerTo(prepared, network, detector, data.constants);
globalThis.reader = { SIDE, ask, network, prepare, prepareDrawing, constants: data.constants }; // for the curious
