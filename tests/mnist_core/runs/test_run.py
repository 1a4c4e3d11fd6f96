"""Reading a run directory."""

from pathlib import Path

import numpy as np

from mnist_core.runs import manifest
from tests.support.run_folders import add, save_answers


def test_saved_answers_of_another_shape_are_not_taken(store: Path) -> None:
    run = add("20260101-000000-cnn-0001")
    assert run.saved_answers(1) is None
    save_answers(run, 1, np.zeros((10_000, 10), np.float32))
    assert run.saved_answers(1) is not None
    save_answers(run, 1, np.zeros((9_999, 10), np.float32))
    assert run.saved_answers(1) is None
    manifest.replace(run.test_log_probabilities(1), b"not an array")
    assert run.saved_answers(1) is None


def test_saved_epochs_ignore_what_a_killed_writer_left(store: Path) -> None:
    run = add("20260101-000000-cnn-0001")
    for name in ("0010.safetensors", "0002.safetensors", ".0003.safetensors.x1", "0003.test.npy"):
        (run.path / "epochs" / name).touch()
    assert run.saved_epochs() == [2, 10]
