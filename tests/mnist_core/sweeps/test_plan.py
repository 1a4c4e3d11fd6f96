"""Plans: what is refused, how many trials there are, and which values each has."""

import tracemalloc
from typing import Any

import pytest

from mnist_core.errors import RequestError
from mnist_core.sweeps import plan, space
from mnist_core.sweeps.plan import SweepPlan
from mnist_core.sweeps.space import Range

RATE, MOMENTUM = Range(low=0.001, high=0.1, log=True), Range(low=0, high=0.9)
EVERYTHING = {name: space.usual_range(name).model_dump() for name in space.searchable()}
TWELVE = {name: EVERYTHING[name] for name in space.searchable()[:12]}


def parsed(config: dict[str, Any] | None = None, **more: Any) -> SweepPlan:
    return plan.parse({"config": config or {}, "space": {"learning_rate": RATE}, "trials": 5, **more})


def test_validation_digits_are_held_out_where_nothing_is_said() -> None:
    assert parsed().config.validation_size == plan.VALIDATION_SIZE
    assert parsed({"validation_size": 500}).config.validation_size == 500


@pytest.mark.parametrize(
    ("config", "more", "sentence"),
    [
        ({"validation_size": 0}, {}, "A sweep chooses by validation digits"),
        ({}, {"trials": None}, "Say how many trials, or for how many minutes."),
        ({}, {"trials": 0}, "The sweep's trials: input should be greater than or equal to 1."),
        ({}, {"minutes": -1}, "The sweep's minutes: "),
        ({}, {"sampler": "psychic"}, "The sweep's sampler: "),
        ({}, {"space": {}}, "Say what to search"),
        (
            {},
            {"space": {"momentum": {"low": 0, "high": 5}}},
            "momentum must be a number from 0 to 0.99; 5.0 was given.",
        ),
        ({}, {"space": {"seed": {"low": 0, "high": 5}}}, "seed has no range to search"),
        (
            {},
            {"space": {"beta2": {"low": 0.9, "high": 0.99}}},
            "Searching beta2 makes no difference while optimizer is sgd",
        ),
        ({"model": "mlp"}, {"space": {"dropout": {"low": 0, "high": 0.5}}}, "makes no difference while model is mlp"),
        ({}, {"space": {"digits_per_class": {"choices": [10, 5000]}}}, "digits_per_class must be at most 4,166"),
        (
            {"model": "compact", "digits_per_class": 20},
            {"space": {"batch_size": {"choices": [199]}}},
            "batch_size must not",
        ),
        ({"epochs": 1}, {"pruner": "median"}, "Pruning compares trials after each epoch"),
        ({"epochs": 0}, {}, "epochs must be a whole number from 1 to 100"),
        ({}, {"name": "two\nlines"}, "A name is one line of printable characters"),
        ({}, {"space": EVERYTHING}, "Search at most 12 settings at once; these are 18."),
        (
            {"optimizer": "adam"},
            {"space": TWELVE, "sampler": "grid"},
            "points, and can have 1,000,000: search fewer",
        ),
    ],
)
def test_what_cannot_be_done_is_one_sentence(config: dict[str, Any], more: dict[str, Any], sentence: str) -> None:
    with pytest.raises(RequestError) as raised:
        parsed(config, **more)
    assert str(raised.value).startswith(sentence) or sentence in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_setting_that_matters_with_a_searched_one_can_be_searched() -> None:
    searched = {"beta2": {"low": 0.9, "high": 0.99}, "optimizer": {"choices": ["sgd", "adam"]}}
    assert set(parsed(space=searched).space) == {"beta2", "optimizer"}


def test_it_comes_back_from_json_as_it_was() -> None:
    made = parsed({"model": "mlp"}, sampler="grid", space={"model": {"choices": ["cnn", "mlp"]}, "momentum": MOMENTUM})
    assert SweepPlan.model_validate(made.model_dump(mode="json")) == made


def test_a_grid_has_no_more_trials_than_points_and_each_point_once() -> None:
    searched = {"momentum": Range(low=0, high=0.9, points=3), "batch_size": {"choices": [32, 64]}}
    whole = parsed(sampler="grid", space=searched, trials=100)
    assert whole.slots == 6
    points = [tuple((whole.point(slot) or {}).values()) for slot in range(6)]
    assert len(set(points)) == 6
    assert parsed(sampler="grid", space=searched, trials=4).slots == 4
    assert parsed(sampler="grid", space=searched, trials=None).slots == 6


def test_a_large_grid_is_never_laid_out(monkeypatch: pytest.MonkeyPatch) -> None:
    two = {name: Range(low=0, high=0.2, points=100) for name in ("momentum", "dropout", "label_smoothing")}
    made = parsed(sampler="grid", space=two, trials=3)
    tracemalloc.start()
    points = [made.point(slot) or {} for slot in range(3)]
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 50_000_000  # the order of a million points has 8
    assert len({tuple(point.values()) for point in points}) == 3


@pytest.mark.parametrize("sampler", ["random", "quasi-random"])
def test_values_follow_from_the_trials_number_whoever_trains_it(sampler: str) -> None:
    two = {"learning_rate": RATE, "momentum": MOMENTUM}
    made, again = (parsed(sampler=sampler, space=two, trials=64) for _ in range(2))
    points = [made.point(slot) for slot in range(64)]
    assert points[60:] == [again.point(slot) for slot in range(60, 64)]
    assert points[1] != parsed(sampler=sampler, space=two, sampler_seed=2).point(1)
    momenta = [float((point or {})["momentum"]) for point in points]
    in_each_eighth = [sum(i <= momentum / 0.9 * 8 < i + 1 for momentum in momenta) for i in range(8)]
    assert len(set(momenta)) == 64
    if sampler == "quasi-random":  # 64 points of a Sobol sequence: as many in each eighth
        assert in_each_eighth == [8] * 8


def test_a_trials_seeds_follow_one_another_on_one_thread() -> None:
    configs = [parsed({"seed": 5}, seeds=2).trial_config({"learning_rate": 0.02}, seed) for seed in range(2)]
    assert [(config.seed, config.threads, config.learning_rate) for config in configs] == [(5, 1, 0.02), (6, 1, 0.02)]
    assert parsed({"threads": 2}).trial_config({}, 0).threads == 2
