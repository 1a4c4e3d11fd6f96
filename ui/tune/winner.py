"""The end of a sweep: its winner trained on everything with fresh seeds, beside what it was chosen with."""

import streamlit as st

from mnist_core.evaluation.statistics import between, plural, share
from mnist_core.plots.sweeps import in_words, winner_figure
from mnist_core.runs.records import ACTIVE
from mnist_core.sweeps import results, retrain
from mnist_core.sweeps.retrain import Outcome
from mnist_core.sweeps.sweep import Sweep
from ui.access import changes
from ui.access.account import editors_only
from ui.common.actions import ask, presses
from ui.common.page import sentences
from ui.common.text import plain
from ui.components.live_chart import live_chart

HEIGHT = 240


def winner(sweep: Sweep) -> None:
    """The button that trains the winner, and what came of it."""
    best = results.best(sweep)
    if best is None:
        return
    st.subheader("The winner", anchor=False)
    st.markdown(plain(in_words(best).capitalize()) + ".")
    reached = retrain.outcome(sweep)
    if reached is None or reached.trial.number != best.number:
        st.button(
            "Train the winner on everything",
            type="primary",
            icon=":material/trophy:",
            on_click=ask,
            args=(presses().once, _train, sweep),
            **editors_only(
                help=f"With its settings, no digits held out, and {retrain.SEEDS} seeds that no trial has used."
            ),
        )
        st.caption(
            "The best of many trials is partly luck, with the seed and with the validation digits. What fresh seeds "
            "reach on the test digits shows how much."
        )
    if reached is not None:
        _follow(sweep, any(run.state in ACTIVE for run in reached.runs))


def _train(sweep: Sweep) -> None:
    changes.train_winner(sweep)  # its runs are listed here: none becomes the chosen one


def _follow(sweep: Sweep, is_active: bool) -> None:
    @st.fragment(run_every=2.0 if is_active else None)
    def watch() -> None:
        with sentences():
            reached = retrain.outcome(sweep)
            if reached is None:
                return
            _show(reached)
            if is_active and not any(run.state in ACTIVE for run in reached.runs):
                st.rerun()

    watch()


def _show(reached: Outcome) -> None:
    st.markdown(plain(reached.sentence))
    live_chart(winner_figure(reached), key="winner_chart", alt=reached.sentence, height=HEIGHT)
    lines = []
    for fresh in reached.runs:
        said: str = fresh.state
        if fresh.test_accuracy is not None and fresh.interval is not None:
            said = f"{share(fresh.test_accuracy, 2)} of 10,000 test digits (95 %: {between(fresh.interval, 2)})"
        lines.append(f"- [Seed {fresh.seed}](/Train?run={fresh.run.id}): {said}")
    st.markdown("\n".join(lines))
    luck = _luck(reached)
    if luck:
        st.caption(luck)


def _luck(reached: Outcome) -> str:
    """The difference between what it was chosen with and what it reaches, in words."""
    if reached.mean is None or reached.trial.accuracy is None:
        return ""
    gap = reached.trial.accuracy - reached.mean
    points = f"{100 * abs(gap):.2f} percentage points {'below' if gap > 0 else 'above'}"
    return (
        f"The mean of {plural(len(reached.runs), 'fresh seed')} is {points} what it was chosen with. Two things are in "
        "that: the luck of having been the best, and that it now trains on the validation digits as well."
    )
