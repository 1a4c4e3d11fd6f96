"""One odd value in a run's files: that run is shown as damaged where it cannot be read, and no other is touched."""

import html
import re

import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.runs.run import Run
from tests.support.damage import DAMAGES, NO_CURVE, NO_STATUS, UNREADABLE, damaged_copy
from tests.support.pages import open_page

PAGES = ("streamlit_app.py", "pages/1_Train.py", "pages/2_Mistakes.py", "pages/3_Draw.py")


@pytest.fixture
def damaged(trained: Run) -> dict[str, Run]:
    """A healthy run, and beside it one for each damage."""
    return {name: damaged_copy(trained, name) for name in DAMAGES}


def said(app: AppTest) -> str:
    """What the messages of a page say."""
    shown = [element.value for kind in (app.warning, app.error, app.caption) for element in kind]
    return re.sub(r"\\(?=\W)|\u2060", "", html.unescape("\n".join(shown)))


@pytest.mark.parametrize("page", PAGES)
def test_no_page_fails_and_the_healthy_run_is_there(damaged: dict[str, Run], trained: Run, page: str) -> None:
    app = open_page(page)
    assert not app.error
    if page == "streamlit_app.py":
        assert trained.id in " ".join(text.value for text in app.markdown), "the best is one that can be read"
        return
    app = open_page(page, run=trained.id)
    assert not app.error
    assert app.selectbox(key="run").value == trained.id


# Of what cannot be read at all a page knows no more than that: two of each kind; tests/mnist_core/cli has them all.
ALIKE = (UNREADABLE | NO_STATUS) - {"config is deep", "no such network", "status is a pipe", "accuracy NaN"}


@pytest.mark.parametrize("name", [name for name in DAMAGES if name not in ALIKE])
def test_a_damaged_run_is_a_sentence_and_can_be_deleted(trained: Run, name: str) -> None:
    run = damaged_copy(trained, name)
    app = open_page()
    for page in (*PAGES[:1], *PAGES[2:], PAGES[1]):
        if page != PAGES[0]:
            app.switch_page(page)
            app.query_params["run"] = run.id
            app.run()
        assert not app.exception
        if name in UNREADABLE:
            assert f"{run.path / 'config.json'} " in said(app)
        elif name in NO_STATUS and page in PAGES[:2]:
            assert "status.json is " in said(app)
        elif page in PAGES[1:3]:
            assert not app.error or name in NO_CURVE | {"an odd error"}
    if name in UNREADABLE | NO_STATUS:
        for label in ("Delete this run", "Delete"):
            next(button for button in app.button if button.label == label).click().run()
            assert not app.exception
        assert not run.path.exists()
        assert trained.path.exists()


def test_answers_computed_again_are_told_and_missing_weights_give_no_other_epochs_figures(trained: Run) -> None:
    path = trained.test_log_probabilities(1)
    content = bytearray(path.read_bytes())
    content[200_000] ^= 64
    path.write_bytes(content)
    app = open_page("pages/2_Mistakes.py", run=trained.id)
    assert f"{path} is damaged: these answers are computed from the weights instead." in said(app)
    assert not app.error
    trained.weights(1).unlink()
    app = open_page("pages/2_Mistakes.py", run=trained.id)
    assert f"{trained.weights(1)} is missing" in said(app)
