"""Draw, run as Streamlit runs it, without a browser: what it shows for no run, no drawing, a drawing, another run."""

import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mnist_core import data, runs
from mnist_core.files import REPOSITORY
from mnist_core.prediction import load_network, probabilities
from mnist_core.runs import Run, write_record, write_status
from ui.answer import percent


def open_draw() -> AppTest:
    app = AppTest.from_file(str(REPOSITORY / "streamlit_app.py"), default_timeout=30).run()
    app = app.switch_page("pages/3_Draw.py").run()
    assert not app.exception
    return app


def html(app: AppTest) -> str:
    return " ".join(element.proto.body for element in app.get("html"))


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Stands in for the canvas: set `image_data` to what is drawn. `settings` are those the page asked for."""
    paper = SimpleNamespace(image_data=None, settings={})

    def st_canvas(**settings: object) -> SimpleNamespace:
        paper.settings = settings
        return paper

    monkeypatch.setitem(sys.modules, "streamlit_drawable_canvas", SimpleNamespace(st_canvas=st_canvas))
    return paper


def on_canvas(digit: np.ndarray) -> np.ndarray:
    """A digit of MNIST as the canvas sends it: RGBA, 308 pixels a side."""
    large = digit.repeat(11, 0).repeat(11, 1)
    return np.dstack([large, large, large, np.full_like(large, 255)])


def test_before_anything_is_trained_the_shipped_run_answers(home: object, drawn: SimpleNamespace) -> None:
    app = open_draw()
    assert "Shipped with the project" in app.selectbox[0].options[0]
    drawn.image_data = on_canvas(data.load_arrays("test").images[0])
    assert '<p class="answer-digit">7</p>' in html(app.run())


def test_without_any_run_the_page_leads_to_train(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "SHIPPED", home / "not here")
    app = open_draw()
    assert "no trained network yet" in app.info[0].value
    (link,) = (link for link in app.get("page_link") if link.proto.label == "Train a network")
    assert link.proto.page == "Train"
    assert not app.slider  # and nothing to draw on


def test_an_empty_canvas_invites_and_answers_nothing(trained: Run) -> None:
    app = open_draw()
    assert "the answer appears here" in app.info[0].value
    assert "answer-digit" not in html(app)


def test_a_wiped_canvas_invites_again(trained: Run, drawn: SimpleNamespace) -> None:
    drawn.image_data = on_canvas(np.zeros((28, 28), np.uint8))  # what Undo leaves behind
    app = open_draw()
    assert "the answer appears here" in app.info[0].value


def test_a_drawing_is_answered_as_the_command_line_would(trained: Run, drawn: SimpleNamespace) -> None:
    digit = data.load_arrays("test").images[0]  # a seven
    expected = probabilities(load_network(trained), digit[None])[0]
    drawn.image_data = on_canvas(digit)
    app = open_draw()
    assert not app.info
    page = html(app)
    assert '<p class="answer-digit">7</p>' in page
    assert f"{100 * expected[7]:.1f} % probable" in page
    assert 'alt="Your digit in 28 by 28 pixels"' in page
    assert [page.count(f'"row">{mark}{i}<') for i in range(10) for mark in ["▸ " if i == 7 else ""]] == [1] * 10


def test_the_canvas_is_black_with_a_white_brush_of_the_chosen_width(trained: Run, drawn: SimpleNamespace) -> None:
    app = open_draw()
    assert (drawn.settings["background_color"], drawn.settings["stroke_color"]) == ("#000000", "#FFFFFF")
    before = drawn.settings["key"]
    app.slider(key="drawing_brush").set_value(12).run()
    assert drawn.settings["stroke_width"] == 12
    assert drawn.settings["key"] == before  # the drawing stays


def test_clear_takes_a_new_canvas(trained: Run, drawn: SimpleNamespace) -> None:
    app = open_draw()
    keys = [drawn.settings["key"]]
    for _ in range(2):
        app.button(key="drawing_clear").click().run()
        keys.append(drawn.settings["key"])
    assert len(set(keys)) == 3


def test_the_chosen_run_answers(trained: Run, drawn: SimpleNamespace) -> None:
    untrained = Run(trained.path.parent / "20200101-000000-cnn-0000")  # the same run before its first step
    shutil.copytree(trained.path, untrained.path)
    untrained.weights(1).unlink()
    write_record(untrained, trained.record().model_copy(update={"name": "Untrained"}))
    write_status(untrained, trained.status().model_copy(update={"test_accuracy": 0.1, "epoch": 0}))
    assert runs.find("best") == trained

    digit = data.load_arrays("test").images[0]
    drawn.image_data = on_canvas(digit)
    app = open_draw()
    assert '<p class="answer-digit">7</p>' in html(app)
    app.selectbox(key="run").set_value(untrained.id).run()
    assert not app.exception
    expected = probabilities(load_network(untrained), digit[None])[0]
    assert f"{100 * expected.max():.1f} % probable" in html(app)


def test_damaged_weights_end_in_a_sentence(trained: Run, drawn: SimpleNamespace) -> None:
    trained.weights(1).write_bytes(b"no weights")
    drawn.image_data = on_canvas(data.load_arrays("test").images[0])
    app = open_draw()
    assert "0001.safetensors is damaged" in app.error[0].value
    assert app.slider  # the canvas is still there, and another run can be chosen


@pytest.mark.parametrize(
    ("probability", "text"),
    [(1.0, "> 99.9 %"), (0.9994, "99.9 %"), (0.5, "50.0 %"), (0.0006, "0.1 %"), (0.0004, "< 0.1 %"), (0.0, "< 0.1 %")],
)
def test_a_probability_is_never_rounded_to_certainty(probability: float, text: str) -> None:
    assert percent(probability) == text
