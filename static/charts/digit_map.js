// A scatter chart of test digits: pointing at one shows it, arrow keys go from mistake to mistake, surest first.
// Where it is given several epochs, a slider goes through them; where digits can be chosen, by lasso, box or Enter.

import { epochSlider, isNews } from "../common/epochs.js";
import { plotly } from "./plotly.js";

const [RING, NEAR] = [2, 24]; // the ring's trace; digits that Enter chooses

export default function ({ data, parentElement, setTriggerValue, failed }) {
  const root = parentElement.querySelector(".digit-map");
  const node = root.querySelector(".live-chart");
  const told = root.querySelector(".told");
  const pen = root.querySelector("canvas").getContext("2d");
  const steps = data.figure.steps;
  const chosen = (indices) => setTriggerValue("selected", [...new Set(indices)]);
  node.style.height = `${data.height}px`;
  root.setAttribute("aria-label", data.alt);
  if (node.sprite?.address !== data.sprite) {
    node.sprite = new Image();
    node.sprite.address = data.sprite;
    node.sprite.src = new URL(data.sprite, document.baseURI);
  }
  const show = ([index, truth, read, probability]) => {
    const draw = () => pen.drawImage(
      node.sprite, 28 * (index % data.columns), 28 * Math.floor(index / data.columns), 28, 28, 0, 0, 28, 28);
    if (node.sprite.complete) draw(); else node.sprite.onload = draw;
    const percent = probability >= 0.9995 ? "> 99.9" : (100 * probability).toFixed(1);
    const reading = truth === read ? `${truth}, correct` : `${truth} read as ${read}`;
    told.textContent = `${reading} · ${percent} % · test digit ${index}`;
    root.dataset.shown = index;
  };
  if (!root.dataset.shown) told.textContent = data.hint;

  root.slider?.stop();
  const isSame = root.steps && steps && root.revision === data.figure.layout.uirevision;
  let step = isSame ? root.step : (steps?.length ?? 1) - 1;
  const traces = () => (steps ? steps[step].data : data.figure.data);
  const draw = () => {
    root.step = step;
    const figure = { ...data.figure.layout };
    if (steps) figure.annotations = steps[step].annotations;
    // Plotly keeps what it is given: a copy, so that the ring of one epoch is not another's.
    const drawn = traces().map((trace) => ({ ...trace }));
    window.Plotly.react(node, drawn, figure, { responsive: true, displaylogo: false });
    root.dataset.epoch = steps ? data.figure.epochs[step] : "";
  };
  root.steps = Boolean(steps);
  root.revision = data.figure.layout.uirevision;

  const order = () => {
    const { customdata } = traces()[1];
    return customdata.map((_, place) => place).sort((a, b) => customdata[b][3] - customdata[a][3]);
  };
  let at = -1;
  root.onkeydown = (event) => {
    if (event.target !== root) return;
    const mistakes = traces()[1];
    if (event.key === "Enter" && data.is_selectable && at >= 0) {
      const place = order()[at];
      chosen(nearest(traces(), mistakes.x[place], mistakes.y[place]));
      return;
    }
    const along = {ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1}[event.key];
    const places = order();
    if (!along || !places.length) return;
    event.preventDefault();
    at = at < 0 ? (along > 0 ? 0 : places.length - 1) : (at + along + places.length) % places.length;
    const place = places[at];
    show(mistakes.customdata[place]);
    window.Plotly.restyle(node, {x: [[mistakes.x[place]]], y: [[mistakes.y[place]]]}, [RING]);
  };

  node.latest = data;
  plotly(data.plotly).then(() => {
    if (node.latest !== data) return;
    draw();
    if (steps) {
      root.slider = epochSlider(root.querySelector(".epochs"), data.figure.epochs, step, (wanted) => {
        step = wanted;
        at = -1;
        draw();
      });
      if (isNews(data.play)) {
        root.slider.show(0);
        root.slider.play();
      }
    }
    node.removeAllListeners("plotly_hover");
    node.removeAllListeners("plotly_selected");
    node.on("plotly_hover", ({ points }) => { if (points[0].customdata) show(points[0].customdata); });
    if (data.is_selectable) {
      node.on("plotly_selected", (event) => {
        if (event) chosen(event.points.filter((point) => point.customdata).map((point) => point.customdata[0]));
      });
    }
    node.dataset.updates = Number(node.dataset.updates ?? 0) + 1;
  }, failed);
  return () => root.slider?.stop();
}

/** The numbers of the digits that lie nearest to a place on the map. */
function nearest(traces, x, y) {
  const all = traces.slice(0, 2).flatMap((trace) => trace.customdata.map(
    (digit, place) => [(trace.x[place] - x) ** 2 + (trace.y[place] - y) ** 2, digit[0]]));
  return all.sort((a, b) => a[0] - b[0]).slice(0, NEAR).map(([, index]) => index);
}
