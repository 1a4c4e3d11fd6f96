"""The exceptions a person can be shown: each message is one sentence that says what to do.

MnistError
├── RequestError    what was asked for is wrong; the person can mend it   exit status 2
└── FailedError     the request was right, the machine or the training failed   exit status 1
"""


class MnistError(Exception):
    """Base of every error whose message is written for a person."""

    exit_status = 1


class RequestError(MnistError):
    """The request is wrong: a value out of bounds, an unknown run, a file that is no picture."""

    exit_status = 2


class FailedError(MnistError):
    """The request was right but could not be carried out: a full disk, a damaged file, divergence."""
