"""The networks. What a person reads about each, and its size, is in `config.NETWORKS`, which needs no torch."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mnist_core.config import ModelName


class Cnn(nn.Module):
    """The PyTorch MNIST tutorial's network: two 5x5 convolutions and two linear layers.

    Input float32 (n, 1, 28, 28), normalised; output log-probabilities (n, 10).
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 10, kernel_size=5)
        self.conv2 = nn.Conv2d(10, 20, kernel_size=5)
        self.conv2_drop = nn.Dropout2d()  # drops whole channels, half of them
        self.fc1 = nn.Linear(320, 50)
        self.fc1_drop = nn.Dropout()
        self.fc2 = nn.Linear(50, 10)

    def forward(self, x: Tensor) -> Tensor:
        """Log-probabilities of the ten digits."""
        x = F.relu_(F.max_pool2d(self.conv1(x), 2))
        # The tutorial drops channels before it pools. A channel is kept or dropped as a whole, times a positive number,
        # so the result is the same to the bit; here there is a quarter of the values to multiply.
        x = self.conv2_drop(F.relu_(F.max_pool2d(self.conv2(x), 2)))
        x = F.relu(self.fc1(x.flatten(1)))
        return F.log_softmax(self.fc2(self.fc1_drop(x)), dim=1)


class Mlp(nn.Module):
    """Three linear layers, 784 to 256 to 128 to 10, with ReLU between them.

    Input float32 (n, 1, 28, 28), normalised; output log-probabilities (n, 10).
    """

    def __init__(self) -> None:
        super().__init__()
        self.fc1 = nn.Linear(784, 256)
        self.fc2 = nn.Linear(256, 128)
        self.fc3 = nn.Linear(128, 10)

    def forward(self, x: Tensor) -> Tensor:
        """Log-probabilities of the ten digits."""
        x = F.relu(self.fc1(x.flatten(1)))
        x = F.relu(self.fc2(x))
        return F.log_softmax(self.fc3(x), dim=1)


REGISTRY: dict[ModelName, type[nn.Module]] = {"cnn": Cnn, "mlp": Mlp}


def build(name: ModelName) -> nn.Module:
    """A new network with PyTorch's default initialisation, drawn from torch's global generator.

    Its weights lie in `channels_last`: the convolutions are then a quarter faster on a CPU.
    """
    return REGISTRY[name]().to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def parameter_count(model: nn.Module) -> int:
    """How many numbers training adjusts."""
    return sum(p.numel() for p in model.parameters() if p.requires_grad)
