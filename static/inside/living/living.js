// The living network: mounted by ui/inside/living.py.

import { loadNetwork } from "../../engine/reader.js";
import { takeKeys } from "./keys.js";
import { showLegend } from "./legend.js";
import { under } from "./layout.js";
import { digitOfLines, linesTo, makePicture } from "./picture.js";
import { begin, change, chosen, handedOver, listen, ranked, session } from "./session.js";
import { savePicture } from "./still.js";
import { writeWords } from "./words.js";
import { inWords, makeZoom } from "./zoom.js";

const HEIGHT = 650; // of the picture from left to right
const done = new Set(); // the experiments that were set up

export default function ({ data, parentElement, failed }) {
  const root = parentElement.querySelector(".living");
  root.living ??= start(root);
  root.living.update(data).catch((error) => {
    failed();
    throw error;
  });
  return () => {
    root.living?.stop();
    delete root.living;
  };
}

function start(root) {
  const find = (name) => root.querySelector(name);
  const stage = find(".living-stage");
  const maps = find(".living-maps");
  let data = null;
  let picture = null;
  let zoom = null;
  let waiting = null; // the image that the next frame shows
  let [width, colours] = [0, ""];

  /** Show a digit; it is drawn once before the next repaint, however often the pen moved meanwhile. */
  const draw = (image) => {
    if (waiting === null) requestAnimationFrame(() => {
      const now = waiting;
      waiting = null;
      if (picture) change({ image: now, probabilities: session.network.answer(now) });
    });
    waiting = image;
  };
  const heard = (changes) => {
    if (!picture || picture.network !== session.network) return;
    find(".living-view").value = session.view ?? "";
    if ("image" in changes || "view" in changes || "network" in changes) picture.frame();
    else picture.follow();
    if (zoom.shown) zoom.refresh();
    marks();
    tell();
  };
  const stopListening = listen(heard);
  const hearPen = ({ detail }) => {
    session.isDrawing = !detail.done;
    const image = detail.image ?? handedOver(); // without ink the paper shows what the server has chosen instead
    if (image) draw(image);
    if (detail.done) setTimeout(() => writeWords(find(".living-table"), picture), 0);
  };
  window.addEventListener("mnist-lab:digit", hearPen);

  /** The frame around the map that is pointed at, and around the value that is worked out. */
  const marks = () => {
    place(find(".living-here"), zoom.shown);
    const value = chosen();
    const isMap = value && typeof value.layer === "number";
    const part = isMap && picture.about.of(value.layer);
    place(find(".living-chosen"), isMap ? { layer: value.layer, channel: Math.floor(value.at / (part.shape[1] * part.shape[2])), at: value.at } : null);
  };
  const place = (node, what) => {
    node.hidden = !what;
    if (!what) return;
    const panel = picture.layout.panels.find(({ part }) => part.layer === what.layer);
    const [x, y] = panel.places[what.channel];
    Object.assign(node.style, { left: `${x - 2}px`, top: `${y - 2}px`, width: `${panel.tile + 4}px`, height: `${panel.tile + 4}px` });
  };
  const tell = () => {
    const value = linesTo();
    find(".living-lines").textContent = typeof value?.layer === "number" ? "the framed value" : `the ${digitOfLines()}`;
  };

  const show = (what, isOpen) => {
    zoom.show(what, isOpen);
    marks();
    const part = picture.about.of(what.layer);
    find(".living-aloud").textContent = `${part.title}. ${inWords(part, picture.valuesOf(what.layer), what, false)}`;
  };
  const hide = () => {
    zoom.hide();
    marks();
  };
  const pick = (layer, at) => change({ path: [{ layer, at }] });
  const pointed = (event) => {
    const box = maps.getBoundingClientRect();
    const found = under(picture.layout, event.clientX - box.left, event.clientY - box.top);
    return found && { layer: found.panel.part.layer, channel: found.channel, at: found.at };
  };
  maps.addEventListener("pointermove", (event) => {
    if (!picture || zoom.isOpen || event.pointerType === "touch") return;
    const what = pointed(event);
    if (what) show(what, false);
    else if (zoom.shown) hide();
  });
  maps.addEventListener("pointerleave", () => zoom && !zoom.isOpen && hide());
  maps.addEventListener("click", (event) => {
    const what = picture && pointed(event);
    if (!what) return zoom && hide();
    show(what, picture.about.of(what.layer).shape[1] > 1);
    pick(what.layer, what.at);
  });
  takeKeys(maps, { picture: () => picture, zoom: () => zoom, show, hide, pick });

  const onDigit = (digit) => change({ path: [{ layer: "probability", at: digit }] });
  find(".living-save").addEventListener("click", () => picture && savePicture(stage, picture, data));
  const full = find(".living-full");
  full.hidden = !document.fullscreenEnabled;
  full.addEventListener("click", () => (document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen()));
  root.addEventListener("fullscreenchange", () => {
    full.textContent = document.fullscreenElement === root ? "Leave full screen" : "Full screen";
  });
  find(".living-table").addEventListener("toggle", () => picture && writeWords(find(".living-table"), picture));
  find(".living-view").addEventListener("change", ({ target }) => change({ view: target.value === "" ? null : Number(target.value) }));

  const fit = () => {
    const colour = getComputedStyle(root).getPropertyValue("--st-background-color");
    if (!picture || !stage.clientWidth || (stage.clientWidth === width && colour === colours)) return;
    [width, colours] = [stage.clientWidth, colour];
    picture.fit(width, document.fullscreenElement === root ? window.innerHeight - 150 : HEIGHT);
    showLegend(find(".living-legend"), picture.palette);
    heard({ image: session.image });
  };
  const sizes = new ResizeObserver(fit);
  sizes.observe(stage);
  const theme = new MutationObserver(fit);
  theme.observe(document.documentElement, { attributes: true });
  for (let node = root; node; node = node.parentElement) theme.observe(node, { attributes: true, attributeFilter: ["style", "class"] });

  const update = async (given) => {
    data = given;
    const network = await loadNetwork(given.network);
    if (data !== given || !root.isConnected) return;
    begin(network, given.image);
    if (picture?.network !== network) {
      picture = makePicture(stage, given, onDigit);
      zoom = makeZoom(find(".living-zoom"), picture, pick, hide);
      chooseViews(find(".living-views"), find(".living-view"), network.program);
      find(".living-wait").hidden = true;
      width = 0;
      fit();
    }
    if (given.task && !done.has(given.task.id) && given.task.name === "runner-up") {
      done.add(given.task.id);
      onDigit(ranked()[1]);
    }
    writeWords(find(".living-table"), picture);
    root.dataset.ready = given.network;
  };
  const stop = () => {
    stopListening();
    window.removeEventListener("mnist-lab:digit", hearPen);
    sizes.disconnect();
    theme.disconnect();
  };
  return { update, stop };
}

/** A network that answers the mean of several views of the digit: which of them the maps show. */
function chooseViews(node, select, { views }) {
  node.hidden = !views.length;
  const name = ([degrees, size]) => `turned by ${String(degrees).replace("-", "−")}°, ${Math.round(100 * size)} % as large`;
  select.replaceChildren(new Option("the digit as it is", ""), ...views.map((view, i) => new Option(name(view), String(i))));
}
