"""What a person reads about the networks is true of those that are built."""

from typing import get_args

import pytest
import torch

from mnist_core.config.networks import NETWORKS, ModelName
from mnist_core.config.train_config import settings
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


def test_cnn_has_the_tutorials_21840_parameters() -> None:
    by_hand = (10 * 25 + 10) + (20 * 10 * 25 + 20) + (320 * 50 + 50) + (50 * 10 + 10)
    assert NETWORKS["cnn"].parameters == by_hand == 21_840
