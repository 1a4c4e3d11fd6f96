// The network as one picture: its maps, the lines between them, the words around them and the ten answers.

import { anatomy, IMAGE, INPUT, parametersInWords, sizeInWords } from "./anatomy.js";
import { isDark, palette, reach } from "./colour.js";
import { drawFlow, drawWay } from "./flow.js";
import { layOut } from "./layout.js";
import { element, inPercent } from "./nodes.js";
import { makeScreen, paintGrey, paintMaps, show } from "./paint.js";
import { answered, session } from "./session.js";
import { trace } from "./trace.js";

const DIGITS = [...Array(10).keys()];

/** The picture of `session.network` on the nodes of `stage` (see ui/inside/living.py).
 *
 * `frame()` computes the layers and draws everything, `fit(width, height)` lays it out anew, `about` is the network's anatomy.
 */
export function makePicture(stage, colours, onDigit) {
  const [flow, maps, way, words] = ["flow", "maps", "way", "words"].map((name) => stage.querySelector(`.living-${name}`));
  const picture = { network: session.network, about: anatomy(session.network), layout: null, screen: null, palette: null, scales: new Map(), plane: null };
  let feet = new Map();
  let bars = [];

  picture.fit = (width, height) => {
    const ratio = Math.min(3, window.devicePixelRatio || 1);
    picture.palette = palette(colours.plus, colours.minus, isDark(stage));
    picture.layout = layOut(picture.about, width, height);
    picture.ratio = ratio;
    stage.style.height = `${picture.layout.height}px`;
    picture.screen = makeScreen(maps, picture.layout, ratio);
    for (const canvas of [flow, way]) [canvas.width, canvas.height] = [maps.width, maps.height];
    for (const canvas of [flow, maps, way]) Object.assign(canvas.style, { width: `${picture.layout.width}px`, height: `${picture.layout.height}px` });
    words.replaceChildren(...picture.layout.heads.map((head) => heading(head, picture.layout.isWide)));
    feet = new Map();
    for (const panel of picture.layout.panels) {
      const foot = footer(panel, picture.layout);
      if (foot) {
        feet.set(panel.part.layer, foot.lastChild);
        words.append(foot);
      }
    }
    bars = DIGITS.map((digit) => answerBar(digit, picture.layout.bars, onDigit));
    words.append(...bars.map(({ node }) => node));
  };

  picture.valuesOf = (layer) => {
    if (layer === IMAGE) return session.image;
    return layer === INPUT ? picture.plane : session.network.layers[layer].output;
  };

  picture.frame = () => {
    const { network, image, view } = session;
    picture.plane = network.look(image, view).slice();
    paintGrey(picture.screen, IMAGE, image);
    for (const { layer } of picture.about.parts) {
      if (layer === IMAGE) continue;
      const values = picture.valuesOf(layer);
      const scale = reach(values);
      picture.scales.set(layer, scale);
      paintMaps(picture.screen, layer, values, scale, picture.palette.table);
      const foot = feet.get(layer);
      if (foot) foot.textContent = `±${scale < 100 ? scale.toPrecision(2) : Math.round(scale)}`;
    }
    show(picture.screen);
    showBars(bars);
    picture.follow();
  };

  /** The lines: of the value that is chosen, or of the digit. */
  picture.follow = () => {
    const { layers } = session.network;
    const { layer, gradient } = traced(layers);
    const found = trace(session.network, picture.plane, layer, gradient);
    drawFlow(flow.getContext("2d"), picture.layout, found, picture.palette, picture.ratio);
    drawWay(way.getContext("2d"), picture.layout, session.path, picture.palette, picture.ratio);
    for (const { node, digit } of bars) node.setAttribute("aria-pressed", digit === digitOfLines());
  };
  return picture;
}

/** Where the lines lead: a layer, and 1 at the value in it. */
function traced(layers) {
  const value = linesTo();
  return value && typeof value.layer === "number" ? oneAt(layers, value.layer, value.at) : oneAt(layers, layers.length - 1, digitOfLines());
}

/** The value that the lines lead to, the last on the way, or the first where it has come to the image; null: the answer. */
export function linesTo() {
  const { path } = session;
  const isBehind = (place) => place && place.layer !== IMAGE && place.layer !== INPUT;
  return [path[path.length - 1], path[0]].find(isBehind) ?? null;
}

/** The digit that the lines lead to, or else the one that is answered. */
export function digitOfLines() {
  const value = linesTo();
  return value && typeof value.layer === "string" ? value.at : answered();
}

function oneAt(layers, layer, at) {
  const gradient = new Float64Array(layers[layer].output.length);
  gradient[at] = 1;
  return { layer, gradient };
}

function heading({ stage, x, y, w }, isWide) {
  const node = element("div", "living-head");
  Object.assign(node.style, { left: `${x}px`, top: `${y}px`, width: `${isWide ? Math.max(w, 92) : w}px` });
  if (isWide && w < 92) node.style.left = `${x - (92 - w) / 2}px`;
  const parameters = stage.reduce((sum, part) => sum + part.parameters, 0);
  const lines = [stage[0].title, sizeInWords(stage[0])];
  if (parameters) lines.push(parametersInWords(parameters));
  node.append(...lines.map((line, i) => element("div", i ? "living-size" : "living-title", line)));
  return node;
}

/** What a layer does, and the value of its full colour; the last child holds that value. */
function footer(panel, { isWide }) {
  const { part } = panel;
  if (part.kind === "image") return null;
  const node = element("div", `living-foot ${isWide ? "" : "living-caption"}`);
  const [x, y] = isWide ? [panel.x + panel.w / 2, panel.y + panel.h + 6] : [panel.x, panel.y - 20];
  if (part.kind === "input") Object.assign(node.style, { left: `${panel.x + panel.w / 2}px`, top: `${panel.y + panel.h + 3}px` });
  else Object.assign(node.style, { left: `${x}px`, top: `${y}px` });
  if (part.kind === "input") node.classList.remove("living-caption");
  if (part.kind !== "input") node.append(element("div", "", isWide ? part.short : [part.title, sizeInWords(part), part.parameters ? parametersInWords(part.parameters) : ""].filter(Boolean).join(", ")));
  node.append(element("div", "living-scale"));
  return node;
}

function answerBar(digit, { x, y, w, pitch }, onDigit) {
  const node = element("button", "living-answer");
  node.type = "button";
  node.dataset.digit = digit;
  Object.assign(node.style, { left: `${x}px`, top: `${y + digit * pitch}px`, width: `${w}px`, height: `${pitch}px` });
  const [track, fill, share] = [element("span", "living-track"), element("span", "living-fill"), element("span", "living-share")];
  track.append(fill);
  node.append(element("b", "", digit), track, share);
  node.addEventListener("click", () => onDigit(digit));
  return { node, fill, share, digit };
}

function showBars(bars) {
  const { probabilities } = session;
  const answer = answered();
  for (const { node, fill, share, digit } of bars) {
    const percent = inPercent(probabilities[digit]);
    fill.style.width = `${100 * probabilities[digit]}%`;
    share.textContent = percent;
    node.classList.toggle("living-is-answer", digit === answer);
    node.setAttribute("aria-label", `${digit}, ${percent}: show what speaks for it`);
  }
}
