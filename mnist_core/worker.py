"""What a training process does: take its turn, train, and keep the run directory true at every moment."""

import importlib.metadata
import io
import json
import os
import platform
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil
from filelock import FileLock, Timeout

from mnist_core import runs
from mnist_core.errors import FailedError, MnistError, RequestError
from mnist_core.files import cannot_write, write_atomically
from mnist_core.runs import HEARTBEAT_SECONDS, Run, Status

if TYPE_CHECKING:  # a queued run waits without paying for torch
    from mnist_core.training import EpochTest, Training

CHECKPOINT_SECONDS = 5.0  # at most this much training is lost to a kill -9 or a power cut
POLL_SECONDS = 0.05  # how soon a wish in control.json is met


class Worker:
    """Trains one run in this process, from wherever the run stands."""

    def __init__(self, run: Run, on_progress: Callable[[Status, int], None] = lambda status, total: None) -> None:
        self.run = run
        self.on_progress = on_progress  # called with every new status and the samples of the whole training
        self.record = run.record()
        self.status = run.status()
        self.interrupted = False  # by Ctrl-C or SIGTERM
        self._polled = self._saved = 0.0
        self._speed_mark = (0.0, 0)

    def work(self, epochs: int | None = None, at_once: bool = False) -> Status:
        """Train until `epochs` epochs are complete (default: the run's own number) or somebody stops it.

        One run trains at a time and the others wait in the order they were queued; `at_once` does not wait.

        Returns the status at the end: `finished`, `stopped` or `interrupted`.
        Raises RequestError when the run is being trained already or has nothing left to do, and FailedError when
        it diverges or the disk refuses.
        """
        lock = self.run.lock()
        try:
            lock.acquire(timeout=0.5)  # `is_held` takes it for a moment, to look
        except Timeout as error:
            raise RequestError(f"{self.run.id} is already being trained: watch it, or stop it first.") from error
        with lock, self._signals_noted():
            before = self.status = self.run.status()
            total = epochs or self.record.config.epochs
            if before.epoch >= total:
                raise RequestError(
                    f"{self.run.id} has finished its {before.epoch} epochs: "
                    f"ask for more, for example `resume {self.run.id} --epochs {before.epoch + 5}`."
                )
            queued_at = before.queued_at if before.state == "queued" else time.time()
            process = psutil.Process()
            self._report(
                state="queued",
                pid=process.pid,
                process_started=process.create_time(),
                queued_at=queued_at,
                error=None,
                images_per_second=None,
            )
            with _turn(self, at_once) as is_ours:
                was_finished = before.epoch >= self.record.config.epochs
                if not is_ours:
                    left = "interrupted" if self.interrupted else "stopped"
                    return self._report(state="finished" if was_finished else left)
                try:
                    training = self._open(total)
                except MnistError as error:  # nothing was touched: the run stays what it was, with a word on why
                    self._report(state="finished" if was_finished else "failed", error=str(error))
                    raise
                return self._train(training)

    def _open(self, epochs: int) -> "Training":
        """The training as the checkpoint left it, with the metrics cut back to it."""
        from mnist_core import checkpoint
        from mnist_core.training import Training, default_threads

        config = self.record.config.replace(epochs=epochs)
        threads = config.threads or self.record.threads or default_threads()
        training = Training(config.replace(threads=threads))
        if self.run.checkpoint.exists():
            saved = checkpoint.load_state(self.run.checkpoint)
            try:
                training.load_state(saved["training"])
                self._cut_metrics(saved["metrics_bytes"])
            except (KeyError, RuntimeError, ValueError, TypeError) as error:
                raise FailedError(
                    f"{self.run.checkpoint} is of another network or version: put the run's own back, or train anew."
                ) from error
            self.status.train_seconds = saved["train_seconds"]
            self.status.weights_hash = checkpoint.weights_hash(training.answering)
            self._restore_last_test()
        else:  # killed before its first checkpoint
            self._cut_metrics(0)
        self.record = self.record.model_copy(
            update={
                "config": config,
                "threads": threads,
                "device": str(training.device),
                "versions": {"python": platform.python_version()}
                | {name: importlib.metadata.version(name) for name in ("torch", "numpy")},
            }
        )
        runs.write_record(self.run, self.record)
        return training

    def _train(self, training: "Training") -> Status:
        from mnist_core import data
        from mnist_core.training import Step

        try:
            digits = data.load()
            if training.config.synthetic_digits:
                from mnist_core import handwriting

                handwriting.load(training.config.synthetic_digits, self._beat)  # seconds, the first time
            self._report(state="running", **_position(training))
            self._speed_mark = (time.perf_counter(), training.samples_seen)
            with (self.run.path / "metrics.jsonl").open("a") as metrics:
                mark = self._saved = time.perf_counter()
                for event in training.run(digits):
                    if isinstance(event, Step):
                        if (training.batch - 1) % training.config.log_interval == 0:
                            self._log_step(metrics, training, event.loss.item())
                        now = time.perf_counter()
                        self.status.train_seconds += now - mark
                        mark = now
                    else:
                        self._log_test(metrics, training, event)
                        mark = time.perf_counter()
                    if mark - self._polled > POLL_SECONDS and self._should_stop(mark, training):
                        break
                    if mark - self._saved > CHECKPOINT_SECONDS:
                        self._checkpoint(metrics, training)
                if self._end_state(training) != "finished":  # the last test has saved all
                    self._checkpoint(metrics, training)
        except MnistError as error:
            self._report_if_possible(state="failed", error=str(error), images_per_second=None, **_position(training))
            raise
        except OSError as error:
            failed = cannot_write(self.run.path, error)
            self._report_if_possible(state="failed", error=str(failed), images_per_second=None)
            raise failed from error
        except KeyboardInterrupt:  # the second signal
            self._report_if_possible(state=self._end_state(training), images_per_second=None)
            raise
        except BaseException as error:
            self._report_if_possible(
                state="failed", error=f"Unexpected {type(error).__name__}: see log.txt in the run's folder."
            )
            raise
        return self._report(state=self._end_state(training), images_per_second=None, **_position(training))

    def _beat(self) -> None:
        if time.time() - self.status.heartbeat > 1:
            self._report()

    def _end_state(self, training: "Training") -> runs.State:
        if training.tested_epoch >= training.config.epochs:
            return "finished"
        return "interrupted" if self.interrupted else "stopped"

    def _should_stop(self, now: float, training: "Training") -> bool:
        self._polled = now
        if now - self._speed_mark[0] > HEARTBEAT_SECONDS:
            seconds, samples = now - self._speed_mark[0], training.samples_seen - self._speed_mark[1]
            self._speed_mark = (now, training.samples_seen)
            previous = self.status.images_per_second
            speed = samples / seconds if previous is None else 0.7 * previous + 0.3 * samples / seconds
            self._report(images_per_second=speed, **_position(training))
        return self.is_asked_to_stop()

    def is_asked_to_stop(self) -> bool:
        """Whether somebody pressed Stop since the run was queued, or this process was signalled."""
        return self.interrupted or bool(self.run.requested(self.status.queued_at).get("stop"))

    def _log_step(self, metrics: Any, training: "Training", loss: float) -> None:
        training.check_finite(loss)
        rate = training.optimizer.param_groups[0]["lr"]  # as scheduled for this step
        position = {"step": training.step, "epoch": training.epoch, "samples_seen": training.samples_seen}
        self._log(metrics, position, train_loss=loss, learning_rate=rate, momentum=training.config.momentum)

    def _log_test(self, metrics: Any, training: "Training", tested: "EpochTest") -> None:
        from mnist_core import checkpoint

        epoch, test, validation = tested.epoch, tested.test, tested.validation
        checkpoint.save_weights(self.run.weights(epoch), tested.network)
        answers = io.BytesIO()
        np.save(answers, test.log_probabilities.numpy(), allow_pickle=False)
        write_atomically(self.run.test_log_probabilities(epoch), answers.getvalue())
        values = {"test_loss": test.loss, "test_accuracy": test.accuracy}
        if validation is not None:
            values |= {"validation_loss": validation.loss, "validation_accuracy": validation.accuracy}
        position = {"step": tested.step, "epoch": epoch, "samples_seen": tested.samples_seen}
        self._log(metrics, position, **values)
        self._checkpoint(metrics, training)
        # Finished at once with the last test: killed a moment later, the run has nothing left to do.
        state = "finished" if epoch >= training.config.epochs else "running"
        self._report(state=state, test_loss=test.loss, test_accuracy=test.accuracy, **_position(training))

    def _log(self, metrics: Any, position: dict[str, int], **values: float) -> None:
        metrics.write(json.dumps(position | values) + "\n")
        metrics.flush()

    def _checkpoint(self, metrics: Any, training: "Training") -> None:
        from mnist_core import checkpoint

        os.fsync(metrics.fileno())
        state = {
            "training": training.state(),
            "metrics_bytes": os.fstat(metrics.fileno()).st_size,
            "train_seconds": self.status.train_seconds,
        }
        checkpoint.save_state(self.run.checkpoint, state)
        self.status.weights_hash = checkpoint.weights_hash(training.answering)
        self._saved = time.perf_counter()

    def _cut_metrics(self, size: int) -> None:
        """Drop the rows logged after the checkpoint: they are about to be logged again."""
        path = self.run.path / "metrics.jsonl"
        content = path.read_bytes() if path.exists() else b""
        if len(content) > size:
            write_atomically(path, content[:size])

    def _restore_last_test(self) -> None:
        """Say what the last test said: killed between a checkpoint and its report, the status lags behind."""
        tests = [row for row in self.run.metrics()[0] if "test_accuracy" in row]
        if tests:
            self.status.test_loss, self.status.test_accuracy = tests[-1]["test_loss"], tests[-1]["test_accuracy"]

    def _report(self, **changes: Any) -> Status:
        self.status = self.status.model_copy(update={**changes, "heartbeat": time.time()})
        runs.write_status(self.run, self.status)
        self.on_progress(self.status, self.record.config.epochs * self.record.config.train_size)
        return self.status

    def _report_if_possible(self, **changes: Any) -> None:
        with suppress(MnistError):  # the disk that made it fail refuses this too; the caller raises the first error
            self._report(**changes)

    @contextmanager
    def _signals_noted(self) -> Iterator[None]:
        """Ctrl-C and SIGTERM end the training at the next step, with a checkpoint; a second one ends it at once."""

        def note(number: int, frame: FrameType | None) -> None:
            if self.interrupted:
                raise KeyboardInterrupt
            self.interrupted = True

        numbers = (signal.SIGINT, signal.SIGTERM)
        earlier = [signal.signal(number, note) for number in numbers]
        try:
            yield
        finally:
            for number, handler in zip(numbers, earlier, strict=True):
                signal.signal(number, handler)


@contextmanager
def _turn(worker: Worker, at_once: bool) -> Iterator[bool]:
    """Hold the one place in which a run trains; yields False when the run was stopped while it waited."""
    place = FileLock(runs.runs_folder() / ".training.lock")
    beat = time.monotonic()
    while not at_once:
        if worker.is_asked_to_stop():
            yield False
            return
        try:
            place.acquire(timeout=0)
        except Timeout:
            pass
        else:
            if _is_first(worker):
                break
            place.release()
        if time.monotonic() - beat > 1:
            beat = time.monotonic()
            worker._report()
        time.sleep(0.2)
    try:
        yield True
    finally:
        place.release()


def _is_first(worker: Worker) -> bool:
    for other in runs.every():
        if other.id != worker.run.id:
            status = other.status()
            waits_longer = (status.queued_at, other.id) < (worker.status.queued_at, worker.run.id)
            if status.state == "queued" and waits_longer:
                return False
    return True


def _position(training: "Training") -> dict[str, int]:
    return {
        "epoch": max(training.tested_epoch, 0),
        "step": training.step,
        "samples_seen": training.samples_seen,
    }
