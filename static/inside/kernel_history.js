// A layer's kernels as pictures, after any of the saved epochs: all of them are fetched once, the slider only draws.

import { after, epochSlider, isNews } from "../common/epochs.js";
import { isDark, palette } from "./living/colour.js";

const GAP = 1; // weights between kernels, in the colour of the page
const BLOCK = 60; // CSS pixels of a small kernel's side, about
const ENLARGED = 76; // the same of the chosen one's planes
const WAIT = 250; // milliseconds after the last arrow key, before the server hears of the choice

export default function ({ data, parentElement, setTriggerValue, failed }) {
  const root = parentElement.querySelector(".kernel-history");
  root.state?.leave();
  const state = (root.state = view(root, data, (unit) => setTriggerValue("unit", unit), root.state, failed));
  return () => state.leave();
}

function view(root, data, choose, before, failed) {
  const { epochs, units, planes, height, width } = data;
  const isSameLayer = before?.file === data.file;
  let place = isSameLayer && before.given === data.place ? before.place() : data.place;
  let unit = data.unit;
  let values = null; // Int16Array, after [epoch, unit, plane, row, column]
  let timer = 0;
  const size = planes * height * width;
  const [all, one] = root.querySelectorAll("canvas");
  const [ring, told] = [root.querySelector(".ring"), root.querySelector(".told")];
  const unitOf = (epoch, which) => values.subarray((epoch * units + which) * size, (epoch * units + which + 1) * size);
  const slider = epochSlider(root.querySelector(".epochs"), epochs, place, (wanted) => {
    place = wanted;
    draw();
  });
  let colours = palette(data.plus, data.minus, isDark(root));
  let plan = layout(data, root.clientWidth);

  function colour(value) {
    const share = Math.max(-1, Math.min(1, (value * data.unit_value) / data.reach));
    return colours.table[255 + Math.round(255 * share)];
  }
  function paint(canvas, { across, down, place: placed }, which) {
    canvas.width = across;
    canvas.height = down;
    const pixels = new ImageData(across, down);
    const words = new Uint32Array(pixels.data.buffer);
    for (const number of which) {
      const kernel = unitOf(place, number);
      for (let plane = 0, i = 0; plane < planes; plane++) {
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++, i++) words[placed(number, plane, y, x)] = colour(kernel[i]);
        }
      }
    }
    canvas.getContext("2d").putImageData(pixels, 0, 0);
  }
  function draw() {
    if (!values) return;
    paint(all, plan.all, Array.from({ length: units }, (_, i) => i));
    all.style.width = `${plan.all.across * plan.all.scale}px`;
    paint(one, plan.one, [unit]);
    one.style.width = `${plan.one.across * plan.one.scale}px`;
    const { left, top, wide, high } = plan.all.box(unit);
    const percent = (part, whole) => `${(100 * part) / whole}%`;
    Object.assign(ring.style, {
      left: percent(left, plan.all.across),
      top: percent(top, plan.all.down),
      width: percent(wide, plan.all.across),
      height: percent(high, plan.all.down),
      display: "block",
    });
    const words = `${data.unit_name} ${unit} ${after(epochs[place])}: ${figures()}`;
    told.textContent = words[0].toUpperCase() + words.slice(1);
    all.setAttribute("aria-label", `${data.alt} ${after(epochs[place])}. Arrow keys choose a ${data.unit_name}.`);
    one.setAttribute("aria-label", told.textContent);
    root.dataset.shown = `${epochs[place]} ${unit}`;
  }
  function figures() {
    const [now, first] = [unitOf(place, unit), unitOf(0, unit)];
    let [low, high, moved, length] = [Infinity, -Infinity, 0, 0];
    for (let i = 0; i < size; i++) {
      low = Math.min(low, now[i]);
      high = Math.max(high, now[i]);
      moved += (now[i] - first[i]) ** 2;
      length += first[i] ** 2;
    }
    const number = (value) => (value * data.unit_value).toFixed(3).replace("-", "−");
    const share = length ? ` (${Math.round(100 * Math.sqrt(moved / length))} % of its length then)` : "";
    const from = epochs[0] === 0 ? "the start" : `epoch ${epochs[0]}`;
    return `weights from ${number(low)} to ${number(high)}, moved ${number(Math.sqrt(moved))} from ${from}${share}.`;
  }
  function choosing(wanted, isAtOnce) {
    if (wanted < 0 || wanted >= units || !values) return;
    unit = wanted;
    draw();
    clearTimeout(timer);
    timer = setTimeout(() => choose(unit), isAtOnce ? 0 : WAIT);
  }

  all.onclick = (event) => {
    const box = all.getBoundingClientRect();
    const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    choosing(plan.all.at(x * plan.all.across, y * plan.all.down), true);
  };
  all.onkeydown = (event) => {
    const step = plan.all.steps[event.key];
    if (!step) return;
    event.preventDefault();
    choosing(unit + step, false);
  };
  const watched = new ResizeObserver(() => {
    plan = layout(data, root.clientWidth);
    draw();
  });
  const theme = new MutationObserver(() => {
    colours = palette(data.plus, data.minus, isDark(root));
    legend(root.querySelector(".legend"), data, colours);
    draw();
  });
  theme.observe(document.documentElement, { attributes: true, attributeFilter: ["style", "class"] });
  for (let node = root; node; node = node.parentElement) {
    theme.observe(node, { attributes: true, attributeFilter: ["style", "class"] });
    if (node.classList.contains("stApp")) break;
  }
  legend(root.querySelector(".legend"), data, colours);
  fetched(data.file).then((found) => {
    values = found;
    watched.observe(root);
    draw();
    if (isNews(data.play)) {
      slider.show(0);
      slider.play();
    }
  }, failed);
  return {
    file: data.file,
    given: data.place,
    place: () => place,
    leave() {
      slider.stop();
      clearTimeout(timer);
      watched.disconnect();
      theme.disconnect();
    },
  };
}

const files = new Map(); // what was fetched, by address

function fetched(address) {
  if (!files.has(address)) {
    const answer = fetch(new URL(address, document.baseURI)).then((response) => {
      if (!response.ok) throw new Error(`${response.status} for ${address}`);
      return response.arrayBuffer();
    });
    files.set(address, answer.then((content) => new Int16Array(content)));
    answer.catch(() => files.delete(address));
  }
  return files.get(address);
}

/** Where each weight goes on both pictures: of all kernels, and of the chosen one. */
function layout({ units, planes, height, width }, available) {
  const isPicture = height > 1;
  // A kernel of many planes is a strip, and the strips stand side by side where there are more kernels than planes.
  const isUpright = planes > 1 && units > planes;
  const [high, wide] = isUpright ? [planes * (height + GAP) - GAP, width] : [height, planes * (width + GAP) - GAP];
  const small = Math.max(1, Math.round(BLOCK / Math.max(height, width)));
  const fits = Math.floor((available + GAP * small) / ((wide + GAP) * small));
  const columns = isUpright ? units : planes > 1 || !isPicture ? 1 : Math.max(1, Math.min(units, fits));
  const across = columns * (wide + GAP) - GAP;
  const down = Math.ceil(units / columns) * (high + GAP) - GAP;
  const whole = Math.max(1, Math.min(isPicture ? 6 : 12, Math.floor(available / across)));
  const corner = (unit) => [(unit % columns) * (wide + GAP), Math.floor(unit / columns) * (high + GAP)];
  const all = {
    across,
    down,
    scale: planes > 1 || !isPicture ? whole : small,
    steps: { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns < units ? columns : 1, ArrowUp: columns < units ? -columns : -1 },
    place(unit, plane, y, x) {
      const [left, top] = corner(unit);
      const [right, below] = isUpright ? [0, plane * (height + GAP)] : [plane * (width + GAP), 0];
      return (top + below + y) * across + left + right + x;
    },
    box(unit) {
      const [left, top] = corner(unit);
      return { left, top, wide, high };
    },
    at: (x, y) => Math.floor(y / (high + GAP)) * columns + Math.min(columns - 1, Math.floor(x / (wide + GAP))),
  };
  return { all, one: enlarged(planes, height, width, available) };
}

function enlarged(planes, height, width, available) {
  if (height === 1) {
    const columns = Math.min(width, Math.max(8, Math.floor(available / 16)), 64);
    const place = (_unit, _plane, _y, x) => Math.floor(x / columns) * columns + (x % columns);
    return { across: columns, down: Math.ceil(width / columns), scale: 16, place };
  }
  const scale = Math.max(1, Math.round(ENLARGED / Math.max(height, width) / (planes > 40 ? 2 : 1)) * (planes === 1 ? 2 : 1));
  const columns = Math.max(1, Math.min(planes, Math.floor((available + scale) / ((width + GAP) * scale))));
  const across = columns * (width + GAP) - GAP;
  const place = (_unit, plane, y, x) =>
    (Math.floor(plane / columns) * (height + GAP) + y) * across + (plane % columns) * (width + GAP) + x;
  return { across, down: Math.ceil(planes / columns) * (height + GAP) - GAP, scale, place };
}

function legend(node, { reach, is_cut }, colours) {
  const stops = Array.from({ length: 21 }, (_, i) => colours.css(i / 10 - 1)).join(", ");
  const number = reach.toPrecision(2);
  const [less, more] = is_cut ? [" or less", " or more"] : ["", ""];
  node.replaceChildren();
  for (const text of [`−${number}${less}`, "", `${number}${more}`]) {
    const part = document.createElement("span");
    part.textContent = text;
    if (!text) {
      part.className = "ramp";
      part.style.background = `linear-gradient(to right, ${stops})`;
    }
    node.append(part);
  }
}
