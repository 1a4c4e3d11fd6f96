"""The canvas: black paper and a white brush, as MNIST is."""

import numpy as np
import streamlit as st

SIDE = 308  # CSS pixels; it fits a phone
BRUSH = 24  # a digit drawn 200 pixels high then has MNIST's stroke, some 2.5 pixels in 20


def drawing(key: str = "drawing") -> np.ndarray | None:
    """The canvas with its brush width and Clear, and what is drawn: uint8 (SIDE, SIDE, 4); None before a stroke."""
    from streamlit_drawable_canvas import st_canvas  # can be imported only where Streamlit runs

    cleared = f"{key}_cleared"
    times = st.session_state.setdefault(cleared, 0)
    st.markdown("**Draw one digit, large**")  # above: the canvas shows its undo and redo there when it is hovered
    board = st.container()
    controls = st.container(horizontal=True, vertical_alignment="bottom", width=SIDE)
    width = controls.slider("Brush width", 8, 40, BRUSH, step=2, key=f"{key}_brush", width=170)

    def wipe() -> None:
        st.session_state[cleared] = times + 1  # another key is another canvas: the one way to empty it from here

    controls.button("Clear", icon=":material/delete:", on_click=wipe, key=f"{key}_clear", width="stretch")
    with board:
        result = st_canvas(
            stroke_width=width,
            stroke_color="#FFFFFF",
            background_color="#000000",
            height=SIDE,
            width=SIDE,
            return_image_data=True,  # a PNG; the strokes alone would have to be painted again here
            key=f"{key}_{times}",
        )
    return result.image_data
