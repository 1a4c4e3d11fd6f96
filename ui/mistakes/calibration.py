"""The Calibration section: is it right as often as it says, and what is gained by refusing what is doubtful."""

import numpy as np
import streamlit as st

from mnist_core.evaluation import calibration as core
from mnist_core.evaluation.answers import Answers
from mnist_core.evaluation.calibration import Fit
from mnist_core.evaluation.statistics import accuracy_sentence, share
from mnist_core.plots.calibration import coverage_figure, reliability_figure, reliability_in_words
from mnist_core.runs.run import Run
from ui.common import cache
from ui.common.background_task import watch

_GIVEN, _SCALED = "as given", "with temperature"
_HELP = (
    "The temperature T divides the network's scores before they become probabilities: above 1 it makes every answer "
    "less sure, below 1 surer. The digit answered stays the same."
)


def show(run: Run, epoch: int) -> None:
    """Reliability diagram, calibration error, temperature; and the slider below which answers are refused."""
    answers = cache.answers_of(run, epoch)
    right = answers.predicted == answers.labels
    fit = core.fitted(run, epoch)
    sure = {_GIVEN: answers.confidence}
    if fit:
        scaled = Answers(core.scale(answers.log_probabilities, fit.temperature), answers.labels)
        sure[_SCALED] = scaled.confidence
    left, gap, narrow = st.columns([10, 1, 10])
    del gap
    with left:
        _reliability(run, epoch, fit, sure, right)
    with narrow:
        _refuse(sure, right)


def _reliability(run: Run, epoch: int, fit: Fit | None, sure: dict[str, np.ndarray], right: np.ndarray) -> None:
    st.markdown(
        "**Is it right as often as it says?**", help="On the dotted line it is. Below, it is too sure of itself."
    )
    series = {name: core.bins(probability, right) for name, probability in sure.items()}
    st.plotly_chart(
        reliability_figure(series),
        key="reliability",
        config={"displayModeBar": False},
        alt=reliability_in_words(series),
    )
    lines = []
    for name, probability in sure.items():
        error, by_chance = 100 * core.expected_calibration_error(series[name]), 100 * _by_chance(probability)
        lines.append(
            f"- Expected calibration error {name}: **{error:.2f} %** ({len(right):,} test digits, {core.BINS} bins; "
            f"a perfectly calibrated network would stay below {by_chance:.2f} % 19 times in 20)"
        )
    st.markdown("\n".join(lines))
    if fit:
        st.markdown(
            f"- Temperature T = **{fit.temperature:.2f}** ({fit.n:,} held-out digits, 95 % interval {fit.low:.2f} to "
            f"{fit.high:.2f}): their mean loss goes from {fit.loss_before:.4f} to {fit.loss_after:.4f}",
            help=_HELP,
        )
    elif size := cache.record(run).config.validation_size:
        note = f"fitted on its {size:,} validation digits, in seconds."
        watch({"Temperature": core.ANALYSIS.study(run, epoch)}, "Fit the temperature", note)
    else:
        st.info(
            "This run held out no validation digits, so no temperature can be fitted: it was trained on all others, "
            "and the test digits choose nothing. Train one with Validation digits (under More settings) above 0.",
            icon=":material/info:",
        )
        st.page_link("pages/1_Train.py", label="Train a network", icon=":material/model_training:")


@st.fragment  # the slider redraws its own half alone
def _refuse(sure: dict[str, np.ndarray], right: np.ndarray) -> None:
    st.markdown("**What if it may refuse to answer?**")
    which = _GIVEN
    if len(sure) > 1:
        which = st.segmented_control("Probabilities", list(sure), default=_GIVEN, required=True, key="probabilities")
    percent = st.slider(
        "Refuse below this probability, %", 0.0, 99.9, 90.0, 0.1, "%.1f", key="refuse_below", persist_state="session"
    )
    probability = sure[which or _GIVEN]
    chosen = core.refuse_below(percent / 100, probability, right)
    if chosen.answered:
        said = f"of these, right: **{accuracy_sentence(chosen.correct, chosen.answered, 'answers')}**"
    else:
        said = "so nothing can be said about their accuracy"
    st.markdown(f"It answers **{chosen.answered:,} of {chosen.n:,}** test digits ({share(chosen.coverage)}); {said}.")
    st.plotly_chart(
        coverage_figure(core.refusal_curve(probability, right), chosen),
        key="coverage",
        config={"displayModeBar": False},
        alt=f"Accuracy of the answers against the share answered, now {chosen.answered:,} of {chosen.n:,}.",
    )
    st.caption("These are test digits: they show what a threshold does. To choose one, use validation digits.")


@st.cache_data(show_spinner=False, max_entries=40)
def _by_chance(probability: np.ndarray) -> float:
    return core.error_by_chance(probability)
