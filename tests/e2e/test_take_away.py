"""Take a run away in a real browser: a process writes it while the page is left and reloaded, and the file comes."""

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from mnist_core.evaluation.answers import answers_of
from mnist_core.evaluation.statistics import accuracy_sentence
from mnist_core.export.preparation import exports_folder
from mnist_core.runs.run import Run


def dialog(page: Page) -> Locator:
    page.get_by_role("button", name="Take away").click()
    found = page.get_by_role("dialog")
    expect(found.get_by_text("MLflow")).to_have_count(0)
    return found


def choose(page: Page, opened: Locator, form: str) -> None:
    box = opened.get_by_role("combobox", name="Format")
    box.click()
    box.press_sequentially(form)
    page.get_by_role("option", name=form, exact=True).click()
    expect(opened.get_by_text("to read, to print and to hand in")).to_be_visible()


def test_on_a_phone_choice_description_and_button_are_seen_together(page: Page, server: str, trained: Run) -> None:
    page.set_viewport_size({"width": 360, "height": 700})
    page.goto(f"{server}/Mistakes")
    opened = dialog(page)
    choose(page, opened, "Report")
    for part in (
        opened.get_by_role("combobox", name="Format"),
        opened.get_by_text("to read, to print and to hand in"),
        opened.get_by_role("button", name="Prepare"),
    ):
        expect(part).to_be_in_viewport(ratio=1)


def test_a_report_is_prepared_while_the_page_is_reloaded_and_downloaded(
    page: Page, server: str, trained: Run, tmp_path: Path
) -> None:
    page.goto(f"{server}/Mistakes")
    opened = dialog(page)
    choose(page, opened, "Report")
    opened.get_by_role("button", name="Prepare").dblclick()
    expect(opened.get_by_text("It goes on when you close this").or_(opened.get_by_text("Download"))).to_be_visible()
    page.reload()
    opened = dialog(page)
    button = opened.get_by_role("button", name=re.compile(r"Download \(\d+ kB\)"))
    expect(button).to_be_visible()  # found again, and it comes without a click
    expect(opened.get_by_text(re.compile("Checked over 10,000 test digits: 0 different answers"))).to_be_visible()
    with page.expect_download() as download:
        button.click()
    assert download.value.suggested_filename == f"{trained.id}-report.html"
    download.value.save_as(tmp_path / "report.html")
    answers = answers_of(trained)
    assert accuracy_sentence(answers.correct, len(answers)) in (tmp_path / "report.html").read_text()
    assert len([path for path in exports_folder().iterdir() if path.is_dir()]) == 1
    opened.get_by_role("button", name="Close").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
