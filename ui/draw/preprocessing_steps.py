"""What the network sees: the steps from the picture to 28x28, the prediction without them, similar training digits."""

import html

import numpy as np
import streamlit as st

from mnist_core.drawing.prepare import SIDE
from mnist_core.drawing.steps import ladder, plain_shrink
from mnist_core.interpretation import embeddings
from mnist_core.runs.run import last_epoch
from ui.common import cache, digit_images
from ui.common.background_task import watch
from ui.common.text import percent
from ui.draw import answer
from ui.draw.answer import Answered

ALIKE = 10  # nearest training digits shown

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
    said = answer.ask(answered.run, shrunk[None])[0]
    read, plainly = int(answered.probabilities.argmax()), int(said.argmax())
    _figures(
        [
            (answered.prepared.image, f"With preprocessing: {read}, {percent(answered.probabilities[read])}"),
            (shrunk, f"Only resized: {plainly}, {percent(said[plainly])}"),
        ]
    )

    st.markdown("**The training digits most like it, to this network**")
    epoch = last_epoch(answered.run)
    if not embeddings.is_computed(answered.run, epoch, "train"):
        study = embeddings.study(answered.run, epoch)
        if study.kept() is None:
            watch({"The 60,000 training digits": study}, "Compare", "a few seconds to a minute, once for each network.")
            return
    with st.spinner("Comparing with 60,000 training digits ..."):
        known = cache.train_features(answered.run, epoch)
        own = embeddings.features_of(cache.network(answered.run, epoch), answered.prepared.image[None])
        found = embeddings.nearest(known, own, ALIKE)
    train = cache.digits("train")
    alike = found.indices[0]
    digit_images.row(
        list(train.images[alike]),
        [f"{train.labels[index]}\n#{index}" for index in alike],
        [f"Training digit {index}, a {train.labels[index]}" for index in alike],
    )


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
