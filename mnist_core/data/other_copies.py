"""Copies of the data set under other names: as Kaggle and others hand it out. What counts is the content's checksum.

Looked for anywhere in the data folder: the unpacked files by whatever name (`train-images.idx3-ubyte`, also inside a
folder called like the file), their gzip archives, and tables with a digit a row (`mnist_train.csv`: label, then 784
pixels).
"""

import gzip
import struct
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np

MOST_FILES = 10_000  # looked at; a data folder has a few
PIXELS = 784


class RawFile(NamedTuple):
    """One of the four files of the data set, as it is once unpacked."""

    name: str
    shape: tuple[int, ...]
    header: int  # bytes before the values (IDX format)
    crc32: int  # of the whole file: the value that the official archive's gzip trailer holds

    @property
    def size(self) -> int:
        """Bytes."""
        return self.header + int(np.prod(self.shape))

    def is_content(self, content: bytes | memoryview) -> bool:
        """Whether these are its bytes, to the last bit."""
        return zlib.crc32(content) == self.crc32


def find(folder: Path, file: RawFile) -> tuple[Path, bytes] | None:
    """Where in `folder`, or in folders inside it, the content of `file` was found, and the content."""
    for path in _files(folder):
        try:
            content = _content(path, file)
        except (OSError, EOFError, zlib.error):  # one that cannot be read is none
            continue
        if content is not None and file.is_content(content):
            return path, content
    return None


def tables(folder: Path) -> list[Path]:
    """Tables of digits in `folder`, whether they hold this data set or another."""
    return [path for path in _files(folder) if path.suffix == ".csv"]


def _files(folder: Path) -> Iterator[Path]:
    yield from sorted(path for path in islice(folder.rglob("*"), MOST_FILES) if path.is_file())


def _content(path: Path, file: RawFile) -> bytes | None:
    """What a file holds, where by its size it may be that of `file`."""
    if path.suffix == ".csv":
        return _from_table(path, file)
    if path.stat().st_size == file.size:
        return path.read_bytes()
    with path.open("rb") as opened:
        if opened.read(2) != b"\x1f\x8b":
            return None
        opened.seek(-8, 2)
        if struct.unpack("<II", opened.read()) != (file.crc32, file.size):
            return None
    with gzip.open(path) as archive:
        return archive.read(file.size + 1)


def _from_table(path: Path, file: RawFile) -> bytes | None:
    """The images or the labels of a table of digits; None where it holds other numbers of them."""
    if not (PIXELS + 1) * 2 * file.shape[0] <= path.stat().st_size < (PIXELS + 1) * 4 * (file.shape[0] + 2):
        return None  # a number has one to three figures and a comma
    try:
        with path.open() as opened:
            has_titles = not opened.readline().split(",")[0].strip().isdigit()
        table = np.loadtxt(path, np.uint8, delimiter=",", skiprows=int(has_titles), max_rows=file.shape[0] + 1, ndmin=2)
    except (ValueError, UnicodeDecodeError):
        return None
    if table.shape != (file.shape[0], PIXELS + 1):
        return None
    values = table[:, 1:] if len(file.shape) == 3 else table[:, 0]
    magic = 0x0800 + len(file.shape)  # IDX: unsigned bytes, so many dimensions
    return struct.pack(f">{1 + len(file.shape)}I", magic, *file.shape) + values.tobytes()
