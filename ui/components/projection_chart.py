"""A scatter chart of test digits: pointing at one shows it, arrow keys go from mistake to mistake, surest first."""

import io
from typing import Any

import streamlit as st
from PIL import Image

from mnist_core.data.download import FINGERPRINT
from mnist_core.system.files import home, make_folder, write_atomically
from ui.common import cache
from ui.components.live_chart import CHART_CSS, LOAD_PLOTLY, plotly_script
from ui.components.served_folder import serve

COLUMNS = 100  # digits in a row of the picture that holds all of them

_HTML = """<div class="digit-map" tabindex="0" role="application">
<div class="panel"><canvas width="28" height="28" aria-hidden="true"></canvas>
<div class="told" aria-live="polite"></div></div>
<div class="live-chart"></div></div>"""

_CSS = """
.digit-map:focus-visible {outline: 2px solid var(--st-primary-color); border-radius: 6px}
.digit-map .panel {display: flex; gap: 14px; align-items: center; height: 100px; color: var(--st-text-color);
  font-family: var(--st-font)}
.digit-map .panel canvas {width: 96px; height: 96px; image-rendering: pixelated; background: #000; border-radius: 3px;
  flex: none}
.digit-map .annotation-text {paint-order: stroke; stroke: var(--st-background-color); stroke-width: 5px}
"""

_JS = """
export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".digit-map");
  const node = root.querySelector(".live-chart");
  const told = root.querySelector(".told");
  const pen = root.querySelector("canvas").getContext("2d");
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

  const [, mistakes] = data.figure.data;
  const order = mistakes.customdata.map((_, place) => place).sort(
    (a, b) => mistakes.customdata[b][3] - mistakes.customdata[a][3]);
  let at = -1;
  root.onkeydown = (event) => {
    const step = {ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1}[event.key];
    if (!step || !order.length) return;
    event.preventDefault();
    at = at < 0 ? (step > 0 ? 0 : order.length - 1) : (at + step + order.length) % order.length;
    const place = order[at];
    show(mistakes.customdata[place]);
    window.Plotly.restyle(node, {x: [[mistakes.x[place]]], y: [[mistakes.y[place]]]}, [2]);
  };

  node.latest = data;
  plotly(data.plotly).then((Plotly) => {
    if (node.latest !== data) return;
    Plotly.react(node, data.figure.data, data.figure.layout, {responsive: true, displaylogo: false});
    node.removeAllListeners("plotly_hover");
    node.on("plotly_hover", ({ points }) => { if (points[0].customdata) show(points[0].customdata); });
    node.dataset.updates = Number(node.dataset.updates ?? 0) + 1;
  });
}
"""

_component = st.components.v2.component(
    "mnist_lab.digit_map", html=_HTML, css=CHART_CSS + _CSS, js=LOAD_PLOTLY + _JS, isolate_styles=False
)


def map_chart(figure: dict[str, Any], *, key: str, alt: str, height: int = 620) -> None:
    """Draw a figure of `map_figure` with a panel above it for the digit that is pointed at."""
    values = {
        "figure": figure,
        "plotly": plotly_script(),
        "sprite": _sprite(),
        "columns": COLUMNS,
        "alt": alt,
        "height": height,
        "hint": "Point at a digit to see it here. By keyboard: the arrow keys go from mistake to mistake.",
    }
    _component(data=values, key=key, height=height + 110)


def _sprite() -> str:
    """The address of one picture of all test digits (1.6 MB), relative to the app's; drawn the first time."""
    folder = make_folder(home() / "cache" / "pictures")
    path = folder / f"digits-{FINGERPRINT}.png"
    if not path.exists():
        images = cache.digits("test").images
        sheet = images.reshape(-1, COLUMNS, 28, 28).transpose(0, 2, 1, 3).reshape(-1, COLUMNS * 28)
        buffer = io.BytesIO()
        Image.fromarray(sheet).save(buffer, "PNG")
        write_atomically(path, buffer.getvalue())
    return f"{serve('pictures', folder)}/{path.name}"
