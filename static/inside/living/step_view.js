// One step of a value's way, drawn: patches, kernels and products as coloured numbers, sums as lines that add up.

import { channelInWords, placeInWords } from "./anatomy.js";
import { reach } from "./colour.js";
import { button, element } from "./nodes.js";
import { addUp, number, rounded, weightText, written } from "./sums.js";

const FEW = 8; // terms that are listed; the others are one line
const HOW = {
  convolution: "A convolution: each number under the kernel times the kernel's number at that place, all added up.",
  linear: "A linear layer: every value before it times a weight of its own, all added up.",
  scale: "Batch norm: times one number and plus another, both the same for the whole map.",
  relu: "ReLU: what is below 0 becomes 0, the rest stays.",
  max_pool: "Max pooling: the largest of these numbers is kept, the others are dropped.",
  mean_pool: "Mean pooling: the mean of the whole map.",
  input: "The pixel's level, 0 to 255, made a share of 255; then the mean of all training pixels is taken off, and the rest divided by their standard deviation.",
  turned: "This view is turned and scaled: a pixel of it lies between pixels of the image, and is their weighted mean.",
  image: "A pixel of the image: 0 is paper, 255 the strongest ink. The way back ends here.",
};

/** Nodes for what `explain` (steps.js) found. `go(place)` goes back to a term, `choose(channel)` to another input map. */
export function stepNodes(found, before, view) {
  return [element("p", "value-how", HOW[found.kind]), ...VIEWS[found.kind](found, before, view)];
}

const VIEWS = {
  convolution(found, before, { go, choose, channel, css }) {
    const total = rounded(found.value);
    const sums = found.patches.map(({ sum }) => sum);
    const units = addUp(found.bias === null ? sums : [...sums, found.bias], total);
    const shown = Math.max(0, found.patches.findIndex((patch) => patch.channel === channel));
    const patch = found.patches[shown];
    const products = addUp(patch.cells.map(({ product }) => product), units[shown]);
    const texts = { values: patch.cells.map(({ value }) => number(value)), weights: patch.cells.map(({ weight }) => weightText(weight)), products: products.map(written) };
    const shades = (key) => {
      const scale = reach(patch.cells.map((cell) => cell[key]));
      return patch.cells.map((cell) => css(cell[key] / scale));
    };
    const places = patch.cells.map(({ place }) => place);
    const name = channelInWords(before, patch.channel);
    const row = element("div", "value-row");
    row.append(
      numbers(`${before.title}${before.shape[0] > 1 ? `, ${name}` : ""}: the patch`, found.side, texts.values, shades("value"), places, go, "value-patch"),
      element("span", "value-sign", "×"),
      numbers("The kernel", found.side, texts.weights, shades("weight"), null, null, "value-kernel"),
      element("span", "value-sign", "="),
      numbers("The products", found.side, texts.products, shades("product"), places, go, "value-products"),
    );
    const lines = found.patches.map((one, i) => ({
      text: found.patches.length > 1 ? channelInWords(before, one.channel) : "sum of the products",
      units: units[i],
      act: found.patches.length > 1 ? () => choose(one.channel) : null,
      isShown: found.patches.length > 1 && i === shown,
    }));
    const caption = found.patches.length > 1 ? `What each map of ${before.title} gives: the sum of its products` : "";
    return [row, ledger(lines, found.bias === null ? null : units[units.length - 1], total, shown, caption)];
  },

  linear(found, before, { go }) {
    const total = rounded(found.value);
    const units = addUp([...found.terms.map(({ sum }) => sum), ...(found.bias === null ? [] : [found.bias])], total);
    const lines = found.terms.map(({ value, weight, place }, i) => ({
      text: `${before.title}, ${placeInWords(before, place.at)}`,
      product: `${number(value)} × ${weightText(weight)}`,
      units: units[i],
      act: () => go(place),
    }));
    return [ledger(lines, found.bias === null ? null : units[units.length - 1], total, 0)];
  },

  scale({ given, place, factor, shift, value }, _, { go }) {
    const [product, added] = addUp([given * factor, shift], rounded(value));
    return [
      sentence([term(given, place, go), " × ", fixed(weightText(factor)), " = ", written(product)]),
      sentence([written(product), " + ", fixed(added < 0 ? `(${written(added)})` : written(added)), " = ", result(value)], "value-sum"),
    ];
  },

  relu({ given, place, value }, _, { go }) {
    return [sentence(["the larger of ", fixed("0"), " and ", term(given, place, go), " = ", result(value)], "value-sum")];
  },

  max_pool({ side, cells, value }, before, { go, css }) {
    const scale = reach(cells.map((cell) => cell.value));
    const table = numbers(before.title, side, cells.map((cell) => number(cell.value)), cells.map((cell) => css(cell.value / scale)), cells.map(({ place }) => place), go, "value-patch");
    table.querySelectorAll("td")[cells.findIndex(({ isTaken }) => isTaken)].classList.add("value-taken");
    return [table, sentence(["the largest = ", result(value)], "value-sum")];
  },

  mean_pool({ side, cells, value }, before, { go, css }) {
    const sum = cells.reduce((all, cell) => all + cell.value, 0);
    const scale = reach(cells.map((cell) => cell.value));
    const units = addUp(cells.map((cell) => cell.value), rounded(sum));
    const table = numbers(before.title, side, units.map(written), cells.map((cell) => css(cell.value / scale)), cells.map(({ place }) => place), go, "value-patch");
    return [table, sentence(["the sum ", fixed(written(rounded(sum))), ` ÷ ${cells.length} = `, result(value)], "value-sum")];
  },

  input({ level, mean, std, value, place }, _, { go }) {
    return [
      sentence([term(level, place, go, String(level)), " ÷ 255 = ", number(level / 255)]),
      sentence(["(", number(level / 255), " − ", fixed(mean), ") ÷ ", fixed(std), " = ", result(value)], "value-sum"),
    ];
  },

  turned({ parts, outside, mean, std, value }, _, { go }) {
    const normal = (level) => (level / 255 - mean) / std;
    const all = [...parts.map(({ level, share }) => share * normal(level)), ...(outside ? [outside * normal(0)] : [])];
    const total = rounded(value);
    const units = addUp(all, total);
    const lines = parts.map(({ level, share, place }, i) => ({
      text: `pixel of level ${level}: (${number(level / 255)} − ${mean}) ÷ ${std}`,
      product: `${number(normal(level))} × ${weightText(share)}`,
      units: units[i],
      act: () => go(place),
    }));
    if (outside) lines.push({ text: "paper outside the image", product: `${number(normal(0))} × ${weightText(outside)}`, units: units[units.length - 1], act: null });
    return [ledger(lines, null, total, 0)];
  },

  image({ value }) {
    return [sentence(["level ", fixed(String(value)), " of 255"], "value-sum")];
  },
};

/** A table of numbers on their colours, `side` a row; a cell that has a place leads there. */
function numbers(title, side, texts, colours, places, go, name) {
  const figure = element("figure", `value-numbers ${name}`);
  const table = element("table");
  for (let start = 0; start < texts.length; start += side) {
    const row = element("tr");
    for (let i = start; i < start + side; i++) {
      const cell = element("td");
      cell.style.setProperty("--shade", colours[i]);
      cell.append(places?.[i] ? button("value-term", texts[i], () => go(places[i])) : element("span", places ? "value-outside" : "", texts[i]));
      row.append(cell);
    }
    table.append(row);
  }
  table.addEventListener("keydown", moveInTable);
  figure.append(element("figcaption", "", title), table);
  return figure;
}

/** The arrows go from cell to cell. */
function moveInTable(event) {
  const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  const cell = event.target.closest("td");
  if (!step || !cell) return;
  const row = cell.parentElement;
  const next = row.parentElement.children[row.rowIndex + step[1]]?.children[cell.cellIndex + step[0]];
  next?.querySelector("button")?.focus();
  event.preventDefault();
}

/** Lines that add up: the strongest terms, the rest in one, the bias, the total. `shown` is listed in any case. */
function ledger(lines, bias, total, shown, caption = "") {
  const table = element("table", "value-ledger");
  if (caption) table.append(element("caption", "", caption));
  const listed = lines.length > FEW + 1 ? lines.slice(0, FEW) : lines;
  if (shown >= listed.length) listed.push(lines[shown]);
  const rest = lines.filter((line) => !listed.includes(line));
  const add = (name, head, middle, units) => {
    const row = element("tr", name);
    const [text, product] = [element("th"), element("td", "value-product", middle)];
    text.scope = "row";
    text.append(head);
    row.append(text, product, element("td", "value-units", written(units)));
    table.append(row);
  };
  for (const { text, product, units, act, isShown } of listed) {
    const head = act ? button("value-term", text, act) : text;
    if (isShown) head.setAttribute("aria-current", "true");
    add("value-line", head, product ?? "", units);
  }
  if (rest.length) add("value-line", `the other ${rest.length}`, "", rest.reduce((sum, { units }) => sum + units, 0));
  if (bias !== null) add("value-line", "bias", "", bias);
  add("value-total", "sum", "", total);
  return table;
}

function sentence(parts, name = "") {
  const node = element("p", `value-sentence ${name}`);
  node.append(...parts);
  return node;
}

const term = (value, place, go, text = number(value)) => button("value-term value-given", text, () => go(place));
const fixed = (text) => element("span", "value-fixed", String(text));
const result = (value) => element("b", "value-result", number(value));
