"""The plan of a sweep: what is searched, in which ranges, how long and how."""

from typing import Any

import streamlit as st

from mnist_core.config.presets import PRESETS
from mnist_core.config.setting import Setting
from mnist_core.config.train_config import settings
from mnist_core.errors import RequestError
from mnist_core.sweeps import plan, space
from mnist_core.sweeps.plan import MAX_FIELDS, MAX_SEEDS, MAX_TRIALS, MAX_WORKERS, PRUNERS, SAMPLERS, SweepPlan
from mnist_core.sweeps.space import Range
from mnist_core.system.plain_text import MAX_NAME
from ui.common.text import plain

_KEPT: dict[str, Any] = {"persist_state": "session"}
_FIRST = ("learning_rate", "momentum")


def choose_plan() -> SweepPlan | None:
    """The widgets, and their plan; None where it is none, which is said."""
    names = st.multiselect(
        "Search",
        space.searchable(),
        default=_FIRST,
        format_func=lambda name: settings()[name].label,
        max_selections=MAX_FIELDS,
        key="tune_names",
        help="The settings whose best values are looked for. All others stay as the preset has them.",
        wrap=True,
        **_KEPT,
    )
    ranges = {name: _range(settings()[name]) for name in names}
    trials = st.number_input(
        "Trials",
        1,
        MAX_TRIALS,
        20,
        key="tune_trials",
        help="A trial is a training with settings of its own. It is a run like any other.",
        **_KEPT,
    )
    epochs = {}
    if "epochs" not in names:
        setting = settings()["epochs"]
        epochs["epochs"] = st.select_slider(
            "Epochs of each trial", setting.choices, setting.default, key="tune_all_epochs", help=setting.help, **_KEPT
        )
    with st.expander("How it is searched"):
        how = _how()
    try:
        given = PRESETS[how.pop("preset")].values | {"validation_size": how.pop("validation_size")} | epochs
        config = {name: value for name, value in given.items() if name not in names}
        return plan.parse({"config": config, "space": ranges, "trials": trials, **how})
    except RequestError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return None


def _range(setting: Setting) -> Range:
    """The widget of one searched setting."""
    usual, key, label = space.usual_range(setting.name), f"tune_range_{setting.name}", f"{setting.label}: from, to"
    if setting.kind is str:
        chosen = st.multiselect(
            setting.label, setting.choices, setting.choices, key=key, help=setting.help, wrap=True, **_KEPT
        )
        return Range(choices=tuple(chosen))
    steps = [choice for choice in setting.choices if choice > 0 or not usual.log]
    if usual.choices:
        steps = list(usual.choices)
    if steps:
        inside = [choice for choice in steps if usual.choices or (usual.low or 0) <= choice <= (usual.high or 0)]
        low, high = st.select_slider(
            label, steps, (inside[0], inside[-1]), lambda choice: f"{choice:g}", key=key, help=setting.help, **_KEPT
        )
    else:
        low, high = st.slider(
            label,
            setting.minimum,
            setting.maximum,
            (setting.kind(usual.low), setting.kind(usual.high)),
            step=setting.step,
            key=key,
            help=setting.help,
            **_KEPT,
        )
    if usual.choices:
        return Range(choices=tuple(choice for choice in usual.choices if low <= choice <= high))
    return Range(low=low, high=high, log=usual.log)


def _how() -> dict[str, Any]:
    preset = st.selectbox(
        "Other settings from",
        list(PRESETS),
        format_func=lambda name: PRESETS[name].title,
        key="tune_preset",
        help="\n".join(f"- **{each.title}**: {each.description}" for each in PRESETS.values()),
        **_KEPT,
    )
    sampler = st.selectbox("Sampler", list(SAMPLERS), key="tune_sampler", help=_list(SAMPLERS), **_KEPT)
    pruner = st.selectbox("End bad trials early", list(PRUNERS), key="tune_pruner", help=_list(PRUNERS), **_KEPT)
    seeds = st.number_input(
        "Seeds a trial",
        1,
        MAX_SEEDS,
        1,
        key="tune_seeds",
        help="So many trainings with the same settings and other seeds; a trial's accuracy is their mean.",
        **_KEPT,
    )
    validation = settings()["validation_size"]
    validation_size = st.select_slider(
        validation.label,
        [choice for choice in validation.choices if choice],
        plan.VALIDATION_SIZE,
        format_func=lambda count: f"{count:,}",
        key="tune_validation_size",
        help="So many of the 60,000 are held out, and they alone decide which trial is best.",
        **_KEPT,
    )
    workers = st.number_input(
        "Trainings at once",
        1,
        MAX_WORKERS,
        plan.default_workers(),
        key="tune_workers",
        help="Each takes one thread of the processor. A training that you start yourself goes before them.",
        **_KEPT,
    )
    minutes = st.number_input(
        "Minutes at most", 0, 60_000, 0, key="tune_minutes", help="No trial begins later; 0 is no limit.", **_KEPT
    )
    name = st.text_input("Name", max_chars=MAX_NAME, key="tune_name", placeholder="What you want to find out", **_KEPT)
    return {
        "preset": preset,
        "sampler": sampler,
        "pruner": pruner,
        "seeds": seeds,
        "validation_size": validation_size,
        "workers": workers,
        "minutes": minutes or None,
        "name": name,
    }


def _list(said: Any) -> str:
    return "\n".join(f"- **{name}**: {about}" for name, about in said.items())
