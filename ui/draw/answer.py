"""A network's answer to one digit: what it saw, the digit it takes it for, and the ten probabilities as bars."""

import html
from typing import NamedTuple

import numpy as np
import streamlit as st

from mnist_core.drawing.prepare import Prepared
from mnist_core.evaluation import calibration, prediction
from mnist_core.runs.run import Run, answering_epoch
from ui.common import cache
from ui.common.digit_images import BARS_STYLE, bars, picture
from ui.common.text import percent

CSS = """
.answer {display: flex; flex-wrap: wrap; gap: 1rem 2rem; margin-bottom: 1.2rem}
.answer figure, .answer p {margin: 0}
.answer > .answer-said {flex: 1 1 9rem; min-height: 13.6rem}
.answer figcaption, .answer-title {font-weight: 600; line-height: 1.6; margin-bottom: 1rem !important}
.answer-digit {font-size: 8rem; font-weight: 700; line-height: 1}
.answer-sure {padding-top: 0.4rem; font-variant-numeric: tabular-nums}
.answer-unsure {font-size: 1.1rem; font-weight: 600; line-height: 1.35; min-height: 8rem}
"""


class Answered(NamedTuple):
    """One picture of a digit and what a network says to it."""

    run: Run
    picture: np.ndarray  # uint8, as `drawing.prepare` takes it
    evened: np.ndarray | None  # the drawing's strokes with an even pen (`strokes.evened`), where they are known
    prepared: Prepared
    probabilities: np.ndarray  # float32 (10,)
    warning: str | None = None  # why the answer should not be believed


def ask(run: Run, images: np.ndarray, epoch: int | None = None) -> np.ndarray:
    """The ten probabilities that `run` gives each of `images`, uint8 (n, 28, 28): float32 (n, 10).

    After `epoch` epochs; None is the last saved one. With the run's temperature, where one has been fitted.
    """
    epoch = answering_epoch(run) if epoch is None else epoch
    return prediction.predict(run, epoch, images, cache.network(run, epoch))


def show(answered: Answered) -> None:
    """The 28x28 image, the most probable digit in large, and a bar for each of the ten probabilities.

    A warning stands in the digit's place: the network is asked anyway, but its answer should not be believed.
    """
    probabilities = answered.probabilities
    digit = int(probabilities.argmax())
    sure = percent(probabilities[digit])
    seen = picture(answered.prepared.image, "Your digit in 28 by 28 pixels", size=168)
    if answered.warning is None:
        words = f'<p class="answer-digit">{digit}</p><p class="answer-sure">{sure} probable</p>'
    else:
        words = (
            f'<p class="answer-unsure">{html.escape(answered.warning)}</p>'
            f'<p class="answer-sure">Prediction anyway: {digit}, {sure} probable</p>'
        )
    st.html(
        f"<style>{CSS}</style>{BARS_STYLE}"
        f'<div class="answer"><figure><figcaption>What the network sees</figcaption>{seen}</figure>'
        f'<div role="status" class="answer-said"><p class="answer-title">Prediction</p>{words}</div></div>'
        f"{bars(probabilities, 'Probability of each digit')}"
    )
    fit = calibration.fitted(answered.run, answering_epoch(answered.run))
    if fit is not None:
        st.caption(f"Calibrated with temperature {fit.temperature:.2f}, fitted on {fit.n:,} held-out digits.")
