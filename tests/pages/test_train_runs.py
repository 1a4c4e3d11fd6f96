"""The cockpit's parts through AppTest: address, command, chart views, steering, experiments, epochs, several runs."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.config.train_config import TrainConfig, settings
from mnist_core.data import mnist
from mnist_core.evaluation.answers import answers_of
from mnist_core.evaluation.statistics import accuracy_sentence
from mnist_core.jobs import experiments, launcher
from mnist_core.jobs.experiments import EXPERIMENTS
from mnist_core.runs import commands, store
from mnist_core.runs.run import Run
from tests.support.pages import open_page
from tests.support.run_folders import of_this_process


@pytest.fixture
def open_train(home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """The Train page, opened at an address with this query; runs are created, but no process trains them."""
    monkeypatch.setattr(launcher, "launch", lambda run, *options: None)

    def open_train(**query: str) -> AppTest:
        return open_page("pages/1_Train.py", **query)

    return open_train


def keep_active(run: Run, state: str) -> None:
    """Let the run seem to be trained, by this very process."""
    here = of_this_process()
    store.write_status(run, run.status().model_copy(update={**here, "state": state, "error": None}))


def press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception
    return app


def shown_settings(app: AppTest) -> TrainConfig:
    widgets = {
        widget.key: widget.value
        for kind in (app.slider, app.select_slider, app.number_input, app.selectbox)
        for widget in kind
    }
    return TrainConfig.parse({name: widgets[f"setting_{name}"] for name in settings()})


def test_an_address_fills_every_field_and_follows_what_is_moved(open_train: Callable[..., AppTest]) -> None:
    app = open_train(learning_rate="0.037", momentum="0.9", model="mlp", validation_size="5000", dropout="0.25")
    expected = TrainConfig(learning_rate=0.037, momentum=0.9, model="mlp", validation_size=5000, dropout=0.25)
    assert shown_settings(app) == expected
    app.slider(key="setting_momentum").set_value(0.5).run()
    assert "momentum" not in app.query_params  # the default needs no place
    assert "0.037" in app.query_params["learning_rate"]
    assert "--learning-rate 0.037" in app.code[0].value
    assert "--momentum" not in app.code[0].value


def test_what_an_address_cannot_mean_is_said_in_one_sentence(open_train: Callable[..., AppTest]) -> None:
    app = open_train(learning_rate="fast", colour="blue", epochs="8")
    (warning,) = app.warning
    assert "learning_rate must be a number from 1e-06 to 10; 'fast' was given" in warning.value
    assert "there is no setting 'colour'" in warning.value
    assert shown_settings(app) == TrainConfig(epochs=8)


@pytest.mark.parametrize("view", ["Loss", "Accuracy", "Learning rate", "Layers"])
def test_every_view_of_the_chart_draws(trained: Run, open_train: Callable[..., AppTest], view: str) -> None:
    app = open_train(run=trained.id)
    app.segmented_control(key="chart_view").set_value(view).run()
    assert not app.exception


def test_rates_in_flight_are_asked_of_the_run_and_not_of_the_next_one(
    trained: Run, open_train: Callable[..., AppTest]
) -> None:
    keep_active(trained, "running")
    app = open_train(run=trained.id)
    app.select_slider(key=f"learning_rate_of_{trained.id}").set_value(0.001).run()
    assert not app.exception
    asked = [command for command in commands.pending(trained) if command.name == "rates"]
    assert [(command.learning_rate, command.momentum) for command in asked] == [(0.001, None)]
    assert app.select_slider(key=f"learning_rate_of_{trained.id}").value == 0.001
    assert shown_settings(app).learning_rate == 0.01


def test_an_experiment_starts_with_one_click_and_says_at_the_end_whether_it_held(
    trained: Run, open_train: Callable[..., AppTest]
) -> None:
    app = press(open_train(), "Guided experiments")
    experiment = EXPERIMENTS[0]
    assert any(experiment.hypothesis in text.value for text in app.markdown)
    press(app, "Start it")
    run = store.find("latest")
    assert (run.record().config, run.record().name) == (experiment.configs()[0], experiment.title)
    # The verdict of a run that has ended: here of the tutorial's first epoch, which is no guessing.
    store.write_record(trained, trained.record().model_copy(update={"name": experiment.title}))
    app = open_train(run=trained.id)
    verdict = experiments.verdict(experiment, [trained])
    assert verdict is not None and not verdict.held
    assert any(verdict.sentence in text.value for text in app.markdown)


def test_an_earlier_epoch_is_as_it_was_then(trained: Run, open_train: Callable[..., AppTest]) -> None:
    app = open_train(run=trained.id)
    for epoch in (1, 0):
        app.select_slider(key=f"epoch_of_{trained.id}").set_value(epoch).run()
        answers = answers_of(trained, epoch)
        sentence = accuracy_sentence(answers.correct, 10_000)
        assert any(sentence in text.value for text in app.markdown), epoch


def test_the_last_drawing_is_asked_of_the_chosen_epoch(trained: Run, open_train: Callable[..., AppTest]) -> None:
    app = open_train(run=trained.id)
    index = int(np.flatnonzero(answers_of(trained, 1).confidence > 0.99)[0])  # a digit it is sure of
    app.session_state["last_drawing"] = mnist.load_arrays("test").images[index]
    app.run()
    assert not app.exception
    digit = answers_of(trained, 1).predicted[index]
    assert any(f"the network says {digit}" in str(element.proto.body) for element in app.get("html"))


def test_a_queued_run_is_listed_in_its_turn_and_can_be_cancelled(open_train: Callable[..., AppTest]) -> None:
    first = store.create(TrainConfig(), "first")
    second = store.create(TrainConfig(), "second")
    app = open_train()
    app.segmented_control(key="section_while_active").set_value("Queue").run()
    listed = [text.value for text in app.markdown if text.value.startswith(("**1.**", "**2.**"))]
    assert ["first" in listed[0], "second" in listed[1]] == [True, True]
    app.button(key=f"cancel_{first.id}").click().run()
    assert not app.exception
    assert any(command.name == "stop" for command in commands.pending(first))
    assert not commands.pending(second)


def test_a_run_is_deleted_only_after_a_confirmation(trained: Run, open_train: Callable[..., AppTest]) -> None:
    app = press(open_train(run=trained.id), "Delete this run")
    assert trained.path.exists()
    press(app, "Delete")
    assert not trained.path.exists()
    assert "No run yet" in app.info[0].value
    press(app, "Undo deletion")
    assert store.every() == [trained]
    assert not app.info
    assert "Undo deletion" not in [button.label for button in app.button]


def test_a_name_and_a_note_are_kept_and_the_name_is_shown(trained: Run, open_train: Callable[..., AppTest]) -> None:
    app = open_train(run=trained.id)
    app.text_input(key=f"name_of_{trained.id}").set_value("the first one")
    app.text_area(key=f"note_of_{trained.id}").set_value("It reads most of them.")
    press(app, "Save")
    assert (trained.name(), trained.note()) == ("the first one", "It reads most of them.")
    assert any("the first one" in option for option in app.selectbox(key="run").options)
