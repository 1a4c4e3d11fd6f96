"""Digits as crisp pictures in HTML, and a network's answer to one as bars."""

import html
from collections.abc import Sequence

import numpy as np
import streamlit as st

from mnist_core.data.picture import data_address
from ui.common.text import percent


def picture(image: np.ndarray, alt: str, size: int = 64) -> str:
    """An <img> of a uint8 (28, 28) digit, `size` CSS pixels a side, every pixel of the digit a crisp square."""
    return f'<img class="digit" width="{size}" height="{size}" {_alt_and_source(image, alt)}>'


def any_picture(image: np.ndarray, alt: str, style: str = "") -> str:
    """An <img> of any uint8 picture, its pixels crisp squares, in its own size or as `style` (CSS) says."""
    return f'<img class="digit" style="{style}" {_alt_and_source(image, alt)}>'


def _alt_and_source(image: np.ndarray, alt: str) -> str:
    return f'alt="{html.escape(alt, quote=True)}" src="{data_address(image)}"'


def row(images: Sequence[np.ndarray], captions: Sequence[str], alts: Sequence[str], size: int = 64) -> None:
    """Digits side by side, each with a caption below (plain text, lines kept); they wrap where the page is narrow."""
    style = "font-size:0.8rem;line-height:1.3;padding-top:4px;white-space:pre-line"
    cards = "".join(
        f'<figure style="margin:0;width:{size}px">{picture(image, alt, size)}'
        f'<figcaption style="{style}">{html.escape(caption)}</figcaption></figure>'
        for image, caption, alt in zip(images, captions, alts, strict=True)
    )
    st.html(f'<div style="display:flex;flex-wrap:wrap;gap:12px">{cards}</div>')


# Bars in HTML rather than a plotly chart: st.plotly_chart builds its chart anew at every change, which flashes and
# takes longer than the answer does. Ten rows of one height on one scale, 0 to 100 %, stay where they are.
BARS_STYLE = """<style>
.answer-bars {width: 100%; max-width: 36rem; border-collapse: collapse; font-variant-numeric: tabular-nums}
.answer-bars :is(td, th) {border: 0; padding: 0; height: 1.6rem; font-weight: 400}
.answer-bars th {width: 2.4rem; text-align: right; padding-right: 0.6rem; white-space: nowrap}
.answer-bars td:last-child {width: 5rem; text-align: right; white-space: nowrap}
.answer-bars .top :is(td, th) {font-weight: 700}
.answer-bars.small {font-size: 0.8rem}
.answer-bars.small :is(td, th) {height: 1.05rem}
.answer-bars.small td:last-child {width: 4rem}
.answer-bars.small .answer-track {height: 0.7rem}
.answer-track {height: 1.05rem; border-radius: 3px; background: color-mix(in srgb, currentColor 10%, transparent)}
.answer-bar {height: 100%; border-radius: 3px; background: color-mix(in srgb, currentColor 45%, transparent)}
.top .answer-bar {background: currentColor}
</style>"""


def bars(answer: np.ndarray, label: str, small: bool = False) -> str:
    """The ten probabilities as a table of bars in HTML; `label` names it to a screen reader. Needs `BARS_STYLE`."""
    digit = int(answer.argmax())
    rows = "".join(
        f'<tr{" class=top" if i == digit else ""}><th scope="row">{"▸ " if i == digit else ""}{i}</th>'
        f'<td><div class="answer-track"><div class="answer-bar" style="width:{p:.1%}"></div></div></td>'
        f"<td>{percent(p)}</td></tr>"
        for i, p in enumerate(answer)
    )
    kind = "answer-bars small" if small else "answer-bars"
    return f'<table class="{kind}" aria-label="{html.escape(label, quote=True)}">{rows}</table>'
