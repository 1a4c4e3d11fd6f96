"""Numbers as a page writes them."""

import re

import pytest
from markdown_it import MarkdownIt

from mnist_core.evaluation.statistics import between, plural, share
from ui.common.text import percent, plain, signed, times, whole_percent


@pytest.mark.parametrize(
    ("share", "text"), [(0.844, "84 %"), (0.9949, "99 %"), (0.995, "> 99 %"), (0.99999, "> 99 %"), (0.1049, "10 %")]
)
def test_whole_percent(share: float, text: str) -> None:
    assert whole_percent(share) == text


@pytest.mark.parametrize(
    ("probability", "text"),
    [(1.0, "> 99.9 %"), (0.9994, "99.9 %"), (0.5, "50.0 %"), (0.0006, "0.1 %"), (0.0004, "< 0.1 %"), (0.0, "< 0.1 %")],
)
def test_a_probability_is_never_rounded_to_certainty(probability: float, text: str) -> None:
    assert percent(probability) == text


def test_shares_and_intervals_in_percent() -> None:
    assert (share(0.9876), share(0.9876, 2), share(1, 0)) == ("98.8 %", "98.76 %", "100 %")
    assert (between((0.956, 0.9784)), between((0.956, 1), 0)) == ("95.6 to 97.8", "96 to 100")


def test_a_difference_has_its_sign() -> None:
    assert (signed(0.1234, 2), signed(-0.1234, 3)) == ("+0.12", "−0.123")


def test_one_is_singular() -> None:
    assert [plural(n, "epoch") for n in (0, 1, 2, 1000)] == ["0 epochs", "1 epoch", "2 epochs", "1,000 epochs"]
    assert [times(n) for n in (0, 1, 2, 1000)] == ["never", "once", "2 times", "1,000 times"]


@pytest.mark.parametrize(
    "text",
    [
        "![x](http://evil.example/x.png)",
        "[here](javascript:alert(1)) <img src=x onerror=alert(1)>",
        "**bold** _it_ __b__ *it* ~~no~~ `code` $x^2$ a_b MNIST_HOME",
        ":red[x] :material/home: :smile: :streamlit: a:b",
        "http://evil.example www.evil.example HTTPS://x.y me@evil.example",
        "# title",
        "1. list",
        "- list",
        "> quote",
        "&lt;b&gt; &#33; \\*x\\*",
        "C:\\Users\\a_b is damaged: put it back, or delete the run.",
    ],
)
def test_foreign_text_is_shown_as_it_is(text: str) -> None:
    shown = plain(text)
    # CommonMark (an independent reader of it) sees one paragraph of text, and what it reads is the text.
    (opening, inline, closing) = MarkdownIt("commonmark").enable("strikethrough").parse(shown)
    assert (opening.type, closing.type) == ("paragraph_open", "paragraph_close")
    assert {child.type for child in inline.children or ()} <= {"text", "text_special"}
    read = "".join(child.content for child in inline.children or ())
    assert read.replace("\u2060", "") == text
    # What Streamlit makes of text after that: directives, icons, emoji, formulas, bare addresses.
    assert not re.search(r":[\w+-]+[:\[/]|https?://|www\.|\w@\w", read, re.IGNORECASE)
    assert not re.search(r"(?<!\\)[$`~]", shown)


def test_foreign_text_is_one_line_without_control_characters_and_bounded() -> None:
    assert plain("a\nb\x1b[0m\udce9") == "a\ufffdb\ufffd\\[0m\ufffd"
    assert len(plain("x" * 100_000)) <= 1000
