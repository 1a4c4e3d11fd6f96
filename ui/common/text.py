"""Numbers and foreign text as a page writes them, beside `mnist_core.evaluation.statistics`."""

import re

from mnist_core.evaluation.statistics import plural, share
from mnist_core.system.plain_text import harmless

MOST = 1000  # characters of foreign text that a page shows
_JOINER = "\u2060"  # invisible, and never a place to break a line
_MARKS = re.compile(r"[\\`*\[\]<>&$~]|(?<![^\W_])_|_(?![^\W_])")
# Streamlit makes these into something after Markdown has been read, so that no backslash helps: icons (:material/x:),
# emoji (:x:) and colours (:red[...]), and addresses without any mark-up (http://x, www.x, a@b).
_AFTERWARDS = re.compile(r":(?=\S)|(?<=www)(?=\.)|(?=@)|^(?=[-+#=]|\d+[.)])", re.IGNORECASE)


def plain(text: str) -> str:
    """Text from the address, a file or an error as Markdown that shows exactly it: no link, picture, HTML or icon."""
    shown = _MARKS.sub(r"\\\g<0>", harmless(text.strip(), MOST))
    return _AFTERWARDS.sub(rf"\g<0>{_JOINER}", shown)


def percent(probability: float) -> str:
    """For example "97.3 %"; never a certainty that only rounding made: "> 99.9 %", "< 0.1 %"."""
    if probability > 0.9995:
        return "> 99.9 %"
    return "< 0.1 %" if probability < 0.0005 else share(probability)


def whole_percent(probability: float) -> str:
    """A probability in whole percent; what is not quite 100 % does not claim to be."""
    return "> 99 %" if 0.995 <= probability < 1 else share(probability, 0)


def duration(seconds: float | None) -> str:
    """For example "40 s" and "3 min"; a dash where it is not known."""
    if seconds is None:
        return "–"
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def signed(number: float, decimals: int) -> str:
    """A difference with its sign, and a real minus: "+0.12", "−0.12"."""
    return f"{number:+.{decimals}f}".replace("-", "−")


def times(count: int) -> str:
    """ "never", "once", "2 times"."""
    return ("never", "once")[count] if count < 2 else plural(count, "time")
