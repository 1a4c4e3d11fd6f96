"""`tune` as it is typed."""

import sys
from pathlib import Path

import pytest

from mnist_core.jobs import launcher
from mnist_core.runs import store
from mnist_core.runs.run import Run
from mnist_core.sweeps import manager, results, retrain
from mnist_core.sweeps import sweep as sweeps
from tests.support.command_line import Output, json_of, refused, run_line
from tests.support.tiny_runs import train

START = ("tune", "start", "--workers", "0", "--model", "mlp", "--epochs", "1", "--digits-per-class", "20")


def test_a_sweep_from_start_to_its_winner(capsys: Output, tiny: None, monkeypatch: pytest.MonkeyPatch) -> None:
    options = ("--search", "learning_rate=0.01..0.1:log", "--search", "batch_size=20,40", "--trials", "2")
    started = json_of(capsys, *START, *options, "--validation-size", "200", "--name", "Mine", "--json")
    sweep = sweeps.find("latest")
    assert (started["sweep"], started["name"], started["trials"], started["waiting"]) == (sweep.id, "Mine", 2, 2)
    assert sweep.plan().config.validation_size == 200
    sentence = refused(capsys, "tune", "best")
    assert sentence.startswith(f"{sweep.id} has no complete trial yet")

    status, out, err = run_line(capsys, "tune", "worker")
    assert (status, err) == (0, "")
    assert out.count("Validation accuracy") == 2
    told = json_of(capsys, "tune", "status", "--json")
    assert (told["state"], told["complete"], len(told["trial_rows"])) == ("finished", 2, 2)
    status, out, err = run_line(capsys, "tune", "status", sweep.id[:10])
    assert (status, err) == (0, "")
    assert "It is finished: of 2 trials 2 complete." in out

    best = json_of(capsys, "tune", "best", "--json")
    assert best["accuracy"] == max(row["accuracy"] for row in told["trial_rows"])
    assert best["interval"][0] < best["accuracy"] < best["interval"][1]
    begun: list[Run] = []
    monkeypatch.setattr(launcher, "launch", begun.append)
    run_line(capsys, "tune", "best", "--retrain")
    for run in begun:
        config = run.record().config
        assert (config.validation_size, config.learning_rate) == (0, best["values"]["learning_rate"])
        assert (run.record().sweep, run.record().trial) == (sweep.id, best["trial"])
        train(run)
    assert len({run.record().config.seed for run in begun} | {1}) == 4, "three seeds that no trial had"
    status, out, _ = run_line(capsys, "tune", "best")
    assert out.count("of the test digits (95 % interval") == 4
    outcome = retrain.outcome(sweep)
    assert outcome is not None and outcome.mean is not None and outcome.mean_interval is not None
    reached = [run.status().test_accuracy or 0 for run in begun]
    assert outcome.mean == pytest.approx(sum(reached) / 3)
    assert outcome.mean_interval[0] <= outcome.mean <= outcome.mean_interval[1]
    assert refused(capsys, "tune", "best", "--retrain").startswith(
        f"Trial {best['trial']} of {sweep.id} was trained again"
    )


def test_pause_stop_resume_and_add(capsys: Output, tiny: None) -> None:
    run_line(capsys, *START, "--search", "momentum", "--trials", "2")
    sweep = sweeps.find()
    for command, state in (("pause", "interrupted"), ("stop", "stopped")):
        assert run_line(capsys, "tune", command)[0] == 0
        assert manager.status(sweep).state == state  # nobody works on it
    status, out, _ = run_line(capsys, "tune", "resume", "--workers", "0")
    assert (status, manager.status(sweep).state) == (0, "interrupted")
    status, out, _ = run_line(capsys, "tune", "add", "--trials", "3")
    assert out.startswith(f"{sweep.id} has 5 trials, 0 of them ended.")
    assert [row.number for row in results.trials(sweep)] == list(range(5))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("status",), "There is no sweep yet"),
        (("worker",), "There is no sweep yet"),
        (("start",), "Say what to search"),
        (("start", "--search", "seed=1..5"), "seed has no range to search"),
        (("start", "--search", "momentum=0..5"), "momentum must be a number from 0 to 0.99"),
        (("start", "--search", "momentum", "--momentum", "0.5"), "momentum cannot be both searched and set"),
        (("start", "--search", "momentum", "--validation-size", "0"), "A sweep chooses by validation digits"),
        (("start", "--search", "momentum", "--trials", "0"), "The sweep's trials"),
        (("start", "--search", "momentum", "--workers", "65"), "The sweep's workers"),
        (("start", "--search", "momentum", "--preset", "mine"), "preset must be one of"),
        (("start", "--search", "momentum", "--storage", "sqlite:///x.db"), "SQLite is not made for several workers"),
        (("start", "--search", "momentum", "--storage", "nonsense"), "The storage 'nonsense' is no address"),
        (("worker", "--study", "x"), "A worker of another machine's sweep needs both"),
        (("add",), "Say how much to add"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    capsys: Output, home: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    assert refused(capsys, "tune", *arguments).startswith(sentence)
    assert not (home / "sweeps").exists()
    assert not store.every()


def test_without_optuna_it_is_one_sentence(capsys: Output, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    sentence = refused(capsys, "tune", "start", "--search", "momentum", "--workers", "0")
    assert sentence.startswith("Tuning needs Optuna: `pip install")
    assert not (home / "sweeps").exists()
