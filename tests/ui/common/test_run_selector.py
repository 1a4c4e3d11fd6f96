"""The choice of a run and the gallery's parts, each in an app of its own."""

import shutil
import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.runs import store
from mnist_core.runs import store as store_module
from mnist_core.runs.run import Run
from ui.common.run_selector import run_label


def choice_app() -> None:
    import streamlit as st

    from ui.common.run_selector import choose_run

    run = choose_run()
    st.text(run.id if run else "none")


def open_choice(**query: str) -> AppTest:
    app = AppTest.from_function(choice_app)
    for key, value in query.items():
        app.query_params[key] = value
    app = app.run()
    assert not app.exception
    return app


def copy_of(run: Run, new_id: str, **status: object) -> Run:
    """Another run of the same weights, with some of its status changed."""
    copy = Run(run.path.with_name(new_id))
    shutil.copytree(run.path, copy.path)
    store.write_status(copy, copy.status().model_copy(update=status))
    return copy


def test_the_shipped_run_stands_in_until_one_has_finished(home: Path, trained: Run) -> None:
    trained_status = trained.status()
    store.write_status(trained, trained_status.model_copy(update={"state": "stopped"}))
    app = open_choice()
    assert app.text[0].value == "shipped"
    assert app.selectbox[0].options[1].endswith("Shipped with the project")
    store.write_status(trained, trained_status)
    assert open_choice().text[0].value == trained.id
    assert open_choice(run="shipped").text[0].value == "shipped"


def test_without_a_run_that_can_be_asked_there_is_none(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "SHIPPED", home / "not here")
    app = open_choice()
    assert app.text[0].value == "none"
    assert not app.selectbox


def test_label_says_how_good_what_and_when(trained: Run) -> None:
    status, record = trained.status(), trained.record()
    accuracy, network, epochs, when, name = run_label(trained).split(" · ")
    assert accuracy == f"{100 * (status.test_accuracy or 0):.1f} %"
    assert (network, epochs, name) == ("Convolutional", "1 epoch", "One epoch")
    assert when.endswith(time.strftime("%H:%M", time.localtime(record.created)))


def test_the_best_finished_run_is_the_default(trained: Run) -> None:
    copy_of(trained, "29990101-000000-cnn-0001", test_accuracy=0.9999, state="stopped", epoch=2)
    best = copy_of(trained, "20200101-000000-cnn-0002", test_accuracy=0.9990)
    app = open_choice()
    assert app.text[0].value == best.id
    assert "stopped" in app.selectbox[0].options[0] and "2 epochs" in app.selectbox[0].options[0]
    assert not app.query_params, "an address without a choice follows the best run"


def test_a_choice_is_in_the_address_and_an_address_is_a_choice(trained: Run) -> None:
    copy_of(trained, "20200101-000000-cnn-0002", test_accuracy=0.9990)
    app = open_choice()
    app.selectbox[0].select(trained.id).run()
    assert app.text[0].value == trained.id
    assert app.query_params["run"] in (trained.id, [trained.id])
    assert open_choice(run=trained.id).text[0].value == trained.id


def test_a_choice_stays_when_its_label_changes(trained: Run) -> None:
    copy_of(trained, "20200101-000000-cnn-0002", test_accuracy=0.9990)
    app = open_choice()
    app.selectbox[0].select(trained.id).run()
    store.write_status(trained, trained.status().model_copy(update={"test_accuracy": 0.5, "epoch": 7}))
    app = app.run()
    assert app.text[0].value == trained.id
    assert any(option.startswith("50.0 %") for option in app.selectbox[0].options)
    app = app.run()  # the browser answers with the new label; what is kept is the id
    assert app.query_params["run"] == trained.id


def test_a_deleted_run_in_the_address_is_named(trained: Run) -> None:
    app = open_choice(run="20190101-000000-cnn-dead")
    assert app.text[0].value == trained.id
    assert "20190101-000000-cnn-dead" in app.caption[0].value


def test_runs_with_equal_labels_can_both_be_chosen(trained: Run) -> None:
    twin = copy_of(trained, "20200101-000000-cnn-beef")
    app = open_choice()
    assert len(set(app.selectbox[0].options)) == 3  # with the shipped one
    for run in (twin, trained):
        app = app.selectbox[0].select(run.id).run()
        assert app.text[0].value == run.id


def test_a_damaged_run_leaves_the_others_to_choose(trained: Run) -> None:
    damaged = copy_of(trained, "20200101-000000-cnn-beef", test_accuracy=0.5)
    (damaged.path / "config.json").write_text("{")
    app = open_choice()
    assert app.text[0].value == trained.id
    assert f"damaged · {damaged.id}" in app.selectbox[0].options
