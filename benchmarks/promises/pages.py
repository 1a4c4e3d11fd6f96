"""Pages of the dashboard in forks, through Streamlit's AppTest: what they show, and whether they fail."""

import os
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.promises.forked import Outcome, fork, warm

PAGES = ("streamlit_app.py", "pages/1_Train.py", "pages/2_Mistakes.py", "pages/3_Draw.py")
_KINDS = ("title", "header", "subheader", "markdown", "caption", "metric", "text", "code", "success", "info", "html")


SECTIONS = (
    *("Mistakes", "Digit by digit", "Labels", "Two runs", "Calibration", "Robustness", "Map", "Can you read it?"),
    *("What it sees", "Why", "Several networks", "As it learned", "My handwriting"),
)


@cache
def warm_pages() -> None:
    """Import what pages import, by showing each once, in an empty home."""
    warm()
    from mnist_core.jobs import launcher
    from tests.support.pages import open_page

    launcher.stand_by = lambda: None
    before = os.environ.get("MNIST_HOME")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MNIST_HOME"] = folder
        for page in PAGES:
            open_page(page)
    if before is None:
        del os.environ["MNIST_HOME"]
    else:
        os.environ["MNIST_HOME"] = before


def show(
    page: str, home: Path, query: dict[str, str], act: Callable[[Any], None] | None = None, seconds: float = 60.0
) -> Outcome:
    """Open a page in a fork; `act` may use it.

    The value: its texts by kind, its exceptions, errors and warnings, and the seconds of the last change.
    """
    warm_pages()

    def open_page() -> dict[str, Any]:
        from tests.support.pages import open_page as opened

        app = opened()
        if page != PAGES[0]:
            app.switch_page(page)
        for key, value in query.items():
            app.query_params[key] = value
        begun = time.process_time()
        app.run()
        if act is not None and not app.exception:
            begun = time.process_time()
            act(app)
        took = time.process_time() - begun
        said = {kind: [str(getattr(one, "value", "")) for one in app.get(kind)] for kind in _KINDS}
        said["exception"] = [f"{one.message} {one.stack_trace[-1:]}" for one in app.exception]
        said["error"] = [one.value for one in app.error]
        said["warning"] = [one.value for one in app.warning]
        return {**said, "seconds": took}

    outcome = fork(open_page, home, seconds)
    return outcome if outcome.value is None else outcome._replace(seconds=outcome.value["seconds"])
