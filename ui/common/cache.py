"""What pages load again and again, cached in the server's process. Keys carry what makes a copy stale."""

import contextlib
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import streamlit as st

from mnist_core.data import mnist
from mnist_core.data.mnist import Arrays
from mnist_core.drawing import collection
from mnist_core.errors import MnistError
from mnist_core.evaluation import answers, diagnosis
from mnist_core.evaluation.answers import Answers, score
from mnist_core.evaluation.diagnosis import Finding
from mnist_core.interpretation import embeddings
from mnist_core.jobs import finetuning
from mnist_core.jobs.finetuning import Outcome
from mnist_core.runs import run as run_module
from mnist_core.runs import store
from mnist_core.runs.logs.metrics import Curves, MetricsReader
from mnist_core.runs.records import ACTIVE, Record, Status
from mnist_core.runs.run import Run
from mnist_core.system.files import home

if TYPE_CHECKING:
    import torch


Kept = TypeVar("Kept")
Stamp = tuple[int, int, int] | None  # of a file, as it is now; None: there is none


def stamp(path: Path) -> Stamp:
    """Differs when the file has changed or is another: files are replaced, and another file has another inode."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


class FileCache:
    """What was read from files, each kept until its file changes; of all, the `most` that were used last.

    With a thousand runs, reading each one's files takes a second of every script run; looking at the files takes 10 ms.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()  # sessions are threads
        self._kept: OrderedDict[tuple[str, Path], tuple[Hashable, Any]] = OrderedDict()

    def read(
        self, what: str, path: Path, read: Callable[[], Kept], is_lasting: Callable[[Kept], bool] = lambda found: True
    ) -> Kept:
        """What `read` returns, kept for as long as `path` is the same file, unchanged, where `is_lasting` allows it."""
        now = stamp(path)
        if now is None:
            return read()
        # A change within a tick of the clock would go unseen: a file must be a second old.
        return self.get((what, path), now, read, lambda found: is_lasting(found) and time.time() - now[0] / 1e9 > 1)

    def get(
        self,
        key: tuple[str, Path],
        now: Hashable,
        compute: Callable[[], Kept],
        is_lasting: Callable[[Kept], bool] = lambda found: True,
    ) -> Kept:
        """What `compute` returned when `key` last stood as it does `now`; asked again where it stood otherwise."""
        with self._lock:
            then, found = self._kept.get(key, (None, None))
            if key in self._kept and then == now:
                self._kept.move_to_end(key)
                return found
        found = compute()  # not under the lock: others need not wait for it
        with self._lock:
            self._kept.pop(key, None)
            if is_lasting(found):
                self._kept[key] = now, found
                while len(self._kept) > self._most:
                    self._kept.popitem(last=False)
        return found


_files = FileCache(most=10_000)
# How Streamlit tells the runs apart in what it keeps: it cannot itself where a folder's name is no UTF-8.
PATHS: dict[str | type, Callable[[Any], Any]] = {type(Path()): os.fsencode}


def digits(split: str) -> Arrays:
    """One split of the data set in NumPy."""
    return _digits(split, home())


@st.cache_resource(show_spinner="Reading the digits ...", max_entries=4, hash_funcs=PATHS)
def _digits(split: str, home_folder: Path) -> Arrays:
    return mnist.load_arrays("train" if split == "train" else "test")


def metrics(run: Run) -> tuple[list[dict[str, Any]], Curves]:
    """The run's metrics so far, as rows and as columns; each call reads only what is new. Do not change them."""
    return _follower(run).read()


class _Follower:
    """Follows one run's metrics for all sessions: the rows, and their columns beside them."""

    def __init__(self, run: Run) -> None:
        self._reader = MetricsReader(run)
        self._lock = threading.Lock()
        self._rows: list[dict[str, Any]] = []
        self._curves = Curves()

    def read(self) -> tuple[list[dict[str, Any]], Curves]:
        with self._lock:  # two sessions are two threads
            rows = self._reader.read()
            if rows is not self._rows:  # a resume cut the file back, and the reader began anew
                self._rows, self._curves = rows, Curves()
            self._curves.extend(rows[self._curves.rows :])
            return rows, self._curves


@st.cache_resource(show_spinner=False, max_entries=100, hash_funcs=PATHS)
def _follower(run: Run) -> _Follower:
    return _Follower(run)


def findings(run: Run, status: Status) -> list[Finding]:
    """What the rules find on the run, looked at again with every fiftieth row and every test."""
    rows, curves = metrics(run)
    state = (len(rows) // 50, len(curves["test_loss"][0]), status.state, status.commands_handled)
    key = ("findings", run.path)
    return _files.get(key, state, lambda: diagnosis.diagnose(record(run), status, rows, run.events()))


def record(run: Run) -> Record:
    """What the run is, read again only when config.json is another. Raises FailedError when it is damaged."""
    return _files.read("record", run.path / "config.json", run.record)


def name(run: Run) -> str:
    """What a person calls the run; often empty. Raises FailedError when its config.json is damaged."""
    notes = run.notes()
    return notes.name if "name" in notes.model_fields_set else record(run).name


def records(known: list[Run]) -> dict[Run, Record]:
    """What these runs are, without the damaged ones."""
    found = {}
    for run in known:
        with contextlib.suppress(MnistError):
            found[run] = record(run)
    return found


def status(run: Run) -> Status:
    """What the run is doing, read again only when status.json is another; always afresh while it says it is active."""
    return _files.read("status", run.path / "status.json", run.status, lambda found: found.state not in ACTIVE)


def saved_epochs(run: Run) -> list[int]:
    """The epochs whose weights are there, listed again only when the folder has changed."""
    return _files.read("epochs", run.path / "epochs", run.saved_epochs)


def answering_epoch(run: Run) -> int:
    """The epoch whose weights answer. Raises RequestError where there is none yet, DamagedError where lost."""
    last = _files.read("last epoch", run.path / "epochs", lambda: run_module.last_epoch(run))
    if record(run).config.answer_with == "last":
        return last
    return _files.read("answering epoch", run.path / "metrics.jsonl", lambda: run_module.answering_epoch(run))


def answers_of(run: Run, epoch: int) -> Answers:
    """What the run says to the test digits after `epoch` epochs."""
    return _answers_of(run, epoch, stamp(run.weights(epoch)))


@st.cache_resource(show_spinner="Running the network ...", max_entries=20, hash_funcs=PATHS)
def _answers_of(run: Run, epoch: int, stamp: Stamp) -> Answers:
    return answers.answers_of(run, epoch)


def network(run: Run, epoch: int) -> "torch.nn.Module":
    """The run's network after `epoch` epochs, ready to answer."""
    return _network(run, epoch, stamp(run.weights(epoch)))


@st.cache_resource(
    show_spinner="Loading the network ...", max_entries=60, hash_funcs=PATHS
)  # some 40 of one run, epoch by epoch
def _network(run: Run, epoch: int, stamp: Stamp) -> "torch.nn.Module":
    from mnist_core.models.inference import load_network  # imports torch: only where a page asks a network

    return load_network(run, epoch)


def train_features(run: Run, epoch: int) -> np.ndarray:
    """The network's features of the 60,000 training digits, float32 (60000, d); computed where they are not kept."""
    return _train_features(run, epoch, stamp(run.weights(epoch)))


@st.cache_resource(show_spinner=False, max_entries=3, hash_funcs=PATHS)  # up to 30 MB each
def _train_features(run: Run, epoch: int, stamp: Stamp) -> np.ndarray:
    return embeddings.features(run, epoch, "train")


def drawings_score(run: Run, epoch: int, ids: tuple[str, ...]) -> tuple[int, int]:
    """How many of the kept drawings with these ids the run gets right, and of how many."""
    return _drawings_score(run, epoch, stamp(run.weights(epoch)), ids)


@st.cache_data(show_spinner="Running the networks ...", max_entries=200, hash_funcs=PATHS)
def _drawings_score(run: Run, epoch: int, stamp: Stamp, ids: tuple[str, ...]) -> tuple[int, int]:
    return score(run, epoch, [drawing for drawing in collection.every() if drawing.id in ids])


def fine_tuning_outcome(run: Run, epoch: int) -> Outcome:
    """What fine-tuning did in `run`, up to its last epoch, `epoch`."""
    return _fine_tuning_outcome(run, stamp(run.weights(epoch)))


@st.cache_resource(show_spinner="Comparing before and after ...", max_entries=50, hash_funcs=PATHS)
def _fine_tuning_outcome(run: Run, stamp: Stamp) -> Outcome:
    return finetuning.outcome(run)


def damage(run: Run) -> str | None:
    """Why the run cannot be read, in a sentence; None where it can."""
    try:
        record(run)
    except MnistError as error:
        return str(error)
    return status(run).damage


def is_readable(run: Run) -> bool:
    """Whether its config.json is whole: without it nothing can be asked of the run."""
    with contextlib.suppress(MnistError):
        record(run)
        return True
    return False


def runs_with_weights(also_damaged: bool = False) -> list[Run]:
    """The runs that can be asked, newest first, and after them the one that came with the project.

    `also_damaged` adds those that could, were they readable.
    """
    shipped = store.shipped()
    known = [run for run in store.every() if saved_epochs(run) and (also_damaged or is_readable(run))]
    return known + ([shipped] if shipped else [])
