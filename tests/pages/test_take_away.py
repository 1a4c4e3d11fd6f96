"""Take away on the pages: the dialog, what it says, and that reloading, closing and pressing twice lose nothing."""

import importlib.util
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.evaluation.answers import answers_of
from mnist_core.evaluation.statistics import accuracy_sentence
from mnist_core.export import preparation
from mnist_core.export.formats import FORMATS
from mnist_core.export.preparation import exports_folder, preparations
from mnist_core.runs import progress
from mnist_core.runs.run import Run
from mnist_core.system import processes
from tests.support.pages import checked, open_as, open_page
from ui.common import cache

TRAIN, MISTAKES, DRAW = "pages/1_Train.py", "pages/2_Mistakes.py", "pages/3_Draw.py"


@pytest.fixture(autouse=True)
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The processes that would have been started."""
    commands: list[list[str]] = []
    monkeypatch.setattr(processes, "start_command", lambda command, log, module: commands.append(command))
    return commands


def opened(app: AppTest) -> AppTest:
    app.button(key="take_away").click().run()
    return checked(app)


def choose(app: AppTest, run: Run, form: str) -> AppTest:
    return checked(app.selectbox(key=f"format_of_{run.id}").set_value(form).run())


def downloads(app: AppTest) -> list[Any]:
    return [one for one in app.get("download_button") if one.proto.label.startswith("Download (")]


@pytest.mark.parametrize("script", [TRAIN, MISTAKES, DRAW])
def test_every_format_that_is_a_file_is_offered(trained: Run, script: str) -> None:
    app = open_page(script, run=trained.id)
    assert not [box for box in app.selectbox if box.key == f"format_of_{trained.id}"]
    offered = opened(app).selectbox(key=f"format_of_{trained.id}").options
    assert offered == [form.title for form in FORMATS.values() if form.ending is not None]
    assert "MLflow" not in offered


def test_it_says_which_weights_are_handed_over_and_how_good_they_are(
    trained: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "answering_epoch", lambda run: 0)
    app = opened(open_page(MISTAKES, run=trained.id))
    answers = answers_of(trained, 0)
    said = accuracy_sentence(answers.correct, len(answers))
    assert [one.value for one in app.caption if f"before the first update (untrained): {said}" in plain_text(one.value)]


def plain_text(markdown: str) -> str:
    return markdown.replace("\u2060", "").replace("\\", "")


def test_a_format_that_is_for_other_runs_says_so_at_once(trained: Run) -> None:
    app = choose(opened(open_page(MISTAKES, run=trained.id)), trained, "scripts")
    assert [info.value for info in app.info if "four scripts are there for mlp" in info.value]
    assert not [button for button in app.button if button.key == "prepare"]


def test_it_is_prepared_once_and_found_again(trained: Run, started: list[list[str]]) -> None:
    app = choose(opened(open_page(MISTAKES, run=trained.id)), trained, "report")
    assert not downloads(app)
    app.button(key="prepare").click()
    app.run()
    app.run()
    one = preparations(trained, ("report",))["report"]
    assert started == [[str(trained.path), "report", one.folder.name]]
    assert [info.value for info in app.info if "goes on when you close this" in info.value]
    assert not [button for button in app.button if button.key == "prepare"]

    one.write()  # that process comes
    for again in (app.run(), opened(open_page(TRAIN, run=trained.id))):  # goes on, and after a reload
        assert again.selectbox(key=f"format_of_{trained.id}").value == "report"
        assert [download.proto.label for download in downloads(again)]
        assert any("0 different answers" in success.value for success in again.success)
        assert any("in a browser" in markdown.value for markdown in again.markdown)
    choose(app, trained, "tensorboard")
    assert not downloads(app)
    assert len(started) == 1


def test_what_failed_is_said_and_can_be_tried_again(trained: Run, started: list[list[str]]) -> None:
    one = preparations(trained, ("report",))["report"]
    one.folder.mkdir(parents=True)
    progress.report(one.folder / "progress.json", "failed", error="No [luck](http://evil.example).")
    app = open_page(DRAW, run=trained.id)
    app.button(key="take_away").click().run()
    (error,) = app.error
    assert "No" in error.value and "[luck]" not in error.value.replace("\\[", "")
    assert app.button(key="prepare").label == "Try again"
    app.button(key="prepare").click().run()
    assert len(started) == 1
    assert not app.error


def test_a_missing_package_is_one_sentence(trained: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *more: None if name == "tensorboard" else find(name))
    app = choose(opened(open_page(MISTAKES, run=trained.id)), trained, "tensorboard")
    (info,) = [info.value for info in app.info if "TensorBoard" in info.value]
    assert "pip install" in info
    assert not [button for button in app.button if button.key == "prepare"]


def test_a_viewer_takes_away_what_can_be_seen_and_few_may_wait(
    trained: Run, started: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparation, "MOST_WAITING", 1)
    app = choose(opened(open_as({"email": "pupil@school.org"}, MISTAKES, run=trained.id)), trained, "report")
    assert not app.button(key="prepare").disabled
    app.button(key="prepare").click().run()
    assert len(started) == 1
    choose(app, trained, "tensorboard")
    app.button(key="prepare").click().run()
    assert [error.value for error in app.error if "1 other exports are being written" in error.value]
    assert len(started) == 1


def test_a_run_without_weights_says_so(home: Path, trained: Run) -> None:
    for path in (trained.path / "epochs").iterdir():
        path.unlink()
    (trained.path / "manifest.json").unlink()
    app = open_page(TRAIN, run=trained.id)
    app.button(key="take_away").click().run()
    assert not app.exception
    assert [error.value for error in app.error if "has no weights yet" in error.value]
    assert not exports_folder().exists()
