// The lines between the layers: as strong as what flowed along them.

import { IMAGE, INPUT } from "./anatomy.js";

const MOST = 60; // lines between two layers

/** Draw what `trace` found on a canvas laid out in `layout`; blue for, orange against. */
export function drawFlow(context, layout, found, { plus, minus, isDark }, ratio) {
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, layout.width, layout.height);
  context.fillStyle = isDark ? "#1c2530" : "#eef2f7";
  for (const { x, y, w, h } of layout.cards) {
    context.beginPath();
    context.roundRect(x, y, w, h, 5);
    context.fill();
  }
  const panels = new Map(layout.panels.map((panel) => [panel.part.layer, panel]));
  for (const { layer, inputs, shares } of found) {
    const [from, to] = [panels.get(layer - 1), panels.get(layer)];
    const lines = strongest(shares);
    if (!lines.length) continue;
    const most = Math.abs(shares[lines[lines.length - 1]]);
    for (const i of lines) {
      const strength = Math.abs(shares[i]) / most;
      const [red, green, blue] = shares[i] > 0 ? plus : minus;
      const alpha = (isDark ? 0.1 : 0.12) + 0.75 * strength;
      const dim = isDark ? 1 : 0.82;
      context.strokeStyle = `rgb(${red * dim} ${green * dim} ${blue * dim} / ${alpha.toFixed(2)})`;
      context.lineWidth = 0.6 + 3 * strength;
      line(context, layout.isWide, from, i % inputs, to, Math.floor(i / inputs));
    }
  }
  if (layout.isWide) steady(context, panels.get(IMAGE), panels.get(INPUT), isDark);
}

/** Where the strongest shares stand, at most MOST, the strongest last: it is drawn on top. */
function strongest(shares) {
  const kept = [];
  for (let i = 0; i < shares.length; i++) {
    const size = Math.abs(shares[i]);
    if (size === 0 || (kept.length === MOST && size <= Math.abs(shares[kept[0]]))) continue;
    let place = kept.length;
    while (place > 0 && Math.abs(shares[kept[place - 1]]) > size) place--;
    kept.splice(place, 0, i);
    if (kept.length > MOST) kept.shift();
  }
  return kept;
}

function line(context, isWide, from, input, to, output) {
  const [fromX, fromY] = from.places[input];
  const [toX, toY] = to.places[output];
  context.beginPath();
  if (isWide) {
    const [ax, ay, bx, by] = [fromX + from.tile, fromY + from.tile / 2, toX, toY + to.tile / 2];
    const edge = Math.max(from.x + from.w, ax); // straight past the maps beside it, then in a curve
    const bend = (to.x - edge) * 0.5;
    context.moveTo(ax, ay);
    context.lineTo(edge, ay);
    context.bezierCurveTo(edge + bend, ay, to.x - bend, by, to.x, by);
    context.lineTo(bx, by);
  } else {
    const [ax, ay, bx, by] = [fromX + from.tile / 2, fromY + from.tile, toX + to.tile / 2, toY];
    const [start, end] = [from.y + from.h, to.y];
    const bend = (end - start) * 0.5;
    context.moveTo(ax, ay);
    context.lineTo(ax, start);
    context.bezierCurveTo(ax, start + bend, bx, end - bend, bx, end);
    context.lineTo(bx, by);
  }
  context.stroke();
}

/** The image becomes the input. */
function steady(context, from, to, isDark) {
  const x = from.x + from.w / 2;
  context.strokeStyle = isDark ? "rgb(255 255 255 / 0.35)" : "rgb(0 0 0 / 0.3)";
  context.lineWidth = 1.2;
  context.beginPath();
  context.moveTo(x, from.y + from.h + 3);
  context.lineTo(x, to.y - 38);
  context.stroke();
}

/** The way to the value that is worked out: a ring around each value on it, and lines between them. */
export function drawWay(context, layout, path, { isDark }, ratio) {
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, layout.width, layout.height);
  if (path.length === 1 && typeof path[0].layer === "string") return; // the bar says it
  const spots = path.map((place) => spot(layout, place)).filter(Boolean);
  for (const [colour, width] of [[isDark ? "#10151c" : "#ffffff", 4], [isDark ? "#f7f9fc" : "#1b2430", 1.8]]) {
    context.strokeStyle = context.fillStyle = colour;
    context.lineWidth = width;
    context.beginPath();
    spots.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.stroke();
    for (const [x, y] of spots) {
      context.beginPath();
      context.arc(x, y, width === 4 ? 4.5 : 3.2, 0, 2 * Math.PI);
      context.fill();
    }
  }
}

/** The middle of a value's pixel in the picture; null for what has none. */
function spot(layout, { layer, at }) {
  const last = layout.panels[layout.panels.length - 1];
  if (layer === "probability" || layer === "loss") return [layout.bars.x - 3, last.places[at][1] + last.tile / 2];
  const panel = layout.panels.find(({ part }) => part.layer === layer);
  if (!panel) return null;
  const [, height, width] = panel.part.shape;
  const place = at % (height * width);
  const [x, y] = panel.places[Math.floor(at / (height * width))];
  return [x + ((place % width) + 0.5) * (panel.tile / width), y + (Math.floor(place / width) + 0.5) * (panel.tile / height)];
}
