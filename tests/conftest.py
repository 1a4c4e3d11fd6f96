"""Fixtures: a home with the real data set in it, and one with a run that was really trained."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Literal

import hypothesis
import pytest
from filelock import FileLock
from xdist.scheduler import LoadScopeScheduling

from mnist_core.data import download, mnist
from mnist_core.data.mnist import Arrays, Mnist, Split
from mnist_core.jobs import launcher
from mnist_core.jobs.trainer import status_reporter, worker
from mnist_core.runs import store
from mnist_core.runs.run import Run
from mnist_core.system import processes
from mnist_core.system.files import REPOSITORY

hypothesis.settings.register_profile("any machine", deadline=None)  # no verdict hangs on speed
hypothesis.settings.load_profile("any machine")


# The files that take longest, by the processor time of their tests; the longest begin first, and none holds up the end.
LONGEST = (
    "tests/e2e/",
    "tests/mnist_core/training/test_other_processors.py",
    "tests/mnist_core/export/",
    "tests/mnist_core/jobs/",
    "tests/mnist_core/sweeps/",
    "tests/mnist_core/training/",
    "tests/mnist_core/cli/",
    "tests/ui/access/",
    "tests/test_install.py",
)


class _FilesSideBySide(LoadScopeScheduling):  # type: ignore[misc]
    """A file's tests in one process, which makes what they share once; all that need a browser in one, for two browsers
    on two cores make each other late.

    (pytest-xdist's own groups, `--dist=loadgroup`, do nothing with this version of pytest.)
    """

    def _split_scope(self, nodeid: str) -> str:
        return "browser" if nodeid.startswith("tests/e2e/") else nodeid.partition("::")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    config.option.loadscopereorder = False  # the order of `pytest_collection_modifyitems`, not the most tests first
    return _FilesSideBySide(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def place(item: pytest.Item) -> int:
        return next((n for n, name in enumerate(LONGEST) if item.nodeid.startswith(name)), len(LONGEST))

    items.sort(key=place)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """All others give way to the tests with a browser, which wait for one another in one process and end last."""
    if "PYTEST_XDIST_WORKER" in os.environ and not item.nodeid.startswith("tests/e2e/"):
        _give_way()


@cache
def _give_way() -> None:
    if hasattr(os, "nice"):
        os.nice(10)


def command_line(*arguments: str, home: Path, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    """Run `python -m mnist_core` as a person would, with its state in `home`."""
    return subprocess.run(
        [sys.executable, "-m", "mnist_core", *arguments],
        cwd=REPOSITORY,
        env={**os.environ, "MNIST_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def wait_until(condition: Callable[[], object], what: str, seconds: float = 90, every: float = 0.05) -> None:
    """Return as soon as `condition()` is true, asked `every` so many seconds; fail when it is not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s in vain: {what}"
        time.sleep(every)


@pytest.fixture(autouse=True)
def no_training_left_behind() -> Iterator[None]:
    """Ends the training processes that a test started and did not stop."""
    yield
    for child in processes.children:
        child.kill()
        child.wait()
    processes.children.clear()


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that `make` has filled, for all processes that test side by side."""
    root = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent
    with FileLock(root / f"{name}.lock"):
        if not (root / name).exists():
            half = factory.mktemp(name)
            make(half)
            half.rename(root / name)
    return root / name


@pytest.fixture(scope="session")
def prepared_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A `data` folder with the real digits, unpacked. Never change what is in it."""

    def prepare(folder: Path) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("MNIST_HOME", str(folder))
            download.prepare()

    return made_once(tmp_path_factory, "prepared", prepare) / "data"


@pytest.fixture
def home(prepared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty MNIST_HOME whose data set is ready (a link: do not write into its data folder)."""
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "data").symlink_to(prepared_data)
    monkeypatch.setenv("MNIST_HOME", str(folder))
    return folder


@pytest.fixture(scope="session")
def digits(prepared_data: Path) -> Mnist:
    """The first 2,000 training digits and the first 500 test digits: enough to train on in a second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MNIST_HOME", str(prepared_data.parent))
        train, test = mnist.load()
    return Mnist(
        Split(train.images[:2000].clone(), train.labels[:2000].clone()),
        Split(test.images[:500].clone(), test.labels[:500].clone()),
    )


@pytest.fixture
def few_tested(monkeypatch: pytest.MonkeyPatch) -> int:
    """Trainings in this process are tested on so many test digits, the first ones, instead of 10,000."""
    whole, few = mnist.load_arrays, 500

    def load(split: Literal["train", "test"]) -> Arrays:
        found = whole(split)
        return Arrays(found.images[:few], found.labels[:few]) if split == "test" else found

    monkeypatch.setattr(mnist, "load_arrays", load)
    return few


@pytest.fixture(scope="session")
def trained_run(prepared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of one epoch of the tutorial's network, trained by the command line. Never change it."""

    def train(folder: Path) -> None:
        (folder / "data").symlink_to(prepared_data)
        done = command_line("train", "--epochs", "1", "--threads", "1", "--name", "One epoch", home=folder)
        assert done.returncode == 0, done.stderr

    (run,) = (made_once(tmp_path_factory, "trained", train) / "runs").glob("2*")
    return run


@pytest.fixture(autouse=True)
def no_standby(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages tested in this process keep no training process ready; the real server does, and test_warm_process.py."""
    monkeypatch.setattr(launcher, "stand_by", lambda: None)


@pytest.fixture
def trained(home: Path, trained_run: Path) -> Run:
    """A copy of that run in this test's own home: change it as you like."""
    shutil.copytree(trained_run, home / "runs" / trained_run.name)
    return store.find(trained_run.name)


@pytest.fixture
def tiny(home: Path, digits: Mnist, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few digits; the trainer reports and looks for commands at every step."""
    few = Mnist(digits.train, Split(digits.test.images[:100], digits.test.labels[:100]))
    monkeypatch.setattr(mnist, "load", lambda: few)
    monkeypatch.setattr(worker, "POLL_SECONDS", 0)
    monkeypatch.setattr(status_reporter, "HEARTBEAT_SECONDS", -1)
