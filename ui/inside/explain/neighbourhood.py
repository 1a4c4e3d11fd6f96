"""Where the digit lies among the test digits: a map, the same over the epochs, and its nearest training digits."""

import uuid
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from mnist_core.config.train_config import TEST_SIZE
from mnist_core.evaluation.statistics import plural
from mnist_core.interpretation import projection
from mnist_core.interpretation.over_epochs import maps
from mnist_core.interpretation.projection import DigitMap, Plane
from mnist_core.plots.projection import Own, map_figure, maps_figure
from mnist_core.runs.run import Run
from ui.common import cache
from ui.common.background_task import watch
from ui.common.nearest_digits import nearest_digits
from ui.components import digit_cards
from ui.components.digit_map import choose_map
from ui.components.paging import choose_page
from ui.components.projection_chart import map_chart
from ui.inside.subject import Subject, look_at, numbered
from ui.inside.try_this import try_this

if TYPE_CHECKING:
    import torch

CHOSEN, PAGE, PLAY = "chosen_digits", "chosen_page", "maps_play"
_AROUND = 24  # digits that "try this" takes


def show_map(subject: Subject) -> None:
    """The map of test digits with the reader's digit on it; a lasso opens what it holds."""
    run, epoch, answers = subject.run, subject.epoch, cache.answers_of(subject.run, subject.epoch)
    seen = st.container()
    chosen = choose_map(run, epoch, at_once=True)
    if chosen is None:
        return
    own = _own_features(run, epoch, cache.stamp(run.weights(epoch)), subject.image.tobytes())
    place = _place(run, epoch, own, chosen.map, chosen.plane)
    with seen:
        try_this(
            f"The star is {subject.name}. Digits that look alike to the network lie close together. Draw a lasso "
            "around some: they open below.",
            "open the digits around the star",
            _choose_around,
            chosen.map,
            place,
        )
    map_chart(
        map_figure(chosen.map, answers, chosen.revision, Own(place, subject.name), lasso=True),
        key="own_map",
        alt=f"Map of test digits by the network's features, with {subject.name} on it. {chosen.about}",
        on_select=choose,
    )
    by = (
        "The star lies where its own features put it."
        if chosen.plane is not None
        else "t-SNE has no rule for a new digit: the star lies at the mean place of its "
        f"{projection.NEIGHBOURS} nearest digits on the map, the nearer counting more."
    )
    st.caption(f"{chosen.about} {by} The bar above the map changes lasso, box and zoom.")
    _gallery(subject)


def show_neighbours(subject: Subject) -> None:
    """The training digits that look most like it to the network."""
    try_this(
        "The training digits that look most like this one to the network: what it has learned from, and what it takes "
        "this digit for.",
        "another digit that it gets wrong",
        _look_at_another_mistake,
        cache.answers_of(subject.run, subject.epoch).mistakes,
    )
    nearest_digits(subject.run, subject.epoch, subject.image)


def show_epochs(subject: Subject) -> None:
    """One map for all epochs, with a slider."""
    run = subject.run
    seen = (
        "One plane for all epochs: the digits begin in one heap, and training pulls them apart. "
        f"The star is {subject.name}."
    )
    last = max(cache.saved_epochs(run))
    found = maps.ANALYSIS.load(run, last)
    if found is None:
        st.markdown(seen)
        watch({"The saved epochs": maps.ANALYSIS.study(run, last)}, "Compute the maps", "a few seconds an epoch.")
        return
    try_this(seen, "play the epochs", _play)
    stamps = tuple(cache.stamp(run.weights(epoch)) for epoch in found.epochs)
    places = found.plane.place(_own_over_epochs(run, tuple(found.epochs), stamps, subject.image.tobytes()))
    own = [Own(place, subject.name) for place in places]
    map_chart(
        maps_figure(found, cache.digits("test").labels, f"{run.id} {last} epochs", own),
        key="maps",
        alt=f"Map of {len(found.indices):,} test digits after each of {plural(len(found.epochs), 'epoch')}.",
        on_select=choose,
        play=st.session_state.get(PLAY),
    )
    st.caption(
        f"{len(found.indices):,} of the {TEST_SIZE:,} test digits, drawn at random. The plane is that of the two "
        f"principal components after epoch {last}; the axes stay. Drag a lasso around some digits: they open below."
    )
    _gallery(subject)


def choose(indices: list[int]) -> None:
    """Open these test digits below the map; for callbacks."""
    st.session_state[CHOSEN] = indices
    st.session_state.pop(PAGE, None)  # the first


def _gallery(subject: Subject) -> None:
    """The chosen digits as cards; a card makes its digit the one that the page looks at."""
    chosen = np.array(st.session_state.get(CHOSEN, ()), int)
    if not len(chosen):
        return
    answers = cache.answers_of(subject.run, subject.epoch)
    wrong = int((answers.predicted[chosen] != answers.labels[chosen]).sum())
    page = choose_page(chosen, PAGE)
    page.beside.markdown(f"**{plural(len(chosen), 'digit')}**, {wrong} read wrongly. Click one to look at it here.")
    digit_cards.cards(answers, page.indices, lambda index: look_at(int(index)), key="chosen_cards")


def _place(run: Run, epoch: int, own: np.ndarray, digit_map: DigitMap, plane: Plane | None) -> np.ndarray:
    if plane is not None:
        return plane.place(own[None])[0]
    values = _test_features(run, epoch, cache.stamp(run.weights(epoch)))
    return projection.place_by_neighbours(own, values[digit_map.indices], digit_map.places)


@st.cache_resource(show_spinner=False, max_entries=4, hash_funcs=cache.PATHS)
def _test_features(run: Run, epoch: int, stamp: cache.Stamp) -> np.ndarray:
    from mnist_core.interpretation.embeddings import features

    return features(run, epoch, "test")


@st.cache_data(show_spinner=False, max_entries=200, hash_funcs=cache.PATHS)
def _own_features(run: Run, epoch: int, stamp: cache.Stamp, pixels: bytes) -> np.ndarray:
    from mnist_core.interpretation.embeddings import features_of

    image = np.frombuffer(pixels, np.uint8).reshape(1, 28, 28)
    found: np.ndarray = features_of(cache.network(run, epoch), image)[0]
    return found


@st.cache_data(show_spinner="Asking every epoch ...", max_entries=50, hash_funcs=cache.PATHS)
def _own_over_epochs(run: Run, epochs: tuple[int, ...], stamps: tuple[cache.Stamp, ...], pixels: bytes) -> np.ndarray:
    from mnist_core.interpretation.embeddings import features_of

    image = np.frombuffer(pixels, np.uint8).reshape(1, 28, 28)
    every = zip(epochs, stamps, strict=True)
    return np.stack([features_of(_network_at(run, epoch, stamp), image)[0] for epoch, stamp in every])


@st.cache_resource(show_spinner=False, max_entries=3 * maps.MOST_EPOCHS, hash_funcs=cache.PATHS)
def _network_at(run: Run, epoch: int, stamp: cache.Stamp) -> "torch.nn.Module":
    from mnist_core.interpretation.over_epochs.weights import network_at

    return network_at(run, epoch)


def _choose_around(digit_map: DigitMap, place: np.ndarray) -> None:
    distances = np.linalg.norm(digit_map.places - place, axis=1)
    choose(digit_map.indices[np.argsort(distances, kind="stable")[:_AROUND]].tolist())


def _look_at_another_mistake(mistakes: np.ndarray) -> None:
    """The mistake after the shown one, worst first."""
    if len(mistakes):
        shown = np.flatnonzero(mistakes == numbered())
        look_at(int(mistakes[(int(shown[0]) + 1) % len(mistakes) if len(shown) else 0]))


def _play() -> None:
    st.session_state[PLAY] = uuid.uuid4().hex
