"""Which ink spoke for an answer and which against it, by a method of choice."""

import numpy as np
import streamlit as st

from mnist_core.interpretation.attribution import COMPLETE, Method
from mnist_core.runs.run import Run
from ui.common import cache, digit_images
from ui.common.attribution_image import GOOD_FOR, METHODS, attribution_picture, in_words
from ui.inside.subject import Subject
from ui.inside.try_this import try_this

DIGIT, RIVAL, METHOD, ALL = "evidence_digit", "evidence_rival", "evidence_method", "evidence_all"
SIDE, SMALL = 252, 128  # CSS pixels
LEFT_OUT = (
    "**Left out of Captum's methods:** guided backpropagation and deconvolution, whose pictures hardly change when the "
    "weights are shuffled (Adebayo and others, 2018); layer-wise relevance propagation, for which Captum has no rule "
    "for batch normalisation behind a linear layer; Grad-CAM, which needs maps: the last are 8x8 at most, "
    "and a network of linear layers has none; LIME and Kernel SHAP, which estimate with more chance what Shapley "
    "values give here."
)


def show(subject: Subject) -> None:
    """The digit coloured by one method, what its parts sum to, and the other methods beside it."""
    try_this(
        "Which ink made it this digit rather than that: blue speaks for the first, orange for the second.",
        "turn the question round",
        _swap,
    )
    by_probability = _by_probability(subject)
    left, middle, right = st.columns(3)
    if st.session_state.get(DIGIT) not in by_probability:
        st.session_state[DIGIT] = by_probability[0]
    digit = left.selectbox("Why this digit", by_probability, key=DIGIT)
    others = [other for other in by_probability if other != digit]
    if st.session_state.get(RIVAL) not in others:
        st.session_state[RIVAL] = others[0]
    rival = middle.selectbox("Rather than", others, key=RIVAL)
    name = right.selectbox("Method", list(METHODS), key=METHOD, persist_state="session")
    method = METHODS[name]
    shares, whole = _explained(subject, digit, rival, method)
    words = in_words(shares, digit, rival)
    with st.container(horizontal=True, gap="medium"):
        st.html(digit_images.picture(subject.image, f"{subject.name} as the network sees it", SIDE), width="content")
        st.html(digit_images.picture(attribution_picture(subject.image, shares), words, SIDE), width="content")
    st.markdown(words)
    st.markdown(f"**{name}** {GOOD_FOR[method]}")
    st.markdown(_sum(shares, whole, digit, rival, method))
    _all_methods(subject, digit, rival)


def _by_probability(subject: Subject) -> list[int]:
    from mnist_core.evaluation.prediction import predict

    network = cache.network(subject.run, subject.epoch)
    probabilities = predict(subject.run, subject.epoch, subject.image[None], network)[0]
    found = [int(digit) for digit in np.argsort(-probabilities, kind="stable")]
    # Another answer is another question: it begins with the first digit against the second.
    question = (subject.run.id, subject.epoch, subject.image.tobytes())
    if st.session_state.get("evidence_about") != question:
        st.session_state["evidence_about"] = question
        st.session_state[DIGIT], st.session_state[RIVAL] = found[:2]
    return found


def _explained(subject: Subject, digit: int, rival: int, method: Method) -> tuple[np.ndarray, float]:
    stamp = cache.stamp(subject.run.weights(subject.epoch))
    return _attribution(subject.run, subject.epoch, stamp, subject.image.tobytes(), digit, rival, method)


@st.cache_data(show_spinner="Computing the attribution ...", max_entries=300, hash_funcs=cache.PATHS)
def _attribution(
    run: Run, epoch: int, stamp: cache.Stamp, pixels: bytes, digit: int, rival: int, method: Method
) -> tuple[np.ndarray, float]:
    """The parts, and what they should sum to."""
    from mnist_core.interpretation.attribution import attribution, whole  # imports torch

    network, image = cache.network(run, epoch), np.frombuffer(pixels, np.uint8).reshape(28, 28)
    shares = attribution(network, image, digit, method, rival)
    return shares, whole(network, image, digit, method, rival)


def _sum(shares: np.ndarray, whole: float, digit: int, rival: int, method: Method) -> str:
    if method not in COMPLETE:
        return "This method does not promise that its parts add up, so they are compared with one another only."
    evidence = f"log p({digit}) - log p({rival})"
    if method == "deeplift":
        evidence += ", of a network that looks several times the mean of its looks"
    return (
        f"The parts sum to **{shares.sum():+.3f} nats**. They should sum to **{whole:+.3f}**: so much does the digit "
        f"change, compared with blank paper ({evidence})."
    )


def _all_methods(subject: Subject, digit: int, rival: int) -> None:
    if not st.toggle("All methods beside one another", key=ALL, persist_state="session"):
        return
    with st.container(horizontal=True, gap="medium"):
        for name, method in METHODS.items():
            shares, _ = _explained(subject, digit, rival, method)
            with st.container(width=SMALL + 8):
                alt = f"{name}: {in_words(shares, digit, rival)}"
                st.html(digit_images.picture(attribution_picture(subject.image, shares), alt, SMALL))
                st.caption(name)
    st.caption("Where the methods agree, the evidence is not an accident of one of them. " + LEFT_OUT)


def _swap() -> None:
    st.session_state[DIGIT], st.session_state[RIVAL] = st.session_state[RIVAL], st.session_state[DIGIT]
