"""Workers on machines of their own: nothing is shared but a PostgreSQL and the folder where runs are left."""

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from mnist_core.errors import RequestError
from mnist_core.evaluation.answers import answers_of
from mnist_core.runs import store
from mnist_core.sweeps import manager, results, storage
from mnist_core.sweeps import sweep as sweeps
from mnist_core.sweeps.workers import artifacts
from tests.conftest import wait_until
from tests.support import postgres
from tests.support.command_line import Output, refused
from tests.support.postgres import Cluster
from tests.support.sweep_workers import (
    a_plan,
    accounts,
    another_home,
    finished_runs_of,
    forget_storages,
    start_worker,
    trial_in_training,
)

TRIALS = 5


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    if postgres.programs() is None or importlib.util.find_spec("psycopg") is None:
        if os.environ.get("CI"):
            pytest.fail(postgres.INSTALL)
        pytest.skip(postgres.INSTALL)
    with postgres.cluster() as made:
        yield made
        forget_storages()


def test_machines_share_a_sweep_though_one_is_killed_one_comes_late_and_the_database_is_restarted(
    home: Path, tmp_path: Path, cluster: Cluster
) -> None:
    url, kept = cluster.database(), tmp_path / "artifacts"
    sweep = manager.start(a_plan(TRIALS, epochs=3, artifacts=str(kept)), url, workers=0)
    one, two = (another_home(tmp_path / name, home / "data") for name in ("one", "two"))
    joins = ("--storage", url, "--study", sweep.id)
    killed, other = (start_worker(one, tmp_path / "one.log", *joins) for _ in range(2))
    wait_until(lambda: trial_in_training(results.trials(sweep), killed.pid, one), "it trains", 240, every=0.2)
    found = trial_in_training(results.trials(sweep), killed.pid, one)
    killed.kill()
    manager.resume(sweep, workers=1)
    late = start_worker(two, tmp_path / "two.log", *joins)
    cluster.stop()
    with pytest.raises(RequestError, match=r"^The sweep's storage, .* cannot be reached: start it and try again"):
        manager.status(sweep)
    cluster.start()
    now = manager.wait(sweep, 240)
    assert (now.state, now.complete) == ("finished", TRIALS)
    assert (other.wait(120), late.wait(30)) == (0, 0)
    attempts = accounts(sweep, TRIALS)
    assert found is None or attempts[found[0].number] >= 2
    came = artifacts.collect(sweep)
    assert artifacts.collect(sweep) == []
    assert sorted(finished_runs_of(sweep)) == list(range(TRIALS)), "every trial has a finished run on this machine"
    assert came, "the other machines trained some"
    for run in came:
        assert run.record().sweep == sweep.id
        assert answers_of(run).accuracy == run.status().test_accuracy
        assert [row["epoch"] for row in run.metrics()[0] if "test_accuracy" in row] == [0, 1, 2, 3]
    row = next(row for row in results.trials(sweep) if came[0].id in row.runs)
    assert row.accuracy == came[0].status().validation_accuracy
    store.delete(came[0])
    assert artifacts.collect(sweep) == [], "what a person deleted does not come back"


def test_what_a_database_has_not_is_one_sentence(
    home: Path, cluster: Cluster, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = cluster.database()
    unknown = refused(capsys, "tune", "worker", "--storage", url, "--study", "20260101-000000-sweep-0001")
    assert "has no study '20260101-000000-sweep-0001'" in unknown
    away = url.replace("tester@", "tester:secret@").replace(f":{cluster.port}/", ":1/")
    for arguments in (
        ("tune", "start", "--search", "momentum", "--storage", away),
        ("tune", "worker", "--storage", away, "--study", "20260101-000000-sweep-0001"),
    ):
        sentence = refused(capsys, *arguments)
        assert "cannot be reached" in sentence
        assert "secret" not in sentence
    assert sweeps.every() == []
    assert not (home / "runs").exists()
    assert "postgresql+psycopg" in storage.shown(url)
