"""MNIST as arrays and as tensors, verified while it is read straight from the unpacked files.

MNIST is by Y. LeCun, C. Cortes and C. Burges (CC BY-SA 3.0), see data/README.md.
"""

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from mnist_core.errors import DataError

if TYPE_CHECKING:
    import torch
from mnist_core.data.download import FILES, prepare, raw_folder
from mnist_core.data.other_copies import RawFile

MEAN, STD = 0.1307, 0.3081  # of the 60,000 training images scaled to 0..1 (the tutorial's values)
CLASS_NAMES = [str(digit) for digit in range(10)]


class Arrays(NamedTuple):
    """One split in NumPy: images uint8 (n, 28, 28), 0 paper to 255 ink; labels uint8 (n,), 0 to 9."""

    images: np.ndarray
    labels: np.ndarray

    def tensors(self) -> "Split":
        """The same digits as tensors."""
        import torch

        return Split(torch.from_numpy(self.images), torch.from_numpy(self.labels.astype(np.int64)))


class Split(NamedTuple):
    """One split as tensors: images uint8 (n, 28, 28), labels int64 (n,)."""

    images: "torch.Tensor"
    labels: "torch.Tensor"

    def to(self, device: "torch.device") -> "Split":
        """The same digits on another device."""
        return Split(self.images.to(device), self.labels.to(device))

    def and_(self, other: "Split") -> "Split":
        """These digits and then the other ones."""
        import torch

        return Split(torch.cat([self.images, other.images]), torch.cat([self.labels, other.labels]))


class Mnist(NamedTuple):
    """The data set: 60,000 digits to train on and 10,000 to report on."""

    train: Split
    test: Split


def load() -> Mnist:
    """Both splits as tensors; prepares the data where needed.

    Raises FailedError, with a sentence that says which file to put where, when a file is missing or damaged
    and no good copy can be had.
    """
    return Mnist(load_arrays("train").tensors(), load_arrays("test").tensors())


def load_arrays(split: Literal["train", "test"]) -> Arrays:
    """One split in NumPy, verified while it is read; for callers that do not need torch. Raises like `load`."""
    return Arrays(_read(FILES[split, "images"]), _read(FILES[split, "labels"]))


def normalise(images: "torch.Tensor") -> "torch.Tensor":
    """uint8 images (n, 28, 28), 0 to 255 -> float32 (n, 1, 28, 28) with the training set's mean 0 and deviation 1."""
    return images.unsqueeze(1).float().sub_(255 * MEAN).div_(255 * STD)


def grey_levels(images: "torch.Tensor") -> "torch.Tensor":
    """The reverse of `normalise` for images of any shape, warped ones too: uint8, rounded."""
    import torch

    return (images * (255 * STD) + 255 * MEAN).round().clamp(0, 255).to(torch.uint8)


def _read(file: RawFile) -> np.ndarray:
    raw = raw_folder()
    for attempt in ("as it is", "prepared again"):
        path = raw / file.name
        if path.is_file():
            content = np.fromfile(path, np.uint8)
            if file.is_content(content.data):
                return content[file.header :].reshape(file.shape)
        if attempt == "as it is":
            prepare()
    raise DataError(f"{raw / file.name} keeps changing while it is read: check the disk.")
