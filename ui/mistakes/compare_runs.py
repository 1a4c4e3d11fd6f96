"""The Two runs section: which digits only one of two runs gets right, and whether that could be luck."""

import numpy as np
import streamlit as st

from mnist_core.comparison.pair import Comparison, differing
from mnist_core.config.train_config import settings
from mnist_core.evaluation.statistics import accuracy_sentence
from mnist_core.runs.run import Run
from mnist_core.system.plain_text import with_article
from ui.common import cache, digit_images
from ui.common.page import nothing_yet
from ui.common.run_selector import choose_others, run_label
from ui.common.text import plain, signed
from ui.components.paging import choose_page, first_page

_PAGE = "two_runs_page"


def show(run: Run, epoch: int) -> None:
    """From another run to this one: settings, accuracies, McNemar's test, and the digits that set them apart."""
    if len(cache.runs_with_weights()) < 2:
        nothing_yet(
            "There is no second run to compare with. Train one, for example with another seed.",
            "pages/1_Train.py",
            "Train a network",
            ":material/model_training:",
        )
    others = choose_others(run, "Compare with", 1, key="other")
    if not others:
        st.info("Choose another run above, to see which digits only one of them gets right.", icon=":material/info:")
        return
    other, its_epoch = others[0], cache.answering_epoch(others[0])
    found = Comparison(
        cache.answers_of(other, its_epoch), cache.answers_of(run, epoch), differing(other, its_epoch, run, epoch)
    )
    low, high = (100 * end for end in found.gain_interval)
    st.markdown(f"**{found.sentence()}**")
    st.markdown(
        f"- First, {plain(run_label(other))}: accuracy {accuracy_sentence(found.before.correct, len(found.before))}\n"
        f"- Second, this run: accuracy {accuracy_sentence(found.after.correct, len(found.after))}\n"
        f"- From the first to the second: {signed(100 * found.gain, 2)} points "
        f"(95 % interval {signed(low, 2)} to {signed(high, 2)})\n"
        f"- Settings that differ: {_settings(found)}"
    )
    st.caption(
        "The test asks about these two networks, not about their settings: with another seed, the same settings "
        "give a network that differs by some tenths of a point. To compare settings, train each with several seeds."
    )
    _galleries(found)


def _galleries(found: Comparison) -> None:
    groups = {
        "Fixed": (found.fixed, "Wrong in the first, correct in the second."),
        "Newly broken": (found.broken, "Correct in the first, wrong in the second."),
        "Wrong in both": (found.both_wrong, "Wrong in both."),
    }
    chosen = st.segmented_control(
        "Digits",
        list(groups),
        default="Fixed",
        required=True,
        format_func=lambda name: f"{name}: {len(groups[name][0]):,}",
        key="two_runs_group",
        on_change=first_page,
        args=(_PAGE,),
        label_visibility="collapsed",
    )
    indices, about = groups[chosen or "Fixed"]
    page = choose_page(indices, _PAGE)
    page.beside.markdown(about if len(indices) else "None.")
    _cards(found, page.indices)


def _cards(found: Comparison, shown: np.ndarray) -> None:
    """Each digit with its label, and what the first (1.) and the second run (2.) take it for."""
    captions, alts = [], []
    for index in shown:
        true, first, second = found.before.labels[index], found.before.predicted[index], found.after.predicted[index]
        captions.append(f"is {true} · #{index}\n1. says {first}\n2. says {second}")
        alts.append(f"Test digit {index}: {with_article(true)}, the first run says {first}, the second {second}")
    digit_images.row(cache.digits("test").images[shown], captions, alts, size=84)


def _settings(found: Comparison) -> str:
    if not found.differing:
        return "none"
    labels = {name: setting.label for name, setting in settings().items()} | {"changes": "Changes"}
    return "; ".join(f"{labels[name]} {old} and {new}" for name, (old, new) in found.differing.items())
