// Any picture of a digit -> the 28x28 image that MNIST would have held, to the byte as `mnist_core/drawing/prepare.py`.

import { findInk } from "./ink.js";
import { linspace, roundEven } from "./numbers.js";

/** {image: Uint8Array of 28x28, ink, box: [left, top, right, bottom]} of a picture (see ink.js); null without ink.
 *
 * `evened` is what `evened` (pen.js) painted of the strokes, where they are known, or null. `isDrawn`: they are known; then
 * no line is taken for the paper's, nor ink for shade.
 */
export function prepare(picture, evened, constants, isDrawn = !!evened) {
  const found = prepareInk(findInk(picture, constants, isDrawn), picture.width, picture.height, constants);
  if (!found || !evened) return found;
  const even = prepareInk(findInk(evened, constants, true), evened.width, evened.height, constants);
  return even ? { ...found, image: even.image } : found;
}

/** `prepare` from the ink on. */
export function prepareInk(ink, width, height, constants) {
  const box = inkBox(ink, width, height, Math.fround(constants.CLEAR_INK));
  if (!box) return null;
  const [left, top, right, bottom] = box;
  const crop = { width: right - left, height: bottom - top, data: new Float32Array((right - left) * (bottom - top)) };
  for (let y = 0; y < crop.height; y++) {
    const start = (top + y) * width;
    crop.data.set(ink.subarray(start + left, start + right), y * crop.width);
  }
  return { image: centred(scaledToBox(crop, constants.BOX), constants.SIDE), ink, width, height, box };
}

function inkBox(ink, width, height, clear) {
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (ink[i] < clear) continue;
      if (x < left) left = x;
      if (x >= right) right = x + 1;
      if (y < top) top = y;
      bottom = y + 1;
    }
  }
  return right ? [left, top, right, bottom] : null;
}

/** The longer side becomes `side` pixels: each pixel the mean of the area it covers, or, enlarged, interpolated. */
function scaledToBox(crop, side) {
  const scale = side / Math.max(crop.height, crop.width);
  const rows = Math.max(1, roundEven(crop.height * scale));
  const columns = Math.max(1, roundEven(crop.width * scale));
  const enlarged = scale >= 1;
  const shares = enlarged ? interpolation : coverage;
  const [down, across] = [shares(crop.height, rows), shares(crop.width, columns)];
  // Enlarged by Pillow: in float32, across first. Reduced by NumPy: in float64, down first.
  const kind = enlarged ? Float32Array : Float64Array;
  const { data } = crop;
  if (enlarged) {
    const wide = mixed(new kind(crop.height * columns), across, crop.height, data, crop.width, 1, columns, 1);
    return { width: columns, height: rows, data: mixed(new kind(rows * columns), down, columns, wide, 1, columns, 1, columns) };
  }
  const low = mixed(new kind(rows * crop.width), down, crop.width, data, 1, crop.width, 1, crop.width);
  return { width: columns, height: rows, data: mixed(new kind(rows * columns), across, rows, low, crop.width, 1, columns, 1) };
}

/** Each of `lines` lines of `from`, its values `step` apart, becomes the weighted sums that `shares` tells. */
function mixed(into, shares, lines, from, line, step, intoLine, intoStep) {
  for (let n = 0; n < lines; n++) {
    shares.forEach(({ first, weights }, place) => {
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += from[n * line + (first + k) * step] * weights[k];
      into[n * intoLine + place * intoStep] = sum;
    });
  }
  return into;
}

/** For each of `into` equal stretches the share of it that each of `count` pixels covers. */
function coverage(count, into) {
  const ends = linspace(0, count, into + 1);
  return Array.from({ length: into }, (_, i) => {
    const [first, last] = [Math.max(0, Math.floor(ends[i]) - 1), Math.min(count, Math.ceil(ends[i + 1]) + 1)];
    const weights = [];
    for (let k = first; k < last; k++) {
      const overlap = Math.min(ends[i + 1], k + 1) - Math.max(ends[i], k);
      weights.push(Math.max(0, overlap) * (into / count));
    }
    return { first, weights };
  });
}

/** Linear interpolation as Pillow's: the weight falls to 0 one pixel away from the middle. */
function interpolation(count, into) {
  const scale = count / into;
  return Array.from({ length: into }, (_, i) => {
    const middle = (i + 0.5) * scale;
    const [first, last] = [Math.max(0, Math.trunc(middle - 0.5)), Math.min(count, Math.trunc(middle + 1.5))];
    const weights = [];
    for (let k = first; k < last; k++) weights.push(Math.max(0, 1 - Math.abs(k - middle + 0.5)));
    const sum = weights.reduce((a, b) => a + b, 0);
    return { first, weights: weights.map((weight) => (sum ? weight / sum : weight)) };
  });
}

/** Placed in `side` by `side` by its centre of mass, nothing cut off. */
function centred(small, side) {
  const { width, height, data } = small;
  let [mass, across, down, most] = [0, 0, 0, 0];
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      mass += data[i];
      across += data[i] * (x + 0.5);
      down += data[i] * (y + 0.5);
      if (data[i] > most) most = data[i];
    }
  }
  const place = (centre, size) => Math.min(Math.max(Math.ceil(side / 2 - centre - 1e-4), 0), side - size);
  const [top, left] = [place(down / mass, height), place(across / mass, width)];
  const image = new Uint8Array(side * side);
  const round = data instanceof Float32Array ? Math.fround : (x) => x;
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) image[(top + y) * side + left + x] = level(round(data[i] / most));
  }
  return image;
}

/** 0 to 1 as a grey level. A tie goes up, whatever the last bits of the sums say. */
const level = (share) => Math.floor(Math.min(Math.max(share, 0), 1) * 255 + 0.5 + 1e-6);
