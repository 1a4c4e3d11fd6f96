"""The section "Why" through AppTest."""

import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.data import mnist
from mnist_core.evaluation.answers import answers_of
from mnist_core.interpretation import embeddings, projection
from mnist_core.interpretation.over_epochs import maps
from mnist_core.runs.run import Run
from tests.pages.test_look_inside_kernels import given, words
from tests.support.pages import checked, open_page
from ui.common.attribution_image import GOOD_FOR, METHODS


def opened(run: Run, **query: str) -> AppTest:
    return checked(open_page("pages/6_Look_inside.py", run=run.id, view="Why", **query))


def test_the_evidence_sums_to_what_the_network_itself_says(trained: Run) -> None:
    app = opened(trained, digit="5")
    probabilities = answers_of(trained, 1).log_probabilities[5]
    first, second = np.argsort(-probabilities)[:2]
    assert (app.selectbox("evidence_digit").value, app.selectbox("evidence_rival").value) == (first, second)
    for name, method in METHODS.items():
        app = checked(app.selectbox("evidence_method").set_value(name).run())
        assert GOOD_FOR[method] in words(app)
        said = re.search(r"sum to \*\*(.+) nats\*\*. They should sum to \*\*(.+)\*\*:", words(app))
        if name in ("Integrated gradients", "DeepLIFT", "Shapley values"):
            assert said is not None
            parts, whole = map(float, said.groups())
            assert parts == pytest.approx(whole, rel=0.01, abs=0.01)
        else:
            assert said is None and "does not promise" in words(app)


def test_turning_the_question_round_turns_the_signs(trained: Run) -> None:
    app = opened(trained, digit="5")
    digit, rival = app.selectbox("evidence_digit").value, app.selectbox("evidence_rival").value
    said = re.search(r"should sum to \*\*(.+)\*\*:", words(app))
    app = checked(app.button("try_turn the question round").click().run())
    assert (app.selectbox("evidence_digit").value, app.selectbox("evidence_rival").value) == (rival, digit)
    turned = re.search(r"should sum to \*\*(.+)\*\*:", words(app))
    assert said is not None and turned is not None and float(said[1]) == -float(turned[1])
    another = checked(app.number_input("digit").set_value(1).run())
    assert another.selectbox("evidence_digit").value == answers_of(trained, 1).predicted[1], "a question of its own"


def test_the_star_lies_where_a_test_digits_own_point_lies(trained: Run) -> None:
    embeddings.TEST_ANALYSIS.load_or_compute(trained, 1)
    app = opened(trained, digit="947", why_part="Map")
    right, wrong, _ring, star = given(app, "digit_map")["figure"]["data"]
    places = {
        int(about[0]): (x, y)
        for trace in (right, wrong)
        for x, y, about in zip(trace["x"], trace["y"], trace["customdata"], strict=True)
    }
    scale = np.ptp(right["x"])
    assert np.allclose((star["x"][0], star["y"][0]), places[947], atol=1e-3 * scale)
    app = checked(app.button("try_open the digits around the star").click().run())
    assert "**24 digits**" in words(app)
    distances = {index: np.hypot(x - star["x"][0], y - star["y"][0]) for index, (x, y) in places.items()}
    cards = given(app, "clickable")["html"]
    shown = [int(index) for index in re.findall(r'data-value="(\d+)"', cards)]
    assert shown[0] == 947 and len(shown) == 24
    assert max(distances[index] for index in shown) <= sorted(distances.values())[25]

    # A map by neighbours, of other digits: their features put it where they lie.
    scattered = np.random.default_rng(0).normal(size=(200, 2)).round(2)
    study = projection.ANALYSIS.study(trained, 1)
    study.load_or_compute(lambda report: {"indices": list(range(900, 1100)), "places": scattered.tolist()})
    app = checked(app.segmented_control("map").set_value("Neighbourhoods (t-SNE)").run())
    star = given(app, "digit_map")["figure"]["data"][3]
    assert (star["x"][0], star["y"][0]) == pytest.approx(tuple(scattered[947 - 900]), abs=0.01)
    assert "mean place of its 5 nearest digits" in words(app)


def test_the_maps_of_all_epochs_have_one_pair_of_axes(trained: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened(trained, why_part="Map over the epochs")
    assert "Compute the maps" in [button.label for button in app.button]
    monkeypatch.setattr(maps, "MOST", 200)
    found = maps.ANALYSIS.load_or_compute(trained, 1)
    app = checked(app.run())
    data = given(app, "digit_map")
    assert data["figure"]["epochs"] == [0, 1] and data["is_selectable"]
    for axis, values in zip(("xaxis", "yaxis"), np.moveaxis(found.places, 2, 0), strict=True):
        low, high = data["figure"]["layout"][axis]["range"]
        assert low < values.min() and values.max() < high
    labels = mnist.load_arrays("test").labels[found.indices]
    for step, epoch in enumerate(data["figure"]["steps"]):
        assert len(epoch["data"][1]["x"]) == (found.predicted[step] != labels).sum()
        assert len(epoch["data"][3]["x"]) == 1
