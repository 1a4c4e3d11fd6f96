"""A canvas without a browser, for pages tested in this process."""

from types import SimpleNamespace
from typing import Any

import streamlit as st

from tests.support.pen import Stroke

SIDE = 308


class Paper:
    """Stands in for the canvas: told to show a drawing it shows it, and says nothing until the next stroke."""

    def __init__(self) -> None:
        self.settings: dict[str, Any] = {}
        self.shown: list[dict[str, Any]] = []
        self.sent: list[dict[str, Any]] = []

    def draw(self, stroke: Stroke, width: float = 24) -> None:
        points = [[x * SIDE / 100, y * SIDE / 100] for x, y in stroke]
        commands = [["M", *points[0]], *(["L", *point] for point in points[1:])]
        self.shown = self.sent = [*self.shown, {"type": "Path", "path": commands, "strokeWidth": width}]

    def leave(self) -> None:
        """The page is left: the component forgets everything."""
        self.__init__()  # type: ignore[misc]

    def st_canvas(self, **settings: Any) -> SimpleNamespace:
        told = settings["initial_drawing"]
        if not self.settings:
            self.shown = self.sent = told["objects"]
        elif told != self.settings["initial_drawing"]:
            self.shown = told["objects"]
        self.settings = settings
        st.session_state[settings["key"]] = {"drawing": {"raw": {"objects": self.sent}, "data": None}}
        return SimpleNamespace(json_data={"objects": self.sent})
