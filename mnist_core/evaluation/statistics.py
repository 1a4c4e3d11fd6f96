"""Intervals and probabilities, and how they are written."""

import math
from typing import NamedTuple


def probability(p: float) -> str:
    """For example "= 0.23" or "< 0.0001"."""
    return "< 0.0001" if p < 0.0001 else f"= {p:.2g}" if p < 0.1 else f"= {p:.2f}"


Z = 1.959963984540054  # of the normal distribution, 95 % lie within so many standard deviations


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


def points(difference: float, decimals: int = 1) -> str:
    """A difference of shares in percentage points, with its sign and a real minus: -0.0123 is "−1.2"."""
    return f"{100 * difference:+.{decimals}f}".replace("-", "−")


def between(ends: tuple[float, float], decimals: int = 1) -> str:
    """An interval of shares, in percent: (0.956, 0.978) is "95.6 to 97.8"."""
    return " to ".join(f"{100 * end:.{decimals}f}" for end in ends)


def plural(count: int, noun: str) -> str:
    """For example "1 epoch" and "3 epochs"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def wilson(successes: int, n: int) -> Interval:
    """Wilson's 95 % interval for `successes` out of `n`, at least 1 (E. B. Wilson, 1927).

    SciPy's takes 2 ms, and half a second to be imported: a table of ten thousand runs cannot wait for it.
    """
    p, z2 = successes / n, Z * Z
    centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    reach = Z / (1 + z2 / n) * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return Interval(centre - reach if successes else 0.0, centre + reach if successes < n else 1.0)


def accuracy_sentence(correct: int, n: int, what: str = "test digits") -> str:
    """For example "96.9 % (10,000 test digits, 95 % interval 96.5 to 97.2)"."""
    return f"{share(correct / n)} ({n:,} {what}, {wilson(correct, n).in_words()})"
