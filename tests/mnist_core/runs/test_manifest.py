"""The manifest: what was written is read, anything else is a sentence, and writers do not get in each other's way."""

import json
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from mnist_core.errors import DamagedError, FailedError
from mnist_core.runs import manifest
from mnist_core.runs.manifest import Fingerprint
from mnist_core.runs.run import SHIPPED, Run
from mnist_core.system.files import write_atomically
from tests.support.run_folders import add


class Killed(BaseException):
    """In the place of a SIGKILL."""


def killed_before(unwritten: Path) -> Callable[[Path, bytes], None]:
    def killed(path: Path, content: bytes) -> None:
        if path == unwritten:
            raise Killed
        write_atomically(path, content)

    return killed


@pytest.fixture
def run(store: Path) -> Run:
    run = add("20260101-000000-cnn-0001")
    for epoch in range(3):
        manifest.replace(run.weights(epoch), b"weights %d" % epoch)
    return run


def test_what_was_written_is_read_and_a_copy_of_another_is_told(run: Run) -> None:
    assert manifest.read(run.weights(1)) == b"weights 1"
    shutil.copyfile(run.weights(0), run.weights(1))
    for _ in range(2):
        with pytest.raises(DamagedError, match=r"0001\.safetensors is damaged.*Put a copy back"):
            manifest.read(run.weights(1))
    shutil.copyfile(run.weights(0), run.weights(7))
    with pytest.raises(DamagedError, match=r"0007\.safetensors is damaged"):
        manifest.read(run.weights(7))
    assert len(manifest.damaged(run.path)) == 1
    manifest.replace(run.weights(1), b"weights 1")
    assert manifest.damaged(run.path) == {}


def test_a_lost_file_is_told_unless_it_was_about_to_come(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run.weights(1).unlink()
    assert "0001.safetensors is missing" in manifest.damaged(run.path)[run.weights(1)]
    manifest.replace(run.weights(1), b"weights 1")
    with monkeypatch.context() as patch:
        patch.setattr(manifest, "write_atomically", killed_before(run.weights(3)))
        with pytest.raises(Killed):
            manifest.replace(run.weights(3), b"weights 3")
    assert manifest.damaged(run.path) == {}
    manifest.replace(run.weights(4), b"weights 4")
    assert manifest.damaged(run.path) == {}


def test_killed_between_manifest_and_file_either_is_whole(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for content in (b"second", b"third", b"fourth"):
        with monkeypatch.context() as patch:
            patch.setattr(manifest, "write_atomically", killed_before(run.weights(1)))
            with pytest.raises(Killed):
                manifest.replace(run.weights(1), content)
        assert manifest.read(run.weights(1)) == b"weights 1"
        assert manifest.damaged(run.path) == {}
    manifest.replace(run.weights(1), b"fifth")
    manifest.replace(run.weights(2), b"weights 2")
    run.weights(1).write_bytes(b"fourth")
    with pytest.raises(DamagedError):
        manifest.read(run.weights(1))


def test_a_growing_file_is_held_to_its_prefix(store: Path) -> None:
    run = add("20260101-000000-cnn-0001", "interrupted")
    path = run.path / "metrics.jsonl"
    row = b'{"step": %d, "epoch": 0, "samples_seen": 64}\n'
    path.write_bytes(row % 1)
    manifest.write(run.path, {}, {"metrics.jsonl": Fingerprint.of(path.read_bytes())})
    with path.open("ab") as file:
        file.write(row % 2 + b'{"st')
    assert [found["step"] for found in run.metrics()[0]] == [1, 2]
    whole = path.read_bytes()
    for damaged in (whole.replace(b"1", b"3"), whole[:5], b""):
        path.write_bytes(damaged)
        with pytest.raises(DamagedError, match=r"metrics\.jsonl is damaged"):
            run.metrics()
    path.unlink()
    with pytest.raises(DamagedError, match=r"metrics\.jsonl is missing"):
        run.metrics()


def test_nothing_follows_the_end_of_a_finished_run(store: Path) -> None:
    run = add("20260101-000000-cnn-0001", "finished")
    row = b'{"step": 1, "epoch": 0, "samples_seen": 64}\n'
    for name, read in (("metrics", run.metrics), ("events", run.events)):
        path = run.path / f"{name}.jsonl"
        path.write_bytes(row)
        manifest.write(run.path, {}, {path.name: Fingerprint.of(row)})
        read()
        path.write_bytes(row * 2)
        with pytest.raises(DamagedError, match=rf"{name}\.jsonl is damaged: it goes on after its end"):
            read()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"5", b'{"files": {}}', b"\xff"])
def test_a_damaged_manifest_is_a_sentence_and_the_way_out_works(run: Run, content: bytes) -> None:
    (run.path / manifest.NAME).write_bytes(content)
    for reading in (lambda: manifest.read(run.weights(1)), lambda: manifest.replace(run.weights(1), b"")):
        with pytest.raises(FailedError, match=r"manifest\.json is damaged.*or delete it"):
            reading()
    (run.path / manifest.NAME).unlink()
    assert manifest.read(run.weights(1)) == b"weights 1"
    assert manifest.is_taken_over(run.path)


def test_an_old_run_is_taken_over_when_its_weights_are_read_unless_it_trains(run: Run) -> None:
    assert not manifest.is_taken_over(run.path)
    (run.path / manifest.NAME).unlink()
    with run.lock():
        assert manifest.read(run.weights(1)) == b"weights 1"
        manifest.replace(run.weights(2), b"another")
        assert not (run.path / manifest.NAME).exists()
    run.record()  # a list of a hundred runs does not read all their weights
    assert not (run.path / manifest.NAME).exists()
    manifest.read(run.weights(1))
    assert manifest.is_taken_over(run.path)
    shutil.copyfile(run.weights(0), run.weights(2))
    with pytest.raises(DamagedError):
        manifest.read(run.weights(2))


def test_a_folder_that_cannot_be_written_is_read_as_it_is(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    (run.path / manifest.NAME).unlink()
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert manifest.read(run.weights(1)) == b"weights 1"
    assert not (run.path / manifest.NAME).exists()


def test_two_writers_and_a_reader_at_once(run: Run) -> None:
    failures: list[BaseException] = []

    def repeat(action: Callable[[int, int], None], epoch: int) -> None:
        try:
            for number in range(30):
                action(number, epoch)
        except BaseException as error:  # told by the test
            failures.append(error)

    def write(number: int, epoch: int) -> None:
        manifest.replace(run.weights(epoch), b"%d" % number)

    def read(_: int, epoch: int) -> None:
        manifest.read(run.weights(epoch))

    threads = [threading.Thread(target=repeat, args=(act, epoch)) for act in (write, read) for epoch in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert manifest.damaged(run.path) == {}


def test_the_shipped_files_are_what_their_manifest_says() -> None:
    assert manifest.damaged(SHIPPED) == {}
    listed = json.loads((SHIPPED / manifest.NAME).read_bytes())
    names = {path.relative_to(SHIPPED).as_posix() for path in SHIPPED.rglob("*.*") if path.suffix != ".md"}
    names -= {name for name in names if name.startswith("reader/")}  # test_reader_file holds them to the weights
    assert {*listed["files"], *listed["prefixes"], "manifest.json", "status.json"} == names - {".lock"}
