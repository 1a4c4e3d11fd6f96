"""The wheel, built from the source distribution and installed: what it holds, and that it works far from the clone."""

import importlib.util
import json
import os
import re
import socket
import subprocess
import sys
import tarfile
import tomllib
import urllib.request
import venv
import zipfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from PIL import Image

from mnist_core.data import mnist
from mnist_core.system.files import REPOSITORY
from mnist_core.system.program import VERSION
from tests.conftest import wait_until

# What a wheel carries inside the package; in a clone it lies beside it.
BESIDE = ("streamlit_app.py", ".streamlit/", "pages/", "ui/", "static/", "shipped/", "data/")
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]


def pins(*names: str) -> list[str]:
    """The requirements in those files, without their comments."""
    lines = [line.partition("#")[0].strip() for name in names for line in (REPOSITORY / name).read_text().splitlines()]
    return sorted(line for line in lines if line and not line.startswith("-r"))


def test_requirements_and_pyproject_name_the_same_pins() -> None:
    extras = PROJECT["optional-dependencies"]
    named = PROJECT["dependencies"] + extras["kernels"] + extras["tune"] + extras["sign-in"]
    assert sorted(named) == pins("requirements.txt")
    build = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["build-system"]["requires"]
    everything = pins("requirements.txt", "requirements-dev.txt")
    assert set(build) <= set(everything)
    taken_away = extras["tensorboard"] + extras["onnx"] + extras["notebook"] + extras["keras"]
    assert set(taken_away) <= set(everything)
    assert set(extras["mlflow"]) & set(extras["tune"])  # MLflow and Optuna keep their databases by one SQLAlchemy
    assert [line for line in everything if not re.fullmatch(r"[\w-]+(\[\w+\])?==\d+(\.\d+)+", line)] == []


class Installed(NamedTuple):
    """An environment with the wheel in it, and an empty folder to be in."""

    wheel: Path
    scripts: Path
    folder: Path
    environment: dict[str, str]

    def run(self, *command: str, status: int = 0, **more: str) -> str:
        """What a command of the environment prints, run in the empty folder."""
        done = subprocess.run(
            [str(self.scripts / command[0]), *command[1:]],
            cwd=self.folder,
            env=self.environment | more,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == status, done.stderr
        return done.stdout if status == 0 else done.stderr


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Built, and installed beside the packages of this environment, which stand in for its dependencies."""
    for module in ("hatchling", "platformdirs"):
        if importlib.util.find_spec(module) is None:
            reason = f"{module} is not installed; `make.py check` installs it (requirements-dev.txt)"
            if os.environ.get("CI"):
                pytest.fail(reason)
            pytest.skip(reason)
    root = tmp_path_factory.mktemp("install")
    build = [sys.executable, "-m", "hatchling", "build", "--directory", str(root)]
    subprocess.run([*build, "--target", "sdist"], cwd=REPOSITORY, capture_output=True, check=True)
    with tarfile.open(root / f"mnist_lab-{VERSION}.tar.gz") as archive:
        # Python 3.11.2 (Debian's) knows no filters, and later ones ask for one.
        archive.extraction_filter = getattr(tarfile, "data_filter", lambda member, path: member)
        archive.extractall(root)
    source = root / f"mnist_lab-{VERSION}"
    subprocess.run([*build, "--target", "wheel"], cwd=source, capture_output=True, check=True)
    (wheel,) = root.glob("*.whl")

    venv.create(root / "environment", with_pip=False)
    scripts = root / "environment" / ("Scripts" if os.name == "nt" else "bin")
    python = str(scripts / "python")
    install = [sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", str(wheel)]
    subprocess.run(install, capture_output=True, check=True)
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=True).stdout.strip()
    packages = [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
    (Path(site) / "dependencies.pth").write_text("\n".join(packages))

    (root / "empty").mkdir()
    unset = ("MNIST_HOME", "PYTHONPATH", "MNIST_LAB_COMMAND")
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    user = {name: str(root / "user") for name in ("HOME", "XDG_DATA_HOME", "LOCALAPPDATA")}
    return Installed(wheel, scripts, root / "empty", environment | user)


def test_wheel_holds_the_dashboard_inside_the_package(installed: Installed) -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    tracked = listed.splitlines()
    inside = {f"mnist_core/_bundle/{name}" for name in tracked if name.startswith(BESIDE)}
    package = {name for name in tracked if name.startswith("mnist_core/")}
    with zipfile.ZipFile(installed.wheel) as archive:
        names = archive.namelist()
    assert len(names) == len(set(names))
    info = f"mnist_lab-{VERSION}.dist-info/"
    assert {name for name in names if not name.startswith(info)} == inside | package
    assert {"mnist_core/py.typed", "mnist_core/_bundle/ui/train/live_view.py"} < set(names)
    assert installed.wheel.stat().st_size < 20_000_000


def test_installed_it_speaks_of_mnist_lab_and_keeps_its_state_with_the_users(installed: Installed) -> None:
    assert "Usage: mnist-lab" in installed.run("mnist-lab", "--help")
    assert "with `mnist-lab train`" in installed.run("mnist-lab", "test", "nosuch", status=2)
    assert "with `python -m mnist_core train`" in installed.run("python", "-m", "mnist_core", "test", "no", status=2)
    where = "from mnist_core.system.files import home; print(home())"
    state = Path(installed.run("python", "-c", where).strip())
    assert state.is_relative_to(installed.environment["HOME"])
    assert "mnist-lab" in state.parts
    assert installed.run("python", "-c", where, MNIST_HOME="here").strip() == str(installed.folder.resolve() / "here")
    assert list(installed.folder.iterdir()) == []


def test_installed_it_reads_a_picture_and_trains(installed: Installed, home: Path, tmp_path: Path) -> None:
    digits = mnist.load_arrays("test")
    Image.fromarray(255 - np.pad(digits.images[0], 20)).save(tmp_path / "seven.png")
    (read,) = json.loads(installed.run("mnist-lab", "predict", str(tmp_path / "seven.png"), "--json"))
    assert read["digit"] == digits.labels[0] == 7
    train = (
        "from mnist_core import TrainConfig, start, wait; import mnist_core\n"
        "status = wait(start(TrainConfig(epochs=1, digits_per_class=1, threads=1)), 100)\n"
        "print(status.state, status.error, mnist_core.__file__)"
    )
    state, error, package = installed.run("python", "-c", train, MNIST_HOME=str(home)).split(maxsplit=2)
    assert (state, error) == ("finished", "None")
    assert not Path(package.strip()).is_relative_to(REPOSITORY)


def test_installed_it_starts_the_dashboard(installed: Installed) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(installed.scripts / "mnist-lab"), "app", f"--server.port={port}", "--server.headless=true"]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, cwd=installed.folder, env=installed.environment, stdout=quiet) as server:
        try:

            def healthy() -> bool:
                assert server.poll() is None, "the dashboard ended"
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1) as answer:
                        return bool(answer.read() == b"ok")
                except OSError:
                    return False

            wait_until(healthy, "the dashboard answers")
        finally:
            server.terminate()
