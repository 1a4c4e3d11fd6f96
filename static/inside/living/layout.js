// Where everything stands: from left to right where there is room, from top to bottom on a phone. In CSS pixels.

const NARROW = 720;
const GAP = 3; // between maps
const UNIT = 15; // the largest side of a single unit
const LARGEST = 60; // the largest side of a map
const LEAST_SPACE = 27; // between two stages
const STRIP = 48; // units in a column of a wide strip
const BARS = 132; // room for the ten answers
const PAD = 4; // of a card
const [HEAD, FOOT] = [50, 34]; // lines of text above and below a panel
const LEAST = 76; // for a heading
const BETWEEN = 8; // between the layers of a stage

/** {width, height, isWide, panels, cards, heads, bars} for a picture `width` wide and, in the wide one, about `height` high.
 *
 * A panel is {part, x, y, w, h, tile, columns, places}: `places[c]` is the corner [x, y] of map c, each `tile` a side.
 * A card {x, y, w, h} lies behind the panels of a stage. A head is {stage, x, y, w}; `bars` is {x, y, w, pitch}.
 */
export function layOut({ parts, stages }, width, height) {
  return width >= NARROW ? wide(parts, stages, width, height) : narrow(parts, stages, width);
}

function wide([image, input], stages, width, height) {
  const room = height - HEAD - FOOT;
  const side = width > 1040 ? 112 : 84;
  const last = stages.length - 1;
  const sizes = chooseSizes(stages, width - side - BARS, room);
  if (!sizes) return narrow([image, input], stages, width);
  const used = side + BARS + sizes.reduce((sum, { box }) => sum + box, 0);
  const space = Math.min((width - used) / stages.length, 110);
  const panels = [];
  const heads = [];
  const cards = [];
  let x = Math.round((width - used - space * stages.length) / 2);
  const middle = HEAD + room / 2;
  const top = Math.round(middle - side - 20);
  panels.push(single(image, x, top, side), single(input, x, Math.round(middle + 30), side));
  heads.push({ stage: [image], x, y: top - 34, w: side }, { stage: [input], x, y: Math.round(middle + 30) - 34, w: side });
  x += side + space;
  let bars = null;
  stages.forEach((stage, i) => {
    const { tile, rows, columns, w, h, box } = sizes[i];
    if (i === last) {
      const pitch = Math.min(34, Math.floor(room / 10));
      const y = Math.round(middle - 5 * pitch);
      const places = Array.from({ length: 10 }, (_, digit) => [Math.round(x), y + digit * pitch + Math.round((pitch - UNIT) / 2)]);
      panels.push({ part: stage[0], x: Math.round(x), y, w: UNIT, h: 10 * pitch, tile: UNIT, columns: 1, places });
      bars = { x: Math.round(x) + UNIT + 8, y, w: BARS, pitch };
      heads.push({ stage, x: Math.round(x), y: y - 46, w: BARS + UNIT });
      return;
    }
    const y = Math.round(middle - h / 2);
    heads.push({ stage, x: Math.round(x), y: y - 46, w: box });
    let left = Math.round(x + (box - w) / 2);
    cards.push({ x: left - PAD, y: y - PAD, w: w + 2 * PAD, h: h + 2 * PAD });
    for (const part of stage) {
      panels.push(grid(part, left, y, tile, columns, rows, GAP, true));
      left += columns * (tile + GAP) - GAP + BETWEEN;
    }
    x += box + space;
  });
  return { width, height, isWide: true, panels, cards, heads, bars };
}

/** How large each stage's maps are: from the smallest on, whatever gains most for the width it takes, while there is room. */
function chooseSizes(stages, width, room) {
  const last = stages.length - 1;
  const choices = stages.map((stage, i) => (i === last ? [{ tile: UNIT, box: UNIT + 8 }] : stageSizes(stage, room)));
  const taken = choices.map(() => 0);
  const left = () => width - LEAST_SPACE * stages.length - choices.reduce((sum, sizes, i) => sum + sizes[taken[i]].box, 0);
  if (left() < 0) return null;
  for (;;) {
    let best = null;
    choices.forEach((sizes, i) => {
      for (let next = taken[i] + 1; next < sizes.length; next++) {
        const cost = sizes[next].box - sizes[taken[i]].box;
        if (cost > left()) continue;
        const worth = (stages[i].length * Math.log(sizes[next].tile / sizes[taken[i]].tile)) / Math.max(cost, 1);
        if (!best || worth > best.worth) best = { worth, i, next };
      }
    });
    if (!best) return choices.map((sizes, i) => sizes[taken[i]]);
    taken[best.i] = best.next;
  }
}

/** The sizes that a stage may have, the smallest first: {tile, rows, columns, w, h, box}; `box` is w with its heading. */
function stageSizes(stage, room) {
  const channels = stage[0].shape[0];
  const side = Math.max(...stage.map(({ shape }) => shape[1]));
  const times = Math.max(1, Math.floor(LARGEST / side));
  const tiles = side === 1 ? [5, 7, 9, 11, 13, UNIT] : Array.from({ length: times }, (_, i) => (i + 1) * side);
  const sizes = tiles.map((tile) => {
    const most = Math.min(channels, Math.max(1, Math.floor((room + GAP) / (tile + GAP))));
    const columns = Math.ceil(channels / most);
    const rows = Math.ceil(channels / columns);
    const w = stage.length * (columns * (tile + GAP) - GAP + BETWEEN) - BETWEEN;
    return { tile, rows, columns, w, h: rows * (tile + GAP) - GAP, box: Math.max(w, LEAST) };
  });
  return side === 1 ? sizes.filter(({ columns }, i) => i === 0 || columns <= Math.ceil(channels / STRIP)) : sizes;
}

/** The largest size up to `most` at which all pixels of a map are equally large. */
const fitted = (most, side) => (most >= side ? Math.floor(most / side) * side : most);

function narrow([image, input], stages, width) {
  const panels = [];
  const heads = [];
  const cards = [];
  const side = 112;
  let y = 36;
  panels.push(single(image, 0, y, side), single(input, side + 24, y, side));
  heads.push({ stage: [image], x: 0, y: 0, w: side + 20 }, { stage: [input], x: side + 24, y: 0, w: side });
  y += side + 54;
  stages.forEach((stage, i) => {
    if (i === stages.length - 1) return;
    for (const part of stage) {
      const [channels, rows] = part.shape;
      const tile = rows === 1 ? UNIT : fitted(Math.max(14, Math.min(72, Math.floor((2 * width) / channels) - GAP)), rows);
      const columns = Math.min(channels, Math.floor((width + GAP) / (tile + GAP)));
      y += 16; // its caption
      panels.push(grid(part, 0, y, tile, columns, Math.ceil(channels / columns), GAP, false));
      const { h } = panels[panels.length - 1];
      cards.push({ x: 0, y: y - PAD, w: width, h: h + 2 * PAD });
      y += h + 8;
    }
    y += 34; // for the lines
  });
  const pitch = 26;
  const last = stages[stages.length - 1][0];
  y += 18;
  const places = Array.from({ length: 10 }, (_, digit) => [0, y + digit * pitch + 5]);
  panels.push({ part: last, x: 0, y, w: UNIT, h: 10 * pitch, tile: UNIT, columns: 1, places });
  return { width, height: y + 10 * pitch + 10, isWide: false, panels, cards, heads, bars: { x: UNIT + 8, y, w: width - UNIT - 8, pitch } };
}

function single(part, x, y, side) {
  return { part, x, y, w: side, h: side, tile: side, columns: 1, places: [[x, y]] };
}

/** Maps one below the other and then in the next column (`isDown`), or one beside the other and then in the next row. */
function grid(part, x, y, tile, columns, rows, gap, isDown) {
  const step = tile + gap;
  const places = Array.from({ length: part.shape[0] }, (_, c) => {
    const [column, row] = isDown ? [Math.floor(c / rows), c % rows] : [c % columns, Math.floor(c / columns)];
    return [x + column * step, y + row * step];
  });
  return { part, x, y, w: columns * step - gap, h: rows * step - gap, tile, columns, rows, places };
}

/** The panel and map under a place of the picture: {panel, channel, at}, or null. */
export function under(layout, x, y) {
  for (const panel of layout.panels) {
    if (x < panel.x || y < panel.y || x >= panel.x + panel.w || y >= panel.y + panel.h) continue;
    const channel = panel.places.findIndex(([left, top]) => x >= left && y >= top && x < left + panel.tile && y < top + panel.tile);
    if (channel < 0) return null;
    const [, rows, columns] = panel.part.shape;
    const [left, top] = panel.places[channel];
    const row = Math.min(rows - 1, Math.floor(((y - top) * rows) / panel.tile));
    const column = Math.min(columns - 1, Math.floor(((x - left) * columns) / panel.tile));
    return { panel, channel, at: channel * rows * columns + row * columns + column };
  }
  return null;
}
