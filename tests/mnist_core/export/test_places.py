"""Where an export is written to and what it needs, and a checking process whose caller is killed."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from mnist_core.errors import RequestError
from mnist_core.export.folder import refuse_full
from mnist_core.export.new_file import refuse, refuse_existing
from mnist_core.runs.run import Run
from mnist_core.system.files import REPOSITORY, cannot_write
from tests.conftest import wait_until
from tests.support.command_line import Output, refused

CHECK = """
import sys
from mnist_core.export.isolated import answers_of_program
program = "import os, time\\nopen({mark!r}, 'w').write(str(os.getpid()) + ' ' + os.getcwd())\\ntime.sleep(600)"
answers_of_program({{"a.py": program}}, "", {{}})
"""


def test_where_no_file_can_be_is_said_before_anything_is_computed(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for place, why in (
        (tmp_path / "file" / "x.pt", "is no folder"),
        (tmp_path / "file" / "deeper" / "x.pt", "is no folder"),
        (tmp_path / "file", "is there already"),
        (tmp_path / ("x" * 250), "shorter"),
        (Path(), "Name a new file"),
    ):
        with pytest.raises(RequestError, match=why):
            refuse_existing(place)
    refuse_existing(tmp_path / "not" / "yet" / "there.pt")
    for place, why in ((Path(), "Name a new file"), (Path("/"), "Name a new file"), (Path("a"), "must end in .pt")):
        with pytest.raises(RequestError, match=why):
            refuse(place, ".pt")
    with pytest.raises(RequestError, match="is a file"):
        refuse_full(tmp_path / "file")


@pytest.mark.parametrize(
    ("form", "name"), [("notebook", "a.ipynb"), ("keras", "a.keras"), ("onnx", "a.onnx"), ("tensorboard", "a")]
)
def test_without_its_package_a_format_is_one_sentence(
    capsys: Output, trained: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str, name: str
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    said = refused(capsys, "export", trained.id, f"--format={form}", "-o", str(tmp_path / name))
    assert f'`pip install "mnist-lab[{form}]"`' in said
    assert not (tmp_path / name).exists()


def test_the_way_out_is_one(home: Path, tmp_path: Path) -> None:
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert "MNIST_HOME" in str(cannot_write(home / "runs" / "x", full))
    assert "MNIST_HOME" not in str(cannot_write(tmp_path / "x.pt", full))
    assert "name another place" in str(cannot_write(tmp_path / "x.pt", OSError(errno.ENOTDIR, "Not a directory")))


def test_a_killed_check_leaves_no_process_and_no_file(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    with subprocess.Popen([sys.executable, "-c", CHECK.format(mark=str(mark))], cwd=REPOSITORY) as caller:
        wait_until(lambda: mark.exists() and " " in mark.read_text(), "the program runs")
        pid, folder = mark.read_text().split(" ", 1)
        caller.send_signal(signal.SIGKILL)
    wait_until(lambda: not psutil.pid_exists(int(pid)), "the checking process ends")
    assert not Path(folder).exists()
