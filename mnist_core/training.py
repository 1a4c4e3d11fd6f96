"""One readable training loop. It knows no files: whoever runs it logs, checkpoints and stops between its events."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from mnist_core import models
from mnist_core.config import TrainConfig
from mnist_core.data import Mnist, Split, normalise
from mnist_core.errors import FailedError, RequestError


@dataclass(frozen=True)
class Step:
    """One optimizer update was made; `loss` is the mean loss of its batch, still on the device."""

    loss: Tensor


@dataclass(frozen=True)
class Evaluation:
    """The test split was evaluated: log-probabilities float32 (n, 10), on the CPU, and what follows from them."""

    log_probabilities: Tensor
    loss: float
    accuracy: float


class Training:
    """A network, its optimizer, and where in the training they stand.

    `state()` after any event, loaded into a new `Training` of the same config on the same machine with the same
    number of threads, goes on to bit-identical weights: what is random is in the state (dropout draws from torch's
    global generator) or follows from (seed, epoch) (the order of the digits).
    """

    def __init__(self, config: TrainConfig) -> None:
        self.config = config
        self.device = choose_device(config.device)
        torch.set_num_threads(config.threads or default_threads())
        torch.manual_seed(config.seed)
        self.model = models.build(config.model).to(self.device)
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=config.learning_rate, momentum=config.momentum)
        self.step = 0  # updates made
        self.epoch = 0  # epochs completed
        self.batch = 0  # batches done of the epoch that has begun
        self.samples_seen = 0
        self.tested_epoch = -1  # the last epoch whose end was tested; 0 is before the first step

    def run(self, data: Mnist) -> Iterator[Step | Evaluation]:
        """Train until `config.epochs` epochs are complete, from wherever this training stands.

        Yields an `Evaluation` before the first step and after every epoch, and a `Step` after every update. The caller
        may save `state()` at any yield, and may drop the iterator to stop.

        Raises FailedError, with advice, when a test's loss is not finite (see also `check_finite`).
        """
        train, test = data.train.to(self.device), data.test.to(self.device)
        count = len(train.labels)
        while True:
            if self.tested_epoch < self.epoch:
                result = evaluate(self.model, test, self.config.test_batch_size)
                self.check_finite(result.loss)
                self.tested_epoch = self.epoch
                yield result
            if self.epoch >= self.config.epochs:
                return
            order = epoch_order(self.config.seed, self.epoch, count).to(self.device)
            batches = order.split(self.config.batch_size)
            self.model.train()
            while self.batch < len(batches):
                loss = self.update(train, batches[self.batch])
                self.batch += 1
                self.step += 1
                self.samples_seen += len(batches[self.batch - 1])
                yield Step(loss)
            self.epoch += 1
            self.batch = 0

    def update(self, train: Split, indices: Tensor) -> Tensor:
        """One update on the digits at `indices`; returns their mean loss before it, a scalar on the device."""
        output = self.model(normalise(train.images[indices]))
        loss = F.nll_loss(output, train.labels[indices])
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.detach()

    def check_finite(self, loss: float) -> None:
        """Raises FailedError when the loss is infinite or not a number: the weights are then beyond repair."""
        if not abs(loss) < float("inf"):
            smaller = self.config.learning_rate / 10
            raise FailedError(
                f"The training diverged: the loss is {loss} after {self.step:,} steps. "
                f"Choose a smaller learning rate, for example {smaller:g} instead of {self.config.learning_rate:g}."
            )

    def state(self) -> dict[str, Any]:
        """Everything needed to go on exactly, in tensors and plain values."""
        state = {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "position": {name: getattr(self, name) for name in _POSITION},
            "torch_rng": torch.get_rng_state(),
        }
        if self.device.type == "cuda":
            state["cuda_rng"] = torch.cuda.get_rng_state(self.device)
        return state

    def load_state(self, state: dict[str, Any]) -> None:
        """Go on from what `state()` returned."""
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        for name in _POSITION:
            setattr(self, name, state["position"][name])
        torch.set_rng_state(state["torch_rng"])
        if self.device.type == "cuda" and "cuda_rng" in state:
            torch.cuda.set_rng_state(state["cuda_rng"], self.device)


_POSITION = ("step", "epoch", "batch", "samples_seen", "tested_epoch")


def evaluate(model: torch.nn.Module, split: Split, batch_size: int) -> Evaluation:
    """The model's answers on a whole split, without dropout; uses no randomness."""
    model.eval()
    with torch.inference_mode():
        outputs = [model(normalise(images)) for images in split.images.split(batch_size)]
        log_probabilities = torch.cat(outputs)
        loss = F.nll_loss(log_probabilities, split.labels).item()
        accuracy = int((log_probabilities.argmax(1) == split.labels).sum()) / len(split.labels)
    return Evaluation(log_probabilities.cpu(), loss, accuracy)


def epoch_order(seed: int, epoch: int, count: int) -> Tensor:
    """The order in which an epoch visits `count` digits: int64 (count,), the same for the same (seed, epoch)."""
    # Seeds of 64 bits: neighbouring (seed, epoch) pairs never share one.
    generator = torch.Generator().manual_seed(seed * 1_000_003 + epoch)
    return torch.randperm(count, generator=generator)


def choose_device(name: str) -> torch.device:
    """The device for a config's name; `auto` takes CUDA, then MPS, then the CPU.

    Raises RequestError when the device is not on this machine.
    """
    available = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        name = next(device for device, there in available.items() if there)
    if not available[name]:
        there = [device for device, is_there in available.items() if is_there]
        raise RequestError(f"device {name} is not available on this machine; choose auto or {' or '.join(there)}.")
    return torch.device(name)


def default_threads() -> int:
    """Torch's own choice: one thread a physical core."""
    return _DEFAULT_THREADS


_DEFAULT_THREADS = torch.get_num_threads()  # read once: set_num_threads changes what torch answers later
