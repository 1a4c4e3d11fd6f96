"""Damage of a run's files is told, or changes no figure; a kill damages nothing; `verify` knows fine-tuned runs."""

import hashlib
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnist_core.cli import app
from mnist_core.drawing import collection, synthetic
from mnist_core.errors import DamagedError, FailedError
from mnist_core.evaluation.answers import answers_of
from mnist_core.evaluation.calibration import fitted
from mnist_core.jobs import finetuning
from mnist_core.jobs.verification import verify
from mnist_core.models import checkpoint
from mnist_core.runs import commands, manifest, store
from mnist_core.runs.run import Run
from mnist_core.training import starting_point
from tests.conftest import command_line
from tests.support.kills import killed_at_every_write
from tests.support.tiny_runs import CONFIG, outcome, train

FLIPS = 6  # a file


def digest(of: Any) -> str:
    return hashlib.sha256(np.asarray(of).tobytes()).hexdigest()


def figures(run: Run) -> dict[str, Any]:
    """What the run says, by what is read for it; a sentence where it refuses."""
    reading: dict[str, Callable[[], Any]] = {
        "record": lambda: run.record().model_dump(),
        "status": lambda: {**run.status().model_dump(), "heartbeat": 0},
        "curve": lambda: run.metrics()[0],
        "events": run.events,
        "temperature": lambda: fitted(run, 1),
        "state": lambda: checkpoint.load_state(run.checkpoint)["training"]["position"],
        "answers": lambda: digest(answers_of(run, 1).log_probabilities),
        "inputs": lambda: starting_point.inputs(run)[0] and digest(starting_point.inputs(run)[1][0]),  # type: ignore[index]
    }
    for epoch in run.saved_epochs():
        reading[f"weights {epoch}"] = lambda epoch=epoch: {  # type: ignore[misc]
            name: digest(value) for name, value in checkpoint.read_weights(run.weights(epoch)).items()
        }
    found = {}
    for name, read in reading.items():
        try:
            found[name] = read()
        except FailedError as error:
            found[name] = f"refused: {error}"
    if found["status"]["error"]:
        found["status"] = f"refused: {found['status']['error']}"
    return found


def flipped(content: bytes, bit: int) -> bytes:
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


@pytest.fixture
def parent(tiny: None) -> Run:
    run = store.create(CONFIG.replace(validation_size=100))
    train(run, at_step={3: lambda: commands.ask(run, "rates", learning_rate=0.04)})
    return run


@pytest.fixture
def fine_tuned(parent: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr(finetuning, "PER_CLASS", 20)
    for index in range(10):
        image, label = synthetic.image(3, index)
        collection.add(label, image, image)
    run = finetuning.create(parent)
    train(run)
    return run


def test_a_flipped_bit_in_any_file_is_told_and_changes_no_figure(parent: Run, fine_tuned: Run) -> None:
    chosen, told = random.Random(1), set()
    for run in (parent, fine_tuned):
        healthy = figures(run)
        assert "refused" not in str(healthy)
        files = [path for path in run.path.rglob("*") if path.is_file() and path.stat().st_size]
        for path in files:
            content = path.read_bytes()
            for _ in range(FLIPS):
                path.write_bytes(flipped(content, chosen.randrange(8 * len(content))))
                damaged = figures(run)
                for name, said in damaged.items():
                    assert said == healthy[name] or str(said).startswith("refused: "), (path.name, name, said)
                if damaged != healthy or path.suffix == ".npy":  # answers are computed again
                    told.add(path.name)
            path.write_bytes(content)
        assert figures(run) == healthy
    control = {"control.json", "control.json.lock"}
    assert {path.name for path in files} - told - control == set(), "files whose damage nobody sees"


def test_answers_that_are_damaged_are_computed_again_and_that_is_said(
    home: Path, trained: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert app.main(["mistakes", trained.id]) == 0
    before = capsys.readouterr()
    assert before.err == ""
    path = trained.test_log_probabilities(1)
    path.write_bytes(flipped(path.read_bytes(), 8 * 200_000 + 6))
    after = command_line("mistakes", trained.id, home=home)
    assert after.stdout == before.out
    assert after.stderr == f"{path} is damaged: these answers are computed from the weights instead.\n"
    path = trained.weights(1)
    path.write_bytes(flipped(path.read_bytes(), 8 * 50_000 + 6))
    for command in ("test", "mistakes", "verify"):
        assert app.main([command, trained.id]) == 1
        said = capsys.readouterr()
        assert said.out == "" and "0001.safetensors is damaged" in said.err


def test_a_lost_setting_is_told_not_taken_from_the_defaults(parent: Run, capsys: pytest.CaptureFixture[str]) -> None:
    path = parent.path / "config.json"
    path.write_text(path.read_text().replace('  "digits_per_class": 20,\n', ""))
    kept = {file: file.read_bytes() for file in parent.path.rglob("*.*") if file.is_file()}
    assert app.main(["resume", parent.id, "--epochs", "5", "--now"]) == 1
    assert "config.json is damaged" in capsys.readouterr().err
    assert {file: file.read_bytes() for file in kept} == kept


def test_a_damaged_curve_is_not_gone_on_with(parent: Run) -> None:
    path = parent.path / "metrics.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"0.0", b"0.1", 1))
    with pytest.raises(DamagedError, match=r"metrics\.jsonl is damaged.*Put a copy back"):
        train(parent, epochs=3)
    path.write_bytes(whole)
    assert train(parent, epochs=3).state == "finished"
    assert verify(parent).same


def test_killed_between_any_two_writes_nothing_is_called_damaged(
    tiny: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = store.create(CONFIG.replace(validation_size=100))
    copies = killed_at_every_write(run, 2, tmp_path / "killed", monkeypatch)
    assert len(copies) > 20
    for copy in copies:
        assert manifest.damaged(copy.path) == {}, copy
        assert "refused" not in str({**figures(copy), "state": None, "answers": None}), copy
    for copy in copies[3::4]:
        if copy.status().epoch < 2:
            train(copy, 2)
        assert outcome(copy) == outcome(run)
        assert manifest.damaged(copy.path) == {}


def test_an_old_run_is_taken_over_and_goes_on(parent: Run) -> None:
    (parent.path / manifest.NAME).unlink()
    assert train(parent, epochs=3).state == "finished"
    assert manifest.is_taken_over(parent.path)
    assert manifest.damaged(parent.path) == {}
    assert verify(parent).same
    (parent.path / manifest.NAME).unlink()
    shutil.copyfile(parent.weights(2), parent.weights(3))  # before anything could know
    with pytest.raises(DamagedError, match=r"0003\.safetensors is damaged: its weights are not those"):
        verify(parent)


def test_fine_tuned_runs_verify_without_parent_and_drawings(
    fine_tuned: Run, parent: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert app.main(["verify", fine_tuned.id]) == 0
    assert "the same weights to the bit" in capsys.readouterr().out
    store.delete(parent)
    for drawing in collection.every():
        collection.delete(drawing.id)
    assert verify(fine_tuned).same
    for name, again in (("own.npz", "fine-tune again"), ("start.safetensors", "make the run again from its parent")):
        kept = (fine_tuned.path / name).read_bytes()
        (fine_tuned.path / name).unlink()
        with pytest.raises(DamagedError, match=rf"{name} is missing.*{again}"):
            verify(fine_tuned)
        (fine_tuned.path / name).write_bytes(kept)
