"""Break it on the page: changes with undo, what they do to the test digits, and the changed network kept as a run."""

import html
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.config.changes import Off, Prune, Round
from mnist_core.data import mnist
from mnist_core.evaluation.answers import Answers, answers_of
from mnist_core.evaluation.prediction import predict
from mnist_core.evaluation.statistics import share
from mnist_core.interpretation import each_unit
from mnist_core.models.changed import changed
from mnist_core.models.inference import infer, load_network
from mnist_core.runs import store
from mnist_core.runs.run import Run
from tests.conftest import wait_until
from tests.support.pages import checked, open_as, open_page
from ui.common.text import percent
from ui.inside.breaking import history

PAGE, VIEW = "pages/6_Look_inside.py", "Break it"


def button(app: AppTest, label: str) -> Any:
    (found,) = [each for each in app.button if each.label == label]
    return found


def press(app: AppTest, label: str) -> AppTest:
    return checked(button(app, label).click().run())


def measured(app: AppTest) -> AppTest:
    """The page once all test digits are asked."""

    def is_done() -> bool:
        checked(app.run())
        return any("McNemar" in text.value for text in app.markdown)

    wait_until(is_done, "the answers")
    return app


def shown(app: AppTest) -> str:
    return "\n".join(part.value for part in [*app.markdown, *app.caption])


def by_hand(run: Run, *changes: Any) -> Answers:
    test = mnist.load_arrays("test")
    return Answers(infer(changed(load_network(run), changes), test.images).numpy(), test.labels)


def test_a_change_shows_what_breaks_and_is_kept_as_a_run(trained: Run) -> None:
    app = open_page(PAGE, view=VIEW, run=trained.id, digit="17")
    assert "**Changed:** nothing yet." in shown(app) and not app.metric
    app = measured(press(app, "Try this: drop half the weights"))
    before, after = answers_of(trained, 1), by_hand(trained, Prune(share=0.5))
    assert [metric.value for metric in app.metric] == [share(before.accuracy, 2), share(after.accuracy, 2)]
    broken = int(((before.predicted == before.labels) & (after.predicted != after.labels)).sum())
    assert f"{broken:,} that were right are wrong" in shown(app) and "n = 10,000" in shown(app)
    image = mnist.load_arrays("test").images[17][None]
    (bars,) = [text.proto.body for text in app.get("html") if "broken-bars" in text.proto.body]
    for network in (load_network(trained), changed(load_network(trained), [Prune(share=0.5)])):
        surest = predict(trained, 1, image, network)[0].max()
        assert f"<span>{html.escape(percent(surest))}</span>" in bars

    app.text_input(key="changed_name").set_value("half of it")
    app = press(app, "Keep it as a run")
    kept = next(run for run in store.every() if run != trained)
    assert (kept.name(), kept.record().changes) == ("half of it", (Prune(share=0.5),))
    assert kept.status().test_accuracy == pytest.approx(after.accuracy)
    assert f"Kept as `{kept.id}`" in shown(app)
    app = press(app, "Look inside it")
    assert app.query_params["run"] in (kept.id, [kept.id]) and "nothing yet" in shown(app)


def test_changes_are_undone_redone_and_reset(trained: Run) -> None:
    app = open_page(PAGE, view=VIEW, run=trained.id)
    assert button(app, "Undo").disabled and button(app, "Redo").disabled and button(app, "Reset").disabled
    assert button(app, "Change it").disabled  # no channel is chosen
    app.multiselect(key="off_of_conv1_10").set_value([3, 5]).run()
    app = press(app, "Change it")
    app.segmented_control(key="change_kind").set_value("Round").run()
    app = press(app, "Change it")
    two = "conv1 channels 3,5 off; all layers in 4 bits"
    assert f"**Changed:** {two}." in shown(app)
    app = press(app, "Undo")
    assert "**Changed:** conv1 channels 3,5 off." in shown(app)
    app = press(app, "Redo")
    assert two in shown(app) and button(app, "Redo").disabled
    app = press(press(app, "Reset"), "Undo")
    assert two in shown(app)


def test_every_kind_of_change_can_be_made(trained: Run) -> None:
    app = open_page(PAGE, view=VIEW, run=trained.id)
    for kind in ("Add noise", "Round", "Prune", "Drop biases", "Set one weight"):
        app.segmented_control(key="change_kind").set_value(kind).run()
        app = press(app, "Change it")
    assert (
        "all layers with noise 0.5 (seed 0); all layers in 4 bits; all layers pruned by 50 %; all layers without "
        "biases; conv1.weight" in shown(app)
    )
    assert app.session_state[history._key(trained)].at == 5


def test_the_channel_that_is_needed_most_is_switched_off(trained: Run) -> None:
    counts = {"n": 1000, "correct": 900, "mended": [0] * 10, "broken": [1, 2, 3, 4, 90, 5, 6, 7, 8, 9]}
    each_unit.study(trained, 1, "conv1").save(counts)
    app = open_page(PAGE, view=VIEW, run=trained.id)
    app = press(app, "Try this: switch off channel 4")
    assert app.session_state[history._key(trained)].now == (Off(layer="conv1", places=(4,)),)
    app.selectbox(key="needed_layer_conv1_conv2_fc1_fc2").set_value("fc1").run()
    assert button(app, "Switch off each of its units in turn")


def test_a_viewer_breaks_it_and_keeps_nothing(trained: Run) -> None:
    app = open_as({"email": "pupil@school.org", "name": "Pupil"}, PAGE, view=VIEW, run=trained.id)
    app = measured(press(app, "Try this: 1 bit for each weight"))
    assert app.metric[1].value == share(by_hand(trained, Round(bits=1)).accuracy, 2)
    assert button(app, "Keep it as a run").disabled
