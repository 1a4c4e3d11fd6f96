"""Files for the browser, served from where they lie: nothing is copied beside the pages, which may be read-only."""

from pathlib import Path

from streamlit.components.v1 import declare_component


def serve(name: str, folder: Path) -> str:
    """Have the server hand out the files of `folder`; returns its address, relative to the app's.

    Streamlit serves a component's folder; this is one that is never drawn. `name` is unique to the folder.
    """
    return f"component/{declare_component(name, path=folder).name}"
