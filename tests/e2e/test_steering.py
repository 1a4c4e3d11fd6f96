"""Steering a run from the page and from a terminal, to the step; an address opened in another browser profile."""

import re

from playwright.sync_api import Browser, Page, expect

from mnist_core.config.train_config import TrainConfig
from mnist_core.runs import store
from mnist_core.runs.run import Run
from tests.conftest import command_line, wait_until


def rests_after(page: Page, run: Run, steps: int) -> None:
    """The page and the run's own file agree on how many updates were made."""
    expect(page.get_by_text(re.compile(rf"^Paused after [\d,]+ digits \({steps:,} updates\)\.$"))).to_be_visible()
    assert (run.status().state, run.status().step) == ("paused", steps)


def test_pause_step_and_go_on_from_the_page_and_a_terminal_count_every_step(
    home: object, server: str, page: Page
) -> None:
    # 500 digits in batches of 10: an epoch is 50 updates, each of them logged.
    page.goto(f"{server}/Train?digits_per_class=50&batch_size=10&epochs=100&threads=1&log_interval=1")
    page.get_by_role("button", name="Start training").click()
    button = {
        name: page.get_by_role("button", name=name, exact=True) for name in ("Pause", "Go on", "One step", "Stop")
    }
    expect(button["Pause"]).to_be_enabled(timeout=60_000)
    button["Pause"].click()
    expect(page.get_by_text(re.compile(r"^Paused after"))).to_be_visible()
    (run,) = store.every()
    steps = run.status().step
    rests_after(page, run, steps)

    button["One step"].click()
    rests_after(page, run, steps + 1)
    page.reload()
    rests_after(page, run, steps + 1)
    stepped = command_line("step", run.id, "--steps", "3", home=store.runs_folder().parent)
    assert stepped.returncode == 0, stepped.stderr
    rests_after(page, run, steps + 4)
    button["One step"].click()
    rests_after(page, run, steps + 5)
    page.get_by_role("button", name="One epoch", exact=True).click()
    rests_after(page, run, ((steps + 5) // 50 + 1) * 50)

    # From the keyboard, and to the end.
    expect(button["Go on"]).to_be_enabled()
    button["Go on"].focus()
    expect(button["Go on"]).to_be_focused()
    page.keyboard.press("Enter")
    wait_until(lambda: run.status().step > steps + 60, "going on")
    button["Stop"].click()
    expect(page.get_by_text(re.compile(r"^Stopped after"))).to_be_visible()
    logged = [row["step"] for row in run.metrics()[0] if "train_loss" in row]
    assert logged == list(range(1, run.status().step + 1)), "no step is lost, none is made twice"


def test_an_address_fills_every_field_in_another_browser(
    home: object, server: str, page: Page, browser: Browser
) -> None:
    query = "model=mlp&learning_rate=0.037&momentum=0.9&batch_size=256&epochs=8&seed=42&weight_decay=0.001&dropout=0.25"
    page.goto(f"{server}/Train?{query}")
    expect(page.get_by_role("button", name="Start training")).to_be_visible()
    expect(page).to_have_url(re.compile("learning_rate=0.037"))
    page.get_by_role("button", name="Guided experiments").click()  # a change that leaves the settings alone
    page.keyboard.press("Escape")
    other = browser.new_context(viewport={"width": 1440, "height": 1000})
    elsewhere = other.new_page()
    elsewhere.goto(page.url)
    elsewhere.get_by_role("button", name="Share").click()
    command = elsewhere.locator("[data-testid=stCode] code")
    expect(command).to_contain_text("--weight-decay 0.001")
    expected = TrainConfig.parse(dict(pair.split("=") for pair in query.split("&")))
    given = command.inner_text().split()
    for name, value in expected.model_dump().items():
        option = f"--{name.replace('_', '-')}"
        assert (option in given) == (value != getattr(TrainConfig(), name)), name
        if option in given:
            assert type(value)(given[given.index(option) + 1]) == value
    elsewhere.keyboard.press("Escape")
    expect(elsewhere.get_by_label("Seed", exact=True)).to_have_value("42")
    other.close()
