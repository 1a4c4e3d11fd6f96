"""A file that is not there yet."""

import os
from pathlib import Path

from mnist_core.errors import RequestError


def refuse(path: Path, ending: str) -> None:
    """Raises RequestError where something is there already under this name, or it does not end in `ending`."""
    if path.suffix != ending or not path.stem:
        raise RequestError(f"{path} must end in {ending}: for example {path.with_suffix('').name or 'mnist'}{ending}.")
    if os.path.lexists(path):
        raise RequestError(f"{path} is there already: name a file that is not there yet, or move this one.")
