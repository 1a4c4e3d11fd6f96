"""Steering one run: pause, step, go on, stop, resume; and its rates while it trains."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from mnist_core.config.train_config import settings
from mnist_core.runs.records import ACTIVE, Record, Status
from mnist_core.runs.run import Run
from ui.access import changes
from ui.access.account import editors_only
from ui.common.actions import ask

MORE_EPOCHS = 5
RATES = ("learning_rate", "momentum")


def command(action: Callable[..., int], run: Run, *arguments: Any) -> None:
    """Send the run's trainer a command, and remember its number: until it is handled the page looks often."""
    st.session_state[_asked(run)] = action(run, *arguments)


def awaits(run: Run, status: Status) -> bool:
    """Whether a command from this page is still to be handled."""
    return status.commands_handled < st.session_state.get(_asked(run), 0)


def _asked(run: Run) -> str:
    return f"command_for_{run.id}"


def steering_buttons(run: Run, status: Status) -> None:
    """Every button is always there, in its place; what makes no sense just now is disabled."""
    row = st.container(horizontal=True, gap="xsmall")

    def button(
        label: str,
        icon: str,
        is_possible: bool,
        action: Callable[..., Any],
        *more: Any,
        about: str,
        waits: bool = False,  # whether the action is a command, which the trainer handles in its own time
    ) -> None:
        shown = f":material/{icon}:" if icon else None
        how = (command, action) if waits else (action,)
        row.button(label, icon=shown, on_click=ask, args=(*how, run, *more), **editors_only(not is_possible, about))

    is_paused, is_active = status.state == "paused", status.state in ACTIVE
    is_at_rest = not is_active and status.state != "finished"
    button("Pause", "pause", status.state == "running", changes.pause, about="Pause after this update.", waits=True)
    button("Go on", "play_arrow", is_paused, changes.unpause, about="Continue from the next update.", waits=True)
    button("One step", "", is_paused, changes.step, about="Make one update, then pause again.", waits=True)
    button(
        "One epoch",
        "",
        is_paused,
        changes.step_epoch,
        about="Train to the epoch's end, test, then pause.",
        waits=True,
    )
    button(
        "Stop",
        "stop",
        is_active,
        changes.stop,
        about="Save and end it; Resume continues exactly there.",
        waits=True,
    )
    button("Resume", "resume", is_at_rest, changes.resume, about="Continue where it was stopped or interrupted.")
    button(
        f"{MORE_EPOCHS} more epochs",
        "add",
        status.state == "finished",
        changes.resume,
        status.epoch + MORE_EPOCHS,
        about="Train a finished run further; its curve continues.",
    )


def rates_in_flight(run: Run, record: Record, status: Status) -> None:
    """Two sliders that change this run, not the next one, from its next update on."""
    row = st.container(horizontal=True, vertical_alignment="bottom", border=True, key="in_flight")
    row.markdown("**While it runs**  \nchanges this run at its next update", width=190)
    for name in RATES:
        _rate_slider(row, run, name, getattr(status, name), getattr(record.config, name))


def _rate_slider(row: Any, run: Run, name: str, set_last: float | None, configured: float) -> None:
    setting, key, seen = settings()[name], f"{name}_of_{run.id}", f"{name}_seen_of_{run.id}"
    now = configured if set_last is None else set_last
    if st.session_state.get(seen) != now:  # set from elsewhere, or the command from here has been handled
        st.session_state[seen] = st.session_state[key] = now
    value = st.session_state.setdefault(key, now)  # what a person asked for stays until the trainer has handled it

    def change() -> None:
        ask(command, lambda of: changes.set_rates(of, **{name: st.session_state[key]}), run)

    common: dict[str, Any] = {"key": key, "on_change": change, "width": 220, **editors_only()}
    if setting.choices:
        choices = sorted({*setting.choices, value})
        row.select_slider(setting.label, choices, format_func=lambda choice: f"{choice:g}", **common)
    else:
        row.slider(setting.label, setting.minimum, setting.maximum, step=setting.step, **common)
