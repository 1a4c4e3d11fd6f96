"""The training loop: its order, its counts, and itself stopped and resumed."""

import io
import random
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from sklearn.metrics import accuracy_score, log_loss

from mnist_core.config.train_config import TrainConfig
from mnist_core.data.mnist import Mnist, Split, normalise
from mnist_core.errors import FailedError
from mnist_core.models import networks
from mnist_core.models.checkpoint import weights_hash
from mnist_core.models.inference import evaluate
from mnist_core.training.digits import splits
from mnist_core.training.loop import EpochTest, Step, Training

SHORT = TrainConfig(epochs=2, batch_size=96, threads=1, seed=3)  # 2,000 digits: 20 whole batches and one of 80
STEPS = 21 * 2


def run_to_end(run: Training, digits: Mnist) -> list[Step | EpochTest]:
    return list(run.run(digits))


def test_every_digit_is_seen_once_an_epoch_and_counted(digits: Mnist) -> None:
    run = Training(SHORT)
    positions = []
    tests_at = []
    for event in run.run(digits):
        if isinstance(event, Step):
            positions.append((run.step, run.samples_seen))
        else:
            tests_at.append((event.step, event.epoch, event.samples_seen))
    assert tests_at == [(0, 0, 0), (21, 1, 2000), (42, 2, 4000)]
    assert positions[0] == (1, 96)
    assert positions[20] == (21, 2000)  # the last batch holds the 80 that are left
    assert positions[21] == (22, 2096)
    assert len(positions) == STEPS


def test_few_digits_are_the_first_of_each_class_but_for_the_validation_digits(digits: Mnist) -> None:
    labels = digits.train.labels.tolist()
    expected = sorted(i for d in range(10) for i in [i for i, label in enumerate(labels[:1500]) if label == d][:7])
    run = Training(SHORT.replace(epochs=1, digits_per_class=7, validation_size=500, batch_size=16))
    train, validation, _ = splits(run.config, digits)
    assert torch.equal(train.images, digits.train.images[expected])
    assert train.labels.tolist() == [labels[i] for i in expected]
    assert len(validation.labels) == 500
    events = run_to_end(run, digits)
    assert (len(events), run.step, run.samples_seen) == (1 + 5 + 1, run.config.steps_per_epoch, run.config.train_size)


def test_it_learns(digits: Mnist) -> None:
    run = Training(SHORT.replace(epochs=3, learning_rate=0.1, model="mlp"))
    tests = [event for event in run.run(digits) if isinstance(event, EpochTest)]
    assert tests[0].test.accuracy < 0.25
    assert tests[-1].test.accuracy > 0.75
    assert tests[-1].test.loss < tests[0].test.loss / 2


def through_a_file(state: dict[str, Any]) -> dict[str, Any]:
    buffer = io.BytesIO()
    torch.save(state, buffer)
    buffer.seek(0)
    loaded: dict[str, Any] = torch.load(buffer, weights_only=True)
    return loaded


@pytest.fixture(scope="module")
def uninterrupted(digits: Mnist) -> tuple[str, list[float], list[EpochTest]]:
    """The weights' hash of SHORT trained in one go, its losses and its tests."""
    run = Training(SHORT)
    events = run_to_end(run, digits)
    losses = [event.loss.item() for event in events if isinstance(event, Step)]
    return weights_hash(run.model), losses, [event for event in events if isinstance(event, EpochTest)]


EVENTS = 1 + STEPS + 2  # the test of the untrained network, after the first step, and one after each epoch
AT_A_TEST = [0, 1 + 20, 1 + 21]  # before the first test; after an epoch's last step; after that epoch's test


@pytest.mark.parametrize(
    "stops", [AT_A_TEST, *(sorted(random.Random(n).sample(range(EVENTS - 1), 3)) for n in range(3))], ids=str
)
def test_stopped_three_times_and_resumed_ends_in_the_same_weights(
    digits: Mnist, uninterrupted: tuple[str, list[float], list[EpochTest]], stops: list[int]
) -> None:
    run = Training(SHORT)
    events: list[Step | EpochTest] = []
    for stop in stops:
        for event in run.run(digits):
            events.append(event)
            if len(events) == stop + 1:
                break
        state = through_a_file(run.state())
        torch.rand(17)  # what another process would have drawn
        run = Training(SHORT)
        run.load_state(state)
    events += run_to_end(run, digits)
    expected_hash, expected_losses, expected_tests = uninterrupted
    assert len(events) == EVENTS
    assert [event.loss.item() for event in events if isinstance(event, Step)] == expected_losses
    assert [event.test.loss for event in events if isinstance(event, EpochTest)] == [
        one.test.loss for one in expected_tests
    ]
    assert weights_hash(run.model) == expected_hash
    assert (run.epoch, run.step, run.samples_seen, run.tested_epoch) == (2, STEPS, 4000, 2)


def test_same_seed_same_weights_and_another_seed_others(
    digits: Mnist, uninterrupted: tuple[str, list[float], list[EpochTest]]
) -> None:
    same = Training(SHORT)
    run_to_end(same, digits)
    assert weights_hash(same.model) == uninterrupted[0]
    other = Training(SHORT.replace(seed=4))
    run_to_end(other, digits)
    assert weights_hash(other.model) != uninterrupted[0]


def test_testing_changes_nothing(digits: Mnist, uninterrupted: tuple[str, list[float], list[EpochTest]]) -> None:
    run = Training(SHORT)
    for _ in run.run(digits):
        evaluate(run.model, Split(digits.test.images[:20], digits.test.labels[:20]), 20)
        run.model.train()
    assert weights_hash(run.model) == uninterrupted[0]


def test_trained_for_longer_continues_the_same_training(
    digits: Mnist, uninterrupted: tuple[str, list[float], list[EpochTest]]
) -> None:
    first = Training(SHORT.replace(epochs=1))
    run_to_end(first, digits)
    state = through_a_file(first.state())
    second = Training(SHORT)
    second.load_state(state)
    events = run_to_end(second, digits)
    assert weights_hash(second.model) == uninterrupted[0]
    assert len(events) == 21 + 1  # one epoch and its test: nothing is tested or trained twice


def test_finished_training_has_nothing_left_to_do(digits: Mnist) -> None:
    run = Training(SHORT.replace(epochs=1, model="mlp"))
    run_to_end(run, digits)
    assert run_to_end(run, digits) == []


def test_evaluation_equals_sklearn_and_pytorch(digits: Mnist) -> None:
    torch.manual_seed(0)
    model = networks.build("cnn")
    result = evaluate(model, digits.test, batch_size=64)
    with torch.inference_mode():
        logits = model.eval()(normalise(digits.test.images))
    torch.testing.assert_close(result.log_probabilities, logits)
    labels = digits.test.labels
    assert result.loss == pytest.approx(F.nll_loss(logits, labels).item(), rel=1e-6)
    probabilities = logits.double().exp()
    oracle = log_loss(labels.numpy(), (probabilities / probabilities.sum(1, keepdim=True)).numpy(), labels=range(10))
    assert result.loss == pytest.approx(oracle, rel=1e-5)
    assert result.accuracy == accuracy_score(labels.numpy(), logits.argmax(1).numpy())


def test_evaluation_uses_neither_dropout_nor_randomness(digits: Mnist) -> None:
    model = networks.build("cnn").train()
    before = torch.get_rng_state()
    first, second = (evaluate(model, digits.test, 1000).log_probabilities for _ in range(2))
    assert torch.equal(first, second)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("batch_size", [1, 7, 500, 10_000])
def test_test_batch_size_does_not_change_the_answers(digits: Mnist, batch_size: int) -> None:
    torch.manual_seed(0)
    model = networks.build("cnn")
    few = Split(digits.test.images[:50], digits.test.labels[:50])
    torch.testing.assert_close(
        evaluate(model, few, batch_size).log_probabilities, evaluate(model, few, 50).log_probabilities
    )


def test_diverging_is_refused_with_a_smaller_learning_rate(digits: Mnist) -> None:
    run = Training(TrainConfig(model="mlp", learning_rate=10, epochs=1, threads=1))
    with pytest.raises(FailedError, match=r"diverged: the loss is (nan|inf) after 32 steps.* 0\.05 instead of 10\.$"):
        run_to_end(run, digits)


@pytest.mark.parametrize("loss", [float("nan"), float("inf"), float("-inf")])
def test_loss_that_is_no_number_is_refused(loss: float) -> None:
    run = Training(SHORT.replace(learning_rate=0.03))
    run.check_finite(1e30)
    with pytest.raises(FailedError, match=r"0\.002 instead of 0\.03"):
        run.check_finite(loss)
