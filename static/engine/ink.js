// Which pixels of a picture are ink, to the bit as `mnist_core/drawing/ink/` finds it.
//
// A picture is {width, height, channels (1, 3 or 4), data: Uint8Array}; a plane is a Float32Array, row after row.

import { inkInUnevenLight, isUnevenBetweenLines } from "./light.js";
import { withoutLines } from "./lines.js";
import { median, quantile, roundEven } from "./numbers.js";

/** How much ink each pixel holds: 0 paper to 1 the strongest ink; all 0 when blank.
 *
 * `isDrawn`: the strokes are known, no camera's light is on them, and their lines are none of a paper's.
 */
export function findInk(picture, constants, isDrawn = false) {
  const { width, height, channels, data } = picture;
  if (!data.length) return new Float32Array(0);
  const grey = channels === 1 ? data : toGrey(picture, constants);
  const rim = border(grey, width, height);
  const paper = median(rim);
  let ink;
  if (channels === 1) {
    ink = byLevel(data, paper, constants);
  } else {
    ink = new Float32Array(grey.length);
    for (let i = 0; i < grey.length; i++) ink[i] = grey[i] - paper;
    toShares(ink, null, constants);
  }
  if (isDrawn) {
    removeFaintLines(ink, width, height, constants);
    return ink;
  }
  // In even light lines first, for squares look like a pattern of light.
  const isUneven = isUnevenBetweenLines(grey, paper, width, height, constants);
  let without = isUneven ? null : withoutLines(ink, width, height, constants);
  if (without) return without;
  const lit = inkInUnevenLight(grey, paper, rim, width, height, constants);
  const even = ink;
  if (lit) ink = lit;
  if (isUneven || lit) without = withoutLines(ink, width, height, constants);
  if (isUneven && !(without ?? ink).some((level) => level > 0)) {
    without = withoutLines(even, width, height, constants) ?? without; // dense squares were taken for shade
  }
  if (without) return without;
  removeFaintLines(ink, width, height, constants);
  return ink;
}

/** Of grey levels: what becomes of each of the 256 is worked out once. */
function byLevel(data, paper, constants) {
  const counts = new Uint32Array(256);
  for (let i = 0; i < data.length; i++) counts[data[i]]++;
  const shares = Float32Array.from(counts, (_, level) => level - paper);
  toShares(shares, counts, constants);
  const ink = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) ink[i] = shares[data[i]];
  return ink;
}

/** Distances from the paper -> shares of the strongest ink, in place. `counts`: how many pixels hold each; null: one. */
function toShares(distances, counts, { MIN_CONTRAST, FAINT_INK }) {
  let balance = 0; // ink is little and far from paper, uneven light is much and near: cubes tell on which side ink lies
  for (let i = 0; i < distances.length; i++) balance += distances[i] ** 3 * (counts ? counts[i] : 1);
  const side = Math.sign(balance);
  let strongest = 0;
  for (let i = 0; i < distances.length; i++) {
    const distance = distances[i];
    distances[i] = side ? (distance * side > 0 ? distance * side : 0) : Math.abs(distance);
    if (distances[i] > strongest && (!counts || counts[i])) strongest = distances[i];
  }
  if (strongest < MIN_CONTRAST) {
    distances.fill(0);
    return;
  }
  const faint = Math.fround(FAINT_INK);
  for (let i = 0; i < distances.length; i++) {
    const share = Math.fround(distances[i] / strongest);
    distances[i] = share < faint ? 0 : share;
  }
}

function border(plane, width, height) {
  const pixels = new Float32Array(2 * width + 2 * height);
  pixels.set(plane.subarray(0, width));
  pixels.set(plane.subarray((height - 1) * width), width);
  for (let y = 0; y < height; y++) {
    pixels[2 * width + y] = plane[y * width];
    pixels[2 * width + height + y] = plane[(y + 1) * width - 1];
  }
  return pixels;
}

/** Brightness in exact 256ths (ITU-R BT.601); what is transparent is laid on paper. */
function toGrey({ width, height, channels, data }, constants) {
  const grey = new Float32Array(width * height);
  for (let i = 0, at = 0; i < grey.length; i++, at += channels) {
    grey[i] = (77 * data[at] + 150 * data[at + 1] + 29 * data[at + 2]) / 256;
  }
  return channels === 4 ? onPaper(grey, data, width, height, constants) : grey;
}

/** Behind transparent pixels lies the paper painted at the border, or a note's, or else the paint's opposite. */
function onPaper(grey, data, width, height, constants) {
  const alpha = new Float32Array(grey.length);
  for (let i = 0; i < grey.length; i++) alpha[i] = data[4 * i + 3] / 255;
  const opaque = border(alpha, width, height);
  const painted = border(grey, width, height).filter((_, i) => opaque[i] > 0.5);
  let paper = 0;
  if (painted.length / opaque.length > 0.5) {
    paper = median(painted);
  } else if (isNote(grey, data, width, height, constants)) {
    return grey;
  } else {
    let brightness = 0;
    for (let i = 0; i < grey.length; i++) brightness += (grey[i] - 127.5) * alpha[i];
    paper = brightness > 0 ? 0 : 255;
  }
  for (let i = 0; i < grey.length; i++) {
    const over = Math.fround(Math.fround(grey[i] - paper) * alpha[i]);
    grey[i] = paper + roundEven(over * 256) / 256;
  }
  return grey;
}

/** Whether a piece of paper with ink on it lies on nothing; its paper then goes on all around it. */
function isNote(grey, data, width, height, { NOTE_CONTRAST, LEAST_INK, INKED_RIM }) {
  let most = 0;
  for (let i = 3; i < data.length; i += 4) most = Math.max(most, data[i]);
  const solid = Uint8Array.from(grey, (_, i) => data[4 * i + 3] * 5 > most * 4);
  const rim = [];
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const inner = x > 0 && x < width - 1 && solid[i - 1] && solid[i + 1] && solid[i - width] && solid[i + width];
      if (solid[i] && !inner) rim.push(grey[i]);
    }
  }
  const paper = rim.length ? median(Float32Array.from(rim)) : 0;
  const isInk = (level) => Math.abs(level - paper) > NOTE_CONTRAST;
  const area = solid.reduce((sum, one) => sum + one, 0);
  const inked = grey.reduce((sum, level, i) => sum + (solid[i] && isInk(level) ? 1 : 0), 0);
  if (inked * LEAST_INK < area || rim.filter(isInk).length * INKED_RIM > rim.length) return false;
  for (let i = 0; i < grey.length; i++) if (!solid[i]) grey[i] = paper;
  return true;
}

/** The faint ruling of the paper goes: what runs from edge to edge, if the pen's stronger ink does not. */
function removeFaintLines(ink, width, height, { CLEAR_INK }) {
  if (!runsAcross(ink, width, height, CLEAR_INK)) return;
  const levels = ink.filter((level) => level >= Math.fround(CLEAR_INK)).sort();
  const dividing = CLEAR_INK + 0.5 * (quantile(levels, 0.95, Math.fround) - CLEAR_INK);
  if (runsAcross(ink, width, height, dividing)) return;
  for (let i = 0; i < ink.length; i++) if (ink[i] < Math.fround(dividing)) ink[i] = 0;
}

function runsAcross(ink, width, height, threshold) {
  const [top, bottom, left, right] = inkedEdges(ink, width, height, threshold);
  return (left && right) || (top && bottom);
}

/** Which edges of the picture hold ink of at least `threshold`: top, bottom, left, right. */
export function inkedEdges(ink, width, height, threshold) {
  const least = Math.fround(threshold);
  const rim = border(ink, width, height);
  const ends = [0, width, 2 * width, 2 * width + height, 2 * width + 2 * height];
  return ends.slice(1).map((end, i) => rim.subarray(ends[i], end).some((level) => level >= least));
}
