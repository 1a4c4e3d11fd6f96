// Printed boxes and combs, to the bit as `mnist_core/drawing/ink/boxes.py` and `combs.py` find them.
//
// Upright lines are level ones of the transposed picture. Of a cell only its height and width are told.

import { lengthOf, middleSlope, nearest, rowAt, slopeOf } from "./straight.js";

/** Whether a line is as straight and thin as print. */
export const isPrinted = (line, { MOST_SLENDER, STRAIGHT_LEAST, STRAIGHT }) =>
  lengthOf(line) >= MOST_SLENDER * line.thick && line.off <= Math.max(STRAIGHT_LEAST, STRAIGHT * lengthOf(line));

/** Whether it is as slender and straight as only a ruler draws. */
export function isRuled(line, C) {
  const length = lengthOf(line);
  const bent = Math.abs(line.fit[2]) * (length / 2) * (length / 2);
  return (
    length >= C.RULED_SLENDER * line.thick &&
    bent <= Math.max(C.RULED_BENT_LEAST, C.RULED_BENT * length) &&
    line.off <= Math.max(C.RULED_OFF_LEAST, C.RULED_OFF * length)
  );
}

/** Whether `line` at column `end` meets `other`, which runs the other way: on its way, or at a corner. */
function meets(line, end, other, { AS_THICK, MEETING }) {
  if (line.thick > AS_THICK * other.thick + 1) return false;
  const near = 2.5 + other.thick / 2;
  const corner = near + line.thick + MEETING * Math.min(lengthOf(line), lengthOf(other));
  const row = rowAt(line, end);
  if (row < other.start - corner || row >= other.end + corner) return false;
  const along = row >= other.start + corner && row < other.end - corner;
  return Math.abs(rowAt(other, nearest(row)) - end) <= (along ? near : corner);
}

const NO_BOXES = { level: [], upright: [], cells: [] };

/** Of the straight lines those that are sides of boxes, and the boxes' sizes. */
export function findBoxes(level, upright, width, height, C) {
  let sides = [level, upright].map((lines) => lines.filter((line) => isPrinted(line, C) && line.covered >= C.COVERED));
  if (!sides[0].length || !sides[1].length) return NO_BOXES;
  const slope = middleSlope(sides[0]);
  sides = [
    sides[0].filter((line) => Math.abs(slopeOf(line) - slope) <= C.SQUARE),
    sides[1].filter((line) => Math.abs(slopeOf(line) + slope) <= C.SQUARE),
  ];
  for (;;) {
    const kept = sides.map((ours, k) =>
      ours.filter((line) => [line.start, line.end - 1].every((end) => sides[1 - k].some((o) => meets(line, end, o, C)))),
    );
    if (kept[0].length < 2 || kept[1].length < 2) return NO_BOXES;
    const isDone = kept[0].length === sides[0].length && kept[1].length === sides[1].length;
    sides = kept;
    if (isDone) return enclosed(...sides, width, height, C);
  }
}

function enclosed(level, upright, width, height, C) {
  const numbers = new Int32Array(width * height); // 0 paper, else which line, and one
  level.forEach((line, n) => drawLine(line, upright, width, height, C, (x, y) => (numbers[y * width + x] = n + 1)));
  upright.forEach((line, n) =>
    drawLine(line, level, height, width, C, (y, x) => (numbers[y * width + x] = level.length + n + 1)),
  );
  const { labels, boxes } = regionsOf(Uint8Array.from(numbers, (number) => (number ? 0 : 1)), width, height, false);
  const isInner = boxes.map(({ top, bottom, left, right }) => top > 0 && left > 0 && bottom < height && right < width);
  const sizes = boxes.map(({ top, bottom, left, right }) => [bottom - top, right - left]);
  const found = sizes.filter(
    ([high, wide], n) => isInner[n] && Math.min(high, wide) >= C.SMALLEST && boxes[n].size >= C.FILLED * high * wide,
  );
  if (!found.length) return NO_BOXES;
  const [highest, widest] = [0, 1].map((k) => found.reduce((most, size) => Math.max(most, size[k]), 0));
  const cells = found.filter(([high, wide]) => high >= C.NARROWEST * highest && wide >= C.NARROWEST * widest);
  const own = new Set();
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (!labels[i] || !isInner[labels[i] - 1]) continue;
      for (let row = y - 1; row <= y + 1; row++) {
        for (let column = x - 1; column <= x + 1; column++) own.add(numbers[row * width + column]);
      }
    }
  }
  return {
    level: level.filter((_, n) => own.has(n + 1)),
    upright: upright.filter((_, n) => own.has(level.length + n + 1)),
    cells,
  };
}

/** The line, as thick as it is, and on to where others meet it: `mark(column, row)` for each pixel. */
function drawLine(line, others, width, height, C, mark) {
  const ends = [line.start, line.end - 1].map((end) => {
    const at = others.filter((o) => meets(line, end, o, C)).map((o) => rowAt(o, nearest(rowAt(line, end))));
    if (!at.length) return end;
    return nearest(at.reduce((best, place) => (Math.abs(place - end) < Math.abs(best - end) ? place : best)));
  });
  const end = Math.min(width, Math.max(line.end, ends[1] + 1));
  for (let x = Math.max(0, Math.min(line.start, ends[0])); x < end; x++) {
    const first = nearest(rowAt(line, x) - line.thick / 2);
    for (let y = Math.max(0, first); y <= Math.min(height - 1, first + line.thick); y++) mark(x, y);
  }
}

/** What hangs together in a mask, also over corners where `eight`: each pixel's number, 0 none; boxes and sizes. */
export function regionsOf(mask, width, height, eight) {
  const labels = new Int32Array(mask.length);
  const boxes = [];
  const waiting = [];
  for (let start = 0; start < mask.length; start++) {
    if (!mask[start] || labels[start]) continue;
    const box = { left: width, top: height, right: 0, bottom: 0, size: 0 };
    labels[start] = boxes.push(box);
    waiting.push(start);
    while (waiting.length) {
      const place = waiting.pop();
      const x = place % width;
      const y = (place - x) / width;
      box.left = Math.min(box.left, x);
      box.right = Math.max(box.right, x + 1);
      box.top = Math.min(box.top, y);
      box.bottom = Math.max(box.bottom, y + 1);
      box.size++;
      for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++) {
        for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column++) {
          const next = row * width + column;
          if (!mask[next] || labels[next] || (!eight && row !== y && column !== x)) continue;
          labels[next] = boxes.length;
          waiting.push(next);
        }
      }
    }
  }
  return { labels, boxes };
}

/** The combs among the level lines: base lines, their ticks, and the cells' sizes. */
export function findCombs(clear, width, lines, boxes, C) {
  const bases = lines.filter((line) => isRuled(line, boxes) && lengthOf(line) >= C.FEWEST * C.NARROWEST);
  const found = bases.map((base) => [base, ticksOn(clear, width, base, C)]).filter(([, ticks]) => ticks.length);
  const cells = [];
  const foot = (tick) => rowAt(tick, tick.end);
  for (const [base, ticks] of found) {
    for (let k = 0; k + 1 < ticks.length; k++) {
      const [left, right] = [ticks[k], ticks[k + 1]];
      const wide = foot(right) - foot(left);
      const bottom = rowAt(base, Math.trunc(foot(left) + wide / 2)) - base.thick / 2;
      const middle = Math.trunc((foot(left) + foot(right)) / 2);
      const tops = found.map(([other]) => {
        const row = rowAt(other, middle) + other.thick;
        const isAbove = other.start <= middle && middle < other.end && row < bottom - other.thick;
        return isAbove ? Math.trunc(row) + 1 : 0;
      });
      const top = Math.max(0, Math.trunc(bottom - C.HIGHEST * wide), ...tops);
      cells.push([Math.trunc(bottom) - top, Math.trunc(foot(right)) - Math.trunc(foot(left)) - 1]);
    }
  }
  return { level: found.map(([base]) => base), upright: found.flatMap(([, ticks]) => ticks), cells };
}

/** The ticks on a base line from its first end to its last, at even distances; none where it is no comb. */
function ticksOn(clear, width, base, C) {
  const heights = [];
  for (let x = base.start; x < base.end; x++) {
    let row = nearest(rowAt(base, x)) - (Math.floor(base.thick / 2) + 2);
    let high = 0;
    for (; high < Math.trunc(lengthOf(base) / C.FEWEST) && row >= 0 && clear[row * width + x]; row--) high++;
    heights.push(high);
  }
  let groups = standingOn(heights, base, C);
  if (groups.length < C.FEWEST + 1) return [];
  const [first, last] = [groups[0][0], groups[groups.length - 1][0]];
  const near = base.thick + 3;
  if (first > near || last < lengthOf(base) - 1 - near) return [];
  const typical = groups.map(([, high]) => high).sort((a, b) => a - b)[groups.length >> 1];
  groups = groups.filter(([, high]) => C.AS_HIGH[0] * typical <= high && high <= C.AS_HIGH[1] * typical);
  for (let count = Math.min(C.MOST, Math.trunc((last - first) / C.NARROWEST)); count >= C.FEWEST; count--) {
    const pitch = (last - first) / count;
    const places = Array.from({ length: count + 1 }, (_, k) => first + k * pitch);
    const isAt = (group, place) => Math.abs(group[0] - place) <= C.EVEN * pitch + 1;
    const there = places.filter((place) => groups.some((group) => isAt(group, place))).length;
    const stray = groups.filter((group) => !places.some((place) => isAt(group, place))).length;
    if (there < (count >= C.SURELY ? C.PRESENT : 1) * (count + 1) || there < C.FEWEST + 1) continue;
    if (stray <= Math.max(1, Math.floor(count / 3)) && typical < 2 * pitch) {
      return places.map((place) => tickAt(base, base.start + place, typical));
    }
  }
  return [];
}

/** Narrow stretches of columns on which something stands: their middles from the base's start, and their heights. */
function standingOn(heights, base, { SHORTEST_TICK }) {
  const groups = [];
  for (let x = 0; x < heights.length; x++) {
    const start = x;
    let high = 0;
    for (; x < heights.length && heights[x] >= Math.max(SHORTEST_TICK, base.thick); x++) high = Math.max(high, heights[x]);
    if (x > start && x - 1 - start < 2 * base.thick + 2) groups.push([(start + x - 1) / 2, high]);
  }
  return groups;
}

function tickAt(base, column, high) {
  const foot = nearest(rowAt(base, Math.trunc(column)));
  const start = Math.max(0, foot - high - Math.floor(base.thick / 2) - 3);
  return { start, end: foot + 1, fit: [column, -slopeOf(base), 0], middle: foot, thick: base.thick, off: 0, covered: 1 };
}
