"""Guided experiments on the page: a dialog to start one, and a card under the chart of a run that belongs to one."""

import streamlit as st

from mnist_core.evaluation.answers import answers_of
from mnist_core.evaluation.statistics import share
from mnist_core.jobs import experiments
from mnist_core.jobs.experiments import EXPERIMENTS, Experiment
from mnist_core.plots.comparison import size_figure
from mnist_core.runs.run import Run
from ui.access import changes
from ui.access.account import editors_only
from ui.common import cache
from ui.common.actions import ask, presses
from ui.common.run_selector import show_run
from ui.components.live_chart import live_chart


def experiments_button() -> None:
    """Opens the dialog."""
    if st.button("Guided experiments", icon=":material/science:", width="stretch"):
        _choose()


@st.dialog("Guided experiments", width="large")
def _choose() -> None:
    titles = {experiment.title: experiment for experiment in EXPERIMENTS}
    title = st.pills("What do you want to find out?", list(titles), default=EXPERIMENTS[0].title, required=True)
    experiment = titles[title]
    _about(experiment)
    st.markdown(f"**What it teaches.** {experiment.teaches}")
    count = len(experiment.arms)
    label = "Start it" if count == 1 else f"Start its {count} trainings, one after the other"
    start = (presses().once, _start, experiment)
    if st.button(label, type="primary", icon=":material/play_arrow:", on_click=ask, args=start, **editors_only()):
        st.rerun()


def _start(experiment: Experiment) -> Run:
    return changes.start_experiment(experiment)[0]


def experiment_card(run: Run, known: list[Run]) -> None:
    """For a run that an experiment started: what it is about, and when it has ended whether the hypothesis held."""
    experiment = experiments.experiment_of(cache.record(run).name)
    if experiment is None:
        return
    with st.container(border=True):
        st.markdown(f"**Experiment: {experiment.title}**")
        _about(experiment)
        pair = experiments.runs_of(experiment, run, cache.records(known))
        present = [other for other in pair if other is not None]
        if len(present) < len(pair):
            st.caption("A run that it is compared with has been deleted: start the experiment again.")
            return
        if (verdict := experiments.verdict(experiment, present)) is None:
            st.caption("When it has ended, a sentence here says whether the hypothesis held.")
        else:
            icon = ":material/check_circle:" if verdict.held else ":material/cancel:"
            st.markdown(f"{icon} **{verdict.sentence}**")
            st.markdown(f"**What it teaches.** {experiment.teaches}")
            if len(present) > 2:
                _by_size(present)
        for other in present:
            if other != run:
                name = cache.record(other).name
                st.button(
                    f"Show the {'other run' if len(present) == 2 else 'run'}: {name}",
                    icon=":material/swap_horiz:",
                    on_click=show_run,
                    args=(other.id,),
                )


def _by_size(its_runs: list[Run]) -> None:
    """The runs' test accuracies by the size of their networks."""
    if not all(run.saved_epochs() for run in its_runs):
        return
    known = [(cache.record(run).config.network_size.parameters, answers_of(run)) for run in its_runs]
    measured = [(size, answers.correct, len(answers)) for size, answers in known]
    told = "; ".join(f"{size:,} parameters {share(correct / n)}" for size, correct, n in measured)
    alt = f"Test accuracy by parameters, with 95 % intervals: {told}."
    live_chart(size_figure(measured), key="accuracy_by_size", alt=alt, height=300)


def _about(experiment: Experiment) -> None:
    st.markdown(f"**Hypothesis.** {experiment.hypothesis}  \n**What to look at.** {experiment.look_at}")
