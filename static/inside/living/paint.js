// Values as pixels: all maps of the picture in one ImageData, written row by row.

import { greys } from "./colour.js";

/** The pixels of a picture laid out in `layout`, `ratio` of the screen's pixels for one of CSS. */
export function makeScreen(canvas, layout, ratio) {
  canvas.width = Math.round(layout.width * ratio);
  canvas.height = Math.round(layout.height * ratio);
  const context = canvas.getContext("2d");
  const data = context.createImageData(canvas.width, canvas.height);
  const pixels = new Uint32Array(data.data.buffer);
  const panels = new Map();
  for (const panel of layout.panels) {
    const side = Math.round(panel.tile * ratio);
    const columns = Uint16Array.from({ length: side }, (_, x) => Math.floor((x * panel.part.shape[2]) / side));
    const corners = panel.places.map(([x, y]) => Math.round(y * ratio) * canvas.width + Math.round(x * ratio));
    panels.set(panel.part.layer, { side, columns, corners, shape: panel.part.shape });
  }
  return { canvas, context, data, pixels, panels };
}

/** Write the maps of a layer; `scale` is the value of the full colour. */
export function paintMaps(screen, layer, values, scale, table) {
  const { side, columns, corners, shape } = screen.panels.get(layer);
  const [channels, height, width] = shape;
  const middle = (table.length - 1) / 2;
  const factor = middle / scale;
  paint(screen, side, columns, corners, channels, height, width, values, (value) => table[Math.round(middle + factor * value)]);
}

/** Write a picture of grey levels, uint8. */
export function paintGrey(screen, layer, levels) {
  const { side, columns, corners, shape } = screen.panels.get(layer);
  paint(screen, side, columns, corners, 1, shape[1], shape[2], levels, (level) => greys[level]);
}

function paint({ canvas, pixels }, side, columns, corners, channels, height, width, values, pixel) {
  const line = new Uint32Array(width);
  for (let c = 0; c < channels; c++) {
    let row = -1;
    for (let y = 0, at = corners[c]; y < side; y++, at += canvas.width) {
      const now = Math.floor((y * height) / side);
      if (now === row) {
        pixels.copyWithin(at, at - canvas.width, at - canvas.width + side);
        continue;
      }
      row = now;
      const start = (c * height + row) * width;
      for (let x = 0; x < width; x++) line[x] = pixel(values[start + x]);
      for (let x = 0; x < side; x++) pixels[at + x] = line[columns[x]];
    }
  }
}

/** Show what was written. */
export function show({ context, data }) {
  context.putImageData(data, 0, 0);
}

/** One map on a canvas of its own, `side` pixels wide, each of its pixels a crisp square. */
export function paintOne(canvas, part, values, channel, scale, { table }) {
  const [, height, width] = part.shape;
  const small = document.createElement("canvas");
  [small.width, small.height] = [width, height];
  const context = small.getContext("2d");
  const data = context.createImageData(width, height);
  const pixels = new Uint32Array(data.data.buffer);
  const middle = (table.length - 1) / 2;
  const start = channel * height * width;
  for (let i = 0; i < pixels.length; i++) {
    const value = values[start + i];
    pixels[i] = part.kind === "image" ? greys[value] : table[Math.round(middle + (middle * value) / scale)];
  }
  context.putImageData(data, 0, 0);
  const into = canvas.getContext("2d");
  into.imageSmoothingEnabled = false;
  into.drawImage(small, 0, 0, canvas.width, canvas.height);
}
