// The page: what is drawn or opened, what is read of it, and what is shown. The engine stands above.

import { prepareDrawing, smoothed } from "./drawing.js";
import { makeNetwork, unpackWeights } from "./network.js";
import { readPicture } from "./picture.js";
import { prepare } from "./prepare.js";
import { warning } from "./warning.js";

const SIDE = 308; // of the paper, in the pixels in which a drawing is kept; the screen's may be more or fewer
const LIVE = 12; // milliseconds: an answer that takes no longer is given while the pen moves
const part = (id) => document.getElementById(id);
const data = JSON.parse(part("data").textContent);
const load = ({ program, packed }, id) =>
  makeNetwork(program, unpackWeights(Uint8Array.from(atob(part(id).textContent), (c) => c.charCodeAt(0)), packed));
const network = load(data.network, "weights");
const detector = load(data.detector, "detector");

/** The answer to what prepare.js found: {probabilities, digit, warning}; `warning` alone where there is no ink. */
function ask(prepared) {
  if (!prepared) return { warning: warning(null, null, 0, data.constants) };
  const probabilities = network.answer(prepared.image);
  const unlike = 1 / (1 + Math.exp(-detector.single(prepared.image)[0]));
  const digit = probabilities.indexOf(Math.max(...probabilities));
  return { probabilities, digit, unlike, warning: warning(prepared, probabilities, unlike, data.constants) };
}

// What is on the paper: strokes, or an opened picture. Undo and Redo go through such states.
const EMPTY = { strokes: [], picture: null };
let state = EMPTY;
let [past, future] = [[], []];
let stroke = null; // the one being drawn
let cost = 0; // milliseconds that the last answer took

const drawing = () => (stroke ? [...(state.picture ? [] : state.strokes), stroke] : state.strokes);
const shown = () => (stroke ? null : state.picture);

function change(next) {
  past.push(state);
  future = [];
  state = next;
  show(true);
}

function step(from, to) {
  if (!from.length) return;
  to.push(state);
  state = from.pop();
  show(true);
}

function show(isDone) {
  paint();
  const started = performance.now();
  const picture = shown();
  const isEmpty = !picture && !drawing().length;
  const prepared = picture ? prepare(picture, null, data.constants) : prepareDrawing(drawing(), SIDE, data.constants);
  const answer = isEmpty ? {} : ask(prepared);
  cost = performance.now() - started;
  showSeen(prepared);
  // A stroke just begun is a blot: what is wrong is said when the pen is lifted.
  showAnswer(isDone || !answer.probabilities ? answer : { ...answer, warning: null });
  part("source").textContent = picture ? `The answer is about ${picture.name}. Draw, or clear, to go on.` : "Or drop or paste one.";
  const possible = { undo: past.length, redo: future.length, clear: !isEmpty };
  for (const [id, is] of Object.entries(possible)) part(id).setAttribute("aria-disabled", String(!is));
  if (isDone) part("said").textContent = sentence(answer);
}

function sentence({ digit, probabilities, warning: problem }) {
  const read = probabilities ? `Read as ${digit}, ${percent(probabilities[digit])} probable.` : "";
  return [problem, read].filter(Boolean).join(" ");
}

/** Never a certainty that only rounding made. */
function percent(probability) {
  if (probability > 0.9995) return "> 99.9 %";
  return probability < 0.0005 ? "< 0.1 %" : `${(100 * probability).toFixed(1)} %`;
}

function showAnswer({ probabilities, digit, warning: problem }) {
  part("digit").textContent = problem ? "" : (digit ?? "");
  part("warning").textContent = problem ?? (probabilities ? "" : "Draw a digit from 0 to 9: the answer appears here.");
  const sure = probabilities ? percent(probabilities[digit]) : "";
  part("sure").textContent = sure && (problem ? `Prediction anyway: ${digit}, ${sure}` : `${sure} probable`);
  [...part("bars").rows].forEach((row, i) => {
    row.className = i === digit ? "most" : "";
    row.cells[0].textContent = i === digit ? `▸ ${i}` : i;
    row.querySelector(".bar").style.width = probabilities ? `${(100 * probabilities[i]).toFixed(1)}%` : "0";
    row.cells[2].textContent = probabilities ? percent(probabilities[i]) : "";
  });
}

function showSeen(prepared) {
  const context = part("seen").getContext("2d");
  context.clearRect(0, 0, 28, 28);
  part("seen").setAttribute("aria-label", prepared ? "Your digit in 28 by 28 pixels" : "Nothing yet");
  if (prepared) context.putImageData(pixels({ width: 28, height: 28, channels: 1, data: prepared.image }), 0, 0);
}

function pixels({ width, height, channels, data: levels }) {
  const image = new ImageData(width, height);
  if (channels === 4) image.data.set(levels);
  else levels.forEach((level, i) => image.data.set([level, level, level, 255], 4 * i));
  return image;
}

const paper = part("paper");

function paint() {
  const scale = window.devicePixelRatio || 1;
  const size = Math.round(SIDE * scale);
  if (paper.width !== size) [paper.width, paper.height] = [size, size];
  const context = paper.getContext("2d");
  context.setTransform(size / SIDE, 0, 0, size / SIDE, 0, 0);
  context.clearRect(0, 0, SIDE, SIDE);
  const picture = shown();
  if (picture) {
    const copy = document.createElement("canvas");
    [copy.width, copy.height] = [picture.width, picture.height];
    copy.getContext("2d").putImageData(pixels(picture), 0, 0);
    const fit = SIDE / Math.max(picture.width, picture.height);
    const [width, height] = [picture.width * fit, picture.height * fit];
    if (picture.channels === 4) {
      context.fillStyle = "#888"; // behind what is transparent, neither black nor white
      context.fillRect((SIDE - width) / 2, (SIDE - height) / 2, width, height);
    }
    context.drawImage(copy, (SIDE - width) / 2, (SIDE - height) / 2, width, height);
    return;
  }
  context.strokeStyle = "#fff";
  context.lineCap = context.lineJoin = "round";
  for (const { places, width } of drawing()) {
    context.lineWidth = width;
    context.beginPath();
    context.moveTo(...places[0]);
    for (let i = 1; i < places.length; i++) {
      const [[x, y], [nextX, nextY]] = [places[i - 1], places[i]];
      context.quadraticCurveTo(x, y, (x + nextX) / 2, (y + nextY) / 2);
    }
    context.lineTo(...places[places.length - 1]);
    context.stroke();
  }
  if (pen) showPen(context);
}

// The pen: mouse, finger or stylus.
const place = (event) => {
  const box = paper.getBoundingClientRect();
  return [((event.clientX - box.left) * SIDE) / box.width, ((event.clientY - box.top) * SIDE) / box.height];
};
const brush = part("brush");
let waiting = 0;

function begin(where) {
  stroke = { places: [where], width: Number(brush.value) };
  draw();
}

function move(where) {
  if (!stroke) return begin(where); // cleared meanwhile: what follows is a new one
  const last = stroke.places[stroke.places.length - 1];
  if (last[0] === where[0] && last[1] === where[1]) return;
  stroke.places.push(where);
  draw();
}

function end() {
  if (!stroke) return;
  const strokes = drawing();
  stroke = null;
  change({ strokes, picture: null });
}

/** Once a frame: the stroke so far, and the answer to it where that is quick. */
function draw() {
  waiting ||= requestAnimationFrame(() => {
    waiting = 0;
    if (stroke && cost < LIVE) show(false);
    else paint();
  });
}

let finger = null; // the one that draws; others are left out
paper.addEventListener("pointerdown", (event) => {
  if (finger !== null || (event.pointerType === "mouse" && event.button !== 0)) return;
  finger = event.pointerId;
  end(); // the keyboard's stroke
  pen = null;
  paper.setPointerCapture(finger);
  begin(place(event));
});
paper.addEventListener("pointermove", (event) => {
  if (event.pointerId === finger) move(place(event));
});
for (const type of ["pointerup", "pointercancel"]) {
  paper.addEventListener(type, (event) => {
    if (event.pointerId !== finger) return;
    finger = null;
    end();
  });
}

// The pen by keyboard: a ring shows where it is.
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const STEP = 14; // pixels of the paper
let pen = null;

function showPen(context) {
  context.beginPath();
  context.arc(...pen, 7, 0, 2 * Math.PI);
  context.lineWidth = 3;
  context.strokeStyle = stroke ? "#ffb000" : "#6fb1f0";
  context.stroke();
}

paper.addEventListener("keydown", (event) => {
  if (finger !== null || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key in ARROWS) {
    const [right, down] = ARROWS[event.key];
    const within = (value) => Math.min(SIDE - STEP, Math.max(STEP, value));
    pen = pen ? [within(pen[0] + right * STEP), within(pen[1] + down * STEP)] : [SIDE / 2, SIDE / 2];
    if (stroke) move(pen);
    else paint();
  } else if (event.key === " " && !event.repeat) {
    pen ??= [SIDE / 2, SIDE / 2];
    if (stroke) end();
    else begin(pen);
  } else if (event.key === "Escape") {
    clear();
  } else if (event.key !== " ") {
    return;
  }
  event.preventDefault();
});
paper.addEventListener("blur", () => {
  pen = null;
  if (finger === null) end();
  paint();
});

function clear() {
  stroke = null;
  if (state !== EMPTY) change(EMPTY);
  else show(true);
}

const undo = () => step(past, future);
const redo = () => step(future, past);
for (const [id, action] of Object.entries({ undo, redo, clear })) part(id).addEventListener("click", action);
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z" || stroke) return;
  event.preventDefault();
  (event.shiftKey ? redo : undo)();
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
    if (number === asked) change({ strokes: [], picture: { ...picture, name: file.name || "the picture" } });
  } catch (error) {
    if (number !== asked) return;
    const kept = state.picture?.name ?? "your drawing";
    const message = `${error.message}${state === EMPTY ? "" : ` The answer is still about ${kept}.`}`;
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

for (let digit = 0; digit < 10; digit++) {
  const row = part("bars").insertRow();
  row.append(Object.assign(document.createElement("th"), { scope: "row" }));
  row.insertCell().append(Object.assign(document.createElement("div"), { className: "track" }));
  row.cells[1].firstChild.append(Object.assign(document.createElement("div"), { className: "bar" }));
  row.insertCell();
}
showWidth();
show(false);
globalThis.reader = { SIDE, ask, network, prepare, prepareDrawing, smoothed, constants: data.constants }; // for the curious
