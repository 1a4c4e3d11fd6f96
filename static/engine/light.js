// The brightness of the paper all over a photograph, as `mnist_core/drawing/ink/light.py` fits it.

import { linspace, median } from "./numbers.js";

const TERMS = 6; // of a quadratic surface: 1, y, x, xx, xy, yy

/** Take away from a plane, in place, a quadratic surface through what is no ink.
 *
 * What lies far from the surface is ink, or a shadow's edge, and is left out of the next fit.
 */
export function subtractLight(difference, width, height) {
  const step = Math.max(1, Math.floor(Math.max(height, width) / 100));
  const [ys, xs] = [linspace(-1, 1, height), linspace(-1, 1, width)];
  const count = Math.ceil(height / step) * Math.ceil(width / step);
  const [terms, values] = [new Float64Array(count * TERMS), new Float64Array(count)];
  for (let y = 0, i = 0; y < height; y += step) {
    for (let x = 0; x < width; x += step, i++) {
      const term = i * TERMS;
      terms[term] = 1;
      terms[term + 1] = ys[y];
      terms[term + 2] = xs[x];
      terms[term + 3] = xs[x] * xs[x];
      terms[term + 4] = xs[x] * ys[y];
      terms[term + 5] = ys[y] * ys[y];
      values[i] = difference[y * width + x];
    }
  }
  const isPaper = new Uint8Array(count).fill(1);
  const off = new Float64Array(count);
  let fit;
  for (let round = 0; round < 6; round++) {
    fit = leastSquares(terms, values, isPaper);
    for (let i = 0; i < count; i++) {
      let light = 0;
      for (let k = 0; k < TERMS; k++) light += terms[i * TERMS + k] * fit[k];
      off[i] = Math.abs(values[i] - light);
    }
    const most = Math.max(2 * median(off), 4);
    for (let i = 0; i < count; i++) isPaper[i] = off[i] <= most ? 1 : 0;
  }
  for (let y = 0, i = 0; y < height; y++) {
    const constant = fit[0] + fit[1] * ys[y] + fit[5] * ys[y] * ys[y];
    const slope = fit[2] + fit[4] * ys[y];
    for (let x = 0; x < width; x++, i++) difference[i] -= Math.fround(constant + xs[x] * (slope + fit[3] * xs[x]));
  }
}

/** The coefficients by which the terms come nearest the values: normal equations, solved by elimination. */
function leastSquares(terms, values, wanted) {
  const wide = TERMS + 1;
  const rows = new Float64Array(TERMS * wide);
  for (let n = 0; n < values.length; n++) {
    if (!wanted[n]) continue;
    for (let i = 0; i < TERMS; i++) {
      const term = terms[n * TERMS + i];
      for (let j = 0; j < TERMS; j++) rows[i * wide + j] += term * terms[n * TERMS + j];
      rows[i * wide + TERMS] += term * values[n];
    }
  }
  for (let i = 0; i < TERMS; i++) {
    for (let k = 0; k < TERMS; k++) {
      if (k === i || rows[i * wide + i] === 0) continue;
      const factor = rows[k * wide + i] / rows[i * wide + i];
      for (let j = i; j < wide; j++) rows[k * wide + j] -= factor * rows[i * wide + j];
    }
  }
  return Array.from({ length: TERMS }, (_, i) => rows[i * wide + TERMS] / (rows[i * wide + i] || 1));
}
