"""`tune rate`: the learning-rate finder."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from mnist_core.cli import progress
from mnist_core.cli.options import JsonOption, takes_settings
from mnist_core.config import presets
from mnist_core.config.presets import PRESETS
from mnist_core.config.train_config import TrainConfig
from mnist_core.errors import MnistError
from mnist_core.system.program import command

SHARES = 20  # so often the file of `--output` is renewed meanwhile


@takes_settings
def rate(
    given: dict[str, Any],
    preset: Annotated[str, typer.Option(metavar="P", help=f"One of {', '.join(PRESETS)}.")] = "tutorial",
    updates: Annotated[int, typer.Option(metavar="N", help="So many, from 50 to 5,000.")] = 300,
    output: Annotated[Path | None, typer.Option(hidden=True)] = None,
    as_json: JsonOption = False,
) -> None:
    """Find a learning rate: some hundred updates while it rises, and what the loss does; nothing is kept."""
    from mnist_core.sweeps.rate import write

    config = TrainConfig.parse(presets.find(preset).values | given)
    try:
        with progress.share_bar("Raising the rate") as advance:
            found = _find(config, updates, advance if output is None else _to_file(output))
    except MnistError as error:
        if output is not None:
            write(output, error=str(error))
        raise
    if output is not None:
        write(output, share=1.0, points=found.points, suggestion=found.suggestion, reason=found.reason)
    elif as_json:
        print(json.dumps(found._asdict(), indent=1))
    elif found.suggestion is None:
        print(found.reason)
    else:
        print(f"Learning rate {found.suggestion:g}. {found.reason}")
        print(f"Try it: `{command()} train --learning-rate {found.suggestion:g}` with the same settings.")


def _find(config: TrainConfig, updates: int, on_progress: Callable[[float], None]) -> Any:
    from mnist_core.data import mnist
    from mnist_core.training.rate_finder import find_rate

    return find_rate(config, mnist.load(), updates, on_progress)


def _to_file(output: Path) -> Callable[[float], None]:
    from mnist_core.sweeps.rate import write

    told = [0]

    def advance(share: float) -> None:
        if int(share * SHARES) > told[0]:
            told[0] = int(share * SHARES)
            write(output, share=share)

    return advance
