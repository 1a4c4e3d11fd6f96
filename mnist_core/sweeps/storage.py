"""Optuna's storage, the only thing that workers share: a journal file on one machine, or a database for many."""

import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from mnist_core.errors import DamagedError, FailedError, RequestError
from mnist_core.system.files import make_folder

if TYPE_CHECKING:
    from optuna import Study
    from optuna.storages import BaseStorage

INSTALL = 'Tuning needs Optuna: `pip install "mnist-lab[tune]"`, or in a clone `pip install -r requirements.txt`.'
PATIENCE_SECONDS = 300.0  # so long a worker with a result waits for a database that is away
CONNECT_SECONDS, SILENT_SECONDS = 10, 20  # until a database that does not answer is away
_opened: dict[tuple[str, int], "BaseStorage"] = {}
_lock = threading.Lock()
Result = TypeVar("Result")


class StorageAwayError(RequestError):
    """The storage cannot be reached just now; what was told before is in it."""


def refuse_missing_optuna() -> None:
    """Raises RequestError, one sentence, where Optuna is not installed."""
    try:
        import optuna
    except ImportError as error:
        raise RequestError(INSTALL) from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)


def checked_url(url: str) -> str:
    """The address of a database. Raises RequestError where it is none, or of a kind that cannot be shared."""
    refuse_missing_optuna()
    try:
        from sqlalchemy.engine import make_url
        from sqlalchemy.exc import ArgumentError
    except ImportError as error:
        raise RequestError(INSTALL) from error
    try:
        kind = make_url(url).get_backend_name()
    except (ArgumentError, ValueError) as error:
        raise RequestError(
            f"The storage {url!r} is no address of a database: write postgresql+psycopg://USER@HOST/DATABASE."
        ) from error
    if kind == "sqlite":
        raise RequestError(
            "SQLite is not made for several workers: leave the storage out, or name a PostgreSQL database."
        )
    return url


def shown(url: str) -> str:
    """A database's address without its password."""
    from sqlalchemy.engine import make_url

    return make_url(url).render_as_string(hide_password=True)


def opened(place: Path | str, grace_seconds: int = 60) -> "BaseStorage":
    """The storage in the journal file `place`, or in the database of that address.

    It is opened once in a process: what was read of a long journal is kept.

    Raises RequestError where Optuna is missing, StorageAwayError where the database cannot be reached, DamagedError
    where the journal is damaged.
    """
    refuse_missing_optuna()
    key = (str(place), grace_seconds)
    with _lock:
        if key not in _opened or getattr(_opened[key], "is_damaged", False):
            if isinstance(place, Path):
                from mnist_core.sweeps import journal

                make_folder(place.parent)
                _opened[key] = journal.opened(place)
            else:
                _opened[key] = _database(checked_url(place), grace_seconds)
        return _opened[key]


def _database(url: str, grace_seconds: int) -> "BaseStorage":
    from optuna import storages

    options: dict[str, Any] = {"pool_pre_ping": True}  # a database that was started again is found again
    if url.startswith("postgresql"):
        options["connect_args"] = {"connect_timeout": CONNECT_SECONDS, "tcp_user_timeout": 1000 * SILENT_SECONDS}
    with telling(url), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the heartbeat is marked experimental
        try:
            return storages.get_storage(
                storages.RDBStorage(
                    url,
                    options,
                    heartbeat_interval=max(grace_seconds // 6, 1),
                    grace_period=grace_seconds,
                )
            )
        except ImportError as error:
            raise RequestError(f"The driver for {shown(url)} is not installed. {INSTALL}") from error


def study_of(place: Path | str, name: str, grace_seconds: int = 60) -> "Study":
    """The study of this name. Raises RequestError where the storage has none, and as `opened`."""
    refuse_missing_optuna()
    import optuna

    with telling(place):
        storage = opened(place, grace_seconds)
        try:
            return optuna.load_study(study_name=name, storage=storage, sampler=optuna.samplers.RandomSampler())
        except KeyError as error:
            if isinstance(place, Path):
                raise DamagedError(f"{place} has lost the sweep {name}: put a copy of it back.") from error
            raise RequestError(
                f"{shown(place)} has no study {name!r}: see `tune status` where it was started."
            ) from error


@contextmanager
def telling(place: Path | str) -> Iterator[None]:
    """What a storage refuses, told as a sentence. Raises StorageAwayError where it cannot be reached."""
    try:
        yield
    except (RequestError, FailedError):
        raise
    except Exception as error:
        if not is_away(error):
            raise
        if isinstance(place, Path):
            why = getattr(error, "strerror", None) or error
            raise StorageAwayError(
                f"The sweep's journal {place} cannot be used ({why}): check that it is there, its rights and its disk."
            ) from error
        raise StorageAwayError(
            f"The sweep's storage, {shown(place)}, cannot be reached: start it and try again; nothing is lost."
        ) from error


def patiently(call: Callable[[], Result], place: Path | str, gives_up: Callable[[], bool] = lambda: False) -> Result:
    """What `call` returns; while the storage is away it is tried again, for five minutes or until `gives_up`.

    Raises StorageAwayError where it stays away.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with telling(place):
                return call()
        except StorageAwayError:
            if gives_up() or time.monotonic() > deadline:
                raise
            time.sleep(0.5)


def is_away(error: BaseException | None) -> bool:
    """Whether it is about the connection, the disk or the database's state, not about what was asked."""
    import optuna

    if isinstance(error, StorageAwayError):
        return True
    if isinstance(error, optuna.exceptions.StorageInternalError):
        return is_away(error.__cause__) or error.__cause__ is None
    try:
        from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, PendingRollbackError
    except ImportError:
        return isinstance(error, OSError)
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return isinstance(error, OperationalError | InterfaceError | PendingRollbackError | OSError)
