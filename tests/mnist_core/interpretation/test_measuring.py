"""Answers of changed networks as they come: all of them, `infer`'s own, and nothing that nobody waits for."""

import time
from typing import Any

import numpy as np
import pytest
import torch

from mnist_core.config.changes import Edit, Off, Prune
from mnist_core.data.mnist import Mnist
from mnist_core.errors import RequestError
from mnist_core.evaluation.answers import Answers
from mnist_core.interpretation import measuring
from mnist_core.interpretation.ablation import answers_by_batch, effect, verdict
from mnist_core.interpretation.measuring import Measurement, Measurer
from mnist_core.models.changed import changed
from mnist_core.models.inference import infer
from tests.conftest import wait_until
from tests.support.networks import varied


def test_batches_put_together_are_what_infer_says(digits: Mnist) -> None:
    images = digits.test.images[:130].numpy()
    network = changed(varied("cnn"), [Prune(share=0.5)])
    parts = list(answers_by_batch(network, images, 50))
    assert [len(part) for part in parts] == [50, 50, 30]
    np.testing.assert_array_equal(np.concatenate(parts), infer(network, images, 50).numpy())


def test_answers_that_are_no_numbers_are_one_sentence(digits: Mnist) -> None:
    network = varied("cnn")
    with torch.no_grad():
        network.get_parameter("fc2.bias")[0] = float("nan")
    with pytest.raises(RequestError, match="undo a change"):
        list(answers_by_batch(network, digits.test.images[:3].numpy(), 3))
    far = [Edit(parameter=f"{name}.weight", index=(0, 0, 0, 0), value=1000) for name in ("conv1", "conv2")]
    (found,) = answers_by_batch(changed(varied("cnn"), far), digits.test.images[:9].numpy(), 9)
    assert np.isfinite(found).all()


def test_the_effect_is_of_the_digits_asked_so_far_and_says_whether_it_could_be_luck() -> None:
    labels = np.arange(10) % 2
    right, wrong = np.log(np.full((10, 10), 0.01)), np.log(np.full((10, 10), 0.01))
    right[np.arange(10), labels], wrong[np.arange(10), 1 - labels] = np.log(0.91), np.log(0.91)
    before = Answers(right, labels)
    found = effect(before, np.concatenate([right[:2], wrong[2:8]]), [Off(layer="conv1", places=(0,))])
    assert (len(found.before), found.broken.tolist(), found.fixed.tolist()) == (8, [2, 3, 4, 5, 6, 7], [])
    assert found.p_value == pytest.approx(2 / 2**6)
    assert verdict(found) == (
        "The change of the accuracy could not be luck: 6 that were right are wrong and 0 that were wrong are right "
        "(McNemar's exact test: p = 0.031, n = 8)."
    )
    assert "accuracy could be luck: 1 that" in verdict(effect(before, np.concatenate([right[:7], wrong[7:8]]), []))
    assert verdict(effect(before, right, [])).startswith("The very same of the 10 test digits are right")


class Slow(torch.nn.Module):
    """Answers a batch in a hundredth of a second, and counts them."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.asked += 1
        time.sleep(0.01)
        return torch.log_softmax(torch.zeros(len(x), 10), 1)


IMAGES = np.zeros((1000, 28, 28), np.uint8)


def test_what_is_looked_at_is_done_and_kept() -> None:
    measurer, begun = Measurer(), []

    def begin() -> Measurement:
        begun.append(1)
        return Measurement(Slow(), IMAGES, 100)

    wait_until(lambda: measurer.look("a", begin).is_done, "the answers")
    found = measurer.look("a", begin)
    assert found.answers.shape == (1000, 10) and found.error is None and len(begun) == 1
    wait_until(lambda: measurer._thread is None, "the thread's end")


def test_what_nobody_waits_for_stops_and_goes_on_when_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "LEFT_SECONDS", 0.05)
    measurer, network = Measurer(), Slow()
    measurer.look("left", lambda: Measurement(network, IMAGES, 5))
    wait_until(lambda: measurer._thread is None, "the thread's end")
    assert 0 < network.asked < 200
    monkeypatch.setattr(measuring, "LEFT_SECONDS", 5.0)
    wait_until(lambda: measurer.look("left", lambda: pytest.fail("begun again")).is_done, "the rest")
    assert network.asked == 200
    wait_until(lambda: measurer._thread is None, "the thread's end")


def test_two_are_asked_in_turn() -> None:
    measurer, order = Measurer(), []

    class Named(Slow):
        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            order.append(self.name)
            return super().forward(x)

    both = [measurer.look(name, lambda name=name: Measurement(Named(name), IMAGES, 100)) for name in "ab"]  # type: ignore[misc]
    wait_until(lambda: all(one.is_done for one in both), "both")
    assert order.index("b") < 5 and order.count("a") == order.count("b") == 10
    wait_until(lambda: measurer._thread is None, "the thread's end")


def test_an_error_is_kept_as_its_sentence() -> None:
    class Broken(Slow):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.full((len(x), 10), float("nan"))

    measurer = Measurer()
    found: Any = measurer.look("x", lambda: Measurement(Broken(), IMAGES, 100))
    wait_until(lambda: found.is_done, "the error")
    assert found.error is not None and "undo a change" in found.error
    wait_until(lambda: measurer._thread is None, "the thread's end")
