"""Many digits, a page of them at a time."""

from typing import Literal, NamedTuple

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

PAGE_SIZE = 60


class Page(NamedTuple):
    """The digits of one page, and the place beside the page numbers, for a word on them."""

    indices: np.ndarray
    start: int  # the place of the first among all
    beside: DeltaGenerator


def choose_page(indices: np.ndarray, key: str, bind: Literal["query-params"] | None = None) -> Page:
    """The page numbers where there is more than one page, and the chosen page; past the end it is the last."""
    pages = max(-(-len(indices) // PAGE_SIZE), 1)
    if st.session_state.get(key, 1) > pages:
        st.session_state[key] = pages
    beside, numbers = st.columns([4, 5], vertical_alignment="center")
    if pages > 1:
        with numbers.container(horizontal_alignment="right"):
            st.pagination(pages, key=key, bind=bind, max_visible_pages=5)
    start = (st.session_state.get(key, 1) - 1) * PAGE_SIZE
    return Page(indices[start : start + PAGE_SIZE], start, beside)


def first_page(key: str) -> None:
    """Back to the first page; for callbacks."""
    st.session_state[key] = 1
