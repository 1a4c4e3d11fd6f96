"""Filter and sort runs by a line of text, as the Compare page and `runs --filter --sort` take it.

    schoolwork learning_rate>0.01 model=cnn,mlp tag="not yet"

Words are looked for in id, name, note and tags, whatever their case; all must be there. A comparison has the name of a
value (`columns()`) on its left, and on its right a number (95% is 0.95), a word, a date (2026-11-27), or several words
with commas between them, of which one must be it. What is in quotes is taken as it stands. A run for which a value is
not known fits no comparison with it.
"""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from operator import eq, ge, gt, le, lt, ne
from typing import Any, NoReturn

from mnist_core.comparison.entry import Column, Entry, columns
from mnist_core.errors import RequestError

Test = Callable[[Entry], bool]
_TERM = re.compile(r'(?:[^\s"]|"[^"]*")+')
_COMPARISON = re.compile(r'([^"=<>!]*)(<=|>=|!=|=|<|>)(.*)')
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {"=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}
_YES, _NO = ("yes", "true", "1"), ("no", "false", "0")
EXAMPLE = "learning_rate>0.01 model=cnn"


def matching(entries: Sequence[Entry], text: str) -> list[Entry]:
    """Those of the runs that the filter lets through, in their order; all where it is empty.

    Raises RequestError, a sentence that says what is wrong with it.
    """
    if text.count('"') % 2:
        raise RequestError(f"A quotation mark is missing in the filter {text!r}.")
    tests = [_test(term) for term in _TERM.findall(text)]
    return [entry for entry in entries if all(test(entry) for test in tests)]


def ordered(entries: Sequence[Entry], by: str) -> list[Entry]:
    """The runs by one of their values, the smallest first, or the largest where a minus stands before its name.

    Those for which it is not known come last; equals keep their order. Raises RequestError for another name.
    """
    column = _column(by.removeprefix("-"), "sort")
    known = [(value, entry) for entry in entries if (value := column.value(entry)) not in (None, "", ())]
    known.sort(key=lambda pair: pair[0], reverse=by.startswith("-"))
    found = [entry for _, entry in known]
    return found + [entry for entry in entries if column.value(entry) in (None, "", ())]


def _test(term: str) -> Test:
    found = _COMPARISON.fullmatch(term)
    if found is None:
        return _has_text(term.replace('"', "").casefold())
    name, operator, right = found.groups()
    if not name or not right.strip(","):
        raise RequestError(
            f"The filter {term!r} lacks a side: write it as in {EXAMPLE}, without blanks around the sign."
        )
    column = _column(name, "filter")
    values = [right.strip('"')] if right.startswith('"') else [part for part in right.split(",") if part]
    wanted = [_parsed(column, name, value) for value in values]
    if len(wanted) != 1 and operator not in ("=", "!="):
        raise RequestError(f"{term!r} compares with several values: {operator} takes one.")
    compare = _OPERATORS[operator]
    if column.kind in ("text", "words", "yes or no"):
        if operator not in ("=", "!="):
            raise RequestError(f"{name} is no number: compare it with = or !=, not {operator}.")
        return _is_one_of(column, wanted, is_wanted=operator == "=")

    def is_right(entry: Entry) -> bool:
        value = column.value(entry)
        if value is None:
            return False
        tests = (compare(value, each) for each in wanted)
        return all(tests) if operator == "!=" else any(tests)

    return is_right


def _has_text(words: str) -> Test:
    def has(entry: Entry) -> bool:
        return any(words in text.casefold() for text in (entry.run, entry.name, entry.note, *entry.tags))

    return has


def _is_one_of(column: Column, wanted: list[Any], is_wanted: bool) -> Test:
    def is_one(entry: Entry) -> bool:
        value = column.value(entry)
        if value is None:
            return False
        values = value if isinstance(value, tuple) else (value,)
        folded = [each.casefold() if isinstance(each, str) else each for each in values]
        return any(each in wanted for each in folded) is is_wanted

    return is_one


def _column(name: str, what: str) -> Column:
    known = columns()
    if name not in known:
        raise RequestError(f"There is nothing called {name!r} to {what} by; there are {', '.join(known)}.")
    return known[name]


def _parsed(column: Column, name: str, text: str) -> Any:
    def refuse(what: str) -> NoReturn:
        raise RequestError(f"{name} is compared with {what}, not with {text!r}.")

    if column.kind == "number":
        try:
            return float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
        except ValueError:
            refuse("a number")
    if column.kind == "time":
        try:
            return datetime.fromisoformat(text).timestamp()
        except (ValueError, OverflowError, OSError):
            refuse("a date such as 2026-11-27 or 2026-11-27T18:30")
    if column.kind == "yes or no":
        if text.casefold() not in (*_YES, *_NO):
            refuse("yes or no")
        return text.casefold() in _YES
    return text.casefold()
