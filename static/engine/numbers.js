// Arithmetic as NumPy does it, so that a picture is prepared to the same bytes. `Math.fround` is NumPy's float32.

/** To the nearest whole number, halves to the even one. */
export function roundEven(x) {
  const nearest = Math.round(x);
  return Math.abs(x % 1) === 0.5 && nearest % 2 !== 0 ? nearest - 1 : nearest;
}

/** The median of a typed array, in its own precision. */
export function median(values) {
  const order = values.slice();
  const half = order.length >> 1;
  const upper = select(order, half);
  if (order.length % 2) return upper;
  let lower = -Infinity; // the largest of what `select` has put before it
  for (let i = 0; i < half; i++) if (order[i] > lower) lower = order[i];
  return values instanceof Float32Array ? Math.fround(Math.fround(lower + upper) / 2) : (lower + upper) / 2;
}

/** The value that would stand at `place` if `values` were sorted; smaller ones are moved before it (Hoare, 1961). */
function select(values, place) {
  let [low, high] = [0, values.length - 1];
  while (low < high) {
    const pivot = values[(low + high) >> 1];
    let [i, j] = [low, high];
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (values[j] > pivot) j--;
      if (i <= j) {
        const kept = values[i];
        values[i++] = values[j];
        values[j--] = kept;
      }
    }
    if (place <= j) high = j;
    else if (place >= i) low = i;
    else break;
  }
  return values[place];
}

/** The `share`-quantile of float32 values that are sorted: between two of them in a straight line, as `np.quantile`.
 *
 * `round` is `Math.fround` where NumPy computes in float32 (one share), and leaves the number where in float64 (several).
 */
export function quantile(sorted, share, round) {
  const place = (sorted.length - 1) * share;
  const before = Math.floor(place);
  const low = sorted[before];
  const high = sorted[Math.min(before + 1, sorted.length - 1)];
  const step = Math.fround(high - low);
  const weight = place - before;
  if (weight >= 0.5) return round(high - round(step * round(1 - weight)));
  return round(low + round(step * round(weight)));
}

/** `count` numbers from `start` to `end`, both included, equally far apart. */
export function linspace(start, end, count) {
  const step = count > 1 ? (end - start) / (count - 1) : end - start;
  const numbers = new Float64Array(count);
  for (let i = 0; i < count; i++) numbers[i] = i * step + start;
  if (count > 1) numbers[count - 1] = end;
  return numbers;
}
