// How one value came to be: what it was computed from, as data for the page (see step_view.js).
//
// A place is {layer, at}: `layer` as in anatomy.js, or "probability", "view", "loss"; `at` the index in it.

import { IMAGE, INPUT } from "./anatomy.js";
import { winner } from "./trace.js";

/** What was computed for `place`, by kind. `seen` is {network, image, plane, view}, the network having just looked at it. */
export function explain(seen, place) {
  const { layers } = seen.network;
  if (place.layer === IMAGE) return { kind: "image", value: seen.image[place.at] };
  if (place.layer === INPUT) return input(seen, place.at);
  const layer = layers[place.layer];
  const before = place.layer ? layers[place.layer - 1] : { shape: [1, ...side(seen.plane)], output: seen.plane };
  const link = (at) => ({ layer: place.layer - 1, at });
  return { kind: layer.kind, value: layer.output[place.at], ...KINDS[layer.kind](layer, before, place.at, link) };
}

const side = (plane) => [Math.sqrt(plane.length), Math.sqrt(plane.length)];

/** The value that a place holds. */
export function valueAt({ network, image, plane }, { layer, at }) {
  if (layer === IMAGE) return image[at];
  return layer === INPUT ? plane[at] : network.layers[layer].output[at];
}

const KINDS = {
  convolution({ shape: [, rows, columns], table, offset, bias, kernel, stride, padding }, { shape: [channels, height, width], output }, at, link) {
    const channel = Math.floor(at / (rows * columns));
    const [y, x] = [Math.floor(at / columns) % rows, at % columns];
    const patches = Array.from({ length: channels }, (_, c) => {
      const cells = [];
      for (let ky = 0; ky < kernel; ky++) {
        for (let kx = 0; kx < kernel; kx++) {
          const [line, column] = [y * stride + ky - padding, x * stride + kx - padding];
          const isInside = line >= 0 && line < height && column >= 0 && column < width;
          const from = (c * height + line) * width + column;
          const value = isInside ? output[from] : 0;
          const weight = table[((channel * channels + c) * kernel + ky) * kernel + kx];
          cells.push({ value, weight, product: value * weight, place: isInside ? link(from) : null });
        }
      }
      return { channel: c, cells, sum: cells.reduce((sum, { product }) => sum + product, 0) };
    });
    return { side: kernel, patches: patches.sort(byStrength), bias: bias === null ? null : offset[channel] };
  },
  linear({ table, offset, bias }, { output }, at, link) {
    const terms = Array.from(output, (value, i) => {
      const weight = table[at * output.length + i];
      return { value, weight, sum: value * weight, place: link(i) };
    });
    return { terms: terms.sort(byStrength), bias: bias === null ? null : offset[at] };
  },
  scale({ shape: [, height, width], factors, shifts }, { output }, at, link) {
    const channel = Math.floor(at / (height * width));
    return { given: output[at], place: link(at), factor: factors[channel], shift: shifts[channel] };
  },
  relu(_, { output }, at, link) {
    return { given: output[at], place: link(at) };
  },
  max_pool({ size, shape: [, rows, columns], output: own }, { shape: [, height, width], output }, at, link) {
    const taken = winner(at, size, rows, columns, output, height, width, own[at]);
    const channel = Math.floor(at / (rows * columns));
    const [y, x] = [Math.floor(at / columns) % rows, at % columns];
    const cells = [];
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) {
        const from = (channel * height + y * size + i) * width + x * size + j;
        cells.push({ value: output[from], place: link(from), isTaken: from === taken });
      }
    }
    return { side: size, cells };
  },
  mean_pool(_, { shape: [, height, width], output }, at, link) {
    const cells = [];
    for (let i = at * height * width; i < (at + 1) * height * width; i++) cells.push({ value: output[i], place: link(i) });
    return { side: width, cells };
  },
};

const byStrength = (a, b) => Math.abs(b.sum) - Math.abs(a.sum);

/** A value of the normalised input: one pixel of the image, or a mean of four where the image was turned. */
function input({ network, image, plane, view }, at) {
  const { side: whole, crop, mean, std } = network.program;
  const value = plane[at];
  if (view === null || !network.planes[view].places) {
    const width = whole - 2 * crop;
    const pixel = (Math.floor(at / width) + crop) * whole + (at % width) + crop;
    return { kind: "input", value, mean, std, level: image[pixel], place: { layer: IMAGE, at: pixel } };
  }
  const { places, shares } = network.planes[view];
  const parts = [];
  for (let i = 4 * at; i < 4 * at + 4; i++) {
    if (shares[i]) parts.push({ level: image[places[i]], share: shares[i], place: { layer: IMAGE, at: places[i] } });
  }
  const outside = 1 - parts.reduce((sum, { share }) => sum + share, 0);
  return { kind: "turned", value, mean, std, parts, outside: outside > 1e-9 ? outside : 0 };
}

/** The answer from the last layer's values: {views: [{view, logits, probabilities}], mean, temperature, powers, answer}.
 *
 * One view where the network has one; `powers` is what the temperature makes of the probabilities, before they are
 * divided by their sum.
 */
export function answerOf({ network, image }) {
  const { views, temperature } = network.program;
  const last = network.layers[network.layers.length - 1];
  const seen = (views.length ? views.keys() : [null]);
  const found = [...seen].map((view) => {
    network.look(image, view);
    const logits = Array.from(last.output);
    return { view, logits, ...softmax(logits) };
  });
  const mean = found[0].probabilities.map((_, digit) => found.reduce((sum, one) => sum + one.probabilities[digit], 0) / found.length);
  const powers = temperature ? mean.map((share) => share ** (1 / temperature)) : mean;
  const sum = powers.reduce((all, power) => all + power, 0);
  return { views: found, mean, temperature, powers, sum, answer: powers.map((power) => power / sum) };
}

/** {exponentials, sum, probabilities} of values; the largest is taken off first, so that none becomes too large. */
export function softmax(logits) {
  const most = Math.max(...logits);
  const exponentials = logits.map((value) => Math.exp(value - most));
  const sum = exponentials.reduce((all, one) => all + one, 0);
  return { most, exponentials, sum, probabilities: exponentials.map((one) => one / sum) };
}

/** The place that gave most to a value, on the way back to the image; null at the image. */
export function strongestBefore(seen, place) {
  const found = explain(seen, place);
  const most = (terms, size) => terms.reduce((best, term) => (term.place && (!best || size(term) > size(best)) ? term : best), null)?.place ?? null;
  switch (found.kind) {
    case "image": return null;
    case "convolution": return most(found.patches[0].cells, ({ product }) => Math.abs(product));
    case "linear": return found.terms[0].place;
    case "max_pool": return found.cells.find(({ isTaken }) => isTaken).place;
    case "mean_pool": return most(found.cells, ({ value }) => Math.abs(value));
    case "turned": return most(found.parts, ({ share }) => share);
    default: return found.place;
  }
}
