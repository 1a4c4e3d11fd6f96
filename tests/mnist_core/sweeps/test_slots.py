"""Which trial is whose, on a journal that several processes and threads write."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.trial import TrialState

from mnist_core.sweeps import journal, results
from mnist_core.sweeps.workers import slots
from mnist_core.sweeps.workers.slots import Lookout
from mnist_core.system.processes import identity

GONE = {"host": "here", **identity(), "process_started": -1000.0}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.log"


def study_in(path: Path) -> optuna.Study:
    """The study as another process sees it."""
    storage = journal.opened(path)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna.create_study(storage=storage, study_name="s", direction="maximize", load_if_exists=True)


def end(study: optuna.Study, trial_id: int, value: float = 0.5) -> None:
    study._storage.set_trial_state_values(trial_id, TrialState.COMPLETE, [value])


def claimed(study: optuna.Study) -> int:
    trial_id = slots.claim(study)
    assert trial_id is not None
    return trial_id


def test_each_slot_is_claimed_once_by_many_at_once(path: Path) -> None:
    slots.fill(study_in(path), 40)

    def work(_: int) -> list[int]:
        study, mine = study_in(path), []
        while (trial_id := slots.claim(study)) is not None:
            mine.append(slots.slot_of(study._storage.get_trial(trial_id)))
            end(study, trial_id)
        return mine

    with ThreadPoolExecutor(4) as pool:
        found = [slot for mine in pool.map(work, range(4)) for slot in mine]
    assert sorted(found) == list(range(40))


def test_filling_again_adds_only_what_is_missing(path: Path) -> None:
    study = study_in(path)
    for count in (2, 2, 5):
        slots.fill(study, count)
    assert list(slots.by_slot(study)) == [0, 1, 2, 3, 4]
    assert len(study.get_trials()) == 5


def test_a_trial_whose_worker_has_gone_is_enqueued_again_with_all_that_was_told(path: Path) -> None:
    study = study_in(path)
    slots.fill(study, 2)
    trial_id = claimed(study)
    trial = optuna.Trial(study, trial_id)
    rate = trial.suggest_float("learning_rate", 0.1, 1)
    trial.set_user_attr(slots.RUNS, {"0": "a-run"})
    assert Lookout(study, 5).look() == [], "its worker is this process, which lives"
    study._storage.set_trial_user_attr(trial_id, slots.WORKER, GONE)
    assert Lookout(study_in(path), 5).look() == [0]
    assert Lookout(study, 5).look() == [], "once"
    first, again = slots.by_slot(study)[0]
    assert (first.state, again.state) == (TrialState.FAIL, TrialState.WAITING)
    assert (again.user_attrs[slots.RUNS], again.user_attrs[slots.ATTEMPT]) == ({"0": "a-run"}, 2)
    retried = claimed(study)
    assert optuna.Trial(study, retried).suggest_float("learning_rate", 0.1, 1) == rate
    with pytest.raises(optuna.exceptions.UpdateFinishedTrialError):
        end(study, trial_id)  # the first worker lives after all: it is not believed
    end(study, retried)
    assert [row.attempts for row in results.rows_of(study)] == [2, 1]


def test_a_slot_that_two_enqueue_again_is_trained_once(path: Path) -> None:
    study = study_in(path)
    slots.fill(study, 1)
    trial_id = claimed(study)
    study._storage.set_trial_state_values(trial_id, TrialState.FAIL)
    for _ in range(2):  # each found it failed, and nothing enqueued
        study.enqueue_trial({}, {slots.SLOT: 0, slots.ATTEMPT: 2})
    first = claimed(study)
    assert slots.claim(study_in(path)) is None
    end(study, first)
    assert slots.claim(study) is None
    assert Lookout(study, 5).look() == []
    (row,) = results.rows_of(study)
    assert (row.state, row.attempts) == ("complete", 2)


def test_a_trial_that_kills_its_workers_is_given_up(path: Path) -> None:
    study = study_in(path)
    slots.fill(study, 1)
    for attempt in range(1, slots.MAX_ATTEMPTS + 1):
        trial_id = claimed(study)
        study._storage.set_trial_user_attr(trial_id, slots.WORKER, GONE)
        assert Lookout(study, 5).look() == ([0] if attempt < slots.MAX_ATTEMPTS else [])
    (row,) = results.rows_of(study)
    assert (row.state, row.attempts) == ("failed", slots.MAX_ATTEMPTS)


def test_a_trial_given_back_is_nobodys_until_it_is_claimed_again(path: Path) -> None:
    study = study_in(path)
    slots.fill(study, 1)
    trial_id = claimed(study)
    study._storage.set_trial_user_attr(trial_id, slots.WORKER, GONE)
    slots.give_back(study, trial_id)
    storage: Any = study._storage
    storage.set_trial_state_values(trial_id, TrialState.RUNNING)  # claimed, and not named yet
    assert Lookout(study, 5).look() == []
    slots.give_back(study, trial_id)
    assert claimed(study) == trial_id


def test_a_killed_writer_leaves_neither_a_lock_nor_half_a_line(path: Path) -> None:
    study = study_in(path)
    slots.fill(study, 2)
    (path.parent / "journal.log.lock").write_text("")  # the file of a lock that nobody holds
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"op_code": 4, "worker_id": "x", "trial_id')
    assert len(study_in(path).get_trials()) == 2
    slots.fill(study, 3)
    assert path.read_bytes().startswith(whole + b'{"op_code"')
    assert path.read_bytes().count(b"trial_id") == 0
    for seen in (study, study_in(path)):
        assert [trial.state for trial in seen.get_trials()] == [TrialState.WAITING] * 3
    other = path.with_name("other.log")
    other.write_bytes(b'{"half')
    assert len(study_in(other).get_trials()) == 0
