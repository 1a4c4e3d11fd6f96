"""An export for a page: written once for the run as it is, whole or not at all; the newest are kept."""

import os
import zipfile
from pathlib import Path

import pytest

from mnist_core.errors import FailedError, RequestError
from mnist_core.export import formats, preparation
from mnist_core.export.formats import Format
from mnist_core.export.preparation import Preparation, exports_folder, preparations
from mnist_core.export.written import Check, Written
from mnist_core.runs import notes, progress
from mnist_core.runs.run import Run
from mnist_core.system import processes


class Writer:
    """Formats that are written in no time: a file, several files, a folder, and one that is refused."""

    def __init__(self) -> None:
        self.written = 0

    def one(self, run: Run, target: str) -> Written:
        self.written += 1
        Path(target).write_text(run.id)
        return Written((Path(target),), f"Read {target}.", Check(10_000, 0, 1e-7))

    def several(self, run: Run, target: str) -> Written:
        self.one(run, target)
        Path("beside.bin").write_bytes(b"more")
        return Written((Path(target), Path("beside.bin")), f"Read {target}.")

    def folder(self, run: Run, target: str) -> Written:
        (Path(target) / "in").mkdir(parents=True)
        self.one(run, f"{target}/in/a.txt")
        return Written((Path(target),), f"Look into {target}.")

    def refused(self, run: Run, target: str) -> Written:
        Path(target).write_text("half")
        raise RequestError("No such luck.")


@pytest.fixture
def writer(monkeypatch: pytest.MonkeyPatch) -> Writer:
    writer = Writer()
    kinds = {"one": ".txt", "several": ".txt", "folder": "", "refused": ".txt"}
    known = {
        name: Format(name, "", "", ending, lambda target: None, getattr(writer, name)) for name, ending in kinds.items()
    }
    monkeypatch.setattr(formats, "FORMATS", known)
    return writer


def prepared(run: Run, form: str = "one") -> Preparation:
    return preparations(run, (form,))[form]


def test_it_is_written_once_and_says_what_was_checked(writer: Writer, trained: Run) -> None:
    one = prepared(trained)
    assert (one.outcome(), one.progress()) == (None, None)
    found = one.write()
    assert one.write() == one.outcome() == prepared(trained).outcome() == found
    assert writer.written == 1
    assert found.file == f"{trained.id}-one.txt"
    assert (one.content().decode(), found.size) == (trained.id, len(trained.id))
    assert found.sentence == f"Read {trained.id}-one.txt."  # where it was written is nobody's concern
    assert str(found.check).startswith("Checked over 10,000 test digits: 0 different answers")
    assert one.progress() is None


@pytest.mark.parametrize(
    ("form", "names"),
    [("several", ["{0}-several/beside.bin", "{0}-several/{0}-several.txt"]), ("folder", ["{0}-folder/in/a.txt"])],
)
def test_more_than_one_file_is_a_zip(writer: Writer, trained: Run, form: str, names: list[str]) -> None:
    found = prepared(trained, form).write()
    assert (found.file, found.is_packed) == (f"{trained.id}-{form}.zip", True)
    assert found.sentence.startswith("Unpack it. ")
    with zipfile.ZipFile(exports_folder() / prepared(trained, form).folder.name / "whole" / found.file) as archive:
        assert archive.testzip() is None
        assert sorted(archive.namelist()) == sorted(name.format(trained.id) for name in names)


def test_another_run_is_another_export(writer: Writer, trained: Run) -> None:
    before = prepared(trained)
    before.write()
    notes.rename(trained, "Renamed")
    renamed = prepared(trained)
    assert renamed.outcome() is None
    for ending in ("safetensors", "test.npy"):  # trained on
        path = trained.path / "epochs" / f"0001.{ending}"
        path.with_name(f"0002.{ending}").write_bytes(path.read_bytes())
    later = prepared(trained)
    assert len({before.folder, renamed.folder, later.folder, prepared(trained, "folder").folder}) == 4
    with pytest.raises(RequestError, match="trained on meanwhile"):
        before._write()
    with pytest.raises(RequestError, match="trained on meanwhile"):
        renamed.write()
    state = renamed.progress()
    assert state is not None and "trained on meanwhile" in str(state.error)
    assert not list(renamed.folder.glob("**/*.txt*")) or list(renamed.folder.glob("log.txt"))


def test_what_is_refused_leaves_its_sentence_and_no_file(writer: Writer, trained: Run) -> None:
    one = prepared(trained, "refused")
    with pytest.raises(RequestError, match="No such luck"):
        one.write()
    state = one.progress()
    assert state is not None
    assert (state.error, state.is_active) == ("No such luck.", False)
    assert one.outcome() is None
    assert [path.name for path in one.folder.rglob("*") if path.name not in (".lock", "progress.json")] == []


def test_two_presses_start_one_process_and_few_may_wait(
    writer: Writer, trained: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(processes, "start_command", lambda command, log, module: started.append(command))
    monkeypatch.setattr(preparation, "MOST_WAITING", 2)
    for form in ("one", "one", "folder", "one"):
        prepared(trained, form).start()
    assert [command[1] for command in started] == ["one", "folder"]
    with pytest.raises(RequestError, match="2 other exports are being written"):
        prepared(trained, "several").start()
    assert prepared(trained, "several").progress() is None
    prepared(trained).write()  # that process comes
    prepared(trained, "several").start()
    prepared(trained).start()
    assert [command[1] for command in started] == ["one", "folder", "several"]


def test_one_that_is_killed_is_said_to_be_and_can_be_started_again(writer: Writer, trained: Run) -> None:
    one = prepared(trained)
    left = one.folder / ".whole.0123abcd"
    left.mkdir(parents=True)
    progress.report(one.folder / "progress.json", "running")  # and nobody holds its lock
    state = one.progress()
    assert state is not None and not state.is_active
    assert "interrupted" in str(state.error)
    one.write()
    assert one.outcome() is not None
    assert not left.exists()


def test_the_newest_are_kept(writer: Writer, trained: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparation, "MOST", 2)
    first = prepared(trained)
    first.write()
    for place, form in enumerate(("several", "folder")):
        os.utime(first.folder, (place, place))
        prepared(trained, form).write()
    assert first.outcome() is None
    with pytest.raises(FailedError, match="prepare it again"):
        first.content()
    assert {path.name for path in exports_folder().iterdir() if path.is_dir()} == {
        prepared(trained, form).folder.name for form in ("several", "folder")
    }
    monkeypatch.setattr(preparation, "MOST_BYTES", 1)
    first.write()
    assert [path for path in exports_folder().iterdir() if path.is_dir()] == [first.folder]
