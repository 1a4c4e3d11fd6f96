"""A whole number: the digits found side by side, each read with its probability."""

import numpy as np
import streamlit as st

from mnist_core.drawing.prepare import Prepared
from ui.common import digit_images
from ui.common.text import percent

WIDTH, HEIGHT = 640, 220  # CSS pixels of the paper

_STYLE = """<style>
.number {font-size: 5rem; font-weight: 700; line-height: 1.1; letter-spacing: 0.06em; overflow-wrap: anywhere}
.number-found {position: relative; max-width: 40rem; margin: 0.5rem 0 1rem}
.number-found img {image-rendering: auto !important; border-radius: 3px}
.number-found i {position: absolute; border: 2px solid #57A6FF; border-radius: 3px}
.number-found b {position: absolute; left: 0; top: 0; background: #57A6FF; color: #000; font-style: normal;
  font-size: 0.8rem; line-height: 1.2; padding: 0 0.3rem}
</style>"""


def images(found: list[Prepared]) -> np.ndarray:
    """The digits' images, uint8 (n, 28, 28)."""
    return np.stack([one.image for one in found])


def show(picture: np.ndarray, found: list[Prepared], probabilities: np.ndarray) -> None:
    """The number that the digits `found` in `picture` make; `probabilities` is float (n, 10)."""
    read = probabilities.argmax(1)
    sure = probabilities.max(1)
    number = "".join(map(str, read))
    height, width = picture.shape[:2]
    frames = "".join(
        f'<i style="left:{100 * left / width:.2f}%;top:{100 * top / height:.2f}%;'
        f'width:{100 * (right - left) / width:.2f}%;height:{100 * (bottom - top) / height:.2f}%"><b>{digit}</b></i>'
        for (left, top, right, bottom), digit in zip((one.box for one in found), read, strict=True)
    )
    alt = f"The picture, with {len(found)} digits framed"
    st.html(
        f'{_STYLE}<div role="status" class="number" aria-label="The number {number}">{number}</div>'
        f'<div class="number-found">{digit_images.any_picture(picture, alt, "width:100%")}{frames}</div>'
    )
    st.caption(
        f"All {len(found)} right with a probability of {percent(float(sure.prod()))}, were they independent."
        if len(found) > 1
        else "One digit was found. Leave a gap between two."
    )
    digit_images.row(
        [one.image for one in found],
        [f"{digit}\n{percent(p)}" for digit, p in zip(read, sure, strict=True)],
        [f"Digit {i} of {len(found)}, read as {digit}" for i, digit in enumerate(read, 1)],
        size=60,
    )
