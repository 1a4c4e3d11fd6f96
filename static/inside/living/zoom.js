// One map, large, beside the map itself: what is under the pointer, or what was opened.

import { channelInWords, placeInWords } from "./anatomy.js";
import { paintOne } from "./paint.js";
import { element } from "./nodes.js";

const SIDE = 216;

/** The card that shows a map of `picture` large. `onPick(layer, at)` hears which pixel of an opened map is taken. */
export function makeZoom(node, picture, onPick, onClose) {
  const [title, told] = [element("b"), element("div", "living-told")];
  const canvas = element("canvas");
  const mark = element("span", "living-pixel");
  const close = element("button", "living-close", "×");
  const frame = element("div", "living-large");
  Object.assign(close, { type: "button", ariaLabel: "Close" });
  [canvas.width, canvas.height] = [2 * SIDE, 2 * SIDE];
  Object.assign(canvas.style, { width: `${SIDE}px`, height: `${SIDE}px` });
  frame.append(canvas, mark);
  const head = element("div", "living-card-head");
  head.append(title, close);
  node.replaceChildren(head, frame, told);
  node.hidden = true;
  const zoom = { shown: null, isOpen: false };
  const part = () => picture.about.of(zoom.shown.layer);

  const atPointer = (event) => {
    const [, height, width] = part().shape;
    const box = canvas.getBoundingClientRect();
    const row = Math.max(0, Math.min(height - 1, Math.floor(((event.clientY - box.top) / box.height) * height)));
    const column = Math.max(0, Math.min(width - 1, Math.floor(((event.clientX - box.left) / box.width) * width)));
    return zoom.shown.channel * height * width + row * width + column;
  };
  canvas.addEventListener("pointermove", (event) => zoom.isOpen && zoom.point(atPointer(event)));
  canvas.addEventListener("click", (event) => zoom.isOpen && onPick(zoom.shown.layer, atPointer(event)));
  close.addEventListener("click", onClose);

  /** Show a map {layer, channel, at}; `at` is the pixel that is pointed at, counted in the layer. */
  zoom.show = (what, isOpen) => {
    zoom.shown = what;
    zoom.isOpen = isOpen;
    node.hidden = false;
    node.classList.toggle("living-open", isOpen);
    close.hidden = !isOpen;
    const panel = picture.layout.panels.find(({ part: { layer } }) => layer === what.layer);
    const [x, y] = panel.places[what.channel];
    const [w, h] = [SIDE + 26, SIDE + 92];
    const right = panel.x + panel.w + 14;
    const left = right + w <= picture.layout.width ? right : panel.x - 14 - w;
    const beside = left >= 0;
    const across = beside ? left : Math.max(0, Math.min(picture.layout.width - w, x + panel.tile / 2 - w / 2));
    const below = y + panel.tile + 10;
    const down = beside ? y + panel.tile / 2 - h / 2 : below + h <= picture.layout.height ? below : y - 10 - h;
    Object.assign(node.style, { left: `${across}px`, top: `${Math.max(0, Math.min(picture.layout.height - h, down))}px`, width: `${w}px` });
    zoom.refresh();
  };

  zoom.point = (at) => {
    zoom.shown = { ...zoom.shown, at };
    tell();
  };

  /** The values are new. */
  zoom.refresh = () => {
    if (node.hidden) return;
    const { layer, channel } = zoom.shown;
    paintOne(canvas, part(), picture.valuesOf(layer), channel, picture.scales.get(layer) ?? 255, picture.palette);
    title.textContent = part().kind === "image" ? "Image" : `${part().title}, ${channelInWords(part(), channel)}`;
    tell();
  };

  const tell = () => {
    const { layer, at } = zoom.shown;
    const [, height, width] = part().shape;
    const place = at % (height * width);
    Object.assign(mark.style, {
      left: `${((place % width) * SIDE) / width}px`,
      top: `${(Math.floor(place / width) * SIDE) / height}px`,
      width: `${SIDE / width}px`,
      height: `${SIDE / height}px`,
    });
    mark.hidden = height * width === 1;
    told.textContent = inWords(part(), picture.valuesOf(layer), zoom.shown, zoom.isOpen);
  };

  zoom.hide = () => {
    node.hidden = true;
    zoom.isOpen = false;
    zoom.shown = null;
  };
  return zoom;
}

/** "row 3, column 5: 1.25. The map goes from -0.31 to 2.40." */
export function inWords(part, values, { channel, at }, isOpen) {
  const [, height, width] = part.shape;
  const places = height * width;
  const number = (value) => (part.kind === "image" ? String(value) : value.toFixed(2).replace("-", "−"));
  const where = placeInWords(part, at).replace(/^map \d+, /, "");
  if (places === 1) return `${where}: ${number(values[at])}`;
  let [least, most] = [Infinity, -Infinity];
  for (let i = channel * places; i < (channel + 1) * places; i++) {
    least = Math.min(least, values[i]);
    most = Math.max(most, values[i]);
  }
  const range = `The map: ${number(least)} to ${number(most)}.`;
  return `${where}: ${number(values[at])}. ${range}${isOpen ? " Click a pixel: it is worked out below." : ""}`;
}
