"""Home: what is trained, how good it is, where to go next."""

import numpy as np
import streamlit as st

from mnist_core.config.train_config import TEST_SIZE
from mnist_core.drawing.prepare import prepare
from mnist_core.evaluation.statistics import accuracy_sentence
from mnist_core.plots.digit_counts import digit_counts_figure
from mnist_core.runs import store
from mnist_core.runs.run import SHIPPED
from mnist_core.system.program import command
from ui.common import cache, digit_images
from ui.common.page import page
from ui.common.run_table import run_table
from ui.components.engine import shipped_engine
from ui.components.paper import DIGIT, paper

LATEST = 5


@st.fragment  # a stroke reruns this alone
def greeting() -> None:
    """Paper that the shipped network reads in the browser, and the way to a network of one's own."""
    left, right = st.columns([3, 2], gap="large", vertical_alignment="center")
    with left:
        drawn = paper(DIGIT, "Paper to draw a digit on", shipped_engine(), size=220)
    with right:
        st.markdown("**Draw a digit.** A small network reads it in your browser, while you draw.")
        st.page_link("pages/1_Train.py", label="Now train your own", icon=":material/play_arrow:")
        st.page_link(
            "pages/6_Look_inside.py",
            label="Look inside this one",
            icon=":material/visibility:",
            query_params={"run": SHIPPED.name},
        )
    if drawn is not None and (prepared := prepare(drawn.picture, drawn.evened)) is not None:
        st.session_state["last_drawing"] = prepared.image  # the Train page shows how a run learns to read it


with page("Home", "Train a network on handwritten digits, see what it gets wrong, draw your own."):
    greeting()

    train_link, mistakes_link, draw_link = st.columns(3)
    with train_link.container(border=True):
        st.page_link("pages/1_Train.py", label="**Train**", icon=":material/model_training:")
        st.caption("Choose settings, and watch the loss fall.")
    with mistakes_link.container(border=True):
        st.page_link("pages/2_Mistakes.py", label="**Mistakes**", icon=":material/search:")
        st.caption("Browse the test digits that a run gets wrong.")
    with draw_link.container(border=True):
        st.page_link("pages/3_Draw.py", label="**Draw**", icon=":material/draw:")
        st.caption("Draw a digit and see what the network answers.")

    known = store.every()
    st.subheader("Runs", anchor=False)
    best = store.best_of(known, cache.status)
    if best is not None:
        status = cache.status(best)
        correct = round((status.test_accuracy or 0) * TEST_SIZE)
        st.markdown(f"Best so far: **{accuracy_sentence(correct, TEST_SIZE)}**, `{best.id}`.")
    if known:
        run_table(known[:LATEST])
        if len(known) > LATEST:
            st.caption(f"The latest {LATEST} of {len(known):,}; `{command()} runs` lists all.")
    else:
        st.info("Nothing is trained yet. The defaults reach about 97 % in less than a minute.", icon=":material/info:")
        st.page_link("pages/1_Train.py", label="Train your first network", icon=":material/play_arrow:")

    st.subheader("The digits", anchor=False)
    train, test = cache.digits("train"), cache.digits("test")
    st.markdown(
        f"MNIST: {len(train.labels):,} handwritten digits to train on and {len(test.labels):,} to test on, "
        "28x28 grey pixels each, by Y. LeCun, C. Cortes and C. Burges (CC BY-SA 3.0)."
    )
    first = [int(np.flatnonzero(train.labels == digit)[0]) for digit in range(10)]
    digit_images.row(
        [train.images[i] for i in first],
        [str(digit) for digit in range(10)],
        [f"A handwritten {digit} from the training digits." for digit in range(10)],
    )
    # On demand: plotly is 4.7 MB, which the browser would read while somebody begins to draw.
    if st.toggle("How often each digit occurs", key="counts"):
        counts = [np.bincount(split.labels, minlength=10) for split in (train, test)]
        st.plotly_chart(
            digit_counts_figure(*counts),
            key="digit_counts",
            config={"displayModeBar": False},
            alt=f"How often each digit occurs: between {counts[0].min():,} and {counts[0].max():,} times to train on.",
        )
