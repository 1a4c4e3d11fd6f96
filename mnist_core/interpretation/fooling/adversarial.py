"""How the accuracy falls as test digits are changed on purpose to fool a network, and which one is harder to fool."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from mnist_core.comparison.pair import LEVEL, gain_interval, mcnemar
from mnist_core.comparison.several import holm
from mnist_core.config.train_config import TEST_SIZE
from mnist_core.data import mnist
from mnist_core.evaluation.robustness import Point
from mnist_core.evaluation.statistics import points, probability, share
from mnist_core.interpretation.fooling.attacks import LARGEST, STEPS, Method, is_fooled, perturb
from mnist_core.runs.analyses import Analysis
from mnist_core.runs.run import Run

EVERY = 10  # the first test digits are easier than the last: every tenth is asked
SIZES = (4, 8, 12, 16, 24, 32, 48, 64)  # grey levels of 255
METHODS: dict[Method, str] = {"fgsm": "One step (FGSM)", "pgd": "Many steps (PGD)"}
_NEVER = LARGEST + 1

Fooled = dict[Method, np.ndarray]  # for each digit the first of SIZES that fools it; 0: wrong as it is; 256: none does


class Attacked(NamedTuple):
    """A network for a comparison."""

    name: str
    accuracy: float  # on all 10,000 test digits as they are
    fooled: Fooled


def measure(
    run: Run, epoch: int, report: Callable[[float], None], every: int = EVERY, sizes: Sequence[int] = SIZES
) -> dict[str, Any]:
    """For every tenth test digit, by method: the first of `sizes` at which it is not read as its label."""
    import torch

    from mnist_core.models.inference import infer, load_network

    model = load_network(run, epoch)
    images, labels = (part[::every] for part in mnist.load().test)
    as_they_are = is_fooled(infer(model, images), labels)
    work = {"fgsm": 1, "pgd": STEPS}
    done, total = 0.0, len(sizes) * sum(work.values())
    found: dict[str, Any] = {}
    for method in METHODS:
        fooled = torch.where(as_they_are, 0, _NEVER)
        for size in sizes:
            left = (fooled == _NEVER).nonzero()[:, 0]
            for some in left.split(100):
                changed = perturb(model, images[some], labels[some], size, method)
                fooled[some[is_fooled(infer(model, changed), labels[some])]] = size
                done += work[method] * len(some) / len(left)
                report(min(done / total, 1.0))
        found[method] = fooled.tolist()
    return found


def _read(found: dict[str, Any]) -> Fooled:
    fooled: Fooled = {method: np.array(found[method], int) for method in METHODS}
    for sizes in fooled.values():
        if len(sizes) != TEST_SIZE // EVERY or not np.isin(sizes, (0, *SIZES, _NEVER)).all():
            raise ValueError("no sizes of a thousand digits")
    return fooled


def curve(fooled: np.ndarray) -> list[Point]:
    """How many digits are still right where changes up to each size are allowed; 0: as they are."""
    return [Point(size, int((fooled > size).sum()), len(fooled)) for size in (0, *SIZES)]


def is_the_best_reader_harder_to_fool(networks: Sequence[Attacked], method: Method, size: int) -> str:
    """The network with the highest test accuracy against each other one, in sentences; two networks or more."""
    best = max(networks, key=lambda network: network.accuracy)
    others = [network for network in networks if network is not best]
    pairs = [_apart(other.fooled[method] > size, best.fooled[method] > size) for other in others]
    corrected = holm([mcnemar(*pair) for pair in pairs])
    told, verdicts = [], []
    n = len(best.fooled[method])
    for other, (gained, lost), p in zip(others, pairs, corrected, strict=True):
        verdicts.append("luck" if p >= LEVEL else "yes" if gained > lost else "no")
        luck = ", which could be luck" if p >= LEVEL else ""
        low, high = (points(end) for end in gain_interval(gained, lost, n))
        told.append(
            f"{points((gained - lost) / n)} points beside {other.name}, which keeps "
            f"{share(_kept(other, method, size))} (95 % interval {low} to {high}, p {probability(p)}{luck})"
        )
    answer = {
        frozenset({"yes"}): "Yes, it is harder to fool",
        frozenset({"no"}): "No, it is easier to fool",
        frozenset({"no", "luck"}): "No, it is easier to fool than some",
        frozenset({"luck"}): "That cannot be told",
    }.get(frozenset(verdicts), "It is harder to fool than some, not than all")
    how = "McNemar's exact test" + (f", corrected for {len(pairs)} comparisons after Holm" if len(pairs) > 1 else "")
    return (
        f"{answer}, with changes up to {size} grey levels. {best.name} reads the test digits best "
        f"({share(best.accuracy, 2)} of {TEST_SIZE:,}); of {n:,} that are changed it keeps "
        f"{share(_kept(best, method, size))}: {'; '.join(told)}. "
        f"({how}, n = {n:,}; about these networks, not their settings.)"
    )


def _kept(network: Attacked, method: Method, size: int) -> float:
    return float((network.fooled[method] > size).mean())


def _apart(first: np.ndarray, second: np.ndarray) -> tuple[int, int]:
    """How many digits only the second gets right, and how many only the first."""
    return int((second & ~first).sum()), int((first & ~second).sum())


ANALYSIS = Analysis("adversarial", measure, _read, {"every": EVERY, "sizes": list(SIZES), "steps": STEPS})
