"""The digits are torchvision's, and reading them imports no more than it must."""

from pathlib import Path
from typing import Any

import numpy as np
import torch

from mnist_core.data import mnist
from tests.support.python import python


def test_equals_torchvisions_loader(prepared_data: Path, home: Path, datasets: Any) -> None:
    ours = mnist.load()
    for split, is_train in ((ours.train, True), (ours.test, False)):
        theirs = datasets.MNIST(prepared_data, train=is_train)
        assert split.images.dtype == torch.uint8
        assert split.labels.dtype == torch.int64
        assert torch.equal(split.images, theirs.data)
        assert torch.equal(split.labels, theirs.targets)


def test_arrays_are_the_tensors_in_numpy(home: Path) -> None:
    tensors, arrays = mnist.load().test, mnist.load_arrays("test")
    assert arrays.images.shape == (10_000, 28, 28)
    assert arrays.labels.shape == (10_000,)
    np.testing.assert_array_equal(arrays.images, tensors.images.numpy())
    np.testing.assert_array_equal(arrays.labels, tensors.labels.numpy())


def test_normalise_is_totensor_then_normalize(home: Path) -> None:
    images = mnist.load().train.images
    kept = images[:100].clone()
    expected = ((images[:100].float() / 255 - 0.1307) / 0.3081)[:, None]
    torch.testing.assert_close(mnist.normalise(images[:100]), expected)
    assert torch.equal(images[:100], kept)
    whole = mnist.normalise(images)
    assert abs(whole.mean().item()) < 1e-3
    assert abs(whole.std().item() - 1) < 1e-3


def test_prepared_data_costs_no_import_of_torchvision(home: Path) -> None:
    loaded = "'torch' in sys.modules, 'torchvision' in sys.modules"
    assert python(f"import sys; from mnist_core.data import mnist; mnist.load(); print({loaded})", home) == "True False"


def test_arrays_cost_no_import_of_torch(home: Path) -> None:
    code = "import sys; from mnist_core.data import mnist; mnist.load_arrays('test'); print('torch' in sys.modules)"
    assert python(code, home) == "False"
