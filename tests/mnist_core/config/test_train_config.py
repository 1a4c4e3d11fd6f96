"""Every hyper-parameter has what a slider and an option need, and refuses what lies outside."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnist_core.config.networks import NETWORKS
from mnist_core.config.train_config import TrainConfig, settings
from mnist_core.data import mnist
from mnist_core.errors import RequestError

NUMBERS = [setting for setting in settings().values() if setting.kind is not str]


def test_defaults_are_the_tutorials() -> None:
    config = TrainConfig()
    assert (config.epochs, config.batch_size, config.test_batch_size) == (3, 64, 1000)
    assert (config.learning_rate, config.momentum, config.log_interval, config.seed) == (0.01, 0.5, 10, 1)
    assert config.model == "cnn"


@pytest.mark.parametrize("setting", settings().values(), ids=lambda setting: setting.name)
def test_setting_has_all_a_slider_needs(setting: Any) -> None:
    assert setting.help.endswith(".")
    assert setting.label[0].isupper()
    assert setting.default == getattr(TrainConfig(), setting.name)
    if setting.kind is str:
        assert setting.default in setting.choices
    else:
        assert setting.minimum <= setting.default <= setting.maximum
        assert type(setting.minimum) is type(setting.maximum) is type(setting.default) is setting.kind
        assert list(setting.choices) == sorted(set(setting.choices))
        assert all(setting.minimum <= choice <= setting.maximum for choice in setting.choices)
        assert not setting.choices or setting.default in setting.choices


@pytest.mark.parametrize("setting", NUMBERS, ids=lambda setting: setting.name)
def test_bounds_are_inclusive_and_what_lies_beyond_is_refused(setting: Any) -> None:
    for value in (setting.minimum, setting.maximum, str(setting.minimum), str(setting.maximum)):
        beside = {"validation_size": 1000} if setting.name == "patience" else {}  # which needs them
        assert getattr(TrainConfig.parse(beside | {setting.name: value}), setting.name) == setting.kind(value)
    beyond = 1 if setting.kind is int else 1e-3
    for value in (setting.minimum - beyond, setting.maximum + beyond):
        with pytest.raises(RequestError) as refused:
            TrainConfig.parse({setting.name: value})
        assert_one_sentence(str(refused.value), setting, value)


@pytest.mark.parametrize("value", [-1, "-1", "abc", "", float("nan"), "nan", float("inf"), "inf", None, "1,5", [1]])
@pytest.mark.parametrize("setting", NUMBERS, ids=lambda setting: setting.name)
def test_nonsense_is_refused_with_the_bounds(setting: Any, value: object) -> None:
    with pytest.raises(RequestError) as refused:
        TrainConfig.parse({setting.name: value})
    assert_one_sentence(str(refused.value), setting, value)


@pytest.mark.parametrize("name", ["epochs", "batch_size", "learning_rate", "log_interval", "test_batch_size"])
def test_zero_is_refused_where_it_makes_no_sense(name: str) -> None:
    with pytest.raises(RequestError, match=rf"^{name} must be .* from .* to .*; 0 was given\.$"):
        TrainConfig.parse({name: 0})


def test_epochs_sentence_in_full() -> None:
    with pytest.raises(RequestError) as refused:
        TrainConfig.parse({"epochs": "0"})
    assert str(refused.value) == "epochs must be a whole number from 1 to 100; '0' was given."


def test_whole_number_is_not_cut_from_a_fraction() -> None:
    with pytest.raises(RequestError, match="epochs must be a whole number"):
        TrainConfig.parse({"epochs": "2.5"})


def test_unknown_setting_names_the_ones_there_are() -> None:
    with pytest.raises(RequestError) as refused:
        TrainConfig.parse({"learning-rate": 0.1})
    assert "'learning-rate'" in str(refused.value)
    assert all(name in str(refused.value) for name in settings())


def test_unknown_network_and_device_name_the_ones_there_are() -> None:
    with pytest.raises(RequestError, match=rf"^model must be one of {', '.join(NETWORKS)}; 'vgg' was given\.$"):
        TrainConfig.parse({"model": "vgg"})
    with pytest.raises(RequestError, match=r"^device must be one of auto, cuda, mps, cpu; 'tpu' was given\.$"):
        TrainConfig.parse({"device": "tpu"})


def test_replace_is_checked_and_leaves_the_original() -> None:
    config = TrainConfig(epochs=3)
    assert config.replace(epochs=8, seed=2) == TrainConfig(epochs=8, seed=2)
    assert config.epochs == 3
    with pytest.raises(RequestError, match="momentum"):
        config.replace(momentum=1.0)


@pytest.mark.parametrize(
    ("values", "size", "steps"),
    [
        ({}, 60_000, 938),
        ({"validation_size": 5000}, 55_000, 860),
        ({"digits_per_class": 10}, 100, 2),
        ({"digits_per_class": 100, "validation_size": 5000, "batch_size": 1000}, 1000, 1),
    ],
)
def test_sizes_follow_from_the_settings(values: dict[str, int], size: int, steps: int) -> None:
    config = TrainConfig.parse(values)
    assert (config.train_size, config.steps_per_epoch) == (size, steps)


def test_as_many_digits_of_each_class_as_may_be_asked_for_are_there(home: Path) -> None:
    counts = np.cumsum(mnist.load_arrays("train").labels[:, None] == np.arange(10), axis=0)
    for validation in range(20_001):
        assert counts[60_000 - validation - 1].min() >= (60_000 - validation) // 12
    assert TrainConfig(digits_per_class=3333, validation_size=20_000).train_size == 33_330
    with pytest.raises(RequestError) as refused:
        TrainConfig.parse({"digits_per_class": 3334, "validation_size": 20_000})
    expected = "digits_per_class must be at most 3,333 beside 20,000 validation digits; 3334 was given."
    assert str(refused.value) == expected


def assert_one_sentence(sentence: str, setting: Any, value: object) -> None:
    """It names the setting, both bounds and what was given, on one line."""
    assert sentence.startswith(f"{setting.name} must be ")
    assert f"{setting.minimum:,.12g} to {setting.maximum:,.12g}" in sentence
    assert sentence.endswith(f"{value!r} was given.")
    assert "\n" not in sentence


def test_hash_names_the_settings_that_are_not_the_defaults() -> None:
    assert TrainConfig().hash() == TrainConfig(epochs=4).hash() == TrainConfig.parse({"learning_rate": "0.01"}).hash()
    hashes = {TrainConfig(**changes).hash() for changes in ({}, {"batch_size": 32}, {"seed": 2}, {"model": "mlp"})}
    assert len(hashes) == 4
