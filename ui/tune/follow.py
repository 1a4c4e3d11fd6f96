"""One sweep as a person follows it: how it stands, what can be done with it, its trials as they come."""

from functools import partial
from typing import Any

import streamlit as st

from mnist_core.evaluation.statistics import between, plural, share
from mnist_core.sweeps import manager
from mnist_core.sweeps.manager import SweepStatus
from mnist_core.sweeps.plan import SweepPlan
from mnist_core.sweeps.results import TrialRow, accuracy_interval
from mnist_core.sweeps.sweep import Sweep
from ui.access import changes
from ui.access.account import editors_only, may_change
from ui.common.actions import ask, show_refusal
from ui.common.page import sentences
from ui.common.text import duration
from ui.components.live_numbers import Number, live_numbers
from ui.tune.charts import choose_view

LOOK_SECONDS = 2.0
MORE_TRIALS = 10
_STATES = {
    "running": "Searching",
    "paused": "Paused",
    "stopping": "Stopping: the trials at work are being saved",
    "stopped": "Stopped; Go on continues exactly there",
    "finished": "Finished",
    "interrupted": "Interrupted: its workers are gone. Go on continues where they were",
}


def follow(sweep: Sweep) -> None:
    """Show the sweep, and look at it again for as long as it is at work."""
    seen = manager.status(sweep)
    plan = sweep.plan()
    is_active = seen.state in ("running", "paused", "stopping") or bool(seen.workers)

    @st.fragment
    def panel() -> None:
        show_refusal()  # a button of a fragment runs nothing but the fragment
        buttons(sweep, seen, plan)
        numbers, controls, chart = st.container(), st.container(), st.container()
        with controls:
            draw = choose_view(sweep, plan)

        @st.fragment(run_every=LOOK_SECONDS if is_active else None)
        def watch() -> None:
            with sentences():
                if may_change() and sweep.file().storage:
                    changes.collect_runs(sweep)
                now, rows = manager.look(sweep)
                with numbers:
                    progress(now, plan)
                with chart:
                    draw(rows)
                if now.state != seen.state:
                    st.rerun()

        watch()

    panel()


def buttons(sweep: Sweep, now: SweepStatus, plan: SweepPlan) -> None:
    """Every button is always there, in its place; what makes no sense just now is disabled."""
    row = st.container(horizontal=True, gap="xsmall")

    def button(label: str, icon: str, is_possible: bool, action: Any, about: str) -> None:
        how = editors_only(not is_possible, about)
        row.button(label, icon=f":material/{icon}:", on_click=ask, args=(action, sweep), **how)

    is_searching, rests = now.state == "running", now.state in ("paused", "stopped", "interrupted")
    button("Pause", "pause", is_searching, changes.pause_sweep, "The trials at work rest where they are.")
    button("Go on", "play_arrow", rests, changes.resume_sweep, "Continue exactly where it was.")
    button(
        "Stop",
        "stop",
        is_searching or now.state == "paused",
        changes.stop_sweep,
        "Save the trials at work and end the workers; go on whenever you like, also tomorrow.",
    )
    if now.trials is not None:
        more = min(MORE_TRIALS, plan.most_slots - now.trials)
        button(
            f"{MORE_TRIALS if more < 1 else more} more trials",
            "add",
            now.state != "stopping" and more > 0,
            partial(_add, more),
            "Add trials; a sweep that has finished goes on at once. A grid ends with its last point.",
        )


def _add(more: int, sweep: Sweep) -> None:
    was_finished = manager.status(sweep).state == "finished"
    changes.add_trials(sweep, more)
    if was_finished:
        changes.resume_sweep(sweep)


def progress(now: SweepStatus, plan: SweepPlan) -> None:
    """A bar with how the sweep stands, and a row of numbers that stays where it is."""
    best = now.best
    headline = f"{_STATES[now.state]}."
    if now.yields:
        headline = "Waiting: a training that somebody started goes first."
    where = plural(now.workers, "worker") + (f" here, {now.elsewhere} elsewhere" if now.elsewhere else "")
    numbers = [
        Number(120, "Trials", f"{now.ended}" if now.trials is None else f"{now.ended} of {now.trials}", _counts(now)),
        Number(110, "At work", f"{now.running}", where),
        Number(100, "Time left", duration(now.seconds_left), "as the trials took so far" if now.seconds_left else ""),
        Number(
            170,
            "Best so far",
            "–" if best is None or best.accuracy is None else share(best.accuracy, 2),
            _best_in_words(best, plan),
            "Of the validation digits, which alone decide. The best of many trials is partly luck: train it again "
            "with fresh seeds, and you see how much.",
        ),
    ]
    total = now.trials or 0
    done = now.ended / total if total else float(now.state == "finished")
    live_numbers(headline, min(done, 1.0), numbers, key="sweep_numbers")


def _counts(now: SweepStatus) -> str:
    said = [(now.pruned, "ended early"), (now.failed, "failed"), (now.waiting, "waiting")]
    return "\n".join(f"{count} {words}" for count, words in said if count)


def _best_in_words(best: TrialRow | None, plan: SweepPlan) -> str:
    if best is None or (interval := accuracy_interval(best, plan.config.validation_size)) is None:
        return "no trial is complete yet"
    return f"trial {best.number}\n95 %: {between(interval)}\nn = {plan.config.validation_size:,}"
