"""A configuration handed on as an address and as a command comes back as it was."""

import shlex
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_core.cli import app
from mnist_core.config.presets import PRESETS
from mnist_core.config.sharing import from_query, to_command, to_query
from mnist_core.config.train_config import TrainConfig, settings
from mnist_core.errors import RequestError
from mnist_core.jobs import launcher
from mnist_core.runs import store
from mnist_core.runs.run import Run


def value_of(name: str) -> st.SearchStrategy[Any]:
    setting = settings()[name]
    if setting.kind is str:
        return st.sampled_from(setting.choices)
    low, high = setting.minimum, setting.maximum
    numbers = st.integers(int(low or 0), int(high or 0)) if setting.kind is int else st.floats(low, high)
    return st.one_of(numbers, st.sampled_from(setting.choices)) if setting.choices else numbers


@st.composite
def configs(draw: st.DrawFn) -> TrainConfig:
    """A preset or the defaults with any settings changed."""
    values = dict(draw(st.sampled_from(list(PRESETS.values()))).values)
    for name in draw(st.lists(st.sampled_from(list(settings())), unique=True, max_size=8)):
        values[name] = draw(value_of(name))
    try:
        return TrainConfig.parse(values)
    except RequestError:  # refused as a whole: two settings that do not go together
        return TrainConfig()


@given(configs())
def test_config_to_address_and_back(config: TrainConfig) -> None:
    address = dict(parse_qsl(urlencode(to_query(config) | {"run": "20261122-211401-cnn-3f9a"}), keep_blank_values=True))
    assert from_query(address) == (config, None)


def test_an_address_carries_only_what_differs() -> None:
    assert to_query(TrainConfig()) == {}
    assert to_query(TrainConfig(learning_rate=0.05, seed=1)) == {"learning_rate": "0.05"}


def test_what_cannot_be_used_is_named_in_one_sentence_and_the_rest_is_used() -> None:
    config, complaint = from_query({"learning_rate": "20", "momentum": "0.9", "epoch": "3", "model": "cnn", "run": "x"})
    assert config == TrainConfig(momentum=0.9)
    assert complaint is not None
    assert "learning_rate must be a number from 1e-06 to 10; '20' was given" in complaint
    assert "there is no setting 'epoch'" in complaint
    assert "run" not in complaint


def test_two_settings_that_do_not_go_together_leave_the_others() -> None:
    config, complaint = from_query({"model": "compact", "batch_size": "1", "epochs": "5"})
    assert config.epochs == 5
    assert complaint is not None and "compact" in complaint


class CaughtError(Exception):
    """Carries what a command line asked for."""


@pytest.fixture(scope="module")
def ask_command_line() -> Any:
    """Run a command line with the training itself left out; returns the config and the name it would train."""

    def ask(command: str) -> tuple[TrainConfig, str]:
        python, dash_m, module, *arguments = shlex.split(command)
        assert (python, dash_m, module) == ("python", "-m", "mnist_core")

        def create(config: TrainConfig, name: str = "") -> Run:
            raise CaughtError(config, name)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(store, "create", create)
            patch.setattr(launcher, "refuse_missing_device", lambda config: None)  # it may be another machine's
            with pytest.raises(CaughtError) as caught:
                app.main(arguments)
        config, name = caught.value.args
        return config, name

    return ask


# Every name that may be given: one line of printable characters, without blanks around it.
names = st.text(st.characters(codec="utf-8"), max_size=20).map(str.strip).filter(str.isprintable)


@given(config=configs(), name=names)
def test_config_to_command_and_back(ask_command_line: Any, config: TrainConfig, name: str) -> None:
    assert ask_command_line(to_command(config, name)) == (config, name)


def test_a_command_says_only_what_differs_from_the_nearest_preset() -> None:
    assert to_command(TrainConfig()) == "python -m mnist_core train"
    assert to_command(TrainConfig(epochs=5)) == "python -m mnist_core train --epochs 5"
    fast = PRESETS["fast"].config.replace(seed=7)
    assert to_command(fast) == "python -m mnist_core train --preset fast --seed 7"
