"""Numbers as a page writes them."""


def percent(probability: float) -> str:
    """For example "97.3 %"; never a certainty that only rounding made: "> 99.9 %", "< 0.1 %"."""
    if probability > 0.9995:
        return "> 99.9 %"
    return "< 0.1 %" if probability < 0.0005 else f"{100 * probability:.1f} %"


def whole_percent(share: float) -> str:
    """A probability in whole percent; what is not quite 100 % does not claim to be."""
    return "> 99 %" if 0.995 <= share < 1 else f"{100 * share:.0f} %"
