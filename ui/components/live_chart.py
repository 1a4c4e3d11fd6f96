"""A plotly chart that may change while it is looked at: one lasting node, updated in place, zoom and hover kept.

`st.plotly_chart` replaces the whole chart whenever its data changes. This component calls `Plotly.react` on the same
node instead, with the plotly.min.js that the plotly package itself brings.
"""

from pathlib import Path
from typing import Any

import plotly
import streamlit as st

from ui.components.module import STATIC
from ui.components.served_folder import serve

_HTML = '<div class="live-chart" role="figure"></div>'

# The texts and lines take the theme's colours from Streamlit's own variables, so a change of theme needs no redraw.
CHART_CSS = """
.live-chart {width: 100%}
.live-chart text {fill: var(--st-text-color) !important; font-family: var(--st-font) !important}
.live-chart .gridlayer path, .live-chart .zerolinelayer path {
  stroke: color-mix(in srgb, var(--st-text-color) 14%, transparent) !important}
.live-chart .hoverlayer text {fill: #fff !important}
.live-chart .modebar-group {background: transparent !important}
.live-chart .modebar-btn .icon path {fill: var(--st-text-color) !important}
"""

LOAD_PLOTLY = (STATIC / "charts" / "plotly.js").read_text("utf-8").replace("export ", "")  # for scripts that are text

_JS = """
function within(node, { y, yaxis = "y" }) {
  const axis = node._fullLayout[`yaxis${yaxis.slice(1)}`];
  const [low, high] = axis.range;
  return y.every((value) => axis.d2r(value) >= low && axis.d2r(value) <= high);
}

const NARROW = 600, LEGEND_ROW = 22;  // pixels

function draw(Plotly, node, { data, layout }) {
  if (node.clientWidth < NARROW) {  // the legend below the plot takes more rows: three, or what the figure says
    const rows = layout.meta?.narrow?.legend_rows;
    const b = rows === undefined ? layout.margin.b + 2 * LEGEND_ROW : 52 + rows * LEGEND_ROW;
    layout = {...layout, margin: {...layout.margin, b}, showlegend: rows !== 0};
  }
  // Where nothing but points is new, and the axes hold them, moving the curves takes 13 ms instead of the 30 ms that
  // drawing axes, labels and legend again takes. A hidden tab has no animation frames.
  const setting = JSON.stringify([layout, data.map(({ x, y, ...rest }) => rest)]);
  if (setting === node.setting && !document.hidden && data.every((trace) => trace.y && within(node, trace))) {
    const frame = {data: data.map(({ x, y }) => ({x, y})), traces: data.map((_, i) => i)};
    const at_once = {mode: "immediate", frame: {duration: 0, redraw: false}, transition: {duration: 0}};
    Plotly.animate(node, frame, at_once).catch(() => {});  // a newer one came
  } else {
    Plotly.react(node, data, layout, {responsive: true, displaylogo: false});
  }
  node.setting = setting;
}

export default function ({ data, parentElement }) {
  const node = parentElement.querySelector(".live-chart");
  node.style.height = `${data.height}px`;
  node.setAttribute("aria-label", data.alt);
  node.latest = data;
  plotly(data.plotly).then((Plotly) => {
    if (node.latest !== data) return;  // a newer figure arrived while plotly loaded
    draw(Plotly, node, data.figure);
    node.dataset.updates = Number(node.dataset.updates ?? 0) + 1;
  });
}
"""

_component = st.components.v2.component(
    "mnist_lab.live_chart", html=_HTML, css=CHART_CSS, js=LOAD_PLOTLY + _JS, isolate_styles=False
)
_loader = st.components.v2.component(
    "mnist_lab.load_plotly", js=LOAD_PLOTLY + "export default function ({ data }) { plotly(data.plotly); }"
)


def live_chart(figure: dict[str, Any], *, key: str, alt: str, height: int = 340) -> None:
    """Draw `figure` (plotly JSON: `data` and `layout`) on the node that `key` names, `height` pixels high.

    `alt` says in words what it shows. A layout's `uirevision` decides how long a zoom lives.
    """
    script = plotly_script()
    _component(data={"figure": figure, "plotly": script, "alt": alt, "height": height}, key=key, height=height)


def load_plotly() -> None:
    """Have the browser load plotly before there is a chart: 4.5 MB, two seconds on the first visit."""
    _loader(data={"plotly": plotly_script()}, key="load_plotly")


def plotly_script() -> str:
    """The address of the plotly.min.js that the plotly package brings, relative to the app's."""
    return f"{serve('plotly', Path(plotly.__file__).parent / 'package_data')}/plotly.min.js?{plotly.__version__}"
