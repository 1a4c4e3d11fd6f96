"""What the machine refuses is told as what it is: reading, writing, or too little memory."""

import errno
import os
from pathlib import Path

import pytest

from mnist_core.errors import DiskError, RequestError
from mnist_core.system.files import home
from mnist_core.system.trouble import as_sentence


@pytest.mark.parametrize(
    ("number", "beginning"),
    [
        (errno.EIO, "Cannot read "),
        (errno.ENOENT, "Cannot read "),
        (errno.EMFILE, "Cannot read "),
        (errno.ENOSPC, "Cannot write to "),
        (errno.EROFS, "Cannot write to "),
    ],
)
def test_a_read_error_is_not_told_as_a_full_disk(tmp_path: Path, number: int, beginning: str) -> None:
    told = as_sentence(OSError(number, os.strerror(number), str(tmp_path / "a")), tmp_path / "run")
    assert isinstance(told, DiskError)
    assert str(told).startswith(f"{beginning}{tmp_path / 'a'} (")
    assert ("free some space" in str(told)) == (beginning != "Cannot read ")
    told = as_sentence(OSError(number, os.strerror(number)), tmp_path / "run")  # as of a write to an open file
    assert str(told).startswith(f"Cannot write to {tmp_path / 'run'} (")


def test_a_missing_right_is_told_by_what_was_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "there").touch()
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    for name, beginning in (("there", "Cannot read"), ("new", "Cannot write to")):
        told = as_sentence(PermissionError(errno.EACCES, "Permission denied", str(tmp_path / name)))
        assert str(told).startswith(f"{beginning} {tmp_path / name} (Permission denied)")


def test_too_little_memory_is_a_sentence_and_a_bug_is_none() -> None:
    torch_says = "[enforce fail] DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes"
    for error in (MemoryError(), RuntimeError(torch_says), RuntimeError("CUDA out of memory. Tried to allocate 2 GiB")):
        assert str(as_sentence(error)).startswith("There is not enough memory for this")
    assert as_sentence(RuntimeError("a bug")) is None
    assert as_sentence(KeyError("a bug")) is None


def test_a_home_of_nobody_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MNIST_HOME", "~nobody-of-this-name/x")
    with pytest.raises(RequestError, match=r"^MNIST_HOME is '~nobody-of-this-name/x', which is no folder .*\.$"):
        home()
