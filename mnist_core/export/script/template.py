"""Pieces of Python text in `parts/`, and what becomes of one for a run.

A piece is a `string.Template`. A line that ends in `#? words` is there only for runs that use one of the words (see
`recipe.py`), or for `!word` that do not use it; the mark itself is never there.
"""

from collections.abc import Collection, Mapping
from pathlib import Path
from string import Template

MARK = "  #? "
PARTS = Path(__file__).with_name("parts")


def rendered(name: str, uses: Collection[str], values: Mapping[str, str], folder: Path = PARTS) -> str:
    """The piece `name`, its lines chosen and its $names replaced; "" where nothing is left of it."""
    lines = []
    for line in (folder / f"{name}.txt").read_text().splitlines():
        kept, mark, words = line.partition(MARK)
        if not mark or _is_used(words, uses):
            lines.append(kept.rstrip())
    return Template("\n".join(lines)).substitute(values).strip("\n")


def _is_used(words: str, uses: Collection[str]) -> bool:
    return any((word.removeprefix("!") in uses) != word.startswith("!") for word in words.split())


def indented(code: str) -> str:
    """One level deeper."""
    return "\n".join(f"    {line}" if line else "" for line in code.split("\n"))


def literal(text: str) -> str:
    """The text as a Python string, in the quotes that ruff prefers."""
    return repr(text) if '"' in text or "\\" in repr(text) else f'"{text}"'


def table(rows: Mapping[int, object]) -> str:
    """A dictionary as Python writes it, a row a line."""
    return "\n".join(["{", *(f"    {key}: {value!r}," for key, value in rows.items()), "}"])
