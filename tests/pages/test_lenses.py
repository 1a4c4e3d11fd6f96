"""The Mistakes page's sections about two runs, calibration, robustness, the map and the quiz, through AppTest."""

import re
import shutil

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mnist_core import data, robustness
from mnist_core.corruptions import CORRUPTIONS
from mnist_core.files import REPOSITORY
from mnist_core.runs import Run, write_record


def open_section(section: str, **query: str) -> AppTest:
    app = AppTest.from_file(str(REPOSITORY / "streamlit_app.py"), default_timeout=60).run()
    app.switch_page("pages/2_Mistakes.py")
    for key, value in {"section": section, **query}.items():
        app.query_params[key] = value
    return checked(app.run())


def checked(app: AppTest) -> AppTest:
    assert not app.exception
    assert not app.error
    return app


def words(app: AppTest) -> str:
    return "\n".join(element.value for element in [*app.markdown, *app.caption, *app.info])


@pytest.fixture
def untrained(trained: Run) -> Run:
    """A second run whose last weights are those from before the first step."""
    other = Run(trained.path.parent / "20261122-000000-cnn-0000")
    shutil.copytree(trained.path, other.path)
    for path in (other.path / "epochs").glob("0001*"):
        path.unlink()
    record = other.record()
    write_record(other, record.model_copy(update={"name": "Untrained"}))
    return other


def test_two_runs_show_what_only_one_reads(trained: Run, untrained: Run) -> None:
    labels = data.load_arrays("test").labels
    right = [np.load(run.test_log_probabilities(e)).argmax(1) == labels for run, e in ((untrained, 0), (trained, 1))]
    fixed, broken = (~right[0] & right[1]).sum(), (right[0] & ~right[1]).sum()
    app = open_section("Two runs", run=trained.id, other=untrained.id)
    assert "**The difference could not be luck: " in words(app)
    assert f"the second reads {fixed:,} and the first {broken:,} " in words(app)
    assert "Settings that differ: Epochs 0 and 1" in words(app)
    shown = [int(i) for e in app.get("html") for i in re.findall(r"#(\d+)\n1. says", e.proto.body)]
    assert shown == np.flatnonzero(~right[0] & right[1])[:60].tolist()


@pytest.mark.usefixtures("home")
def test_two_runs_say_what_to_do_where_there_is_one() -> None:
    assert "There is no second run to compare with" in words(open_section("Two runs"))


def test_robustness_has_a_button_until_the_curves_are_there(trained: Run) -> None:
    app = open_section("Robustness", run=trained.id)
    assert [b.label for b in app.button] == ["Test how robust it is"]
    counts = {kind: [5000] * len(c.strengths) for kind, c in CORRUPTIONS.items()}
    robustness.study(trained, 1).answer(lambda report: {"n": 10_000, "clean": 9000, "correct": counts})
    app = checked(app.run())
    assert not app.button
    assert len(app.get("plotly_chart")) == len(CORRUPTIONS)
