"""Sliders and boxes generated from `TrainConfig`: label, bounds, step, default and help stand there, once."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from mnist_core.config.conflicts import Conflict
from mnist_core.config.networks import NETWORKS
from mnist_core.config.presets import PRESETS, preset_of
from mnist_core.config.setting import Setting
from mnist_core.config.train_config import TrainConfig, settings

_MORE_OPEN = "more_settings_open"
MAIN = ("epochs", "learning_rate", "momentum", "batch_size", "model", "seed")


def choose_settings() -> TrainConfig | None:
    """A choice of presets that fills the widgets, the main settings, the rest under "More settings"; their config.

    None while settings exclude each other: that is said beside one of them, with a button that mends it.
    """
    config = TrainConfig.model_construct(**{name: _value(name) for name in settings()})
    st.session_state["preset"] = preset_of(config)
    st.pills(
        "Preset",
        list(PRESETS),
        format_func=lambda name: PRESETS[name].title,
        key="preset",
        on_change=_fill_from_preset,
        help="\n".join(f"- **{preset.title}**: {preset.description}" for preset in PRESETS.values()),
        wrap=True,
    )
    conflict = config.conflict()
    for name in MAIN:
        _widget_with_conflict(name, conflict)
    if conflict and conflict.setting not in MAIN:
        st.session_state[_MORE_OPEN] = True  # and it stays open once mended: nothing moves away under the hand
    with st.expander("More settings", expanded=st.session_state.get(_MORE_OPEN, False)):
        for name in settings():
            if name not in MAIN:
                _widget_with_conflict(name, conflict)
    return None if conflict else TrainConfig.parse({name: _value(name) for name in settings()})


def _widget_with_conflict(name: str, conflict: Conflict | None) -> None:
    setting_widget(name)
    if conflict is None or conflict.setting != name:
        return
    st.error(conflict.sentence, icon=":material/error:")
    st.button(
        f"Set {settings()[name].label} to {_shown(conflict.nearest)}",
        key="mend_settings",
        icon=":material/healing:",
        on_click=fill,
        args=({name: conflict.nearest},),
    )


def _shown(value: int | str) -> str:
    return value if isinstance(value, str) else f"{value:,}"


def setting_widget(name: str) -> Any:
    """The widget of one hyper-parameter; its value survives a change of page. Returns the value."""
    setting = settings()[name]
    value = st.session_state[_key(name)] = _value(name)
    common: dict[str, Any] = {"key": _key(name), "help": _help(setting), "persist_state": "session"}
    if setting.kind is str:
        return st.selectbox(setting.label, setting.choices, format_func=_title, **common)
    if setting.choices:
        choices = sorted({*setting.choices, value})  # a preset's value may lie between the slider's steps
        return st.select_slider(setting.label, choices, format_func=lambda choice: f"{choice:g}", **common)
    common |= {"min_value": setting.minimum, "max_value": setting.maximum, "step": setting.step}
    if setting.maximum and setting.maximum > 1000:
        return st.number_input(setting.label, **common)
    return st.slider(setting.label, **common)


def _key(name: str) -> str:
    return f"setting_{name}"


def _value(name: str) -> Any:
    return st.session_state.get(_key(name), settings()[name].default)


def fill(values: Mapping[str, Any]) -> None:
    """Set the widgets of these settings; before they are shown, or in a callback."""
    for name, value in values.items():
        st.session_state[_key(name)] = value


def _fill_from_preset() -> None:
    preset = PRESETS[st.session_state["preset"] or "tutorial"]
    fill(preset.settings() | preset.values)  # also what it names that changes only the speed


def _help(setting: Setting) -> str:
    if setting.name != "model":
        return setting.help
    lines = [
        f"- **{n.title}**: {n.description} {n.parameters:,} parameters{', at the width 1' if n.has_width else ''}."
        for n in NETWORKS.values()
    ]
    return "\n".join([setting.help, "", *lines])


def _title(choice: str) -> str:
    return NETWORKS[choice].title if choice in NETWORKS else choice.replace("_", " ")
