"""The command line: `python -m mnist_core COMMAND`. Everything a page does can be done from here.

Exit status: 0 done; 2 the request is wrong, one line on standard error saying what to do; 1 it failed;
130 interrupted (and resumable).
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from mnist_core.cli import analyse, drawings, evaluate, runs, steer, train
from mnist_core.cli.train import INTERRUPTED
from mnist_core.data.download import prepare
from mnist_core.errors import MnistError
from mnist_core.system.files import cannot_write, home

app = typer.Typer(
    help="Train and question a handwritten-digit classifier.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


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


@app.command()
def download() -> None:
    """Unpack and verify the data set."""
    folder = prepare()
    print(f"The data set is complete in {folder}: 60,000 training and 10,000 test digits.")


app.add_typer(train.app)
app.add_typer(steer.app)
app.add_typer(evaluate.app)
app.add_typer(analyse.app)
app.add_typer(drawings.app)
app.add_typer(runs.app, name="runs")
