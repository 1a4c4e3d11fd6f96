"""The trash: what is deleted comes back whole, overwrites nothing, and is gone after 30 days."""

import errno
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnist_core.drawing import collection
from mnist_core.errors import FailedError, MnistError, RequestError
from mnist_core.jobs import launcher
from mnist_core.runs import commands, manifest, notes
from mnist_core.runs.analyses import Study
from mnist_core.runs.run import Run
from mnist_core.runs.store import delete, every, find
from mnist_core.system import trash
from tests.support.run_folders import add


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("is_other_disk", [False, True])
def test_a_run_comes_back_as_it_was(store: Path, monkeypatch: pytest.MonkeyPatch, is_other_disk: bool) -> None:
    run = add("20260101-000000-cnn-0001")
    run.is_held()  # leaves its lock file
    before = contents(run.path)
    rename = Path.rename

    def refuse_across(self: Path, to: Path) -> Path:
        if self.is_relative_to(trash.folder()) != to.is_relative_to(trash.folder()):
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        return rename(self, to)

    if is_other_disk:
        monkeypatch.setattr(Path, "rename", refuse_across)
    thrown = delete(run)
    assert every() == [] and not run.path.exists()
    assert trash.every() == [thrown] and (thrown.id, thrown.kind) == (run.id, "run")
    assert abs(thrown.at - time.time()) < 60
    trash.restore(trash.find("20260101"))
    assert every() == [run]
    assert contents(run.path) == before
    assert trash.every() == [] and list(trash.folder().iterdir()) == []


def test_a_drawing_comes_back_and_its_place_is_not_overwritten(home: Path) -> None:
    picture = np.full((28, 28), 9, np.uint8)
    kept = collection.add(7, picture, picture, [])
    packed, before = collection.export_zip(), contents(collection.folder())
    thrown = collection.delete(kept.id)
    assert contents(collection.folder()) == {}
    collection.import_zip(packed)
    with pytest.raises(RequestError, match="is there already"):
        trash.restore(thrown)
    newer = collection.delete(kept.id)
    assert trash.find(kept.id) == newer != thrown  # the one deleted last
    trash.restore(newer)
    assert contents(collection.folder()) == before
    assert newer.kind == "drawing"


def test_a_run_whose_place_is_taken_stays_in_the_trash(store: Path) -> None:
    thrown = delete(add("20260101-000000-cnn-0001"))
    again = add("20260101-000000-cnn-0001")
    before = contents(again.path)
    with pytest.raises(RequestError, match=r"is there already: .*\.$"):
        trash.restore(thrown)
    assert contents(again.path) == before
    assert trash.every() == [thrown]


@pytest.mark.parametrize(
    "ask",
    [
        Run.is_held,
        delete,
        launcher.resume,
        launcher.stop,
        lambda run: notes.rename(run, "Late"),
        lambda run: commands.ask(run, "stop"),
        lambda run: manifest.replace(run.derived(1, "late.json"), b"{}"),
        lambda run: Study(run, 1, "robustness").start(),
    ],
    ids=["is_held", "delete", "resume", "stop", "rename", "ask", "analysis", "study"],
)
def test_a_tab_that_still_shows_a_deleted_run_does_not_take_its_place(store: Path, ask: Callable[[Run], Any]) -> None:
    run = add("20260101-000000-cnn-0001", epoch=1)
    thrown = delete(run)
    with suppress(MnistError):
        ask(run)
    assert not run.path.exists()
    assert trash.every() == [thrown]  # deleted once: `runs restore` finds the run itself
    trash.restore(thrown)
    assert every() == [run]


def test_a_lock_of_who_looked_for_a_deleted_run_does_not_keep_it_in_the_trash(store: Path) -> None:
    run = add("20260101-000000-cnn-0001")
    thrown = delete(run)
    (run.path / "epochs").mkdir(parents=True)
    (run.path / ".lock").touch()  # as older versions of this program leave it
    trash.restore(thrown)
    assert every() == [run]


def test_what_is_thrown_away_during_a_restoring_is_kept(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = np.full((28, 28), 9, np.uint8)
    kept = collection.add(7, picture, picture, [])
    before = contents(collection.folder())
    late = collection.path(kept.id, ".png")
    thrown = collection.delete(kept.id)
    (thrown.folder / "drawings" / late.name).rename(late)  # its deletion is half done
    move = trash._move

    def move_beside_it(path: Path, to: Path) -> None:
        move(path, to)
        if late.exists():
            late.rename(thrown.folder / "drawings" / late.name)

    monkeypatch.setattr(trash, "_move", move_beside_it)
    trash.restore(thrown)
    monkeypatch.setattr(trash, "_move", move)
    trash.restore(trash.find(kept.id))
    assert contents(collection.folder()) == before


def test_what_is_older_than_30_days_goes_at_the_next_deletion(store: Path) -> None:
    first, second, third = (delete(add(f"20260101-000000-cnn-000{number}")) for number in range(3))
    aged = {}
    for thrown, days in ((first, 31), (second, 29)):
        milliseconds = int((time.time() - days * 86_400) * 1000)
        aged[days] = thrown.folder.rename(thrown.folder.with_name(f"{milliseconds}.{thrown.id}"))
    assert len(trash.every()) == 3
    delete(add("20260101-000000-cnn-0009"))
    assert sorted(path.name for path in trash.folder().iterdir()) == sorted(one.folder.name for one in trash.every())
    assert not aged[31].exists()
    assert {aged[29], third.folder} < {one.folder for one in trash.every()}


def test_an_id_must_be_said_clearly(store: Path) -> None:
    run = add("20260101-000000-cnn-0001")
    with pytest.raises(RequestError, match="Say which run"):
        find("")
    delete(run)
    delete(add("20260101-000000-cnn-0002"))
    for wrong, words in (("", "There is no"), ("nope", "There is no"), ("2026", "begins 2 ids")):
        with pytest.raises(RequestError, match=words):
            trash.find(wrong)
    gone = trash.find(run.id)
    assert trash.empty() == 2 and trash.every() == []
    with pytest.raises(RequestError, match="no longer in the trash"):
        trash.restore(gone)


def test_a_trash_that_cannot_be_written_leaves_the_run(store: Path) -> None:
    run = add("20260101-000000-cnn-0001")
    trash.folder().write_text("a file where the folder should be")
    with pytest.raises(FailedError, match="Cannot write to"):
        delete(run)
    assert every() == [run]


@pytest.mark.skipif(os.name != "posix", reason="there are no pipes in a folder")
def test_a_pipe_and_a_link_in_the_trash_are_removed_and_not_opened(store: Path, tmp_path: Path) -> None:
    thrown = delete(add("20260101-000000-cnn-0001"))
    os.mkfifo(trash.folder() / "pipe")
    os.mkfifo(thrown.folder / "pipe")
    (elsewhere := tmp_path / "elsewhere").mkdir()
    (elsewhere / "kept").touch()
    (trash.folder() / "link").symlink_to(elsewhere)
    assert trash.empty() == 1
    assert list(trash.folder().iterdir()) == [] and (elsewhere / "kept").exists()
