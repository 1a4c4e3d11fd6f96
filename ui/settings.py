"""Sliders and boxes generated from `TrainConfig`: label, bounds, step, default and help stand there, once."""

from typing import Any

import streamlit as st

from mnist_core.config import NETWORKS, Setting, TrainConfig, settings


def setting_widget(name: str) -> Any:
    """The widget of one hyper-parameter; its value survives a change of page. Returns the value."""
    setting = settings()[name]
    common: dict[str, Any] = {"key": f"setting_{name}", "help": _help(setting), "persist_state": "session"}
    if setting.kind is str:
        return st.selectbox(setting.label, setting.choices, format_func=_title, **common)
    if setting.choices:
        common |= {"value": setting.default, "format_func": lambda value: f"{value:g}"}
        return st.select_slider(setting.label, setting.choices, **common)
    common |= {"min_value": setting.minimum, "max_value": setting.maximum, "step": setting.step}
    if setting.maximum and setting.maximum > 1000:
        return st.number_input(setting.label, value=setting.default, **common)
    return st.slider(setting.label, value=setting.default, **common)


def chosen_config(*names: str) -> TrainConfig:
    """The widgets of these hyper-parameters, and the config they make; the rest keeps its defaults."""
    return TrainConfig.parse({name: setting_widget(name) for name in names})


def _help(setting: Setting) -> str:
    if setting.name != "model":
        return setting.help
    lines = [f"- **{n.title}**: {n.description} {n.parameters:,} parameters." for n in NETWORKS.values()]
    return "\n".join([setting.help, "", *lines])


def _title(choice: str) -> str:
    return NETWORKS[choice].title if choice in NETWORKS else choice
