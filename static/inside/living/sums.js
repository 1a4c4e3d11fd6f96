// Numbers that add up on the page: written with four digits after the point (weights: six), rounded so that they do.

const DIGITS = 4;
const UNIT = 10 ** DIGITS;

/** Whole units of the last digit: `rounded(0.12345)` is 1235 (or 1234). */
export const rounded = (value) => Math.round(value * UNIT);

/** Terms as whole units of the last digit that add up to `total`, itself in whole units.
 *
 * Each is rounded; what is then missing goes, one unit each, to those that rounding changed most (largest remainders).
 */
export function addUp(terms, total) {
  const units = terms.map(rounded);
  const missing = total - units.reduce((sum, unit) => sum + unit, 0);
  const step = Math.sign(missing);
  const order = [...terms.keys()].sort((a, b) => step * (lost(terms[b], units[b]) - lost(terms[a], units[a])));
  for (let i = 0; i < Math.abs(missing); i++) units[order[i % order.length]] += step;
  return units;
}

const lost = (term, units) => term * UNIT - units;

/** Units of the last digit as text: "−0.1235". */
export const written = (units) => (units / UNIT).toFixed(DIGITS).replace("-", "−").replace(/^−(0\.0*)$/, "$1");

/** A weight as text: with six digits, so that a product can be checked. */
export const weightText = (value) => value.toFixed(6).replace("-", "−");

/** A number as text, with four digits after the point. */
export const number = (value) => written(rounded(value));
