"""The networks. What a person reads about each, and its size, is in `config.NETWORKS`, which needs no torch."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mnist_core.config.networks import NETWORKS, ModelName, deep_channels
from mnist_core.config.train_config import TrainConfig
from mnist_core.data.augmentation import resample


class Cnn(nn.Module):
    """The PyTorch MNIST tutorial's network: two 5x5 convolutions and two linear layers.

    Input float32 (n, 1, 28, 28), normalised; output log-probabilities (n, 10). `dropout` (0 to 0.9) is the share of
    channels, and of hidden units, that are left out while it trains.
    """

    def __init__(self, dropout: float = 0.5) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 10, kernel_size=5)
        self.conv2 = nn.Conv2d(10, 20, kernel_size=5)
        self.conv2_drop = nn.Dropout2d(dropout)  # drops whole channels
        self.fc1 = nn.Linear(320, 50)
        self.fc1_drop = nn.Dropout(dropout)
        self.fc2 = nn.Linear(50, 10)

    def forward(self, x: Tensor) -> Tensor:
        """Log-probabilities of the ten digits."""
        return self.classify(self.convolve(x))

    def convolve(self, x: Tensor) -> Tensor:
        """Both convolutions, with pooling and ReLU: (n, 20, 4, 4). `training/kernels` trains a compiled equal of it."""
        x = F.relu_(F.max_pool2d(self.conv1(x), 2))
        return F.relu_(F.max_pool2d(self.conv2(x), 2))

    def classify(self, features: Tensor) -> Tensor:
        """Log-probabilities (n, 10) of what `convolve` answered."""
        # The tutorial drops channels before it pools. A channel is kept or dropped as a whole, times a positive number,
        # so the result is the same to the bit; here there is a quarter of the values to multiply.
        x = self.conv2_drop(features)
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


def _block(
    inputs: int, outputs: int, kernel: int, *, stride: int = 1, padding: int = 0, pool: bool = False
) -> nn.Module:
    """Convolution, max pooling by 2 where asked, batch normalisation, ReLU."""
    layers: list[nn.Module] = [nn.Conv2d(inputs, outputs, kernel, stride=stride, padding=padding, bias=False)]
    if pool:
        layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True))


MARGIN = 2  # MNIST's border of paper: nearly all ink lies in the central 24x24, which costs a quarter less to look at


class Compact(nn.Module):
    """Two small convolutions with batch normalisation, on the central 24x24 pixels: the `fast` preset's network.

    Input float32 (n, 1, 28, 28), normalised; output log-probabilities (n, 10).
    """

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(_block(1, 16, 6, stride=2), _block(16, 32, 3, pool=True), nn.Flatten())
        self.hidden = nn.Sequential(nn.Linear(512, 128), nn.BatchNorm1d(128), nn.ReLU(inplace=True))
        self.output = nn.Linear(128, 10)

    def forward(self, x: Tensor) -> Tensor:
        """Log-probabilities of the ten digits."""
        x = x[..., MARGIN:-MARGIN, MARGIN:-MARGIN].contiguous(memory_format=torch.channels_last)
        return F.log_softmax(self.output(self.hidden(self.features(x))), dim=1)


class Deep(nn.Module):
    """Five convolutions with batch normalisation on 24x24 pixels: the `best` preset's network.

    When it answers (not while it trains), it averages the probabilities over four views of the digit: turned a little
    either way, a little larger and a little smaller. It trains on such views, and a digit that is not resampled is
    sharper than any of them: of 10,000 validation digits two networks got 38 and 34 wrong as they are, 33 and 33
    averaged over five shifts by whole pixels, 23 and 26 over these views.

    Input float32 (n, 1, 28, 28), normalised; output log-probabilities (n, 10). `width` (0.1 to 2), times 24, 48 and 96,
    is how many channels its convolutions have.
    """

    VIEWS = tuple((angle, scale) for angle in (-6, 6) for scale in (0.93, 1.07))  # degrees, and times

    def __init__(self, width: float = 1.0) -> None:
        super().__init__()
        first, second, third = deep_channels(width)
        self.features = nn.Sequential(
            _block(1, first, 5, pool=True),
            _block(first, second, 3, padding=1),
            _block(second, second, 3, padding=1, pool=True),
            _block(second, third, 3, padding=1),
            _block(third, third, 3, padding=1),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
        )
        self.output = nn.Linear(third, 10)

    def forward(self, x: Tensor) -> Tensor:
        """Log-probabilities of the ten digits."""
        if self.training:
            return self.single_view(x)
        answers = torch.stack([self.single_view(view) for view in self.views(x)])
        return answers.logsumexp(0) - math.log(len(self.VIEWS))

    def views(self, x: Tensor) -> list[Tensor]:
        """The digits as each look sees them, four times (n, 1, 28, 28)."""
        return [_view(x, angle, scale) for angle, scale in self.VIEWS]

    def single_view(self, x: Tensor) -> Tensor:
        """Log-probabilities for the digits as they are: one view, not the mean of four."""
        x = x[..., MARGIN:-MARGIN, MARGIN:-MARGIN].contiguous(memory_format=torch.channels_last)
        return F.log_softmax(self.output(self.features(x)), dim=1)


def _view(images: Tensor, degrees: float, scale: float) -> Tensor:
    """The images turned and scaled about their middle."""
    turn, size = math.radians(degrees), 1 / scale
    matrix = [[math.cos(turn) * size, -math.sin(turn) * size, 0.0], [math.sin(turn) * size, math.cos(turn) * size, 0.0]]
    grid = F.affine_grid(images.new_tensor([matrix]), [1, *images.shape[1:]], align_corners=False)
    return resample(images, grid.expand(images.shape[0], -1, -1, -1))


REGISTRY: dict[ModelName, type[nn.Module]] = {
    "cnn": Cnn,
    "mlp": Mlp,
    "compact": Compact,
    "deep": Deep,
}


def build(name: ModelName, dropout: float = 0.5, width: float = 1.0) -> nn.Module:
    """A new network with PyTorch's default initialisation, drawn from torch's global generator.

    Its weights lie in `channels_last`: the convolutions are then a quarter faster on a CPU. `dropout` is for the
    network that has some, and matters only while it trains; `width` is for the one that has a width.
    """
    known = NETWORKS[name]
    given = ({"dropout": dropout} if known.has_dropout else {}) | ({"width": width} if known.has_width else {})
    network = REGISTRY[name](**given)
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def build_for(config: TrainConfig) -> nn.Module:
    """As `build`: the network that these settings are of."""
    return build(config.model, config.dropout, config.width)
