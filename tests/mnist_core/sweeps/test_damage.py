"""A sweep whose files are damaged, or may not be written: one sentence that is true, and the other sweeps go on."""

import os
from collections.abc import Callable

import pytest

from mnist_core.cli.tune import report
from mnist_core.errors import DamagedError, DiskError, RequestError
from mnist_core.runs import store
from mnist_core.sweeps import examination, manager, results
from mnist_core.sweeps import sweep as sweeps
from mnist_core.sweeps.sweep import Sweep
from mnist_core.sweeps.workers import loop
from mnist_core.system import trash
from tests.support.command_line import Output
from tests.support.sweep_workers import forget_storages

Make = Callable[..., Sweep]
USES: tuple[Callable[[Sweep], object], ...] = (
    manager.status,
    results.trials,
    manager.stop,
    lambda sweep: manager.add(sweep, 1),
    lambda sweep: manager.resume(sweep, 0),
)


def with_line(content: bytes, place: int, line: bytes) -> bytes:
    lines = content.split(b"\n")
    lines[place] = line
    return b"\n".join(lines)


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"\x90\xff",
        b"[]",
        b"1",
        b"{}",
        b'{"op_code":99}',
        b'{"op_code":4,"worker_id":"x"}',
        b'{"op_code":4,"worker_id":"x","study_id":0,"datetime_start":5}',
        b"[" * 20_000,
    ],
)
def test_a_damaged_journal_is_one_sentence(make: Make, line: bytes) -> None:
    sweep, other = make(1), make(1)
    journal = sweep.path / "journal.log"
    whole = journal.read_bytes()
    journal.write_bytes(whole + line + b"\n" + whole.split(b"\n")[0] + b"\n")
    for use in USES:
        with pytest.raises(DamagedError) as raised:
            use(sweep)
        assert str(journal) in str(raised.value) and "put a copy back" in str(raised.value)
    assert manager.status(other).waiting == 1
    journal.write_bytes(whole)  # a copy is back: nothing of what was read before it is left
    assert [row.state for row in results.trials(sweep)] == ["waiting"]


def test_a_journal_that_is_no_file_is_one_sentence_beside_the_other_sweeps(make: Make, capsys: Output) -> None:
    sweep, other, lost = make(1), make(1), make(1)
    for each in (sweep, lost):
        (each.path / "journal.log").unlink()
    (sweep.path / "journal.log").mkdir()

    forget_storages()  # as in another process
    report.say_all([sweep, other, lost], as_json=False)
    said = capsys.readouterr().out
    assert f"{sweep.id}: The sweep's journal {sweep.path}" in said and "has lost the sweep" in said
    assert f"{other.id} is interrupted: 0 of 1 trials" in said


def test_a_folder_that_is_not_writable_is_not_called_lost(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    sweep = make(1)

    def refused(*arguments: object, **options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("mnist_core.system.files.FileLock.acquire", refused)
    with pytest.raises(DiskError, match="Permission denied"):
        manager.stop(sweep)


def test_minutes_limit_no_sweep_that_had_no_limit(make: Make) -> None:
    sweep = make(2)
    with pytest.raises(RequestError, match="no limit of minutes: add trials"):
        manager.add(sweep, minutes=1)
    assert manager.status(sweep).seconds_left is None


def test_what_is_stopped_is_not_paused(make: Make) -> None:
    sweep = make(2)
    manager.stop(sweep)
    with pytest.raises(RequestError, match="is stopped: it rests without a pause"):
        manager.pause(sweep)
    assert manager.status(sweep).state == "stopped"


def test_a_full_grid_says_that_it_is_full(make: Make) -> None:
    sweep = make(2, sampler="grid", space={"momentum": {"low": 0, "high": 0.5, "points": 3}})
    with pytest.raises(RequestError, match="The grid has at most 3 trials: 1 more can be added"):
        manager.add(sweep, 2)
    manager.add(sweep, 1)
    with pytest.raises(RequestError, match="at most 3 trials: all are there"):
        manager.add(sweep, 1)
    with pytest.raises(RequestError, match="at least 1 trial; -1 was given"):
        manager.add(sweep, -1)


def test_doctor_names_the_sweeps_that_cannot_be_read(make: Make) -> None:
    sweep, lost, _ = make(1), make(1), make(1)
    (sweep.path / "sweep.json").write_text("{")
    (lost.path / "journal.log").write_text("{}\n")
    forget_storages()
    first, second = sorted(complaint.sentence for complaint in examination.complaints())
    for sentence, path in zip((first, second), sorted((sweep.path, lost.path)), strict=True):
        assert str(path) in sentence and "put a copy" in sentence


def test_a_deleted_sweep_comes_back_with_its_trials_and_its_runs_stay(make: Make) -> None:
    sweep = make(2)
    loop.work(sweep)
    before, runs = results.trials(sweep), store.ids()
    thrown = manager.delete(sweep)
    assert (sweeps.every(), store.ids(), thrown.kind) == ([], runs, "sweep")
    with pytest.raises(RequestError, match="no longer there"):
        manager.add(sweep, 1)
    assert not sweep.path.exists()
    trash.restore(thrown)
    forget_storages()
    assert results.trials(sweeps.find(sweep.id)) == before


def test_a_sweep_at_work_is_not_deleted(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    sweep = make(1)
    loop.note(sweep, os.getpid())
    with pytest.raises(RequestError, match=f"tune stop {sweep.id}"):
        manager.delete(sweep)
    assert sweeps.every() == [sweep]
