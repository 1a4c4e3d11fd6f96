"""Ranges: what is understood, what is refused, and that every value lies within."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_core.config.train_config import TrainConfig, settings
from mnist_core.errors import RequestError
from mnist_core.sweeps import space
from mnist_core.sweeps.space import Range
from tests.support.pictures import PROPERTY


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("learning_rate=0.001..0.3:log", "learning_rate", Range(low=0.001, high=0.3, log=True)),
        ("learning-rate=1e-3..0.3:log:7", "learning_rate", Range(low=0.001, high=0.3, log=True, points=7)),
        ("momentum=0..0.95", "momentum", Range(low=0, high=0.95)),
        ("batch_size=32..256:log", "batch_size", Range(low=32, high=256, log=True)),
        ("model=cnn,mlp", "model", Range(choices=("cnn", "mlp"))),
        ("batch_size=32, 64", "batch_size", Range(choices=(32, 64))),
        ("optimizer", "optimizer", Range(choices=("sgd", "adam", "adamw"))),
    ],
)
def test_text_is_a_range_and_back(text: str, name: str, said: Range) -> None:
    assert space.parse(text) == (name, said)
    assert space.parse(space.as_text(name, said)) == (name, said)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("lr=0..1", "There is no setting 'lr' to search"),
        ("seed=1..9", "seed has no range to search"),
        ("device=cpu,cuda", "device has no range to search"),
        ("validation_size=1..2", "validation_size has no range to search"),
        ("momentum=0..2", "momentum must be a number from 0 to 0.99; '2' was given."),
        ("momentum=0.5..0.1", "The range of momentum must rise"),
        ("momentum=0..0.9:log", "A logarithmic range of momentum must begin above 0."),
        ("momentum=0..0.9:cubic", "after a range stands `log`"),
        ("momentum=0..", "momentum must be a number"),
        ("batch_size=1.5..8", "batch_size must be a whole number"),
        ("model=cnn..mlp", "model has no range but choices"),
        ("model=cnn,transformer", "model must be one of"),
        ("model=cnn,cnn", "model is given the same choice twice"),
        ("model=cnn:log", "belongs to a range"),
        ("learning_rate=nan..1", "learning_rate must be a number"),
    ],
)
def test_what_is_no_range_is_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(RequestError) as raised:
        space.parse(text)
    assert sentence in str(raised.value)
    assert str(raised.value).count("\n") == 0


def test_every_searchable_setting_has_a_usual_range_that_it_admits() -> None:
    assert set(space.searchable()) | set(space.NO_RANGE) == set(settings())
    for name in space.searchable():
        said = space.usual_range(name)
        assert space.checked(name, said) == said
        for value in said.ends():
            TrainConfig.parse({name: int(value) if settings()[name].kind is int else value})


@PROPERTY
@given(st.sampled_from(space.searchable()), st.floats(0, 1, exclude_max=True))
def test_every_value_lies_in_its_range(name: str, place: float) -> None:
    said = space.usual_range(name)
    value = said.at(name, place)
    if said.choices:
        assert value in said.choices
    else:
        assert (said.low or 0) <= float(value) <= (said.high or 0)
    assert getattr(TrainConfig.parse({name: value}), name) == value


def test_a_logarithmic_range_is_even_in_its_logarithm_and_whole_numbers_in_their_number() -> None:
    rate = Range(low=0.001, high=0.1, log=True)
    assert rate.at("learning_rate", 0.5) == pytest.approx(0.01)
    assert math.isclose(float(rate.at("learning_rate", 0.25)), 10**-2.5)
    counts = [Range(low=1, high=3).at("epochs", (i + 0.5) / 300) for i in range(300)]
    assert [counts.count(value) for value in (1, 2, 3)] == [100, 100, 100]


def test_a_grid_is_every_combination() -> None:
    searched = {"momentum": Range(low=0, high=0.8), "model": Range(choices=("cnn", "mlp"))}
    assert space.grid_size(searched) == 10
    points = [space.grid_point(searched, place) for place in range(10)]
    assert points[:3] == [
        {"momentum": 0, "model": "cnn"},
        {"momentum": 0, "model": "mlp"},
        {"momentum": 0.2, "model": "cnn"},
    ]
    assert {point["momentum"] for point in points} == {0, 0.2, 0.4, 0.6, 0.8}
    assert len({tuple(point.items()) for point in points}) == 10
    assert Range(low=0.001, high=0.1, log=True, points=3).grid("learning_rate") == (0.001, 0.01, 0.1)
    assert Range(low=1, high=3, points=9).grid("epochs") == (1, 2, 3)
