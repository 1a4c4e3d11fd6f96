"""The smallest change of a digit that changes the answer."""

import hashlib
import html

import numpy as np
import streamlit as st

from mnist_core.evaluation.prediction import predict
from mnist_core.evaluation.statistics import plural
from mnist_core.interpretation.fooling.attacks import (
    LARGEST,
    Change,
    Method,
    Search,
    begin,
    distance,
    largest_difference,
    narrow,
    scaled,
)
from mnist_core.system.plain_text import with_article
from ui.common import cache, digit_images
from ui.common.attribution_image import difference_picture
from ui.common.digit_images import BARS_STYLE, bars
from ui.common.text import percent
from ui.inside import fooled_accuracy
from ui.inside.subject import Subject
from ui.inside.try_this import try_this

ANY = "any other digit"
_TOWARDS, _METHOD, _SEARCHES, _SHOWN = "fool_towards", "fool_method", "fool_searches", "fool_search_shown"
_MOST = 30  # searches that a session keeps
_SIDE = 118  # pixels


def show(subject: Subject) -> None:
    """The smallest change for one digit; and below it how the accuracy of the network falls with such changes."""
    network = cache.network(subject.run, subject.epoch)
    answer = predict(subject.run, subject.epoch, subject.image[None], network)[0]
    digit = int(answer.argmax())
    try_this(
        "**A change that you hardly see makes the network read another digit.** No pixel changes by more grey levels "
        "than the size says; which way each goes follows from the network's own gradient.",
        "make it the digit it finds least likely",
        _aim_at,
        int(answer.argmin()),
    )
    method, towards = _choose(digit)
    question = (subject.run.id, subject.epoch, towards, method)
    key = hashlib.sha256(repr(question).encode() + subject.image.tobytes()).hexdigest()
    search = _searches().get(key) or _keep(key, begin(network, subject.image, towards))
    if method == "pgd" and not search.is_over:
        _go_on(subject, key, towards)
    else:
        _show(subject, answer, search.found, towards, method, key)
    st.subheader("How the accuracy falls", anchor=False)
    fooled_accuracy.show(subject.run, subject.epoch)


def _choose(digit: int) -> tuple[Method, int | None]:
    """How, and towards which digit; None is any."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        method = fooled_accuracy.choose_method(_METHOD)
        choices = [ANY, *(str(other) for other in range(10) if other != digit)]
        if st.session_state.get(_TOWARDS) not in choices:
            st.session_state[_TOWARDS] = ANY
        known = f"It is read as {with_article(digit)}."
        towards = st.selectbox("To be read as", choices, key=_TOWARDS, width=200, persist_state="session", help=known)
    return method, None if towards == ANY else int(towards)


def _aim_at(digit: int) -> None:
    st.session_state[_TOWARDS], st.session_state[_METHOD] = str(digit), "pgd"


def _searches() -> dict[str, Search]:
    kept: dict[str, Search] = st.session_state.setdefault(_SEARCHES, {})
    return kept


def _keep(key: str, search: Search) -> Search:
    kept = _searches()
    kept[key] = search
    while len(kept) > _MOST:
        del kept[next(iter(kept))]
    return search


@st.fragment(run_every=0.1)
def _go_on(subject: Subject, key: str, towards: int | None) -> None:
    """One size further each time: the shipped network takes a third of a second for one."""
    search = _searches()[key]
    is_shown, st.session_state[_SHOWN] = st.session_state.get(_SHOWN) == key, key
    if is_shown and not search.is_over:  # the page comes first, and then what takes time
        network = cache.network(subject.run, subject.epoch)
        search = _keep(key, narrow(network, subject.image, search, towards))
    if search.is_over:
        st.rerun()
    if search.found is None:
        st.progress(search.holds / LARGEST, f"Looking: no change of {search.holds} grey levels or less does it")
    else:
        gap = search.found.size - search.holds
        st.progress(
            1 - gap / LARGEST,
            f"Looking: a change of {search.found.size} grey levels does it, of {search.holds} none was found",
        )


def _show(
    subject: Subject, answer: np.ndarray, change: Change | None, towards: int | None, method: Method, key: str
) -> None:
    if change is None:
        st.info(
            f"No change was found that makes it {ANY if towards is None else with_article(towards)}, at any size. "
            f"{'Try many steps.' if method == 'fgsm' else 'Try another digit.'}",
            icon=":material/info:",
        )
        return
    st.markdown(
        f"**{plural(change.size, 'grey level')} of {LARGEST}** a pixel {'is' if change.size == 1 else 'are'} enough: "
        f"it is then read as **{with_article(change.digit)}**. "
        "With one less, no change was found; another attack may find a smaller one."
    )
    size = st.slider(
        "Size of the change, in grey levels",
        0,
        min(LARGEST, max(2 * change.size, 2)),
        change.size,
        key=f"fool_size_{key[:12]}",
        help="The same change, weaker or stronger.",
    )
    after = scaled(subject.image, change, size)
    network = cache.network(subject.run, subject.epoch)
    changed = predict(subject.run, subject.epoch, after[None], network)[0]
    read, reads = int(answer.argmax()), int(changed.argmax())
    difference, factor = difference_picture(subject.image, after)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        times = f"{factor} times as strong" if factor > 1 else "as strong as it is"
        digit_images.row(
            [subject.image, after, difference],
            [
                f"As it is\n{read}: {percent(answer[read])}",
                f"Changed\n{reads}: {percent(changed[reads])}",
                f"The difference, {times}\nblue: more ink, orange: less",
            ],
            [
                f"{subject.name}, read as {with_article(read)}",
                f"The same, changed by up to {size} grey levels; read as {with_article(reads)}",
                "Where ink is added, in blue, and taken away, in orange",
            ],
            _SIDE,
        )
        pixels = int((after != subject.image).sum())
        st.markdown(
            f"- Largest change of a pixel (L∞ norm): **{largest_difference(subject.image, after)} of {LARGEST}**\n"
            f"- All changes together (L2 norm, full ink is 1): **{distance(subject.image, after):.2f}**\n"
            f"- Pixels that differ: {pixels} of {after.size}"
        )
        st.caption(
            "The changed digit is an image again, in whole grey levels from 0 to 255; "
            "the answer is asked of it after rounding."
        )
    with right:
        flipped = "read as before" if reads == read else f"now {with_article(reads)}"
        st.markdown(f"The answer at {plural(size, 'grey level')}: {flipped}")
        label = html.escape(f"Probability of each digit for the changed {subject.name}")
        st.html(BARS_STYLE + bars(changed, label, small=True))
