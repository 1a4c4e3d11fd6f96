"""Find a learning rate, from the Train page."""

from pathlib import Path

import pytest

from mnist_core.config.train_config import TrainConfig
from mnist_core.sweeps import rate
from tests.support.pages import checked, open_page
from ui.access import changes

PAGE = "pages/1_Train.py"


def press(app, label: str):  # type: ignore[no-untyped-def]
    next(button for button in app.button if button.label == label).click().run()
    return checked(app)


def test_the_suggestion_goes_into_the_slider(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[TrainConfig] = []
    monkeypatch.setattr(changes, "find_rate", asked.append)
    app = press(open_page(PAGE), "Find a learning rate")
    press(app, "Raise the rate")
    assert asked == [TrainConfig()]

    path = rate.path_of(TrainConfig())
    path.parent.mkdir(exist_ok=True)
    rate.write(path, share=1.0, points=[(1e-5, 2.3, 2.3), (0.1, 1.0, 1.5)], suggestion=0.05, reason="It falls.")
    app = press(open_page(PAGE), "Find a learning rate")
    press(app, "Use 0.05")
    assert app.select_slider(key="setting_learning_rate").value == 0.05


def test_why_there_is_no_answer_is_said(home: Path) -> None:
    path = rate.path_of(TrainConfig())
    path.parent.mkdir(exist_ok=True)
    rate.write(path, error="The disk is <b>full</b>.")
    app = open_page(PAGE)
    next(button for button in app.button if button.label == "Find a learning rate").click().run()
    assert not app.exception
    assert "full" in app.error[0].value
    assert any(button.label == "Raise the rate" for button in app.button)
