"""What a training process does: wait for the training slot, train, obey commands, and keep the run folder true."""

import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from filelock import Timeout

from mnist_core.errors import DamagedError, MnistError, RequestError
from mnist_core.jobs.trainer.command_handler import CommandHandler
from mnist_core.jobs.trainer.status_reporter import StatusReporter
from mnist_core.jobs.trainer.training_slot import TrainingSlot
from mnist_core.jobs.verification import record_versions
from mnist_core.runs import manifest, store
from mnist_core.runs.commands import last_number
from mnist_core.runs.records import State, Status
from mnist_core.runs.run import Run
from mnist_core.system.processes import identity
from mnist_core.system.signals import Interruption
from mnist_core.system.trouble import as_sentence
from mnist_core.training import early_stopping, starting_point

if TYPE_CHECKING:  # a queued run waits without paying for torch
    from mnist_core.training.layer_stats import LayerWatch
    from mnist_core.training.loop import EpochTest, Training
    from mnist_core.training.threads import Threads

CHECKPOINT_SECONDS = 5.0  # at most this much training is lost to a kill -9 or a power cut
POLL_SECONDS = 0.05  # how soon a command in control.json is handled
QUEUE_SECONDS = 0.2  # how soon a free place is taken


class Worker:
    """Trains one run in this process, from wherever the run stands."""

    def __init__(self, run: Run, on_progress: Callable[[Status, int], None] = lambda status, total: None) -> None:
        """`on_progress` is called with every new status and the samples of the whole training."""
        self.run = run
        self.record = run.record()
        self.reporter = StatusReporter(run, self.record.config, on_progress)
        self.commands = CommandHandler(run)
        self.interruption = Interruption()
        self.early = early_stopping.EarlyStopping()
        self.layers: LayerWatch | None = None
        self.threads: Threads | None = None
        self._polled = self._saved = 0.0

    @property
    def status(self) -> Status:
        """As it was last reported."""
        return self.reporter.status

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
            store.refuse_training(self.run)
            raise RequestError(f"{self.run.id} is being opened by another process: try again.") from error
        with lock, self.interruption, TrainingSlot(self.run, at_once) as self.slot:
            store.sweep(self.run)
            before = self.reporter.status = self.run.status()
            total = epochs or self.record.config.epochs
            store.refuse_finished(self.run, before, total, self.record.config.epochs)
            now = {"queued_at": time.time(), "commands_before": last_number(self.run)}
            fresh = {"error": None, "failure": None, "images_per_second": None, **identity()}
            self.reporter.report(state="queued", **fresh, **({} if before.state == "queued" else now))
            was_finished = before.epoch >= self.record.config.epochs
            if not self._wait_for_slot():
                ended = "interrupted" if self.interruption.noted else "stopped"
                return self.reporter.report(state="finished" if was_finished else ended)
            try:
                training, saved = self._open(total)
            except MnistError as error:  # nothing was touched: the run stays what it was, with a word on why
                left: State = "finished" if was_finished else "failed"
                self.reporter.report(state=left, error=str(error), failure=error.kind)
                raise
            return self._train(training, saved)

    def _wait_for_slot(self) -> bool:
        """Wait for the slot; False where the run was stopped meanwhile. Other commands wait for the training."""
        while not (self.interruption.noted or self.commands.is_asked_to_stop(self.status.commands_before)):
            if self.slot.acquire():
                return True
            self.reporter.heartbeat()
            time.sleep(QUEUE_SECONDS)
        return False

    def _open(self, epochs: int) -> tuple["Training", dict[str, Any]]:
        """The training as the checkpoint left it, with the files cut back to it; and the checkpoint, or nothing."""
        from mnist_core.jobs.trainer import run_log
        from mnist_core.models import checkpoint
        from mnist_core.training.device import default_threads
        from mnist_core.training.loop import Training

        manifest.adopt(self.run.path)
        config = self.record.config.replace(epochs=epochs)
        threads = config.threads or self.record.threads or default_threads()
        training = Training(config.replace(threads=threads), *starting_point.inputs(self.run))
        saved: dict[str, Any] = {}
        if self.run.checkpoint.exists():
            saved = checkpoint.load_state(self.run.checkpoint)
            saved = {"epochs": self.record.config.epochs, "ended": True, **saved}  # of before these were saved
            try:
                training.load_state(saved["training"])
                if "controls" in saved:
                    self.commands.load_state(saved["controls"])
                self.status.train_seconds = saved["train_seconds"]
            except (KeyError, RuntimeError, ValueError, TypeError) as error:
                raise DamagedError(
                    f"{self.run.checkpoint} is of another network or version: put the run's own back, or train anew."
                ) from error
            self.status.weights_hash = checkpoint.weights_hash(training.answering)
        run_log.cut_back(self.run, saved)
        self.reporter.restore_last_test()
        settled = {"threads": threads, "device": str(training.device)}
        self.record = self.record.model_copy(update={"config": config, **settled})
        store.write_record(self.run, self.record)
        self.reporter.config = config
        return training, saved

    def _train(self, training: "Training", saved: dict[str, Any]) -> Status:
        from mnist_core.data import mnist
        from mnist_core.jobs.trainer.run_log import RunLog
        from mnist_core.training.threads import Threads

        try:
            digits = mnist.load()
            if training.config.synthetic_digits:
                from mnist_core.drawing import synthetic

                synthetic.load(training.config.synthetic_digits, self.reporter.heartbeat)  # seconds, the first time
            self.record = record_versions(self.run, self.record, training.versions, resumed=bool(saved))
            self.early = early_stopping.of_run(self.run, self.status.epoch, training.tested_epoch)
            self.reporter.training = training
            # Killed between its last checkpoint and the report of it, it has nothing left to do.
            self.reporter.report(state="finished" if self._end_state(training) == "finished" else "running")
            with RunLog(self.run, training) as self.log:
                self._take_up(training, saved)
                if training.device.type == "cpu" and not self.record.config.threads:
                    self.threads = Threads.after(self.run.events(), training.config.threads, training.set_threads)
                if not self.early.is_over:
                    self._follow(training, digits)
                if self._end_state(training) != "finished":  # the last test has saved all
                    self.log.event(self._end_state(training))
                    self._checkpoint(training, ended=True)
        except MnistError as error:
            self.reporter.report_failure(str(error), error.kind)
            raise
        except KeyboardInterrupt:  # the second signal
            self.reporter.report_if_possible(state=self._end_state(training), images_per_second=None)
            raise
        except BaseException as error:
            if failed := as_sentence(error, self.run.path):
                self.reporter.report_failure(str(failed), failed.kind)
                raise failed from error
            self.reporter.report_failure(f"Unexpected {type(error).__name__}: see log.txt in the run's folder.")
            raise
        return self.reporter.report(state=self._end_state(training), images_per_second=None)

    def _take_up(self, training: "Training", saved: dict[str, Any]) -> None:
        """Log that the run goes on, and carry out the commands that a killed session left."""
        if saved:
            self.log.event("resumed")
            if saved["epochs"] != training.config.epochs:
                self.log.event("epochs", epochs=training.config.epochs, old_epochs=saved["epochs"])
        for event in self.commands.begin_session(training, self.status.commands_before, saved.get("ended", False)):
            self.log.event(**event)
        if saved or self.commands.handled:
            self._checkpoint(training)
        self._handle_commands(training)

    def _follow(self, training: "Training", digits: Any) -> None:
        """Train to the end, or until somebody ends it."""
        from mnist_core.training.loop import Step

        mark = self._saved = time.perf_counter()
        self.reporter.start_clock(training.samples_seen)
        if self._has_to_wait(training):
            self._rest(training)
        if self._is_over():
            return
        for event in training.run(digits):
            if isinstance(event, Step):
                if (training.batch - 1) % training.config.log_interval == 0:
                    self.log.step(event.loss.item(), self.layers.found if self.layers else None)
                now = time.perf_counter()
                self.status.train_seconds += now - mark
                mark = now
            else:
                self._log_test(training, event)
                if self._end_state(training) == "finished":
                    return
                mark = time.perf_counter()
            if mark - self._polled >= POLL_SECONDS:
                self._polled = mark
                self.reporter.measure_speed(training.samples_seen)
                self._handle_commands(training)
                if self.threads and self.threads.adapt():
                    self.log.event("threads", threads=self.threads.now)
            if self._has_to_wait(training):
                self._rest(training)
                mark = time.perf_counter()
            if self._is_over():
                return
            if mark - self._saved > CHECKPOINT_SECONDS:
                self._checkpoint(training)

    def _is_over(self) -> bool:
        return self.interruption.noted or self.commands.stopping

    def _end_state(self, training: "Training") -> State:
        if training.tested_epoch >= training.config.epochs or self.early.is_over:
            return "finished"
        return "interrupted" if self.interruption.noted else "stopped"

    def _handle_commands(self, training: "Training") -> None:
        """Handle new commands, and save a checkpoint with what they led to."""
        handled = self.commands.handled
        for event in self.commands.handle(training):
            self.log.event(**event)
        if self.commands.watch_layers != (self.layers is not None):
            self._watch(training)
        if self.commands.handled != handled:
            self._checkpoint(training)
            if self.status.state == "running":
                self.reporter.report()

    def _has_to_wait(self, training: "Training") -> bool:
        if self._is_over() or training.test_is_due:
            return False
        return self.commands.rests(training.step) or (self.commands.pause_at is None and not self.slot.is_held)

    def _rest(self, training: "Training") -> None:
        """Wait here, alive but idle, until a command lets the training go on or ends it."""
        rested, reported = False, ("", 0)
        while not self._is_over():
            rests = self.commands.rests(training.step)
            if rests and not rested:
                self.log.event(**self.commands.rest_event(training.step))
                self._checkpoint(training)
                self.slot.release()
            elif rested and self.commands.pause_at is None:
                self.log.event("unpaused")
                self._checkpoint(training)
            rested = rests
            # Steps asked for by hand are few, and need no slot.
            if not rests and (self.commands.pause_at is not None or self.slot.acquire()):
                self.reporter.report(state="running")
                break
            state: State = "paused" if rests else "queued"
            if reported != (reported := (state, self.commands.handled)):
                self.reporter.report(state=state, images_per_second=None)
            self.reporter.heartbeat()
            time.sleep(POLL_SECONDS)
            self._handle_commands(training)
        self.reporter.start_clock(training.samples_seen)

    def _watch(self, training: "Training") -> None:
        """Begin to measure each layer, or stop."""
        from mnist_core.training.layer_stats import LayerWatch

        self.layers = LayerWatch(training) if self.commands.watch_layers else None
        training.observed = self.layers.observe if self.layers else nullcontext
        self.status.watch_layers = self.commands.watch_layers

    def _log_test(self, training: "Training", tested: "EpochTest") -> None:
        self.log.test(tested)
        is_last = tested.epoch >= training.config.epochs
        held_out = tested.validation.accuracy if tested.validation else None
        if not is_last and self.early.ends_at(tested.epoch, held_out):
            self.log.event(early_stopping.EVENT, epochs=tested.epoch)
            is_last = True
        self._checkpoint(training, ended=is_last)
        # Finished at once with the last test: killed a moment later, the run has nothing left to do.
        self.reporter.report(
            state="finished" if is_last else "running",
            test_loss=tested.test.loss,
            test_accuracy=tested.test.accuracy,
            validation_accuracy=held_out,
        )

    def _checkpoint(self, training: "Training", ended: bool = False) -> None:
        """Save all, with the commands handled; `ended` says that the session did not die."""
        self.status.weights_hash = self.log.checkpoint(
            controls=self.commands.state(), ended=ended, train_seconds=self.status.train_seconds
        )
        self.status.commands_handled = self.commands.handled
        self._saved = time.perf_counter()
