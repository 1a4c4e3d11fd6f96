"""A scatter chart of test digits: pointing at one shows it, arrow keys go from mistake to mistake, surest first."""

import io
from collections.abc import Callable
from typing import Any

import streamlit as st
from PIL import Image

from mnist_core.data.download import FINGERPRINT
from mnist_core.system.files import home, make_folder, write_atomically
from ui.common import cache
from ui.components.live_chart import CHART_CSS, plotly_script
from ui.components.module import STATIC, module_component
from ui.components.served_folder import serve

COLUMNS = 100  # digits in a row of the picture that holds all of them

_HTML = """<div class="digit-map" tabindex="0" role="application">
<div class="panel"><canvas width="28" height="28" aria-hidden="true"></canvas>
<div class="told" aria-live="polite"></div></div>
<div class="epochs"></div><div class="live-chart"></div></div>"""

_CSS = """
.digit-map:focus-visible {outline: 2px solid var(--st-primary-color); border-radius: 6px}
.digit-map .panel {display: flex; gap: 14px; align-items: center; height: 100px; color: var(--st-text-color);
  font-family: var(--st-font)}
.digit-map .panel canvas {width: 96px; height: 96px; image-rendering: pixelated; background: #000; border-radius: 3px;
  flex: none}
.digit-map .annotation-text {paint-order: stroke; stroke: var(--st-background-color); stroke-width: 5px}
"""

_component = module_component(
    "digit_map",
    "charts/digit_map.js",
    _HTML,
    CHART_CSS + _CSS + (STATIC / "common" / "epochs.css").read_text("utf-8"),
)


def map_chart(
    figure: dict[str, Any],
    *,
    key: str,
    alt: str,
    height: int = 620,
    on_select: Callable[[list[int]], None] | None = None,
    play: str | None = None,
) -> None:
    """Draw a figure of `map_figure` or `maps_figure` with a panel above it for the digit that is pointed at.

    `on_select` gets the numbers of the digits that a lasso or a box holds, before the script runs. A figure of several
    epochs has a slider; it plays them once for each word that `play` is.
    """

    def take_selection() -> None:
        found = st.session_state[key].selected
        if on_select is not None and found:
            on_select([int(index) for index in found])

    keys = "By keyboard: the arrow keys go from mistake to mistake"
    keys += ", Enter takes the digits around it." if on_select else "."
    values = {
        "figure": figure,
        "plotly": plotly_script(),
        "sprite": _sprite(),
        "columns": COLUMNS,
        "alt": alt,
        "height": height,
        "hint": f"Point at a digit to see it here. {keys}",
        "is_selectable": on_select is not None,
        "play": play,
    }
    slider = 48 if "steps" in figure else 0
    _component(values, key=key, height=height + 110 + slider, on_selected_change=take_selection)


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
