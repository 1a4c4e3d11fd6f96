"""A training sent to a tracker: everything once and in order, and never to its harm, whatever the tracker does."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from mnist_core.config.train_config import TrainConfig
from mnist_core.errors import RequestError
from mnist_core.export.trackers import mlflow, tracking
from mnist_core.runs import store
from mnist_core.runs.records import Status
from mnist_core.runs.run import Run
from tests.support.command_line import Output, refused, run_line
from tests.support.run_folders import of_this_process
from tests.support.tiny_runs import CONFIG


class Recorder:
    """A tracker that keeps what it is told, and is away for the first `away` calls."""

    program, place = "MLflow", "http://nowhere:5000"

    def __init__(self, away: int = 0) -> None:
        self.away, self.begun, self.ended = away, 0, ""
        self.steps: list[int] = []

    def _answer(self) -> None:
        self.away -= 1
        if self.away >= 0:
            raise ConnectionError("it does not answer")

    def begin(self, run: Run) -> None:
        self._answer()
        self.begun += 1

    def log(self, rows: Sequence[Mapping[str, Any]], now: float) -> None:
        self._answer()
        self.steps += [row["step"] for row in rows]

    def end(self, run: Run, status: Status) -> None:
        self._answer()
        self.ended = status.state


@pytest.fixture
def running(home: Path) -> Run:
    run = store.create(TrainConfig())
    store.write_status(run, Status(state="running", queued_at=0.0, **of_this_process()))
    return run


def log_steps(run: Run, *steps: int) -> None:
    with (run.path / "metrics.jsonl").open("a") as file:
        for step in steps:
            file.write(json.dumps({"step": step, "epoch": 0, "samples_seen": step, "train_loss": 1.0}) + "\n")


def end(run: Run, *steps: int, state: Any = "finished") -> None:
    """It logs these steps, and ends."""
    log_steps(run, *steps)
    store.write_status(run, Status(state=state, queued_at=0.0, **of_this_process()))


def follow(run: Run, tracker: Recorder, *moments: Any) -> tuple[bool, list[str]]:
    """Follow it; at each wait the next of `moments` happens."""
    said: list[str] = []
    todo = list(moments)

    def sleep(seconds: float) -> None:
        if todo:
            todo.pop(0)()

    return tracking.follow(run, tracker, said.append, sleep), said


def test_rows_come_as_they_are_logged_each_once(running: Run) -> None:
    log_steps(running, 1, 11)
    tracker = Recorder()
    moments = [lambda: log_steps(running, 21, 31), lambda: None, lambda: end(running, 41)]
    assert follow(running, tracker, *moments) == (True, [])
    assert (tracker.steps, tracker.begun, tracker.ended) == ([1, 11, 21, 31, 41], 1, "finished")


def test_a_curve_that_is_cut_back_is_told_again(running: Run) -> None:
    log_steps(running, 1, 11, 21)
    path = running.path / "metrics.jsonl"

    def cut_back() -> None:
        path.rename(path.with_suffix(".old"))
        log_steps(running, 1, 11)

    tracker = Recorder()
    follow(running, tracker, cut_back, lambda: end(running, 21, state="stopped"))
    assert tracker.steps == [1, 11, 21, 1, 11, 21]  # a tracker leaves out what it has
    assert tracker.ended == "stopped"


def test_a_tracker_that_was_away_gets_everything_later(running: Run) -> None:
    log_steps(running, 1)
    tracker = Recorder(away=2)
    nothing = [lambda: None] * 30
    sent, said = follow(running, tracker, lambda: log_steps(running, 11), *nothing, lambda: end(running))
    assert sent
    assert (tracker.steps, tracker.begun, tracker.ended) == ([1, 11], 1, "finished")
    (sentence,) = said
    assert "MLflow at http://nowhere:5000 does not take the run (it does not answer): the training goes on" in sentence


def test_a_tracker_that_stays_away_is_named_with_the_way_out(running: Run) -> None:
    sent, said = follow(running, Recorder(away=1000), lambda: end(running))
    assert not sent
    assert len(said) == 2
    assert f"export {running.id} --format mlflow -o http://nowhere:5000` sends it." in said[1]


def test_a_killed_training_ends_as_interrupted(running: Run) -> None:
    tracker = Recorder()
    gone = of_this_process(pid=2**22 + 12345)
    follow(running, tracker, lambda: store.write_status(running, Status(state="running", queued_at=0.0, **gone)))
    assert tracker.ended == "interrupted"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("mlflow:", "log_to must be mlflow:URI"),
        ("wandb:https://x", "log_to must be mlflow:URI"),
        ("mlflow:mlruns", "write sqlite:///mlflow.db"),
        ("mlflow:file:///x", "write sqlite:///mlflow.db"),
        ("mlflow:ftp://x", "MLflow knows no 'ftp'"),
    ],
)
def test_a_wrong_tracker_is_refused_before_there_is_a_run(capsys: Output, home: Path, given: str, words: str) -> None:
    assert words in refused(capsys, "train", "--log-to", given)
    assert store.every() == []


def test_a_missing_package_is_one_sentence_with_the_command(
    capsys: Output, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mnist_core.export.trackers.mlflow.importlib.util.find_spec", lambda name: None)
    said = refused(capsys, "train", "--log-to", "mlflow:sqlite:///x.db")
    assert '`pip install "mnist-lab[mlflow]"`, or in a clone `pip install mlflow-skinny sqlalchemy alembic`' in said
    assert "pip install mlflow-skinny`" in refused(capsys, "export", "shipped", "--format=mlflow", "-o", "http://x")
    assert store.every() == []
    with pytest.raises(RequestError):
        tracking.parse("mlflow:http://x")


def test_passwords_are_not_shown() -> None:
    assert mlflow.shown("postgresql://me:secret@host/db") == "postgresql://host/db"
    assert mlflow.MlflowTracker("https://me:secret@host").place == "https://host"


def test_a_training_without_its_tracker_ends_as_always(
    capsys: Output, tiny: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole way from the command line, through the real process, to a tracker that cannot be reached."""
    monkeypatch.setattr(tracking, "TRACKERS", {"mlflow": tracking.Kind(lambda uri: None, mlflow.MlflowTracker)})
    settings = [f"--{name.replace('_', '-')}={getattr(CONFIG, name)}" for name in ("epochs", "batch_size", "threads")]
    status, out, err = run_line(
        capsys, "train", *settings, "--digits-per-class=20", "--log-to", "mlflow:http://127.0.0.1:9"
    )
    assert status == 0
    assert "Test accuracy" in out
    assert "MLflow at http://127.0.0.1:9 has not got all of" in err
    assert "Traceback" not in err
    (run,) = store.every()
    assert run.status().state == "finished"
