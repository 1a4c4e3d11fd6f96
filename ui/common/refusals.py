"""A refusal (a sentence of MnistError) from a button, shown by the script run that follows."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from mnist_core.errors import MnistError
from mnist_core.runs.run import Run
from ui.common.run_selector import show_run


def ask(action: Callable[..., Any], *arguments: Any) -> None:
    """Do what a button asks; a refusal is shown by the script run that follows.

    A run that it returns becomes the chosen one.
    """
    try:
        outcome = action(*arguments)
        if isinstance(outcome, Run):
            show_run(outcome.id)
    except MnistError as error:
        st.session_state["refusal"] = str(error)
