"""The pages for a viewer: what changes something is disabled, and does nothing where it is pressed all the same."""

import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.config.train_config import TrainConfig
from mnist_core.drawing import collection
from mnist_core.jobs import launcher
from mnist_core.runs import store
from mnist_core.runs.run import Run
from mnist_core.system import processes
from tests.pages.test_train_runs import keep_active
from tests.support.pages import open_as, open_page
from tests.support.paper import Paper
from tests.support.pen import DIGITS
from ui.access import account, configuration

VIEWER, EDITOR = {"email": "pupil@school.org"}, {"email": "teacher@school.org"}
TRAIN, MISTAKES, DRAW = "pages/1_Train.py", "pages/2_Mistakes.py", "pages/3_Draw.py"


@pytest.fixture(autouse=True)
def nothing_is_started(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs and studies are created, but no process works on them; and the next test has no sign-in again."""
    monkeypatch.setattr(configuration, "_was_on", False)
    monkeypatch.setattr(launcher, "launch", lambda run, *options: None)
    monkeypatch.setattr(processes, "start_command", lambda command, log: SimpleNamespace(pid=2**22 + 1))


def enabled(app: AppTest) -> Counter[str]:
    """The labels of the controls that can be used, but for those that only look."""
    controls = (*app.button, *app.toggle, *app.slider, *app.select_slider, *app.file_uploader, *app.get("button_group"))
    return Counter(one.proto.label for one in controls if not one.proto.disabled)


def only_for_editors(script: str, **query: str) -> set[str]:
    return set(enabled(open_as(EDITOR, script, **query)) - enabled(open_as(VIEWER, script, **query)))


def test_train_page_of_a_finished_run(trained: Run) -> None:
    found = only_for_editors(TRAIN, run=trained.id)
    assert found == {"Start training", "5 more epochs", "Delete this run", "Save"}


def test_train_page_of_a_paused_run(trained: Run) -> None:
    keep_active(trained, "paused")
    found = only_for_editors(TRAIN, run=trained.id)
    assert found >= {"Start training", "Go on", "One step", "One epoch", "Stop", "Save", "Momentum"}


def test_the_account_is_shown_and_without_sign_in_there_is_none(trained: Run) -> None:
    for who, said in ((VIEWER, "viewer: may look and draw"), (EDITOR, "editor: may do everything")):
        app = open_as(who)
        assert said in [caption.value for caption in app.sidebar.caption]
        assert "Sign out" in enabled(app)
    configuration._was_on = False
    assert "Sign out" not in enabled(open_page())


def files(home: Path) -> dict[Path, bytes]:
    """What is kept, but for locks and the data set."""
    kept = (path for path in home.rglob("*") if path.is_file() and ".lock" not in path.name)
    return {path: path.read_bytes() for path in kept if "data" not in path.relative_to(home).parts}


def press_everything(app: AppTest) -> AppTest:
    """Each button at once, but those that lead away; a browser can send that, whatever the page has shown."""
    for button in app.button:
        if not button.disabled and button.label not in ("Sign out", "Guided experiments", "Take away"):
            button.click()
    for toggle in app.toggle:
        if not toggle.disabled:
            toggle.set_value(not toggle.value)
    return app.run()


@pytest.fixture
def everything_is_enabled(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where a page was shown to an editor who is one no longer: Streamlit itself takes nothing from the disabled."""
    monkeypatch.setattr(account, "may_change", lambda: True)


@pytest.mark.usefixtures("everything_is_enabled")
@pytest.mark.parametrize(
    ("script", "query"),
    [(TRAIN, {}), (MISTAKES, {"section": "Robustness"}), (DRAW, {"section": "My handwriting"})],
    ids=["Train", "Mistakes", "Draw"],
)
def test_what_a_viewer_presses_changes_nothing(home: Path, trained: Run, script: str, query: dict[str, str]) -> None:
    if script == TRAIN:
        store.create(TrainConfig())
        keep_active(trained, "paused")
    for _ in range(6):
        collection.add(7, np.full((28, 28), 9, np.uint8), np.full((28, 28), 9, np.uint8))
    app = open_as(VIEWER, script, run=trained.id, **query)
    before = files(home)
    app = press_everything(app)
    assert not app.exception
    assert files(home) == before
    assert [error.value for error in app.error if "as a viewer, who looks and draws: ask an editor to" in error.value]
    press_everything(open_as(EDITOR, script, run=trained.id, **query))
    assert files(home) != before


@pytest.mark.usefixtures("everything_is_enabled")
def test_a_viewer_draws_and_is_answered_and_keeps_nothing(
    home: Path, trained: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = Paper()
    monkeypatch.setitem(sys.modules, "streamlit_drawable_canvas", SimpleNamespace(st_canvas=paper.st_canvas))
    for who, count in ((VIEWER, 0), (EDITOR, 1)):
        app = open_as(who, DRAW)
        paper.draw(DIGITS[7][0])
        app.run()
        assert any("answer-digit" in one.proto.body for one in app.get("html"))
        next(pills for pills in app.pills if pills.label.startswith("It was a")).set_value(7).run()
        assert len(collection.every()) == count
        assert not app.exception
