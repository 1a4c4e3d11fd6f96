"""The Compare page through AppTest: choosing, filters, curves, verdicts, tags, deletion, damaged runs, viewers."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.config.train_config import TrainConfig
from mnist_core.runs import notes, store
from mnist_core.runs.run import Run
from tests.support.pages import checked, open_as, open_page
from ui.access import configuration

SCRIPT = "pages/4_Compare.py"


@pytest.fixture
def three(trained: Run) -> list[Run]:
    """The trained run, and copies of it under another seed and another learning rate."""
    runs = [trained]
    differently: list[dict[str, Any]] = [{"seed": 2}, {"learning_rate": 0.02, "seed": 3}]
    for i, changes in enumerate(differently):
        runs.append(Run(trained.path.with_name(f"20261122-00000{i}-cnn-000{i}")))
        shutil.copytree(trained.path, runs[-1].path)
        record = trained.record()
        config = record.config.replace(**changes)
        store.write_record(runs[-1], record.model_copy(update={"config": config, "name": f"copy {i}"}))
    return runs


def texts(app: AppTest) -> str:
    return "\n".join(str(each.value) for each in (*app.markdown, *app.caption, *app.info, *app.warning))


def test_without_runs_the_page_says_what_to_do(home: Path) -> None:
    app = checked(open_page(SCRIPT))
    assert "No run yet. Train one" in app.info[0].value
    assert len(app.get("page_link")) > 5  # the menu's, and the one that leads on


def test_the_link_chooses_and_the_table_shows_only_what_differs(three: list[Run]) -> None:
    app = checked(open_page(SCRIPT, runs=",".join(run.id for run in three[:2])))
    table = app.dataframe[0].value
    assert list(table["Name"]) == ["One epoch", "copy 1", "copy 0"]
    assert {"Learning rate", "Seed"} < set(table.columns)
    assert "Momentum" not in table.columns
    assert list(table["Epochs trained"]) == [1, 1, 1]
    assert "3 runs. 2 runs chosen." in texts(app)
    assert app.query_params["runs"] == ",".join(run.id for run in three[:2])
    app.button_group(key="compare_section").set_value("Which is better").run()
    checked(app)
    assert "there is no difference" in texts(app)
    assert "1 run held out" not in texts(app) and "2 runs held out no validation digits" in texts(app)


def test_filter_narrows_down_and_a_bad_one_is_a_sentence(three: list[Run]) -> None:
    app = open_page(SCRIPT)
    app.text_input(key="filter").set_value("learning_rate>0.01").run()
    assert list(checked(app).dataframe[0].value["Name"]) == ["copy 1"]
    assert "3 runs, 1 of which fit the filter" in texts(app)
    app.text_input(key="filter").set_value("rate>0.01").run()
    assert "There is nothing called" in app.error[0].value
    assert len(app.dataframe[0].value) == 3
    app.text_input(key="filter").set_value("nobody").run()
    assert "No run fits nobody" in app.info[0].value


def test_seeds_are_one_band_and_several_runs_are_corrected(three: list[Run]) -> None:
    app = checked(open_page(SCRIPT, runs=",".join(run.id for run in three)))
    app.selectbox(key="quantity").set_value("Test accuracy").run()
    app.button_group(key="compare_section").set_value("Which is better").run()
    checked(app)
    assert "Of the 3 pairs of these 3 runs none differs by more than luck" in texts(app)
    assert "train another of learning\\_rate 0.02" in texts(app) or "train another of learning_rate 0.02" in texts(app)
    pairs = app.dataframe[1].value
    assert len(pairs) == 3 and set(pairs["Could be luck"]) == {"yes"}
    app.button_group(key="compare_section").set_value("Accuracy and cost").run()
    assert "Of 3 runs nothing beats" in texts(checked(app))


def test_tags_keep_and_deletion_of_several_with_undo(three: list[Run]) -> None:
    ids = [run.id for run in three[1:]]
    app = open_page(SCRIPT, runs=",".join(ids))
    key = f"tags_of_{'_'.join(ids)}"
    app.multiselect(key=key).set_value(["talk"])
    next(button for button in app.button if button.label == "Save").click().run()
    checked(app)
    assert [run.notes().tags for run in three] == [(), ("talk",), ("talk",)]
    next(button for button in app.button if button.label == "Keep").click().run()
    assert [run.notes().keep for run in three] == [False, True, True]
    next(button for button in app.button if button.label == "Delete 2 runs").click().run()
    next(button for button in app.button if button.label == "Delete").click().run()
    assert "is kept: first say that it need not be" in app.error[0].value
    assert len(store.every()) == 3
    next(button for button in app.button if button.label == "No longer keep").click().run()
    next(button for button in app.button if button.label == "Delete 2 runs").click().run()
    next(button for button in app.button if button.label == "Delete").click().run()
    assert [run.id for run in store.every()] == [three[0].id]
    next(button for button in app.button if button.label == "Undo deletion").click().run()
    assert len(store.every()) == 3
    checked(app)


def test_damaged_runs_are_listed_and_hide_nothing(three: list[Run]) -> None:
    (three[1].path / "config.json").write_text("{")
    (three[2].path / "metrics.jsonl").unlink()
    app = open_page(SCRIPT, runs=",".join(run.id for run in three))
    checked(app)
    assert list(app.dataframe[0].value["State"]) == ["finished", "finished", "damaged"]
    assert "config.json is" in texts(app)
    for section in ("Which is better", "Accuracy and cost", "Curves"):
        app.button_group(key="compare_section").set_value(section).run()
        checked(app)
    assert "Nothing is logged of copy 1." in texts(app)


def test_what_nothing_beats_is_chosen_in_the_table_as_well(three: list[Run], monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_page(SCRIPT, compare_section="Accuracy and cost")
    button = next(button for button in app.button if button.label.startswith("Choose these"))
    whole: list[bool] = []
    monkeypatch.setattr("ui.compare.cost.st.rerun", lambda: whole.append(True))
    button.click().run()
    assert whole == [True]  # the button is a fragment's: a press runs that alone
    assert "runs chosen." in texts(checked(app))


def test_a_link_with_nothing_between_its_commas_chooses_nothing(three: list[Run]) -> None:
    app = checked(open_page(SCRIPT, runs=f",,{three[1].id},"))
    assert "3 runs. 1 run chosen." in texts(app) and "There is no run" not in texts(app)


def test_a_name_of_mark_up_is_shown_as_it_is(three: list[Run]) -> None:
    for run in three[:2]:
        notes.rename(run, "![x](http://evil.example/x) <a href='http://evil.example'>")
    app = open_page(SCRIPT, runs=",".join(run.id for run in three))
    for section in ("Which is better", "Accuracy and cost", "Curves"):
        app.button_group(key="compare_section").set_value(section).run()
        checked(app)
        assert "![x](" not in texts(app) and "<a href" not in texts(app).replace("\\<", "")


def test_a_viewer_looks_and_changes_nothing(three: list[Run], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(configuration, "_was_on", False)

    def enabled(who: str) -> set[str]:
        app = open_as({"email": who}, SCRIPT, runs=three[1].id)
        assert not app.exception
        return {button.label for button in app.button if not button.disabled}

    changing = {"Save", "Keep", "Delete this run"}
    assert enabled("teacher@school.org") >= changing
    assert not enabled("pupil@school.org") & changing


def test_a_run_that_is_not_there_is_said(three: list[Run]) -> None:
    app = checked(open_page(SCRIPT, runs=f"{three[0].id},20200101-000000-cnn-dead"))
    assert "There is no run 20200101-000000-cnn-dead" in texts(app)
    assert "1 run chosen" in texts(app)


def test_one_run_alone_is_a_table_with_a_way_on(trained: Run) -> None:
    store.create(TrainConfig())
    shutil.rmtree(store.every()[0].path)
    app = checked(open_page(SCRIPT))
    assert "1 run. Choose runs" in texts(app)
