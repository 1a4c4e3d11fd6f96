"""A study is computed once, by one process, for the weights as they are, and says how far it is."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from mnist_core.errors import DamagedError, FailedError
from mnist_core.runs import manifest
from mnist_core.runs.analyses import Study
from mnist_core.runs.run import Run
from mnist_core.system import processes
from tests.conftest import wait_until


@pytest.fixture
def study(trained: Run) -> Study:
    return Study(trained, 1, "robustness", {"strengths": [1, 2]})


def answering(value: Any) -> Callable[[Callable[[float], None]], Any]:
    return lambda report: value


def test_an_answer_is_computed_once_and_kept(study: Study) -> None:
    assert study.load() is None
    assert study.load_or_compute(answering({"a": 1})) == {"a": 1}
    assert study.load() == {"a": 1}
    assert study.load_or_compute(answering("never asked")) == {"a": 1}
    assert study.progress() is None


def test_other_weights_or_another_definition_are_asked_anew(study: Study) -> None:
    study.load_or_compute(answering(1))
    assert Study(study.run, 1, "robustness", {"strengths": [1, 3]}).load() is None
    manifest.replace(study.run.weights(1), study.run.weights(0).read_bytes())
    assert study.load() is None
    assert study.load_or_compute(answering(2)) == 2


def test_a_damaged_answer_is_told_and_computed_again(study: Study, caplog: pytest.LogCaptureFixture) -> None:
    study.load_or_compute(answering(1))
    path = study.run.path / "epochs" / "0001.robustness.json"
    path.write_text(path.read_text().replace('"answer": 1', '"answer": 2'))
    with pytest.raises(DamagedError, match=r"0001\.robustness\.json is damaged.*Delete it"):
        study.load()
    assert study.load_or_compute(answering(1)) == study.load() == 1
    assert "0001.robustness.json is damaged" in caplog.text


def test_it_says_how_far_it_is_and_that_nobody_is_at_it_any_more(study: Study) -> None:
    said: list[float | None] = []

    def compute(report: Callable[[float], None]) -> int:
        report(0.25)
        state = study.progress()
        said.append(state.share if state and state.is_active else None)
        return 1

    study.load_or_compute(compute)
    assert said == [0.25]


def test_a_failure_is_told_and_the_next_start_may_succeed(study: Study) -> None:
    def fail(report: Callable[[float], None]) -> int:
        raise FailedError("The disk is full.")

    with pytest.raises(FailedError, match="The disk is full"):
        study.load_or_compute(fail)
    state = study.progress()
    assert state is not None
    assert (state.state, state.error) == ("failed", "The disk is full.")
    assert study.load_or_compute(answering(1)) == 1
    assert study.progress() is None


def test_who_comes_second_waits_and_takes_the_first_ones_answer(study: Study) -> None:
    begun, go_on, answers = threading.Event(), threading.Event(), []

    def slow(report: Callable[[float], None]) -> str:
        begun.set()
        assert go_on.wait(30)
        return "first"

    def never(report: Callable[[float], None]) -> str:
        raise AssertionError("computed twice")

    first = threading.Thread(target=lambda: answers.append(study.load_or_compute(slow)))
    first.start()
    assert begun.wait(30)
    second = threading.Thread(target=lambda: answers.append(study.load_or_compute(never)))
    second.start()
    go_on.set()
    first.join(30)
    second.join(30)
    assert answers == ["first", "first"]


def test_two_clicks_start_one_process_and_a_killed_one_is_interrupted(study: Study) -> None:
    study.start()
    study.start()
    (process,) = processes.children
    wait_until(lambda: (state := study.progress()) and state.state == "running", "it runs")
    study.start()
    assert processes.children == [process]
    process.kill()
    process.wait()
    state = study.progress()
    assert state is not None
    assert not state.is_active
    assert "interrupted" in str(state.error)


def test_missing_weights_are_a_sentence(study: Study) -> None:
    study.run.weights(1).unlink()
    with pytest.raises(FailedError, match="is missing"):
        study.load_or_compute(answering(1))
