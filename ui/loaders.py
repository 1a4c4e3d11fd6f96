"""What pages load again and again, cached in the server's process. Keys carry what makes a copy stale."""

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from mnist_core import data, evaluation, runs
from mnist_core.evaluation import Answers
from mnist_core.files import home
from mnist_core.runs import MetricsReader, Run

if TYPE_CHECKING:
    import torch


def digits(split: str) -> data.Arrays:
    """One split of the data set in NumPy."""
    return _digits(split, home())


@st.cache_resource(show_spinner="Reading the digits ...", max_entries=4)
def _digits(split: str, home_folder: Path) -> data.Arrays:
    return data.load_arrays("train" if split == "train" else "test")


def metrics(run: Run) -> list[dict[str, float]]:
    """The run's metrics so far; each call reads only what is new. Do not change the rows."""
    return _reader(run).read()


@st.cache_resource(show_spinner=False, max_entries=100)
def _reader(run: Run) -> MetricsReader:
    return MetricsReader(run)


def answers_of(run: Run, epoch: int) -> Answers:
    """What the run says to the test digits after `epoch` epochs."""
    return _answers_of(run, epoch, _modified(run.weights(epoch)))


@st.cache_resource(show_spinner="Asking the network ...", max_entries=20)
def _answers_of(run: Run, epoch: int, modified: float) -> Answers:
    return evaluation.answers_of(run, epoch)


def network(run: Run, epoch: int) -> "torch.nn.Module":
    """The run's network after `epoch` epochs, ready to answer."""
    return _network(run, epoch, _modified(run.weights(epoch)))


@st.cache_resource(show_spinner="Waking the network ...", max_entries=20)
def _network(run: Run, epoch: int, modified: float) -> "torch.nn.Module":
    from mnist_core.prediction import load_network  # imports torch: only where a page asks a network

    return load_network(run, epoch)


def runs_with_weights() -> list[Run]:
    """The runs that can be asked, newest first, and after them the one that came with the project."""
    shipped = runs.shipped()
    return [run for run in runs.every() if run.saved_epochs()] + ([shipped] if shipped else [])


def _modified(path: Path) -> float:
    return path.stat().st_mtime if path.exists() else 0.0
