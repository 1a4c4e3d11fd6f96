"""Paper to draw a digit on, which the engine in the browser reads while the pen moves."""

import base64
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from mnist_core.drawing.strokes import Drawn, smoothed
from mnist_core.export.html.page import constants
from ui.components.module import module_component

_HTML = """<div class="mnist-paper">
<div class="mnist-paper-left">
<canvas data-part="paper" tabindex="0" role="application" aria-description="The space bar puts the pen down and lifts
it, the arrows move it, Escape clears, Control and Z undo."></canvas>
<div class="mnist-paper-buttons" role="group" aria-label="Drawing">
<button type="button" data-part="undo">Undo</button>
<button type="button" data-part="redo">Redo</button>
<button type="button" data-part="clear">Clear</button>
</div></div>
<div class="mnist-paper-answer" data-part="answer" hidden>
<div class="mnist-paper-top">
<canvas data-part="seen" width="28" height="28" role="img" title="What the network sees"></canvas>
<p data-part="digit"></p>
<div><p data-part="warning"></p><p data-part="sure"></p></div>
</div>
<table aria-label="Probability of each digit"><tbody data-part="bars"></tbody></table>
<p data-part="said" role="status"></p>
</div></div>"""

# The names of the bars' parts are those of static/engine/shown.js.
_CSS = """
.mnist-paper {display: flex; flex-wrap: wrap; gap: 1.25rem; align-items: flex-start; font-family: var(--st-font);
  color: var(--st-text-color); line-height: 1.3}
.mnist-paper p, .mnist-paper table {margin: 0}
.mnist-paper-left {flex: none; width: min(var(--paper), 52vw)}
.mnist-paper [data-part=paper] {display: block; width: 100%; aspect-ratio: 1; background: #000; border-radius: 6px;
  box-shadow: 0 0 0 1px color-mix(in srgb, var(--st-text-color) 30%, transparent); cursor: crosshair}
.mnist-paper :focus-visible {outline: 3px solid var(--st-primary-color); outline-offset: 2px}
.mnist-paper-buttons {display: flex; gap: 0.4rem; margin-top: 0.6rem}
.mnist-paper button {flex: 1; font: inherit; font-size: 0.9rem; color: inherit; background: transparent;
  cursor: pointer; border: 1px solid color-mix(in srgb, var(--st-text-color) 35%, transparent); border-radius: 6px;
  padding: 0.25rem 0; min-height: 2.25rem}
.mnist-paper button:hover {border-color: var(--st-primary-color)}
.mnist-paper button[aria-disabled=true] {opacity: 0.55; cursor: default; border-color: transparent}
.mnist-paper-answer {flex: 1 1 9rem; min-width: 0; max-width: 30rem; font-variant-numeric: tabular-nums}
.mnist-paper-answer[hidden] {display: none}
.mnist-paper-top {display: flex; gap: 0.6rem; min-height: 6.6rem}
.mnist-paper-top div {flex: 1; min-width: 0}
.mnist-paper [data-part=seen] {flex: none; width: 3.5rem; height: 3.5rem; background: #000; image-rendering: pixelated;
  border-radius: 3px}
.mnist-paper [data-part=digit] {font-size: 3.5rem; font-weight: 700; line-height: 1}
.mnist-paper [data-part=warning] {font-weight: 600; font-size: 0.9rem}
.mnist-paper [data-part=sure] {font-size: 0.9rem}
.mnist-paper :is([data-part=digit], [data-part=warning]):empty {display: none}
.mnist-paper table {width: 100%; border-collapse: collapse; font-size: 0.85rem}
.mnist-paper :is(th, td) {border: 0; padding: 0; height: 1rem; line-height: 1; font-weight: 400; white-space: nowrap}
.mnist-paper th {width: 1.9rem; text-align: right; padding-right: 0.5rem}
.mnist-paper td:last-child {width: 3.8rem; text-align: right}
.mnist-paper .most > * {font-weight: 700}
.mnist-paper .track {height: 0.7rem; border-radius: 3px; background: color-mix(in srgb, currentColor 10%, transparent)}
.mnist-paper .bar {height: 100%; width: 0; border-radius: 3px;
  background: color-mix(in srgb, currentColor 45%, transparent)}
.mnist-paper .most .bar {background: currentColor}
.mnist-paper [data-part=said] {position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap}
@media (max-width: 640px) {.mnist-paper :is([data-part=warning], [data-part=sure]) {font-size: 0.75rem}}
@media (forced-colors: active) {.mnist-paper .track {border: 1px solid} .mnist-paper .bar {background: Highlight}}
"""

DIGIT = "digit"  # the key of the paper that Home and Look inside share: what is drawn on one is on the other
_component = module_component("paper", "common/paper.js", html=_HTML, css=_CSS)


@dataclass
class _Kept:
    """What a paper holds, kept in the session: the component is gone when its page or section is left."""

    strokes: list[dict[str, Any]] = field(default_factory=list)  # {places: [[x, y], ...], width}, in its pixels
    heard: int = 0  # the number of the last drawing that the browser sent


class StandIn(NamedTuple):
    """What is read as long as nothing is drawn."""

    image: np.ndarray  # uint8 (28, 28)
    name: str  # for a sentence: "test digit 8"


def paper(
    key: str, label: str, engine: dict[str, Any] | None = None, stand_in: StandIn | None = None, size: int = 200
) -> Drawn | None:
    """The paper, `size` CSS pixels wide, and what is drawn on it since the pen was last lifted; None where nothing is.

    `label` is what a screen reader calls it. With `engine` (`engine.engine_data`) the answer stands beside it, as long
    as nothing is drawn the answer to `stand_in`. While the pen moves, once a frame, and when it is mounted or cleared,
    the window gets an event `mnist-lab:digit` with {paper: `key`, image: Uint8Array of 28x28 or null, done: whether the
    pen is lifted}.
    """
    kept = _kept(key)
    widget = f"paper_{key}"
    data = {
        "paper": key,
        "label": label,
        "size": size,
        "strokes": kept.strokes,
        "engine": engine,
        "stand_in": stand_in and {"image": base64.b64encode(stand_in.image.tobytes()).decode(), "name": stand_in.name},
        "constants": constants(),
    }
    sent = _component(data, key=widget, on_drawn_change=lambda: _take_in(key, st.session_state[widget].drawn)).drawn
    _take_in(key, sent)
    return _drawn(kept.strokes)


def _kept(key: str) -> _Kept:
    found: _Kept = st.session_state.setdefault(f"drawn_{key}", _Kept())
    return found


def _take_in(key: str, sent: dict[str, Any] | None) -> None:
    kept = _kept(key)
    if sent is not None and sent["number"] != kept.heard:
        kept.heard, kept.strokes = sent["number"], sent["strokes"]


def _drawn(strokes: list[dict[str, Any]]) -> Drawn | None:
    if not strokes:
        return None
    side = Drawn.side
    points = [smoothed(np.array(stroke["places"], float), stroke["width"]) / side for stroke in strokes]
    return Drawn(points, [stroke["width"] for stroke in strokes], side)
