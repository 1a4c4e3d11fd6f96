"""A choice of two maps of the test digits: PCA is there at once, t-SNE is computed by a process of its own."""

from typing import NamedTuple

import numpy as np
import streamlit as st

from mnist_core.evaluation import statistics
from mnist_core.interpretation import embeddings, projection
from mnist_core.interpretation.projection import DigitMap, Plane
from mnist_core.runs.run import Run
from ui.access import changes
from ui.access.account import may_change
from ui.common import cache
from ui.common.background_task import watch

PCA, TSNE = "Principal components (PCA)", "Neighbourhoods (t-SNE)"
_HELP = (
    "- **PCA** projects on the two directions of largest variance: distances mean something, clusters overlap.\n"
    "- **t-SNE** keeps neighbours together and pulls clusters apart: neighbourhoods mean something, sizes and "
    "distances between clusters do not."
)


class Chosen(NamedTuple):
    """The map that is to be shown."""

    map: DigitMap
    about: str  # what it holds, in sentences
    revision: str  # of its axes: another where they are others
    plane: Plane | None  # of a map by PCA


def choose_map(run: Run, epoch: int, *, at_once: bool = False) -> Chosen | None:
    """The choice, and the map; None while it is not there yet, and a button or a bar is.

    Embedding the test digits is a second or ten. With `at_once` a process of its own does it, which starts by itself.
    """
    way = st.segmented_control(
        "Map", [PCA, TSNE], default=PCA, required=True, key="map", help=_HELP, persist_state="session"
    )
    answers, revision = cache.answers_of(run, epoch), f"{run.id} {epoch} {way}"
    if way == PCA:
        if at_once and not _are_embedded(run, epoch):
            return None
        found, plane = _principal_components(run, epoch, cache.stamp(run.weights(epoch)))
        share = statistics.share(plane.share, 0)
        about = f"All {len(answers):,} test digits. These two components hold {share} of the variance."
        return Chosen(found, about, revision, plane)
    by_neighbours = projection.ANALYSIS.load(run, epoch)
    if by_neighbours is None:
        watch(
            {"Map": projection.ANALYSIS.study(run, epoch)},
            "Compute the map",
            "about half a minute; the page stays usable meanwhile.",
        )
        return None
    shown = int((answers.predicted != answers.labels)[by_neighbours.indices].sum())
    about = (
        f"{len(by_neighbours.indices):,} of the {len(answers):,} test digits: {shown:,} of {len(answers.mistakes):,} "
        f"mistakes, others drawn at random. t-SNE (van der Maaten, Hinton, 2008), perplexity {projection.PERPLEXITY}."
    )
    return Chosen(by_neighbours, about, revision, None)


def _are_embedded(run: Run, epoch: int) -> bool:
    """Whether the test digits are embedded; starts that, and shows how far it is, where they are not."""
    if embeddings.is_computed(run, epoch, "test"):
        return True
    study = embeddings.TEST_ANALYSIS.study(run, epoch)
    if study.load_if_whole() is not None:
        return True  # its file was lost: read again here
    if study.progress() is None and may_change():
        changes.start_study(study)
    watch({"The 10,000 test digits": study}, "Embed them", "a few seconds, once for each epoch.")
    return False


@st.cache_resource(show_spinner="Computing the embeddings ...", max_entries=8, hash_funcs=cache.PATHS)
def _principal_components(run: Run, epoch: int, stamp: cache.Stamp) -> tuple[DigitMap, Plane]:
    from mnist_core.interpretation.embeddings import features

    values = features(run, epoch, "test")
    plane = projection.principal_plane(values)
    return DigitMap(np.arange(len(values)), plane.place(values)), plane
