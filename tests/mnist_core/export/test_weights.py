"""Weights alone: what the docs and the README tell others to do with them works without this package."""

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open

from mnist_core.data import mnist
from mnist_core.data.mnist import MEAN, STD
from mnist_core.evaluation.answers import answers_of
from mnist_core.models import checkpoint
from mnist_core.models.inference import load_network
from mnist_core.runs.run import Run
from mnist_core.system.files import REPOSITORY
from tests.support.command_line import Output, refused, run_line

FILES = {"safetensors": "net.safetensors", "torch": "net.pt"}
N = 2000  # digits that the lines are asked about
CHECKED = "Checked over 10,000 test digits: 0 different answers, largest difference of a probability "


def exported(capsys: Output, run: str, folder: Path) -> dict[str, Path]:
    for form, name in FILES.items():
        status, out, err = run_line(capsys, "export", run, "--format", form, "-o", str(folder / name))
        assert (status, err) == (0, "")
        assert CHECKED in out
    return {form: folder / name for form, name in FILES.items()}


def blocks(page: str, name: str) -> list[str]:
    """The Python blocks of a page that name a file."""
    text = (REPOSITORY / page).read_text()
    return [block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if name in block]


def test_the_lines_in_the_docs_answer_as_the_run_does_without_this_package(
    capsys: Output, trained: Run, tmp_path: Path
) -> None:
    exported(capsys, trained.id, tmp_path)
    np.save(tmp_path / "images.npy", mnist.load_arrays("test").images[:N])
    (functions,) = blocks("docs/export.md", "net.safetensors")
    (module,) = blocks("docs/export.md", "net.pt")
    (readme,) = blocks("README.md", "net.safetensors")
    for text in (functions, module, readme):
        assert f"/ 255 - {MEAN}) / {STD}" in text
    (tmp_path / "blocks.json").write_text(json.dumps([(functions, "answer"), (module, "net"), (readme, "answer")]))
    ask = (
        "import importlib.util, json, numpy, torch\n"
        "assert importlib.util.find_spec('mnist_core') is None\n"
        "images, found = torch.from_numpy(numpy.load('images.npy')), []\n"
        "with torch.no_grad():\n"
        "    for text, name in json.load(open('blocks.json')):\n"
        "        names = {}\n"
        "        exec(text, names)\n"
        "        found.append(names[name](images).numpy())\n"
        "numpy.save('found.npy', numpy.stack(found))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", "-c", ask], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    ours = answers_of(trained)
    for found in np.load(tmp_path / "found.npy"):
        assert (found.argmax(1) == ours.predicted[:N]).all()
        assert np.abs(np.exp(found) - ours.probabilities[:N]).max() < 1e-4


def test_both_files_hold_the_weights_to_the_bit_and_say_what_they_are(
    capsys: Output, trained: Run, tmp_path: Path
) -> None:
    run = trained
    files = exported(capsys, run.id, tmp_path)
    network = load_network(run)
    loaded = torch.load(files["torch"], weights_only=True)
    for name, value in network.state_dict().items():
        assert torch.equal(loaded[name], value)
    alone = checkpoint.load_alone(files["safetensors"])
    assert checkpoint.weights_hash(alone) == checkpoint.weights_hash(network)

    with safe_open(files["safetensors"], "pt") as file:
        head = json.loads(file.metadata()["mnist_lab"])
    with zipfile.ZipFile(files["torch"]) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith("/about.json")]
        beside = json.loads(archive.read(name))
    for said in (head, beside):
        answers = answers_of(run)
        assert (said["run"], said["epoch"], said["correct"]) == (run.id, run.status().epoch, answers.correct)
        assert "10,000 test digits, 95 % interval" in said["accuracy"]
        assert said["class_names"] == list("0123456789")
        assert said["checked"].startswith(CHECKED)
        assert said["temperature"] is None
        licence = "Y. LeCun, C. Cortes and C. Burges"
        assert licence in said["data"]
        assert licence in " ".join((REPOSITORY / "data" / "README.md").read_text().split())


@pytest.mark.parametrize("form", FILES)
def test_a_file_that_is_there_is_not_replaced(capsys: Output, trained: Run, tmp_path: Path, form: str) -> None:
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    for name in ("mine", "dangling", "."):
        said = refused(capsys, "export", trained.id, "--format", form, "-o", str(tmp_path / name))
        assert "is there already" in said
    assert (tmp_path / "mine").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "home") == ["dangling", "mine"]
