"""Components whose JavaScript lies in modules of their own under `static/`, beside the engine that they import."""

import functools
import hashlib
from typing import Any, Protocol

import streamlit as st

from mnist_core.system.files import REPOSITORY
from ui.components.served_folder import serve

STATIC = REPOSITORY / "static"

# Streamlit takes a component's script as text. This one fetches the module and hands on what Streamlit hands to it:
# the module's default export is called each time the data is new, and what it returns when the component goes. Where a
# file does not come, a sentence says so: this module, or one that it fetches itself and tells of by `failed()`.
_FETCH = """
export default function (component) {
  const { data, parentElement } = component;
  const say = (text) => {
    const found = parentElement.querySelector(":scope > .mnist-not-loaded");
    if (!text || found) return text || found?.remove();
    const told = Object.assign(document.createElement("p"), { className: "mnist-not-loaded", textContent: text });
    told.setAttribute("role", "alert");
    parentElement.prepend(told);
  };
  const failed = () => say("A part of this page did not load: is the server reached? Load the page again.");
  const mounted = import(new URL(data.module, document.baseURI)).then((module) => {
    say("");
    return module.default({ ...component, failed });
  });
  mounted.catch(failed);
  return () => { mounted.then((leave) => leave?.(), () => {}); };
}
"""


class Mounted(Protocol):
    """A component on the page; what its script sets with `setStateValue` is an attribute of the result."""

    def __call__(self, data: dict[str, Any], *, key: str, **options: Any) -> Any:
        """Draw it with `data` for its script."""


@functools.cache
def static_address() -> str:
    """The address of `static/`, relative to the app's; another one when a script in it is another."""
    scripts = sorted(STATIC.rglob("*.js"))
    content = hashlib.sha256(b"".join(path.read_bytes() for path in scripts)).hexdigest()[:12]
    return serve(f"static_{content}", STATIC)


def module_component(name: str, module: str, html: str = "", css: str = "") -> Mounted:
    """A component whose script is `module`, a path under `static/`, on the nodes of `html`; styles are the page's."""
    mount = st.components.v2.component(f"mnist_lab.{name}", html=html, css=css, js=_FETCH, isolate_styles=False)

    def mounted(data: dict[str, Any], *, key: str, **options: Any) -> Any:
        return mount(data={**data, "module": f"{static_address()}/{module}"}, key=key, **options)

    return mounted
