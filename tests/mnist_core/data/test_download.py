"""The data set equals torchvision's own reading of it, and no damage gets past."""

import gzip
import shutil
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnist_core.data import download, mnist
from mnist_core.data.download import FILES
from mnist_core.errors import FailedError
from mnist_core.system.files import REPOSITORY
from tests.support.python import python

ARCHIVES = REPOSITORY / "data" / "MNIST" / "raw"
Handler = Callable[..., BaseHTTPRequestHandler]


@pytest.fixture
def own_raw(prepared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The raw folder of an MNIST_HOME of this test's own, prepared: damage it as you like."""
    monkeypatch.setenv("MNIST_HOME", str(tmp_path))
    shutil.copytree(prepared_data / "MNIST", tmp_path / "data" / "MNIST")
    return tmp_path / "data" / "MNIST" / "raw"


def test_checksums_are_those_of_the_official_archives() -> None:
    for file in FILES.values():
        trailer = (ARCHIVES / f"{file.name}.gz").read_bytes()[-8:]
        crc32, size = struct.unpack("<II", trailer)
        assert (crc32, size) == (file.crc32, file.header + int(np.prod(file.shape)))


def test_truncated_archive_is_named_and_replaced(own_raw: Path) -> None:
    name = "t10k-labels-idx1-ubyte.gz"
    (own_raw / name).write_bytes((ARCHIVES / name).read_bytes()[:2000])
    said: list[str] = []
    download.prepare(report=said.append)
    assert len(said) == 1
    assert said[0].startswith(f"{name} was damaged")
    assert (own_raw / name).read_bytes() == (ARCHIVES / name).read_bytes()


def test_nothing_is_done_where_all_is_well(own_raw: Path) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in own_raw.iterdir()}
    said: list[str] = []
    download.prepare(report=said.append)
    assert said == []
    assert {path.name: path.stat().st_mtime_ns for path in own_raw.iterdir()} == before


@pytest.mark.parametrize("damage", ["truncated", "one flipped bit", "longer", "empty", "missing"])
def test_damaged_unpacked_file_is_unpacked_again(own_raw: Path, damage: str) -> None:
    path = own_raw / "t10k-labels-idx1-ubyte"
    good = path.read_bytes()
    flipped = bytearray(good)
    flipped[5000] ^= 1
    contents = {"truncated": good[:-1], "one flipped bit": bytes(flipped), "longer": good + b"\0", "empty": b""}
    path.unlink() if damage == "missing" else path.write_bytes(contents[damage])
    assert mnist.load_arrays("test").labels.tobytes() == good[8:]
    assert path.read_bytes() == good


def test_damage_to_file_and_archive_at_once_is_mended(own_raw: Path) -> None:
    for path in own_raw.glob("t10k-*"):
        path.write_bytes(path.read_bytes()[:1000])
    said: list[str] = []
    download.prepare(report=said.append)
    for name in ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"):
        assert any(line.startswith(f"{name} was damaged") for line in said)
        assert any(line.startswith(f"{name}.gz was damaged") for line in said)
    assert len(mnist.load_arrays("test").labels) == 10_000


def test_other_digits_under_the_official_names_are_called_otherwise(own_raw: Path) -> None:
    name = "t10k-labels-idx1-ubyte"
    content = struct.pack(">2I", 0x0801, 10_000) + bytes(10_000)  # as Fashion-MNIST has them
    (own_raw / name).write_bytes(content)
    (own_raw / f"{name}.gz").write_bytes(packed := gzip.compress(content))
    said: list[str] = []
    download.prepare(report=said.append)
    assert len(mnist.load_arrays("test").labels.nonzero()[0]) > 8000
    assert (own_raw / f"{name}.other1").read_bytes() == content and (
        own_raw / f"{name}.gz.other1"
    ).read_bytes() == packed
    assert sum("it is called" in line for line in said) == 2


class Silent(SimpleHTTPRequestHandler):
    """Serves the archives."""

    def log_message(self, *_: object) -> None:
        pass


class HangsUp(Silent):
    """Closes the connection without a word."""

    def do_GET(self) -> None:
        self.close_connection = True


class Damages(Silent):
    """Serves something else under the archives' names."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<html>Please log in to this hotel's network</html>")


@contextmanager
def mirror(handler: Handler) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


def test_missing_archives_are_downloaded(no_copy: Path, datasets: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    with mirror(partial(Silent, directory=str(ARCHIVES))) as address:
        monkeypatch.setattr(datasets.MNIST, "mirrors", [address])
        download.prepare(report=said.append)
    assert sum("is missing; it is downloaded" in line for line in said) == 4
    assert len(mnist.load_arrays("train").labels) == 60_000


@pytest.mark.parametrize("handler", [HangsUp, Damages])
def test_bad_mirror_is_a_sentence_with_file_and_folder(
    no_copy: Path, datasets: Any, monkeypatch: pytest.MonkeyPatch, handler: Handler
) -> None:
    with mirror(handler) as address:
        monkeypatch.setattr(datasets.MNIST, "mirrors", [address])
        with pytest.raises(FailedError) as failed:
            mnist.load()
    assert_names_file_and_folder(str(failed.value), no_copy)


def test_no_copy_and_no_network_is_a_sentence_with_file_and_folder(
    no_copy: Path, datasets: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound but not listening: connections are refused
        monkeypatch.setattr(datasets.MNIST, "mirrors", [f"http://127.0.0.1:{closed.getsockname()[1]}/"])
        with pytest.raises(FailedError) as failed:
            mnist.load()
    assert_names_file_and_folder(str(failed.value), no_copy)


def test_only_what_is_missing_is_named(
    own_raw: Path, tmp_path: Path, datasets: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "REPOSITORY", tmp_path / "no repository")
    monkeypatch.setattr(datasets.MNIST, "mirrors", [])
    for path in own_raw.glob("t10k-labels-*"):
        path.unlink()
    with pytest.raises(FailedError, match=r"^t10k-labels-idx1-ubyte\.gz could not be downloaded"):
        mnist.load_arrays("test")


def test_unwritable_home_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("MNIST_HOME", str(tmp_path / "file"))
    with pytest.raises(FailedError, match=r"^Cannot write to .*MNIST_HOME"):
        mnist.load()


def assert_names_file_and_folder(sentence: str, raw: Path) -> None:
    assert "train-images-idx3-ubyte.gz" in sentence
    assert str(raw) in sentence
    assert "\n" not in sentence


WATCH_DEFINITIONS = """
import sys, types, importlib.util
import torch
from mnist_core.data import download
defined = []
define = torch.library.define
torch.library.define = lambda name, *rest, **options: (defined.append(name), define(name, *rest, **options))[1]
"""


def test_schemas_are_defined_where_the_compiled_part_does_not_load(home: Path) -> None:
    code = (
        WATCH_DEFINITIONS
        + """
loads = download._loads
answers = []
download._loads = lambda extension: (answers.append(loads(extension)), answers[-1])[1]
datasets = download.import_torchvision_datasets()
again = download.import_torchvision_datasets()
needed = not all(answers)
wanted = ["torchvision::nms", "torchvision::qnms"] if needed else []
print(sorted(set(defined) & {"torchvision::nms", "torchvision::qnms"}) == wanted, len(defined) == len(set(defined)))
print(len(datasets.MNIST.resources), again is datasets)
"""
    )
    assert python(code, home).split() == ["True", "True", "4", "True"]


def test_nothing_is_defined_where_the_compiled_part_loads(home: Path) -> None:
    # It does not load beside a CPU-only torch, so a stand-in plays torchvision.
    code = (
        WATCH_DEFINITIONS
        + """
for name in ("torchvision", "torchvision.datasets"):
    sys.modules[name] = types.ModuleType(name)
sys.modules["torchvision"].__spec__ = importlib.util.spec_from_file_location("torchvision", "/nowhere/__init__.py")
sys.modules["torchvision"].datasets = sys.modules["torchvision.datasets"]
download.Path.glob = lambda folder, pattern: iter([folder / "_C.so"])
download._loads = lambda extension: True
print(download.import_torchvision_datasets() is sys.modules["torchvision.datasets"], defined)
"""
    )
    assert python(code, home) == "True []"
