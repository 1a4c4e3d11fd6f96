"""What is printed of a sweep."""

import json
import sys
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from mnist_core.errors import MnistError, RequestError
from mnist_core.evaluation.statistics import plural, share
from mnist_core.sweeps import manager, results, retrain
from mnist_core.sweeps.results import TrialRow
from mnist_core.sweeps.sweep import Sweep
from mnist_core.system.plain_text import harmless
from mnist_core.system.program import command

WIDE = 500  # columns where it is no terminal


def total(now: manager.SweepStatus) -> str:
    """How many trials there are to be."""
    return "as many as fit" if now.trials is None else f"{now.trials:,}"


def say(sweep: Sweep, as_json: bool, with_trials: bool = False, fetched: int = 0) -> None:
    """How a sweep stands."""
    now, rows = manager.look(sweep)
    if as_json:
        document = _document(sweep, now)
        if with_trials:
            document["trial_rows"] = [_row_document(row) for row in rows]
        print(json.dumps(document, indent=1))
        return
    print(sweep.id)
    if with_trials:
        _table(rows)
    counts = [f"{getattr(now, state)} {state}" for state in ("complete", "pruned", "failed", "running", "waiting")]
    told = ", ".join(count for count in counts if not count.startswith("0 "))
    left = "" if not now.seconds_left else f"; about {_duration(now.seconds_left)} left"
    print(f"It is {now.state}: of {total(now)} trials {told or 'none has begun'}{left}.")
    where = f", {now.elsewhere} elsewhere" if now.elsewhere else ""
    print(f"{plural(now.workers, 'worker')} on this machine{where}.")
    if now.yields:
        print("It waits: a training of a person goes first.")
    if fetched:
        print(f"{plural(fetched, 'run')} came from other machines.")
    if now.best is not None:
        print(f"Best so far: trial {now.best.number}, {share(now.best.accuracy or 0, 2)} of the validation digits.")
    if now.state == "interrupted" and (said := manager.last_words(sweep)):
        print(f"Its workers have ended; the last said: {said}")
    if now.state in ("stopped", "interrupted", "paused"):
        print(f"`{command()} tune resume {sweep.id}` goes on.")


def say_all(known: list[Sweep], as_json: bool) -> None:
    """How each sweep stands, in a line; of one whose storage is away, why."""
    documents = []
    for sweep in known:
        try:
            now = manager.status(sweep)
        except MnistError as error:
            documents.append({"sweep": sweep.id, "error": str(error)})
            if not as_json:
                print(harmless(f"{sweep.id}: {error}"))
            continue
        documents.append(_document(sweep, now))
        if not as_json:
            name = f" ({sweep.file().name})" if sweep.file().name else ""
            print(harmless(f"{sweep.id}{name} is {now.state}: {now.ended} of {total(now)} trials have ended."))
    if as_json:
        print(json.dumps(documents, indent=1))


def say_best(sweep: Sweep, as_json: bool) -> None:
    """The best trial, and what it reached when it was trained again."""
    row = results.best(sweep)
    if row is None:
        raise RequestError(f"{sweep.id} has no complete trial yet: see `{command()} tune status {sweep.id}`.")
    plan = sweep.plan()
    size = plan.config.validation_size
    interval = results.accuracy_interval(row, size)
    again = retrain.outcome(sweep)
    config = plan.config.replace(**row.values)
    if as_json:
        document = {"sweep": sweep.id, **_row_document(row), "interval": interval, "validation_size": size}
        document["config"] = config.model_dump()
        document["retrained"] = None if again is None else [_fresh_document(run) for run in again.runs]
        document["retrained_mean"] = None if again is None else again.mean
        document["retrained_interval"] = None if again is None else again.mean_interval
        print(json.dumps(document, indent=1))
        return
    told = interval.in_words() if interval else ""
    print(f"Trial {row.number} of {sweep.id}: {share(row.accuracy or 0, 2)} of {size:,} validation digits ({told}).")
    print(", ".join(f"{name} {_short(value)}" for name, value in row.values.items()))
    print("The best of many is partly luck: its fresh seeds show how much.")
    if again is None:
        print(
            f"`{command()} tune best {sweep.id} --retrain` trains it on everything, with {retrain.SEEDS} fresh seeds."
        )
        return
    for fresh in again.runs:
        if fresh.test_accuracy is None or fresh.interval is None:
            print(f"{fresh.run.id} (seed {fresh.seed}) is {fresh.state}.")
        else:
            reached = f"{share(fresh.test_accuracy, 2)} of the test digits"
            print(f"{fresh.run.id} (seed {fresh.seed}): {reached} ({fresh.interval.in_words()}).")
    print(again.sentence)


def _document(sweep: Sweep, now: manager.SweepStatus) -> dict[str, Any]:
    said = now._asdict() | {"best": None if now.best is None else _row_document(now.best)}
    return {"sweep": sweep.id, "name": sweep.file().name, **said}


def _row_document(row: TrialRow) -> dict[str, Any]:
    said = row._asdict()
    return {"trial": said.pop("number"), **said}


def _fresh_document(fresh: retrain.FreshRun) -> dict[str, Any]:
    return fresh._asdict() | {"run": fresh.run.id}


def _table(rows: list[TrialRow]) -> None:
    names = list(dict.fromkeys(name for row in rows for name in row.values))
    table = Table("trial", "state", "validation accuracy", *names, "seconds", "run", "", box=None)
    for row in rows:
        if row.state == "waiting" and not row.values:
            continue
        accuracy = "" if row.accuracy is None else share(row.accuracy, 2)
        values = [_short(row.values[name]) if name in row.values else "" for name in names]
        seconds = "" if row.seconds is None else f"{row.seconds:.1f}"
        cells = [str(row.number), row.state, accuracy, *values, seconds, " ".join(row.runs), row.sentence]
        table.add_row(*map(Text, cells))  # Text: what stands in a storage is no markup
    if table.row_count:
        Console(width=None if sys.stdout.isatty() else WIDE).print(table)


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _duration(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"
