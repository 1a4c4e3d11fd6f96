"""What a person reads about the networks is true of those that are built."""

from typing import get_args

import pytest
import torch
import torch.nn.functional as F
from torch.utils.flop_counter import FlopCounterMode

from mnist_core.config.networks import NETWORKS, ModelName, deep_channels
from mnist_core.config.train_config import TrainConfig, settings
from mnist_core.models import networks
from mnist_core.models.networks import REGISTRY


def test_networks_registry_and_type_agree() -> None:
    assert list(NETWORKS) == list(REGISTRY) == list(get_args(ModelName)) == list(settings()["model"].choices)


@pytest.mark.parametrize("name", get_args(ModelName))
def test_described_parameter_count_is_the_built_networks(name: ModelName) -> None:
    state = networks.build(name).state_dict()  # counted here on the tensors, not by the code under test
    weights = [value for key, value in state.items() if "running_" not in key and "num_batches" not in key]
    assert sum(torch.numel(value) for value in weights) == NETWORKS[name].parameters
    assert sum(p.numel() for p in networks.build(name).parameters() if p.requires_grad) == NETWORKS[name].parameters


@pytest.mark.parametrize("name", get_args(ModelName))
def test_described_facts_are_the_built_networks(name: ModelName) -> None:
    torch.manual_seed(1)
    network = networks.build(name).train()
    modules = list(network.modules())
    assert NETWORKS[name].has_dropout == any(isinstance(m, torch.nn.Dropout | torch.nn.Dropout2d) for m in modules)
    smallest = NETWORKS[name].smallest_batch
    assert network(torch.randn(smallest, 1, 28, 28)).shape == (smallest, 10)
    if smallest > 1:
        with pytest.raises(ValueError, match="more than 1 value per channel"):
            network(torch.randn(smallest - 1, 1, 28, 28))


@pytest.mark.parametrize("width", [0.1, 0.12, 0.24, 0.5, 1.0, 1.33, 2.0])
def test_a_width_makes_another_network_of_the_one_that_has_one(width: float) -> None:
    for name in NETWORKS:
        config = TrainConfig(model=name, width=width)
        model = networks.build_for(config).train()
        assert sum(p.numel() for p in model.parameters()) == config.network_size.parameters
        changes = config.network_size != NETWORKS[name].size(1)
        assert changes == (NETWORKS[name].has_width and width != 1)
        if changes:
            with FlopCounterMode(display=False) as counter:
                F.nll_loss(model(torch.randn(4, 1, 28, 28)), torch.zeros(4, dtype=torch.long)).backward()
            assert counter.get_total_flops() / 4 == config.network_size.flops


def test_widths_by_hand() -> None:
    """A network under 10,000 parameters, one that is wider, and the one that was, whose hash stays what it was."""
    assert [deep_channels(width) for width in (0.24, 1.33, 1.0)] == [(6, 12, 23), (32, 64, 128), (24, 48, 96)]
    by_hand = 25 * 6 + 9 * (6 * 12 + 12 * 12 + 12 * 23 + 23 * 23) + 2 * (6 + 12 + 12 + 23 + 23) + 23 * 10 + 10
    assert TrainConfig(model="deep", width=0.24).network_size.parameters == by_hand == 9731
    assert NETWORKS["deep"].size(1) == (NETWORKS["deep"].parameters, NETWORKS["deep"].flops)
    assert TrainConfig(model="deep", width=1).hash() == TrainConfig(model="deep").hash()


def test_cnn_has_the_tutorials_21840_parameters() -> None:
    by_hand = (10 * 25 + 10) + (20 * 10 * 25 + 20) + (320 * 50 + 50) + (50 * 10 + 10)
    assert NETWORKS["cnn"].parameters == by_hand == 21_840
