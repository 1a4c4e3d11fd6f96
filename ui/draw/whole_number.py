"""A whole number: the digits and marks found side by side, each digit read with its probability."""

import html
from collections import Counter

import numpy as np
import streamlit as st

from mnist_core.drawing.number.marks import NAMES
from mnist_core.drawing.number.symbols import Number
from mnist_core.evaluation.statistics import plural
from mnist_core.system.plain_text import with_article
from ui.common import digit_images
from ui.common.text import percent

WIDTH, HEIGHT = 640, 220  # CSS pixels of the paper

_STYLE = """<style>
.number {font-size: 5rem; font-weight: 700; line-height: 1.1; letter-spacing: 0.06em; overflow-wrap: anywhere}
.number-found {position: relative; max-width: 40rem; margin: 0.5rem 0 1rem}
.number-found img {image-rendering: auto !important; border-radius: 3px}
.number-found i {position: absolute; border: 2px solid #57A6FF; border-radius: 3px}
.number-found b {position: absolute; left: -2px; bottom: 100%; background: #57A6FF; color: #000; font-style: normal;
  font-size: 0.8rem; line-height: 1.2; padding: 0 0.3rem}
</style>"""


def show(picture: np.ndarray, read: Number) -> None:
    """What was read in `picture`: digits and marks in their order, empty cells as gaps, and what is doubtful."""
    digits = [(one.text, one.prepared, one.probabilities) for one in read.symbols]
    found = [(text, prepared, ten.max()) for text, prepared, ten in digits if prepared is not None and ten is not None]
    height, width = picture.shape[:2]
    frames = "".join(
        f'<i style="left:{100 * left / width:.2f}%;top:{100 * top / height:.2f}%;'
        f'width:{100 * (right - left) / width:.2f}%;height:{100 * (bottom - top) / height:.2f}%"><b>{digit}</b></i>'
        for digit, (left, top, right, bottom) in ((text, prepared.box) for text, prepared, _ in found)
    )
    alt = f"The picture, with {plural(len(found), 'digit')} framed"
    large = "".join(html.escape(one.text) or '<span title="An empty cell">\u2423</span>' for one in read.symbols)
    st.html(f'{_STYLE}<div role="status" class="number" aria-label="The number {html.escape(read.text)}">{large}</div>')
    if read.warning:  # next to the number, for a phone shows no more at once
        st.warning(read.warning, icon=":material/help:")
    st.html(f'<div class="number-found">{digit_images.any_picture(picture, alt, "width:100%")}{frames}</div>')
    counts = Counter(NAMES[one.text] for one in read.symbols if one.text in NAMES)
    marks = [with_article(name) if count == 1 else f"{name} ({count} times)" for name, count in counts.items()]
    if empty := sum(one.text == "" for one in read.symbols):
        marks.append(with_article("empty cell") if empty == 1 else plural(empty, "empty cell"))
    if marks:
        st.caption(f"Besides the digits: {', '.join(marks)}.")
    if not found:
        return
    sure = float(np.prod([p for *_, p in found]))
    st.caption(
        f"All {len(found)} right with a probability of {percent(sure)}, were they independent."
        if len(found) > 1
        else "One digit was found. Leave a gap between two."
    )
    digit_images.row(
        [prepared.image for _, prepared, _ in found],
        [f"{digit}\n{percent(float(p))}" for digit, _, p in found],
        [f"Digit {i} of {len(found)}, read as {digit}" for i, (digit, *_) in enumerate(found, 1)],
        size=60,
    )
