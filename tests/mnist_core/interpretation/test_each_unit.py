"""Each channel off alone, against the whole network with that channel's weights at 0."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import binomtest

from mnist_core.config.changes import Off
from mnist_core.config.networks import ModelName
from mnist_core.data import mnist
from mnist_core.data.mnist import Arrays, Mnist
from mnist_core.errors import RequestError
from mnist_core.interpretation import each_unit
from mnist_core.models.changed import changed, layers
from mnist_core.models.inference import infer
from mnist_core.runs.run import Run
from tests.support.networks import varied


@pytest.mark.parametrize(("name", "n"), [("cnn", 300), ("mlp", 300), ("compact", 200), ("deep", 12)])
def test_counts_are_those_of_the_network_with_that_channel_off(name: ModelName, n: int, digits: Mnist) -> None:
    model = varied(name)
    images, labels = digits.test.images[:n].numpy(), digits.test.labels[:n].numpy()
    right = infer(model, images).argmax(1).numpy() == labels
    for layer in list(layers(model))[-2:]:
        found = each_unit.decode(each_unit.each_unit(model, layer, images, labels))
        assert (found.n, found.correct, len(found.units)) == (n, right.sum(), layers(model)[layer].size)
        for unit in found.units[:: len(found.units) // 4]:
            now = infer(changed(model, [Off(layer=layer, places=(unit.place,))]), images).argmax(1).numpy() == labels
            assert (unit.mended, unit.broken) == ((now & ~right).sum(), (right & ~now).sum()), (layer, unit)


def test_the_network_itself_stays_as_it_was(digits: Mnist) -> None:
    model = varied("deep")
    images = digits.test.images[:3]
    before = infer(model, images)
    each_unit.each_unit(model, "output", images.numpy(), digits.test.labels[:3].numpy())
    assert (infer(model, images) == before).all()


def test_the_most_needed_comes_first_with_an_interval_and_a_corrected_test() -> None:
    found = each_unit.decode({"n": 1000, "correct": 900, "mended": [0, 5, 40], "broken": [3, 200, 10]})
    assert [unit.place for unit in found.by_need] == [1, 0, 2]
    worst = found.by_need[0]
    assert worst.gain == pytest.approx(-0.195) and worst.interval.low < worst.gain < worst.interval.high
    alone = [binomtest(mended, mended + broken).pvalue for mended, broken in ((0, 3), (5, 200), (40, 10))]
    assert found.p_values == pytest.approx([alone[0], 3 * alone[1], 2 * alone[2]])


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"n": 10, "correct": 9, "mended": [2], "broken": [0]},
        {"n": 10, "correct": 9, "mended": [0], "broken": [10]},
        {"n": 10, "correct": 9, "mended": [0, 0], "broken": [0]},
        {"n": 20_000, "correct": 9, "mended": [0], "broken": [0]},
        {"n": 10, "correct": 9, "mended": [], "broken": []},
    ],
)
def test_what_is_no_answer_is_not_read(answer: dict[str, Any]) -> None:
    with pytest.raises((ValueError, KeyError)):
        each_unit.decode(answer)


def test_each_layer_has_an_answer_of_its_own_that_is_kept(trained: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    test = mnist.load_arrays("test")
    monkeypatch.setattr(mnist, "load_arrays", lambda split: Arrays(test.images[:100], test.labels[:100]))
    first = each_unit.load_or_compute(trained, 1, "conv1")
    last = each_unit.load_or_compute(trained, 1, "fc2")
    assert (len(first.units), len(last.units)) == (10, 10) and first != last
    monkeypatch.setattr(each_unit, "each_unit", lambda *_: pytest.fail("computed again"))
    assert each_unit.load(trained, 1, "conv1") == each_unit.load_or_compute(trained, 1, "conv1") == first
    assert each_unit.load(trained, 1, "fc2") == last and each_unit.load(trained, 1, "conv2") is None
    assert Path(trained.path / "epochs" / "0001.ablate-each-conv1.json").exists()
    with pytest.raises(RequestError, match="There is no layer 'x'"):
        each_unit.load_or_compute(trained, 1, "x")
    assert np.isfinite([unit.gain for unit in first.units]).all()
