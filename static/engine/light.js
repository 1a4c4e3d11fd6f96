// Ink on a photograph in uneven light, as `mnist_core/drawing/ink/light.py` tells it from paper: the same comments hold.

import { median } from "./numbers.js";
import { closed, extent, like, meansOf, padded, plane, running, smooth, sumOfCubes } from "./planes.js";

/** The ink where the paper's light is uneven, 0 paper to 1 the strongest; null where it is even. */
export function inkInUnevenLight(grey, paper, rim, width, height, constants) {
  if (Math.min(width, height) <= constants.FIT_SIDE) return null;
  let [exact, near] = [0, 0];
  for (let i = 0; i < grey.length; i++) {
    if (grey[i] === paper) exact++;
    else if (Math.abs(grey[i] - paper) <= constants.NEAR) near++;
  }
  const isExact = exact / grey.length >= constants.EXACT_SHARE && near <= constants.NEAR_SHARE * exact;
  if (isExact && rim.filter((level) => level === paper).length / rim.length >= constants.EXACT_BORDER) return null;
  const farthest = (levels) => levels.reduce((most, level) => Math.max(most, Math.abs(level - paper)), 0);
  const most = farthest(grey);
  // A drawing whose ink runs over the edge, or with a thick pen.
  if (isExact && exact / grey.length >= constants.DRAWN_SHARE && farthest(rim) >= constants.OVER_EDGE * most) return null;
  const isStrong = (level) => Math.abs(level - paper) >= most - constants.ONE_INK;
  if (isExact && grey.filter(isStrong).length >= constants.INK_SHARE * (grey.length - exact)) return null;
  const longer = Math.max(width, height);
  const factor = Math.ceil(longer / constants.COARSE_SIDE);
  const small = meansOf(grey, width, height, factor, (level) => level - paper);
  const window = Math.max(3, Math.floor(constants.WINDOW * Math.sqrt(small.data.length)));
  let dark = sumOfCubes(small.data) <= 0;
  const asDark = (by) => meansOf(grey, width, height, by, dark ? (level) => level : (level) => 255 - level);
  const level = asDark(factor);
  let told = toldApart(level, window, constants);
  const [low, high] = extent((isExact ? told.paper : told.lowered).data);
  const contrast = extent(told.paper.data.map((value, i) => value - level.data[i]))[1];
  const uneven = high - low;
  if (uneven <= Math.max(constants.UNEVEN, constants.UNEVEN_SHARE * contrast)) return null;
  if (isExact && uneven > constants.THICK_SHARE * contrast) return null;
  if (isInkDark(small, constants) !== dark) {
    dark = !dark;
    told = toldApart(asDark(factor), window, constants);
  }
  const ink = new Float32Array(width * height);
  if (!told.ink.data.some((share) => share)) return ink;
  const fine = Math.ceil(longer / constants.FINE_SIDE);
  const narrow = Math.min(window, Math.floor(constants.STROKES * thickness(told.ink, constants.STROKE)) + 3);
  const found = toldApart(asDark(fine), Math.max(3, Math.floor((narrow * factor) / fine)), constants).ink;
  for (let y = 0, i = 0; y < height; y++) {
    const row = Math.floor(y / fine) * found.width;
    for (let x = 0; x < width; x++, i++) ink[i] = found.data[row + Math.floor(x / fine)];
  }
  return ink;
}

/** Whether some parts of the paper are brighter than others, whatever thin lines are on it. */
export function isUnevenBetweenLines(grey, paper, width, height, constants) {
  const { FIT_SIDE, PARTS, BETWEEN, UNEVEN, UNEVEN_SHARE } = constants;
  if (Math.min(width, height) <= FIT_SIDE) return false;
  const difference = Float32Array.from(grey, (value) => value - paper);
  const side = sumOfCubes(difference) <= 0 ? 1 : -1;
  const split = (n, k) => k * Math.floor(n / PARTS) + Math.min(k, n % PARTS); // where numpy's array_split does
  let [low, high] = [Infinity, -Infinity];
  for (let down = 0; down < PARTS; down++) {
    const [top, bottom] = [split(height, down), split(height, down + 1)];
    for (let right = 0; right < PARTS; right++) {
      const [left, end] = [split(width, right), split(width, right + 1)];
      const part = new Float32Array((bottom - top) * (end - left));
      for (let y = top, at = 0; y < bottom; y++) {
        for (let x = left; x < end; x++, at++) part[at] = side * difference[y * width + x];
      }
      const level = part.sort()[Math.floor(BETWEEN * part.length)];
      [low, high] = [Math.min(low, level), Math.max(high, level)];
    }
  }
  const contrast = difference.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return high - low > Math.max(UNEVEN, UNEVEN_SHARE * contrast);
}

function isInkDark(rough, { SIDES }) {
  const level = smooth(rough);
  const negative = like(level, (value) => -value);
  let brighter = 0;
  for (const share of SIDES) {
    const window = Math.max(3, Math.floor(share * Math.sqrt(level.data.length)));
    const darks = sumOfCubes(closed(level, window).data.map((value, i) => value - level.data[i]));
    const brights = sumOfCubes(closed(negative, window).data.map((value, i) => level.data[i] + value));
    brighter += (brights - darks) / (brights + darks + 1);
  }
  return brighter <= 0;
}

function toldApart(rough, window, constants) {
  const { NOISE, MIN_SHARE, SAFE, LEAST, CLEAR, STRONG } = constants;
  const level = smooth(rough);
  const closing = closed(level, window);
  const noise = median(closing.data.map((value, i) => value - level.data[i]));
  const lowered = like(reconstructed(closing, level, constants), (value) => value - noise);
  const paper = like(closing, (value) => value - noise);
  const over = paper.data.map((value, i) => value - level.data[i]);
  const least = NOISE * 1.5 * median(over.map(Math.abs));
  const [sure, plain] = [shares(lowered, level, least), shares(paper, level, least)];
  const nothing = { paper, lowered, ink: plane(level.width, level.height) };
  let strongest = strongestOf(sure.data);
  if (strongest < MIN_SHARE) return nothing;
  let ink = sure;
  const [darkest, brightest] = extent(paper.data);
  if ((1 - strongest) * brightest >= SAFE * darkest) {
    const high = running(Math.max, padded(paper, 2), 5).data;
    const low = running(Math.min, padded(paper, 2), 5).data;
    ink = like(plain, (share, i) => (over[i] > high[i] - low[i] ? share : 0));
    strongest = strongestOf(ink.data);
    if (strongest < MIN_SHARE) return nothing;
  }
  const clear = like(plain, (share, i) => (Math.max(share, sure.data[i]) >= CLEAR * strongest ? 1 : 0));
  const found = like(ink, (share) => {
    const part = Math.min(share / strongest, 1);
    return part < LEAST ? 0 : part;
  });
  removeResidue(found.data, running(Math.max, padded(clear, 2), 5), (i) => sure.data[i] >= STRONG * strongest);
  return { paper, lowered, ink: found };
}

function shares(paper, level, least) {
  return like(paper, (value, i) => {
    const over = value - level.data[i];
    return over > least ? over / Math.max(value, 16) : 0;
  });
}

function strongestOf(values) {
  const most = extent(values)[1];
  if (most <= 0) return 0;
  let [sum, count] = [0, 0];
  for (const value of values) {
    if (value < 0.5 * most) continue;
    sum += value;
    count++;
  }
  return Math.floor((sum / count) * 2 ** 20 + 0.5) / 2 ** 20;
}

/** The paper, lowered wherever something dark leads to paper as dark or over the border. */
function reconstructed(paper, level, { SHADE, LINE, LINE_LEAST }) {
  const { width, height } = paper;
  const data = paper.data.slice();
  const wanted = level.data;
  const line = Math.max(LINE_LEAST, Math.trunc(LINE * Math.sqrt(wanted.length)));
  const edge = (length, place) => {
    const row = Float64Array.from({ length }, (_, i) => wanted[place(i)]);
    withoutNarrow(row, line).forEach((value, i) => (data[place(i)] = Math.max(value, SHADE * paper.data[place(i)])));
  };
  for (const y of [0, height - 1]) edge(width, (x) => y * width + x);
  for (const x of [0, width - 1]) edge(height, (y) => y * width + x);
  let changed = true;
  const lower = (y, x, back) => {
    const i = y * width + x;
    let least = data[i];
    for (const [down, right] of [[0, -back], [-back, -1], [-back, 0], [-back, 1]]) {
      if (y + down < 0 || y + down >= height || x + right < 0 || x + right >= width) continue;
      const near = data[i + down * width + right];
      if (near < least) least = near;
    }
    if (least < wanted[i]) least = wanted[i];
    if (least === data[i]) return;
    data[i] = least;
    changed = true;
  };
  while (changed) {
    changed = false;
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) lower(y, x, 1);
    for (let y = height - 1; y >= 0; y--) for (let x = width - 1; x >= 0; x--) lower(y, x, -1);
  }
  return plane(width, height, data);
}

/** A row of brightness in which what is dark and shorter than `length` pixels is filled. */
function withoutNarrow(row, length) {
  const at = (values, i) => values[Math.min(values.length - 1, Math.max(0, i))];
  const most = Float64Array.from({ length: row.length + length - 1 }, (_, i) => {
    let value = at(row, i - length + 1);
    for (let k = i - length + 2; k <= i; k++) value = Math.max(value, at(row, k));
    return value;
  });
  return Float64Array.from(row, (_, i) => most.slice(i, i + length).reduce((least, value) => Math.min(least, value)));
}

/** How many pixels wide strokes are: a narrower window holds less than a twentieth of them. */
function thickness(ink, least) {
  let mask = like(ink, (share) => (share >= least ? 1 : 0));
  const count = () => mask.data.reduce((sum, value) => sum + value, 0);
  const few = count() / 20;
  let width = 0;
  for (; count() > few; width += 2) {
    const wide = plane(mask.width + 2, mask.height + 2);
    for (let y = 0; y < mask.height; y++) {
      wide.data.set(mask.data.subarray(y * mask.width, (y + 1) * mask.width), (y + 1) * wide.width + 1);
    }
    mask = running(Math.min, wide, 3);
  }
  return width;
}

/** Without the pieces of `near` that hold nothing sure, in place. */
function removeResidue(ink, { width, height, data }, isSure) {
  const seen = data.slice();
  for (let start = 0; start < seen.length; start++) {
    if (!seen[start]) continue;
    seen[start] = 0;
    const piece = [start];
    let kept = false;
    for (let n = 0; n < piece.length; n++) {
      kept ||= isSure(piece[n]);
      const [y, x] = [Math.floor(piece[n] / width), piece[n] % width];
      for (let down = Math.max(y - 1, 0); down <= Math.min(y + 1, height - 1); down++) {
        for (let right = Math.max(x - 1, 0); right <= Math.min(x + 1, width - 1); right++) {
          const next = down * width + right;
          if (seen[next]) piece.push(next);
          seen[next] = 0;
        }
      }
    }
    if (!kept) for (const i of piece) ink[i] = 0;
  }
}
