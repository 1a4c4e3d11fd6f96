"""Where a picture of a digit comes from: the canvas, or a file that is chosen, dropped or pasted."""

from dataclasses import dataclass

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mnist_core.drawing.picture_files.kinds import ENDINGS
from mnist_core.drawing.picture_files.read import read_picture
from mnist_core.drawing.strokes import PAPER, Drawn
from ui.draw import canvas
from ui.draw.canvas import Board


@dataclass(frozen=True)
class Given:
    """What a person gave."""

    drawn: Board
    file: bytes | None = None  # it is asked about, rather than the drawing, where there is one
    name: str = ""

    def picture(self) -> np.ndarray | None:
        """The picture, uint8 as `drawing.prepare` takes it; None where there is none yet.

        Raises RequestError where the file is no picture.
        """
        if self.file is not None:
            return read_picture(self.file, self.name)
        return self.drawn.picture if self.drawn.paths else None

    @property
    def evened(self) -> np.ndarray | None:
        """The drawing's strokes with an even pen; a file has none."""
        return self.drawn.evened if self.file is None else None

    @property
    def strokes(self) -> Drawn | None:
        """The drawing's strokes; a file has none."""
        return self.drawn.drawn if self.file is None else None


def ask_for_picture(key: str, name: str, beside: DeltaGenerator, width: int = PAPER, height: int = PAPER) -> Given:
    """The canvas and, in `beside`, the way to give a file instead. What came last counts.

    `name` is what a screen reader calls the canvas.
    """
    drawn = canvas.draw(key, name, width, height)
    file = beside.file_uploader("Or a picture: choose, drop or paste it", ENDINGS, key=f"{key}_file", width=400)
    last = f"{key}_last"  # the number of changes of the drawing when the file came, and the file's id
    if file is None:
        st.session_state.pop(last, None)
        return Given(drawn)
    came = st.session_state.get(last)
    if came is None or came[1] != file.file_id:
        came = st.session_state[last] = (drawn.changes, file.file_id)
    if came[0] != drawn.changes:
        beside.caption("The answer is about the drawing, which came after the picture.")
        return Given(drawn)
    beside.caption("The answer is about this picture. Draw, or remove it, to come back to the drawing.")
    return Given(drawn, file.getvalue(), file.name)
