"""Sweeps: what they cost beside the trainings, what a worker's memory does, what TPE gains over random, how much of the
winner is luck, and whether every trial is accounted for when workers die and the database is restarted.

`python -m benchmarks.training.sweeps --trials 100 throughput`, `--trials 30 --repeats 5 samplers` (hours),
`--repeats 3 accounts`; smaller numbers are quicker.
"""

import argparse
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from benchmarks.harness.results import Row, show, show_head
from benchmarks.harness.temporary_home import temporary_home
from mnist_core.config.presets import PRESETS
from mnist_core.jobs import launcher
from mnist_core.runs import store
from mnist_core.runs.records import ACTIVE
from mnist_core.sweeps import manager, plan, results, retrain, space
from mnist_core.sweeps.sweep import Sweep
from mnist_core.sweeps.workers import artifacts, loop
from mnist_core.system.files import REPOSITORY
from tests.support import postgres
from tests.support.sweep_workers import a_plan, accounts, another_home, start_worker, trial_in_training

WORKERS = 2
EARLY = 10  # trials of a worker after which its memory is measured first


def of_fast(trials: int, sampler: str, seed: int = 1, **config: Any) -> plan.SweepPlan:
    """`fast` over its learning rate and momentum."""
    searched = {name: space.usual_range(name) for name in ("learning_rate", "momentum")}
    searched["learning_rate"] = space.parse("learning_rate=0.001..0.1:log")[1]
    values = {"config": PRESETS["fast"].values | config, "space": searched, "trials": trials, "workers": WORKERS}
    return plan.parse(values | {"sampler": sampler, "sampler_seed": seed})


def throughput(trials: int) -> Iterator[Row]:
    """So many trials of `fast` by two workers, and as many `train` commands, two at a time."""
    with temporary_home():
        begin = time.monotonic()
        sweep = manager.start(of_fast(trials, "random"))
        memory = Memory(sweep)
        finish(sweep, 60.0 * trials)
        wall = time.monotonic() - begin
        memory.end()
        own = [run.status().heartbeat - run.record().created for run in store.every()]
        accounts(sweep, trials)
        yield Row(
            f"{trials} trials of fast, {WORKERS} workers", "s", [wall], "", f"{sum(own) / trials:.2f} s a training"
        )
        beyond = 100 * (WORKERS * wall - sum(own)) / sum(own)
        yield Row(
            "time beyond the trainings' own", "%", [beyond], "at most 10 %", "from the start to the last trial's end"
        )
        yield from memory.rows()
    with temporary_home():
        begin = time.monotonic()
        command = [sys.executable, "-m", "mnist_core", "train", "--preset", "fast", "--now", "--threads", "1"]
        held_out = ["--validation-size", str(plan.VALIDATION_SIZE)]
        for first in range(0, trials, WORKERS):
            pair = [
                subprocess.Popen([*command, *held_out, "--seed", str(seed)], cwd=REPOSITORY, stdout=subprocess.DEVNULL)
                for seed in range(first, min(first + WORKERS, trials))
            ]
            for process in pair:
                assert process.wait() == 0
        separate = time.monotonic() - begin
        yield Row(f"the same as separate train commands, {WORKERS} at a time", "s", [separate])
        yield Row("the sweep over them, time", "x", [wall / separate])


class Memory:
    """The resident memory of each worker as its trials go by, looked at in a thread."""

    def __init__(self, sweep: Sweep) -> None:
        self.sweep = sweep
        self.seen: dict[int, dict[int, float]] = {}  # MB by process and trials ended in it
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def _look(self) -> None:
        while not self._ended.wait(1):
            done: dict[int, int] = {}
            for run in store.every():
                with suppress(Exception):
                    status = run.status()
                    if status.state == "finished" and status.pid:
                        done[status.pid] = done.get(status.pid, 0) + 1
            for pid in loop.at_work(self.sweep):
                with suppress(psutil.Error):
                    self.seen.setdefault(pid, {})[done.get(pid, 0)] = psutil.Process(pid).memory_info().rss / 1e6

    def end(self) -> None:
        """Look no longer."""
        self._ended.set()
        self._thread.join()

    def rows(self) -> list[Row]:
        """After ten trials, and at the end."""
        early = [seen[min(EARLY, max(seen))] for seen in self.seen.values() if min(EARLY, max(seen)) in seen]
        late = [seen[max(seen)] for seen in self.seen.values()]
        most = max(max(seen) for seen in self.seen.values())
        return [
            Row(f"a worker's memory after {EARLY} trials", "MB", early),
            Row(f"a worker's memory after its last trial (of up to {most})", "MB", late),
        ]


def samplers(trials: int, repeats: int) -> Iterator[Row]:
    """The best validation accuracy of so many trials by TPE and by random values; the winner's curse of both."""
    best: dict[str, list[float]] = {"tpe": [], "random": []}
    fresh: dict[str, list[float]] = {"tpe": [], "random": []}
    for seed in range(1, repeats + 1):
        for sampler in best:
            with temporary_home():
                sweep = manager.start(of_fast(trials, sampler, seed))
                finish(sweep, 60.0 * trials)
                accounts(sweep, trials)
                winner = results.best(sweep)
                assert winner is not None
                best[sampler].append(100 * (winner.accuracy or 0))
                for run in retrain.start(sweep):
                    assert launcher.wait(run, 600).state not in ACTIVE
                outcome = retrain.outcome(sweep)
                assert outcome is not None and outcome.mean is not None
                fresh[sampler].append(100 * outcome.mean)
    for sampler in best:
        yield Row(f"best of {trials} by {sampler}: validation accuracy", "%", best[sampler])
        yield Row(f"its settings, everything, three fresh seeds: test accuracy ({sampler})", "%", fresh[sampler])
    gains = [tpe - random for tpe, random in zip(best["tpe"], best["random"], strict=True)]
    yield Row("tpe minus random, validation accuracy", "points", gains, "", f"mean {statistics.fmean(gains):.3f}")
    both = [(a - b) for name in best for a, b in zip(best[name], fresh[name], strict=True)]
    yield Row("validation accuracy of the winner minus its fresh test accuracy", "points", both)


def accounted(repeats: int, trials: int = 12) -> Iterator[Row]:
    """PostgreSQL, four workers on machines of their own, one killed, one late, the database restarted once."""
    took, attempts = [], []
    for _ in range(repeats):
        with temporary_home() as home, postgres.cluster() as cluster:
            begin, url = time.monotonic(), cluster.database()
            sweep = manager.start(a_plan(trials, epochs=5, workers=2, artifacts=str(home / "artifacts")), url)
            joins = ("--storage", url, "--study", sweep.id)
            one, two = (another_home(home / name, home / "data") for name in ("one", "two"))
            killed, other = (start_worker(one, home / "one.log", *joins) for _ in range(2))
            while not (found := trial_in_training(results.trials(sweep), killed.pid, one)):
                time.sleep(0.05)
            killed.kill()
            late = start_worker(two, home / "two.log", *joins)
            cluster.stop()
            time.sleep(1)
            cluster.start()
            finish(sweep, 600)
            assert (other.wait(60), late.wait(60)) == (0, 0)
            counted = accounts(sweep, trials)
            assert counted[found[0].number] == 2, "the killed one's trial was trained again"
            artifacts.collect(sweep)
            there = {run.record().trial for run in store.every() if run.status().state == "finished"}
            assert there == set(range(trials)), "each trial has a finished run on the first machine"
            took.append(time.monotonic() - begin)
            attempts.append(float(sum(counted.values())))
    yield Row(f"{trials} trials, one worker killed, one late, the database restarted: all accounted for", "s", took)
    yield Row("attempts that these trials took", "", attempts)


def finish(sweep: Sweep, seconds: float) -> None:
    """Wait until the sweep has ended."""
    now = manager.wait(sweep, seconds)
    assert now.state == "finished", (now, Path(sweep.path / "workers.log").read_text()[-2000:])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=["throughput", "samplers", "accounts"], default=["throughput"])
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--repeats", type=int, default=1)
    given = parser.parse_args()
    show_head()
    for part in given.parts:
        if part == "throughput":
            rows = throughput(given.trials)
        else:
            rows = samplers(given.trials, given.repeats) if part == "samplers" else accounted(given.repeats)
        for row in rows:
            show(row)


if __name__ == "__main__":
    main()
