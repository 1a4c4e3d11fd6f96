"""What is measured of each layer, against the definitions written out here; and that measuring changes nothing."""

from itertools import islice

import pytest
import torch
import torch.nn.functional as F

from mnist_core.config.networks import ModelName
from mnist_core.config.train_config import TrainConfig
from mnist_core.data.batches import epoch_order
from mnist_core.data.mnist import Mnist, normalise
from mnist_core.models.checkpoint import weights_hash
from mnist_core.training.layer_stats import LayerWatch
from mnist_core.training.loop import Training

CONFIG = TrainConfig(epochs=1, batch_size=100, log_interval=5, threads=1, learning_rate=0.05)
WITH_RELU = {
    "cnn": ["conv1", "conv2", "fc1"],
    "mlp": ["fc1", "fc2"],
    "compact": ["features.0.0", "features.1.0", "hidden.0"],
    "deep": [f"features.{n}.0" for n in range(5)],
}


def watched(config: TrainConfig, digits: Mnist, steps: int) -> tuple[Training, LayerWatch]:
    training = Training(config)
    watch = LayerWatch(training)
    training.observed = watch.observe
    list(islice(training.run(digits), steps))
    return training, watch


@pytest.mark.parametrize("model", list(WITH_RELU))
def test_every_layer_is_measured_and_the_weights_are_the_same_to_the_bit(model: ModelName, digits: Mnist) -> None:
    config = CONFIG.replace(model=model)
    training, watch = watched(config, digits, 8)
    plain = Training(config)
    list(islice(plain.run(digits), 8))
    assert weights_hash(training.model) == weights_hash(plain.model)
    assert [name for name, values in watch.found.items() if "dead_share" in values] == WITH_RELU[model]
    for values in watch.found.values():
        assert values["gradient_norm"] > 0
        assert 0 < values["update_ratio"] < 1
        assert 0 <= values.get("dead_share", 0) <= 1


def test_mlp_is_measured_as_defined(digits: Mnist) -> None:
    config = CONFIG.replace(model="mlp", log_interval=1, momentum=0)
    training = Training(config)
    with torch.no_grad():
        training.model.get_parameter("fc1.bias")[:64] = -1000.0  # a quarter of the units never answers
    watch = LayerWatch(training)
    training.observed = watch.observe
    before = {name: value.clone() for name, value in training.model.state_dict().items()}
    list(islice(training.run(digits), 1))

    chosen = epoch_order(config.seed, 0, 2000)[:100]
    weights = {name: value.requires_grad_() for name, value in before.items()}
    x = normalise(digits.train.images[chosen]).flatten(1)
    first = (x @ weights["fc1.weight"].T + weights["fc1.bias"]).clamp(min=0)
    second = (first @ weights["fc2.weight"].T + weights["fc2.bias"]).clamp(min=0)
    logits = second @ weights["fc3.weight"].T + weights["fc3.bias"]
    F.cross_entropy(logits, digits.train.labels[chosen]).backward()
    for layer, hidden in (("fc1", first), ("fc2", second), ("fc3", None)):
        weight, bias = weights[f"{layer}.weight"], weights[f"{layer}.bias"]
        assert weight.grad is not None and bias.grad is not None
        expected = {
            "gradient_norm": (weight.grad.square().sum() + bias.grad.square().sum()).sqrt().item(),
            "update_ratio": 0.05 * (weight.grad.norm() / weight.norm()).item(),
        }
        if hidden is not None:
            expected["dead_share"] = sum(not column.any() for column in hidden.T) / hidden.shape[1]
        assert watch.found[layer] == pytest.approx(expected, rel=1e-3)
    assert watch.found["fc1"]["dead_share"] >= 0.25


def test_channel_of_a_convolution_is_dead_where_it_is_zero_everywhere(digits: Mnist) -> None:
    training = Training(CONFIG)
    with torch.no_grad():
        training.model.get_parameter("conv1.bias")[:3] = -1000.0
    watch = LayerWatch(training)
    training.observed = watch.observe
    list(islice(training.run(digits), 1))
    assert watch.found["conv1"]["dead_share"] == pytest.approx(0.3)


def test_only_logged_updates_are_measured(digits: Mnist) -> None:
    _, watch = watched(CONFIG, digits, 2)  # the first update, and a test
    first = watch.found
    training, watch = watched(CONFIG, digits, 1 + 5)
    assert training.step == 5
    assert watch.found == first
    assert watched(CONFIG, digits, 1 + 6)[1].found != first
