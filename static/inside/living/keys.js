// The picture by keyboard: arrows from map to map, Enter opens one, arrows from pixel to pixel, Enter works one out.

/** Take the keys on `node`. `given` has the picture, its zoom card, and what show, hide and pick a map. */
export function takeKeys(node, { picture, zoom, show, hide, pick }) {
  let here = null; // the map, kept while the focus is elsewhere

  node.addEventListener("focus", () => {
    if (picture() && node.matches(":focus-visible") && !zoom().isOpen) show((here ??= first(picture())), false);
  });
  node.addEventListener("blur", () => picture() && !zoom().isOpen && hide());
  node.addEventListener("keydown", (event) => {
    if (!picture() || event.ctrlKey || event.metaKey || event.altKey) return;
    const { isOpen, shown } = zoom();
    here = shown ?? here ?? first(picture());
    if (!picture().layout.panels.some(({ part }) => part.layer === here.layer)) here = first(picture());
    const step = STEPS[event.key];
    if (step) {
      here = isOpen ? nextPixel(picture(), here, step) : nextMap(picture(), here, step);
      show(here, isOpen);
    } else if (event.key === "Enter" || event.key === " ") {
      const [, height, width] = picture().about.of(here.layer).shape;
      if (isOpen || height * width === 1) pick(here.layer, here.at);
      else show((here = { ...here, at: brightest(picture(), here) }), true);
    } else if (event.key === "Escape" && isOpen) {
      show(here, false);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  });
}

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const first = (picture) => ({ layer: picture.about.parts[0].layer, channel: 0, at: 0 });

/** The map next to `here` in a direction: the nearest one whose middle lies that way. */
function nextMap(picture, here, [across, down]) {
  const from = middle(picture, here);
  let best = null;
  for (const panel of picture.layout.panels) {
    const [, height, width] = panel.part.shape;
    panel.places.forEach(([x, y], channel) => {
      const [dx, dy] = [x + panel.tile / 2 - from[0], y + panel.tile / 2 - from[1]];
      const ahead = dx * across + dy * down;
      const aside = Math.abs(dx * down) + Math.abs(dy * across);
      const distance = ahead + 3 * aside;
      if (ahead > 2 && (!best || distance < best.distance)) {
        best = { distance, what: { layer: panel.part.layer, channel, at: channel * height * width } };
      }
    });
  }
  return best ? best.what : here;
}

function middle(picture, { layer, channel }) {
  const panel = picture.layout.panels.find(({ part }) => part.layer === layer);
  const [x, y] = panel.places[channel];
  return [x + panel.tile / 2, y + panel.tile / 2];
}

function nextPixel(picture, here, [across, down]) {
  const [, height, width] = picture.about.of(here.layer).shape;
  const place = here.at % (height * width);
  const column = Math.max(0, Math.min(width - 1, (place % width) + across));
  const row = Math.max(0, Math.min(height - 1, Math.floor(place / width) + down));
  return { ...here, at: here.channel * height * width + row * width + column };
}

/** The map's pixel furthest from 0. */
function brightest(picture, { layer, channel }) {
  const [, height, width] = picture.about.of(layer).shape;
  const values = picture.valuesOf(layer);
  let best = channel * height * width;
  for (let i = best; i < (channel + 1) * height * width; i++) if (Math.abs(values[i]) > Math.abs(values[best])) best = i;
  return best;
}
