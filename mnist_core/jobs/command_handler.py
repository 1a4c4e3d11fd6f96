"""What a person asks of a trainer: numbered wishes in control.json, so that none is lost and none is met twice.

Any process may ask: it adds its wish to the list under a lock, and the file is replaced in one step. The trainer only
reads. The number of the last wish it has met is in its checkpoint, beside the weights that the wish has led to, and in
status.json; what was met may leave the list.
"""

from typing import TYPE_CHECKING, Any

from mnist_core.runs.run import Run

if TYPE_CHECKING:
    from mnist_core.training.loop import Training
from mnist_core.runs.commands import Wish, wishes


class Controls:
    """The trainer's side: it meets each wish once, and knows where the training is to rest."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.met = 0  # number of the last wish met
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
            setattr(self, name, state[name])

    def rests(self, step: int) -> bool:
        """Whether the training is to rest after `step` updates."""
        return self.pause_at is not None and step >= self.pause_at

    def is_asked_to_stop(self, since: float) -> bool:
        """Whether a wish to stop has come after `since` (seconds since the epoch); it is not met by this."""
        return any(wish.wish == "stop" and wish.at >= since for wish in self._unmet())

    def take_up(self, training: "Training", since: float, lapsed: bool) -> list[dict[str, Any]]:
        """Begin a session: see to what was asked before `since`, when the run was queued; returns the events.

        Where the last session came to its end (`lapsed`), it met what was asked of it. Where it was killed, it may owe
        changed rates, or steps, which are made; but whoever resumes a run that rests wants it to go on.
        """
        events = []
        for wish in self._unmet():
            if wish.at >= since:
                break
            if not lapsed:
                events += self._meet(wish, training)
            self.met = wish.serial
        self.stopping, self._read = False, None
        if self.rests(training.step):
            self._go_on()
        return events

    def heed(self, training: "Training") -> list[dict[str, Any]]:
        """Meet the wishes that have come since the last call; returns the events they make, without time and step."""
        events = []
        for wish in self._unmet():
            events += self._meet(wish, training)
            self.met = wish.serial
        return events

    def arrived(self, step: int) -> dict[str, Any]:
        """The event of coming to rest after `step` updates."""
        started, self.stepped_from = self.stepped_from, None
        return {"event": "paused"} if started is None else {"event": "stepped", "steps": step - started}

    def _meet(self, wish: Wish, training: "Training") -> list[dict[str, Any]]:
        step = training.step
        if wish.wish in ("step", "step_epoch"):
            if self.pause_at is None or self.rests(step):
                self.stepped_from = step
            goal = max(self.pause_at or 0, step)  # what is still owed is not forgotten
            an_epoch = training.config.steps_per_epoch
            self.pause_at = goal + wish.steps if wish.wish == "step" else (goal // an_epoch + 1) * an_epoch
        elif wish.wish == "pause":
            self.pause_at = self.pause_at if self.rests(step) else step
        elif wish.wish in ("unpause", "stop"):
            self._go_on()
            self.stopping = self.stopping or wish.wish == "stop"
        elif wish.wish == "watch_layers":
            self.watch_layers = wish.on
        else:
            old, new = training.rates, training.rates
            new |= {name: value for name in new if (value := getattr(wish, name)) is not None}
            if new != old:
                training.set_rates(**new)
                return [{"event": "rates", **new, **{f"old_{name}": value for name, value in old.items()}}]
        return []

    def _go_on(self) -> None:
        self.pause_at = self.stepped_from = None

    def _unmet(self) -> list[Wish]:
        try:
            stat = (self.run.path / "control.json").stat()
        except OSError:
            return []
        if self._read != (stat.st_ino, stat.st_mtime_ns):
            self._wishes, self._read = wishes(self.run), (stat.st_ino, stat.st_mtime_ns)
        return [wish for wish in self._wishes if wish.serial > self.met]


_STATE = ("met", "pause_at", "stepped_from", "watch_layers")
