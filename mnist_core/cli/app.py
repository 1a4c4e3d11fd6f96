"""The command line: `mnist-lab COMMAND`, or from a clone `python -m mnist_core COMMAND`.

Everything a page does can be done from here.

Exit status: 0 done; 2 the request is wrong, one line on standard error saying what to do; 1 it failed;
130 interrupted (and resumable).
"""

import io
import os
import runpy
import signal
import sys
from collections.abc import Sequence
from itertools import chain, pairwise
from typing import Annotated

import typer

from mnist_core.cli import analyse, drawings, evaluate, runs, steer, train
from mnist_core.cli.ablate import app as ablate
from mnist_core.cli.export import app as export
from mnist_core.cli.inside import fool
from mnist_core.cli.train import INTERRUPTED
from mnist_core.cli.tune import app as tune
from mnist_core.data.download import prepare
from mnist_core.errors import FailedError, MnistError
from mnist_core.jobs import launcher
from mnist_core.jobs.doctor import complaints, facts
from mnist_core.runs import store
from mnist_core.runs.records import ACTIVE
from mnist_core.sweeps import examination
from mnist_core.system.files import REPOSITORY
from mnist_core.system.plain_text import harmless
from mnist_core.system.program import command, hand_on
from mnist_core.system.trouble import as_sentence

THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
app = typer.Typer(
    help="Train and question a handwritten-digit classifier.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; a person's mistake is one line on standard error."""
    commands = typer.main.get_command(app)
    if isinstance(sys.stdout, io.TextIOWrapper):  # a terminal that lacks a letter of a name shows its number
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        result = commands.main(list(arguments) if arguments is not None else None, command(), standalone_mode=False)
        if sys.stdout:  # none where it was closed
            sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except MnistError as error:
        print(harmless(str(error)), file=sys.stderr)
        return error.exit_status
    except typer.exceptions.TyperException as error:  # an unknown command or option, a missing argument
        what = error.format_message().rstrip(".") or "Say which command"  # nothing was typed: the help is printed
        print(f"{harmless(what)}: see `{command()} --help`.", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:  # the reader of our output has left, as `head` does
        _drop_output()
        return 1
    except (KeyboardInterrupt, typer.Abort):
        print("Interrupted.", file=sys.stderr)
        return INTERRUPTED
    except Exception as error:
        told = _refused_output() or as_sentence(error)
        if told is None:
            raise
        print(harmless(str(told)), file=sys.stderr)
        return told.exit_status


def _refused_output() -> FailedError | None:
    """What is said where standard output cannot be written, as on a full disk; None where it can."""
    try:
        if sys.stdout:
            sys.stdout.flush()
    except OSError as error:
        _drop_output()
        return FailedError(f"The output cannot be written ({error.strerror}): send it to where there is space.")
    return None


def _drop_output() -> None:
    """Send what standard output still holds nowhere, or Python would try to write it again at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@app.command("app", context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
def dashboard(
    context: typer.Context,
    stop_trainings: Annotated[
        bool, typer.Option("--stop-trainings", help="When it ends, so do the trainings; they save, and can be resumed.")
    ] = False,
) -> None:
    """Start the dashboard; what else is given goes to Streamlit (--server.port=8502)."""
    hand_on()
    page = str(REPOSITORY / "streamlit_app.py")
    sys.argv = ["streamlit", "run", page, *_allowed_hosts(context.args), *context.args]
    try:
        runpy.run_module("streamlit", run_name="__main__")
    finally:
        if stop_trainings:
            _stop_trainings()


def _allowed_hosts(arguments: Sequence[str]) -> list[str]:
    """The option that lets the dashboard be called by the one address it is told to listen on.

    `.streamlit/config.toml` allows the names of this machine for itself; it cannot know another address. None for an
    address that stands for all, and where somebody has said which names are allowed.
    """
    given = dict(pairwise([*arguments, ""]))  # --option value
    given |= {name: value for name, equals, value in (one.partition("=") for one in arguments) if equals}
    address = given.get("--server.address") or os.environ.get("STREAMLIT_SERVER_ADDRESS", "")
    is_told = "--server.allowedHosts" in given or "STREAMLIT_SERVER_ALLOWED_HOSTS" in os.environ
    if is_told or address in ("", "0.0.0.0", "::", *THIS_MACHINE):
        return []
    return [f"--server.allowedHosts={name}" for name in (*THIS_MACHINE, address)]


def _stop_trainings() -> None:
    """Interrupt every training, and return when all have saved: a container's end would kill them a moment later."""
    active = [(run, status.pid) for run in store.every() if (status := run.status()).state in ACTIVE]
    for _, pid in active:
        if pid not in (None, os.getpid()):
            os.kill(pid, signal.SIGTERM)
    for run, _ in active:
        launcher.wait(run, seconds=30)


@app.command()
def download() -> None:
    """Unpack and verify the data set."""
    folder = prepare()
    print(f"The data set is complete in {folder}: 60,000 training and 10,000 test digits.")


@app.command()
def doctor(
    repair: Annotated[bool, typer.Option("--repair", help="Mend what can be mended without losing anything.")] = False,
) -> int:
    """Check the installation, data, disk, and every run, drawing and sweep: a line for each thing that is wrong."""
    for name, fact in facts().items():
        print(harmless(f"{name + ':':14}{fact}"))
    found = left = 0
    for complaint in chain(complaints(), examination.complaints()):
        mended = ""
        if repair and complaint.repair is not None:
            try:
                complaint.repair()
                mended = "Mended: "
            except MnistError as error:  # what else is wrong is said all the same
                print(harmless(str(error)), file=sys.stderr)
        found, left = found + 1, left + (not mended)
        print(harmless(f"{mended}{complaint.sentence}"))
    if not found:
        print("Nothing is wrong: every file is as it was written.")
    return 1 if left else 0


app.add_typer(train.app)
app.add_typer(steer.app)
app.add_typer(evaluate.app)
app.add_typer(analyse.app)
app.add_typer(ablate.app)
app.add_typer(fool.app)
app.add_typer(drawings.app)
app.add_typer(export.app)
app.add_typer(runs.app, name="runs")
app.add_typer(tune.app, name="tune")
