"""Tune: search for good settings with many trainings, watch them come, and train the best once more."""

import streamlit as st

from mnist_core.sweeps import storage
from mnist_core.sweeps import sweep as sweeps
from ui.access import changes
from ui.access.account import editors_only, may_change
from ui.common.actions import ask, presses, show_refusal, show_undo
from ui.common.page import page
from ui.tune.follow import follow
from ui.tune.plan_form import choose_plan
from ui.tune.sweep_selector import choose_sweep, show_sweep
from ui.tune.winner import winner

with page("Tune", "Let many trainings search for settings; only validation digits decide which is best."):
    storage.refuse_missing_optuna()
    plan_column, sweep_column = st.columns([1, 3], gap="large")

    with plan_column:
        plan = choose_plan()
        st.button(
            "Start sweep",
            type="primary",
            icon=":material/play_arrow:",
            width="stretch",
            on_click=ask,
            args=(lambda: show_sweep(presses().once(changes.start_sweep, plan)),),
            **editors_only(disabled=plan is None),
        )

    known = sweeps.every()
    with sweep_column.container(key="training" if known else "no_sweep"):  # the first on a phone
        show_refusal()
        show_undo("sweep")
        if not known:
            hint = " Leave the plan as it is, and press Start sweep: 20 short trainings." if may_change() else ""
            st.info(f"No sweep yet.{hint}", icon=":material/info:")
            st.stop()
        sweep = choose_sweep(known)
        follow(sweep)
        winner(sweep)
