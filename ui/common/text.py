"""Numbers as a page writes them, beside those of `mnist_core.evaluation.statistics`."""

from mnist_core.evaluation.statistics import plural, share


def percent(probability: float) -> str:
    """For example "97.3 %"; never a certainty that only rounding made: "> 99.9 %", "< 0.1 %"."""
    if probability > 0.9995:
        return "> 99.9 %"
    return "< 0.1 %" if probability < 0.0005 else share(probability)


def whole_percent(probability: float) -> str:
    """A probability in whole percent; what is not quite 100 % does not claim to be."""
    return "> 99 %" if 0.995 <= probability < 1 else share(probability, 0)


def signed(number: float, decimals: int) -> str:
    """A difference with its sign, and a real minus: "+0.12", "−0.12"."""
    return f"{number:+.{decimals}f}".replace("-", "−")


def times(count: int) -> str:
    """ "never", "once", "2 times"."""
    return ("never", "once")[count] if count < 2 else plural(count, "time")
