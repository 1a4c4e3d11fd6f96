"""Text that people type or that files hold: what may be kept, and how the rest is shown without doing harm.

A name is printable and on one line. Control characters, escape sequences, marks that turn the writing direction, line
breaks and bytes that are no text (surrogates) are refused when they are given, and replaced where an old file has them.
"""

from collections.abc import Iterable

from mnist_core.errors import RequestError

MAX_NAME, MAX_NOTE = 60, 2000  # characters
MAX_TAGS = 20
REPLACEMENT = "\ufffd"  # what Unicode has for it
_JOINERS = "\u200c\u200d"  # within words of some scripts, and within emoji


def checked_name(name: str) -> str:
    """The name without blanks around it; an empty one is none. Raises RequestError where it breaks the rule."""
    name = name.strip()
    if len(name) > MAX_NAME:
        raise RequestError(f"A name is one line of at most {MAX_NAME} characters; this one has {len(name):,}.")
    if harmless(name) != name:
        raise RequestError(f"A name is one line of printable characters; {name!a} was given.")
    return name


def checked_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Tags, each a name as `checked_name`, each once, in the order of the alphabet. Raises RequestError likewise."""
    found = sorted({name for tag in tags if (name := checked_name(tag))})
    if len(found) > MAX_TAGS:
        raise RequestError(f"A run has at most {MAX_TAGS} tags; these are {len(found):,}.")
    return tuple(found)


def checked_note(text: str) -> str:
    """A note without blanks around it, its lines ended alike. Raises RequestError where it breaks the rule."""
    text = "\n".join(text.splitlines()).strip()
    if len(text) > MAX_NOTE:
        raise RequestError(f"A note has at most {MAX_NOTE:,} characters; this one has {len(text):,}.")
    if harmless_lines(text) != text:
        raise RequestError("A note is printable text: take out its control characters.")
    return text


def with_article(word: object) -> str:
    """For example "a 7", "an 8" and "an equals sign"."""
    return f"{'an' if str(word).startswith(tuple('8aeio')) else 'a'} {word}"


def harmless(text: str, most: int | None = None) -> str:
    """The text on one line, what is not printable replaced; cut to `most` characters, which an ellipsis tells."""
    shown = "".join(char if char.isprintable() or char in _JOINERS else REPLACEMENT for char in text[:most])
    return shown if most is None or len(text) <= most else f"{shown[: most - 1]}…"


def harmless_lines(text: str, most: int | None = None) -> str:
    """As `harmless`, with its line breaks and tabs kept."""
    cut = text if most is None or len(text) <= most else f"{text[: most - 1]}…"
    return "\n".join("\t".join(harmless(part) for part in line.split("\t")) for line in cut.split("\n"))
