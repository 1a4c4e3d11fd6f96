"""`app`: Streamlit gets what it is given, and with --stop-trainings no training outlives the dashboard."""

import runpy
import sys

import pytest

from mnist_core.config.train_config import TrainConfig
from mnist_core.jobs import launcher
from mnist_core.system.files import REPOSITORY
from tests.conftest import wait_until
from tests.support.command_line import Output, run_line


@pytest.fixture
def streamlit(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The command lines that Streamlit was started with; it ends at once."""
    started: list[list[str]] = []
    monkeypatch.setenv("MNIST_LAB_COMMAND", "")  # the command sets it: put back afterwards
    monkeypatch.setattr(sys, "argv", list(sys.argv))
    monkeypatch.setattr(runpy, "run_module", lambda name, run_name: started.append([name, *sys.argv]))
    return started


def test_what_else_is_given_goes_to_streamlit(capsys: Output, streamlit: list[list[str]]) -> None:
    assert run_line(capsys, "app", "--server.port=8502", "--server.headless", "true") == (0, "", "")
    page = str(REPOSITORY / "streamlit_app.py")
    assert streamlit == [["streamlit", "streamlit", "run", page, "--server.port=8502", "--server.headless", "true"]]


@pytest.mark.usefixtures("home")
def test_trainings_end_with_the_dashboard_only_where_it_is_told_so(capsys: Output, streamlit: list[list[str]]) -> None:
    run = launcher.start(TrainConfig(epochs=100, threads=1))
    wait_until(lambda: run.status().state == "running", "it trains")
    run_line(capsys, "app")
    assert run.status().state == "running"
    run_line(capsys, "app", "--stop-trainings")
    assert run.status().state == "interrupted"
    assert run.checkpoint.exists()
    assert len(streamlit) == 2
