"""What a ZIP file of a run holds: which files, how large at most, and the list of them with their hashes.

Left out is what belongs to the other machine (control.json, locks, log.txt, the folder's own manifest.json) and what is
computed from the weights again (robustness, maps, features). A fitted temperature is not: answers depend on it.
"""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field

from mnist_core.runs import own_digits, store
from mnist_core.runs.records import ACTIVE, Status
from mnist_core.runs.run import Notes
from mnist_core.runs.values import Time, Word

LISTING = "export.json"
MAX_ZIP = 400_000_000  # bytes packed; 100 epochs of the largest network have some 150 million
MAX_UNPACKED = 500_000_000
MAX_NAMES = 1000  # 100 epochs have some 300
MAX_LISTING = 1_000_000
MAX_CHECKPOINT = 50_000_000
_EPOCH = r"epochs/[0-9]{4,6}\."
_MOST = {  # bytes unpacked
    r"(config|status|notes)\.json": 1_000_000,
    r"metrics\.jsonl": 64_000_000,  # some 400,000 rows; a row is logged every ten updates
    r"events\.jsonl": 10_000_000,
    r"checkpoint\.pt": MAX_CHECKPOINT,
    r"start\.safetensors": 20_000_000,
    re.escape(own_digits.NAME): own_digits.MAX_BYTES,
    rf"{_EPOCH}safetensors": 20_000_000,
    rf"{_EPOCH}test\.npy": 1_000_000,
    rf"{_EPOCH}calibration\.json": 10_000,
}
NEEDED = ("config.json", "status.json", "metrics.jsonl")
REWRITTEN = ("config.json", "status.json", "notes.json")  # they say something else once the run is here


def most_bytes(name: str) -> int | None:
    """How large a file of this path in a run's folder may be; None where none of this name is taken along."""
    return next((most for pattern, most in _MOST.items() if re.fullmatch(pattern, name)), None)


def _is_id(text: str) -> str:
    if not store.ID.fullmatch(text):
        raise ValueError("is no run's id")
    return text


class Listing(BaseModel):
    """`export.json`: it lies first in the ZIP file, and holds its own digest beside this."""

    format: Literal[1] = 1  # a later one is refused
    run: Annotated[str, AfterValidator(_is_id)]
    version: Word  # of the program that wrote it
    exported: Time
    files: Annotated[
        dict[str, tuple[Annotated[int, Field(ge=0)], Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]]],
        Field(max_length=MAX_NAMES),
    ]  # bytes and SHA-256, by the path in the run's folder


def at_rest(status: Status) -> Status:
    """The status of a copy that no process trains: what is known of the process and its machine is left out."""
    state = "interrupted" if status.state in ACTIVE else status.state
    nobody = dict.fromkeys(("pid", "process_started", "heartbeat_uptime", "images_per_second"))
    return status.model_copy(update={"state": state, "pid_namespace": 0, **nobody})


def taken_along(notes: Notes) -> dict[str, object]:
    """What a person said of the run; that it be kept was said of the run there."""
    return notes.model_dump(exclude_unset=True, exclude={"keep"})
