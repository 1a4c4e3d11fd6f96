// A network of this project, answering one image at a time, as `mnist_core/evaluation/prediction.py` does.

import { makeLayers } from "./layers.js";
import { linspace } from "./numbers.js";

/** A network from its program and weights (mnist_core/export/html/program.py).
 *
 * `answer(image)` takes a 28x28 image, Uint8Array, to its ten probabilities. `forward(plane)` runs the layers once over a
 * normalised plane and returns the last one's values; every layer then holds its own in `output`. `look(image, view)` does so with the image as it is, cropped (`view` is null), or as
 * one of the `planes` sees it, turned and scaled; it returns the normalised plane, the input of the first layer.
 */
export function makeNetwork(program, weights) {
  const { side, crop, views, temperature } = program;
  const inner = side - 2 * crop;
  const layers = makeLayers(program.layers, weights, [1, inner, inner]);
  const levels = Float32Array.from(linspace(0, 255, 256), (level) => {
    return Math.fround(level - Math.fround(255 * program.mean)) / Math.fround(255 * program.std);
  });
  const planes = (views.length ? views : [null]).map((view) => (view ? resampled(view, side, crop, program) : cut(side, crop)));

  const normalise = (image) => Float32Array.from(image, (level) => levels[level]);
  const forward = (plane) => {
    let values = plane;
    for (const layer of layers) {
      layer.run(values);
      values = layer.output;
    }
    return values;
  };
  const logProbabilities = (image) => {
    const whole = normalise(image);
    const answers = planes.map((see) => logSoftmax(forward(see(whole))));
    if (answers.length === 1) return answers[0];
    return answers[0].map((_, digit) => logSumExp(answers.map((answer) => answer[digit])) - Math.log(answers.length));
  };
  const answer = (image) => {
    const found = logProbabilities(image);
    return (temperature ? logSoftmax(found.map((value) => value / temperature)) : found).map(Math.exp);
  };
  const asItIs = cut(side, crop);
  const look = (image, view = null) => {
    const plane = (view === null ? asItIs : planes[view])(normalise(image));
    forward(plane);
    return plane;
  };
  const single = (image) => {
    look(image);
    return layers[layers.length - 1].output;
  };
  return { program, layers, planes, normalise, forward, look, single, logProbabilities, answer };
}

/** Weights as they lie in the file (mnist_core/export/html/packing.py): `rounded` numbers of so many bits, `exact` of 32. */
export function unpackWeights(bytes, { bits, rounded, exact }) {
  const weights = new Float32Array(rounded + exact);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const word = new DataView(new ArrayBuffer(4));
  let at = 0;
  let step = 0;
  for (let i = 0; i < rounded; i++) {
    if (bits === 8) {
      if (i % 32 === 0) {
        step = half(view.getUint16(at, true));
        at += 2;
      }
      weights[i] = step * view.getInt8(at);
    } else if (bits === 16) {
      weights[i] = half(view.getUint16(at, true));
    } else {
      for (let k = 0; k < bits / 8; k++) word.setUint8(4 - bits / 8 + k, view.getUint8(at + k));
      weights[i] = word.getFloat32(0, true);
    }
    at += bits / 8;
  }
  for (let i = 0; i < exact; i++) weights[rounded + i] = view.getFloat32(at + 4 * i, true);
  return weights;
}

/** The number that 16 bits stand for (IEEE 754 half precision; no infinities here). */
function half(bits) {
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : (2 ** -14 * fraction) / 1024);
}

/** The middle of the image, `crop` pixels less on each side. */
function cut(side, crop) {
  const inner = side - 2 * crop;
  const seen = new Float32Array(inner * inner);
  return (whole) => {
    for (let y = 0; y < inner; y++) {
      const start = (y + crop) * side + crop;
      seen.set(whole.subarray(start, start + inner), y * inner);
    }
    return seen;
  };
}

/** The middle of the image turned and scaled about its middle, interpolated between four pixels; outside is paper. */
function resampled([degrees, size], side, crop, { mean, std }) {
  const inner = side - 2 * crop;
  const turn = (degrees * Math.PI) / 180;
  const [along, aslant] = [Math.cos(turn) / size, Math.sin(turn) / size];
  const paper = Math.fround(-mean / std);
  const places = new Int32Array(4 * inner * inner);
  const shares = new Float64Array(4 * inner * inner);
  const centred = (place) => (2 * (place + crop) + 1) / side - 1;
  for (let y = 0, at = 0; y < inner; y++) {
    for (let x = 0; x < inner; x++) {
      const [across, down] = [centred(x), centred(y)];
      const fromX = ((along * across - aslant * down + 1) * side - 1) / 2;
      const fromY = ((aslant * across + along * down + 1) * side - 1) / 2;
      for (const [i, j] of [[0, 0], [0, 1], [1, 0], [1, 1]]) {
        const [column, line] = [Math.floor(fromX) + j, Math.floor(fromY) + i];
        if (column >= 0 && column < side && line >= 0 && line < side) {
          places[at] = line * side + column;
          shares[at] = (1 - Math.abs(fromX - column)) * (1 - Math.abs(fromY - line));
        }
        at++;
      }
    }
  }
  const seen = new Float32Array(inner * inner);
  const see = (whole) => {
    for (let i = 0, at = 0; i < seen.length; i++) {
      let sum = 0;
      for (const end = at + 4; at < end; at++) sum += (whole[places[at]] - paper) * shares[at];
      seen[i] = sum + paper;
    }
    return seen;
  };
  return Object.assign(see, { places, shares }); // of each seen pixel: four of the image's, and how much of each
}

function logSumExp(values) {
  const most = Math.max(...values);
  return most + Math.log(values.reduce((sum, value) => sum + Math.exp(value - most), 0));
}

function logSoftmax(values) {
  const sum = logSumExp(values);
  return Array.from(values, (value) => value - sum);
}
