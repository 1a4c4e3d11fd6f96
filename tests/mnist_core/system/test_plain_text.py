"""The one rule for names and notes, and what is done to text of old files."""

import pytest

from mnist_core.errors import RequestError
from mnist_core.system.plain_text import REPLACEMENT, checked_name, checked_note, harmless, harmless_lines, with_article

ODD = ["a\nb", "a\rb", "a\x1b[31mb", "a\x00b", "caf\udce9", "a\u2028b", "a\u202eb", "a\x85b", "a\tb", "\ufeffa"]


@pytest.mark.parametrize("name", ODD)
def test_what_is_not_printable_is_refused_in_one_printable_sentence(name: str) -> None:
    with pytest.raises(RequestError, match=r"^A name is one line of printable characters; .* was given\.$") as refused:
        checked_name(name)
    assert str(refused.value).isascii()
    assert str(refused.value).isprintable()
    assert harmless(name) == "".join(char if char.isprintable() else REPLACEMENT for char in name)


@pytest.mark.parametrize(
    "name", ["", "Mine", "[/b] [bold]", "*x* <b>", "número 7 – 漢字", "فارسی\u200cها", "👩\u200d🔬"]
)
def test_what_is_printable_is_kept(name: str) -> None:
    assert checked_name(f" {name}\n") == name
    assert harmless(name) == name


def test_a_name_has_at_most_60_characters() -> None:
    assert checked_name(60 * "ä") == 60 * "ä"
    with pytest.raises(RequestError, match="at most 60 characters; this one has 61"):
        checked_name(61 * "ä")
    assert harmless(61 * "ä", 60) == 59 * "ä" + "…"


def test_a_note_has_lines_and_tabs_but_nothing_else_that_is_not_printable() -> None:
    assert checked_note(" a\r\n\tb\x0bc ") == "a\n\tb\nc"
    for bad in ("a\x1bb", "caf\udce9", "a\u202eb"):
        with pytest.raises(RequestError, match="control characters"):
            checked_note(bad)
    assert harmless_lines("a\n\tb\x1bc") == f"a\n\tb{REPLACEMENT}c"


@pytest.mark.parametrize(
    ("word", "said"), [(7, "a 7"), (8, "an 8"), ("equals sign", "an equals sign"), ("minus", "a minus")]
)
def test_the_article_is_the_words(word: object, said: str) -> None:
    assert with_article(word) == said
