"""Test digits as cards that open: the picture, what it was read as, and the three most probable digits."""

import html
from collections.abc import Callable

import numpy as np

from mnist_core.data.label_errors import VOTES
from mnist_core.evaluation.answers import Answers
from ui.common import cache
from ui.common.digit_images import picture
from ui.common.text import whole_percent
from ui.components.clickable_html import clickable

# Of buttons in a `cards`; a card of another kind has it too.
STYLE = """<style>
.cards {display: grid; grid-template-columns: repeat(auto-fill, minmax(104px, 1fr)); gap: 10px}
.cards button {all: unset; box-sizing: border-box; display: flex; flex-direction: column; cursor: pointer; padding: 6px;
  border-radius: 8px; font-size: 0.8rem; line-height: 1.35;
  border: 1px solid color-mix(in srgb, currentColor 14%, transparent); font-variant-numeric: tabular-nums}
.cards button:hover {border-color: currentColor}
.cards button:focus-visible {outline: 2.5px solid currentColor}
.cards img.digit {width: 100%; height: auto; aspect-ratio: 1}
.cards .reading {padding: 4px 0 2px}
.cards .index {opacity: 0.75; font-size: 0.72rem}
.cards .share {padding: 0 4px; border-radius: 2px; margin-top: 1px; background: linear-gradient(
  to right, color-mix(in srgb, currentColor 20%, transparent) var(--p), transparent var(--p))}
.cards .true {background: linear-gradient(to right, rgb(230 140 20 / 0.5) var(--p), transparent var(--p));
  font-weight: 600}
</style>"""


def cards(answers: Answers, indices: np.ndarray, on_open: Callable[[str], None], *, key: str) -> None:
    """These test digits as cards that open."""
    images = cache.digits("test").images
    body = "".join(_card(answers, int(index), images[index]) for index in indices)
    clickable(f'{STYLE}<div class="cards">{body}</div>', on_open, key=key)


def _card(answers: Answers, index: int, image: np.ndarray) -> str:
    true, predicted, probabilities = answers.labels[index], answers.predicted[index], answers.probabilities[index]
    reading = f"{true} read as {predicted}"
    alt = f"Test digit {index}: {reading}, probability {whole_percent(probabilities[predicted])}"
    shares = "".join(
        f'<span class="share{" true" if digit == true else ""}" style="--p:{probabilities[digit]:.0%}">'
        f"{digit}&ensp;{html.escape(whole_percent(probabilities[digit]))}</span>"
        for digit in np.argsort(-probabilities, kind="stable")[:3]
    )
    doubt = " · doubted" if index in VOTES else ""
    return (
        f'<button type="button" data-value="{index}">{picture(image, alt, 90)}'
        f'<span class="reading"><b>{reading}</b></span>{shares}'
        f'<span class="index">#{index}{doubt}</span></button>'
    )
