// The layers that the networks have, for one image. Each is made once, with the room for what it computes, and then
// reads `from` (Float32Array, channel after channel, each row after row) and fills its `output`.
//
// A layer is {kind, shape: [channels, height, width], output, run(from)}, and what its program says of it. Those with
// weights keep them: `table`, one row an output, and `offset`, one number an output; a scale its `factors` and `shifts`.

/** The layers of a program (see mnist_core/export/html/program.py), for an input of `shape`. */
export function makeLayers(described, weights, shape) {
  const layers = [];
  for (const layer of described) {
    const before = layers.length ? layers[layers.length - 1].shape : shape;
    const made = KINDS[layer.kind](layer, before, weights);
    layers.push({ ...layer, ...made, output: new Float32Array(made.shape[0] * made.shape[1] * made.shape[2]) });
  }
  return layers;
}

const KINDS = { convolution, linear, scale, relu, max_pool: maxPool, mean_pool: meanPool };

/** A square kernel moved over all channels of the input, zeros around it. */
function convolution({ outputs, kernel, stride, padding, weight, bias }, [channels, height, width], weights) {
  const [rows, columns] = [height, width].map((size) => Math.floor((size + 2 * padding - kernel) / stride) + 1);
  const patch = channels * kernel * kernel;
  const places = rows * columns;
  const table = doubles(weights, weight, outputs * patch);
  const offset = bias === null ? new Float64Array(outputs) : doubles(weights, bias, outputs);
  const patches = new Float64Array(places * patch); // what lies under the kernel at each place, one after the other
  const fill = (from) => {
    for (let c = 0; c < channels; c++) {
      for (let ky = 0; ky < kernel; ky++) {
        for (let kx = 0; kx < kernel; kx++) {
          let at = (c * kernel + ky) * kernel + kx;
          for (let y = 0; y < rows; y++) {
            const line = y * stride + ky - padding;
            const start = (c * height + line) * width + kx - padding;
            const inside = line >= 0 && line < height;
            for (let x = 0; x < columns; x++, at += patch) {
              const column = x * stride + kx - padding;
              patches[at] = inside && column >= 0 && column < width ? from[start + x * stride] : 0;
            }
          }
        }
      }
    }
  };
  return {
    shape: [outputs, rows, columns],
    table,
    offset,
    run(from) {
      fill(from);
      products(patches, places, table, offset, patch, outputs, this.output);
    },
  };
}

function linear({ outputs, weight, bias }, [channels, height, width], weights) {
  const inputs = channels * height * width;
  const table = doubles(weights, weight, outputs * inputs);
  const offset = doubles(weights, bias, outputs);
  const wide = new Float64Array(inputs);
  return {
    shape: [outputs, 1, 1],
    table,
    offset,
    run(from) {
      wide.set(from);
      products(wide, 1, table, offset, inputs, outputs, this.output);
    },
  };
}

// Doubles, for a float32 costs a conversion each time it is read; the sums then carry no rounding of their own.
const doubles = (weights, start, count) => Float64Array.from(weights.subarray(start, start + count));

/** into[o, p] = offset[o] + table[o] . patches[p]: four outputs and two places at a time, all in registers. */
function products(patches, places, table, offset, length, outputs, into) {
  let o = 0;
  for (; o + 4 <= outputs; o += 4) {
    const [a, b, c, d] = [o * length, (o + 1) * length, (o + 2) * length, (o + 3) * length];
    let p = 0;
    for (; p + 2 <= places; p += 2) {
      const [first, second] = [p * length, (p + 1) * length];
      let [a0, b0, c0, d0] = [offset[o], offset[o + 1], offset[o + 2], offset[o + 3]];
      let [a1, b1, c1, d1] = [a0, b0, c0, d0];
      for (let k = 0; k < length; k++) {
        const x = patches[first + k];
        const y = patches[second + k];
        const wa = table[a + k];
        const wb = table[b + k];
        const wc = table[c + k];
        const wd = table[d + k];
        a0 += x * wa;
        b0 += x * wb;
        c0 += x * wc;
        d0 += x * wd;
        a1 += y * wa;
        b1 += y * wb;
        c1 += y * wc;
        d1 += y * wd;
      }
      into[o * places + p] = a0;
      into[(o + 1) * places + p] = b0;
      into[(o + 2) * places + p] = c0;
      into[(o + 3) * places + p] = d0;
      into[o * places + p + 1] = a1;
      into[(o + 1) * places + p + 1] = b1;
      into[(o + 2) * places + p + 1] = c1;
      into[(o + 3) * places + p + 1] = d1;
    }
    for (; p < places; p++) {
      for (let i = o; i < o + 4; i++) into[i * places + p] = product(patches, p * length, table, i * length, length, offset[i]);
    }
  }
  for (; o < outputs; o++) {
    for (let p = 0; p < places; p++) {
      into[o * places + p] = product(patches, p * length, table, o * length, length, offset[o]);
    }
  }
}

function product(values, value, table, weight, length, start) {
  let sum = start;
  for (let k = 0; k < length; k++) sum += values[value + k] * table[weight + k];
  return sum;
}

/** Batch normalisation as it answers: each channel times a number, plus a number. */
function scale({ factor, shift }, shape, weights) {
  const [channels, places] = [shape[0], shape[1] * shape[2]];
  const [factors, shifts] = [doubles(weights, factor, channels), doubles(weights, shift, channels)];
  return {
    shape,
    factors,
    shifts,
    run(from) {
      for (let c = 0, i = 0; c < channels; c++) {
        for (const end = i + places; i < end; i++) this.output[i] = from[i] * factors[c] + shifts[c];
      }
    },
  };
}

function relu(_, shape) {
  return {
    shape,
    run(from) {
      for (let i = 0; i < from.length; i++) this.output[i] = from[i] > 0 ? from[i] : 0;
    },
  };
}

function maxPool({ size }, [channels, height, width]) {
  const [rows, columns] = [Math.floor(height / size), Math.floor(width / size)];
  return {
    shape: [channels, rows, columns],
    run(from) {
      for (let c = 0, at = 0; c < channels; c++) {
        for (let y = 0; y < rows; y++) {
          for (let x = 0; x < columns; x++, at++) {
            let most = -Infinity;
            for (let i = 0; i < size; i++) {
              const start = (c * height + y * size + i) * width + x * size;
              for (let j = 0; j < size; j++) if (from[start + j] > most) most = from[start + j];
            }
            this.output[at] = most;
          }
        }
      }
    },
  };
}

/** The mean of each channel's whole map. */
function meanPool(_, [channels, height, width]) {
  const places = height * width;
  return {
    shape: [channels, 1, 1],
    run(from) {
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let i = c * places; i < (c + 1) * places; i++) sum += from[i];
        this.output[c] = sum / places;
      }
    },
  };
}
