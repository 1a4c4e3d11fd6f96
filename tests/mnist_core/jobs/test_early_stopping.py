"""A training ends early exactly where it should, however often it was interrupted, and the best epoch answers."""

from typing import Any

import pytest

from mnist_core.config.train_config import TrainConfig
from mnist_core.errors import RequestError
from mnist_core.evaluation.answers import answers_of
from mnist_core.jobs.verification import verify
from mnist_core.models.inference import load_network
from mnist_core.runs import commands, store
from mnist_core.runs.run import Run, answering_epoch
from tests.support.tiny_runs import CONFIG, outcome, train
from ui.common import cache

pytestmark = pytest.mark.usefixtures("tiny")
EPOCHS = 12
LONG = CONFIG.replace(epochs=EPOCHS, validation_size=100, learning_rate=0.2, digits_per_class=10)


def accuracies(run: Run) -> dict[int, float]:
    tests = [row for row in run.metrics()[0] if row["epoch"] and "validation_accuracy" in row]
    return {row["epoch"]: row["validation_accuracy"] for row in tests}


def expected_end(reached: dict[int, float], patience: int) -> int:
    """The first epoch after which the best of all so far lies `patience` epochs back."""
    for epoch in reached:
        so_far = [reached[e] for e in range(1, epoch + 1)]
        if epoch - (so_far.index(max(so_far)) + 1) >= patience:
            return epoch
    return EPOCHS


@pytest.fixture
def never() -> dict[int, float]:
    """The validation accuracies of the training that is not ended."""
    run = store.create(LONG)
    train(run)
    return accuracies(run)


@pytest.mark.parametrize("patience", [1, 2, 3])
def test_it_ends_after_so_many_epochs_without_a_rise_and_not_before(never: dict[int, float], patience: int) -> None:
    end = expected_end(never, patience)
    assert end < EPOCHS  # else this shows nothing
    run = store.create(LONG.replace(patience=patience))
    status = train(run)
    assert (status.state, status.epoch) == ("finished", end)
    assert accuracies(run) == {epoch: value for epoch, value in never.items() if epoch <= end}
    assert [event["event"] for event in run.events()] == ["out_of_patience"]
    assert verify(run).same


def test_stopped_anywhere_and_resumed_it_ends_in_the_same_place_and_weights(never: dict[int, float]) -> None:
    config = LONG.replace(patience=2)
    whole = store.create(config)
    train(whole)
    steps = whole.status().step

    def of(run: Run) -> dict[str, Any]:
        return {name: value for name, value in outcome(run).items() if name != "error"}

    for at in (1, steps // 2, steps - 1):
        run = store.create(config)
        train(run, at_step={at: lambda run=run: commands.ask(run, "stop")})  # type: ignore[misc]
        assert run.status().state == "stopped"
        train(run)
        assert of(run) == of(whole)


def test_killed_between_its_end_and_the_word_of_it_that_word_is_all_that_is_left(never: dict[int, float]) -> None:
    run = store.create(LONG.replace(patience=1))
    ended = train(run)
    before = outcome(run)
    store.write_status(
        run, ended.model_copy(update={"state": "running", "epoch": ended.epoch - 1, "process_started": 0})
    )
    assert run.status().state == "interrupted"
    assert train(run).state == "finished"
    assert outcome(run) == before


def test_gone_on_with_it_has_its_patience_anew(never: dict[int, float]) -> None:
    run = store.create(LONG.replace(patience=1))
    end = train(run).epoch
    status = train(run)
    assert status.state == "finished" and status.epoch > end


def test_the_best_epoch_by_validation_digits_answers_everywhere(never: dict[int, float]) -> None:
    run = store.create(LONG.replace(answer_with="best"))
    train(run)
    reached = accuracies(run)
    best = next(epoch for epoch in reached if reached[epoch] == max(reached.values()))
    assert best != EPOCHS  # else this shows nothing
    assert answering_epoch(run) == cache.answering_epoch(run) == best
    assert (answers_of(run).log_probabilities == answers_of(run, best).log_probabilities).all()
    assert (answers_of(run).log_probabilities != answers_of(run, EPOCHS).log_probabilities).any()
    answering, saved = load_network(run).state_dict(), load_network(run, best).state_dict()
    assert all((answering[name] == saved[name]).all() for name in saved)
    last = store.create(LONG)
    train(last)
    assert answering_epoch(last) == EPOCHS


@pytest.mark.parametrize("values", [{"patience": 2}, {"answer_with": "best"}])
def test_without_validation_digits_there_is_nothing_to_judge_by(values: dict[str, Any]) -> None:
    with pytest.raises(RequestError, match="needs validation digits"):
        TrainConfig.parse(values)
    conflict = TrainConfig.model_construct(**{**TrainConfig().model_dump(), **values}).conflict()
    assert conflict is not None
    TrainConfig.parse({**values, conflict.setting: conflict.nearest})
