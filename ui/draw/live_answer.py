"""The answer while the pen moves, by the engine in the browser; after the stroke the server's stands in its place."""

import itertools
from contextlib import suppress
from typing import Any

from mnist_core.drawing.rejection import OR_AS_A_NUMBER
from mnist_core.errors import MnistError
from mnist_core.runs.run import Run
from ui.common import cache
from ui.common.digit_images import BARS_STYLE
from ui.components.engine import engine_data
from ui.components.module import module_component
from ui.draw.answer import CSS
from ui.draw.canvas import Board

# As `answer.show` has it. It is for the eyes: a screen reader is told of the server's answer.
_HTML = """<div class="live-answer" aria-hidden="true" hidden>
<div class="answer"><figure><figcaption>What the network sees</figcaption>
<canvas data-part="seen" width="28" height="28"></canvas></figure>
<div class="answer-said"><p class="answer-title">Prediction</p><p class="answer-digit" data-part="digit"></p>
<p class="answer-unsure" data-part="warning"></p><p class="answer-sure" data-part="sure"></p></div></div>
<table class="answer-bars"><tbody data-part="bars"></tbody></table>
</div>"""
_CSS = """
.live-answer [data-part=seen] {width: 168px; height: 168px; display: block; image-rendering: pixelated;
  background: #000; border-radius: 3px}
.live-answer p:empty {display: none}
.live-answer .most :is(td, th) {font-weight: 700}
.live-answer .track {height: 1.05rem; border-radius: 3px; background: color-mix(in srgb, currentColor 10%, transparent)}
.live-answer .bar {height: 100%; border-radius: 3px; background: color-mix(in srgb, currentColor 45%, transparent)}
.live-answer .most .bar {background: currentColor}
[data-testid=stLayoutWrapper]:has(> .st-key-live_answer):not(:has(.live-answer:not([hidden]))) {display: none}
[data-live=true] [data-testid=stElementContainer]:has(.answer, [data-testid=stAlert]) {display: none}
"""

_BARS = BARS_STYLE.removeprefix("<style>").removesuffix("</style>")

_component = module_component("live_answer", "draw/live.js", html=_HTML, css=CSS + _BARS + _CSS)
_shown = itertools.count()


def live_answer(run: Run, board: Board, place: str, instead: str) -> None:
    """What `run` says to the drawing on `board` while a stroke is drawn in the container with the key `place`.

    Meanwhile the answer in the container with the key `instead` is hidden. Where the engine does not load, nothing is
    shown here and nothing hidden.
    """
    engine: dict[str, Any] | None = None
    with suppress(MnistError):  # the page says so
        engine = engine_data(run, cache.answering_epoch(run))
        engine["constants"] = engine["constants"] | {"OR_AS_A_NUMBER": OR_AS_A_NUMBER}
    drawn = board.drawn
    strokes = [
        {"points": (stroke * drawn.side).tolist(), "width": width}
        for stroke, width in zip(drawn.strokes, drawn.widths, strict=True)
    ]
    data = {
        "engine": engine,
        "strokes": strokes,
        "side": drawn.side,
        "brush": board.brush,
        "place": place,
        "instead": instead,
        "shown": next(_shown),  # the server has answered, be it what it was before
    }
    _component(data, key="live_answer_script")
