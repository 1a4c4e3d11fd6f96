// One value, worked out: mounted by ui/inside/living.py beside the picture (living.js).

import { loadNetwork } from "../../engine/reader.js";
import { withArticle } from "../../engine/warning.js";
import { anatomy, IMAGE, placeInWords } from "./anatomy.js";
import { lossNodes, probabilityNodes, viewNodes } from "./answer_view.js";
import { isDark, palette } from "./colour.js";
import { button, element } from "./nodes.js";
import { answered, begin, change, chosen, listen, session } from "./session.js";
import { answerOf, explain, strongestBefore, valueAt } from "./steps.js";
import { stepNodes } from "./step_view.js";
import { number } from "./sums.js";

const PAUSE = 120; // milliseconds that the pen rests before the numbers follow it
const done = new Set(); // the experiments that were set up

export default function ({ data, parentElement, failed }) {
  const root = parentElement.querySelector(".value");
  root.value ??= start(root);
  root.value.update(data).catch((error) => {
    failed();
    throw error;
  });
  return () => {
    root.value?.stop();
    delete root.value;
  };
}

function start(root) {
  const [way, told, body] = [".value-way", ".value-told", ".value-body"].map((name) => root.querySelector(name));
  let data = null;
  let about = null;
  let channel = null; // the input map whose patch is shown; null: the one that gave most
  let timer = 0;

  const last = () => session.network.layers.length - 1;
  const place = () => chosen() ?? { layer: "probability", at: answered() };
  const go = (next) => {
    channel = null;
    const view = next.layer === "view" ? { view: next.view } : {};
    change({ path: [...(session.path.length ? session.path : [place()]), next], ...view });
    way.lastElementChild?.querySelector("[aria-current]")?.focus();
  };
  const back = (length) => {
    channel = null;
    change({ path: session.path.slice(0, length) });
  };

  /** The network looks at the digit anew: its layers hold what was computed last, perhaps of another view. */
  const look = () => {
    const { network, image, view } = session;
    return { network, image, view, plane: network.look(image, view).slice() };
  };

  const draw = () => {
    if (!about || !session.image) return;
    const now = place();
    const answer = typeof now.layer === "string" ? answerOf(session) : null;
    const seen = look();
    const title = nameOf(about, now);
    drawWay(now, title);
    const { table, ...rest } = palette(data.plus, data.minus, isDark(root));
    if (now.layer === "probability") {
      told.textContent = `The answer ${now.at} has the probability ${number(answer.answer[now.at])}.`;
      body.replaceChildren(...probabilityNodes(answer, now.at, last(), go));
    } else if (now.layer === "view") {
      told.textContent = `View ${now.view + 1} gives ${now.at} the probability ${number(answer.views[now.view].probabilities[now.at])}.`;
      body.replaceChildren(...viewNodes(answer, now.view, now.at, last(), go));
    } else if (now.layer === "loss") {
      told.textContent = `If the digit is ${withArticle(now.at)}, the loss is ${number(-Math.log(answer.answer[now.at]))}.`;
      body.replaceChildren(...lossNodes(answer, now.at, go, (label) => change({ path: [{ layer: "loss", at: label }] })));
    } else {
      const before = about.parts[Math.max(0, now.layer - IMAGE - 1)];
      const value = valueAt(seen, now);
      told.textContent = `${title} is ${now.layer === IMAGE ? value : number(value)}.`;
      const choose = (other) => {
        channel = other;
        draw();
        body.querySelector('[aria-current="true"]')?.focus();
      };
      body.replaceChildren(...stepNodes(explain(seen, now), before, { go, choose, channel, css: rest.css }));
    }
    root.dataset.place = JSON.stringify(now);
  };

  const drawWay = (now, title) => {
    const path = session.path.length ? session.path : [now];
    way.replaceChildren(...path.map((one, i) => {
      const item = element("li");
      const isHere = i === path.length - 1;
      const node = button("value-crumb", isHere ? title : titleOf(about, one), () => back(i + 1));
      node.title = nameOf(about, one);
      if (isHere) node.setAttribute("aria-current", "step");
      item.append(node);
      return item;
    }));
  };

  const heard = (changes) => {
    if (session.network !== about?.network && session.network) about = { ...anatomy(session.network), network: session.network };
    if ("path" in changes) channel = null;
    clearTimeout(timer);
    if ("image" in changes) timer = setTimeout(draw, PAUSE);
    else draw();
  };
  const stopListening = listen(heard);

  root.querySelector(".value-answer").addEventListener("click", () => change({ path: [{ layer: "probability", at: answered() }] }));
  root.querySelector(".value-loss").addEventListener("click", () => change({ path: [{ layer: "loss", at: data.label ?? answered() }] }));
  root.querySelector(".value-back").addEventListener("click", () => back(Math.max(0, session.path.length - 1)));
  root.querySelector(".value-strongest").addEventListener("click", () => {
    const next = before(place());
    if (next) go(next);
  });

  /** The strongest term of a place. */
  const before = (now) => {
    if (now.layer === "loss") return { layer: "probability", at: now.at };
    if (now.layer === "probability" && session.network.program.views.length) return { layer: "view", at: now.at, view: session.view ?? 0 };
    if (typeof now.layer === "string") return { layer: last(), at: now.at };
    return strongestBefore(look(), now);
  };

  const toThePixel = () => {
    const path = [{ layer: "probability", at: answered() }];
    for (let next = before(path[0]); next; next = before(next)) {
      path.push(next);
      if (next.layer === "view") session.view = next.view;
      if (path.length > 64) break;
    }
    change({ path, view: session.view });
  };

  const update = async (given) => {
    data = given;
    const network = await loadNetwork(given.network);
    if (data !== given || !root.isConnected) return;
    begin(network, given.image);
    heard({});
    if (given.task && !done.has(given.task.id) && given.task.name === "to-the-pixel") {
      done.add(given.task.id);
      toThePixel();
    }
    root.dataset.ready = given.network;
  };
  const stop = () => {
    stopListening();
    clearTimeout(timer);
  };
  return { update, stop };
}

/** Without the place in the layer. */
const titleOf = (about, place) => (typeof place.layer === "string" ? nameOf(about, place) : about.of(place.layer).title);

function nameOf(about, { layer, at, view }) {
  if (layer === "probability") return `Probability of ${at}`;
  if (layer === "loss") return `Loss if it is ${withArticle(at)}`;
  if (layer === "view") return `View ${view + 1}: probability of ${at}`;
  const part = about.of(layer);
  return `${part.title}, ${placeInWords(part, at)}`;
}

