"""How the accuracy falls as digits are changed to fool a network, for several runs; and which is harder to fool."""

import streamlit as st

from mnist_core.config.train_config import TEST_SIZE
from mnist_core.interpretation.fooling import adversarial
from mnist_core.interpretation.fooling.adversarial import EVERY, METHODS, SIZES, Attacked, curve
from mnist_core.interpretation.fooling.attacks import Method
from mnist_core.plots.robustness import accuracies_in_words, fooled_figure
from mnist_core.plots.style import RUN_STYLES
from mnist_core.runs import store
from mnist_core.runs.run import Run
from ui.common import cache
from ui.common.background_task import answers_beside
from ui.common.run_selector import choose_others, legend
from ui.common.text import plain
from ui.inside.try_this import try_this

_BESIDE, _SIZE, _METHOD = "fooled_beside", "fooled_size", "fooled_method"
_BEGIN = 24  # grey levels


def show(run: Run, epoch: int) -> None:
    """Curves of this run and of others that are chosen; a button where they are not computed yet."""
    try_this(
        "**Is the network that reads people best also harder to fool?** "
        f"Every tenth test digit, {TEST_SIZE // EVERY:,} in all, is changed against each network: "
        "the higher a line stays, the harder that one is to fool.",
        "put another network beside it",
        _put_beside,
        run,
    )
    others = choose_others(run, "Other runs beside it", len(RUN_STYLES) - 1, key=_BESIDE)
    note = "half a minute a run, the shipped one some minutes; the page stays usable meanwhile."
    wanted, found = answers_beside(adversarial.ANALYSIS, run, epoch, others, "Try to fool it", note)
    if not found:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        method = choose_method(_METHOD)
        size = st.select_slider("Size that is compared", SIZES, _BEGIN, key=_SIZE, persist_state="session", width=280)
    curves = {label: curve(fooled[method]) for label, fooled in found.items()}
    if len(wanted) > 1:
        legend(wanted, list(curves))
    st.plotly_chart(
        fooled_figure(curves, size),
        key="fooled_accuracy",
        config={"displayModeBar": False},
        alt=accuracies_in_words(curves),
    )
    if len(found) > 1:
        accuracies = {
            label: cache.answers_of(one, epoch if one is run else cache.answering_epoch(one)).accuracy
            for label, one in zip(wanted, [run, *others], strict=True)
            if label in found
        }
        networks = [Attacked(label, accuracies[label], fooled) for label, fooled in found.items()]
        st.markdown(plain(adversarial.is_the_best_reader_harder_to_fool(networks, method, size)))
    elif len(wanted) == 1:
        st.caption("Put another run beside it: the page then answers which of them is harder to fool.")
    st.caption(
        f"Bands: Wilson's 95 % interval, n = {TEST_SIZE // EVERY:,} digits. "
        "A digit counts as fooled where a change up to that size is found; a stronger attack would find more. "
        "The steps follow Goodfellow et al. (2015) and Madry et al. (2018), on whole grey levels."
    )


def choose_method(key: str) -> Method:
    """One step or many."""
    return st.segmented_control(
        "Attack",
        list(METHODS),
        default="pgd",
        required=True,
        format_func=METHODS.__getitem__,
        key=key,
        persist_state="session",
        help="One step moves every pixel by the whole size at once. "
        "Many steps look again after each small one, and get by with less.",
    )


def _put_beside(run: Run) -> None:
    """The shipped run beside another; beside the shipped one, the best of the others."""
    shipped = store.shipped()
    own = [one for one in cache.runs_with_weights() if not one.is_shipped and one != run]
    other = shipped if shipped is not None and not run.is_shipped else store.best_of(own, cache.status)
    if other is not None:
        st.session_state[_BESIDE] = [other.id]
