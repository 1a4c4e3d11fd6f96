"""Which channel or unit of a layer the network needs most: all of them, each off alone, as bars."""

import streamlit as st

from mnist_core.config.changes import Off
from mnist_core.evaluation.statistics import accuracy_sentence
from mnist_core.interpretation import each_unit
from mnist_core.plots.inside.each_unit import each_unit_figure, in_words
from ui.common import cache
from ui.common.background_task import watch
from ui.inside.breaking import history
from ui.inside.breaking.form import described, network_key
from ui.inside.subject import Subject
from ui.inside.try_this import try_this

SLOW = 10_000_000  # floating-point operations for a digit


def show(subject: Subject) -> None:
    """A layer to choose, its bars where they have been computed, else a button that does."""
    from mnist_core.models.changed import layers

    known = layers(cache.network(subject.run, subject.epoch))
    name = st.selectbox(
        "Layer", list(known), format_func=lambda name: described(known[name]), key=f"needed_layer_{network_key(known)}"
    )
    what = known[name].what
    found = each_unit.load(subject.run, subject.epoch, name)
    if found is None:
        is_slow = cache.record(subject.run).config.network_size.flops > SLOW
        how_long = "minutes, up to a quarter of an hour" if is_slow else "seconds, up to half a minute"
        watch(
            {name: each_unit.study(subject.run, subject.epoch, name)},
            f"Switch off each of its {what} in turn",
            f"each of {known[name].size} is asked about the 10,000 test digits; {how_long}, beside this page.",
        )
        return
    needed = found.by_need[0].place
    try_this(
        f"What the accuracy of the unchanged network loses when one of the {what} of {name} is off: the first is "
        "needed most.",
        f"switch off {what[:-1]} {needed}",
        history.begin_with,
        subject.run,
        Off(layer=name, what=what, places=(needed,)),
    )
    st.plotly_chart(
        each_unit_figure(found, what), key=f"needed_{name}", config={"displayModeBar": False}, alt=in_words(found, what)
    )
    st.caption(
        f"All on: {accuracy_sentence(found.correct, found.n)}. Lines: 95 % interval of each difference. Grey: could be "
        "luck (McNemar's exact test, corrected for their number after Holm). Of many, the lowest looks a little lower "
        "than it is."
    )
