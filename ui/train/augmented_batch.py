"""What training sees: a batch as its augmentation shows it, and one digit as epoch after epoch shows it."""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from mnist_core.config.train_config import TrainConfig
from mnist_core.drawing import synthetic
from mnist_core.evaluation.statistics import plural
from mnist_core.runs.run import Run
from mnist_core.system.plain_text import with_article
from ui.common import cache
from ui.common.cache import PATHS
from ui.common.digit_images import any_picture

if TYPE_CHECKING:
    from mnist_core.data.mnist import Split

SHOWN, DRAWS = 50, 25
THIS_RUN, FORM = "This run", "The settings in the form"
_BATCH = "seen_batch"  # how many batches further than the first


@st.fragment
def what_training_sees(run: Run | None, form: TrainConfig | None) -> None:
    """A batch, redrawn on demand, and one digit through 25 draws; of a run, or of the settings in the form."""
    choices = [name for name, is_there in ((THIS_RUN, run is not None), (FORM, form is not None)) if is_there]
    if not choices:
        st.info("These settings exclude each other: mend them first.", icon=":material/info:")
        return
    chosen = st.segmented_control("Of", choices, default=choices[0], required=True, key="seen_of")
    of_run = run if chosen == THIS_RUN else None
    config = cache.record(of_run).config if of_run is not None else form
    if config is None:
        return
    if config.synthetic_digits and not synthetic.is_made(config.synthetic_digits):
        st.info(
            f"{config.synthetic_digits:,} synthetic digits belong to it, which a training with these settings draws "
            "first: start one, and look here again.",
            icon=":material/info:",
        )
        return
    is_changed = config.augmentation != "none"
    if is_changed:
        st.markdown(
            f"**Every digit is changed anew each time it is shown** (augmentation {config.augmentation}, strength "
            f"{config.augmentation_strength:g}): the network never sees the same picture twice, and has to learn what "
            "stays."
        )
    else:
        st.markdown(
            "**These settings have no augmentation: the digits are shown as they are**, the same pictures in every "
            "epoch, in another order."
        )
    train = _training_digits(of_run, config.hash(), config)
    left, right = st.columns([3, 2], gap="large")
    with left:
        _batch(config, train)
    with right:
        _one_digit(config, train, of_run, is_changed)


def _batch(config: TrainConfig, train: "Split") -> None:
    from mnist_core.data.mnist import grey_levels
    from mnist_core.training.digits import batch_of

    epoch, batch = divmod(st.session_state.get(_BATCH, 0), config.steps_per_epoch)
    epoch %= config.epochs or 1
    seen = batch_of(config, train, epoch, batch)
    images = grey_levels(seen.images[:SHOWN, 0]).numpy()
    labels = seen.labels[:SHOWN].tolist()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Try this: the next batch", icon=":material/science:", on_click=_next_batch)
        st.markdown(f"Batch {batch + 1:,} of {config.steps_per_epoch:,} in epoch {epoch + 1}")
    alt = f"The first {len(labels)} digits of the batch, as the network sees them: {' '.join(map(str, labels))}"
    st.html(any_picture(side_by_side(images, 10), alt, "width:100%;max-width:34rem"))
    of = f"The first {SHOWN} of {len(seen.labels)}" if len(seen.labels) > SHOWN else f"All {len(labels)}"
    st.caption(f"{of} digits that one update looks at: exactly those of the training with this seed ({config.seed}).")


def _next_batch() -> None:
    st.session_state[_BATCH] = st.session_state.get(_BATCH, 0) + 1


def _one_digit(config: TrainConfig, train: "Split", run: Run | None, is_changed: bool) -> None:
    from mnist_core.data.mnist import grey_levels
    from mnist_core.training.digits import one_digit

    most = len(train.labels) - 1
    st.session_state["seen_digit"] = min(st.session_state.get("seen_digit", 0), most)
    index = int(st.number_input("Training digit", 0, most, key="seen_digit", width=160))
    name = f"Training digit {index}, {with_article(int(train.labels[index]))}"
    if not is_changed:
        st.html(any_picture(train.images[index].numpy(), name, "width:7rem"))
        st.caption(f"{name}: in every epoch like this.")
        return
    draws = np.stack([grey_levels(one).numpy() for one in one_digit(config, train, index, DRAWS)])
    with st.container(horizontal=True):
        for picture, alt, width in (
            (train.images[index].numpy(), f"{name}, as it is", 5),
            (side_by_side(draws, 5), f"The same digit in {DRAWS} draws", 16),
        ):
            st.html(any_picture(picture, alt, f"width:{width}rem;max-width:100%"), width="content")
    trained = "" if run is None else f" This run trained for {plural(cache.status(run).epoch, 'epoch')}."
    st.caption(f"{name}: as it is, and as it is shown in each of the first {DRAWS} epochs.{trained}")


def side_by_side(images: np.ndarray, columns: int) -> np.ndarray:
    """Images, uint8 (n, 28, 28), in rows of `columns` with a line of grey between them: one picture, uint8."""
    count, height, width = images.shape
    rows = -(-count // columns)
    picture = np.full((rows * (height + 1) - 1, columns * (width + 1) - 1), 90, np.uint8)
    for place, image in enumerate(images):
        top, left = place // columns * (height + 1), place % columns * (width + 1)
        picture[top : top + height, left : left + width] = image
    return picture


@st.cache_resource(show_spinner="Reading the training digits ...", max_entries=2, hash_funcs=PATHS)
def _training_digits(run: Run | None, settings: str, _config: TrainConfig) -> "Split":
    """What is trained on; a fine-tuned run's own digits too."""
    from mnist_core.data.mnist import Mnist
    from mnist_core.training import starting_point
    from mnist_core.training.digits import splits

    own = None if run is None else starting_point.inputs(run)[1]
    return splits(_config, Mnist(cache.digits("train").tensors(), cache.digits("test").tensors()), own)[0]
