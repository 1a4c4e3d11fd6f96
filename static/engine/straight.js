// Long, thin, straight runs of ink, nearly level, to the bit as `mnist_core/drawing/ink/straight.py` finds them.
//
// A line is {start, end, fit, middle, thick, off, covered}: its first column and the one behind it, its row, its thickness.

/** The row of a line's middle at a column. */
export function rowAt({ fit, middle }, column) {
  const u = column - middle;
  return fit[0] + u * (fit[1] + fit[2] * u);
}

export const slopeOf = (line) => (rowAt(line, line.end - 1) - rowAt(line, line.start)) / lengthOf(line);
export const middleSlope = (lines) => lines.map(slopeOf).sort((a, b) => a - b)[lines.length >> 1];
export const lengthOf = ({ start, end }) => end - start;
export const nearest = (value) => Math.floor(value + 0.5);

/** The lines of a mask (Uint8Array). */
export function findStraight(clear, width, height, C) {
  const thickest = Math.max(C.THICKEST_LEAST, Math.trunc(C.THICKEST * Math.min(height, width)));
  const middle = Math.floor(width / 2);
  const runs = thinRuns(clear, width, height, thickest).map(([column, first, behind]) => ({
    x: column - middle,
    twice: first + behind - 1,
    thick: behind - first,
  }));
  if (!runs.length || runs.length > C.MOST_RUNS) return [];
  const shortest = Math.max(C.SHORTEST_LEAST, Math.trunc(C.SHORTEST * Math.max(height, width)));
  const votes = makeVotes(runs, width, height, C);
  const found = [];
  let left = runs;
  for (let n = 0; n < C.MOST_LINES; n++) {
    const [most, row, slope] = votes.best();
    if (most < shortest) break;
    const isVoter = ({ x, twice }) => Math.abs(twice / 2 - (row + slope * x)) <= 2;
    let taken = left.filter(isVoter);
    let fit = fitted(taken);
    const near = 1.5 + 0.5 * middleOf(taken.map(({ thick }) => thick));
    const isNear = ({ x, twice }) => Math.abs(twice / 2 - curve(fit, x)) <= near;
    taken = left.filter(isNear);
    if (taken.length >= shortest) fit = fitted(taken);
    taken = left.filter(isNear);
    found.push(...piecesAlong(clear, width, height, fit, taken, middle, shortest, C));
    const gone = new Set(taken);
    for (const run of left) if (isVoter(run)) gone.add(run);
    votes.add(gone, -1);
    left = left.filter((run) => !gone.has(run));
  }
  return found;
}

/** The vertical runs, column by column, that are not thicker: column, first row, row behind. */
function thinRuns(clear, width, height, thickest) {
  const runs = [];
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) {
      if (!clear[y * width + x]) continue;
      const first = y;
      while (y < height && clear[y * width + x]) y++;
      if (y - first <= thickest) runs.push([x, first, y]);
    }
  }
  return runs;
}

/** The median of whole numbers. */
function middleOf(values) {
  const sorted = Int32Array.from(values).sort();
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** For each slope and row in the middle column, how many runs lie on that line, give or take two pixels. */
function makeVotes(runs, width, height, { STEEPEST }) {
  const step = 2 / width;
  const steepest = Math.trunc(STEEPEST / step);
  const reach = Math.trunc((STEEPEST * width) / 2) + 2;
  const size = height + 2 * reach + 2;
  const table = new Int32Array((2 * steepest + 1) * size);
  const slopes = Array.from({ length: 2 * steepest + 1 }, (_, k) => (k - steepest) * step);
  function add(some, sign) {
    for (const { x, twice } of some) {
      for (let k = 0; k < slopes.length; k++) table[k * size + Math.floor(twice * 0.5 - slopes[k] * x) + reach] += sign;
    }
  }
  function best() {
    let [most, place] = [-1, 0];
    for (let i = 0; i + 1 < table.length; i++) {
      if (table[i] + table[i + 1] > most && (i + 1) % size) [most, place] = [table[i] + table[i + 1], i];
    }
    return [most, (place % size) - reach + 1, slopes[Math.floor(place / size)]];
  }
  add(runs, 1);
  return { add, best };
}

const curve = (fit, x) => fit[0] + x * (fit[1] + fit[2] * x);

/** Least squares of a slightly bent line: sums of whole numbers, then one way to solve. */
function fitted(runs) {
  const n = runs.length;
  let [s1, s2, s3, s4, t0, t1, t2] = [0, 0, 0, 0, 0, 0, 0];
  let [least, most] = [Infinity, -Infinity];
  for (const { x, twice } of runs) {
    s1 += x;
    s2 += x * x;
    s3 += x * x * x;
    s4 += x * x * x * x;
    t0 += twice;
    t1 += twice * x;
    t2 += twice * x * x;
    least = Math.min(least, x);
    most = Math.max(most, x);
  }
  [t0, t1, t2] = [t0 / 2, t1 / 2, t2 / 2];
  if (n < 3 || n * s2 - s1 * s1 <= 0) return [t0 / n, 0, 0];
  const slope = (n * t1 - s1 * t0) / (n * s2 - s1 * s1);
  const straight = [(t0 - slope * s1) / n, slope, 0];
  if (most - least < 60 || most - least > 4 * n) return straight;
  const p = (n * s3 - s1 * s2) / (n * s2 - s1 * s1);
  const q = (s2 - p * s1) / n;
  const norm = s4 - p * s3 - q * s2;
  if (norm <= 0) return straight;
  const bend = (t2 - p * t1 - q * t0) / norm;
  return [straight[0] - bend * q, straight[1] - bend * p, bend];
}

/** The stretches along the line where ink lies, without large gaps. */
function piecesAlong(clear, width, height, fit, runs, middle, shortest, { GAP, THIN_SHARE }) {
  if (!runs.length) return [];
  const inked = new Uint8Array(width);
  for (let x = 0; x < width; x++) {
    const row = nearest(curve(fit, x - middle));
    for (let y = Math.max(0, row - 1); y <= Math.min(height - 1, row + 1); y++) inked[x] |= clear[y * width + x];
  }
  const stretches = [];
  for (let x = 0; x < width; x++) {
    if (!inked[x]) continue;
    const last = stretches[stretches.length - 1];
    if (last && x - last[1] <= GAP) last[1] = x;
    else stretches.push([x, x]);
  }
  const found = [];
  for (const [from, to] of stretches) {
    const own = runs.filter(({ x }) => x + middle >= from && x + middle <= to);
    const count = own.length;
    if (!count) continue;
    // Its ends are its own, or ink that goes on from them: not a line beyond a gap.
    let start = own.reduce((least, { x }) => Math.min(least, x), Infinity) + middle;
    let last = own.reduce((most, { x }) => Math.max(most, x), -Infinity) + middle;
    while (start > 0 && inked[start - 1]) start--;
    while (last < width - 1 && inked[last + 1]) last++;
    const length = last - start + 1;
    if (length < shortest || count < THIN_SHARE * length) continue;
    const square = own.reduce((sum, { x, twice }) => sum + (twice / 2 - curve(fit, x)) ** 2, 0) / count;
    const off = Math.sqrt(Math.floor(square * 2 ** 20 + 0.5) / 2 ** 20);
    const thick = Math.trunc(middleOf(own.map((run) => run.thick)));
    found.push({ start, end: last + 1, fit, middle, thick, off, covered: Math.min(1, count / length) });
  }
  return found;
}
