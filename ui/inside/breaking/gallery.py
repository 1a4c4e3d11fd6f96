"""The digits that broke or were mended, as cards; a click looks at one."""

import numpy as np
import streamlit as st

from mnist_core.comparison.pair import Comparison
from mnist_core.evaluation.answers import Answers
from mnist_core.system.plain_text import with_article
from ui.common import cache
from ui.common.digit_images import picture
from ui.components.clickable_html import clickable
from ui.components.digit_cards import STYLE
from ui.inside.subject import look_at

PAGE = 36


def show(found: Comparison, mended: bool) -> None:
    """Those that were right and are wrong, the surest first; or with `mended` those that were wrong and are right."""
    indices, wrong = (found.fixed, found.before) if mended else (found.broken, found.after)
    if not len(indices):
        st.caption("None of the test digits.")
        return
    ordered = indices[np.argsort(-wrong.confidence[indices], kind="stable")]
    key = f"shown_{'mended' if mended else 'broken'}"
    shown = ordered[: st.session_state.get(key, PAGE)]
    st.caption("The surest wrong answer first. A click looks at that digit.")
    images = cache.digits("test").images
    cards = "".join(_card(found.before, found.after, int(index), images[index]) for index in shown)
    clickable(f'{STYLE}<div class="cards">{cards}</div>', lambda index: look_at(int(index)), key=f"cards_{key}")
    if len(shown) < len(ordered):
        more = min(PAGE, len(ordered) - len(shown))
        st.button(f"Show {more} more of {len(ordered):,}", on_click=_more, args=(key,), key=f"more_{key}")


def _more(key: str) -> None:
    st.session_state[key] = st.session_state.get(key, PAGE) + PAGE


def _card(before: Answers, after: Answers, index: int, image: np.ndarray) -> str:
    was, now, label = before.predicted[index], after.predicted[index], after.labels[index]
    alt = f"Test digit {index}, {with_article(label)}: read as {was} before and as {now} now"
    return (
        f'<button type="button" data-value="{index}">{picture(image, alt, 90)}'
        f'<span class="reading"><b>{was} → {now}</b></span><span class="index">#{index}</span></button>'
    )
