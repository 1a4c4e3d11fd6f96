"""One test digit in full, over the page: `?digit=947` opens it, and a card of the gallery does."""

import html
import re

import numpy as np
import streamlit as st

from mnist_core.data.label_errors import SOURCE, SOURCE_URL, VOTES
from mnist_core.evaluation.answers import Answers
from mnist_core.evaluation.statistics import plural
from mnist_core.interpretation.attribution import attribution
from mnist_core.runs.run import Run
from ui.common import cache, digit_images
from ui.common.attribution_image import METHOD_HELP, METHODS, attribution_picture, in_words
from ui.common.nearest_digits import nearest_digits
from ui.common.run_selector import run_label
from ui.common.text import percent, plain

DIGIT = "digit"  # its name in the URL
OTHER_RUNS = 12  # so many are shown

_STYLE = """<style>
.ten {width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; margin: 0}
.ten :is(td, th) {border: 0; padding: 0; height: 1.45rem; font-weight: 400}
.ten th {width: 5.2rem; text-align: right; padding-right: 0.6rem; white-space: nowrap}
.ten td:last-child {width: 4.6rem; text-align: right; white-space: nowrap}
.ten :is(.read, .true) :is(td, th) {font-weight: 700}
.ten div {height: 0.95rem; border-radius: 3px; background: color-mix(in srgb, currentColor 40%, transparent)}
.ten .true div {background: rgb(230 140 20)}
</style>"""


def open_card(index: str) -> None:
    """Ask for this digit's card; for callbacks."""
    st.query_params[DIGIT] = index


def show_asked(run: Run, epoch: int, answers: Answers, among: np.ndarray) -> None:
    """The card that the address asks for, if it does; Previous and Next go through `among`."""
    asked = st.query_params.get(DIGIT)
    if asked is None:
        return
    if _index(asked, answers) is None:
        st.caption(plain(f"There is no test digit {asked}: they are numbered from 0 to {len(answers) - 1:,}."))
    else:
        _card(run, epoch, answers, among)


def _index(asked: str | None, answers: Answers) -> int | None:
    is_one = asked is not None and re.fullmatch("[0-9]{1,9}", asked) and int(asked) < len(answers)
    return int(asked) if is_one and asked else None


def _close() -> None:
    st.query_params.pop(DIGIT, None)


@st.dialog("One test digit", width=900, on_dismiss=_close)
def _card(run: Run, epoch: int, answers: Answers, among: np.ndarray) -> None:
    index = _index(st.query_params.get(DIGIT), answers)
    if index is None:
        return
    true, read = int(answers.labels[index]), int(answers.predicted[index])
    image = cache.digits("test").images[index]
    _turn(index, among)
    left, right = st.columns([2, 3], gap="medium")
    with left:
        alt = f"Test digit {index}: labelled {true}, read as {read}"
        st.html(f"{_STYLE}{digit_images.picture(image, alt, 224)}")
        st.caption(f"Loss {answers.losses[index]:.3f}, margin {percent(answers.margin[index])}")
    with right:
        st.html(_ten_bars(answers.probabilities[index], true, read))
    _doubt(answers, index)

    _other_runs(run, epoch, index, true)
    nearest_digits(run, epoch, image, at_once=True)
    _what_decided(run, epoch, image, answers.probabilities[index], true)
    st.markdown("**Link to this digit**")
    st.code(_link(run, index), language=None)


def _turn(index: int, among: np.ndarray) -> None:
    """Which digit it is, and the way to the next of the gallery."""
    place = np.flatnonzero(among == index)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        if not len(place):
            st.markdown(f"**Test digit {index:,}**")
            return
        at = int(place[0])
        st.markdown(f"**Test digit {index:,}**, {at + 1:,} of {len(among):,} shown")
        with st.container(horizontal=True, width="content"):
            for label, step, icon in (("Previous", -1, "chevron_left"), ("Next", 1, "chevron_right")):
                there = at + step
                is_end = not 0 <= there < len(among)
                goal = str(among[at if is_end else there])
                st.button(label, icon=f":material/{icon}:", disabled=is_end, on_click=open_card, args=(goal,))


def _ten_bars(probabilities: np.ndarray, true: int, read: int) -> str:
    rows = []
    for digit, p in enumerate(probabilities):
        is_true, is_read = digit == true, digit == read
        word = "right " if is_true and is_read else "label " if is_true else "answer " if is_read else ""
        kind = "true" if is_true else "read" if is_read else ""
        rows.append(
            f'<tr class="{kind}"><th scope="row">{word}{digit}</th><td><div style="width:{p:.1%}"></div></td>'
            f"<td>{html.escape(percent(p))}</td></tr>"
        )
    return f'<table class="ten" aria-label="Probability of each digit">{"".join(rows)}</table>'


def _doubt(answers: Answers, index: int) -> None:
    """What is known against the label, and who says so."""
    sentences = []
    if index in VOTES:
        sentences.append(f"**People doubt this label.** {VOTES[index].sentence} ([{SOURCE}]({SOURCE_URL}))")
    if index in answers.doubted_labels:
        sentences.append(
            "**This network's answers doubt the label**, by confident learning: it gives another digit more than the "
            "probability it usually gives that digit where it is right. That is a hint, not a proof."
        )
    if sentences:
        st.info("\n\n".join(sentences), icon=":material/label_off:")


def _other_runs(run: Run, epoch: int, index: int, true: int) -> None:
    """What the newest other runs answered to it; only answers that are saved, so that no network is asked."""
    rows = []
    for other in [other for other in cache.runs_with_weights() if other != run][:OTHER_RUNS]:
        saved = other.saved_answers(cache.answering_epoch(other))
        if saved is not None:
            answer = np.exp(saved[index])
            rows.append((run_label(other), int(answer.argmax()), float(answer.max()), float(answer[true])))
    st.markdown("**Other runs**")
    if not rows:
        st.caption("There is no other run to compare with.")
        return
    wrong = sum(read != true for _, read, _, _ in rows)
    st.markdown(f"Wrong in {wrong} of {plural(len(rows), 'other run')} too.")
    st.dataframe(
        [
            {
                "Prediction": str(read),
                "Probability": percent(p),
                f"Of the label, {true}": percent(of_label),
                "Run": label,
            }
            for label, read, p, of_label in rows
        ],
        hide_index=True,
        width="stretch",
        height="content",
    )


def _what_decided(run: Run, epoch: int, image: np.ndarray, probabilities: np.ndarray, true: int) -> None:
    """Which ink spoke for the answer, and which for the label (or, where it is right, for the next best digit)."""
    first, second = (int(digit) for digit in np.argsort(-probabilities, kind="stable")[:2])
    other = second if first == true else true
    st.markdown(f"**Why {first} rather than {other}?**")
    name = st.segmented_control(
        "Method",
        list(METHODS),
        default=next(iter(METHODS)),
        required=True,
        key="attribution",
        label_visibility="collapsed",
        help=METHOD_HELP,
    )
    with st.spinner("Computing the attribution ..."):
        found = attribution(cache.network(run, epoch), image, first, METHODS[str(name)], against=other)
    left, right = st.columns([2, 3], gap="medium")
    words = in_words(found, first, other)
    left.html(digit_images.picture(attribution_picture(image, found), words, 224))
    right.markdown(words)
    right.caption(
        "The baseline is blank paper, so only ink counts: where a stroke is missing, the map stays grey. "
        "It explains this network's prediction, not what makes a digit that digit."
    )


def _link(run: Run, index: int) -> str:
    return f"{str(st.context.url).split('?')[0]}?run={run.id}&digit={index}"
