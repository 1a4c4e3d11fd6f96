"""Sweeps: start one, watch it, stop it, go on with it, work for it, and train its winner."""

from pathlib import Path
from typing import Annotated, Any

import typer

from mnist_core.cli.options import JsonOption, YesOption, make_sure, takes_settings
from mnist_core.cli.tune import report
from mnist_core.cli.tune.rate import rate
from mnist_core.config import presets
from mnist_core.config.presets import PRESETS
from mnist_core.errors import RequestError
from mnist_core.sweeps import sweep as sweeps
from mnist_core.system import trash
from mnist_core.system.plain_text import checked_name
from mnist_core.system.program import command

INTERRUPTED = 130
SweepArgument = Annotated[str, typer.Argument(help="An id, a unique beginning of one, or `latest`.")]
WorkersOption = Annotated[
    int | None, typer.Option(metavar="N", help="So many trainings at once; one a core where it is left out.")
]
app = typer.Typer(help="Search for good settings: many trainings, by Optuna.", no_args_is_help=True)


@app.command()
@takes_settings
def start(
    given: dict[str, Any],
    search: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RANGE", help="What is searched, for example learning_rate=0.001..0.3:log or model=cnn,mlp."
        ),
    ] = None,
    preset: Annotated[str, typer.Option(metavar="P", help=f"What is not searched: {', '.join(PRESETS)}.")] = "tutorial",
    trials: Annotated[
        int | None, typer.Option(metavar="N", help="How many trainings; 20 where no minutes are given.")
    ] = None,
    minutes: Annotated[float | None, typer.Option(metavar="X", help="No training begins later.")] = None,
    sampler: Annotated[str, typer.Option(help="tpe, grid, random or quasi-random.")] = "tpe",
    pruner: Annotated[str, typer.Option(help="none, median, halving or hyperband.")] = "none",
    seeds: Annotated[int, typer.Option(metavar="N", help="Trainings a trial; their mean counts.")] = 1,
    workers: WorkersOption = None,
    storage: Annotated[str, typer.Option(metavar="URL", help="A database, for workers on many machines.")] = "",
    artifacts: Annotated[
        str, typer.Option(metavar="PLACE", help="A folder or s3://BUCKET where other machines leave their runs.")
    ] = "",
    name: Annotated[str, typer.Option(help="A name for the sweep.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Start a sweep; it goes on without this terminal."""
    from mnist_core.sweeps import manager, plan, space

    searched = dict(space.parse(text) for text in search or [])
    if twice := [option for option in given if option in searched]:
        raise RequestError(f"{twice[0]} cannot be both searched and set: leave one of the two out.")
    if trials is None and minutes is None and sampler != "grid":
        trials = 20
    values: dict[str, Any] = {
        "config": presets.find(preset).values | given,
        "space": searched,
        "name": checked_name(name),
    }
    values |= {"trials": trials, "minutes": minutes, "sampler": sampler, "pruner": pruner, "seeds": seeds}
    values |= {"artifacts": str(Path(artifacts).expanduser().resolve()) if _is_folder(artifacts) else artifacts or None}
    if workers is not None:
        values["workers"] = max(workers, 1)
    made = manager.start(plan.parse(values), storage or None, workers)
    report.say(made, as_json)


def _is_folder(place: str) -> bool:
    return bool(place) and "://" not in place


@app.command()
def status(
    sweep: SweepArgument = "latest",
    every: Annotated[bool, typer.Option("--all", help="A line for each sweep.")] = False,
    as_json: JsonOption = False,
) -> None:
    """How a sweep stands, with each trial; fetches what other machines have trained."""
    from mnist_core.sweeps.workers import artifacts

    if every:
        report.say_all(sweeps.every(), as_json)
        return
    chosen = sweeps.find(sweep)
    fetched = artifacts.collect(chosen)
    report.say(chosen, as_json, with_trials=True, fetched=len(fetched))


@app.command()
def pause(sweep: SweepArgument = "latest") -> None:
    """Have the workers rest until `tune resume`; they stay alive and use no processor."""
    from mnist_core.sweeps import manager

    chosen = sweeps.find(sweep)
    manager.pause(chosen)
    print(f"{chosen.id} rests: `{command()} tune resume {chosen.id}` goes on.")


@app.command()
def stop(sweep: SweepArgument = "latest") -> None:
    """Stop a sweep; the trainings save first, and `tune resume` goes on exactly there."""
    from mnist_core.sweeps import manager

    chosen = sweeps.find(sweep)
    manager.stop(chosen)
    now = manager.wait(chosen, seconds=60)
    if now.workers + now.elsewhere:
        raise RequestError(f"{chosen.id} has not ended after 60 s: it stops as soon as its workers look.")
    print(f"{chosen.id} is {now.state}: {now.ended} of {report.total(now)} trials have ended.")


@app.command()
def resume(sweep: SweepArgument = "latest", workers: WorkersOption = None) -> None:
    """Go on with a sweep that was paused, stopped or interrupted."""
    from mnist_core.sweeps import manager

    chosen = sweeps.find(sweep)
    started = manager.resume(chosen, workers)
    print(f"{chosen.id} goes on; workers started here: {started}.")


@app.command()
def add(
    sweep: SweepArgument = "latest",
    trials: Annotated[int | None, typer.Option(metavar="N", help="So many more.")] = None,
    minutes: Annotated[float | None, typer.Option(metavar="X", help="So many more.")] = None,
) -> None:
    """Give a sweep more trials or minutes; `tune resume` goes on with one that had finished."""
    from mnist_core.sweeps import manager

    if trials is None and minutes is None:
        raise RequestError("Say how much to add: --trials or --minutes.")
    chosen = sweeps.find(sweep)
    manager.add(chosen, trials, minutes)
    now = manager.status(chosen)
    more = "" if now.workers else f" `{command()} tune resume {chosen.id}` goes on."
    print(f"{chosen.id} has {report.total(now)} trials, {now.ended} of them ended.{more}")


@app.command()
def delete(
    sweep: Annotated[str, typer.Argument(help="An id, or a unique beginning of one.")], yes: YesOption = False
) -> None:
    """Move a sweep into the trash; its runs stay."""
    from mnist_core.sweeps import manager

    chosen = sweeps.find(sweep)
    make_sure(f"Delete {chosen.id}?", yes)
    manager.delete(chosen)
    back = f"`{command()} runs restore {chosen.id}`"
    print(f"{chosen.id} is in the trash for {trash.KEPT_DAYS} days, its runs are kept; {back} brings it back.")


@app.command()
def worker(
    sweep: Annotated[str, typer.Argument(help="A sweep of this machine.")] = "latest",
    storage: Annotated[str, typer.Option(metavar="URL", help="The database of a sweep of another machine.")] = "",
    study: Annotated[str, typer.Option(metavar="NAME", help="That sweep's id.")] = "",
    artifacts: Annotated[str, typer.Option(metavar="PLACE", help="Where its artifact folder is on this machine.")] = "",
) -> int:
    """Train trial after trial of a sweep, here or of another machine, until none is left."""
    from mnist_core.sweeps.workers import loop

    if bool(storage) != bool(study):
        raise RequestError("A worker of another machine's sweep needs both --storage and --study.")
    chosen = sweeps.joined(storage, study, artifacts or None) if storage else sweeps.find(sweep)
    return 0 if loop.work(chosen) else INTERRUPTED


@app.command()
def best(
    sweep: SweepArgument = "latest",
    retrain: Annotated[
        bool, typer.Option("--retrain", help="Train it on everything, with three fresh seeds; then ask again.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """The best trial by validation digits, and what it reached when it was trained again on everything."""
    from mnist_core.sweeps import retrain as again

    chosen = sweeps.find(sweep)
    if retrain:
        again.start(chosen)
    report.say_best(chosen, as_json)


app.command()(rate)
