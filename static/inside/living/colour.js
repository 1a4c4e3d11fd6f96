// Signed values as colours: blue above 0, orange below, and at 0 the colour of blank paper.

const STEPS = 255; // on either side of 0

/** {table, zero, css}: `table` takes 255 + round(255 * share), share -1 to 1, to a pixel of an ImageData's Uint32Array.
 *
 * `plus` and `minus` are the colours [red, green, blue] half way up.
 */
export function palette(plus, minus, isDark) {
  const zero = isDark ? [13, 18, 25] : [255, 255, 255];
  const end = (colour) => colour.map((level) => (isDark ? level + (255 - level) * 0.55 : level * 0.45));
  const table = new Uint32Array(2 * STEPS + 1);
  const colours = [];
  for (let i = -STEPS; i <= STEPS; i++) {
    const middle = i > 0 ? plus : minus;
    const share = (Math.abs(i) / STEPS) ** 0.75; // small values are to be seen
    const [from, to, part] = share < 0.6 ? [zero, middle, share / 0.6] : [middle, end(middle), (share - 0.6) / 0.4];
    const [red, green, blue] = from.map((level, k) => Math.round(level + (to[k] - level) * part));
    table[i + STEPS] = ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
    colours.push([red, green, blue]);
  }
  const css = (share) => `rgb(${colours[STEPS + Math.round(STEPS * Math.max(-1, Math.min(1, share || 0)))].join(" ")})`;
  return { table, zero, css, isDark, plus, minus };
}

/** Grey levels as pixels, for the image itself: ink bright on black, as MNIST has it. */
export const greys = Uint32Array.from({ length: 256 }, (_, level) => ((255 << 24) | (level << 16) | (level << 8) | level) >>> 0);

/** Whether the page around `node` is dark. */
export function isDark(node) {
  const colour = getComputedStyle(node).getPropertyValue("--st-background-color").trim();
  const canvas = document.createElement("canvas").getContext("2d");
  canvas.fillStyle = colour || "#fff";
  const [red, green, blue] = canvas.fillStyle.match(/[0-9a-f]{2}/gi).map((pair) => parseInt(pair, 16));
  return 0.3 * red + 0.6 * green + 0.1 * blue < 128;
}

/** The largest distance from 0; at least a little, so that it can be divided by. */
export function reach(values) {
  let most = 1e-9;
  for (let i = 0; i < values.length; i++) {
    if (values[i] > most) most = values[i];
    else if (-values[i] > most) most = -values[i];
  }
  return most;
}
