"""The Mistakes page's sections about two runs, calibration, robustness, the map and the quiz, through AppTest."""

import re
import shutil
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.data import mnist
from mnist_core.data.corruptions import CORRUPTIONS
from mnist_core.errors import FailedError
from mnist_core.evaluation import calibration, robustness
from mnist_core.evaluation.statistics import wilson
from mnist_core.interpretation import projection
from mnist_core.runs.analyses import Study
from mnist_core.runs.run import Run
from mnist_core.runs.store import write_record
from tests.support.mistakes_page import open_mistakes
from tests.support.pages import checked


def words(app: AppTest) -> str:
    return "\n".join(element.value for element in [*app.markdown, *app.caption, *app.info])


@pytest.fixture
def untrained(trained: Run) -> Run:
    """A second run whose last weights are those from before the first step."""
    other = Run(trained.path.parent / "20261122-000000-cnn-0000")
    shutil.copytree(trained.path, other.path)
    for path in (other.path / "epochs").glob("0001*"):
        path.unlink()
    (other.path / "manifest.json").unlink()  # as a run that had never trained an epoch
    record = other.record()
    write_record(other, record.model_copy(update={"name": "Untrained"}))
    return other


def of_the_section(app: AppTest) -> list[Any]:
    """The buttons, without the page's own."""
    return [button for button in app.button if button.key != "take_away"]


def test_two_runs_show_what_only_one_gets_right(trained: Run, untrained: Run) -> None:
    labels = mnist.load_arrays("test").labels
    right = [np.load(run.test_log_probabilities(e)).argmax(1) == labels for run, e in ((untrained, 0), (trained, 1))]
    fixed, broken = (~right[0] & right[1]).sum(), (right[0] & ~right[1]).sum()
    app = open_mistakes(section="Two runs", run=trained.id, other=untrained.id)
    assert "**The difference could not be luck: " in words(app)
    assert f"the second gets {fixed:,} and the first {broken:,} " in words(app)
    assert "Settings that differ: Epochs 0 and 1" in words(app)
    shown = [int(i) for e in app.get("html") for i in re.findall(r"#(\d+)\n1. says", e.proto.body)]
    assert shown == np.flatnonzero(~right[0] & right[1])[:60].tolist()


@pytest.mark.usefixtures("home")
def test_two_runs_say_what_to_do_where_there_is_one() -> None:
    assert "There is no second run to compare with" in words(open_mistakes(section="Two runs"))


def test_robustness_has_a_button_until_the_curves_are_there(trained: Run) -> None:
    app = open_mistakes(section="Robustness", run=trained.id)
    assert [b.label for b in of_the_section(app)] == ["Test how robust it is"]
    counts = {kind: [5000] * len(c.strengths) for kind, c in CORRUPTIONS.items()}
    robustness.ANALYSIS.study(trained, 1).load_or_compute(
        lambda report: {"n": 10_000, "clean": 9000, "correct": counts}
    )
    app = checked(app.run())
    assert not of_the_section(app)
    assert len(app.get("plotly_chart")) == len(CORRUPTIONS)


def test_an_analysis_that_cannot_be_started_says_so_once(trained: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_mistakes(section="Robustness", run=trained.id)
    monkeypatch.setattr(Study, "start", Mock(side_effect=FailedError("The disk is full.")))
    of_the_section(app)[0].click().run()
    assert [error.value for error in app.error] == ["The disk is full."]
    checked(app.run())


def test_calibration_says_why_there_is_no_temperature_and_how_to_get_one(trained: Run) -> None:
    app = open_mistakes(section="Calibration", run=trained.id)
    assert "held out no validation digits" in words(app)
    labels = mnist.load_arrays("test").labels
    answers = np.exp(np.load(trained.test_log_probabilities(1)))
    for percent in (90.0, 99.0):
        app = checked(app.slider("refuse_below").set_value(percent).run())
        answered = answers.max(1) >= percent / 100
        right = (answers.argmax(1) == labels)[answered].mean()
        assert f"It answers **{answered.sum():,} of 10,000** test digits" in words(app)
        assert f"right: **{100 * right:.1f} % ({answered.sum():,} answers" in words(app)


def test_calibration_shows_the_temperature_that_was_fitted(trained: Run) -> None:
    record = trained.record()
    write_record(trained, record.model_copy(update={"config": record.config.replace(validation_size=1000)}))
    app = open_mistakes(section="Calibration", run=trained.id)
    assert [b.label for b in of_the_section(app)] == ["Fit the temperature"]
    calibration.ANALYSIS.study(trained, 1).load_or_compute(lambda report: [1.5, 1.25, 1.75, 1000, 0.2, 0.1])
    app = checked(app.run())
    assert "Temperature T = **1.50** (1,000 held-out digits, 95 % interval 1.25 to 1.75)" in words(app)
    assert app.segmented_control("probabilities").options == ["as given", "with temperature"]


def test_map_is_drawn_at_once_and_offers_to_compute_the_other(trained: Run) -> None:
    app = open_mistakes(section="Map", run=trained.id)
    assert "All 10,000 test digits." in words(app)
    assert not of_the_section(app)
    app = checked(app.segmented_control("map").set_value("Neighbourhoods (t-SNE)").run())
    assert [b.label for b in of_the_section(app)] == ["Compute the map"]
    places = {"indices": [0, 1, 2], "places": [[0, 0], [1, 0], [0, 1]]}
    projection.ANALYSIS.study(trained, 1).load_or_compute(lambda report: places)
    app = checked(app.run())
    assert "3 of the 10,000 test digits" in words(app)


def asked(app: AppTest) -> int:
    """The test digit that the quiz has just revealed."""
    return int(re.findall(r"test digit (\d+)\)", words(app))[0])


def test_quiz_asks_for_mistakes_reveals_after_the_answer_and_keeps_the_score(trained: Run) -> None:
    labels = mnist.load_arrays("test").labels
    read = np.load(trained.test_log_probabilities(1)).argmax(1)
    app = open_mistakes(section="Can you read it?", run=trained.id)
    assert "the label says" not in words(app)
    right, seen = 0, []
    for said in (4, 9, 7):
        app = checked(app.button(f"quiz_{said}").click().run())
        index = asked(app)
        assert labels[index] != read[index]
        assert f"you said {said}; the label says {labels[index]}; the network said {read[index]}**" in words(app)
        right += int(labels[index] == said)
        seen.append(index)
        app = checked(next(b for b in app.button if b.label == "Next digit").click().run())
        assert "the label says" not in words(app)
    assert len(set(seen)) == 3
    low, high = (100 * end for end in wilson(right, 3))
    assert f"You: **{right} of 3 right** ({100 * right / 3:.0f} %, 95 % interval {low:.0f} to {high:.0f})" in words(app)
    assert "The network: **0 of 3**" in words(app)
    app = checked(next(b for b in app.button if b.label == "Start again").click().run())
    assert "The network: **" not in words(app)


def test_quiz_tells_where_people_doubt_the_label(trained: Run) -> None:
    app = open_mistakes(section="Can you read it?", run=trained.id)
    app.session_state["quiz"].order[0] = 947
    app = checked(app.button("quiz_9").click().run())
    assert app.warning[0].value.startswith("This label is doubtful. Of five people, nobody chose 8")


def test_quiz_ends_after_the_last_mistake(trained: Run) -> None:
    app = open_mistakes(section="Can you read it?", run=trained.id)
    del app.session_state["quiz"].order[1:]
    app = checked(app.button("quiz_1").click().run())
    app = checked(next(b for b in app.button if b.label == "Next digit").click().run())
    assert app.success[0].value == "That was the last of its mistakes."
    assert [b.label for b in of_the_section(app)] == ["Start again"]
