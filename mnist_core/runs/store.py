"""The run store: each run is a folder under `runs/` that any process can read (layout in docs/run-folder.md).

While a run trains, its trainer is the only writer; a person's commands reach it through `control.json`.
"""

import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from stat import S_ISREG

from mnist_core.config.train_config import TrainConfig
from mnist_core.errors import RequestError
from mnist_core.runs import manifest
from mnist_core.runs.records import ACTIVE, Record, Status, heartbeat
from mnist_core.runs.run import SHIPPED, Run
from mnist_core.system import trash
from mnist_core.system.files import home, leftovers, make_folder, quick_stat, write_json
from mnist_core.system.processes import identity
from mnist_core.system.program import command
from mnist_core.system.sealing import seal
from mnist_core.system.trash import Trashed

INCOMING = ".incoming-"  # begins the name of a folder in which a run from another machine is put together
OLD_SECONDS = 3600.0  # no writer takes so long
ID = re.compile(r"[0-9]{8}-[0-9]{6}-[A-Za-z0-9_.-]{1,80}")
_HALF_CREATED = {"epochs", "status.json", ".lock", "manifest.json", ".manifest-lock"}
_OF_THE_TRAINER = re.compile(
    r"(config|status)\.json|(metrics|events)\.jsonl|checkpoint\.pt|.*\.(safetensors|test\.npy)"
)


def runs_folder() -> Path:
    """Where the runs are; it may not exist yet."""
    return home() / "runs"


def create(config: TrainConfig, name: str = "", parent: str | None = None, **of_sweep: str | int) -> Run:
    """A new run, queued, that no process trains yet: this one has it in hand, and with its end the run's turn ends.

    `of_sweep`: the record's `sweep` and `trial`, of a run that a sweep trains.
    """
    make_folder(runs_folder())
    sweep_half_created()
    written = heartbeat()
    now = written["heartbeat"]
    run = Run(runs_folder() / new_id(config.model, now))
    make_folder(run.path / "epochs")
    write_status(run, Status.model_validate({"state": "queued", "queued_at": now, **written, **identity()}))
    record = {"config": config, "created": now, "name": name, "parent": parent, **of_sweep}
    write_record(run, Record.model_validate(record))  # last: from now on it is listed
    return run


def new_id(model: str, at: float | None = None) -> str:
    """An id for a run of this network that was made at `at` (seconds since the epoch), or now."""
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(at))
    return f"{stamp}-{model}-{secrets.token_hex(2)}"


def sweep(run: Run) -> None:
    """Remove the temporary files of killed writers; for its trainer, which holds its lock.

    What others than a trainer write (control.json, notes.json, what is computed later) may be at work: it must be old.
    """
    for folder in (run.path, run.path / "epochs"):
        for path, name in leftovers(folder):
            with suppress(OSError):
                if _OF_THE_TRAINER.fullmatch(name) or time.time() - path.stat().st_mtime > OLD_SECONDS:
                    path.unlink()


def sweep_half_created() -> None:
    """Remove the folders of runs whose creator was killed before config.json, or before all of them had come."""
    for path in runs_folder().iterdir():
        is_incoming = path.name.startswith(INCOMING)
        if not is_incoming and (not ID.fullmatch(path.name) or (path / "config.json").exists()):
            continue  # looks only: a thousand runs cost little
        with suppress(OSError):
            is_old = time.time() - path.stat().st_mtime > OLD_SECONDS
            temporary = {left.name for folder in (path, path / "epochs") for left, _ in leftovers(folder)}
            is_nothing = is_incoming or {file.name for file in path.rglob("*")} <= _HALF_CREATED | temporary
            if is_old and is_nothing:
                shutil.rmtree(path)


def write_record(run: Run, record: Record) -> None:
    """Replace config.json."""
    content = (json.dumps(record.model_dump(), indent=1) + "\n").encode()
    manifest.write(run.path, {"config.json": content})


def write_status(run: Run, status: Status) -> None:
    """Replace status.json."""
    write_json(run.path / "status.json", seal(status.model_dump()))


def every() -> list[Run]:
    """All runs, newest first."""
    return [Run(runs_folder() / run_id) for run_id in ids()]


def ids() -> list[str]:
    """The ids of all runs, newest first. (Text, not paths: of ten thousand runs those take a third of a second.)"""
    folder = str(runs_folder())
    try:
        names = sorted((each.name for each in os.scandir(folder) if ID.fullmatch(each.name)), reverse=True)
    except (FileNotFoundError, NotADirectoryError):
        return []
    paths = ((name, f"{folder}/{name}") for name in names)
    return [name for name, path in paths if _is_file(f"{path}/config.json") or _has_lost_its_record(path)]


def shipped() -> Run | None:
    """The run that came with the project, or None where somebody took it away. `every()` does not list it."""
    return Run(SHIPPED) if (SHIPPED / "config.json").is_file() else None


def refuse_change(run: Run) -> None:
    """Raises RequestError for the run that came with the project, which nobody changes, and for a deleted one."""
    run.refuse_gone()
    if run.is_shipped:
        raise RequestError("The shipped run stays as it is: train one of your own to resume, stop or delete.")


def find(selector: str = "best") -> Run:
    """The run that `selector` means: an id, a unique beginning of one, `latest`, or `best`.

    `best` is what `best_of` says, and where none has finished the shipped one.

    Raises RequestError when there is none, or more than one.
    """
    if not selector:
        raise RequestError(f"Say which run, by its id or the beginning of one: see `{command()} runs`.")
    runs, came = every(), shipped()
    if came is not None and (selector == came.id or (selector == "best" and best_of(runs) is None)):
        return came
    if not runs:
        raise RequestError(f"There is no run yet: train one with `{command()} train`.")
    if selector == "latest":
        return runs[0]
    if selector == "best":
        best = best_of(runs)
        if best is None:
            raise RequestError(f"No run has finished yet: name one, or wait (see `{command()} runs`).")
        return best
    matches = [run for run in runs if run.id == selector] or [run for run in runs if run.id.startswith(selector)]
    if not matches:
        raise RequestError(f"There is no run {selector!r}: see `{command()} runs` for the ones there are.")
    if len(matches) > 1:
        raise RequestError(f"{selector!r} begins {len(matches)} runs ({matches[0].id}, ...): give more of the id.")
    return matches[0]


def best_of(runs: list[Run], status_of: Callable[[Run], Status] = Run.status) -> Run | None:
    """The finished run with the highest accuracy, the newest of equals; None where none has finished.

    A run whose config.json is damaged is passed over, and so is a changed network that was not trained since.

    A run that held out validation digits is ranked by those. One that held out none has only its test accuracy: then
    this is a choice of what to show, and the accuracy of the chosen one is a little flattered by it. Whoever compares
    settings holds digits out (`validation_size`).
    """
    finished = [(run, status) for run in runs if (status := status_of(run)).state == "finished"]
    ranked = sorted(finished, key=lambda pair: (_ranked_by(pair[1]), pair[0].id), reverse=True)
    return next(
        (run for run, status in ranked if run.is_readable() and (status.epoch or not run.record().changes)), None
    )


def _ranked_by(status: Status) -> float:
    held_out, test = status.validation_accuracy, status.test_accuracy
    return held_out if held_out is not None else test or 0


def queue() -> list[Run]:
    """The runs that wait, in the order in which they will train."""
    waiting = [(status.queued_at, run.id, run) for run in every() if (status := run.status()).state == "queued"]
    return [run for *_, run in sorted(waiting)]


def refuse_finished(run: Run, status: Status, epochs: int, planned: int) -> None:
    """Raises RequestError where a run of `planned` epochs that is to go on up to `epochs` has nothing left to do.

    One that was killed between its last test and the word of it has: that word.
    """
    only_unsaid = status.state in ("queued", "interrupted") and status.epoch == epochs == planned
    if status.epoch >= epochs and not only_unsaid:
        raise RequestError(
            f"{run.id} has finished its {status.epoch} epochs: "
            f"ask for more, for example `resume {run.id} --epochs {status.epoch + 5}`."
        )


def refuse_training(run: Run) -> None:
    """Raises RequestError while the run is being trained."""
    status = run.status()
    if status.state in ACTIVE:
        raise RequestError(
            f"{run.id} is already being trained: watch it, or stop it first (`{command()} stop {run.id}`)."
        )
    if run.is_held():
        which = f" (process {status.pid})" if status.state == "interrupted" and status.pid else ""
        raise RequestError(
            f"{run.id} is held by a trainer that does not answer{which}: it has just been started, is suspended, or "
            "hangs. Try again in a moment; if that does not help, end that process, and resume the run."
        )


def refuse_deletion(run: Run) -> None:
    """Raises RequestError while the run is being trained or is to be kept, and as `refuse_change`."""
    refuse_change(run)
    if run.notes().keep:
        raise RequestError(f"{run.id} is kept: first say that it need not be (`{command()} runs keep {run.id} --no`).")
    refuse_training(run)


def delete(run: Run) -> Trashed:
    """Move a run with all that is in it into the trash.

    Raises RequestError as `refuse_deletion`, FailedError where the disk refuses.
    """
    refuse_deletion(run)
    return trash.throw_away(run.id, [run.path])


def _is_file(path: str) -> bool:
    stat = quick_stat(path)
    return stat is not None and S_ISREG(stat.st_mode)


def _has_lost_its_record(path: str) -> bool:
    """Whether a folder without config.json holds what a run leaves: it is listed as damaged, and hides nothing."""
    return any(quick_stat(f"{path}/{name}") for name in ("checkpoint.pt", "metrics.jsonl", "own.npz"))
