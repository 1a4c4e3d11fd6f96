"""The canvas: black paper and a white brush, as MNIST is; undo, redo, clear; the drawing outlives its page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import streamlit as st

from mnist_core.drawing.strokes import BRUSH, PAPER, Drawn, Stroke, cut_curves
from ui.draw.canvas_bridge import canvas_script

Path = dict[str, Any]  # one stroke as the canvas keeps it: a Fabric.js path


@dataclass
class Board:
    """One canvas's drawing, kept in the session: the component forgets it when its page is left."""

    width: int = PAPER
    height: int = PAPER
    paths: list[Path] = field(default_factory=list)  # what is drawn
    past: list[list[Path]] = field(default_factory=list)  # what Undo goes back to
    future: list[list[Path]] = field(default_factory=list)  # what Redo goes forward to
    given: list[Path] = field(default_factory=list)  # what the component was last given to show
    revision: int = 0  # of `given`: the component shows only what differs from what it was given before
    received: list[Path] = field(default_factory=list)  # what the component sent last
    changes: int = 0  # how often the drawing has changed
    brush: int = BRUSH

    def receive(self, sent: list[Path]) -> None:
        """Take over what the component sent, where a person has drawn it.

        Given another drawing to show it sends nothing new: until the next stroke it repeats what it sent before.
        """
        if _shapes(sent) == _shapes(self.received):
            return
        self.received = sent
        if _shapes(sent) != _shapes(self.paths):  # a touch too short for a stroke sends as well
            self.past.append(self.paths)
            self.paths, self.future = sent, []
            self.changes += 1

    def undo(self) -> None:
        """Go back by one stroke, or to before the last Clear."""
        self.future.append(self.paths)
        self._show(self.past.pop())

    def redo(self) -> None:
        """Take the last Undo back."""
        self.past.append(self.paths)
        self._show(self.future.pop())

    def clear(self) -> None:
        """Empty the paper; Undo brings it back."""
        self.past.append(self.paths)
        self.future = []
        self._show([])

    def _show(self, paths: list[Path]) -> None:
        self.paths = paths
        self.changes += 1
        self.send()

    def send(self) -> None:
        """Have the component show `paths`."""
        self.given = self.paths
        self.revision += 1

    @property
    def drawn(self) -> Drawn:
        """The strokes on a paper as wide as the canvas.

        The canvas could send a picture as well, as a PNG; painted from the strokes there is one truth.
        """
        strokes = [_points(path["path"]) / self.width for path in self.paths]
        return Drawn(strokes, [path["strokeWidth"] for path in self.paths], self.width)

    @property
    def strokes(self) -> Sequence[Stroke]:
        """Each stroke's points in a unit box as wide as the canvas."""
        return self.drawn.strokes

    @property
    def picture(self) -> np.ndarray:
        """The drawing, uint8 (height, width), painted from the strokes."""
        return self.drawn.picture[: self.height]

    @property
    def evened(self) -> np.ndarray | None:
        """The drawing with a pen that fits its size (`strokes.evened`); None where there is none, or only a blot."""
        return self.drawn.evened


def board(key: str, width: int = PAPER, height: int = PAPER) -> Board:
    """The drawing that the session keeps under `key`."""
    found: Board = st.session_state.setdefault(f"board_{key}", Board(width, height))
    return found


def draw(key: str, name: str, width: int = PAPER, height: int = PAPER) -> Board:
    """The canvas with its buttons, and what is drawn on it.

    `name` is what a screen reader calls it.
    """
    from streamlit_drawable_canvas import st_canvas  # can be imported only where Streamlit runs

    paper = board(key, width, height)
    canvas_key = f"canvas_{key}"
    if canvas_key not in st.session_state:  # the page is new: an earlier drawing is put back
        paper.send()
        paper.received = paper.paths
    with st.container(key=f"paper_{key}"):
        result = st_canvas(
            stroke_width=st.session_state.get(f"{key}_brush", paper.brush),  # the slider stands below
            stroke_color="#FFFFFF",
            background_color="#000000",
            height=height,
            width=width,
            initial_drawing={"objects": paper.given, "revision": paper.revision},
            # The script below sends, at once. Left to itself the component waits 200 ms, and sends back whatever it is
            # told to show: that rerun, right after a click on Undo, now and then swallowed the next click.
            update_streamlit=False,
            key=canvas_key,
        )
        canvas_script(f"paper_{key}", name, width)
    paper.receive((result.json_data or {}).get("objects", []))

    def take_in_and(action: Callable[[], None]) -> None:
        # A stroke and a click right after it come together: the stroke was there first.
        drawing = st.session_state[canvas_key]["drawing"]
        paper.receive(((drawing or {}).get("raw") or {}).get("objects", []))
        action()

    buttons = st.container(horizontal=True, width=PAPER, gap="small")
    for label, icon, action, possible in (
        ("Undo", ":material/undo:", paper.undo, paper.past),
        ("Redo", ":material/redo:", paper.redo, paper.future),
        ("Clear", ":material/delete:", paper.clear, paper.paths),
    ):
        buttons.button(
            label, icon=icon, on_click=take_in_and, args=(action,), disabled=not possible, key=f"{key}_{label.lower()}"
        )
    paper.brush = st.slider("Brush width", 6, 40, paper.brush, step=2, key=f"{key}_brush", width=PAPER)
    return paper


def _shapes(paths: list[Path]) -> list[list[Any]]:
    return [[path["path"], path["strokeWidth"]] for path in paths]


def _points(commands: list[list[Any]]) -> np.ndarray:
    """A path's points, its curves cut into short straight pieces.

    The brush smooths: it runs quadratic curves through the middles between the pointer's places.
    """
    points = [np.array(commands[0][1:], float)[None]]
    for letter, *numbers in commands[1:]:
        end = np.array(numbers[-2:], float)[None]
        points.append(cut_curves(points[-1][-1], np.array([numbers[:2]], float), end) if letter == "Q" else end)
    return np.concatenate(points)
