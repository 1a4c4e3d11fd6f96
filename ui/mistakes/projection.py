"""The Map section: the test digits as points, close together where they look alike to the network."""

import numpy as np
import streamlit as st

from mnist_core.evaluation import statistics
from mnist_core.interpretation import projection as core
from mnist_core.interpretation.projection import DigitMap
from mnist_core.plots.projection import map_figure
from mnist_core.runs.run import Run
from ui.common import cache
from ui.common.background_task import watch
from ui.components.projection_chart import map_chart

_PCA, _TSNE = "Principal components (PCA)", "Neighbourhoods (t-SNE)"
_HELP = (
    "- **PCA** projects on the two directions of largest variance: distances mean something, clusters overlap.\n"
    "- **t-SNE** keeps neighbours together and pulls clusters apart: neighbourhoods mean something, sizes and "
    "distances between clusters do not."
)


def show(run: Run, epoch: int) -> None:
    """A choice of two maps; PCA is there at once, t-SNE is computed by a process of its own."""
    st.markdown(
        "The network's embedding of each test digit (the input of its last layer), projected to two dimensions. "
        "Digits that look alike to the network lie close together; its mistakes lie where the clusters touch."
    )
    way = st.segmented_control(
        "Map", [_PCA, _TSNE], default=_PCA, required=True, key="map", help=_HELP, persist_state="session"
    )
    answers = cache.answers_of(run, epoch)
    if way == _TSNE:
        found = core.ANALYSIS.load(run, epoch)
        if found is None:
            watch(
                {"Map": core.ANALYSIS.study(run, epoch)},
                "Compute the map",
                "about half a minute; the page stays usable meanwhile.",
            )
            return
        shown = int((answers.predicted != answers.labels)[found.indices].sum())
        about = (
            f"{len(found.indices):,} of the {len(answers):,} test digits: {shown:,} of {len(answers.mistakes):,} "
            f"mistakes, others drawn at random. t-SNE (van der Maaten, Hinton, 2008), perplexity {core.PERPLEXITY}."
        )
    else:
        found, share = _principal_components(run, epoch, cache.stamp(run.weights(epoch)))
        about = (
            f"All {len(answers):,} test digits. These two components hold {statistics.share(share, 0)} of the variance."
        )
    map_chart(
        map_figure(found, answers, f"{run.id} {epoch} {way}"),
        key="digit_map",
        alt=f"Map of test digits by the network's features. {about} Arrow keys go from mistake to mistake.",
    )
    st.caption(about + " Drag over a part to enlarge it; double-click to see all.")


@st.cache_resource(show_spinner="Computing the embeddings ...", max_entries=8, hash_funcs=cache.PATHS)
def _principal_components(run: Run, epoch: int, stamp: cache.Stamp) -> tuple[DigitMap, float]:
    from mnist_core.interpretation.embeddings import features

    places, share = core.principal_components(features(run, epoch, "test"))
    return DigitMap(np.arange(len(places)), places), share
