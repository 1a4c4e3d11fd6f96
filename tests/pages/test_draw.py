"""Draw, run as Streamlit runs it, without a browser: what it shows for no run, no drawing, a drawing, a file."""

import io
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from mnist_core.data import mnist
from mnist_core.drawing import collection
from mnist_core.drawing.picture_files.read import read_picture
from mnist_core.drawing.prepare import prepare
from mnist_core.models.inference import load_network, probabilities
from mnist_core.runs import store
from mnist_core.runs.run import Run
from mnist_core.runs.store import write_record, write_status
from tests.support.pages import open_page
from tests.support.paper import Paper
from tests.support.pen import DIGITS


def html(app: AppTest) -> str:
    return " ".join(element.proto.body for element in app.get("html"))


@pytest.fixture
def paper(monkeypatch: pytest.MonkeyPatch) -> Paper:
    paper = Paper()
    monkeypatch.setitem(sys.modules, "streamlit_drawable_canvas", SimpleNamespace(st_canvas=paper.st_canvas))
    return paper


def png(picture: np.ndarray) -> bytes:
    Image.fromarray(picture).save(file := io.BytesIO(), "PNG")
    return file.getvalue()


def upload(app: AppTest, content: bytes, name: str = "digit.png") -> AppTest:
    app.file_uploader(key="digit_file").set_value((name, content, "image/png")).run()
    assert not app.exception
    return app


def test_before_anything_is_trained_the_shipped_run_answers(home: object, paper: Paper) -> None:
    app = open_page("pages/3_Draw.py")
    assert "Shipped with the project" in app.selectbox[0].options[0]
    paper.draw(DIGITS[7][0])
    assert '<p class="answer-digit">7</p>' in html(app.run())


def test_without_any_run_the_page_leads_to_train(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "SHIPPED", home / "not here")
    app = open_page("pages/3_Draw.py")
    assert "no trained network yet" in app.info[0].value
    (link,) = (link for link in app.get("page_link") if link.proto.label == "Train a network")
    assert link.proto.page == "Train"
    assert not app.slider  # and nothing to draw on


def test_an_empty_canvas_invites_and_answers_nothing(trained: Run) -> None:
    app = open_page("pages/3_Draw.py")
    assert "the answer appears here" in app.info[0].value
    assert "answer-digit" not in html(app)


def test_the_canvas_is_black_with_a_white_brush_of_the_chosen_width(trained: Run, paper: Paper) -> None:
    app = open_page("pages/3_Draw.py")
    assert (paper.settings["background_color"], paper.settings["stroke_color"]) == ("#000000", "#FFFFFF")
    before = paper.settings
    app.slider(key="digit_brush").set_value(12).run()
    assert paper.settings["stroke_width"] == 12
    assert paper.settings["key"] == before["key"]


def test_undo_redo_and_clear(trained: Run, paper: Paper) -> None:
    app = open_page("pages/3_Draw.py")

    def press(button: str) -> int:
        """How many strokes there are, on the paper and answered about, after pressing it."""
        app.button(key=f"digit_{button}").click().run()
        shown = len(app.session_state["board_digit"].paths)
        assert len(paper.shown) == shown
        assert ("the answer appears here" in " ".join(info.value for info in app.info)) == (shown == 0)
        return shown

    for stroke in DIGITS[5]:
        paper.draw(stroke)
        app.run()
    first, second = paper.shown
    assert press("undo") == 1 and paper.shown == [first]
    assert press("redo") == 2 and paper.shown == [first, second]
    assert app.button(key="digit_redo").disabled
    assert press("clear") == 0
    assert app.button(key="digit_clear").disabled
    assert press("undo") == 2  # Clear is undone as well
    assert press("undo") == 1
    paper.draw(DIGITS[1][0])
    app.run()
    assert app.button(key="digit_redo").disabled  # another stroke is another future
    assert press("undo") == 1


def test_the_drawing_outlives_its_page(trained: Run, paper: Paper) -> None:
    app = open_page("pages/3_Draw.py")
    for stroke in DIGITS[4]:
        paper.draw(stroke)
        app.run()
    drawn, answer = paper.shown, html(app)
    app.switch_page("pages/2_Mistakes.py").run()
    paper.leave()
    del app.session_state["canvas_digit"]
    app.switch_page("pages/3_Draw.py").run()
    assert paper.settings["initial_drawing"]["objects"] == drawn
    assert '<p class="answer-digit">4</p>' in html(app)
    assert html(app) == answer
    assert not app.button(key="digit_undo").disabled


def test_a_picture_is_answered_as_the_command_line_would(trained: Run, paper: Paper) -> None:
    digit = mnist.load_arrays("test").images[0]  # a seven
    content = png(np.pad(255 - digit, ((40, 9), (3, 70)), constant_values=255))
    seen = prepare(read_picture(content))
    assert seen is not None
    expected = probabilities(load_network(trained), seen.image[None])[0]
    app = upload(open_page("pages/3_Draw.py"), content)
    assert not app.info
    page = html(app)
    assert '<p class="answer-digit">7</p>' in page
    assert f"{100 * expected[7]:.1f} % probable" in page
    assert 'alt="Your digit in 28 by 28 pixels"' in page
    assert [page.count(f'"row">{mark}{i}<') for i in range(10) for mark in ["▸ " if i == 7 else ""]] == [1] * 10
    assert np.array_equal(app.session_state["last_drawing"], seen.image)


def test_what_came_last_counts_and_the_drawing_is_kept(trained: Run, paper: Paper) -> None:
    app = open_page("pages/3_Draw.py")
    paper.draw(DIGITS[1][0])
    assert '<p class="answer-digit">1</p>' in html(app.run())
    upload(app, png(mnist.load_arrays("test").images[0]))
    assert '<p class="answer-digit">7</p>' in html(app)
    assert len(app.session_state["board_digit"].paths) == 1
    app.button(key="digit_undo").click().run()
    assert "the answer appears here" in app.info[0].value
    app.button(key="digit_redo").click().run()
    assert '<p class="answer-digit">1</p>' in html(app)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"no picture", "digit.png is a text and no picture"),
        (b"", "digit.png is empty"),
        (png(np.random.default_rng(1).integers(0, 255, (64, 64), np.uint8))[:900], "digit.png is a damaged picture"),
    ],
    ids=["text", "nothing", "half a picture"],
)
def test_a_file_that_is_no_picture_ends_in_a_sentence(
    trained: Run, paper: Paper, content: bytes, sentence: str
) -> None:
    app = upload(open_page("pages/3_Draw.py"), content)
    assert sentence in app.error[0].value
    assert app.slider  # the canvas is still there


def test_a_blank_picture_is_no_digit(trained: Run, paper: Paper) -> None:
    app = upload(open_page("pages/3_Draw.py"), png(np.full((50, 60, 3), 200, np.uint8)))
    assert "answer-digit" not in html(app)
    assert app.info


def test_the_chosen_run_answers(trained: Run, paper: Paper) -> None:
    untrained = Run(trained.path.parent / "20200101-000000-cnn-0000")  # the same run before its first step
    shutil.copytree(trained.path, untrained.path)
    untrained.weights(1).unlink()
    (untrained.path / "manifest.json").unlink()
    write_record(untrained, trained.record().model_copy(update={"name": "Untrained"}))
    write_status(untrained, trained.status().model_copy(update={"test_accuracy": 0.1, "epoch": 0}))
    assert store.find("best") == trained

    digit = mnist.load_arrays("test").images[0]
    app = upload(open_page("pages/3_Draw.py"), png(digit))
    assert '<p class="answer-digit">7</p>' in html(app)
    app.selectbox(key="run").set_value(untrained.id).run()
    assert not app.exception
    expected = probabilities(load_network(untrained), digit[None])[0]
    assert f"{100 * expected.max():.1f} % probable" in html(app)


def test_damaged_weights_end_in_a_sentence(trained: Run, paper: Paper) -> None:
    trained.weights(1).write_bytes(b"no weights")
    app = upload(open_page("pages/3_Draw.py"), png(mnist.load_arrays("test").images[0]))
    assert "0001.safetensors is damaged" in app.error[0].value
    assert app.slider  # the canvas is still there, and another run can be chosen


@pytest.mark.parametrize(
    ("section", "shows"),
    [
        ("What it sees", ["28 by 28, centred", "Only resized: "]),
        ("Why", ["The same digit, coloured", "The 20 feature maps of convolution 2"]),
        ("Several networks", ["Shipped with the project", "One epoch", 'class="answer-bars small"']),
        ("As it learned", ['title="Epoch 0: ', 'title="Epoch 1: 7, ']),
    ],
)
def test_each_section_is_about_the_digit(trained: Run, paper: Paper, section: str, shows: list[str]) -> None:
    app = open_page("pages/3_Draw.py")
    app.button_group(key="section").set_value(section).run()
    assert "Draw a digit first" in app.caption[-1].value
    upload(app, png(mnist.load_arrays("test").images[0]))
    assert not app.error
    page = html(app)
    assert [text for text in shows if text not in page] == []


def test_a_kept_drawing_has_its_label_and_strokes_and_can_be_corrected(trained: Run, paper: Paper) -> None:
    app = open_page("pages/3_Draw.py")
    paper.draw(DIGITS[3][0])
    app.run()
    (label,) = (group for group in app.button_group if group.label.startswith("It was a"))
    label.set_value(8).run()
    assert not app.exception and not app.error
    (label,) = (group for group in app.button_group if group.label.startswith("It was a"))
    label.set_value(3).run()
    (kept,) = collection.every()
    assert kept.label == 3
    assert np.array_equal(kept.image(), app.session_state["last_drawing"])
    np.testing.assert_allclose(kept.note.strokes[0], np.array(DIGITS[3][0]) / 100, atol=1e-6)
    app.button_group(key="section").set_value("My handwriting").run()
    assert not app.exception
    assert "1 drawing kept" in " ".join(text.value for text in app.markdown)
    scores = app.dataframe[0].value
    assert len(scores) == 2 and set(scores["Of"]) == {1}  # the trained run and the shipped one
    (fine_tune,) = (button for button in app.button if button.label == "Fine-tune this run")
    assert fine_tune.disabled  # one drawing is too few
    (everything,) = (button for button in app.button if button.label == "Delete all")
    assert everything.disabled  # until it is confirmed
    app.checkbox(key="delete_sure").set_value(True).run()
    (everything,) = (button for button in app.button if button.label == "Delete all")
    everything.click().run()
    assert collection.every() == []
    assert "Nothing is kept yet" in " ".join(info.value for info in app.info)
    (undo,) = (button for button in app.button if button.label == "Undo deletion")
    undo.click().run()
    assert not app.exception
    assert collection.every() == [kept]


def test_a_drawing_that_cannot_be_kept_is_one_sentence_once(home: Path, trained: Run, paper: Paper) -> None:
    (home / "drawings").write_text("a file where the folder should be")
    app = open_page("pages/3_Draw.py")
    paper.draw(DIGITS[3][0])
    app.run()
    (label,) = (group for group in app.button_group if group.label.startswith("It was a"))
    label.set_value(3).run()
    assert not app.exception
    assert "MNIST_HOME" in app.error[0].value
    assert not app.run().error


def test_a_whole_number_is_read_from_a_picture(trained: Run, paper: Paper) -> None:
    digits = mnist.load_arrays("test").images
    app = open_page("pages/3_Draw.py")
    app.button_group(key="paper").set_value("A whole number").run()
    assert "the number appears here" in app.info[0].value
    both = png(255 - np.pad(np.hstack([digits[0], np.zeros((28, 12), np.uint8), digits[2]]), 9))  # a 7 and a 1
    app.file_uploader(key="number_file").set_value(("both.png", both, "image/png")).run()
    assert not app.exception
    assert 'aria-label="The number 71"' in html(app)
    bar = np.zeros((28, 28), np.uint8)
    bar[13:16, 8:20] = 255
    marked = png(255 - np.pad(np.hstack([digits[0], bar, digits[2], bar, digits[2]]), 9))
    app.file_uploader(key="number_file").set_value(("marked.png", marked, "image/png")).run()
    assert not app.exception
    assert "Besides the digits: minus (2 times)." in [caption.value for caption in app.caption]
