"""The tutorial's own loop, as published: what our loop is measured against.

`python -m benchmarks.training.tutorial_loop EPOCHS FOLDER` trains, saves into the folder, and prints the seconds of an
epoch and the test accuracy as JSON.

Written from the description of the well-known PyTorch MNIST tutorial: torchvision's data set behind a DataLoader,
`ToTensor` and `Normalize` on every image, a log and a save of model and optimizer every 10 batches.
"""

import json
import sys
import time
from pathlib import Path

import torch
import torch.nn.functional as F

from mnist_core.config.train_config import TrainConfig
from mnist_core.data.download import import_torchvision_datasets, prepare
from mnist_core.data.mnist import MEAN, STD
from mnist_core.models.networks import Cnn
from mnist_core.system.files import home


class Published(Cnn):
    """The network with its operations in the tutorial's order: channels are dropped before pooling."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.relu(F.max_pool2d(self.conv1(x), 2))
        x = F.relu(F.max_pool2d(self.conv2_drop(self.conv2(x)), 2))
        x = F.relu(self.fc1(x.flatten(1)))
        return F.log_softmax(self.fc2(self.fc1_drop(x)), dim=1)


def train(epochs: int, folder: Path) -> tuple[float, float]:
    """Train `epochs` epochs; returns the mean seconds of one (tests left out) and the test accuracy at the end."""
    prepare()
    datasets = import_torchvision_datasets()
    from torchvision import transforms

    config = TrainConfig()
    transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((MEAN,), (STD,))])
    root = home() / "data"
    loaders = {
        is_train: torch.utils.data.DataLoader(
            datasets.MNIST(root, train=is_train, transform=transform),
            batch_size=config.batch_size if is_train else config.test_batch_size,
            shuffle=True,
        )
        for is_train in (True, False)
    }
    torch.manual_seed(config.seed)
    network = Published()
    optimizer = torch.optim.SGD(network.parameters(), lr=config.learning_rate, momentum=config.momentum)
    seconds = []
    for _ in range(epochs):
        start = time.perf_counter()
        network.train()
        losses = []
        for batch, (images, labels) in enumerate(loaders[True]):
            optimizer.zero_grad()
            loss = F.nll_loss(network(images), labels)
            loss.backward()
            optimizer.step()
            if batch % config.log_interval == 0:
                losses.append(loss.item())
                torch.save(network.state_dict(), folder / "model.pth")
                torch.save(optimizer.state_dict(), folder / "optimizer.pth")
        seconds.append(time.perf_counter() - start)
    network.eval()
    with torch.no_grad():
        correct = sum(int((network(images).argmax(1) == labels).sum()) for images, labels in loaders[False])
    return sum(seconds) / epochs, correct / 10_000


if __name__ == "__main__":
    mean_seconds, test_accuracy = train(int(sys.argv[1]), Path(sys.argv[2]))
    print(json.dumps({"seconds": mean_seconds, "test_accuracy": test_accuracy}))
