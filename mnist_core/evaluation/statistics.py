"""Intervals and probabilities, from SciPy, and how they are written."""

from functools import lru_cache
from typing import NamedTuple


def probability(p: float) -> str:
    """For example "= 0.23" or "< 0.0001"."""
    return "< 0.0001" if p < 0.0001 else f"= {p:.2g}" if p < 0.1 else f"= {p:.2f}"


class Interval(NamedTuple):
    """A 95 % confidence interval of a share, both ends 0 to 1."""

    low: float
    high: float

    def in_words(self) -> str:
        """For example "95 % interval 96.5 to 97.2", in percent."""
        return f"95 % interval {between(self)}"


def share(value: float, decimals: int = 1) -> str:
    """A share that was counted or measured: 0.969 is "96.9 %"."""
    return f"{100 * value:.{decimals}f} %"


def between(ends: tuple[float, float], decimals: int = 1) -> str:
    """An interval of shares, in percent: (0.956, 0.978) is "95.6 to 97.8"."""
    return " to ".join(f"{100 * end:.{decimals}f}" for end in ends)


def plural(count: int, noun: str) -> str:
    """For example "1 epoch" and "3 epochs"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


@lru_cache(maxsize=1000)  # 2 ms each, and a page that follows a run asks again every second
def wilson(successes: int, n: int) -> Interval:
    """Wilson's 95 % interval for `successes` out of `n` (E. B. Wilson, 1927), computed by SciPy."""
    from scipy.stats import binomtest  # half a second to import: only where an interval is wanted

    found = binomtest(successes, n).proportion_ci(0.95, method="wilson")
    return Interval(float(found.low), float(found.high))


def accuracy_sentence(correct: int, n: int, what: str = "test digits") -> str:
    """For example "96.9 % (10,000 test digits, 95 % interval 96.5 to 97.2)"."""
    return f"{share(correct / n)} ({n:,} {what}, {wilson(correct, n).in_words()})"
