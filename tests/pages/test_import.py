"""A run comes back through the Compare page as the ZIP file that it was taken away as."""

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.export.run_zip import pack
from mnist_core.runs import store
from mnist_core.runs.run import Run
from tests.support.pages import checked, open_page
from ui.access import changes

COMPARE = "pages/4_Compare.py"


@pytest.fixture
def packed(trained: Run, tmp_path: Path) -> bytes:
    pack.write(trained, str(tmp_path / "run.zip"))
    return (tmp_path / "run.zip").read_bytes()


def give(app: AppTest, content: bytes) -> AppTest:
    app.file_uploader[0].set_value(("run.zip", content, "application/zip")).run()
    return app


def test_it_comes_back_where_there_is_no_run_yet(trained: Run, packed: bytes) -> None:
    before = trained.status()
    shutil.rmtree(trained.path)
    app = give(checked(open_page(COMPARE)), packed)
    checked(app)
    (run,) = store.every()
    assert (run.id, run.status().weights_hash) == (trained.id, before.weights_hash)
    assert "is imported" in app.toast[0].value
    give(app, packed)
    assert store.every() == [run], "it is here already"


def test_what_is_no_run_is_one_sentence_and_another_run_is_never_replaced(
    trained: Run, packed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = give(checked(open_page(COMPARE)), b"no zip")
    assert "is no whole ZIP file" in app.error[0].value
    with monkeypatch.context() as patch:
        patch.setattr(changes, "import_run", None)  # the page runs again for other reasons: it is not read again
        assert "is no whole ZIP file" in app.run().error[0].value
    trained.weights(1).unlink()
    trained.test_log_probabilities(1).unlink()
    app = give(checked(open_page(COMPARE)), packed)
    assert "another run" in app.error[0].value and len(store.every()) == 1
    app.checkbox[0].check().run()
    assert len(store.every()) == 2
