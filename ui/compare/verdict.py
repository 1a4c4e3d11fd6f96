"""The Which is better section: accuracies with their intervals, and in words whether the difference could be luck."""

from collections.abc import Sequence

import streamlit as st

from mnist_core.comparison.entry import Entry
from mnist_core.comparison.pair import LEVEL
from mnist_core.comparison.seeds import by_settings, in_words
from mnist_core.comparison.several import MOST, Several, compare_all
from mnist_core.config.train_config import TEST_SIZE
from mnist_core.errors import MnistError
from mnist_core.evaluation.answers import Answers
from mnist_core.evaluation.statistics import accuracy_sentence, between, plural, probability, share
from mnist_core.plots.comparison import ROW_HEIGHT, Dots, dots_figure
from ui.common import cache
from ui.common.text import plain, signed
from ui.compare.chosen import names
from ui.components.live_chart import live_chart

SENTENCES = 8  # on settings
LINKS = 6  # pairs with a link to their digits below the words; the table has them all


def show(chosen: Sequence[Entry], shown: Sequence[Entry]) -> None:
    """Exact McNemar for two, all pairs after Holm for more, and Welch where settings have several seeds."""
    readable = [entry for entry in chosen if entry.created is not None]
    if len(readable) < 2:
        st.info("Choose two runs or more in the table above: here stands which is better.", icon=":material/info:")
        return
    called = names(readable)
    tested = [entry for entry in readable if entry.test_accuracy is not None]
    if tested:
        _dots(tested[: 3 * MOST], called)
    _best(readable, called)
    several, asked = _compare(readable[:MOST], called)
    if several is not None:
        one = several.pairs[0].comparison
        st.markdown(f"**{plain(one.sentence() if len(several.pairs) == 1 else several.sentence())}**")
        if len(several.pairs) == 1:
            first, second = several.names
            st.markdown(plain(f"First: {first}. Second: {second}."))
    told = in_words(by_settings(readable))
    for sentence in told[:SENTENCES]:
        st.markdown(f"- {plain(sentence)}")
    if len(told) > SENTENCES:
        st.caption(f"{len(told) - SENTENCES} more sentences on pairs of settings are left out: choose fewer of them.")
    if several is not None:
        _pairs(several, asked)
    if len(readable) > MOST:
        st.caption(f"Pairs are tested of the first {MOST} of {len(readable):,} chosen runs.")


def _dots(tested: Sequence[Entry], called: dict[str, str]) -> None:
    dots = []
    for entry in tested:
        test, validation = entry.test_interval(), entry.validation_interval(entry.validation_accuracy)
        dots.append(
            Dots(
                called[entry.run],
                (entry.test_accuracy, test, TEST_SIZE) if test and entry.test_accuracy is not None else None,
                (entry.validation_accuracy, validation, entry.settings["validation_size"])
                if validation and entry.validation_accuracy is not None
                else None,
            )
        )
    told = "; ".join(
        f"{called[e.run]} {accuracy_sentence(round((e.test_accuracy or 0) * TEST_SIZE), TEST_SIZE)}"
        for e in tested[:10]
    )
    height = 110 + ROW_HEIGHT * len(tested)
    live_chart(dots_figure(dots), key="compared_dots", alt=f"Accuracies after the last epoch: {told}.", height=height)


def _best(readable: Sequence[Entry], called: dict[str, str]) -> None:
    """The best by validation digits, where all held some out: the test digits are not to choose by."""
    known = [(entry.best.validation_accuracy, entry) for entry in readable if entry.best is not None]
    if len(known) < len(readable):
        lacking = len(readable) - len(known)
        st.caption(
            f"{plural(lacking, 'run')} held out no validation digits: which is best is chosen by those, and the test "
            "digits are only reported. Train with validation digits to choose."
        )
        return
    accuracy, best = max(known, key=lambda pair: pair[0])
    interval = best.validation_interval(accuracy)
    assert best.best is not None
    then = "" if best.best.test_accuracy is None else f"; its test accuracy then: {share(best.best.test_accuracy, 2)}"
    n = best.settings["validation_size"]
    ends = f", 95 % interval {between(interval, 2)}" if interval else ""
    st.markdown(
        f"Best by validation digits: **{plain(called[best.run])}**, {share(accuracy, 2)} after "
        f"{plural(best.best.epoch, 'epoch')} ({n:,} digits{ends}){then}."
    )


def _compare(readable: Sequence[Entry], called: dict[str, str]) -> tuple[Several | None, list[Entry]]:
    """All pairs of those that can be asked; why others cannot is said."""
    asked: list[tuple[Entry, int, Answers]] = []
    for entry in readable:
        try:
            epoch = cache.answering_epoch(entry.where)
            asked.append((entry, epoch, cache.answers_of(entry.where, epoch)))
        except MnistError as error:
            st.warning(plain(str(error)), icon=":material/healing:")
    if len(asked) < 2:
        return None, []
    entries = [entry for entry, _, _ in asked]
    found = compare_all(
        [called[entry.run] for entry in entries],
        [entry.where for entry in entries],
        [epoch for _, epoch, _ in asked],
        [answers for _, _, answers in asked],
    )
    return found, entries


def _pairs(several: Several, asked: Sequence[Entry]) -> None:
    """Every pair with a way to the digits that set it apart, what is surest first."""
    pairs = sorted(several.pairs, key=lambda pair: pair.comparison.p_value)
    if len(pairs) > 1:
        rows = [
            {
                "First": several.names[pair.first],
                "Second": several.names[pair.second],
                "Second gains": f"{signed(100 * pair.comparison.gain, 2)} points",
                "95 % interval": " to ".join(signed(100 * end, 2) for end in pair.comparison.gain_interval),
                "Only second": len(pair.comparison.fixed),
                "Only first": len(pair.comparison.broken),
                "p": probability(pair.comparison.p_value).removeprefix("= "),
                "p after Holm": probability(pair.corrected).removeprefix("= "),
                "Could be luck": "yes" if pair.could_be_luck else "no",
            }
            for pair in pairs
        ]
        st.dataframe(rows, hide_index=True, height=min(38 + 35 * len(rows), 300), alt="Every pair of the chosen runs.")
        st.caption(
            f"Only first, only second: how many of the {several.n:,} test digits only that one gets right. After Holm "
            f"a p below {LEVEL} is not luck, however many pairs are looked at."
        )
    st.markdown("The digits that set them apart, on the Mistakes page:")
    for pair in pairs[:LINKS]:
        first, second = asked[pair.first], asked[pair.second]
        names_ = plain(f"{several.names[pair.first]} and {several.names[pair.second]}")
        count = len(pair.comparison.fixed) + len(pair.comparison.broken)
        st.page_link(
            "pages/2_Mistakes.py",
            label=f"{names_}: {plural(count, 'digit')}",
            icon=":material/compare:",
            query_params={"run": second.run, "other": first.run, "section": "Two runs"},
        )
