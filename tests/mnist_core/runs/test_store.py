"""The run store: what a run is said to be doing, and which run a word means."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mnist_core.config.train_config import TrainConfig
from mnist_core.errors import FailedError, RequestError
from mnist_core.jobs import launcher
from mnist_core.runs import store as store_module
from mnist_core.runs.run import Run
from mnist_core.runs.store import best_of, create, delete, every, find, queue, shipped
from tests.support.run_folders import add, of_this_process


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


@pytest.mark.parametrize("content", [b"", b'{"config"', b"[]", b'{"config": {"epochs": 0}, "created": 1}'])
def test_damaged_config_is_a_sentence_and_the_run_can_be_deleted(store: Path, content: bytes) -> None:
    run = add("20260101-000000-cnn-0001")
    (run.path / "config.json").write_bytes(content)
    with pytest.raises(FailedError, match=r"config\.json is damaged: .*delete the run\.$"):
        run.record()
    delete(find(run.id))
    assert every() == []


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


def test_delete_takes_all_of_one_run(store: Path) -> None:
    run, other = add("20260101-000000-cnn-0001"), add("20260101-000000-cnn-0002")
    delete(run)
    assert not run.path.exists()
    assert every() == [other]


def test_run_that_is_being_trained_is_not_deleted(store: Path) -> None:
    running = add("20260101-000000-cnn-0001", "running", **of_this_process())
    with pytest.raises(RequestError, match="is already being trained: watch it, or stop it first"):
        delete(running)
    silent = add("20260101-000000-cnn-0002", "interrupted")
    with silent.lock():  # its trainer hangs, but lives
        assert silent.is_held()
        with pytest.raises(RequestError, match="held by a trainer that does not answer"):
            delete(silent)
    assert not silent.is_held()
    assert len(every()) == 2


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
