// What flowed into a value: each layer's share of it, traced back to the input.
//
// Between one ReLU and the next a network is linear, so a value is the sum of what flowed into it: value times weight,
// times the weights that it meets later (gradient times input), and of the biases.

/** For each convolution, mean pooling and linear layer up to `layer` {layer, from, to, shares}, the last first.
 *
 * `shares[to * from.length + from]` is what map `from` of its input gave through map `to` of its output. `gradient` is 1 at
 * the value that is traced, and 0 elsewhere: Float64Array like the layer's output. `plane` is the network's input.
 */
export function trace({ layers }, plane, layer, gradient) {
  const found = [];
  for (let now = layer; now >= 0; now--) {
    const input = now ? layers[now - 1].output : plane;
    const shape = now ? layers[now - 1].shape : [1, ...sides(plane)];
    const back = new Float64Array(input.length);
    const shares = BACK[layers[now].kind](layers[now], input, shape, gradient, back);
    if (shares) found.push({ layer: now, inputs: shape[0], outputs: layers[now].shape[0], shares });
    gradient = back;
  }
  return found;
}

const sides = (plane) => [Math.sqrt(plane.length), Math.sqrt(plane.length)];

const BACK = {
  convolution({ shape: [outputs, rows, columns], table, kernel, stride, padding }, input, [channels, height, width], gradient, back) {
    const shares = new Float64Array(outputs * channels);
    const patch = channels * kernel * kernel;
    for (let o = 0, at = 0; o < outputs; o++) {
      for (let y = 0; y < rows; y++) {
        for (let x = 0; x < columns; x++, at++) {
          const slope = gradient[at];
          if (slope === 0) continue;
          const [top, left] = [y * stride - padding, x * stride - padding];
          const [firstRow, lastRow] = [Math.max(0, -top), Math.min(kernel, height - top)];
          const [first, last] = [Math.max(0, -left), Math.min(kernel, width - left)];
          for (let c = 0; c < channels; c++) {
            let sum = 0;
            for (let ky = firstRow; ky < lastRow; ky++) {
              let weight = o * patch + (c * kernel + ky) * kernel + first;
              let place = (c * height + top + ky) * width + left + first;
              for (let kx = first; kx < last; kx++, weight++, place++) {
                const flow = table[weight] * slope;
                back[place] += flow;
                sum += flow * input[place];
              }
            }
            shares[o * channels + c] += sum;
          }
        }
      }
    }
    return shares;
  },
  linear({ shape: [outputs], table }, input, [channels, height, width], gradient, back) {
    const shares = new Float64Array(outputs * channels);
    const places = height * width;
    for (let o = 0; o < outputs; o++) {
      const slope = gradient[o];
      if (slope === 0) continue;
      for (let c = 0, i = 0; c < channels; c++) {
        let sum = 0;
        for (let p = 0; p < places; p++, i++) {
          const flow = table[o * input.length + i] * slope;
          back[i] += flow;
          sum += flow * input[i];
        }
        shares[o * channels + c] += sum;
      }
    }
    return shares;
  },
  scale({ factors }, input, [, height, width], gradient, back) {
    const places = height * width;
    for (let i = 0; i < input.length; i++) back[i] = gradient[i] * factors[Math.floor(i / places)];
  },
  relu(_, input, __, gradient, back) {
    for (let i = 0; i < input.length; i++) back[i] = input[i] > 0 ? gradient[i] : 0;
  },
  max_pool({ size, shape: [channels, rows, columns], output }, input, [, height, width], gradient, back) {
    for (let at = 0; at < channels * rows * columns; at++) {
      if (gradient[at] !== 0) back[winner(at, size, rows, columns, input, height, width, output[at])] += gradient[at];
    }
  },
  mean_pool(_, input, [channels, height, width], gradient, back) {
    const places = height * width;
    const shares = new Float64Array(channels * channels); // each map goes into one unit
    for (let i = 0; i < input.length; i++) {
      const c = Math.floor(i / places);
      back[i] = gradient[c] / places;
      shares[c * channels + c] += back[i] * input[i];
    }
    return shares;
  },
};

/** The place in the input that max pooling took for its output `at`: the first that holds the largest value. */
export function winner(at, size, rows, columns, input, height, width, value) {
  const x = at % columns;
  const y = Math.floor(at / columns) % rows;
  const c = Math.floor(at / (columns * rows));
  for (let i = 0; i < size; i++) {
    const start = (c * height + y * size + i) * width + x * size;
    for (let j = 0; j < size; j++) if (input[start + j] === value) return start + j;
  }
  throw new Error("the pooling took none of its inputs");
}
