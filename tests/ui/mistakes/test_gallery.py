"""The gallery of mistakes."""

from pathlib import Path

import numpy as np
from streamlit.testing.v1 import AppTest

from mnist_core.data import mnist
from mnist_core.evaluation.answers import Answers
from ui.components.paging import PAGE_SIZE


def gallery_app() -> None:
    import streamlit as st

    from ui.mistakes import gallery

    gallery.cards(st.session_state["answers"], st.session_state["indices"], lambda index: None)


def test_nine_thousand_mistakes_cost_no_more_than_a_page_of_them(home: Path) -> None:
    labels = mnist.load_arrays("test").labels
    generator = np.random.default_rng(0)
    log_probabilities = np.log(generator.dirichlet(np.ones(10), len(labels))).astype(np.float32)
    answers = Answers(log_probabilities, labels)
    assert 8_500 < len(answers.mistakes) < 9_500
    app = AppTest.from_function(gallery_app)
    app.session_state["answers"], app.session_state["indices"] = answers, answers.mistakes
    app = app.run(timeout=30)  # reads the digits
    app = app.pagination[0].select(3).run()
    assert sum(element.proto.json.count("<img") for element in app.get("bidi_component")) == PAGE_SIZE
