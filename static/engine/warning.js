// When an answer should not be trusted, and what to do about it, as `mnist_core/drawing/rejection.py` says.

import { inkedEdges } from "./ink.js";

/** One sentence, or null for what looks like one digit.
 *
 * `prepared` comes from prepare.js (null: no ink), `probabilities` are the ten answers, `unlike` is the probability, 0 to 1,
 * that the small network `digit_or_not` gives the image of being no digit.
 */
export function warning(prepared, probabilities, unlike, constants) {
  const { DOUBTFUL, EDGE_INK, MOST_DIGITS } = constants;
  if (!prepared) return "There is no digit yet: write one from 0 to 9, large.";
  if (isDot(prepared, constants)) return "This is only a dot or a blot: write a digit from 0 to 9, large.";
  const touched = inkedEdges(prepared.ink, prepared.width, prepared.height, EDGE_INK).filter(Boolean).length;
  if (touched > 0 && touched < 3) return "The ink runs over the edge: leave some paper around the digit.";
  const sure = Math.max(...probabilities);
  if (1 - (1 - unlike) * sure <= DOUBTFUL) return null;
  if (1 - sure > unlike) {
    const [first, second] = [...probabilities.keys()].sort((a, b) => probabilities[b] - probabilities[a]);
    return `Not sure: it could be ${withArticle(first)} or ${withArticle(second)}. Write it again, plainer.`;
  }
  const count = countDigits(prepared, constants);
  if (count > 1 && count <= MOST_DIGITS) return `There seem to be ${count} digits: write one at a time${constants.OR_AS_A_NUMBER ?? ""}.`;
  return "This does not look like a digit: clear it and write one from 0 to 9.";
}

export const withArticle = (digit) => `${digit === 8 ? "an" : "a"} ${digit}`;

function isDot({ image, box: [left, top, right, bottom] }, { BOX, DOT }) {
  const [wide, high] = [right - left, bottom - top];
  const box = wide * high * (BOX / Math.max(wide, high)) ** 2;
  return image.reduce((sum, level) => sum + level, 0) / 255 > DOT * box && Math.max(wide, high) < 2 * Math.min(wide, high);
}

/** How many digits stand side by side: pieces of clear ink, those above each other taken together. */
function countDigits(prepared, { CLEAR_INK, SPECK, OVERLAP, MOST_PIECES }) {
  const pieces = findPieces(prepared, Math.fround(CLEAR_INK));
  const side = ({ left, top, right, bottom }) => Math.max(right - left, bottom - top);
  const largest = pieces.reduce((most, piece) => Math.max(most, side(piece)), 0);
  const kept = pieces.filter((piece) => side(piece) >= SPECK * largest).sort((a, b) => a.left - b.left);
  if (kept.length > MOST_PIECES) return Infinity;
  let count = 0;
  let [before, until] = [0, -Infinity];
  for (const { left, right } of kept) {
    if (Math.min(until, right) - left > OVERLAP * Math.min(until - before, right - left)) {
      until = Math.max(until, right);
    } else {
      [before, until] = [left, right];
      count++;
    }
  }
  return count;
}

/** The boxes of what clear ink hangs together, also over corners. */
function findPieces({ ink, width, height }, clear) {
  const wanted = Uint8Array.from(ink, (level) => (level >= clear ? 1 : 0));
  const pieces = [];
  const waiting = [];
  for (let start = 0; start < wanted.length; start++) {
    if (!wanted[start]) continue;
    const piece = { left: width, top: height, right: 0, bottom: 0 };
    wanted[start] = 0;
    waiting.push(start);
    while (waiting.length) {
      const place = waiting.pop();
      const x = place % width;
      const y = (place - x) / width;
      piece.left = Math.min(piece.left, x);
      piece.right = Math.max(piece.right, x + 1);
      piece.top = Math.min(piece.top, y);
      piece.bottom = Math.max(piece.bottom, y + 1);
      for (let line = Math.max(0, y - 1); line <= Math.min(height - 1, y + 1); line++) {
        for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column++) {
          const next = line * width + column;
          if (!wanted[next]) continue;
          wanted[next] = 0;
          waiting.push(next);
        }
      }
    }
    pieces.push(piece);
  }
  return pieces;
}
