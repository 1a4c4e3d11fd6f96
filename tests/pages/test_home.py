"""Home through Streamlit's AppTest."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mnist_core.config.train_config import TrainConfig
from mnist_core.drawing.strokes import PAPER
from mnist_core.runs import store
from mnist_core.runs.run import Run
from mnist_core.system import files
from mnist_core.system.files import REPOSITORY
from tests.support.pages import checked, open_page
from tests.support.pen import DIGITS
from ui.components import paper


@pytest.mark.usefixtures("home")
def test_the_first_visit_need_not_wait_for_torch() -> None:
    code = (
        "import sys; from tests.pages.test_home import open_page; open_page()"
        "; assert 'ui.components.paper' in sys.modules and 'torch' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.usefixtures("home")
def test_a_digit_drawn_on_home_waits_on_the_train_page() -> None:
    places = [[x * PAPER / 100, y * PAPER / 100] for x, y in DIGITS[1][0]]
    app = open_page()
    assert "last_drawing" not in app.session_state
    app.session_state["drawn_digit"] = paper._Kept([{"places": places, "width": 24}])
    checked(app.run())
    image = app.session_state["last_drawing"]
    assert image.shape == (28, 28) and image[14, 14] > 200 and not image[:, :8].any()


@pytest.mark.usefixtures("home")
def test_how_often_each_digit_occurs_is_drawn_on_demand() -> None:
    app = open_page()
    assert not app.get("plotly_chart")
    checked(app.toggle(key="counts").set_value(True).run())
    assert len(app.get("plotly_chart")) == 1


def test_home_without_a_run_says_what_to_do_next(home: Path) -> None:
    app = open_page()
    assert "Nothing is trained yet" in app.info[0].value
    assert "60,000 handwritten digits" in " ".join(m.value for m in app.markdown)


def test_home_shows_the_best_run_with_its_interval(trained: Run) -> None:
    app = open_page()
    correct = round((trained.status().test_accuracy or 0) * 10_000)
    text = next(m.value for m in app.markdown if "Best so far" in m.value)
    assert f"{correct / 100:.1f} %" in text
    assert "95 % interval" in text
    assert trained.id in text
    table = app.dataframe[0].value
    (shown,) = table["Test accuracy"]
    assert shown.startswith(f"{correct / 100:.2f} % (")
    assert shown.endswith("n = 10,000)")
    assert "Validation accuracy" not in table  # this run holds no digits out


def test_home_shows_the_validation_accuracy_where_there_is_one(trained: Run) -> None:
    record = trained.record()
    store.write_record(trained, record.model_copy(update={"config": record.config.replace(validation_size=5000)}))
    store.write_status(trained, trained.status().model_copy(update={"validation_accuracy": 0.95}))
    (shown,) = open_page().dataframe[0].value["Validation accuracy"]
    assert shown == "95.00 % (94.4 to 95.6, n = 5,000)"  # SciPy's own Wilson interval, rounded


def test_home_lists_only_the_latest_runs(home: Path) -> None:
    for _ in range(7):
        store.create(TrainConfig())
    app = open_page()
    assert len(app.dataframe[0].value) == 5
    assert any("latest 5 of 7" in caption.value for caption in app.caption)


@pytest.mark.parametrize("page", ["streamlit_app.py", "pages/1_Train.py", "pages/2_Mistakes.py", "pages/3_Draw.py"])
def test_a_home_whose_name_is_no_utf8_has_pages(trained: Run, monkeypatch: pytest.MonkeyPatch, page: str) -> None:
    named = files.home().with_name(os.fsdecode(b"caf\xe9"))  # as a Latin-1 terminal makes it
    try:
        files.home().rename(named)
    except OSError:
        pytest.skip("no such names here")
    monkeypatch.setenv("MNIST_HOME", str(named))
    app = checked(open_page(page))
    if page != "streamlit_app.py":
        assert app.selectbox(key="run").value == trained.id
