"""Mistakes in a real browser: a click on the matrix and the select boxes are two ways to the same digits."""

import re
import zipfile

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from mnist_core.evaluation.answers import Answers, answers_of
from mnist_core.runs.run import Run


@pytest.fixture
def answers(trained: Run) -> Answers:
    return answers_of(trained)


def confusions(answers: Answers) -> list[tuple[int, int, int]]:
    """True digit, predicted digit and count of every confused pair, the most frequent first."""
    counts = answers.confusion.copy()
    np.fill_diagonal(counts, 0)
    pairs = [(int(true), int(read), int(counts[true, read])) for true, read in np.argwhere(counts)]
    return sorted(pairs, key=lambda pair: -pair[2])


def open_mistakes(page: Page, server: str, query: str = "") -> None:
    page.goto(f"{server}/Mistakes{query}")
    expect(digits(page).first).to_be_visible()
    expect(page.get_by_role("table", name=re.compile("Confusion matrix"))).to_be_visible()


def digits(page: Page) -> Locator:
    return page.locator("img.digit")


def select_box(page: Page, label: str) -> Locator:
    return page.get_by_role("combobox", name=label)


def choose(page: Page, label: str, option: str) -> None:
    """Choose as the keyboard does."""
    box = select_box(page, label)
    box.focus()
    box.press("ArrowDown")
    box.press_sequentially(option)
    expect(page.get_by_role("option", name=option, exact=True)).to_be_visible()
    box.press("Enter")
    expect(page.get_by_role("listbox")).to_have_count(0)


def expect_chosen(page: Page, true: str, read: str, count: int) -> None:
    expect(page.get_by_text(re.compile(rf" of {count:,} mistakes?$"))).to_be_visible()
    expect(select_box(page, "True digit")).to_have_value(true)
    expect(select_box(page, "Read as")).to_have_value(read)
    expect(digits(page)).to_have_count(min(count, 60))


def cell(page: Page, true: int, read: int) -> Locator:
    return page.get_by_role("button", name=re.compile(rf"^{true} read as {read}: "))


def alts(page: Page) -> list[str]:
    return digits(page).evaluate_all("pictures => pictures.map(picture => picture.alt)")


def test_the_cell_4_read_as_9_by_click_by_key_and_by_choice(answers: Answers, server: str, page: Page) -> None:
    count = int(answers.confusion[4, 9])
    assert count > 1
    open_mistakes(page, server)
    expect_chosen(page, "All", "All", len(answers.mistakes))
    four_as_nine = cell(page, 4, 9)
    expect(four_as_nine).to_have_text(str(count))
    four_as_nine.click()
    expect_chosen(page, "4", "9", count)
    expect(four_as_nine).to_have_attribute("aria-pressed", "true")
    clicked = alts(page)
    assert all(re.fullmatch(r"Test digit \d+: 4 read as 9, probability .+ %", alt) for alt in clicked)

    expect(four_as_nine).to_be_focused()  # the matrix was drawn anew, and the keyboard is where it was
    page.keyboard.press("Enter")
    expect_chosen(page, "All", "All", len(answers.mistakes))
    expect(four_as_nine).to_have_attribute("aria-pressed", "false")

    choose(page, "True digit", "4")
    choose(page, "Read as", "9")
    expect_chosen(page, "4", "9", count)
    assert alts(page) == clicked
    expect(four_as_nine).to_have_attribute("aria-pressed", "true")
    cell(page, 9, 4).click()  # what was chosen with the boxes leaves the matrix free to be clicked
    expect_chosen(page, "9", "4", int(answers.confusion[9, 4]))


def test_a_card_opens_turns_and_its_link_brings_it_back(answers: Answers, server: str, page: Page) -> None:
    open_mistakes(page, server, "?sort=Index")
    by_index = np.sort(answers.mistakes)
    page.locator(f'[data-value="{by_index[0]}"]').click()
    card = page.get_by_role("dialog")
    expect(card).to_contain_text(f"Test digit {by_index[0]:,}, 1 of {len(by_index):,} shown")
    expect(card.get_by_role("button", name="Previous")).to_be_disabled()
    expect(card.get_by_text("Link to this digit")).to_be_visible()
    card.get_by_role("button", name="Next").click()
    expect(card).to_contain_text(f"Test digit {by_index[1]:,}, 2 of")
    expect(page).to_have_url(re.compile(rf"digit={by_index[1]}\b"))
    expect(card.get_by_role("img", name=re.compile("evidence for"))).to_be_visible()
    expect(card.get_by_test_id("stCode")).to_contain_text(re.compile(rf"digit={by_index[1]}\b"))
    link = card.get_by_test_id("stCode").inner_text().strip()
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)
    expect(page).not_to_have_url(re.compile("digit="))

    page.goto(link)
    expect(card).to_contain_text(f"Test digit {by_index[1]:,}")
    expect(card.get_by_role("img", name=re.compile(r"^Training digit"))).to_have_count(12)


def test_what_is_shown_can_be_downloaded(answers: Answers, server: str, page: Page) -> None:
    open_mistakes(page, server, "?true=4&read=9")
    shown = [int(re.findall(r"\d+", alt)[0]) for alt in alts(page)]
    with page.expect_download() as table:
        page.get_by_role("button", name="Table (CSV)").click()
    lines = table.value.path().read_text().splitlines()
    assert [int(line.partition(",")[0]) for line in lines[1:]] == shown
    with page.expect_download() as pictures:
        page.get_by_role("button", name="Pictures (ZIP)").click()
    with zipfile.ZipFile(pictures.value.path()) as archive:
        assert archive.namelist() == [f"{index:05d}-4-9.png" for index in shown]


def test_filters_order_and_page_survive_a_reload(answers: Answers, server: str, page: Page) -> None:
    open_mistakes(page, server)
    choose(page, "Sort by", "Index")
    by_index = np.sort(answers.mistakes)
    expect(digits(page).first).to_have_attribute("alt", re.compile(rf"^Test digit {by_index[0]}:"))
    page.get_by_role("button", name="Next page").click()
    expect(digits(page).first).to_have_attribute("alt", re.compile(rf"^Test digit {by_index[60]}:"))
    page.reload()
    expect(digits(page).first).to_have_attribute("alt", re.compile(rf"^Test digit {by_index[60]}:"))
    expect(select_box(page, "Sort by")).to_have_value("Index")

    true, read, count = confusions(answers)[0]
    cell(page, true, read).click()
    expect_chosen(page, str(true), str(read), count)
    expect(page).to_have_url(re.compile(rf"true={true}.*read={read}|read={read}.*true={true}"))
    page.reload()
    expect_chosen(page, str(true), str(read), count)
