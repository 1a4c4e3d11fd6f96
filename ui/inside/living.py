"""The network as one picture, from the image to the ten answers, moving with the pen; and any value of it worked out.

What both show is computed in the browser (`static/inside/living/`), by the engine of the exported page.
"""

import base64
import uuid
from typing import Any

import streamlit as st

from ui.common.attribution_image import AGAINST, FOR
from ui.common.run_selector import run_label
from ui.components.engine import engine_data
from ui.components.module import STATIC, Mounted, module_component
from ui.inside.subject import Subject
from ui.inside.try_this import try_this

_TASK = "living_task"  # in the session: the experiment that a button asked for, for the scripts to set up once


def _mounted(name: str) -> Mounted:
    """The component whose script, nodes and styles are the files of this name."""
    html, css = ((STATIC / "inside" / "living" / f"{name}.{kind}").read_text("utf-8") for kind in ("html", "css"))
    return module_component(f"inside_{name}", f"inside/living/{name}.js", html, css)


_picture, _value = _mounted("living"), _mounted("value")


def show(subject: Subject) -> None:
    """Show the network looking at one digit, and one of its values worked out."""
    given = _given(subject)
    try_this(
        "Every layer of the network, each map in it, and what flows along the strongest connections to the answer.",
        "what speaks for the second guess?",
        _ask,
        "runner-up",
    )
    _picture(given, key="living", height="content")
    st.subheader("One value, worked out", anchor=False)
    try_this(
        "How any number in the picture came to be. Click a pixel or a unit, then a number to go back one layer.",
        "from the answer back to one pixel",
        _ask,
        "to-the-pixel",
    )
    _value(given, key="one_value", height="content")


def _given(subject: Subject) -> dict[str, Any]:
    """What both scripts work with."""
    return {
        **engine_data(subject.run, subject.epoch),
        "image": base64.b64encode(subject.image.tobytes()).decode(),
        "label": subject.label,
        "name": subject.name,
        "title": run_label(subject.run),
        "plus": FOR.tolist(),
        "minus": AGAINST.tolist(),
        "task": st.session_state.get(_TASK),
    }


def _ask(name: str) -> None:
    st.session_state[_TASK] = {"id": uuid.uuid4().hex, "name": name}
