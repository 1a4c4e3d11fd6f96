"""What a person asks of a trainer: numbered commands in control.json, each handled exactly once.

Any process may add one, under a lock (`runs/commands.py`). The trainer only reads the file. The number of the last
command it has handled is in its checkpoint, beside the weights that the command has led to, and in status.json; a
command that has been handled may leave the list.
"""

from typing import TYPE_CHECKING, Any

from mnist_core.runs.commands import Command, pending
from mnist_core.runs.run import Run

if TYPE_CHECKING:
    from mnist_core.training.loop import Training


class CommandHandler:
    """The trainer's side: it handles each command once, and knows after which update the training pauses."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.handled = 0  # number of the last command handled
        self.pause_at: int | None = None  # rest once so many updates are made; None goes on
        self.stepped_from: int | None = None  # where the steps began that somebody asked for
        self.watch_layers = False
        self.stopping = False
        self._read: tuple[int, int] | None = None  # which control.json was read

    def state(self) -> dict[str, Any]:
        """For the checkpoint."""
        return {name: getattr(self, name) for name in _STATE}

    def load_state(self, state: dict[str, Any]) -> None:
        """Go on from what `state()` returned."""
        for name in _STATE:
            setattr(self, name, state[_OLD_NAMES.get(name, name)] if name not in state else state[name])

    def rests(self, step: int) -> bool:
        """Whether the training is to rest after `step` updates."""
        return self.pause_at is not None and step >= self.pause_at

    def is_asked_to_stop(self, before: int) -> bool:
        """Whether a command to stop has come after the one with the number `before`; it is not handled by this."""
        return any(command.name == "stop" and command.serial > before for command in self._pending())

    def begin_session(self, training: "Training", before: int, ended: bool) -> list[dict[str, Any]]:
        """Begin a session: see to the commands up to number `before`, older than the session; returns the events.

        A session that ended properly (`ended`) has handled its commands, or they came too late and are dropped. One
        that was killed may still owe changed rates or steps: those are carried out now. A paused run goes on, since
        whoever resumes it wants that.
        """
        events = []
        for command in self._pending():
            if command.serial > before:
                break
            if not ended:
                events += self._handle(command, training)
            self.handled = command.serial
        self.stopping, self._read = False, None
        if self.rests(training.step):
            self._go_on()
        return events

    def handle(self, training: "Training") -> list[dict[str, Any]]:
        """Handle the commands that have come since the last call; returns their events, without time and step."""
        events = []
        for command in self._pending():
            events += self._handle(command, training)
            self.handled = command.serial
        return events

    def rest_event(self, step: int) -> dict[str, Any]:
        """The event of coming to rest after `step` updates."""
        started, self.stepped_from = self.stepped_from, None
        return {"event": "paused"} if started is None else {"event": "stepped", "steps": step - started}

    def _handle(self, command: Command, training: "Training") -> list[dict[str, Any]]:
        step = training.step
        if command.name in ("step", "step_epoch"):
            if self.pause_at is None or self.rests(step):
                self.stepped_from = step
            goal = max(self.pause_at or 0, step)  # what is still owed is not forgotten
            an_epoch = training.config.steps_per_epoch
            self.pause_at = goal + command.steps if command.name == "step" else (goal // an_epoch + 1) * an_epoch
        elif command.name == "pause":
            self.pause_at = self.pause_at if self.rests(step) else step
        elif command.name in ("unpause", "stop"):
            self._go_on()
            self.stopping = self.stopping or command.name == "stop"
        elif command.name == "watch_layers":
            self.watch_layers = command.on
        else:
            old, new = training.rates, training.rates
            new |= {name: value for name in new if (value := getattr(command, name)) is not None}
            if new != old:
                training.set_rates(**new)
                return [{"event": "rates", **new, **{f"old_{name}": value for name, value in old.items()}}]
        return []

    def _go_on(self) -> None:
        self.pause_at = self.stepped_from = None

    def _pending(self) -> list[Command]:
        try:
            stat = (self.run.path / "control.json").stat()
        except OSError:
            return []
        if self._read != (stat.st_ino, stat.st_mtime_ns):
            self._commands, self._read = pending(self.run), (stat.st_ino, stat.st_mtime_ns)
        return [command for command in self._commands if command.serial > self.handled]


_STATE = ("handled", "pause_at", "stepped_from", "watch_layers")
_OLD_NAMES = {"handled": "met"}  # in checkpoints of version 0.1
