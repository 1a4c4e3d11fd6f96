"""The package's public names; and how threads wait: the package says so before torch reads it, a person last."""

import importlib
import os
import subprocess
import sys

import pytest

import mnist_core
from mnist_core.system.files import REPOSITORY

# GNU OpenMP prints what it goes by when it is loaded.
SHOW = "import mnist_core.training.loop"


@pytest.mark.skipif(sys.platform != "linux", reason="GNU OpenMP is what torch brings on Linux")
def test_threads_wait_as_told() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("GOMP", "OMP"))}
    done = subprocess.run(
        [sys.executable, "-c", SHOW],
        env=environment | {"OMP_DISPLAY_ENV": "verbose"},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "GOMP_SPINCOUNT = '10000'" in done.stderr


def test_a_persons_own_choice_of_it_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOMP_SPINCOUNT", "77")
    importlib.reload(mnist_core)
    assert os.environ["GOMP_SPINCOUNT"] == "77"


PUBLIC = ["PRESETS", "MnistError", "Run", "TrainConfig", "answers_of", "find", "resume", "start", "stop", "wait"]


def test_the_public_names_are_these_and_load_no_torch() -> None:
    assert mnist_core.__all__ == PUBLIC
    code = f"import sys; from mnist_core import {', '.join(PUBLIC)}; print({{'torch', 'scipy'}} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
