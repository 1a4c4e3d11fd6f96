"""Home and Train through Streamlit's AppTest: what each state shows, and that settings reach the training."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.config.presets import PRESETS
from mnist_core.config.train_config import TrainConfig, settings
from mnist_core.jobs import launcher
from mnist_core.runs import store
from mnist_core.runs.records import heartbeat
from mnist_core.runs.run import Run
from tests.support.pages import open_page
from tests.support.run_folders import of_this_process


def test_train_without_a_run_invites_and_offers_every_slider(home: Path) -> None:
    app = open_page("pages/1_Train.py")
    assert "Start training" in app.info[0].value
    shown = {
        widget.label: widget.value for kind in (app.slider, app.select_slider, app.number_input) for widget in kind
    }
    for name in ("epochs", "learning_rate", "momentum", "batch_size", "seed"):
        assert shown[settings()[name].label] == settings()[name].default


def test_start_takes_the_values_of_the_sliders(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        launcher, "launch", lambda run, *options: None
    )  # the process itself is the browser test's matter
    app = open_page("pages/1_Train.py")
    app.select_slider(key="setting_epochs").set_value(8)
    app.select_slider(key="setting_learning_rate").set_value(0.05)
    app.slider(key="setting_momentum").set_value(0.9)
    app.selectbox(key="setting_model").set_value("mlp").run()
    app.button[0].click().run()
    assert not app.exception
    (run,) = store.every()
    assert run.record().config == TrainConfig(epochs=8, learning_rate=0.05, momentum=0.9, model="mlp")
    assert app.selectbox(key="run").value == run.id


@pytest.mark.parametrize("preset", ["fast", "best"])
def test_a_preset_fills_the_sliders_and_lets_go_when_one_is_moved(
    preset: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launcher, "launch", lambda run, *options: None)
    app = open_page("pages/1_Train.py")
    assert app.pills(key="preset").value == "tutorial"
    app.pills(key="preset").set_value(preset).run()
    assert not app.exception
    assert app.select_slider(key="setting_learning_rate").value == PRESETS[preset].values["learning_rate"]
    app.button[0].click().run()
    assert store.find("latest").record().config == PRESETS[preset].config
    app.slider(key="setting_momentum").set_value(0.3).run()
    assert app.pills(key="preset").value is None
    app.pills(key="preset").set_value("tutorial").run()
    assert app.slider(key="setting_momentum").value == 0.5


def test_buttons_offer_what_the_run_s_state_allows(trained: Run) -> None:
    steering = {"Pause", "Go on", "One step", "One epoch", "Stop", "Resume", "5 more epochs"}

    def enabled(app: AppTest) -> set[str]:
        assert steering < {button.label for button in app.button}, "each stays in its place"
        return {button.label for button in app.button if not button.disabled} & steering

    assert enabled(open_page("pages/1_Train.py")) == {"5 more epochs"}
    status = trained.status()
    for state in ("stopped", "failed", "interrupted"):
        store.write_status(trained, status.model_copy(update={"state": state, "epoch": 0}))
        assert enabled(open_page("pages/1_Train.py")) == {"Resume"}
    waiting = {"state": "queued", "pid": None, **heartbeat()}
    store.write_status(trained, status.model_copy(update=waiting))
    assert enabled(open_page("pages/1_Train.py")) == {"Stop"}
    here = of_this_process()
    store.write_status(trained, status.model_copy(update={**here, "state": "running"}))
    assert enabled(open_page("pages/1_Train.py")) == {"Pause", "Stop"}
    store.write_status(trained, status.model_copy(update={**here, **heartbeat(), "state": "paused"}))
    assert enabled(open_page("pages/1_Train.py")) == {"Go on", "One step", "One epoch", "Stop"}


def test_a_refusal_is_one_sentence_on_the_page(trained: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_page("pages/1_Train.py")
    more = next(button for button in app.button if button.label == "5 more epochs")
    with trained.lock():  # a trainer that started elsewhere, a moment ago
        more.click().run()
    assert not app.exception
    assert "is held by a trainer that does not answer" in app.error[0].value


def test_a_folder_that_cannot_be_written_is_one_sentence(home: Path) -> None:
    app = open_page("pages/1_Train.py")
    (home / "runs").write_text("a file where the folder should be")
    app.button[0].click().run()
    assert not app.exception
    assert "MNIST_HOME" in app.error[0].value


def test_settings_keep_their_values_over_a_change_of_page(home: Path) -> None:
    app = open_page("pages/1_Train.py")
    app.select_slider(key="setting_epochs").set_value(15).run()
    app.switch_page("streamlit_app.py").run()
    app.switch_page("pages/1_Train.py").run()
    assert app.select_slider(key="setting_epochs").value == 15
