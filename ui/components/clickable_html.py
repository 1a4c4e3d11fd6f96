"""HTML whose marked parts answer a click: each `<button data-value="...">` in it hands its value to Python.

A heatmap's clicks never reach Streamlit (#8760), and `st.html` has none. Buttons in HTML take the keyboard too, and
changed HTML replaces the old in one step, on a node that lasts.
"""

from collections.abc import Callable

import streamlit as st

_JS = """
export default function ({ data, parentElement, setTriggerValue }) {
  const node = parentElement.querySelector(".clickable");
  if (node.shown !== data.html) {
    const focused = node.contains(document.activeElement) ? document.activeElement.dataset.value : undefined;
    node.innerHTML = node.shown = data.html;
    if (focused !== undefined) node.querySelector(`[data-value="${focused}"]`)?.focus();
  }
  node.onclick = (event) => {
    const part = event.target.closest("[data-value]");
    if (part) setTriggerValue("clicked", part.dataset.value);
  };
}
"""

_component = st.components.v2.component(
    "mnist_lab.clickable", html='<div class="clickable"></div>', js=_JS, isolate_styles=False
)


def clickable(html: str, on_click: Callable[[str], None], *, key: str) -> None:
    """Show `html` (its texts escaped, its values plain words); `on_click` gets the value, before the script runs."""

    def take_click() -> None:
        value = st.session_state[key].clicked
        if value is not None:
            on_click(str(value))

    _component(data={"html": html}, key=key, on_clicked_change=take_click)
