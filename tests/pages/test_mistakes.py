"""Mistakes through Streamlit's AppTest, against the trainer's saved answers read without the page's own code."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mnist_core.data import mnist
from mnist_core.runs import store as store_module
from mnist_core.runs.run import Run
from mnist_core.system.files import REPOSITORY
from mnist_core.system.plain_text import with_article
from tests.support.mistakes_page import (
    Oracle,
    all_pages,
    gallery,
    gallery_html,
    indices,
    named,
    open_mistakes,
    stated,
)
from tests.support.pages import checked
from tests.support.run_folders import save_answers

PAGE_SIZE = 60


def test_headline_counts_what_is_wrong(oracle: Oracle) -> None:
    app = open_mistakes()
    headline = next(m.value for m in app.markdown if "digits wrong" in m.value)
    wrong = len(oracle.wrong)
    assert headline.startswith(f"**{wrong:,} of 10,000 test digits wrong** after 1 epoch: accuracy ")
    assert f"{(10_000 - wrong) / 100:.1f} % (10,000 test digits, 95 % interval " in headline


def test_the_pages_hold_every_mistake_once(oracle: Oracle) -> None:
    app = open_mistakes()
    assert stated(app) == f"**1 to {PAGE_SIZE}** of {len(oracle.wrong):,} mistakes"
    assert sorted(all_pages(app)) == oracle.wrong
    assert stated(app).split("**")[1].endswith(f"to {len(oracle.wrong):,}")


def test_filters_show_exactly_the_cell(oracle: Oracle) -> None:
    true, read, count = oracle.most_confused()
    app = open_mistakes()
    app.selectbox("true").select(str(true))
    app = checked(app.selectbox("read").select(str(read)).run())
    assert {(t, r) for _, t, r in gallery(app)} == {(true, read)}
    assert len(gallery(app)) == min(count, PAGE_SIZE)
    assert stated(app).endswith(f"of {count:,} mistakes")


def test_one_filter_alone_shows_a_row_or_a_column(oracle: Oracle) -> None:
    app = checked(open_mistakes().selectbox("true").select("8").run())
    assert stated(app).endswith(f"of {oracle.counts()[8].sum():,} mistakes")
    app = checked(open_mistakes().selectbox("read").select("3").run())
    assert stated(app).endswith(f"of {oracle.counts()[:, 3].sum():,} mistakes")


@pytest.mark.parametrize(
    "order",
    ["Largest loss", "Highest probability", "Lowest probability", "Smallest margin", "Largest margin", "Index"],
)
def test_orders(oracle: Oracle, order: str) -> None:
    app = checked(open_mistakes().selectbox("sort").select(order).run())
    key = {
        "Largest loss": lambda i: -oracle.loss[i],
        "Highest probability": lambda i: -oracle.probability[i],
        "Lowest probability": lambda i: oracle.probability[i],
        "Smallest margin": lambda i: oracle.margin[i],
        "Largest margin": lambda i: -oracle.margin[i],
        "Index": lambda i: i,
    }[order]
    assert indices(app) == sorted(oracle.wrong, key=key)[:PAGE_SIZE]


def test_the_last_page_holds_what_is_left(oracle: Oracle) -> None:
    app = open_mistakes()
    last = app.pagination[0].num_pages
    assert last == -(-len(oracle.wrong) // PAGE_SIZE)
    app = checked(app.pagination[0].select(last).run())
    assert len(gallery(app)) == len(oracle.wrong) - PAGE_SIZE * (last - 1)


def test_another_order_or_filter_goes_back_to_the_first_page(oracle: Oracle) -> None:
    digit = int(oracle.counts().sum(1).argmax())
    assert oracle.counts()[digit].sum() > PAGE_SIZE, "else the page would be clamped to the first anyway"
    for key, option in (("sort", "Index"), ("true", str(digit))):
        app = checked(open_mistakes().pagination[0].select(2).run())
        assert stated(app).startswith(f"**{PAGE_SIZE + 1} to ")
        assert stated(checked(app.selectbox(key).select(option).run())).startswith("**1 to ")


def test_the_address_brings_filters_order_and_page_back(oracle: Oracle) -> None:
    app = open_mistakes(sort="Index", page="2")
    assert indices(app) == oracle.wrong[PAGE_SIZE : 2 * PAGE_SIZE]
    true, read, count = oracle.most_confused()
    assert stated(open_mistakes(true=str(true), read=str(read))).endswith(f"of {count:,} mistakes")


@pytest.mark.parametrize(
    "query",
    [
        {"page": "999"},
        {"page": "0"},
        {"page": "x"},
        {"true": "12"},
        {"sort": "?"},
        {"probability": "x"},
        {"digit": "10000"},
        {"digit": "-1"},
    ],
)
def test_nonsense_in_the_address_is_left_aside(oracle: Oracle, query: dict[str, str]) -> None:
    assert stated(open_mistakes(**query)) == f"**1 to {PAGE_SIZE}** of {len(oracle.wrong):,} mistakes"


def test_no_match_says_so_and_a_button_clears_the_filters(oracle: Oracle) -> None:
    app = open_mistakes(true="5", read="5")
    assert app.info[0].value == "A 5 read as a 5 is no mistake."
    assert gallery(app) == []
    app = checked(named(app, "Show all mistakes").click().run())
    assert stated(app).endswith(f"of {len(oracle.wrong):,} mistakes")
    assert [app.selectbox(key).value for key in ("true", "read")] == ["All", "All"]

    true, read = np.argwhere((oracle.counts() + np.eye(10)) == 0)[0]
    app = open_mistakes(true=str(true), read=str(read))
    assert app.info[0].value == f"No {true} is read as {with_article(read)}."


def test_without_a_run_it_leads_to_train(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "SHIPPED", home / "not here")
    app = open_mistakes()
    assert "no trained network yet" in app.info[0].value
    assert not app.selectbox
    assert "Train a network" in [getattr(link, "label", "") for link in app.get("page_link")]


def test_a_perfect_run_has_no_mistakes(trained: Run) -> None:
    perfect = np.full((10_000, 10), -50, np.float32)
    perfect[np.arange(10_000), mnist.load_arrays("test").labels] = 0
    save_answers(trained, 1, perfect)
    app = open_mistakes()
    assert "No mistakes" in app.info[0].value
    assert any("0 of 10,000 test digits wrong" in m.value for m in app.markdown)


def test_a_page_past_the_end_of_another_run_is_its_last(oracle: Oracle, trained: Run) -> None:
    better = trained.path.with_name("20200101-000000-cnn-beef")
    shutil.copytree(trained.path, better)
    answers = np.full((10_000, 10), -50, np.float32)
    answers[np.arange(10_000), mnist.load_arrays("test").labels] = 0
    answers[:100] = np.roll(answers[:100], 1, axis=1)  # the first hundred are wrong, which is two pages
    save_answers(Run(better), 1, answers)
    app = open_mistakes(run=trained.id)
    app = checked(app.pagination[0].select(app.pagination[0].num_pages).run())
    app = checked(app.selectbox("run").select(better.name).run())
    assert stated(app) == f"**{PAGE_SIZE + 1} to 100** of 100 mistakes"


@pytest.mark.usefixtures("trained")
def test_saved_answers_need_no_torch() -> None:
    code = (
        "import sys; from tests.pages.test_mistakes import gallery, open_mistakes; assert len(gallery(open_mistakes()))"
        "; assert 'streamlit' in sys.modules and 'torch' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def test_probability_and_margin_cut_at_what_the_sliders_say(oracle: Oracle) -> None:
    app = open_mistakes()
    app = checked(app.slider("probability").set_range(30, 60).run())
    between = [i for i in oracle.wrong if 0.3 <= oracle.probability[i] <= 0.6]
    assert stated(app).endswith(f"of {len(between):,} mistakes")
    app = checked(app.slider("margin").set_range(0, 5).run())
    narrow = [i for i in between if oracle.margin[i] <= 0.05]
    assert 0 < len(narrow) < len(between)
    assert sorted(all_pages(app)) == narrow


def test_cards_hold_the_three_most_probable_digits(oracle: Oracle) -> None:
    html = gallery_html(open_mistakes(sort="Index"))
    cards = re.findall(r'<button.*?data-value="(\d+)">(.*?)</button>', html, re.DOTALL)
    assert len(cards) == PAGE_SIZE
    for index, body in cards:
        said = [int(digit) for digit in re.findall(r'class="share[^>]*>(\d)', body)]
        assert said == list(np.argsort(-oracle.probabilities[int(index)], kind="stable")[:3])


def test_the_two_files_hold_what_the_gallery_shows(oracle: Oracle) -> None:
    true, read, count = oracle.most_confused()
    app = open_mistakes(true=str(true), read=str(read))
    assert [button.proto.label for button in app.get("download_button")] == ["Table (CSV)", "Pictures (ZIP)"]
    assert f"Download these {count:,}:" in [m.value for m in app.markdown]
