// The lines of the paper taken out of the ink, to the bit as `mnist_core/drawing/ink/lines.py` does: ruling.py says
// which are ruled, erase.py takes them out and residue.py what they leave behind.

import { findBoxes, findCombs, isPrinted, isRuled, regionsOf } from "./boxes.js";
import { median } from "./numbers.js";
import { findStraight, lengthOf, middleSlope, nearest, rowAt, slopeOf } from "./straight.js";

/** The ink (Float32Array) without the paper's lines, or null where there are none. */
export function withoutLines(ink, width, height, constants) {
  const { CLEAR_INK, LINES } = constants;
  if (Math.min(width, height) < LINES.lines.SMALLEST_PAGE || !ink.some((level) => level > 0)) return null;
  const isNone = (lines) => !lines.level.length && !lines.upright.length;
  let found = linesAt(ink, width, height, CLEAR_INK, constants);
  if (found.cells.length || isNone(found)) {
    // Where thin lines fall between two rows of pixels they are fainter, and fall to pieces.
    const fainter = linesAt(ink, width, height, LINES.lines.FAINT_LINE, constants);
    if (fainter.cells.length > found.cells.length || isNone(found)) found = fainter;
  }
  return isNone(found) ? null : restOf(ink, width, height, found.level, found.upright, found.cells, constants);
}

/** The paper's lines and cells, seen in what is at least so strong. */
function linesAt(ink, width, height, threshold, constants) {
  const { LINES } = constants;
  const least = Math.fround(threshold);
  const clear = Uint8Array.from(ink, (level) => (level >= least ? 1 : 0));
  const level = findStraight(clear, width, height, LINES.straight);
  const upright = findStraight(transposed(clear, width, height), height, width, LINES.straight);
  const boxes = findBoxes(level, upright, width, height, LINES.boxes);
  const [across, down] = findRuling(ink, width, height, level, upright, constants);
  let { cells } = boxes;
  if (across.length > 1 && down.length > 1) {
    const isSide = (line) => boxes.level.includes(line) || boxes.upright.includes(line);
    if (![...across, ...down].every(isSide)) cells = []; // squared paper
  } else if (across.length < LINES.ruling.SURELY_RULED) {
    const rest = level.filter((line) => !boxes.level.includes(line));
    const combs = findCombs(clear, width, rest, LINES.boxes, LINES.combs);
    if (combs.cells.length) {
      return {
        level: [...boxes.level, ...combs.level],
        upright: [...boxes.upright, ...combs.upright],
        cells: [...cells, ...combs.cells],
      };
    }
  }
  const together = (own, others) => [...own, ...others.filter((line) => !own.includes(line))];
  return { level: together(boxes.level, across), upright: together(boxes.upright, down), cells };
}

function transposed(mask, width, height) {
  const turned = new Uint8Array(mask.length);
  for (let y = 0, i = 0; y < height; y++) for (let x = 0; x < width; x++, i++) turned[x * height + y] = mask[i];
  return turned;
}

/** Those of the straight lines that are the paper's ruling: level and upright. */
function findRuling(ink, width, height, level, upright, constants) {
  const C = constants.LINES.ruling;
  [level, upright] = [level, upright].map((lines) => lines.filter((line) => isPrinted(line, constants.LINES.boxes)));
  let across = level.filter((line) => crosses(line, width, height, C));
  let down = upright.filter((line) => crosses(line, height, width, C));
  if (across.length < C.SURELY_RULED) {
    across = across.filter((line) => isRuled(line, constants.LINES.boxes) && spans(line, width, C));
    down = down.filter((line) => isRuled(line, constants.LINES.boxes) && spans(line, height, C));
  }
  if (!across.length && !down.length) {
    const under = level.filter((line) => isRuled(line, constants.LINES.boxes) && lengthOf(line) >= 0.25 * width);
    return under.length === 1 && isUnder(ink, width, height, under[0], constants) ? [under, []] : [[], []];
  }
  const slope = across.length ? middleSlope(across) : -middleSlope(down);
  const isCut = (lines, others, w, h, its) => lines.filter((line) => !others.includes(line) && cutsCorner(line, w, h, its, C));
  const all = [
    [...across, ...isCut(level, across, width, height, slope)],
    [...down, ...isCut(upright, down, height, width, -slope)],
  ];
  const isSure = across.length >= C.SURELY_RULED || isAroundADigit(ink, width, height, ...all, !across.length, constants);
  return isSure ? all : [[], []];
}

const nearEdge = (side, { EDGE_LEAST, EDGE_SHARE }) => Math.max(EDGE_LEAST, EDGE_SHARE * side);

function crosses(line, width, height, C) {
  const near = nearEdge(Math.max(height, width), C);
  const ends = [line.start, width - line.end];
  if (Math.max(...ends) <= near) return true;
  const rows = [rowAt(line, line.start), rowAt(line, line.end - 1)];
  const slanting = Math.abs(rows[1] - rows[0]) > near && lengthOf(line) >= 0.25 * width;
  const other = ends[0] > near ? rows[0] : rows[1];
  return Math.min(...ends) <= near && slanting && Math.min(other, height - 1 - other) <= near;
}

function cutsCorner(line, width, height, slope, C) {
  const near = nearEdge(Math.max(height, width), C);
  const rows = [rowAt(line, line.start), rowAt(line, line.end - 1)];
  if (Math.abs(slopeOf(line) - slope) > C.PARALLEL) return false;
  return [line.start, width - line.end].every((end, k) => Math.min(end, rows[k], height - 1 - rows[k]) <= near);
}

const spans = (line, width, C) => Math.max(line.start, width - line.end) <= nearEdge(width, C);

/** Whether a line lies below or above all else, longer than it at both ends, and touches nothing. */
function isUnder(ink, width, height, line, constants) {
  const { UNDER, UNDER_GAP } = constants.LINES.ruling;
  const box = boxOfInk(restOf(ink, width, height, [line], [], [], constants), width, height);
  if (!box) return false;
  const { top, bottom, left, right } = box;
  const middles = [rowAt(line, line.start), rowAt(line, line.end - 1)];
  const gap = Math.max(Math.min(...middles) - (bottom + 1), top - Math.max(...middles)) - line.thick;
  const length = lengthOf(line);
  const isLong = length >= UNDER[0] * (right + 1 - left) && length >= UNDER[1] * (bottom + 1 - top);
  return gap >= UNDER_GAP && isLong && line.start < left && line.end > right + 1;
}

/** The first and last rows and columns with ink, or null. */
function boxOfInk(ink, width, height) {
  let [top, bottom, left, right] = [height, -1, width, -1];
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (!(ink[i] > 0)) continue;
      [top, bottom] = [Math.min(top, y), y];
      [left, right] = [Math.min(left, x), Math.max(right, x)];
    }
  }
  return bottom < 0 ? null : { top, bottom, left, right };
}

/** Whether what is left without the lines stands free of the picture's edges, and (`beside`) the lines beside it. */
function isAroundADigit(ink, width, height, across, down, beside, constants) {
  const C = constants.LINES.ruling;
  const box = boxOfInk(restOf(ink, width, height, across, down, [], constants), width, height);
  if (!box) return across.length >= 2 && down.length >= 2;
  const { top, bottom, left, right } = box;
  const inset = Math.max(C.INSET_LEAST, C.INSET * Math.min(height, width));
  if (Math.min(top, left) < inset || bottom >= height - inset || right >= width - inset) return false;
  if (across.length && (left < C.ALONG * width || right >= width - C.ALONG * width)) return false;
  if (down.length && (top < C.ALONG * height || bottom >= height - C.ALONG * height)) return false;
  if (bottom - top < C.DIGIT_SHARE * height) return false;
  const isIn = (line) => left - inset <= rowAt(line, line.middle) && rowAt(line, line.middle) <= right + inset;
  return !beside || !down.some(isIn);
}

/** The ink without the lines; the strongest that is left is 1. `cells` are heights and widths. */
function restOf(ink, width, height, level, upright, cells, constants) {
  const { CORNER, BESIDE, SPECK, MARGIN } = constants.LINES.residue;
  const rest = ink.slice();
  for (const line of level) erase(rest, line, width, height, (x, y) => y * width + x, constants.LINES.erase);
  for (const line of upright) erase(rest, line, height, width, (y, x) => y * width + x, constants.LINES.erase);
  const clear = Math.fround(constants.CLEAR_INK);
  const { labels, boxes } = regionsOf(Uint8Array.from(rest, (share) => (share >= clear ? 1 : 0)), width, height, true);
  const sides = cells.flat();
  const reach = cells.length ? Math.trunc(CORNER * Math.min(...sides)) + BESIDE : 0;
  const near = new Uint8Array(rest.length);
  for (const line of level) markNear(line, width, height, reach, BESIDE, (x, y) => (near[y * width + x] = 1));
  for (const line of upright) markNear(line, height, width, reach, BESIDE, (y, x) => (near[y * width + x] = 1));
  const least = Math.max(3, SPECK * Math.min(width, height, ...sides));
  const isFar = new Uint8Array(boxes.length + 1);
  for (let i = 0; i < labels.length; i++) if (!near[i]) isFar[labels[i]] = 1;
  const kept = boxes.map(({ top, bottom, left, right }, n) => {
    const [high, wide] = [bottom - top, right - left];
    if (Math.max(high, wide) < least || !isFar[n + 1]) return false;
    const isCut =
      level.some((line) => isCutOff(top, bottom, wide, line, height, BESIDE)) ||
      upright.some((line) => isCutOff(left, right, high, line, width, BESIDE));
    return !isCut;
  });
  const own = new Uint8Array(rest.length);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (!labels[i] || !kept[labels[i] - 1]) continue;
      const [first, last] = [Math.max(0, x - MARGIN), Math.min(width, x + MARGIN + 1)];
      for (let row = Math.max(0, y - MARGIN); row <= Math.min(height - 1, y + MARGIN); row++) {
        own.fill(1, row * width + first, row * width + last);
      }
    }
  }
  let strongest = 0;
  for (let i = 0; i < rest.length; i++) {
    if (!own[i]) rest[i] = 0;
    else if (rest[i] > strongest) strongest = rest[i];
  }
  if (strongest > 0) for (let i = 0; i < rest.length; i++) rest[i] = Math.fround(rest[i] / strongest);
  return rest;
}

/** Where a line lay and what is next to it, and squares of `reach` pixels about its ends. */
function markNear(line, width, height, reach, beside, mark) {
  const around = line.thick + beside;
  const end = Math.min(width, line.end + line.thick + 2);
  for (let x = Math.max(0, line.start - line.thick - 2); x < end; x++) {
    const middle = nearest(rowAt(line, x));
    for (let y = Math.max(0, middle - around); y <= Math.min(height - 1, middle + around); y++) mark(x, y);
  }
  if (!reach) return;
  for (const at of [line.start, line.end - 1]) {
    const row = nearest(rowAt(line, at));
    for (let y = Math.max(0, row - reach); y <= Math.min(height - 1, row + reach); y++) {
      for (let x = Math.max(0, at - reach); x <= Math.min(width - 1, at + reach); x++) mark(x, y);
    }
  }
}

/** Whether a piece at the first or last rows of the picture is what it shows of one more line like `line`. */
function isCutOff(first, behind, length, line, height, beside) {
  if (first > beside && behind < height - beside) return false;
  const slope = Math.abs(slopeOf(line));
  return behind - first <= 2 * line.thick + beside + (slope + 0.01) * length && length > 2 * line.thick;
}

/** Take a nearly level line out of the ink, in place; strokes that cross it stay. `place(x, y)` is where a pixel lies. */
function erase(ink, line, width, height, place, { FADE, FAINT, REACH, LIGHT, DARKER }) {
  const start = Math.max(0, line.start - line.thick - 2);
  const count = Math.max(0, Math.min(width, line.end + line.thick + 2) - start);
  const middles = Int32Array.from({ length: count }, (_, k) => nearest(rowAt(line, start + k)));
  const isInside = (k, off) => middles[k] + off >= 0 && middles[k] + off < height;
  const at = (k, off) => place(start + k, middles[k] + off);
  const rowsAt = (off) => Float32Array.from({ length: count }, (_, k) => (isInside(k, off) ? ink[at(k, off)] : 0));
  const least = Math.floor(line.thick / 2);
  const fades = (sign) => {
    for (let off = least + 1; off < least + 1 + FADE; off++) {
      if (median(rowsAt(sign * off)) < FAINT) return Math.max(off - 1, least + 1);
    }
    return least + FADE;
  };
  const [above, below] = [fades(-1), fades(1)];
  const n = above + below + 1;
  const before = Array.from({ length: n }, (_, k) => rowsAt(k - above));
  const [over, under] = [rowsAt(-above - 1), rowsAt(below + 1)];
  const darkest = median(Float32Array.from({ length: count }, (_, k) => before.reduce((most, row) => Math.max(most, row[k]), 0)));
  const pen = Math.fround(darkest + Math.fround(DARKER));
  const far = REACH * n;
  before.forEach((own, row) => {
    const kept = new Float32Array(count);
    for (let slant = -far; slant <= far; slant++) {
      // The stroke comes from `slant` columns further left above to here and on below.
      const first = Math.floor((slant * (row + 1)) / (n + 1) + 0.5);
      for (let k = Math.max(0, first, first - slant); k < Math.min(count, count + first, count + first - slant); k++) {
        const share = Math.min(over[k - first], under[k - first + slant]);
        if (share > kept[k]) kept[k] = share;
      }
    }
    for (let k = 0; k < count; k++) {
      if (!isInside(k, row - above)) continue;
      const isPen = darkest < LIGHT && own[k] > pen;
      ink[at(k, row - above)] = isPen ? own[k] : Math.min(kept[k], own[k]);
    }
  });
}
