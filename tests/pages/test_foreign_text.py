"""What comes from the address or from files is text on every page: no Markdown, no picture, no link."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.drawing import collection
from mnist_core.runs import notes, store
from mnist_core.runs.run import Run
from tests.support.pages import open_page

FOREIGN = "![x](http://evil.example/x.png) [y](http://evil.example) <img src=z>"


def markdown(app: AppTest) -> Iterator[str]:
    """What the page hands to Streamlit as Markdown."""
    for kind in (app.markdown, app.caption, app.error, app.warning, app.info, app.success):
        yield from (element.value for element in kind)


def assert_text_only(app: AppTest) -> None:
    """The foreign text is on the page, and in no place as Markdown or as HTML."""
    assert not app.exception
    told = [text for text in markdown(app) if "evil" in text]
    assert told
    for text in told:
        assert not re.search(r"(?<!\\)[\[\]<>]|https?://", text), text


@pytest.mark.parametrize("page", ["1_Train", "2_Mistakes", "3_Draw"])
def test_a_run_that_the_address_names(trained: Run, page: str) -> None:
    assert_text_only(open_page(f"pages/{page}.py", run=FOREIGN))


@pytest.mark.parametrize("name", ["learning_rate", FOREIGN])
def test_a_setting_that_the_address_names(home: Path, name: str) -> None:
    assert_text_only(open_page("pages/1_Train.py", **{name: FOREIGN}))


@pytest.mark.parametrize("digit", [FOREIGN, "9" * 5000 + " http://evil.example"])
def test_a_digit_that_the_address_names(trained: Run, digit: str) -> None:
    app = open_page("pages/2_Mistakes.py", digit=digit)
    assert not app.exception
    if digit == FOREIGN:
        assert_text_only(app)


def test_an_error_in_a_run_s_file(trained: Run) -> None:
    store.write_status(trained, trained.status().model_copy(update={"state": "failed", "error": FOREIGN}))
    assert_text_only(open_page("pages/1_Train.py", run=trained.id))


def test_a_name_in_a_run_s_file(trained: Run) -> None:
    notes.rename(trained, FOREIGN[:60].strip())
    app = open_page("pages/1_Train.py", run=trained.id)
    next(button for button in app.button if button.label == "Delete this run").click().run()
    assert_text_only(app)


def test_a_damaged_drawing_takes_no_section_away(trained: Run) -> None:
    image = np.zeros((28, 28), np.uint8)
    image[5:20, 10:14] = 255
    whole, damaged = collection.add(1, image, image), collection.add(2, image, image[:27])
    app = open_page("pages/3_Draw.py", section="My handwriting")
    assert not app.exception
    assert not app.error
    assert any(f"Left out as damaged: drawing {damaged.id}" in warning.value for warning in app.warning)
    options = app.selectbox(key="delete_drawing").options
    assert len(options) == 2
    collection.delete(damaged.id)
    app.run()
    assert not app.warning
    assert [drawing.id for drawing in collection.every()] == [whole.id]
