"""The command line: `python -m mnist_core COMMAND`. Everything a page does can be done from here.

Exit status: 0 done; 2 the request is wrong, one line on standard error saying what to do; 1 it failed;
130 interrupted (and resumable).
"""

import csv
import io
import json
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from inspect import Parameter, signature
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from mnist_core import cli_progress, data, jobs, runs
from mnist_core.config import PRESETS, TrainConfig, settings
from mnist_core.errors import FailedError, MnistError, RequestError
from mnist_core.evaluation import accuracy_sentence, answers_of, last_epoch, wilson
from mnist_core.files import cannot_write, home, write_atomically
from mnist_core.runs import Run, Status

app = typer.Typer(
    help="Train and question a handwritten-digit classifier.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
runs_app = typer.Typer(help="List the runs, or delete one.", invoke_without_command=True)
app.add_typer(runs_app, name="runs")

INTERRUPTED = 130
RunArgument = Annotated[str, typer.Argument(help="An id, a unique beginning of one, `latest` or `best`.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
NowOption = Annotated[bool, typer.Option("--now", help="Do not wait for a run that is training.")]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; a person's mistake is one line on standard error."""
    command = typer.main.get_command(app)
    try:
        result = command.main(list(arguments) if arguments is not None else None, "mnist_core", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except MnistError as error:
        print(error, file=sys.stderr)
        return error.exit_status
    except typer.exceptions.TyperException as error:  # an unknown command or option, a missing argument
        what = error.format_message().rstrip(".") or "Say which command"  # nothing was typed: the help is printed
        print(f"{what}: see `python -m mnist_core --help`.", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:  # the reader of our output has left, as `head` does
        return 1
    except OSError as error:
        print(cannot_write(Path(error.filename or home()), error), file=sys.stderr)
        return 1
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED


def takes_settings(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command one option for each hyper-parameter of `TrainConfig`, passed on as the dict `given`.

    The values stay text until `TrainConfig.parse` checks them, so that there is one check and one wording.
    """

    @wraps(command)
    def with_options(**values: Any) -> Any:
        given = {name: value for name in settings() if (value := values.pop(name)) is not None}
        return command(given=given, **values)

    own = signature(command, eval_str=True)
    options = [
        Parameter(
            setting.name,
            Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[
                str | None,
                typer.Option(
                    f"--{setting.name.replace('_', '-')}",
                    metavar={int: "N", float: "X", str: "NAME"}[setting.kind],
                    help=f"{setting.help} {setting.bounds[0].upper()}{setting.bounds[1:]}; {setting.default}.",
                ),
            ],
        )
        for setting in settings().values()
    ]
    kept = [p.replace(kind=Parameter.KEYWORD_ONLY) for name, p in own.parameters.items() if name != "given"]
    with_options.__signature__ = own.replace(parameters=options + kept)  # type: ignore[attr-defined]
    with_options.__annotations__ = {p.name: p.annotation for p in options + kept}
    del with_options.__wrapped__
    return with_options


@app.command()
def download() -> None:
    """Unpack and verify the data set."""
    folder = data.prepare()
    print(f"The data set is complete in {folder}: 60,000 training and 10,000 test digits.")


@app.command()
@takes_settings
def train(
    given: dict[str, Any],
    preset: Annotated[
        str, typer.Option(metavar="P", help=f"Start from these settings: {', '.join(PRESETS)}.")
    ] = "tutorial",
    name: Annotated[str, typer.Option(help="A name for the run.")] = "",
    now: NowOption = False,
    as_json: JsonOption = False,
) -> int:
    """Train a new run; prints its id, test loss and accuracy with its interval."""
    if preset not in PRESETS:
        raise RequestError(f"preset must be one of {', '.join(PRESETS)}; {preset!r} was given.")
    run = runs.create(TrainConfig.parse(PRESETS[preset].values | given), name)
    return _train(run, None, now, as_json)


@app.command()
def resume(
    run: Annotated[str, typer.Argument(help="An id, a unique beginning of one, or `latest`.")],
    epochs: Annotated[
        str | None,
        typer.Option(metavar="N", help="The new total: a run of 3 resumed with 8 trains 5 more."),
    ] = None,
    now: NowOption = False,
    as_json: JsonOption = False,
) -> int:
    """Go on with an interrupted run, or with a finished one for more epochs."""
    total = None if epochs is None else TrainConfig.parse({"epochs": epochs}).epochs
    return _train(runs.find(run), total, now, as_json)


def _train(run: Run, epochs: int | None, now: bool, as_json: bool) -> int:
    from mnist_core.worker import Worker

    if not as_json:
        print(run.id, flush=True)
    with cli_progress.training_bar() as on_progress:
        status = Worker(run, on_progress).work(epochs, at_once=now)
    if as_json:
        print(json.dumps(_report(run, status), indent=1))
    else:
        print(_outcome(run, status))
    return INTERRUPTED if status.state == "interrupted" else 0


def _report(run: Run, status: Status) -> dict[str, Any]:
    rows, _ = run.metrics()
    losses = [row["train_loss"] for row in rows if "train_loss" in row]
    tested = status.test_accuracy is not None
    return {
        "run": run.id,
        "state": status.state,
        "epoch": status.epoch,
        "step": status.step,
        "samples_seen": status.samples_seen,
        "train_loss": losses[-1] if losses else None,
        "test_loss": status.test_loss,
        "test_accuracy": status.test_accuracy,
        "interval": list(wilson(_correct(status), 10_000)) if tested else None,
        "train_seconds": status.train_seconds,
        "weights_hash": status.weights_hash,
    }


def _outcome(run: Run, status: Status) -> str:
    if status.state != "finished":
        return f"{status.state.capitalize()} after {status.step:,} steps: `resume {run.id}` goes on from there."
    return (
        f"Test accuracy {accuracy_sentence(_correct(status), 10_000)}, test loss {status.test_loss:.4f}, "
        f"{plural(status.epoch, 'epoch')} in {status.train_seconds:.1f} s."
    )


def plural(count: int, noun: str) -> str:
    """For example "1 epoch" and "3 epochs"."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _correct(status: Status) -> int:
    return round((status.test_accuracy or 0) * 10_000)


@app.command()
def stop(run: RunArgument = "latest") -> None:
    """Stop a training run; it saves its checkpoint first and can be resumed."""
    chosen = runs.find(run)
    jobs.stop(chosen)
    status = jobs.wait(chosen, seconds=30)
    if status.state in runs.ACTIVE:
        raise RequestError(f"{chosen.id} has not answered for 30 s: it stops as soon as its process goes on.")
    print(f"{chosen.id} is {status.state} after {status.step:,} steps.")


@app.command()
def test(run: RunArgument = "best", as_json: JsonOption = False) -> None:
    """Evaluate a run's weights on the 10,000 test digits."""
    chosen = runs.find(run)
    epoch = last_epoch(chosen)
    answers = answers_of(chosen, epoch, recompute=True)
    if as_json:
        report = {
            "run": chosen.id,
            "epoch": epoch,
            "test_loss": answers.loss,
            "test_accuracy": answers.accuracy,
            "interval": list(wilson(answers.correct, len(answers))),
        }
        print(json.dumps(report, indent=1))
    else:
        print(f"{chosen.id} after {plural(epoch, 'epoch')}")
        print(f"Test accuracy {accuracy_sentence(answers.correct, len(answers))}, test loss {answers.loss:.4f}.")


@app.command()
def predict(
    images: Annotated[list[Path], typer.Argument(help="Pictures of one digit each: any size, any polarity.")],
    run: Annotated[str, typer.Option(help="An id, a unique beginning of one, `latest` or `best`.")] = "best",
    as_json: JsonOption = False,
) -> None:
    """Say what digit is on each picture."""
    from mnist_core import drawing

    pictures = [drawing.prepare(drawing.read_picture(path)) for path in images]  # refused before torch is imported
    from mnist_core.prediction import load_network, probabilities

    network = load_network(runs.find(run))
    results: list[dict[str, Any]] = []
    for path, prepared in zip(images, pictures, strict=True):
        result: dict[str, Any] = {"path": str(path), "digit": None, "probabilities": None, "warning": None}
        if prepared is None:
            result["warning"] = "The picture is blank: there is no digit on it."
        else:
            result["probabilities"] = probabilities(network, prepared.image[None])[0].tolist()
            result["digit"] = max(range(10), key=result["probabilities"].__getitem__)
        results.append(result)
    if as_json:
        print(json.dumps(results, indent=1))
    else:
        for result in results:
            if result["warning"]:
                print(f"{result['path']}: {result['warning']}")
            else:
                print(f"{result['path']}: {result['digit']} ({max(result['probabilities']):.1%})".replace("%", " %"))


@app.command()
def mistakes(
    run: RunArgument = "best",
    csv_file: Annotated[Path | None, typer.Option("--csv", help="Write them here, all ten probabilities too.")] = None,
) -> None:
    """The misclassified test digits, the largest loss first."""
    chosen = runs.find(run)
    answers = answers_of(chosen)
    rows = [
        [i, answers.labels[i], answers.predicted[i], *(f"{p:.6f}" for p in answers.probabilities[i])]
        + [f"{answers.losses[i]:.6f}"]
        for i in answers.mistakes
    ]
    header = ["index", "true", "predicted", *(f"p{digit}" for digit in range(10)), "loss"]
    if csv_file is None:
        print(f"{'index':>5}  true  predicted  probability    loss")
        for i in answers.mistakes:
            print(
                f"{i:>5}  {answers.labels[i]:>4}  {answers.predicted[i]:>9}  {answers.confidence[i]:>11.4f}  "
                f"{answers.losses[i]:>6.3f}"
            )
        print(f"{chosen.id}: {len(rows)} of {len(answers):,} test digits misread.")
        return
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    write_atomically(csv_file, text.getvalue().encode())
    print(f"{chosen.id}: {len(rows)} of {len(answers):,} test digits misread, written to {csv_file}.")


@runs_app.callback()
def list_runs(context: typer.Context, as_json: JsonOption = False) -> None:
    """List the runs, newest first."""
    if context.invoked_subcommand:
        return
    listed = []
    for run in runs.every():
        try:
            listed.append((run, run.record(), run.status()))
        except FailedError as error:  # a damaged run does not hide the others
            print(error, file=sys.stderr)
    if as_json:
        print(
            json.dumps(
                [_report(run, status) | {"config": record.config.model_dump()} for run, record, status in listed],
                indent=1,
            )
        )
        return
    if not listed:
        print("There is no run yet: train one with `python -m mnist_core train`.")
        return
    table = Table("run", "state", "epochs", "test accuracy", "learning rate", "momentum", "batch size", box=None)
    for run, record, status in listed:
        accuracy = "" if status.test_accuracy is None else f"{status.test_accuracy:.2%}".replace("%", " %")
        c = record.config
        epochs = f"{status.epoch} of {c.epochs}"
        table.add_row(
            run.id, status.state, epochs, accuracy, f"{c.learning_rate:g}", f"{c.momentum:g}", str(c.batch_size)
        )
    Console(width=None if sys.stdout.isatty() else 120).print(table)


@runs_app.command("delete")
def delete_run(run: Annotated[str, typer.Argument(help="An id, or a unique beginning of one.")]) -> None:
    """Delete a run and all that is in it."""
    chosen = runs.find(run)
    runs.delete(chosen)
    print(f"{chosen.id} is deleted.")
