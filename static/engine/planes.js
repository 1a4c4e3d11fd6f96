// Planes of numbers, {width, height, data: Float64Array}: smoothed, reduced, closed, as `mnist_core/drawing/ink/light.py` does it.

export const plane = (width, height, data = new Float64Array(width * height)) => ({ width, height, data });
export const like = ({ width, height, data }, make) => plane(width, height, data.map(make));

export function extent(data) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of data) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

export function sumOfCubes(data) {
  let sum = 0;
  for (const value of data) sum += value * value * value;
  return sum;
}

/** Means of squares of `factor` pixels a side; beyond its edges a plane goes on as it ends. */
export function meansOf(grey, width, height, factor, level) {
  const small = plane(Math.ceil(width / factor), Math.ceil(height / factor));
  for (let y = 0, at = 0; y < small.height; y++) {
    for (let x = 0; x < small.width; x++, at++) {
      let sum = 0;
      for (let i = 0; i < factor; i++) {
        const row = Math.min(y * factor + i, height - 1) * width;
        for (let j = 0; j < factor; j++) sum += level(grey[row + Math.min(x * factor + j, width - 1)]);
      }
      small.data[at] = sum / factor ** 2;
    }
  }
  return small;
}

export function padded({ width, height, data }, rim) {
  const wide = plane(width + 2 * rim, height + 2 * rim);
  for (let y = 0, at = 0; y < wide.height; y++) {
    const row = Math.min(Math.max(y - rim, 0), height - 1) * width;
    for (let x = 0; x < wide.width; x++, at++) wide.data[at] = data[row + Math.min(Math.max(x - rim, 0), width - 1)];
  }
  return wide;
}

export function smooth(rough) {
  const { width, data } = padded(rough, 1);
  const rows = new Float64Array(width * rough.height);
  for (let i = 0; i < rows.length; i++) rows[i] = data[i] + data[i + width] + data[i + 2 * width];
  const even = plane(rough.width, rough.height);
  for (let y = 0, at = 0; y < even.height; y++) {
    for (let x = 0, i = y * width; x < even.width; x++, i++, at++) even.data[at] = (rows[i] + rows[i + 1] + rows[i + 2]) / 9;
  }
  return even;
}

/** A plane in which everything dark that is thinner than an octagon `window` wide is filled. */
export function closed(level, window) {
  const side = Math.max(1, Math.floor(0.414 * window + 0.5));
  const slant = Math.max(1, Math.floor(0.293 * window + 0.5));
  let filled = padded(level, side - 1 + 2 * (slant - 1));
  for (const extreme of [Math.max, Math.min]) {
    for (const [length, down, right] of [[side, 0, 1], [side, 1, 0], [slant, 1, 1], [slant, 1, -1]]) {
      filled = along(extreme, filled, length, down, right);
    }
  }
  return filled;
}

export const running = (extreme, level, length) => along(extreme, along(extreme, level, length, 0, 1), length, 1, 0);

/** The extreme of each `length` pixels in a row in one direction, where they lie inside the plane. */
function along(extreme, level, length, down, right) {
  let from = level;
  for (let done = 1; done < length; ) {
    const step = Math.min(done, length - done);
    const [y, x] = [down * step, Math.abs(right) * step];
    const to = plane(from.width - x, from.height - y);
    const [first, second] = right < 0 ? [x, y * from.width] : [0, y * from.width + x];
    for (let row = 0, at = 0; row < to.height; row++) {
      for (let i = row * from.width, end = i + to.width; i < end; i++, at++) {
        to.data[at] = extreme(from.data[first + i], from.data[second + i]);
      }
    }
    from = to;
    done += step;
  }
  return from;
}
