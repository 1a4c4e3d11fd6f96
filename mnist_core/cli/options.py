"""What commands share: their common arguments, and an option for every hyper-parameter."""

import sys
from collections.abc import Callable
from functools import wraps
from inspect import Parameter, signature
from typing import Annotated, Any

import typer

from mnist_core.config.train_config import settings
from mnist_core.errors import FailedError, RequestError

RunArgument = Annotated[str, typer.Argument(help="An id, a unique beginning of one, `latest`, `best` or `shipped`.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
NowOption = Annotated[bool, typer.Option("--now", help="Do not wait for a run that is training.")]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def make_sure(question: str, is_sure: bool) -> None:
    """Ask before something is deleted, unless `--yes` was given.

    Raises RequestError where nobody can be asked, FailedError where the answer is no.
    """
    if is_sure:
        return
    if sys.stdin is None or not sys.stdin.isatty():
        raise RequestError("Nothing is deleted without being asked, and this is no terminal: say --yes.")
    if not typer.confirm(question, err=True):
        raise FailedError("Nothing was deleted.")


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
                    help=f"{setting.help} {setting.bounds[0].upper()}{setting.bounds[1:]}; default {setting.default}.",
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
