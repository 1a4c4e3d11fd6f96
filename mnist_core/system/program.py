"""What this program calls itself: its version, and the command that a person types to run it."""

import os
import sys
from pathlib import Path

from mnist_core.system.files import BUNDLE

VERSION = "0.2.0"
INSTALLED, FROM_CLONE = "mnist-lab", "python -m mnist_core"
_VARIABLE = "MNIST_LAB_COMMAND"


def command() -> str:
    """How the command line begins in a text that tells a person what to type: as they typed it themselves.

    Where nothing was typed (the dashboard under `streamlit run`, or a program that imports the package) it is what
    works: `mnist-lab` from an installed package, `python -m mnist_core` from a clone.
    """
    if handed_on := os.environ.get(_VARIABLE):
        return handed_on
    typed = Path(sys.argv[0])
    if typed.stem == INSTALLED:
        return INSTALLED
    if typed.name == "__main__.py" and typed.parent.name == "mnist_core":
        return FROM_CLONE
    return INSTALLED if BUNDLE.is_dir() else FROM_CLONE


def hand_on() -> None:
    """Let the processes that this one starts (the dashboard, its trainings) say the same."""
    os.environ[_VARIABLE] = command()
