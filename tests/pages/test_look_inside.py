"""Look inside through Streamlit's AppTest: the network and the digit that the page looks at."""

import numpy as np
import pytest

from mnist_core.data import mnist
from mnist_core.drawing import collection
from mnist_core.drawing.prepare import prepare
from mnist_core.drawing.strokes import BRUSH, PAPER
from mnist_core.runs.run import Run
from tests.support.mistakes_page import Oracle
from tests.support.pages import checked, open_page
from tests.support.pen import DIGITS
from ui.components import paper
from ui.inside import living
from ui.inside.subject import DRAW, DRAWN_BEFORE, PICTURE, Subject

SCRIPT = "pages/6_Look_inside.py"
SEVEN = [{"places": [[x * PAPER / 100, y * PAPER / 100] for x, y in stroke], "width": BRUSH} for stroke in DIGITS[7]]


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[Subject]:
    """What the page hands to the section that is shown, run by run."""
    seen: list[Subject] = []
    monkeypatch.setattr(living, "show", seen.append)
    return seen


def test_nothing_is_drawn_at_first(trained: Run, oracle: Oracle, looked_at: list[Subject]) -> None:
    app = checked(open_page(SCRIPT))
    assert app.segmented_control(key="way").value == DRAW
    worst = max(oracle.wrong, key=lambda index: oracle.loss[index])
    last = looked_at[-1]
    assert (last.run.id, last.epoch, last.name) == (trained.id, 1, f"test digit {worst}")
    assert last.label == mnist.load_arrays("test").labels[worst]
    np.testing.assert_array_equal(last.image, mnist.load_arrays("test").images[worst])


def test_what_is_drawn_is_looked_at(trained: Run, looked_at: list[Subject]) -> None:
    app = open_page(SCRIPT)
    app.session_state["drawn_digit"] = paper._Kept(SEVEN)
    checked(app.run())
    drawn = paper._drawn(SEVEN)
    assert drawn is not None
    expected = prepare(drawn.picture, drawn.evened)
    assert expected is not None
    np.testing.assert_array_equal(looked_at[-1].image, expected.image)
    assert (looked_at[-1].name, looked_at[-1].label) == ("your drawing", None)


@pytest.mark.usefixtures("trained")
def test_a_stroke_beside_the_paper_is_nothing_yet(looked_at: list[Subject]) -> None:
    app = open_page(SCRIPT)
    app.session_state["drawn_digit"] = paper._Kept([{"places": [[-90.0, -90.0], [-80.0, -90.0]], "width": 6}])
    checked(app.run())
    assert looked_at[-1].name.startswith("test digit")


@pytest.mark.usefixtures("trained")
def test_a_test_digit_by_its_address_and_the_mistakes_after_it(oracle: Oracle, looked_at: list[Subject]) -> None:
    app = checked(open_page(SCRIPT, digit="8"))
    label = mnist.load_arrays("test").labels[8]
    assert looked_at[-1].described == f"test digit 8, a {label}"
    assert any(said.value.startswith(f"Test digit 8, a {label}. Read as **") for said in app.markdown)
    mistakes = oracle.wrong
    for expected in (index for index in mistakes[:3] if index > 8):
        app.button(key="next_mistake").click().run()
        assert looked_at[-1].name == f"test digit {expected}"
    app.number_input(key="digit").set_value(mistakes[-1]).run()
    app.button(key="next_mistake").click().run()
    assert looked_at[-1].name == f"test digit {mistakes[0]}"  # after the last one the first


@pytest.mark.usefixtures("trained")
@pytest.mark.parametrize(("way", "said"), [(DRAWN_BEFORE, "No drawing is kept yet"), (PICTURE, "Until there is one")])
def test_a_test_digit_stands_in_for_what_is_not_given(looked_at: list[Subject], way: str, said: str) -> None:
    app = open_page(SCRIPT)
    app.segmented_control(key="way").set_value(way).run()
    checked(app)
    assert any(said in one.value for one in [*app.caption, *app.markdown])
    assert any("Until there is one you see test digit" in one.value for one in app.markdown)
    assert looked_at[-1].name.startswith("test digit")


@pytest.mark.usefixtures("trained")
def test_a_picture_that_cannot_be_read_takes_nothing_else_from_the_page(looked_at: list[Subject]) -> None:
    app = open_page(SCRIPT)
    app.segmented_control(key="way").set_value(PICTURE).run()
    shown = len(looked_at)
    app.file_uploader(key="inside_file").set_value(("seven.png", b"no picture", "image/png")).run()
    assert "seven.png is a text and no picture" in app.error[0].value and not app.exception
    assert len(looked_at) == shown + 1 and looked_at[-1].name.startswith("test digit")


@pytest.mark.usefixtures("trained")
def test_a_drawing_that_was_kept(looked_at: list[Subject]) -> None:
    drawn = paper._drawn(SEVEN)
    assert drawn is not None
    prepared = prepare(drawn.picture, drawn.evened)
    assert prepared is not None
    collection.add(7, drawn.picture, prepared.image, drawn.strokes)
    app = open_page(SCRIPT)
    app.segmented_control(key="way").set_value(DRAWN_BEFORE).run()
    checked(app)
    np.testing.assert_array_equal(looked_at[-1].image, prepared.image)
    assert looked_at[-1].described == "your drawing, a 7"
