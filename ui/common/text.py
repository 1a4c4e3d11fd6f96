"""Numbers as a page writes them."""

from mnist_core.evaluation.statistics import wilson


def percent(probability: float) -> str:
    """For example "97.3 %"; never a certainty that only rounding made: "> 99.9 %", "< 0.1 %"."""
    if probability > 0.9995:
        return "> 99.9 %"
    return "< 0.1 %" if probability < 0.0005 else f"{100 * probability:.1f} %"


def whole_percent(share: float) -> str:
    """A probability in whole percent; what is not quite 100 % does not claim to be."""
    return "> 99 %" if 0.995 <= share < 1 else f"{100 * share:.0f} %"


def share_of(count: int, total: int, decimals: int = 1) -> str:
    """An observed share: 969 of 1,000 is "96.9 %"."""
    return f"{_number(count / total, decimals)} %"


def interval(count: int, total: int, decimals: int = 1) -> str:
    """The 95 % interval of a share by Wilson, in percent: "95.6 to 97.8"."""
    low, high = wilson(count, total)
    return f"{_number(low, decimals)} to {_number(high, decimals)}"


def plural(count: int, noun: str) -> str:
    """For example "1 epoch" and "3 epochs"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def times(count: int) -> str:
    """ "never", "once", "2 times"."""
    return ("never", "once")[count] if count < 2 else f"{count:,} times"


def signed(number: float, decimals: int) -> str:
    """With its sign, and a real minus: "+0.12", "−0.12"."""
    return f"{number:+.{decimals}f}".replace("-", "−")


def _number(share: float, decimals: int) -> str:
    return f"{100 * share:.{decimals}f}"
