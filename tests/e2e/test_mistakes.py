"""Mistakes in a real browser: a click on the matrix and the select boxes are two ways to the same digits."""

import re

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from mnist_core.evaluation import Answers, answers_of
from mnist_core.runs import Run


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
    expect(page.locator(".js-plotly-plot .textpoint").first).to_be_visible()


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


def click_cell(page: Page, true: int, read: int) -> None:
    """Click where row `true` and column `read` cross: the tick labels tell where that is."""
    chart = page.locator(".js-plotly-plot")
    expect(chart).to_have_count(1)
    column = chart.locator(".xtick text").nth(read).bounding_box()
    row = chart.locator(".ytick text").nth(true).bounding_box()
    assert column is not None and row is not None
    page.mouse.move(0, 0)
    page.mouse.move(column["x"] + column["width"] / 2, row["y"] + row["height"] / 2)
    expect(chart.locator(".hoverlayer")).to_contain_text(f"{true} read as {read}")
    page.mouse.down()
    page.mouse.up()


def test_click_shows_the_cell_and_again_shows_all(answers: Answers, server: str, page: Page) -> None:
    open_mistakes(page, server)
    wrong = len(answers.mistakes)
    expect_chosen(page, "All", "All", wrong)
    (true, read, count), (other_true, other_read, other_count) = confusions(answers)[:2]

    click_cell(page, true, read)
    expect_chosen(page, str(true), str(read), count)
    first = digits(page).evaluate_all("pictures => pictures.map(picture => picture.alt)")
    assert all(re.fullmatch(rf"Test digit \d+: {true} read as {read}, probability .+ %", alt) for alt in first)
    click_cell(page, true, read)
    expect_chosen(page, "All", "All", wrong)
    click_cell(page, true, read)  # the same cell as before, and it counts again
    expect_chosen(page, str(true), str(read), count)
    click_cell(page, other_true, other_read)
    expect_chosen(page, str(other_true), str(other_read), other_count)


def test_select_boxes_do_the_same_and_leave_no_click_behind(answers: Answers, server: str, page: Page) -> None:
    open_mistakes(page, server)
    (true, read, count), (other_true, other_read, other_count) = confusions(answers)[:2]
    click_cell(page, true, read)
    expect_chosen(page, str(true), str(read), count)
    clicked = digits(page).evaluate_all("pictures => pictures.map(picture => picture.alt)")

    choose(page, "True digit", str(other_true))
    choose(page, "Read as", str(other_read))
    expect_chosen(page, str(other_true), str(other_read), other_count)
    click_cell(page, true, read)
    expect_chosen(page, str(true), str(read), count)

    open_mistakes(page, server)
    choose(page, "True digit", str(true))
    choose(page, "Read as", str(read))
    expect_chosen(page, str(true), str(read), count)
    assert digits(page).evaluate_all("pictures => pictures.map(picture => picture.alt)") == clicked


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
    click_cell(page, true, read)
    expect_chosen(page, str(true), str(read), count)
    expect(page).to_have_url(re.compile(rf"true={true}.*read={read}|read={read}.*true={true}"))
    page.reload()
    expect_chosen(page, str(true), str(read), count)


@pytest.mark.usefixtures("home")
def test_without_a_run_the_way_to_train_is_there(server: str, page: Page) -> None:
    page.goto(f"{server}/Mistakes")
    page.get_by_role("link", name="Train a network").click()
    expect(page.get_by_role("heading", name="Train", exact=True)).to_be_visible()
