"""My handwriting: a person's own drawings with their labels, what each run makes of them, and training on them."""

import numpy as np
import streamlit as st

from mnist_core.config.train_config import TEST_SIZE
from mnist_core.drawing import collection
from mnist_core.drawing.collection import Drawing
from mnist_core.errors import MnistError
from mnist_core.evaluation.statistics import between, plural, share, wilson
from mnist_core.jobs.finetuning import FEWEST, Score
from mnist_core.runs.records import ACTIVE
from mnist_core.runs.run import Run
from mnist_core.system.plain_text import with_article
from mnist_core.system.trash import Trashed
from ui.access import changes
from ui.access.account import editors_only
from ui.common import cache, digit_images
from ui.common.actions import ask, presses, remember_deletion, show_undo
from ui.common.run_selector import run_label
from ui.common.text import plain
from ui.draw.answer import Answered
from ui.draw.picture_input import Given

SHOWN = 60  # drawings, the newest first


def keep_buttons(answered: Answered, given: Given) -> None:
    """ "It was a ...": ten buttons that keep the drawing with its label; another corrects it, the same lets it go."""
    key = f"label_{given.drawn.changes}_{given.name}"  # another drawing is another question
    kept: dict[str, Drawing] = st.session_state.setdefault("kept", {})
    if key in kept:
        st.session_state.setdefault(key, kept[key].label)
    st.pills(
        "It was a ... (keeps it under My handwriting)",
        range(10),
        key=key,
        on_change=ask,
        args=(_keep, key, kept, answered, given),
        **editors_only(),
    )


def _keep(key: str, kept: dict[str, Drawing], answered: Answered, given: Given) -> None:
    label = st.session_state[key]
    if key in kept:
        _throw_away([kept[key].id])
        del kept[key]
    if label is not None:
        strokes = [] if given.file else given.drawn.strokes
        kept[key] = changes.keep_drawing(label, answered.picture, answered.prepared.image, strokes)


def show(run: Run) -> None:
    """The drawings with their counts; deletion, download, upload; scores of the runs; fine-tuning of `run`."""
    show_undo("drawing")
    known, damaged = collection.look()
    if sentence := collection.left_out(damaged):
        st.warning(sentence, icon=":material/healing:")
    if not known and not damaged:
        st.info(
            'Nothing is kept yet. Draw a digit and press "It was a ...": it stays here with its label.',
            icon=":material/bookmark:",
        )
        _take_in()
        return
    counts = np.bincount([one.label for one in known], minlength=10)
    st.markdown(f"**{plural(len(known), 'drawing')} kept**")
    st.markdown(f"|digit|{'|'.join(map(str, range(10)))}|\n|{'-|' * 11}\n|drawings|{'|'.join(map(str, counts))}|")
    _gallery(known)
    with st.container(horizontal=True):
        st.download_button(
            "Download all", collection.export_zip, "drawings.zip", "application/zip", icon=":material/download:"
        )
        with st.popover("Delete", icon=":material/delete:"):
            _deletion(known, damaged)
    _take_in()
    if known:
        _scores(known)
    _fine_tuning(run, len(known))


def _gallery(known: list[Drawing]) -> None:
    shown = known[:SHOWN]
    digit_images.row(
        [one.image() for one in shown],
        [str(one.label) for one in shown],
        [f"Your drawing of {with_article(one.label)}" for one in shown],
        size=56,
    )
    if len(known) > SHOWN:
        st.caption(f"The newest {SHOWN} of {len(known):,}.")


def _deletion(known: list[Drawing], damaged: list[str]) -> None:
    numbers = {one.id: f"{one.label}, number {i} from the newest" for i, one in enumerate(known, 1)}
    numbers |= {drawing_id: f"damaged: {drawing_id}" for drawing_id in damaged}
    chosen = st.selectbox("Drawing", list(numbers), format_func=numbers.__getitem__, key="delete_drawing")
    st.button("Delete this one", on_click=ask, args=(_delete, [chosen]), **editors_only())
    sure = st.checkbox(f"Yes, delete all {len(numbers):,}", key="delete_sure")
    st.button("Delete all", on_click=ask, args=(_delete, list(numbers)), **editors_only(not sure))


def _delete(ids: list[str]) -> None:
    st.session_state.pop("delete_sure", None)
    remember_deletion("drawing", _throw_away(ids))


def _throw_away(ids: list[str]) -> list[Trashed]:
    known, damaged = collection.look()
    there = {*(one.id for one in known), *damaged}  # another tab may have deleted some
    return [changes.delete_drawing(drawing_id) for drawing_id in ids if drawing_id in there]


def _take_in() -> None:
    """The way back from a download."""
    times = st.session_state.setdefault("taken_in", 0)
    label, key = "Upload drawings downloaded earlier", f"drawings_zip_{times}"
    file = st.file_uploader(label, ["zip"], key=key, width=400, **editors_only())
    if file is None:
        return
    try:
        new = changes.import_drawings(file.getvalue())
    except MnistError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    st.session_state["taken_in"] = times + 1  # another key is an empty uploader
    st.toast(f"{plural(new, 'drawing')} added.")
    st.rerun(scope="fragment")


def _scores(known: list[Drawing]) -> None:
    """Every run's score on the drawings."""
    st.markdown("**Accuracy of each run**")
    scores = []
    for run in cache.runs_with_weights():
        try:
            correct, n = cache.drawings_score(run, cache.answering_epoch(run), tuple(one.id for one in known))
        except MnistError:  # its weights are damaged: the others can be asked
            continue
        scores.append((correct, n, run_label(run)))
    st.caption("A run that was fine-tuned here has been trained on most of them.")
    st.dataframe(
        [
            {
                "Accuracy": 100 * correct / n,
                "Of": n,
                "95 % interval": f"{between(wilson(correct, n), 0)} %",
                "Run": label,
            }
            for correct, n, label in sorted(scores, reverse=True)
        ],
        hide_index=True,
        column_config={"Accuracy": st.column_config.ProgressColumn(format="%.1f %%", min_value=0, max_value=100)},
    )


def _fine_tuning(run: Run, count: int) -> None:
    """Start a run that goes on from this one on the drawings; what such runs have gained and forgotten."""
    st.markdown("**Fine-tune on your digits**")
    st.caption(
        "Trains a new run: this one's weights, and an epoch of MNIST mixed with your drawings. Every fifth drawing is "
        "held out, where there are ten or more: they show whether it learned your handwriting or only these drawings."
    )
    fewest = FEWEST
    st.button(
        "Fine-tune this run",
        icon=":material/model_training:",
        on_click=ask,
        args=(presses().once, _start, run),
        **editors_only(count < fewest, f"Needs at least {fewest} drawings." if count < fewest else None),
    )
    started: Run | None = st.session_state.get("fine_tuned")
    if started is not None and cache.status(started).state in ACTIVE:
        st.info("Training. The scores appear here when it has finished.", icon=":material/info:")
        st.page_link("pages/1_Train.py", label="Watch it train", icon=":material/show_chart:")
    rows = []
    for tuned in cache.runs_with_weights():
        try:
            if not cache.record(tuned).is_fine_tuned or cache.status(tuned).state != "finished":
                continue
            outcome = cache.fine_tuning_outcome(tuned, cache.answering_epoch(tuned))
        except MnistError:  # damaged: the others can be shown
            continue
        scores = {"MNIST": outcome.test, "Your drawings": outcome.trained_on, "Held out": outcome.held_out}
        rows.append({"Run": run_label(tuned), **{name: _before_and_after(score) for name, score in scores.items()}})
    if rows:
        st.dataframe(rows, hide_index=True)
        st.caption(f"Before and after, with n and the 95 % interval after. MNIST is the {TEST_SIZE:,} test digits.")


def _before_and_after(score: Score) -> str:
    if not score.n:
        return "none"
    decimals = 2 if score.n >= TEST_SIZE else 0
    before, after = (share(correct / score.n, decimals) for correct in (score.before, score.after))
    return f"{before} → {after} ({score.n:,}; {between(wilson(score.after, score.n), decimals)})"


def _start(run: Run) -> None:
    st.session_state["fine_tuned"] = changes.fine_tune(run)
