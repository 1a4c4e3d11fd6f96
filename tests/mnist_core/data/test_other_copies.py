"""The data set as people have it: under other names, in folders, in tables."""

import gzip
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnist_core.data import download, mnist, other_copies
from mnist_core.data.download import FILES
from mnist_core.data.mnist import Arrays
from mnist_core.data.other_copies import RawFile
from mnist_core.errors import DataError


def with_a_dot(raw: Path, name: str, content: bytes) -> None:
    """Kaggle's hojjatk/mnist-dataset: `train-images.idx3-ubyte`."""
    (raw / name.replace("-idx", ".idx")).write_bytes(content)


def in_a_folder_of_its_name(raw: Path, name: str, content: bytes) -> None:
    """The same, as unpacked by some tools: `train-images-idx3-ubyte/train-images-idx3-ubyte`."""
    (raw / name).mkdir()
    (raw / name / name).write_bytes(content)


def packed_by_somebody_else(raw: Path, name: str, content: bytes) -> None:
    folder = raw.parents[1] / "My downloads"
    folder.mkdir(exist_ok=True)
    (folder / f"{name} (1).gz").write_bytes(gzip.compress(content, 1))


@pytest.mark.parametrize("put", [with_a_dot, in_a_folder_of_its_name, packed_by_somebody_else])
def test_copies_under_other_names_are_taken_over(
    no_copy: Path, prepared_data: Path, datasets: Any, monkeypatch: pytest.MonkeyPatch, put: Callable[..., None]
) -> None:
    monkeypatch.setattr(datasets.MNIST, "mirrors", [])
    no_copy.mkdir(parents=True)
    for file in FILES.values():
        put(no_copy, file.name, (prepared_data / "MNIST" / "raw" / file.name).read_bytes())
    (no_copy / "other.bin").write_bytes(bytes(FILES["test", "labels"].size))  # of the right size, and not it
    before = sorted(path.read_bytes()[:100] for path in no_copy.parents[1].rglob("*") if path.is_file())
    said: list[str] = []
    download.prepare(report=said.append)
    assert sum("its content was found in" in line for line in said) == 4
    assert len(mnist.load_arrays("train").labels) == 60_000
    left = [path.read_bytes()[:100] for path in no_copy.parents[1].rglob("*") if path.is_file()]
    assert all(content in left for content in before)  # nothing that was there is lost


def some_digits(prepared_data: Path, count: int, monkeypatch: pytest.MonkeyPatch) -> tuple[Arrays, list[RawFile]]:
    """The first test digits, and the two files of a data set that has only these."""
    monkeypatch.setenv("MNIST_HOME", str(prepared_data.parent))
    images, labels = (array[:count] for array in mnist.load_arrays("test"))
    idx = [
        struct.pack(">IIII", 2051, count, 28, 28) + images.tobytes(),
        struct.pack(">II", 2049, count) + labels.tobytes(),
    ]
    shapes = [((count, 28, 28), 16), ((count,), 8)]
    files = [RawFile("small", *shape, zlib.crc32(content)) for shape, content in zip(shapes, idx, strict=True)]
    return Arrays(images, labels), files


def write_table(path: Path, digits: Arrays, titles: str = "") -> None:
    rows = np.column_stack([digits.labels, digits.images.reshape(len(digits.labels), -1)])
    path.write_text(titles + "\n".join(",".join(map(str, row)) for row in rows.tolist()) + "\n")


@pytest.mark.parametrize("titles", ["", ",".join(["label", *map(str, range(784))]) + "\n"])
def test_table_with_a_digit_a_row_holds_images_and_labels(
    prepared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, titles: str
) -> None:
    digits, files = some_digits(prepared_data, 50, monkeypatch)
    write_table(tmp_path / "mnist_test.csv", digits, titles)
    for file in files:
        found = other_copies.find(tmp_path, file)
        assert found is not None
        assert found[0].name == "mnist_test.csv"
    write_table(tmp_path / "mnist_test.csv", Arrays(digits.images[::-1], digits.labels[::-1]), titles)  # another order
    assert [other_copies.find(tmp_path, file) for file in files] == [None, None]


def test_table_of_other_digits_is_named_in_the_sentence(
    no_copy: Path, prepared_data: Path, datasets: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    digits, _ = some_digits(prepared_data, 50, monkeypatch)
    monkeypatch.setenv("MNIST_HOME", str(no_copy.parents[2]))
    monkeypatch.setattr(datasets.MNIST, "mirrors", [])
    no_copy.mkdir(parents=True)
    write_table(no_copy / "train.csv", digits)
    with pytest.raises(
        DataError, match=r"train-images-idx3-ubyte\.gz .* could not be downloaded.* train\.csv does not"
    ):
        download.prepare(report=lambda line: None)


def test_damaged_archive_is_passed_over(tmp_path: Path, prepared_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, (images, labels) = some_digits(prepared_data, 50, monkeypatch)
    trailer = struct.pack("<II", images.crc32, images.size)
    (tmp_path / "a.gz").write_bytes(b"\x1f\x8b" + b"damaged" + trailer)
    (tmp_path / "b.gz").write_bytes(b"\x1f\x8b")
    (tmp_path / "c").symlink_to(tmp_path)
    assert other_copies.find(tmp_path, images) is other_copies.find(tmp_path, labels) is None
