"""The training digits nearest to one digit, as a section of a page."""

import numpy as np
import streamlit as st

from mnist_core.interpretation import embeddings
from mnist_core.runs.run import Run
from ui.access import changes
from ui.access.account import may_change
from ui.common import cache, digit_images
from ui.common.background_task import watch

NEAREST = 12  # so many are shown


def nearest_digits(run: Run, epoch: int, image: np.ndarray, *, at_once: bool = False) -> None:
    """The training digits whose embeddings are nearest to that of `image`, uint8 (28, 28).

    Embedding the 60,000 is a study of its own. A button starts it, or the section itself where it is wanted `at_once`.
    """
    st.markdown("**Nearest training digits**")
    if not embeddings.is_computed(run, epoch, "train"):
        study = embeddings.ANALYSIS.study(run, epoch)
        if study.load_if_whole() is None:
            if at_once and study.progress() is None and may_change():
                changes.start_study(study)
            watch({"The 60,000 training digits": study}, "Compare", "a few seconds to a minute, once for each network.")
            return
    with st.spinner("Comparing with the 60,000 training digits ..."):
        own = embeddings.features_of(cache.network(run, epoch), image[None])
        found = embeddings.nearest(cache.train_features(run, epoch), own, NEAREST).indices[0]
    train = cache.digits("train")
    labels = train.labels[found]
    digit_images.row(
        list(train.images[found]),
        [f"{label}\n#{index}" for index, label in zip(found, labels, strict=True)],
        [f"Training digit {index}, labelled {label}" for index, label in zip(found, labels, strict=True)],
        size=56,
    )
    counts = np.bincount(labels, minlength=10)
    by_count = ", ".join(
        f"{counts[digit]} labelled {digit}" for digit in np.argsort(-counts, kind="stable") if counts[digit]
    )
    st.caption(f"Of the {NEAREST} nearest: {by_count}. Distances are between the inputs of the network's last layer.")
