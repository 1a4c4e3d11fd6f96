"""Exported scripts against their runs, at full size: each is run alone in a fresh folder, and every bit is compared.

`python -m benchmarks.training.exports [NAME ...]`; minutes. docs/export.md promises what this measures.
"""

import argparse
import functools
import itertools
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.harness.results import Row, show, show_head
from benchmarks.harness.temporary_home import temporary_home
from mnist_core.config.presets import PRESETS
from mnist_core.config.train_config import TrainConfig
from mnist_core.data.download import raw_folder
from mnist_core.drawing import collection, synthetic
from mnist_core.export.script import notebook, python_file
from mnist_core.jobs import finetuning, launcher, steering
from mnist_core.jobs.trainer.worker import Worker
from mnist_core.runs import store
from mnist_core.runs.run import Run
from mnist_core.training import device
from mnist_core.training.threads import Threads
from tests.support.exported_programs import code_of_notebook, printed_hash, python, run_each, same_bits

LONGEST = 600.0  # seconds of one training
os.environ.setdefault(
    "OMP_WAIT_POLICY", "passive"
)  # threads that wait leave the processor to others; no bit depends on it
THREADS = 2  # of a training; `--threads` says another number
MLP = {"model": "mlp", "learning_rate": 0.1}


def plain(**settings: object) -> Run:
    """A run of these settings, trained by a process of its own with plain PyTorch."""
    return finished(launcher.start(TrainConfig.parse({**settings, "kernels": "pytorch", "threads": THREADS})))


def finished(run: Run) -> Run:
    status = launcher.wait(run, LONGEST)
    assert status.state in ("finished", "stopped"), status
    return run


def reach(run: Run, step: int) -> None:
    """Wait until it has made so many updates."""
    deadline = time.monotonic() + LONGEST
    while run.status().step < step:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def changed_in_flight() -> Run:
    config = TrainConfig.parse({**MLP, "epochs": 3, "schedule": "one_cycle", "kernels": "pytorch", "threads": THREADS})
    run = launcher.start(config)
    for step, rates in ((300, (0.05, None)), (1200, (None, 0.8)), (2000, (0.02, 0.3))):
        reach(run, step)
        steering.set_rates(run, *rates)
    finished(run)
    assert [event["event"] for event in run.events()].count("rates") == 3
    return run


def stopped_and_resumed(epochs: int, then: int | None, **settings: object) -> Run:
    """Stopped in its first epoch, resumed, and given more epochs at the end."""
    config = TrainConfig.parse({"epochs": epochs, **settings, "kernels": "pytorch", "threads": THREADS})
    run = launcher.start(config)
    reach(run, 200)
    launcher.stop(run)
    finished(run)
    assert 200 <= run.status().step < epochs * config.steps_per_epoch
    launcher.resume(run)
    finished(run)
    if then is not None:
        launcher.resume(run, then)
        finished(run)
    return run


def fine_tuned() -> Run:
    parent = plain(epochs=1)
    for index in range(30):
        image, label = synthetic.image(7, index)
        collection.add(label, image, image)
    return finished(finetuning.start(parent, 2))


def threads_given_up() -> Run:
    """In this process, where threads are given up and taken back after some looks at what other programs do."""
    run = store.create(TrainConfig.parse({**MLP, "epochs": 2, "kernels": "pytorch"}))
    looks, wanted = itertools.count(), {8: 1, 16: 2}
    before = device.default_threads, Threads.adapt

    def adapt(self: Threads) -> bool:
        if (number := wanted.get(next(looks))) is None:
            return False
        self.now = number
        self._use(number)
        return True

    device.default_threads, Threads.adapt = (lambda: 2), adapt  # type: ignore[method-assign]
    try:
        Worker(run).work(at_once=True)
    finally:
        device.default_threads, Threads.adapt = before  # type: ignore[method-assign]
    assert [event["threads"] for event in run.events() if event["event"] == "threads"] == [1, 2]
    return run


CASES: dict[str, Callable[[], Run]] = {
    "tutorial": functools.partial(plain),
    "mlp": functools.partial(plain, **MLP, epochs=3),
    "fast": functools.partial(plain, **PRESETS["fast"].values),
    "best": functools.partial(plain, **{**PRESETS["best"].values, "epochs": 1}),
    "people": functools.partial(plain, **{**PRESETS["people"].values, "epochs": 1}),
    "changed": changed_in_flight,
    "resumed": functools.partial(stopped_and_resumed, 1, None),
    "more_epochs": functools.partial(stopped_and_resumed, 1, 3, **MLP, schedule="cosine"),
    "fine_tuned": fine_tuned,
    "judged": functools.partial(
        plain,
        **{"model": "mlp", "epochs": 12, "learning_rate": 0.1, "momentum": 0.5},
        **{"validation_size": 5000, "patience": 1, "answer_with": "best"},
    ),
    "bfloat16": functools.partial(plain, epochs=1, precision="bfloat16"),
    "adam": functools.partial(
        plain,
        **{"model": "compact", "epochs": 1, "optimizer": "adam", "learning_rate": 0.003, "schedule": "cosine"},
        **{"weight_decay": 0.001, "weight_averaging": 0.99, "augmentation": "affine", "momentum": 0.9},
    ),
    "threads": threads_given_up,
}


def compare(name: str, run: Run, folder: Path) -> Iterator[Row]:
    """Export the run, run the script alone, and compare."""
    archives = folder / "data" / "MNIST" / "raw"
    archives.mkdir(parents=True)
    for path in raw_folder().glob("*.gz"):
        shutil.copyfile(path, archives / path.name)
    begin = time.perf_counter()
    written = python_file.write(run, str(folder / f"{name}.py"))
    exporting = time.perf_counter() - begin
    assert "ModuleNotFoundError" in python("-c", "import mnist_core", folder=folder).stderr
    begin = time.perf_counter()
    done = python(f"{name}.py", folder=folder, timeout=LONGEST)
    seconds = time.perf_counter() - begin
    assert done.returncode == 0, done.stderr
    equal = printed_hash(done.stdout) == run.status().weights_hash and same_bits(run, folder)
    sentence = written.check.sentence if written.check else ""
    status = run.status()
    note = f"{status.epoch} epochs, {status.step:,} updates, {len(written.paths)} files, {seconds:.0f} s; {sentence}"
    yield Row(f"{name}: equal to the bit", "", [float(equal)], "1", note)
    yield Row(f"{name}: export", "s", [exporting])


def killed_and_resumed(run: Run, folder: Path) -> Iterator[Row]:
    """The tutorial's script, killed in its second epoch and gone on with by `--resume`; and its notebook."""
    import subprocess
    import sys

    python_file.write(run, str(folder / "again.py"))
    checkpoint = folder / f"{run.id}.checkpoint.pt"
    for path in (checkpoint, folder / f"{run.id}.pt"):
        path.unlink()
    child = subprocess.Popen([sys.executable, "-I", "again.py"], cwd=folder, stdout=subprocess.DEVNULL)
    while not checkpoint.exists():
        assert child.poll() is None
        time.sleep(0.05)
    time.sleep(1)
    child.kill()
    child.wait()
    assert not (folder / f"{run.id}.pt").exists()
    done = python("again.py", "--resume", folder=folder, timeout=LONGEST)
    equal = printed_hash(done.stdout) == run.status().weights_hash and same_bits(run, folder)
    yield Row("tutorial: killed, and equal after --resume", "", [float(equal)], "1")
    notebook.write(run, str(folder / "notebook.ipynb"))
    (folder / f"{run.id}.pt").unlink()
    (folder / "cells.py").write_text(code_of_notebook(folder / "notebook.ipynb"))
    (output,) = run_each([folder / "cells.py"], LONGEST)
    equal = printed_hash(output) == run.status().weights_hash and same_bits(run, folder)
    yield Row("tutorial: the notebook's cells, equal", "", [float(equal)], "1")


def main() -> int:
    global THREADS
    parser = argparse.ArgumentParser("python -m benchmarks.training.exports", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(CASES)}; all where none is named")
    parser.add_argument("--threads", type=int, default=THREADS, help="that the runs are trained with")
    arguments = parser.parse_args()
    THREADS, names = arguments.threads, arguments.names or list(CASES)
    failed = 0
    show_head()
    for name in names:
        with temporary_home(), tempfile.TemporaryDirectory() as folder:
            run = CASES[name]()
            rows = itertools.chain(
                compare(name, run, Path(folder)), killed_and_resumed(run, Path(folder)) if name == "tutorial" else ()
            )
            for row in rows:
                show(row)
                failed += row.goal == "1" and row.values != [1.0]
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
