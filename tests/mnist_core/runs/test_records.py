"""config.json and status.json: what is believed, and what is not."""

import json
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from mnist_core.config.train_config import TrainConfig
from mnist_core.errors import DamagedError, RequestError
from mnist_core.runs import records
from mnist_core.runs.records import STALE_SECONDS, START_SECONDS, Record, share_of_limit
from mnist_core.runs.store import refuse_training
from mnist_core.system.processes import identity
from tests.support.run_folders import add, of_this_process


def test_living_trainer_is_believed(store: Path) -> None:
    for state in ("queued", "running", "paused"):
        assert add(f"20260101-000000-{state}", state, **of_this_process()).status().state == state


def test_pid_that_is_anothers_by_now_is_interrupted(store: Path) -> None:
    started = identity()["process_started"]
    run = add("20260101-000000-cnn-0001", "running", **of_this_process(process_started=started + 100))
    assert run.status().state == "interrupted"


def test_trainer_in_another_container_lives_while_it_holds_the_lock_and_answers(store: Path) -> None:
    elsewhere = of_this_process(pid=2**22 + 1, pid_namespace=1)
    run = add("20260101-000000-cnn-0001", "running", **elsewhere)
    stale = {**elsewhere, "heartbeat_uptime": time.monotonic() - STALE_SECONDS - 1}
    silent = add("20260101-000000-cnn-0002", "running", **stale)
    assert run.status().state == "interrupted"
    with run.lock(), silent.lock():
        assert run.status().state == "running"
        assert silent.status().state == "interrupted"
        with pytest.raises(RequestError, match=r"held by a trainer that does not answer \(process 4194305\)"):
            refuse_training(silent)


def test_trainer_that_no_longer_answers_is_interrupted(store: Path) -> None:
    stale = {"heartbeat_uptime": time.monotonic() - STALE_SECONDS - 1}
    running = add("20260101-000000-cnn-0001", "running", **of_this_process(**stale))
    assert running.status().state == "interrupted"


@pytest.mark.parametrize("step", [3600, -3600])
def test_clock_that_is_set_leaves_a_training_alive(store: Path, monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    run = add("20260101-000000-cnn-0001", "running", **of_this_process())
    now, machine_start, process_start = time.time, psutil.boot_time, psutil.Process.create_time
    monkeypatch.setattr(time, "time", lambda: now() + step)
    monkeypatch.setattr(psutil, "boot_time", lambda: machine_start() + step)  # as Linux tells them
    monkeypatch.setattr(psutil.Process, "create_time", lambda process: process_start(process) + step)
    assert run.status().state == "running"


def test_training_from_before_the_machine_was_started_again_is_interrupted(store: Path) -> None:
    before = {"heartbeat_uptime": time.monotonic() + 10}
    assert add("20260101-000000-cnn-0001", "running", **of_this_process(**before)).status().state == "interrupted"


def test_status_of_a_version_that_knew_only_the_clock_is_judged_by_it(store: Path) -> None:
    fresh = of_this_process(heartbeat_uptime=None)
    stale = {**fresh, "heartbeat": time.time() - STALE_SECONDS - 1}
    states = [
        add(f"20260101-000000-cnn-000{i}", "running", **said).status().state for i, said in enumerate((fresh, stale))
    ]
    assert states == ["running", "interrupted"]


def test_process_that_does_not_come_is_given_longer(store: Path) -> None:
    late = add("20260101-000000-cnn-0001", "queued", heartbeat=time.time() - STALE_SECONDS - 1)
    missing = add("20260101-000000-cnn-0002", "queued", heartbeat=time.time() - START_SECONDS - 1)
    assert (late.status().state, missing.status().state) == ("queued", "interrupted")


def test_trainer_that_ended_is_interrupted_reaped_or_not(store: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        run = add("20260101-000000-cnn-0001", "running", **identity(child.pid))
        assert run.status().state == "running"
        child.kill()
        deadline = time.monotonic() + 30
        while psutil.Process(child.pid).status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < deadline
        assert run.status().state == "interrupted"
    assert run.status().state == "interrupted"


def test_state_at_rest_needs_no_process(store: Path) -> None:
    for state in ("stopped", "finished", "failed"):
        run = add(f"20260101-000000-{state}", state, pid=2**22 + 1, heartbeat=0.0)
        assert run.status().state == state


def test_runs_that_failed_before_the_kind_was_kept_still_say_it(store: Path) -> None:
    sentences = {
        "The training diverged: the loss is nan after 12 steps. Choose a smaller learning rate.": "diverged",
        "Cannot write to /runs (No space left on device): free some space there.": "other",
        "x-images.gz could not be downloaded: it diverged from what was expected.": "other",
    }
    for number, (sentence, kind) in enumerate(sentences.items()):
        run = add(f"20260101-000000-cnn-000{number}", "failed", error=sentence)
        content = json.loads((run.path / "status.json").read_text())
        content.pop("failure", None)
        content.pop("digest")
        (run.path / "status.json").write_text(json.dumps(content))
        assert run.status().failure == kind
    assert add("20260101-000000-cnn-0009", "failed", error="It diverged", failure="disk").status().failure == "disk"
    assert add("20260101-000000-cnn-0008", "finished").status().failure is None


@pytest.mark.parametrize("content", [None, b"", b'{"state": "run', b"[]", b'{"state": "dancing"}', b"\xff"])
def test_damaged_status_is_interrupted_with_a_word_on_why(store: Path, content: bytes | None) -> None:
    run = add("20260101-000000-cnn-0001")
    path = run.path / "status.json"
    path.unlink() if content is None else path.write_bytes(content)
    status = run.status()
    assert status.state == "interrupted"
    why = "missing" if content is None else "damaged: "
    assert status.error is not None
    assert status.error == status.damage == run.damage()
    assert status.error.startswith(f"status.json is {why}")
    assert status.error.endswith(".")


def test_config_written_before_a_setting_existed_has_its_default(store: Path) -> None:
    run = add("20260101-000000-cnn-0001")
    record = json.loads((run.path / "config.json").read_text())
    (run.path / "manifest.json").unlink()
    for names in ("kernels", "augmentation_strength", "synthetic_digits", "dropout digits_per_class"):
        for name in names.split():
            del record["config"][name]
        (run.path / "config.json").write_text(json.dumps(record))
        assert run.record().config == TrainConfig()
    del record["config"]["schedule"]  # those beside it are there
    (run.path / "config.json").write_text(json.dumps(record))
    with pytest.raises(DamagedError, match=r"config\.json is damaged: it lacks 'schedule'; put it back"):
        run.record()


def test_status_is_plain_json_for_any_reader(store: Path) -> None:
    run = add("20260101-000000-cnn-0001", "finished", test_accuracy=0.5)
    status = json.loads((run.path / "status.json").read_text())
    assert (status["state"], status["test_accuracy"]) == ("finished", 0.5)
    config = json.loads((run.path / "config.json").read_text())
    assert config["config"]["learning_rate"] == 0.01


def test_the_share_is_operations_a_second_over_the_limit(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "limit", lambda: 1e11)
    record = Record(config=TrainConfig(model="cnn"), created=0, device="cpu")
    assert share_of_limit(record, 20_000) == pytest.approx(20_000 * 2_595_000 / 1e11)
    half = record.model_copy(update={"config": TrainConfig(precision="bfloat16")})
    assert share_of_limit(half, 20_000) is None, "measured for float32 only"
    assert share_of_limit(record.model_copy(update={"device": "cuda"}), 20_000) is None


@pytest.mark.parametrize("missing", ["parent", "parent_epoch"])
def test_changes_without_what_they_were_made_to_are_damage(missing: str) -> None:
    said = {"config": TrainConfig(), "created": 1.0, "changes": [{"kind": "round", "bits": 4}]}
    origin = {"parent": "20260101-000000-cnn-0001", "parent_epoch": 1}
    assert Record.model_validate(said | origin).changes
    with pytest.raises(ValueError, match="changes are made to a parent after so many epochs"):
        Record.model_validate(said | {name: value for name, value in origin.items() if name != missing})
