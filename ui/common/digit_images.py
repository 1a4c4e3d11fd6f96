"""Digits as crisp pictures in HTML."""

import html
from collections.abc import Sequence

import numpy as np
import streamlit as st

from mnist_core.data.picture import data_address


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
