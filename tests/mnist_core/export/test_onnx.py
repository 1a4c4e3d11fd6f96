"""The network as ONNX, run by ONNX Runtime, against what a person is told of it."""

import json
import math
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from mnist_core.data import mnist
from mnist_core.data.augmentation import resample
from mnist_core.evaluation.prediction import predict
from mnist_core.models import networks
from mnist_core.models.inference import load_network
from mnist_core.runs.run import Run
from mnist_core.runs.store import find
from mnist_core.system.files import REPOSITORY
from tests.support.command_line import Output, refused, run_line

with_onnx = pytest.mark.skipif(
    any(__import__("importlib.util").util.find_spec(name) is None for name in ("onnx", "onnxscript", "onnxruntime")),
    reason="`pip install onnx onnxscript onnxruntime` for the tests with ONNX",
)


@with_onnx
def test_a_file_answers_as_the_run_does_and_says_what_it_is(capsys: Output, trained: Run, tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    status, out, err = run_line(capsys, "export", trained.id, "--format=onnx", "-o", str(path))
    assert (status, err) == (0, "")
    assert "Checked over 10,000 test digits: 0 different answers" in out
    assert "is there already" in refused(capsys, "export", trained.id, "--format=onnx", "-o", str(path))

    (lines,) = [
        block
        for block in re.findall(r"```python\n(.*?)```", (REPOSITORY / "docs" / "export.md").read_text(), re.DOTALL)
        if "net.onnx" in block
    ]
    digits = mnist.load_arrays("test").images[:257]
    np.save(tmp_path / "digits.npy", digits)
    lines = lines.replace("np.zeros((7, 28, 28), np.uint8)", "np.load('digits.npy')")
    lines += "\nimport json\njson.dump([probabilities.tolist(), about], open('said.json', 'w'))"
    done = subprocess.run(
        [sys.executable, "-I", "-c", lines], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    probabilities, about = json.loads((tmp_path / "said.json").read_text())
    ours = predict(trained, None, digits)
    assert np.abs(ours - np.array(probabilities)).max() < 1e-5
    assert (np.array(probabilities).argmax(1) == ours.argmax(1)).all()

    assert (about["run"], about["network"]) == (trained.id, "cnn")
    assert json.loads(about["class_names"]) == list("0123456789")
    assert "10,000 test digits, 95 % interval" in about["accuracy"]
    assert about["checked"] in out
    assert "CC BY-SA 3.0" in about["data"]
    content = path.read_bytes()
    for private in (str(REPOSITORY), sys.prefix, "site-packages", str(Path.home())):
        assert private.encode() not in content


@with_onnx
def test_views_and_temperature_are_inside_and_any_number_of_digits_is_taken(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two of the four views, which takes half the time; `python -m benchmarks.export.onnx` takes all."""
    from mnist_core.export import onnx

    monkeypatch.setattr(networks.Deep, "VIEWS", networks.Deep.VIEWS[1:3])
    run = find("shipped")
    content = onnx.convert(run, 30).SerializeToString()
    digits = mnist.load_arrays("test").images[:60]
    ours = predict(run, None, digits)
    plain = np.exp(torch.log_softmax(load_network(run)(mnist.normalise(torch.tensor(digits))), 1).detach().numpy())
    assert np.abs(ours - plain).max() > 1e-3, "the temperature matters"
    for batch in (1, 7, 60):
        assert np.abs(onnx.ask(content, digits, batch) - ours).max() < 1e-5


def test_the_views_for_any_number_of_digits_are_the_same_to_the_bit(home: Path) -> None:
    """The grid was expanded by `len(images)`, which the exporter took for a constant."""
    images = mnist.normalise(torch.tensor(mnist.load_arrays("test").images[:50]))
    for degrees, scale in networks.Deep.VIEWS:
        turn, size = math.radians(degrees), 1 / scale
        matrix = [
            [math.cos(turn) * size, -math.sin(turn) * size, 0.0],
            [math.sin(turn) * size, math.cos(turn) * size, 0.0],
        ]
        grid = F.affine_grid(images.new_tensor([matrix]), [1, 1, 28, 28], align_corners=False)
        before = resample(images, grid.expand(len(images), -1, -1, -1))
        assert torch.equal(networks._view(images, degrees, scale), before)
