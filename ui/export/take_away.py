"""The button "Take away" and its dialog: choose a format, have it prepared and checked, download it."""

import mimetypes

import streamlit as st

from mnist_core.config.networks import NETWORKS
from mnist_core.evaluation.statistics import accuracy_sentence
from mnist_core.export.about import moment
from mnist_core.export.formats import FORMATS
from mnist_core.export.preparation import Outcome, Preparation, missing, preparations
from mnist_core.runs.run import Run
from ui.access import changes
from ui.common import cache
from ui.common.actions import ask, show_refusal
from ui.common.page import sentences
from ui.common.text import plain

_OPEN = "taking_away"  # the page and the run whose dialog is open: it stays so when the page runs again around it
_WORDS = {"starting": "It is being started", "waiting": "It waits for another to be done", "running": "Being written"}
_HANDED_OVER = tuple(name for name, form in FORMATS.items() if form.ending is not None)  # the others go to an address


def take_away(run: Run, page: str) -> None:
    """A button that opens the dialog for `run`, and the dialog where it is open on this `page`."""
    st.button(
        "Take away",
        icon=":material/output:",
        key="take_away",
        help="The run for other programs: as files.",
        on_click=lambda: st.session_state.update({_OPEN: (page, run.id)}),
    )
    if (asked := st.session_state.get(_OPEN)) == (page, run.id):
        st.dialog("Take away", width="medium", icon=":material/output:", on_dismiss=_close)(_dialog)(run)
    elif asked:  # somebody left that page without closing it
        _close()


def _close() -> None:
    st.session_state.pop(_OPEN, None)


def _dialog(run: Run) -> None:
    """What can be had of the run, and the chosen one of it."""
    with sentences():
        st.caption(plain(_heading(run)))
        known = preparations(run, _HANDED_OVER)
        latest = max(_HANDED_OVER, key=lambda name: known[name].touched())
        chosen = st.selectbox(
            "Format",
            _HANDED_OVER,
            index=_HANDED_OVER.index(latest),  # what was asked for before a reload is found again
            format_func=lambda name: FORMATS[name].title,
            key=f"format_of_{run.id}",
        )
        st.caption(plain(FORMATS[chosen].about))
        if why := missing(FORMATS[chosen], run):
            st.info(_as_typed(why), icon=":material/extension_off:")
        else:
            _follow(known[chosen])


def _heading(run: Run) -> str:
    """What the run is called, and how good the weights are that are handed over."""
    epoch, record = cache.answering_epoch(run), cache.record(run)
    answers = cache.answers_of(run, epoch)
    called = "Shipped with the project" if run.is_shipped else cache.name(run) or run.id
    accuracy = accuracy_sentence(answers.correct, len(answers))
    return f"{called} · {NETWORKS[record.config.model].title} · test accuracy {moment(epoch, record)}: {accuracy}"


def _follow(preparation: Preparation) -> None:
    """A button that has it written, what becomes of it, and the download."""
    outcome, now = preparation.outcome(), preparation.progress()
    is_active = outcome is None and now is not None and now.is_active
    show_refusal()
    if outcome is not None:
        _hand_over(preparation, outcome)
    elif is_active:
        _wait(preparation)
    else:
        if now and now.error:
            st.error(plain(now.error), icon=":material/error:")
        st.button(
            "Try again" if now else "Prepare",
            type="primary",
            icon=":material/play_arrow:",
            key="prepare",
            on_click=ask,
            args=(changes.prepare_export, preparation),
        )


@st.fragment(run_every=0.5)
def _wait(preparation: Preparation) -> None:
    """Look at its file until it is done; the page then runs again, and the dialog with it."""
    now = preparation.progress()
    if now is None or not now.is_active:
        st.rerun()
    st.info(f"{_WORDS[now.state]}. It goes on when you close this.", icon=":material/hourglass_top:")


def _hand_over(preparation: Preparation, outcome: Outcome) -> None:
    if outcome.check:
        st.success(plain(outcome.check), icon=":material/check_circle:")
    st.markdown(_as_typed(outcome.sentence))
    st.download_button(
        f"Download ({_size(outcome.size)})",
        preparation.content,  # read when it is pressed: a page that shows the button holds nothing
        outcome.file,
        mimetypes.guess_type(outcome.file)[0] or "application/octet-stream",
        on_click="ignore",
        type="primary",
        icon=":material/download:",
        key="download_export",
    )


def _as_typed(sentence: str) -> str:
    """As Markdown: commands between backquotes stay such, all else is shown as it is."""
    parts = sentence.split("`")
    if len(parts) % 2 == 0:
        return plain(sentence)
    return "".join(f"`{part}`" if place % 2 else _part(part) for place, part in enumerate(parts))


def _part(part: str) -> str:
    """`plain` keeps no spaces at the ends."""
    return f"{' ' * part.startswith(' ')}{plain(part)}{' ' * part.endswith(' ')}" if part.strip() else part


def _size(size: int) -> str:
    """For example "123 kB" and "1.2 MB"."""
    return f"{max(1, round(size / 1000)):,} kB" if size < 1e6 else f"{size / 1e6:.1f} MB"
