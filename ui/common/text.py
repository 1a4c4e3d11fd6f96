"""Numbers as a page writes them."""


def percent(probability: float) -> str:
    """For example "97.3 %"; never a certainty that only rounding made: "> 99.9 %", "< 0.1 %"."""
    if probability > 0.9995:
        return "> 99.9 %"
    return "< 0.1 %" if probability < 0.0005 else share(probability)


def whole_percent(probability: float) -> str:
    """A probability in whole percent; what is not quite 100 % does not claim to be."""
    return "> 99 %" if 0.995 <= probability < 1 else share(probability, 0)


def share(value: float, decimals: int = 1) -> str:
    """A share that was counted or measured: 0.969 is "96.9 %"."""
    return f"{100 * value:.{decimals}f} %"


def between(ends: tuple[float, float], decimals: int = 1) -> str:
    """An interval of shares, in percent: (0.956, 0.978) is "95.6 to 97.8"."""
    return " to ".join(f"{100 * end:.{decimals}f}" for end in ends)


def signed(number: float, decimals: int) -> str:
    """A difference with its sign, and a real minus: "+0.12", "−0.12"."""
    return f"{number:+.{decimals}f}".replace("-", "−")


def plural(count: int, noun: str) -> str:
    """For example "1 epoch" and "3 epochs"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def times(count: int) -> str:
    """ "never", "once", "2 times"."""
    return ("never", "once")[count] if count < 2 else plural(count, "time")
