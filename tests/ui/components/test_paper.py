"""What the session keeps of a paper. What happens in the browser: tests/e2e/test_paper.py."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.drawing.strokes import BRUSH, PAPER
from ui.components import paper as module

ONE = {"places": [[150.0, 50.0], [152.5, 130.0], [150.0, 250.0]], "width": BRUSH}
BAR = {"places": [[50.0, 150.0], [250.0, 150.0]], "width": BRUSH}


class Browser:
    """Stands in for the component: `sent` is what it sent last, and it tells what it was given."""

    def __init__(self) -> None:
        self.sent: dict[str, Any] | None = None
        self.given: dict[str, Any] = {}

    def __call__(self, data: dict[str, Any], **options: Any) -> SimpleNamespace:
        self.given = data
        return SimpleNamespace(drawn=self.sent)


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Browser:
    found = Browser()
    monkeypatch.setattr(module, "_component", found)
    return found


def app() -> None:
    import streamlit as st

    from ui.components.paper import paper

    st.session_state["drawn"] = paper("test", "Paper")


def drawn(script: AppTest) -> Any:
    script.run()
    assert not script.exception
    return script.session_state["drawn"]


def test_what_is_drawn_outlives_its_page(browser: Browser) -> None:
    script = AppTest.from_function(app)
    assert drawn(script) is None
    browser.sent = {"number": 1, "strokes": [ONE, BAR]}
    before = drawn(script)
    assert before.widths == [BRUSH, BRUSH]
    assert before.strokes[0][0] == pytest.approx(np.array([150, 50]) / PAPER, abs=1e-3)
    assert np.count_nonzero(before.picture) > BRUSH * 400
    browser.sent = None  # another page was there: the component is new
    np.testing.assert_array_equal(drawn(script).picture, before.picture)
    assert browser.given["strokes"] == [ONE, BAR]


def test_an_empty_paper_is_nothing(browser: Browser) -> None:
    script = AppTest.from_function(app)
    browser.sent = {"number": 1, "strokes": [ONE]}
    assert drawn(script) is not None
    browser.sent = {"number": 2, "strokes": []}
    assert drawn(script) is None
