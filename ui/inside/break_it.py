"""What happens to the answers when a part of the network is changed."""

import streamlit as st

from mnist_core.comparison.pair import Comparison
from mnist_core.config.changes import Changes, Prune, Round
from mnist_core.config.train_config import TEST_SIZE
from mnist_core.evaluation.prediction import predict
from mnist_core.evaluation.statistics import plural
from mnist_core.interpretation.ablation import effect
from mnist_core.interpretation.measuring import MEASURER, Measurement
from mnist_core.runs.run import Run
from mnist_core.system.plain_text import MAX_NAME
from ui.access import changes as access
from ui.access.account import editors_only
from ui.common import cache
from ui.common.actions import ask, presses, show_refusal
from ui.common.page import sentences
from ui.common.run_selector import show_run
from ui.common.text import plain
from ui.inside.breaking import answers, form, gallery, history, most_needed
from ui.inside.subject import Subject
from ui.inside.try_this import try_this

LOOK_SECONDS = 0.2
_KEPT = "kept_changed"
BROKE, MENDED = "What broke", "What was mended"


def show(subject: Subject) -> None:
    """Show it for one digit."""
    try_this(
        "Change the network, and see at once what becomes of its answers. The network itself stays as it is: "
        "this is a copy.",
        "drop half the weights",
        history.begin_with,
        subject.run,
        Prune(share=0.5),
    )
    changes = history.of(subject.run).now
    network = cache.network(subject.run, subject.epoch)
    measured = _measurement(subject, changes) if changes else None
    changed = network if measured is None else measured.network
    left, right = st.columns(2, gap="large")
    with left:
        form.show(subject, changed)
        show_refusal()
        history.show(subject.run)
    with right:
        before = predict(subject.run, subject.epoch, subject.image[None], network)[0]
        after = predict(subject.run, subject.epoch, subject.image[None], changed)[0]
        answers.bars(before, after, subject.name)
    st.subheader("On the 10,000 test digits", anchor=False)
    if measured is None:
        try_this(
            "Nothing is changed yet: the accuracy stands here as soon as something is.",
            "1 bit for each weight",
            history.begin_with,
            subject.run,
            Round(bits=1),
        )
    elif not measured.is_done:
        _follow(subject, changes)
    elif measured.error:
        st.error(plain(measured.error), icon=":material/error:")
    else:
        _found(subject, changes, measured)
    st.subheader("Which one it needs most", anchor=False)
    most_needed.show(subject)


def _measurement(subject: Subject, changes: Changes) -> Measurement:
    run, epoch = subject.run, subject.epoch

    def begin() -> Measurement:
        from mnist_core.models.changed import changed

        network = changed(cache.network(run, epoch), changes)
        return Measurement(network, cache.digits("test").images, cache.record(run).config.test_batch_size)

    return MEASURER.look((run.path, epoch, cache.stamp(run.weights(epoch)), changes), begin)


@st.fragment(run_every=LOOK_SECONDS)
def _follow(subject: Subject, changes: Changes) -> None:
    """What is known so far."""
    with sentences():
        measured = _measurement(subject, changes)
        if measured.is_done:
            st.rerun()
        so_far = measured.answers
        st.progress(len(so_far) / TEST_SIZE, text=f"{len(so_far):,} of {plural(TEST_SIZE, 'test digit')} asked")
        if len(so_far):
            answers.accuracy(effect(cache.answers_of(subject.run, subject.epoch), so_far, changes))


def _found(subject: Subject, changes: Changes, measured: Measurement) -> None:
    found = effect(cache.answers_of(subject.run, subject.epoch), measured.answers, changes)
    answers.accuracy(found)
    st.caption(
        "Reported on the test digits, not chosen by them: who picks the change that scores best here has fitted "
        "these 10,000 digits."
    )
    with st.form("keep_changed", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input("Name", key="changed_name", max_chars=MAX_NAME, placeholder="its changes", width=320)
        st.form_submit_button(
            "Keep it as a run",
            icon=":material/save:",
            on_click=ask,
            args=(_keep, subject, changes, measured),
            **editors_only(help="Then every page and command takes it, and it can be trained on."),
        )
    _kept(changes)
    _what_broke(found)


def _keep(subject: Subject, changes: Changes, measured: Measurement) -> None:
    name = st.session_state["changed_name"]
    run = presses().once(_write, subject.run, subject.epoch, changes, name, measured)
    st.session_state[_KEPT] = (changes, run)


def _write(run: Run, epoch: int, changes: Changes, name: str, measured: Measurement) -> Run:
    return access.keep_changed(run, epoch, changes, name, measured.answers)


def _kept(changes: Changes) -> None:
    """Where this very network was kept, with ways to go on."""
    of, run = st.session_state.get(_KEPT, (None, None))
    if of != changes or run is None or not cache.is_readable(run):
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"Kept as `{run.id}`, {plain(cache.name(run))}.", width="stretch")
        st.button("Look inside it", icon=":material/visibility:", on_click=show_run, args=(run.id,))
        if st.button("Train it on", icon=":material/model_training:", on_click=show_run, args=(run.id,)):
            st.switch_page("pages/1_Train.py")


def _what_broke(found: Comparison) -> None:
    counts = {BROKE: len(found.broken), MENDED: len(found.fixed)}
    chosen = st.segmented_control(
        "Digits",
        list(counts),
        default=BROKE,
        required=True,
        format_func=lambda part: f"{part} ({counts[part]:,})",
        key="broken_part",
        label_visibility="collapsed",
    )
    gallery.show(found, mended=chosen == MENDED)
