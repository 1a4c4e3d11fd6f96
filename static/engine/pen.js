// Pen strokes -> a picture, to the byte as `mnist_core/drawing/strokes.py` has Pillow paint them.
//
// A stroke is a list of [x, y] in a unit box, x to the right and y down. What the browser's canvas shows is anti-aliased
// in its own way; what is read is painted here.

import { roundEven } from "./numbers.js";

const FINER = 4; // times: Pillow's picture is painted so much finer and reduced
const rasters = new Map(); // by side: painting allocates nothing; each pixel is a bit
const discs = new Map(); // by width and height

/** The digit painted anew, always as large and with the same pen; null for a blot. `width`: the brush, in the box. */
export function evened(strokes, width, constants) {
  const { EVEN_PEN, EVEN_SIDE, EVEN_SIZE, BLOT } = constants;
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of strokes.flat()) {
    [left, right] = [Math.min(left, x), Math.max(right, x)];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
  }
  const side = Math.max(right - left, bottom - top);
  if (side < BLOT * width) return null;
  const scale = EVEN_SIZE / Math.max(side, 1e-9);
  const [middleX, middleY] = [(left + right) / 2, (top + bottom) / 2];
  const fitted = strokes.map((stroke) => stroke.map(([x, y]) => [(x - middleX) * scale + 0.5, (y - middleY) * scale + 0.5]));
  return render(fitted, EVEN_PEN * EVEN_SIZE * EVEN_SIDE, EVEN_SIDE);
}

/** Paint with a round pen of `width` pixels, at least 1, on `side` by `side` pixels: ink 255 on black 0. */
export function render(strokes, width, side) {
  const raster = blank(side * FINER);
  const radius = Math.max((width * FINER) / 2, 0.5);
  const line = roundEven(2 * radius);
  for (const stroke of strokes) {
    let before = null;
    for (const point of stroke) {
      const x = point[0] * raster.side - 0.5;
      const y = point[1] * raster.side - 0.5;
      const [left, top] = [Math.trunc(x - radius), Math.trunc(y - radius)];
      disc(raster, left, top, Math.trunc(x + radius) - left, Math.trunc(y + radius) - top);
      const here = [Math.trunc(x), Math.trunc(y)];
      if (before) wideLine(raster, before[0], before[1], here[0], here[1], line);
      before = here;
    }
  }
  return reduced(raster, side);
}

/** A black picture; only the rows that the last one painted on are wiped. */
function blank(side) {
  const across = Math.ceil(side / 32);
  if (!rasters.has(side)) rasters.set(side, { side, across, words: new Int32Array(side * across), top: side, bottom: -1 });
  const raster = rasters.get(side);
  if (raster.top <= raster.bottom) raster.words.fill(0, raster.top * across, (raster.bottom + 1) * across);
  [raster.top, raster.bottom] = [side, -1];
  return raster;
}

const LEVELS = Uint8Array.from({ length: FINER * FINER + 1 }, (_, count) => (count * 255 + 8) >> 4);

/** The mean of each 4 by 4 pixels, counted eight of them at a time. */
function reduced({ words, across, top, bottom }, side) {
  const data = new Uint8Array(side * side);
  for (let y = Math.floor(top / FINER); y <= Math.floor(bottom / FINER); y++) {
    for (let i = 0; i < across; i++) {
      let [even, odd] = [0, 0]; // counts of four pixels each: of those at even places, and of those at odd ones
      for (let line = 0, word = y * FINER * across + i; line < FINER; line++, word += across) {
        let bits = words[word];
        if (bits === 0) continue;
        bits -= (bits >>> 1) & 0x55555555;
        bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
        even += bits & 0x0f0f0f0f;
        odd += (bits >>> 4) & 0x0f0f0f0f;
      }
      if ((even | odd) === 0) continue;
      const count = Math.min(8, side - 8 * i);
      for (let k = 0, place = y * side + 8 * i; k < count; k++, place++) {
        data[place] = LEVELS[((k & 1 ? odd : even) >>> (8 * (k >> 1))) & 31];
      }
    }
  }
  return { width: side, height: side, channels: 1, data };
}

function row(raster, x0, y, x1) {
  if (y < 0 || y >= raster.side) return;
  const from = x0 > 0 ? x0 : 0;
  const to = x1 < raster.side ? x1 : raster.side - 1;
  if (from > to) return;
  const { words } = raster;
  const start = y * raster.across;
  const last = start + (to >> 5);
  let word = start + (from >> 5);
  let bits = -1 << (from & 31);
  for (; word < last; word++, bits = -1) words[word] |= bits;
  words[last] |= bits & (-1 >>> (31 - (to & 31)));
  if (y < raster.top) raster.top = y;
  if (y > raster.bottom) raster.bottom = y;
}

/** An ellipse in the box from (x0, y0), `a` wide and `b` high. */
function disc(raster, x0, y0, a, b) {
  const key = a * 65536 + b;
  let rows = discs.get(key);
  if (!rows) discs.set(key, (rows = Int32Array.from(discRows(a, b).flat())));
  for (let i = 0; i < rows.length; i += 2) {
    const [left, right] = [x0 + ((a - rows[i + 1]) >> 1), x0 + ((a + rows[i + 1]) >> 1)];
    row(raster, left, y0 + ((b + rows[i]) >> 1), right);
    row(raster, left, y0 + ((b - rows[i]) >> 1), right);
  }
}

/** Half the rows of an ellipse on a grid of half pixels: [height above the middle, half the width]. */
function discRows(a, b) {
  const off = (x, y) => Math.abs(a * a * y * y + b * b * x * x - a * a * b * b);
  let [x, y] = [a, b % 2];
  const rows = [[y, x]];
  while (x !== a % 2 || y !== b) {
    let best = [x, y + 2];
    if (x > 1) {
      // Of up, aslant and inwards the one nearest the curve; up where they are equal, inwards last.
      if (off(...best) > off(x - 2, y + 2)) best = [x - 2, y + 2];
      if (off(...best) > off(x - 2, y)) best = [x - 2, y];
    }
    if (best[1] !== y) rows.push([best[1], best[0]]);
    [x, y] = best;
  }
  return rows;
}

const up = (x) => (x >= 0 ? Math.floor(x + 0.5) : -Math.floor(-x + 0.5)); // halves away from zero
const down = (x) => (x >= 0 ? Math.ceil(x - 0.5) : -Math.ceil(-x - 0.5)); // halves towards zero
const singleUp = (x) => (x >= 0 ? Math.floor(Math.fround(x + 0.5)) : -Math.floor(Math.fround(-x + 0.5)));
const singleDown = (x) => (x >= 0 ? Math.ceil(Math.fround(x - 0.5)) : -Math.ceil(Math.fround(-x - 0.5)));

/** A straight line of `width` pixels: four corners, filled row by row. */
function wideLine(raster, x0, y0, x1, y1, width) {
  const [dx, dy] = [x1 - x0, y1 - y0];
  if (dx === 0 && dy === 0) return row(raster, x0, y0, x0);
  const long = Math.sqrt(dx * dx + dy * dy);
  const [most, least] = [up((width - 1) / 2) / long, down((width - 1) / 2) / long];
  const [leastX, mostX, leastY, mostY] = [down(least * dy), down(most * dy), down(least * dx), down(most * dx)];
  const corners = [
    [x0 - leastX, y0 + mostY],
    [x1 - leastX, y1 + mostY],
    [x1 + mostX, y1 - leastY],
    [x0 + mostX, y0 - leastY],
  ];
  fillPolygon(raster, corners);
}

// Up to four slanted edges, and where they cross a row: kept, so that filling allocates nothing.
const tops = new Int32Array(4);
const bottoms = new Int32Array(4);
const slopes = new Float64Array(4);
const startX = new Int32Array(4);
const startY = new Int32Array(4);
const crossings = new Float64Array(8);

const at = (edge, y) => Math.fround(Math.fround((y - startY[edge]) * slopes[edge]) + startX[edge]);

function fillPolygon(raster, corners) {
  let count = 0;
  let first = raster.side - 1;
  let last = 0;
  for (let i = 0; i < 4; i++) {
    const [x0, y0] = corners[i];
    const [x1, y1] = corners[(i + 1) % 4];
    first = Math.min(first, y0);
    last = Math.max(last, y0);
    if (y0 === y1) {
      row(raster, Math.min(x0, x1), y0, Math.max(x0, x1));
      continue;
    }
    [startX[count], startY[count], slopes[count]] = [x0, y0, Math.fround((x1 - x0) / (y1 - y0))];
    [tops[count], bottoms[count]] = [Math.min(y0, y1), Math.max(y0, y1)];
    count++;
  }
  last = Math.min(raster.side, last);
  for (let y = Math.max(0, first); y <= last; y++) {
    let found = 0;
    for (let edge = 0; edge < count; edge++) {
      if (y < tops[edge] || y > bottoms[edge]) continue;
      const x = at(edge, y);
      if (y === bottoms[edge] && y < last) {
        found = sortIn(x, sortIn(x, found));
      } else if ((y === tops[edge] || y === bottoms[edge]) && slopes[edge] !== 0) {
        found = sortIn(joined(x, y, edge), found);
      } else {
        found = sortIn(x, found);
      }
    }
    for (let i = 1; i < found; i += 2) row(raster, singleUp(crossings[i - 1]), y, singleDown(crossings[i]));
  }
}

function sortIn(x, count) {
  let place = count;
  for (; place > 0 && crossings[place - 1] > x; place--) crossings[place] = crossings[place - 1];
  crossings[place] = x;
  return count + 1;
}

/** Where two edges meet in a sharp corner Pillow draws it in to what the next row holds. */
function joined(x, y, edge) {
  const next = y + (y === bottoms[edge] ? -1 : 1);
  for (let other = 0; other < edge; other++) {
    if ((y !== tops[other] && y !== bottoms[other]) || slopes[other] === 0 || up(x) !== up(at(other, y))) continue;
    if (next < tops[other] || next > bottoms[other]) continue;
    const [here, there] = [at(edge, next), at(other, next)];
    if (x > Math.fround(here + 1) && x > Math.fround(there + 1)) return up(Math.max(here, there)) + 1;
    if (x < Math.fround(here - 1) && x < Math.fround(there - 1)) return up(Math.min(here, there)) - 1;
    return x;
  }
  return x;
}
