"""The kept drawings on the Draw page."""

from pathlib import Path

import numpy as np
from streamlit.testing.v1 import AppTest

from mnist_core.drawing import collection


def show_handwriting() -> None:
    from mnist_core.runs.store import find
    from ui.draw import my_handwriting

    my_handwriting.show(find("shipped"))


def test_a_damaged_drawing_is_named_and_the_others_are_shown(home: Path) -> None:
    picture = np.full((28, 28), 9, np.uint8)
    collection.add(7, picture, picture)
    other = collection.add(3, picture, picture)
    assert not AppTest.from_function(show_handwriting).run(timeout=60).warning
    (collection.folder() / f"{other.id}.28.png").write_bytes(b"no picture")
    app = AppTest.from_function(show_handwriting).run(timeout=60)
    assert not app.exception
    assert f"drawing {other.id}" in app.warning[0].value
    assert "**1 drawing kept**" in [text.value for text in app.markdown]
