"""Networks that tell digits apart, in no time."""

import torch
from torch import nn

from mnist_core.config.networks import ModelName
from mnist_core.models import networks
from mnist_core.models.inference import load_network
from mnist_core.runs import store


def varied(name: ModelName, width: float = 1.0) -> nn.Module:
    """A network of this name and width whose answers differ from digit to digit: the shipped one, or random weights.

    Theirs is a batch normalisation far from neutral.
    """
    if width == 1 and name == store.find("shipped").record().config.model:
        return load_network(store.find("shipped"))
    torch.manual_seed(1)
    network = networks.build(name, width=width).eval()
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
                assert module.running_mean is not None and module.running_var is not None
                module.running_mean.normal_(0, 0.3)
                module.running_var.uniform_(0.5, 2)
                module.weight.normal_()  # some below 0: then batch normalisation and max pooling do not change places
                module.bias.normal_(0, 0.3)
        for parameter in network.parameters():
            if parameter.dim() > 1:
                parameter.mul_(3 if name == "deep" else 1.5)  # its mean pooling evens out
    return network
