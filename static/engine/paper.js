// Paper to draw on with a mouse, a finger, a stylus or the keyboard; undo, redo, clear. A picture may lie on it instead.

import { toImageData } from "./picture.js";

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const STEP = 14; // pixels of the paper that an arrow moves the pen by
const PALM = 60; // CSS pixels: what touches the paper so broadly is no finger
const PEN_RESTS = 1000; // milliseconds after a pen was last heard in which what touches is the hand that holds it
const EMPTY = { strokes: [], picture: null };

/** What is on a paper, `now`, and what Undo and Redo go to. */
export const newHistory = (strokes = []) => ({ now: strokes.length ? { strokes, picture: null } : EMPTY, past: [], future: [] });

/** Make `canvas` a paper, `side` pixels wide: a drawing is kept in those, whatever the screen's are.
 *
 * `brush()` is the width of the next stroke. `onChange(isDone)` is called once a frame while the pen moves (false), and
 * with every stroke, undo, redo and clear (true). `history` goes on where another paper was left.
 *
 * Of the paper `drawing()` is the list of strokes {places: [[x, y], ...], width}, the one being drawn as the last: the
 * same object while it grows. `picture()` is what lies there instead, or null.
 */
export function makePaper(canvas, { side, brush, onChange, history = newHistory() }) {
  const leaving = new AbortController();
  const { signal } = leaving;
  let stroke = null; // the one being drawn
  let finger = null; // the pointer that draws; others are left out
  let kind = null; // of that pointer: mouse, touch or pen
  let penHeard = -Infinity; // when a pen was last over or on the paper
  let pen = null; // where the keyboard's pen is
  let waiting = 0;
  canvas.style.touchAction = "none"; // a finger draws, and does not scroll

  const drawing = () => (stroke ? [...(history.now.picture ? [] : history.now.strokes), stroke] : history.now.strokes);
  const picture = () => (stroke ? null : history.now.picture);

  function paint() {
    const size = Math.round(side * (window.devicePixelRatio || 1));
    if (canvas.width !== size) [canvas.width, canvas.height] = [size, size];
    const context = canvas.getContext("2d");
    context.setTransform(size / side, 0, 0, size / side, 0, 0);
    context.clearRect(0, 0, side, side);
    if (picture()) return paintPicture(context, picture(), side);
    paintStrokes(context, drawing());
    if (pen) paintPen(context, pen, stroke !== null);
  }

  function done() {
    paint();
    onChange(true);
  }

  function change(next) {
    history.past.push(history.now);
    history.future = [];
    history.now = next;
    done();
  }

  function step(from, to) {
    if (!from.length) return;
    to.push(history.now);
    history.now = from.pop();
    done();
  }

  const undo = () => step(history.past, history.future);
  const redo = () => step(history.future, history.past);
  function clear() {
    stroke = null;
    if (history.now !== EMPTY) change(EMPTY);
    else done();
  }

  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) * side) / box.width, ((event.clientY - box.top) * side) / box.height];
  };

  function begin(where) {
    stroke = { places: [where], width: brush() };
    moved();
  }

  function move(where) {
    if (!stroke) return begin(where); // cleared meanwhile: what follows is a new one
    const last = stroke.places[stroke.places.length - 1];
    if (last[0] === where[0] && last[1] === where[1]) return;
    stroke.places.push(where);
    moved();
  }

  function end() {
    if (!stroke) return;
    const strokes = drawing();
    stroke = null;
    change({ strokes, picture: null });
  }

  function moved() {
    waiting ||= requestAnimationFrame(() => {
      waiting = 0;
      paint();
      if (stroke) onChange(false);
    });
  }

  const on = (type, listener) => canvas.addEventListener(type, listener, { signal });
  function isPalm({ pointerType, width, height, timeStamp }) {
    if (pointerType !== "touch") return false;
    return Math.max(width, height) > PALM || timeStamp - penHeard < PEN_RESTS;
  }
  function hearPen({ pointerType, timeStamp }) {
    if (pointerType === "pen") penHeard = timeStamp;
  }

  on("pointerdown", (event) => {
    hearPen(event);
    if ((event.pointerType === "mouse" && event.button !== 0) || isPalm(event)) return;
    if (finger !== null) {
      if (kind !== "touch" || event.pointerType !== "pen") return;
      stroke = null; // a hand lay on the paper before its pen did
    }
    [finger, kind] = [event.pointerId, event.pointerType];
    end(); // the keyboard's stroke
    pen = null;
    canvas.setPointerCapture(finger);
    begin(place(event));
  });
  on("pointermove", (event) => {
    hearPen(event);
    if (event.pointerId !== finger) return;
    // A browser tells of several places at once where the pen is quicker than the screen.
    const heard = event.getCoalescedEvents?.() ?? [];
    for (const one of heard.length ? heard : [event]) move(place(one));
  });
  on("pointerup", (event) => {
    hearPen(event);
    if (event.pointerId !== finger) return;
    finger = null;
    end();
  });
  on("pointercancel", (event) => {
    // The system took the touch for a gesture or a palm: nobody meant to draw it.
    if (event.pointerId !== finger) return;
    [finger, stroke] = [null, null];
    done();
  });
  on("keydown", (event) => {
    if (finger !== null || event.altKey) return;
    if (event.ctrlKey || event.metaKey) {
      if (event.key.toLowerCase() !== "z" || stroke) return;
      (event.shiftKey ? redo : undo)();
    } else if (event.key in ARROWS) {
      const [right, down] = ARROWS[event.key];
      const within = (value) => Math.min(side - STEP, Math.max(STEP, value));
      pen = pen ? [within(pen[0] + right * STEP), within(pen[1] + down * STEP)] : [side / 2, side / 2];
      if (stroke) move(pen);
      else paint();
    } else if (event.key === " ") {
      if (!event.repeat) {
        pen ??= [side / 2, side / 2];
        if (stroke) end();
        else begin(pen);
      }
    } else if (event.key === "Escape") {
      clear();
    } else {
      return;
    }
    event.preventDefault();
  });
  on("blur", () => {
    pen = null;
    if (finger === null) end();
    paint();
  });
  signal.addEventListener("abort", () => cancelAnimationFrame(waiting));
  paint();
  return {
    drawing,
    picture,
    change,
    undo,
    redo,
    clear,
    isDrawing: () => stroke !== null,
    possible: () => ({ undo: history.past.length > 0, redo: history.future.length > 0, clear: drawing().length > 0 || !!picture() }),
    leave: () => leaving.abort(),
  };
}

function paintStrokes(context, strokes) {
  context.strokeStyle = "#fff";
  context.lineCap = context.lineJoin = "round";
  for (const { places, width } of strokes) {
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
}

function paintPicture(context, picture, side) {
  const copy = document.createElement("canvas");
  [copy.width, copy.height] = [picture.width, picture.height];
  copy.getContext("2d").putImageData(toImageData(picture), 0, 0);
  const fit = side / Math.max(picture.width, picture.height);
  const [width, height] = [picture.width * fit, picture.height * fit];
  const [left, top] = [(side - width) / 2, (side - height) / 2];
  if (picture.channels === 4) {
    context.fillStyle = "#888"; // behind what is transparent, neither black nor white
    context.fillRect(left, top, width, height);
  }
  context.drawImage(copy, left, top, width, height);
}

/** A ring where the keyboard's pen is. */
function paintPen(context, [x, y], isDown) {
  context.beginPath();
  context.arc(x, y, 7, 0, 2 * Math.PI);
  context.lineWidth = 3;
  context.strokeStyle = isDown ? "#ffb000" : "#6fb1f0";
  context.stroke();
}
