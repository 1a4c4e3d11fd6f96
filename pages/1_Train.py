"""Train: choose hyper-parameters, start, watch, steer; go back to any epoch; keep several runs apart."""

import streamlit as st

from mnist_core.errors import MnistError
from mnist_core.runs import store
from mnist_core.runs.records import ACTIVE
from ui.access import changes
from ui.access.account import editors_only, may_change
from ui.common import cache
from ui.common.actions import ask, presses, show_refusal, show_undo
from ui.common.page import page
from ui.common.run_selector import choose_run, notice_new_runs
from ui.common.text import plain
from ui.export.take_away import take_away
from ui.train.augmented_batch import what_training_sees
from ui.train.diagnosis_card import diagnosis
from ui.train.epoch_by_epoch import time_machine
from ui.train.experiments import experiment_card, experiments_button
from ui.train.live_view import follow, get_ready
from ui.train.rate_finder import rate_finder_button
from ui.train.run_controls import rates_in_flight, steering_buttons
from ui.train.run_manager import manage, queue
from ui.train.settings_form import choose_settings
from ui.train.share import settings_from_address, settings_to_address, share

SECTIONS = ("Epoch by epoch", "What training sees", "Queue")

with page("Train", "Turn the settings, start a training, and watch the network learn."):
    settings_column, run_column = st.columns([1, 3], gap="large")

    known = store.every()
    active = [run for run in known if cache.status(run).state in ACTIVE]
    if not active:
        if may_change():
            changes.stand_by()  # so that the next training starts at once
        notice_new_runs()
    with settings_column:
        settings_from_address()
        config = choose_settings()
        settings_to_address(config)
        st.button(
            "Start training",
            type="primary",
            icon=":material/play_arrow:",
            width="stretch",
            on_click=ask if config else None,
            args=(presses().once, changes.start, config),
            **editors_only(
                disabled=config is None,
                help="These settings exclude each other: see the sentence beside them." if config is None else None,
            ),
        )
        rate_finder_button(config)
        experiments_button()
        share(config)

    with run_column.container(key="training" if active else "at_rest"):  # the first on a phone while it trains
        show_refusal()
        show_undo("run")
        if not known:
            hint = " Leave the settings as they are, and press Start training." if may_change() else ""
            st.info(f"No run yet.{hint}", icon=":material/info:")
            get_ready()
            if st.segmented_control("Look at", SECTIONS[1:2], key="section_without_run"):
                what_training_sees(None, config)
            st.stop()

        first = next((run for run in known if cache.is_readable(run)), known[0])
        run = choose_run(known, default=active[-1] if active else first) or known[0]
        status = run.status()
        try:
            findings = cache.findings(run, status)
        except MnistError as error:  # its files are damaged: another can be chosen, and this one deleted
            st.error(plain(str(error)), icon=":material/healing:")
            manage(run)
            st.stop()
        steering_buttons(run, status)
        follow(run, status)
        diagnosis(findings)
        if status.state in ACTIVE:
            rates_in_flight(run, run.record(), status)
        experiment_card(run, known)

        row = st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute")
        # While it trains, what is below the chart is shown on demand: the page is there sooner.
        shown, key = (None, "section_while_active") if status.state in ACTIVE else (SECTIONS[0], "section_at_rest")
        section = row.segmented_control("Look at", SECTIONS, default=shown, key=key)
        with row:
            manage(run)
            take_away(run, "Train")
        if section == "Epoch by epoch":
            time_machine(run)
        elif section == "What training sees":
            what_training_sees(run, config)
        elif section:
            queue()
