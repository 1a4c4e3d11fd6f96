"""The exceptions a person can be shown: each message is one sentence that says what to do.

MnistError
├── RequestError    what was asked for is wrong; the person can mend it   exit status 2
└── FailedError     the request was right, the machine or the training failed   exit status 1
    ├── DivergedError   the loss is no longer a number
    ├── DiskError       a file or folder cannot be written, or read
    ├── DataError       the data set is missing or damaged
    └── DamagedError    a file of a run is missing or damaged
"""

from typing import Literal

FailureKind = Literal["diverged", "disk", "data", "damaged", "other"]


class MnistError(Exception):
    """Base of every error whose message is written for a person."""

    exit_status = 1
    kind: FailureKind = "other"  # what status.json says of a run that it ended


class RequestError(MnistError):
    """The request is wrong: a value out of bounds, an unknown run, a file that is no picture."""

    exit_status = 2


class FailedError(MnistError):
    """The request was right but could not be carried out."""


class DivergedError(FailedError):
    """The loss is infinite or not a number, and the weights are beyond repair."""

    kind = "diverged"


class DiskError(FailedError):
    """A file or folder cannot be written or read: a full or failing disk, or missing rights."""

    kind = "disk"


class DataError(FailedError):
    """The data set is missing, damaged, or cannot be downloaded."""

    kind = "data"


class DamagedError(FailedError):
    """A file of a run is missing or damaged."""

    kind = "damaged"
