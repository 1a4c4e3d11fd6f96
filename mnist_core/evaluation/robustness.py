"""How a network's accuracy falls as its digits are turned, moved, blurred and so on."""

from collections.abc import Callable
from typing import Any, NamedTuple

from mnist_core.config.train_config import TEST_SIZE
from mnist_core.data import mnist
from mnist_core.data.corruptions import CORRUPTIONS
from mnist_core.evaluation.statistics import Interval, wilson
from mnist_core.runs.analyses import Analysis
from mnist_core.runs.run import Run

BATCH = 1000  # digits corrupted at once; the noise a digit gets follows from its place among them


class Point(NamedTuple):
    """One strength of one kind: how many of `n` test digits are still correct."""

    strength: float
    correct: int
    n: int

    @property
    def accuracy(self) -> float:
        """The share that is right, 0 to 1."""
        return self.correct / self.n

    @property
    def interval(self) -> Interval:
        """Its 95 % interval."""
        return wilson(self.correct, self.n)


Curves = dict[str, list[Point]]  # by kind; strengths ascending, the digits as they are among them


def measure(run: Run, epoch: int, report: Callable[[float], None], n: int = TEST_SIZE) -> dict[str, Any]:
    """How many of the first `n` test digits are correct: as they are, and at each strength of each kind."""
    from mnist_core.data.corruptions import corrupt
    from mnist_core.models.inference import infer, load_network

    model = load_network(run, epoch)
    images, labels = (part[:n] for part in mnist.load().test)
    total = sum(len(c.strengths) for c in CORRUPTIONS.values()) + 1
    done = 0

    def count(kind: str | None, strength: float) -> int:
        nonlocal done
        right = 0
        for number, (batch, true) in enumerate(zip(images.split(BATCH), labels.split(BATCH), strict=True)):
            changed = batch if kind is None else corrupt(batch, kind, strength, seed=number)
            right += int((infer(model, changed, BATCH).argmax(1) == true).sum())
            report((done + min((number + 1) * BATCH / n, 1)) / total)
        done += 1
        return right

    clean = count(None, 0)
    return {
        "n": n,
        "clean": clean,
        "correct": {kind: [count(kind, strength) for strength in c.strengths] for kind, c in CORRUPTIONS.items()},
    }


def _curves(found: dict[str, Any]) -> Curves:
    result = {}
    n = found["n"]
    for kind, corruption in CORRUPTIONS.items():
        if not all(0 <= count <= n for count in (found["clean"], *found["correct"][kind])):
            raise ValueError("more are right than there are")
        counts = dict(zip(corruption.strengths, found["correct"][kind], strict=True))
        counts[corruption.neutral] = found["clean"]
        result[kind] = [Point(strength, counts[strength], n) for strength in sorted(counts)]
    return result


# It takes a minute; the corruptions are its definition: it is asked again when they change.
ANALYSIS = Analysis("robustness", measure, _curves, {kind: list(c.strengths) for kind, c in CORRUPTIONS.items()})
