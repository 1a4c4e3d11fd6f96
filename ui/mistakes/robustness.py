"""The Robustness section: how the accuracy falls as the test digits are turned, moved, blurred and so on."""

import numpy as np
import streamlit as st

from mnist_core.config.train_config import TEST_SIZE
from mnist_core.data.corruptions import CORRUPTIONS
from mnist_core.evaluation import robustness as core
from mnist_core.plots.robustness import robustness_figure, robustness_in_words
from mnist_core.plots.style import RUN_STYLES
from mnist_core.runs.run import Run
from ui.common import cache
from ui.common.background_task import answers_beside
from ui.common.run_selector import choose_others, legend

EXAMPLE = 7  # the test digit whose pictures stand below the curves, unless another is chosen


def show(run: Run, epoch: int) -> None:
    """Curves of this run and of others that are chosen, each strength with its picture; a button where none is."""
    st.markdown(
        "How does the accuracy fall on distorted digits? "
        f"All {TEST_SIZE:,} test digits are changed in seven ways, each at increasing strength."
    )
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    with left:
        others = choose_others(run, "Other runs beside it", len(RUN_STYLES) - 1, key="beside")
    example = int(
        right.number_input(
            "Test digit shown", 0, TEST_SIZE - 1, EXAMPLE, key="example", help="Its pictures stand below the curves."
        )
    )
    note = "about a minute a run on two cores; the page stays usable meanwhile."
    wanted, curves = answers_beside(core.ANALYSIS, run, epoch, others, "Test how robust it is", note)
    if len(wanted) > 1 and curves:
        legend(wanted, list(curves))
    columns = st.columns(2, gap="medium")
    for place, (kind, corruption) in enumerate(CORRUPTIONS.items()):
        with columns[place % 2]:
            own = {label: points[kind] for label, points in curves.items()}
            st.markdown(f"**{corruption.title}** ({corruption.axis}). {corruption.description}")
            st.plotly_chart(
                robustness_figure(corruption, own, _pictures(kind, example)),
                key=f"robustness_{kind}",
                config={"displayModeBar": False},
                alt=robustness_in_words(corruption, own),
            )
    st.caption(
        f"Bands: Wilson's 95 % interval, {TEST_SIZE:,} test digits a point. "
        "The kinds follow MNIST-C (Mu, Gilmer, 2019), "
        "noise and contrast ImageNet-C (Hendrycks and Dietterich, 2019), strokes Morpho-MNIST (Castro et al., 2019); "
        "directions and noise are drawn once, the same for every network."
    )


def _pictures(kind: str, index: int) -> list[np.ndarray]:
    """One test digit at each strength, ascending, with the digit as it is among them: uint8 (28, 28) each."""
    return _drawn(kind, index, cache.digits("test").images[index].tobytes())


@st.cache_data(show_spinner="Changing the digit ...", max_entries=200)
def _drawn(kind: str, index: int, digit: bytes) -> list[np.ndarray]:
    import torch  # only here, and once a server

    from mnist_core.data.corruptions import corrupt

    image = torch.frombuffer(bytearray(digit), dtype=torch.uint8).view(1, 28, 28)
    corruption = CORRUPTIONS[kind]
    return [corrupt(image, kind, s)[0].numpy() for s in sorted((corruption.neutral, *corruption.strengths))]
