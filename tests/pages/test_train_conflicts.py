"""Settings that exclude each other: one sentence and a button beside the control; everything else on the page stays."""

from collections.abc import Callable
from itertools import combinations
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.config.train_config import TrainConfig, settings
from mnist_core.errors import RequestError
from mnist_core.jobs import launcher
from mnist_core.runs import store
from mnist_core.runs.run import Run
from tests.support.pages import open_page

Pair = tuple[tuple[str, Any], tuple[str, Any]]


def worth_trying(name: str) -> list[Any]:
    setting = settings()[name]
    ends = [] if setting.minimum is None or setting.maximum is None else [setting.minimum, setting.maximum]
    return [*dict.fromkeys([*setting.choices, *ends])]


def is_good(**values: Any) -> bool:
    try:
        TrainConfig.parse(values)
    except RequestError:
        return False
    return True


def excluding_pairs() -> list[Pair]:
    """For each two settings that exclude each other, beside defaults: the first values found."""
    found = []
    for one, other in combinations(settings(), 2):
        for a, b in ((a, b) for a in worth_trying(one) for b in worth_trying(other)):
            if is_good(**{one: a}) and is_good(**{other: b}) and not is_good(**{one: a, other: b}):
                found.append(((one, a), (other, b)))
                break
    return found


def test_the_pairs_are_found() -> None:
    assert {frozenset(name for name, _ in pair) for pair in excluding_pairs()} == {
        frozenset({"digits_per_class", "validation_size"}),
        frozenset({"model", "batch_size"}),
    }


def widget(app: AppTest, name: str) -> Any:
    kinds = (app.slider, app.select_slider, app.number_input, app.selectbox)
    return next(one for kind in kinds for one in kind if one.key == f"setting_{name}")


def set_both(pair: Pair) -> AppTest:
    """One value from the address, the other by its widget."""
    (name, value), (moved, choice) = sorted(pair, key=lambda part: part[1] in settings()[part[0]].choices)
    app = open_page("pages/1_Train.py", **{name: str(value)})
    widget(app, moved).set_value(choice).run()
    return app


@pytest.fixture
def launched(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[Run]]:
    monkeypatch.setattr(launcher, "launch", lambda run, *options: None)
    return store.every


@pytest.mark.parametrize("pair", excluding_pairs(), ids=lambda pair: "-".join(name for name, _ in pair))
def test_all_stays_and_the_button_mends(pair: Pair, trained: Run, launched: Callable[[], list[Run]]) -> None:
    app = set_both(pair)
    assert not app.exception
    (error,) = app.error
    assert error.value.count(". ") == 0
    assert error.value.endswith(".")
    for name in settings():
        assert widget(app, name) is not None
    buttons = {button.label: button for button in app.button}
    assert buttons["Start training"].disabled
    assert app.selectbox(key="run").value == trained.id
    assert "5 more epochs" in buttons

    app.button(key="mend_settings").click().run()
    assert not app.exception
    assert not app.error
    start = next(button for button in app.button if button.label == "Start training")
    assert not start.disabled
    start.click().run()
    newest = launched()[0]
    assert newest != trained
    mended = {name: value for name, value in newest.record().config if value != getattr(TrainConfig(), name)}
    kept = [name for name, value in pair if mended.get(name) == value]
    assert len(kept) == 1, "one of the two was set to what the other allows"


@pytest.mark.parametrize(
    ("values", "nearest"),
    [
        ({"digits_per_class": 5000, "validation_size": 1}, 4999),
        ({"digits_per_class": 5000, "validation_size": 20_000}, 3333),
        ({"model": "compact", "batch_size": 1}, 2),
        ({"model": "compact", "digits_per_class": 1, "batch_size": 9}, 8),
        ({"model": "compact", "digits_per_class": 1, "batch_size": 3}, 2),
    ],
)
def test_the_nearest_allowed_value(values: dict[str, Any], nearest: int) -> None:
    conflict = TrainConfig.model_construct(**values).conflict()
    assert conflict is not None
    assert conflict.nearest == nearest
    assert is_good(**values | {conflict.setting: nearest})
    step = 1 if nearest < values[conflict.setting] else -1
    assert all(not is_good(**values | {conflict.setting: v}) for v in range(nearest + step, values[conflict.setting]))


@pytest.mark.parametrize(("name", "value", "nearest"), [("patience", 2, 0), ("answer_with", "best", "last")])
def test_what_needs_validation_digits_says_so_and_either_way_out_works(
    home: None, name: str, value: Any, nearest: Any
) -> None:
    app = open_page("pages/1_Train.py")
    widget(app, name).set_value(value).run()
    assert "needs validation digits" in app.error[0].value
    widget(app, "validation_size").set_value(5000).run()
    assert not app.error and not app.exception and widget(app, name).value == value
    widget(app, "validation_size").set_value(0).run()
    app.button(key="mend_settings").click().run()
    assert not app.error and not app.exception and widget(app, name).value == nearest
