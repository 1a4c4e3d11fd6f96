"""Real trainings in processes of their own: interrupted in every way, queued, and refused."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from mnist_core.cli import app
from mnist_core.config.train_config import TrainConfig
from mnist_core.errors import FailedError, RequestError
from mnist_core.jobs import launcher
from mnist_core.jobs.trainer.command_handler import CommandHandler
from mnist_core.runs import store
from mnist_core.runs.commands import ask
from mnist_core.runs.records import ACTIVE
from mnist_core.runs.run import Run
from mnist_core.system import processes
from mnist_core.system.files import REPOSITORY, read_json
from tests.conftest import command_line, wait_until
from tests.support.command_line import Output, run_line

ENDLESS = TrainConfig(model="mlp", epochs=100, threads=1)


def kill(run: Run, number: signal.Signals) -> None:
    pid = run.status().pid
    assert pid is not None
    assert pid != os.getpid()
    os.kill(pid, number)


def trains_beyond(run: Run, step: int) -> None:
    """Wait until the run has made more than `step` updates."""

    def has() -> bool:
        status = run.status()
        assert status.state in ACTIVE, status
        rows, _ = run.metrics()
        return status.state == "running" and bool(rows) and rows[-1]["step"] > step

    wait_until(has, f"{run.id} beyond step {step}")


@pytest.mark.slow
def test_ctrl_c_stop_and_kill_leave_no_trace_in_the_weights(home: Path, trained_run: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "mnist_core", "train", "--epochs", "1", "--threads", "1"],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        wait_until(store.every, "the run's folder")
        (run,) = store.every()
        trains_beyond(run, 60)
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=60)
    assert (child.returncode, err) == (130, "")
    assert out.splitlines()[0] == run.id
    assert f"resume {run.id}" in out
    interrupted = run.status()
    assert interrupted.state == "interrupted"
    assert 60 < interrupted.step < 938

    launcher.resume(run)
    trains_beyond(run, interrupted.step + 60)
    launcher.stop(run)
    stopped = launcher.wait(run, 60)
    assert stopped.state == "stopped"
    assert interrupted.step + 60 < stopped.step < 938

    launcher.resume(run)
    trains_beyond(run, stopped.step + 60)
    kill(run, signal.SIGKILL)
    wait_until(lambda: run.status().state == "interrupted", "the killed run to be interrupted")
    rows, _ = run.metrics()
    assert rows[-1]["step"] > stopped.step  # logged beyond the last checkpoint: these rows come again

    done = command_line("resume", run.id, "--json", home=home)
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    reference = Run(trained_run)
    assert report["run"] == run.id
    assert report["weights_hash"] == reference.status().weights_hash
    assert run.metrics()[0] == reference.metrics()[0]
    assert run.weights(1).read_bytes() == reference.weights(1).read_bytes()
    finished = run.status()
    assert (finished.state, finished.step, finished.epoch) == ("finished", 938, 1)
    assert finished.test_accuracy == report["test_accuracy"] == reference.status().test_accuracy


@pytest.mark.slow
def test_one_trains_and_the_others_wait_in_order(home: Path, capsys: Output) -> None:
    first, second, third = (launcher.start(ENDLESS.replace(seed=seed)) for seed in range(3))
    waiting = [second, third]
    trains_beyond(first, 0)
    wait_until(lambda: all(run.status().pid for run in waiting), "the waiting ones' processes")
    assert [run.status().state for run in waiting] == ["queued"] * 2
    pid = first.status().pid
    assert pid is not None
    assert os.getsid(pid) == pid != os.getsid(0)  # a session of its own: outlives the terminal and the tab

    # What is being trained is neither trained twice nor deleted, and goes on.
    for run in (first, second):
        with pytest.raises(RequestError, match="already being trained"):
            launcher.resume(run)
        for command in (["resume", run.id], ["resume", run.id, "--epochs", "50"], ["runs", "delete", run.id]):
            capsys.readouterr()
            assert app.main(command) == 2
            assert "being trained" in capsys.readouterr().err

    kill(first, signal.SIGKILL)  # the place is free even so
    trains_beyond(second, 0)
    assert first.status().state == "interrupted"

    assert run_line(capsys, "stop", third.id) == (0, f"{third.id} is stopped after 0 steps.\n", "")
    assert third.status().state == "stopped"
    assert not third.checkpoint.exists()
    assert second.status().state == "running"
    with pytest.raises(RequestError, match="is not being trained: it is stopped"):
        launcher.stop(third)

    kill(second, signal.SIGTERM)
    assert launcher.wait(second, 60).state == "interrupted"
    assert "Stopped after 0 steps" in third.log.read_text()
    assert all("Traceback" not in run.log.read_text() for run in (first, second, third))


@pytest.mark.slow
def test_divergence_in_a_process_is_a_sentence_in_status_and_log(home: Path) -> None:
    run = launcher.start(TrainConfig(model="mlp", epochs=1, learning_rate=10, batch_size=1000, threads=1))
    status = launcher.wait(run, 60)
    assert status.state == "failed"
    assert "Choose a smaller learning rate" in str(status.error)
    assert run.log.read_text().splitlines() == [run.id, status.error]
    assert run.metrics()[0]


def test_resume_refuses_before_a_process_is_started(trained: Run) -> None:
    before = (trained.path / "status.json").read_bytes()
    with pytest.raises(RequestError, match=r"has finished its 1 epochs?: ask for more"):
        launcher.resume(trained)
    with pytest.raises(RequestError, match=r"^epochs must be a whole number from 1 to 100; 101 was given\.$"):
        launcher.resume(trained, 101)
    assert (trained.path / "status.json").read_bytes() == before
    assert not processes.children


def test_python_that_is_gone_is_a_sentence(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(home / "no python"))
    with pytest.raises(FailedError, match=r"^No process could be started with .*no python\.$"):
        launcher.start(ENDLESS)
    assert [run.status().state for run in store.every()] == ["failed"]
    assert store.queue() == []


def test_wait_gives_up_in_time_and_says_what_it_saw(home: Path) -> None:
    run = store.create(ENDLESS)
    assert launcher.wait(run, 0.1).state == "queued"
    store.write_status(run, run.status().model_copy(update={"state": "stopped"}))
    with run.lock():  # its trainer has reported, but not yet let go
        assert launcher.wait(run, 0.1).state == "stopped"


def test_trainers_that_have_ended_leave_no_zombies(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    popen = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda command, **options: popen([sys.executable, "-c", ""], **options))
    launcher.start(ENDLESS)
    (child,) = processes.children
    wait_until(lambda: not psutil.pid_exists(child.pid), "its end, though nobody has asked")
    launcher.start(ENDLESS)
    assert child.returncode == 0
    assert child not in processes.children


def test_launched_command_is_one_a_person_could_type(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []
    popen = subprocess.Popen

    def note(command: list[str], **options: object) -> object:
        commands.append(command)
        return popen([sys.executable, "-c", ""], **options)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "Popen", note)
    run = launcher.start(ENDLESS)
    store.write_status(run, run.status().model_copy(update={"state": "stopped"}))
    ask(run, "stop")
    launcher.resume(run, 100)
    prefix = [sys.executable, "-m", "mnist_core", "resume", run.id]
    assert commands == [prefix, [*prefix, "--epochs", "100"]]
    status = read_json(run.path / "status.json")  # as written: the process that would train has ended already
    assert status["state"] == "queued"
    assert not CommandHandler(run).is_asked_to_stop(status["commands_before"])  # the stop of before is over
    assert read_json(run.path / "config.json")["config"]["epochs"] == 100
