"""A refusal (a sentence of MnistError) from a button, shown by the script run that follows."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from mnist_core.errors import MnistError
from mnist_core.runs.run import Run
from ui.common.run_selector import show_run
from ui.common.text import plain

_REFUSAL = "refusal"


def ask(action: Callable[..., Any], *arguments: Any) -> None:
    """Do what a button asks; `show_refusal` says in the script run that follows where that was refused.

    A run that it returns becomes the chosen one.
    """
    try:
        outcome = action(*arguments)
        if isinstance(outcome, Run):
            show_run(outcome.id)
    except MnistError as error:
        st.session_state[_REFUSAL] = str(error)


def show_refusal() -> None:
    """Why the last button was refused, once."""
    if refusal := st.session_state.pop(_REFUSAL, None):
        st.error(plain(refusal), icon=":material/error:")
