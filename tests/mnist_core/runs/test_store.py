"""The run store: what a run is said to be doing, and which run a word means."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from mnist_core.config.train_config import TrainConfig
from mnist_core.errors import FailedError, RequestError
from mnist_core.jobs import launcher
from mnist_core.runs import notes
from mnist_core.runs import store as store_module
from mnist_core.runs.metrics import MetricsReader
from mnist_core.runs.records import STALE_SECONDS, START_SECONDS, Status
from mnist_core.runs.run import Run
from mnist_core.runs.store import best_of, create, delete, every, find, queue, shipped, write_status


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty MNIST_HOME without data."""
    monkeypatch.setenv("MNIST_HOME", str(tmp_path))
    return tmp_path


def add(run_id: str, state: str = "finished", **values: Any) -> Run:
    """A run under an id of one's choice."""
    run = create(TrainConfig())
    run = Run(run.path.rename(run.path.with_name(run_id)))
    status: dict[str, Any] = {"state": state, "heartbeat": time.time(), "queued_at": 0.0, **values}
    write_status(run, Status(**status))
    return run


def of_this_process(**changes: Any) -> dict[str, Any]:
    process = psutil.Process()
    return {"pid": process.pid, "process_started": process.create_time(), "heartbeat": time.time(), **changes}


def test_created_run_is_queued_readable_and_named_by_time_and_network(store: Path) -> None:
    before = time.time()
    run = create(TrainConfig(model="mlp", seed=5), "My run")
    assert run.path.parent == store / "runs"
    assert time.strptime(run.id[:15], "%Y%m%d-%H%M%S") >= time.gmtime(before - 1)
    assert run.id[15:20] == "-mlp-"
    record, status = run.record(), run.status()
    assert record.config == TrainConfig(model="mlp", seed=5)
    assert record.name == "My run"
    assert (status.state, status.step, status.test_accuracy) == ("queued", 0, None)
    assert every() == [run]


def test_ids_are_unique_and_sort_by_time(store: Path) -> None:
    many = [create(TrainConfig()) for _ in range(20)]
    assert len({run.id for run in many}) == 20
    assert [run.id for run in every()] == sorted((run.id for run in many), reverse=True)


def test_living_trainer_is_believed(store: Path) -> None:
    for state in ("queued", "running", "paused"):
        assert add(f"20260101-000000-{state}", state, **of_this_process()).status().state == state


def test_pid_that_is_anothers_by_now_is_interrupted(store: Path) -> None:
    started = psutil.Process().create_time()
    run = add("20260101-000000-cnn-0001", "running", **of_this_process(process_started=started - 100))
    assert run.status().state == "interrupted"


def test_trainer_that_no_longer_answers_is_interrupted(store: Path) -> None:
    stale = time.time() - STALE_SECONDS - 1
    running = add("20260101-000000-cnn-0001", "running", **of_this_process(heartbeat=stale))
    assert running.status().state == "interrupted"


def test_process_that_does_not_come_is_given_longer(store: Path) -> None:
    late = add("20260101-000000-cnn-0001", "queued", heartbeat=time.time() - STALE_SECONDS - 1)
    missing = add("20260101-000000-cnn-0002", "queued", heartbeat=time.time() - START_SECONDS - 1)
    assert (late.status().state, missing.status().state) == ("queued", "interrupted")


def test_trainer_that_ended_is_interrupted_reaped_or_not(store: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        started = psutil.Process(child.pid).create_time()
        run = add("20260101-000000-cnn-0001", "running", pid=child.pid, process_started=started)
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


@pytest.mark.parametrize("content", [None, b"", b'{"state": "run', b"[]", b'{"state": "dancing"}', b"\xff"])
def test_damaged_status_is_interrupted_with_a_word_on_why(store: Path, content: bytes | None) -> None:
    run = add("20260101-000000-cnn-0001")
    path = run.path / "status.json"
    path.unlink() if content is None else path.write_bytes(content)
    status = run.status()
    assert status.state == "interrupted"
    assert status.error == "status.json is missing or damaged."


@pytest.mark.parametrize("content", [b"", b'{"config"', b"[]", b'{"config": {"epochs": 0}, "created": 1}'])
def test_damaged_config_is_a_sentence_and_the_run_can_be_deleted(store: Path, content: bytes) -> None:
    run = add("20260101-000000-cnn-0001")
    (run.path / "config.json").write_bytes(content)
    with pytest.raises(FailedError, match=r"config\.json is damaged: .*delete the run\.$"):
        run.record()
    delete(find(run.id))
    assert every() == []


def test_config_written_before_a_setting_existed_has_its_default(store: Path) -> None:
    run = add("20260101-000000-cnn-0001")
    record = json.loads((run.path / "config.json").read_text())
    for name in ("dropout", "digits_per_class", "schedule"):
        del record["config"][name]
    (run.path / "config.json").write_text(json.dumps(record))
    assert run.record().config == TrainConfig()


def test_folders_that_are_no_runs_are_left_alone(store: Path) -> None:
    run = add("20260101-000000-cnn-0001")
    (store / "runs" / "notes").mkdir()
    (store / "runs" / "20260101-000000-cnn-0002").mkdir()  # half created: no config.json
    (store / "runs" / "20260101-000000-file").touch()
    assert every() == [run]


def test_find_by_id_beginning_latest_and_best(store: Path) -> None:
    first = add("20260101-000000-cnn-aaaa", test_accuracy=0.97)
    second = add("20260101-000000-cnn-aaab", test_accuracy=0.96)
    newest = add("20260102-000000-mlp-0000", "stopped", test_accuracy=0.99)
    assert find(first.id) == first
    assert find("20260102") == newest
    assert find("latest") == newest
    assert find("best") == find() == first  # the stopped one has not finished
    with pytest.raises(RequestError, match=r"^'20260101-000000-cnn-aaa' begins 2 runs \(.*\): give more of the id\.$"):
        find("20260101-000000-cnn-aaa")
    with pytest.raises(RequestError, match=r"^There is no run 'nope'"):
        find("nope")
    assert find(second.id) == second


def test_whole_id_wins_over_the_beginning_of_another(store: Path) -> None:
    short = add("20260101-000000-cnn-aaaa")
    add("20260101-000000-cnn-aaaa-2")
    assert find(short.id) == short


def test_best_of_equals_is_the_newest(store: Path) -> None:
    add("20260101-000000-cnn-0001", test_accuracy=0.9)
    newer = add("20260102-000000-cnn-0002", test_accuracy=0.9)
    assert find("best") == newer


def test_find_says_what_to_do_where_there_is_nothing(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "SHIPPED", store / "not here")
    assert shipped() is None
    for selector in ("best", "latest", "2026"):
        with pytest.raises(RequestError, match="There is no run yet: train one with"):
            find(selector)
    add("20260101-000000-cnn-0001", "failed")
    with pytest.raises(RequestError, match="No run has finished yet"):
        find("best")


def test_the_shipped_run_answers_until_one_has_finished(store: Path) -> None:
    came = shipped()
    assert came is not None and came.is_shipped
    assert find("best") == find("shipped") == came
    assert came.status().state == "finished"
    assert every() == []
    add("20260101-000000-cnn-0001", "stopped")
    assert find("best") == came
    worse = add("20260102-000000-cnn-0002", test_accuracy=0.5)
    assert find("best") == worse and not worse.is_shipped  # a person's own comes first
    assert find("shipped") == came


@pytest.mark.parametrize("change", [delete, launcher.resume, launcher.stop])
def test_the_shipped_run_stays_as_it_is(store: Path, change: Callable[[Run], object]) -> None:
    shipped = find("shipped")
    before = sorted(path.name for path in shipped.path.rglob("*"))
    with pytest.raises(RequestError, match=r"^The shipped run stays as it is: train one of your own"):
        change(shipped)
    assert sorted(path.name for path in shipped.path.rglob("*")) == before


def test_reader_follows_a_growing_curve_and_starts_over_when_it_is_cut(store: Path) -> None:
    run = add("20260101-000000-cnn-0001")
    path = run.path / "metrics.jsonl"
    reader = MetricsReader(run)
    assert reader.read() == []
    with path.open("a") as file:
        file.write('{"step": 1}\n{"step": 2}\n{"st')
        file.flush()
        assert reader.read() == [{"step": 1}, {"step": 2}]
        file.write('ep": 3}\n')
    assert reader.read() == [{"step": 1}, {"step": 2}, {"step": 3}]
    other = run.path / "new"
    other.write_text('{"step": 1}\n{"step": 20}\n{"step": 30}\n{"step": 40}\n')  # longer than before
    other.replace(path)
    assert [row["step"] for row in reader.read()] == [1, 20, 30, 40]


def test_saved_answers_of_another_shape_are_not_taken(store: Path) -> None:
    run = add("20260101-000000-cnn-0001")
    assert run.saved_answers(1) is None
    np.save(run.test_log_probabilities(1), np.zeros((10_000, 10), np.float32))
    assert run.saved_answers(1) is not None
    np.save(run.test_log_probabilities(1), np.zeros((9_999, 10), np.float32))
    assert run.saved_answers(1) is None
    run.test_log_probabilities(1).write_bytes(b"not an array")
    assert run.saved_answers(1) is None


def test_saved_epochs_ignore_what_a_killed_writer_left(store: Path) -> None:
    run = add("20260101-000000-cnn-0001")
    for name in ("0010.safetensors", "0002.safetensors", ".0003.safetensors.x1", "0003.test.npy"):
        (run.path / "epochs" / name).touch()
    assert run.saved_epochs() == [2, 10]


def test_delete_takes_all_of_one_run(store: Path) -> None:
    run, other = add("20260101-000000-cnn-0001"), add("20260101-000000-cnn-0002")
    delete(run)
    assert not run.path.exists()
    assert every() == [other]


def test_run_that_is_being_trained_is_not_deleted(store: Path) -> None:
    running = add("20260101-000000-cnn-0001", "running", **of_this_process())
    with pytest.raises(RequestError, match="is being trained: stop it first"):
        delete(running)
    silent = add("20260101-000000-cnn-0002", "interrupted")
    with silent.lock():  # its trainer hangs, but lives
        assert silent.is_held()
        with pytest.raises(RequestError, match="is being trained"):
            delete(silent)
    assert not silent.is_held()
    assert len(every()) == 2


def test_status_is_plain_json_for_any_reader(store: Path) -> None:
    run = add("20260101-000000-cnn-0001", "finished", test_accuracy=0.5)
    status = json.loads((run.path / "status.json").read_text())
    assert (status["state"], status["test_accuracy"]) == ("finished", 0.5)
    config = json.loads((run.path / "config.json").read_text())
    assert config["config"]["learning_rate"] == 0.01


def test_name_and_note_are_kept_beside_what_the_trainer_writes(store: Path) -> None:
    run = create(TrainConfig(), "First")
    assert (run.name(), run.note()) == ("First", "")
    config = (run.path / "config.json").read_bytes()
    notes.write_note(run, " Two\nlines ")
    notes.rename(run, " Second ")
    assert (run.name(), run.note()) == ("Second", "Two\nlines")
    assert (run.path / "config.json").read_bytes() == config
    with pytest.raises(RequestError, match=r"^A name is one line of at most 60 characters"):
        notes.rename(run, "Two\nlines")
    for damaged in (b"", b"[]", b'{"name": "Th'):
        (run.path / "notes.json").write_bytes(damaged)
        assert (run.name(), run.note()) == ("First", "")


def test_queue_is_in_the_order_in_which_they_will_train(store: Path) -> None:
    now = time.time()
    add("20260101-000000-cnn-0001", "queued", queued_at=now + 2)
    first = add("20260101-000000-cnn-0002", "queued", queued_at=now)
    add("20260101-000000-cnn-0003", "running", **of_this_process(queued_at=now - 1))
    add("20260101-000000-cnn-0004", "queued", queued_at=now - 9, heartbeat=now - 100)  # its process has gone
    second = add("20260101-000000-cnn-0000", "queued", queued_at=now + 1)
    assert [run.id[-1] for run in queue()] == ["2", "0", "1"]
    assert queue()[:2] == [first, second]


def test_best_is_ranked_by_validation_digits_where_there_are_some(store: Path) -> None:
    add("20260101-000000-cnn-0001", test_accuracy=0.97)
    lucky = add("20260101-000000-cnn-0002", test_accuracy=0.99, validation_accuracy=0.95)
    better = add("20260101-000000-cnn-0003", test_accuracy=0.96, validation_accuracy=0.98)
    assert best_of([lucky, better]) == better
    assert find("best") == better
