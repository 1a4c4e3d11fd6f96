"""Long questions about one checkpoint: each is answered once, by a process of its own, and kept beside the weights.

`python -m mnist_core robustness RUN` is such a process. It holds a lock for as long as it lives, says in a file how
far it is, and leaves the answer as JSON that names the weights it is about: trained on, a run is asked anew.
"""

import contextlib
import hashlib
import json
import logging
import os
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import psutil
from filelock import FileLock

from mnist_core.errors import DamagedError
from mnist_core.runs import manifest, progress
from mnist_core.runs.progress import Progress, State, reporting_failure
from mnist_core.runs.run import Run
from mnist_core.runs.store import runs_folder
from mnist_core.system import processes
from mnist_core.system.files import MAX_JSON, FolderLock, make_folder, parse_json

T = TypeVar("T")  # what an answer is read as

log = logging.getLogger(__name__)  # what nobody sets up goes to standard error
NICENESS = 10  # what a person looks at goes before
REPORT_SECONDS = 0.3
_starting = threading.Lock()  # two sessions of the dashboard are two threads


@dataclass(frozen=True)
class Study:
    """One question, `name` (also the command that answers it), about a run's weights after `epoch` epochs.

    `definition` (plain JSON values) is what the answer depends on besides the weights: answers to another are not used.
    """

    run: Run
    epoch: int
    name: str
    definition: Any = None
    decode: Callable[[Any], Any] = lambda answer: answer  # a file whose answer it stumbles over is damaged
    options: tuple[str, ...] = ()  # of the command besides, for example ("--each", "conv1"); each has files of its own

    def load(self) -> Any | None:
        """The answer (plain JSON values), or None where there is none about these very weights.

        Raises DamagedError where the answer or the weights are damaged.
        """
        came_with_it = self.run.path / "epochs" / self._file("json").name  # of the shipped run; else the same file
        for file in (self._file("json"), came_with_it):
            try:
                found = parse_json(manifest.read(file, MAX_JSON))
            except (OSError, ValueError):
                continue
            if isinstance(found, dict) and found.get("about") == self._about() and self._is_whole(found.get("answer")):
                return found["answer"]
        return None

    def _is_whole(self, answer: Any) -> bool:
        try:
            return self.decode(answer) is not None
        except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError):
            return False

    def load_if_whole(self) -> Any | None:
        """As `load`; None where the answer is damaged, for it can be computed again. That is logged."""
        try:
            return self.load()
        except DamagedError as error:
            self._about()  # raises where it is the weights
            log.warning("%s", error)
            return None

    def save(self, answer: Any, about: dict[str, Any] | None = None) -> None:
        """Keep the answer (plain JSON values), which is about the weights as they are, or as they were."""
        said = {"about": about or self._about(), "answer": answer}
        manifest.replace(self._file("json"), (json.dumps(said, indent=1) + "\n").encode())

    def progress(self) -> Progress | None:
        """How far it is; None where nobody has asked, or the answer is there."""
        return progress.look(self._file("progress.json"), self._lock())

    def start(self) -> None:
        """Answer in a process of its own, unless one is at it. Raises FailedError where none can be started."""
        with _starting:
            now = self.progress()
            if self.load_if_whole() is not None or (now and now.is_active):
                return
            self.run.make_derived_folder()
            self._report("starting")
            command = [self.name, self.run.id, "--epoch", str(self.epoch), *self.options]
            process = processes.start_command(command, self._file("log"))
            if os.name == "posix":
                with contextlib.suppress(psutil.Error):  # it has ended: its file says why
                    psutil.Process(process.pid).nice(NICENESS)

    def load_or_compute(
        self, compute: Callable[[Callable[[float], None]], Any], report: Callable[[float], None] = lambda share: None
    ) -> Any:
        """The kept answer, or else `compute`'s, which is kept.

        `compute` is handed a function that takes the share done, 0 to 1, and passes it on to `report`.
        One study is computed at a time; who comes second waits, and an answer that came meanwhile is taken.
        Raises what `compute` raises, and leaves it in the progress file.
        """
        self.run.make_derived_folder()
        with self._lock():
            if (found := self.load_if_whole()) is not None:
                self._file("progress.json").unlink(missing_ok=True)
                return found
            about = self._about()
            with reporting_failure(self._file("progress.json"), self._file("log")):
                self._report("waiting")
                with FileLock(make_folder(runs_folder()) / ".studies.lock"):
                    self._report("running")
                    found = compute(self._reporter(report))
            self.save(found, about)
            self._file("progress.json").unlink(missing_ok=True)
            return found

    def _reporter(self, report: Callable[[float], None]) -> Callable[[float], None]:
        last = 0.0

        def both(share: float) -> None:
            nonlocal last
            report(share)
            if time.monotonic() - last > REPORT_SECONDS:
                last = time.monotonic()
                self._report("running", share)

        return both

    def _report(self, state: State, share: float = 0.0) -> None:
        progress.report(self._file("progress.json"), state, share)

    def _about(self) -> dict[str, Any]:
        weights = self.run.weights(self.epoch)
        try:
            content = manifest.read(weights)
        except OSError as error:
            raise DamagedError(f"{weights} is missing: train the run again, or choose another.") from error
        return {"weights": hashlib.sha256(content).hexdigest(), "definition": self.definition}

    def _file(self, ending: str) -> Path:
        name = re.sub(r"\W+", "-", "-".join((self.name, *self.options)))
        return self.run.derived(self.epoch, f"{name}.{ending}")

    def _lock(self) -> FolderLock:
        return FolderLock(self._file("lock"))


@dataclass(frozen=True)
class Analysis(Generic[T]):
    """A kind of study: how it is computed and read. Each has a command of its `name` (`interpretation/analyses.py`)."""

    name: str
    compute: Callable[[Run, int, Callable[[float], None]], Any]  # plain JSON values; is told where to report the share
    decode: Callable[[Any], T]
    definition: Any = None  # as in `Study`

    def study(self, run: Run, epoch: int) -> Study:
        """The question, asked of the run's weights after `epoch` epochs."""
        return Study(run, epoch, self.name, self.definition, self.decode)

    def load(self, run: Run, epoch: int) -> T | None:
        """The answer, where it has been computed for these weights."""
        found = self.study(run, epoch).load_if_whole()
        return None if found is None else self.decode(found)

    def load_or_compute(self, run: Run, epoch: int, report: Callable[[float], None] = lambda share: None) -> T:
        """The kept answer, or else computed now; `report` takes the share done, 0 to 1.

        Raises RequestError or FailedError where the weights are not there or damaged.
        """
        return self.decode(self.study(run, epoch).load_or_compute(lambda keep: self.compute(run, epoch, keep), report))
