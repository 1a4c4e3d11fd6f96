"""Train: choose hyper-parameters, start, watch, stop, resume."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from mnist_core import jobs, runs
from mnist_core.errors import MnistError
from mnist_core.runs import ACTIVE, Run
from ui import loaders, run_view
from ui.frame import page, sentences
from ui.run_choice import choose_run, show_run
from ui.settings import choose_settings
from ui.share import settings_from_address, settings_to_address, share
from ui.time_machine import time_machine
from ui.training_chart import training_chart

REFRESH_SECONDS = 1.0
FIRST_SECONDS = 0.3  # until the first point is there
MORE_EPOCHS = 5


def ask(action: Callable[..., Run | None], *arguments: Any) -> None:
    """Do what a button asks; a refusal is shown by the script run that follows."""
    try:
        outcome = action(*arguments)
        if isinstance(outcome, Run):
            show_run(outcome.id)
    except MnistError as error:
        st.session_state["refusal"] = str(error)


with page("Train", "Turn the settings, start a training, and watch the network learn."):
    settings_column, run_column = st.columns([1, 3], gap="large")

    known = runs.every()
    active = [run for run in known if loaders.status(run).state in ACTIVE]
    if not active:
        jobs.stand_by()  # so that the next training starts at once
    with settings_column:
        settings_from_address()
        config = choose_settings()
        settings_to_address(config)
        st.button(
            "Start training",
            type="primary",
            icon=":material/play_arrow:",
            width="stretch",
            on_click=ask,
            args=(jobs.start_once, config),
        )
        share(config)

    with run_column:
        if refusal := st.session_state.pop("refusal", None):
            st.error(refusal, icon=":material/error:")
        if not known:
            st.info("No run yet. Leave the settings as they are, and press Start training.", icon=":material/info:")
            st.stop()

        run = choose_run(known, default=active[-1] if active else known[0]) or known[0]
        status = run.status()
        is_active = status.state in ACTIVE

        buttons = st.container(horizontal=True)
        buttons.button("Stop", icon=":material/stop:", disabled=not is_active, on_click=ask, args=(jobs.stop, run))
        buttons.button(
            "Resume",
            icon=":material/resume:",
            disabled=is_active or status.state == "finished",
            on_click=ask,
            args=(jobs.resume, run),
        )
        buttons.button(
            f"Train {MORE_EPOCHS} more epochs",
            icon=":material/add:",
            disabled=status.state != "finished",
            on_click=ask,
            args=(jobs.resume, run, status.epoch + MORE_EPOCHS),
        )

        @st.fragment(run_every=(FIRST_SECONDS if status.step == 0 else REFRESH_SECONDS) if is_active else None)
        def watch() -> None:
            """Follow the run's files; the whole page runs again once, when the run comes to rest."""
            with sentences():
                now, record, (_, curves) = run.status(), run.record(), loaders.metrics(run)
                run_view.progress(now, record, curves)
                if now.error:
                    st.error(now.error, icon=":material/error:")
                training_chart(run, record, curves, [])
                has_come_to_rest = is_active and now.state not in ACTIVE
                if has_come_to_rest or (status.step == 0 and now.step > 0):
                    st.rerun()

        watch()
        if not is_active and loaders.saved_epochs(run):
            time_machine(run)
