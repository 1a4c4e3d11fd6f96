"""What the network sees: the steps from the picture to 28x28, the prediction without them, similar training digits."""

import html

import numpy as np
import streamlit as st

from mnist_core.drawing.prepare import SIDE
from mnist_core.drawing.steps import ladder, plain_shrink
from ui.common import cache, digit_images
from ui.common.nearest_digits import nearest_digits
from ui.common.text import percent
from ui.draw import answer
from ui.draw.answer import Answered

_STYLE = """<style>
.ladder {display: flex; flex-wrap: wrap; gap: 1rem; align-items: flex-start}
.ladder figure {margin: 0; width: 150px}
.ladder figcaption {font-size: 0.85rem; line-height: 1.35; padding-top: 0.3rem}
.ladder .frame {width: 150px; height: 150px; background: #000; border-radius: 3px; display: flex;
  align-items: center; justify-content: center; overflow: hidden}
</style>"""


def show(answered: Answered) -> None:
    """The preprocessing steps, the prediction without them, and the nearest training digits."""
    st.markdown("**From your picture to what the network sees**")
    steps = ladder(answered.picture, answered.evened)
    _figures([(step.image, f"{number}. {step.title}") for number, step in enumerate(steps, 1)])
    st.caption("MNIST's own digits were made this way: cropped, scaled to 20 pixels, centred by mass.")

    st.markdown("**Without preprocessing**")
    shrunk = plain_shrink(answered.picture)
    probabilities = answer.ask(answered.run, shrunk[None])[0]
    read, plainly = int(answered.probabilities.argmax()), int(probabilities.argmax())
    _figures(
        [
            (answered.prepared.image, f"With preprocessing: {read}, {percent(answered.probabilities[read])}"),
            (shrunk, f"Only resized: {plainly}, {percent(probabilities[plainly])}"),
        ]
    )

    nearest_digits(answered.run, cache.answering_epoch(answered.run), answered.prepared.image)


def _fit(image: np.ndarray) -> str:
    """CSS that shows the picture as large as its frame allows, the pixels of a small one as squares."""
    height, width = image.shape[:2]
    rendering = "pixelated" if max(height, width) <= SIDE else "auto"
    return f"image-rendering:{rendering};{'width' if width >= height else 'height'}:100%"


def _figures(pictures: list[tuple[np.ndarray, str]]) -> None:
    cards = "".join(
        f'<figure><div class="frame">{digit_images.any_picture(image, caption, _fit(image))}</div>'
        f"<figcaption>{html.escape(caption)}</figcaption></figure>"
        for image, caption in pictures
    )
    st.html(f'{_STYLE}<div class="ladder">{cards}</div>')
