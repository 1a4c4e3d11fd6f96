// What a person draws on the canvas -> what is read, as the Draw page's `Board` has it.
//
// A drawing is a list of strokes {places: [[x, y], ...], width}, in pixels of a canvas `side` wide; or, where the brush
// has been there already, {points: [[x, y], ...], width}.

import { evened, render } from "./pen.js";
import { prepare } from "./prepare.js";

/** The drawing, prepared (see prepare.js); null without ink. */
export function prepareDrawing(drawing, side, constants) {
  if (!drawing.length) return null;
  const strokes = drawing.map(({ places, width, points }) => {
    return (points ?? smoothed(places, width)).map(([x, y]) => [x / side, y / side]);
  });
  const widths = drawing.map(({ width }) => width);
  const even = evened(strokes, Math.max(...widths) / side, constants);
  const paint = () => painted(strokes, widths, side);
  if (!even || !isInside(strokes, widths, side)) return prepare(paint(), even, constants);
  // There is ink, and the network sees `even` whatever the paper looks like: that is painted where it is asked for.
  const { image } = prepare(even, null, constants, true);
  let found = null;
  const whole = () => (found ??= prepare(paint(), null, constants, true));
  return { image, width: side, height: side, get ink() { return whole().ink; }, get box() { return whole().box; } };
}

/** What the paper shows: each brush's strokes painted by themselves, the brighter level where they meet. */
function painted(strokes, widths, side) {
  let picture = null;
  for (const width of new Set(widths)) {
    const one = render(strokes.filter((_, i) => widths[i] === width), width, side);
    if (picture) picture.data.forEach((level, i) => { if (level > one.data[i]) one.data[i] = level; });
    picture = one;
  }
  return picture;
}

/** Whether no stroke comes near an edge, and each leaves pixels that are ink all over. */
function isInside(strokes, widths, side) {
  return strokes.every((stroke, i) => {
    const [least, most] = [(widths[i] / 2 + 2) / side, 1 - (widths[i] / 2 + 2) / side];
    return widths[i] >= 4 && stroke.every(([x, y]) => x > least && x < most && y > least && y < most);
  });
}

/** The pointer's places -> the stroke that the Draw page's brush makes of them, all in pixels of the canvas.
 *
 * The brush leaves out places too close together, and runs quadratic curves through the middles between the others
 * (Fabric.js); the curves are cut into four straight pieces each (`ui/draw/canvas.py`).
 */
export function smoothed(places, width) {
  const kept = withoutClose(places.length > 1 ? places : [places[0], places[0]]);
  const overshoot = width / 1000;
  const last = kept.length - 1;
  const ahead = (from, to, axis) => (kept.length > 2 ? Math.sign(kept[to][axis] - kept[from][axis]) : 1 - axis);
  let end = [kept[0][0] - ahead(1, 2, 0) * overshoot, kept[0][1] - ahead(1, 2, 1) * overshoot];
  const points = [end];
  let corner = kept[0];
  let next = kept[1];
  for (let i = 1; i < kept.length; i++) {
    if (corner[0] !== next[0] || corner[1] !== next[1]) {
      const start = end;
      end = [corner[0] + (next[0] - corner[0]) * 0.5, corner[1] + (next[1] - corner[1]) * 0.5];
      for (const t of [0.25, 0.5, 0.75, 1]) {
        const at = (axis) => (1 - t) ** 2 * start[axis] + 2 * t * (1 - t) * corner[axis] + t ** 2 * end[axis];
        points.push([at(0), at(1)]);
      }
    }
    corner = kept[i];
    if (i < last) next = kept[i + 1];
  }
  points.push([corner[0] + ahead(last - 2, last, 0) * overshoot, corner[1] + ahead(last - 2, last, 1) * overshoot]);
  return points;
}

function withoutClose(heard) {
  const places = heard.filter(([x, y], i) => i < 2 || x !== heard[i - 1][0] || y !== heard[i - 1][1]);
  if (places.length <= 2) return places;
  let last = places[0];
  const kept = [last];
  for (const place of places.slice(1, -2)) {
    if ((last[0] - place[0]) ** 2 + (last[1] - place[1]) ** 2 >= 0.4 ** 2) kept.push((last = place));
  }
  kept.push(places[places.length - 1]);
  return kept;
}
