"""Files are replaced whole or not at all, and a reader copes with half of one."""

import errno
import os
from pathlib import Path
from typing import NoReturn

import pytest

from mnist_core.errors import FailedError
from mnist_core.system import files
from mnist_core.system.files import (
    REPOSITORY,
    home,
    make_folder,
    read_json,
    read_json_lines,
    write_atomically,
    write_json,
)


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_failing_write_keeps_the_old_file_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    path = tmp_path / "status.json"
    write_json(path, {"state": "running"})

    def refuse(*_: object) -> NoReturn:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    if call == "fsync":
        monkeypatch.setattr(os, "fsync", refuse)
    else:
        monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(FailedError) as failed:
        write_json(path, {"state": "finished"})
    assert str(path) in str(failed.value)
    assert "No space left on device" in str(failed.value)
    assert read_json(path) == {"state": "running"}
    assert list(tmp_path.iterdir()) == [path]


def test_replacing_leaves_one_file_that_others_may_read(tmp_path: Path) -> None:
    path = tmp_path / "a"
    write_atomically(path, b"old and longer")
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]
    assert path.stat().st_mode & 0o444 == 0o444


def test_open_reader_keeps_the_old_content(tmp_path: Path) -> None:
    path = tmp_path / "a"
    write_atomically(path, b"old")
    with path.open("rb") as reader:
        write_atomically(path, b"new")
        assert reader.read() == b"old"


def test_unwritable_folder_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MNIST_HOME", str(tmp_path))
    (tmp_path / "file").touch()
    for attempt in (
        lambda: make_folder(tmp_path / "file" / "runs"),
        lambda: write_atomically(tmp_path / "file" / "a.json", b""),
        lambda: write_atomically(tmp_path / "missing" / "a.json", b""),
    ):
        with pytest.raises(FailedError, match=r"^Cannot write to .* \(.*\): .*MNIST_HOME.*\.$"):
            attempt()
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_torn_last_line_is_left_for_the_next_call(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_bytes(b'{"step": 1}\n{"step": 2}\n{"st')
    rows, offset = read_json_lines(path)
    assert rows == [{"step": 1}, {"step": 2}]
    assert offset == 24
    assert read_json_lines(path, offset) == ([], offset)
    with path.open("ab") as file:
        file.write(b'ep": 3}\n')
    assert read_json_lines(path, offset) == ([{"step": 3}], path.stat().st_size)


def test_damaged_line_costs_that_line_only(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_bytes(b'{"step": 1}\n\xff\x00garbage\n{"step": 3}\n')
    assert read_json_lines(path)[0] == [{"step": 1}, {"step": 3}]


def test_missing_or_damaged_json_is_none(tmp_path: Path) -> None:
    assert read_json(tmp_path / "missing.json") is None
    assert read_json_lines(tmp_path / "missing.jsonl", 5) == ([], 5)
    for content in (b"", b'{"a": ', b"\xff\xfe"):
        (tmp_path / "a.json").write_bytes(content)
        assert read_json(tmp_path / "a.json") is None


def test_home_is_the_repository_unless_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for unset in (None, ""):
        monkeypatch.setenv("MNIST_HOME", unset or "")
        if unset is None:
            monkeypatch.delenv("MNIST_HOME")
        assert home() == REPOSITORY
    monkeypatch.setenv("MNIST_HOME", str(tmp_path))
    assert home() == tmp_path.resolve()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("MNIST_HOME", "~/lab")
    assert home() == tmp_path.resolve() / "lab"


def test_home_of_an_installed_package_is_the_users_unless_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    user_data_path = pytest.importorskip("platformdirs", reason="only an installed package needs it").user_data_path
    monkeypatch.setattr(files, "REPOSITORY", files.BUNDLE)
    monkeypatch.delenv("MNIST_HOME", raising=False)
    assert home() == user_data_path("mnist-lab", appauthor=False)
    monkeypatch.setenv("MNIST_HOME", str(tmp_path))
    assert home() == tmp_path.resolve()
