"""One readable training loop. It knows no files: whoever runs it logs, checkpoints and stops between its events."""

import copy
import importlib.metadata
import platform
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from mnist_core.config.learning_rates import smaller_rate
from mnist_core.config.train_config import TrainConfig
from mnist_core.data.batches import batches, epoch_order
from mnist_core.data.mnist import Mnist, Split
from mnist_core.errors import DivergedError
from mnist_core.models import networks
from mnist_core.models.inference import Evaluation, evaluate
from mnist_core.training.device import choose_device, default_threads
from mnist_core.training.digits import as_shown, splits
from mnist_core.training.kernels import gradients_for, say_slower
from mnist_core.training.loss import negative_log_likelihood
from mnist_core.training.optimization import averaged_copy, build_optimizer, learning_rate


@dataclass(frozen=True)
class Step:
    """One optimizer update was made; `loss` is the mean loss of its batch, still on the device."""

    loss: Tensor


@dataclass(frozen=True)
class EpochTest:
    """The network was tested as it was after `epoch` epochs, where `step` updates had been made; 0 is untrained."""

    epoch: int
    step: int
    samples_seen: int
    network: torch.nn.Module
    test: Evaluation
    validation: Evaluation | None  # on the validation digits, where the config holds some out


class Training:
    """A network, its optimizer, and where in the training they stand.

    `state()` after any event, loaded into a new `Training` of the same config on the same machine with the same
    number of threads, goes on to bit-identical weights: what is random is in the state (dropout draws from torch's
    global generator) or follows from (seed, epoch) (the order of the digits).
    """

    def __init__(self, config: TrainConfig, start: dict[str, Tensor] | None = None, own: Split | None = None) -> None:
        """Begin from the weights `start` rather than from chance, with one in ten digits from `own`, where given."""
        self.config = config
        self.own = own
        self.device = choose_device(config.device)
        torch.set_num_threads(config.threads or default_threads())
        torch.manual_seed(config.seed)
        self.model = networks.build_for(config).to(self.device)
        if start is not None:
            self.model.load_state_dict(start)
        self.averaged = averaged_copy(self.model, config.weight_averaging)
        self.untrained = copy.deepcopy(self.answering)  # tested after the first update: the curve begins a test earlier
        self.optimizer = build_optimizer(self.model, config)
        self.step = 0  # updates made
        self.epoch = 0  # epochs completed
        self.batch = 0  # batches done of the epoch that has begun
        self.samples_seen = 0
        self.tested_epoch = -1  # the last epoch whose end was tested; 0 is before the first step
        self.compiled = gradients_for(self.model, config, self.device)  # None: plain PyTorch
        # Entered around each update, with its images.
        self.observed: Callable[[Tensor], AbstractContextManager[object]] = nullcontext

    def run(self, data: Mnist) -> Iterator[Step | EpochTest]:
        """Train until `config.epochs` epochs are complete, from wherever this training stands.

        Yields a `Step` after every update, and an `EpochTest` for the untrained network and after every epoch. The
        caller may save `state()` at any yield, and may drop the iterator to stop.

        Raises FailedError, with advice, when a test's loss is not finite (see also `check_finite`).
        """
        self._await_compiler()
        train, *others = (split.to(self.device) for split in splits(self.config, data, self.own))
        while True:
            yield from self._due_tests(*others)
            if self.epoch >= self.config.epochs:
                return
            order = epoch_order(self.config.seed, self.epoch, len(train.labels)).to(self.device)
            self.model.train()
            for images, labels in batches(train, order, self.config.batch_size, self.batch):
                yield from self._due_tests(*others)  # of the untrained network, when the first update is made
                loss = self.update(images, labels)
                self.batch += 1
                self.step += 1
                self.samples_seen += len(labels)
                yield Step(loss)
            self.epoch += 1
            self.batch = 0

    def _due_tests(self, validation: Split, test: Split) -> Iterator[EpochTest]:
        while (epoch := self._due_epoch) is not None:
            position = (self.step, self.samples_seen, self.answering) if epoch else (0, 0, self.untrained)
            yield self._tested(epoch, *position, validation, test)

    def _tested(
        self, epoch: int, step: int, seen: int, network: torch.nn.Module, validation: Split, test: Split
    ) -> EpochTest:
        size = self.config.test_batch_size
        result = evaluate(network, test, size)
        self.check_finite(result.loss)
        held_out = evaluate(network, validation, size) if len(validation.labels) else None
        self.tested_epoch = epoch
        return EpochTest(epoch, step, seen, network, result, held_out)

    def update(self, images: Tensor, labels: Tensor) -> Tensor:
        """One update on normalised images; returns their mean loss before it, a scalar on the device."""
        config = self.config
        images = as_shown(config, images, self.epoch, self.batch)
        rate = learning_rate(config, self.step)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        with self.observed(images):
            loss = self._set_gradients(images, labels)
            self.optimizer.step()
        if self.averaged is not None:
            self.averaged.update_parameters(self.model)
        return loss

    def _set_gradients(self, images: Tensor, labels: Tensor) -> Tensor:
        """Forward, loss, backward: sets every parameter's gradient; returns the mean loss."""
        smoothing, shorter = self.config.label_smoothing, self.config.precision == "bfloat16"
        if self.compiled is not None:
            return self.compiled(images, labels, smoothing)  # the same, sooner
        with torch.autocast(self.device.type, torch.bfloat16) if shorter else nullcontext():
            output = self.model(images)
        loss = negative_log_likelihood(output.float() if shorter else output, labels, smoothing)
        self.optimizer.zero_grad()
        loss.backward()
        return loss.detach()

    def _await_compiler(self) -> None:
        """Where it failed, the training goes on with plain PyTorch."""
        try:
            if self.compiled is not None:
                self.compiled.wait()
        except Exception as error:  # whatever LLVM makes of this processor
            say_slower(error)
            self.compiled = None

    @property
    def versions(self) -> dict[str, str]:
        """What decides the last bits of the weights, for the run's record; waits for the compiler."""
        self._await_compiler()
        found = {name: importlib.metadata.version(name) for name in ("torch", "numpy")}
        kernels = {"kernels": "pytorch"} if self.compiled is None else self.compiled.versions
        vectors = {"cpu_capability": torch.backends.cpu.get_cpu_capability()}
        return {"python": platform.python_version()} | found | vectors | kernels

    @property
    def test_is_due(self) -> bool:
        """Whether a test comes before the next update."""
        epoch_is_over = self.batch >= self.config.steps_per_epoch  # its last update is made: it is counted next
        return self._due_epoch is not None or epoch_is_over

    @property
    def _due_epoch(self) -> int | None:
        """The epoch whose end is to be tested now; 0 is before the first update, and is tested after it."""
        if self.tested_epoch < 0:
            return 0 if self.step else None
        return self.epoch if self.tested_epoch < self.epoch else None

    @property
    def rates(self) -> dict[str, float]:
        """The learning rate (a schedule scales it) and the momentum, as they were set last."""
        return {"learning_rate": self.config.learning_rate, "momentum": self.config.momentum}

    def set_rates(self, learning_rate: float, momentum: float) -> None:
        """Train with these from the next update on."""
        self.config = self.config.replace(learning_rate=learning_rate, momentum=momentum)
        for group in self.optimizer.param_groups:
            if "betas" in group:
                group["betas"] = (momentum, group["betas"][1])
            else:
                group["momentum"] = momentum

    def set_threads(self, threads: int) -> None:
        """Compute with so many from the next update on, at most as many as it began with."""
        torch.set_num_threads(threads)
        if self.compiled is not None:
            self.compiled.convolutions.threads = threads

    @property
    def answering(self) -> torch.nn.Module:
        """The network that is tested and kept: the averaged one where weights are averaged."""
        return self.model if self.averaged is None else self.averaged.module

    def training_split(self, data: Mnist) -> Split:
        """What is trained on, on the device."""
        return splits(self.config, data, self.own)[0].to(self.device)

    def check_finite(self, loss: float) -> None:
        """Raises FailedError when the loss is infinite or not a number: the weights are then beyond repair."""
        if not abs(loss) < float("inf"):
            smaller = smaller_rate(self.config, self.config.learning_rate / 10)
            raise DivergedError(
                f"The training diverged: the loss is {loss} after {self.step:,} steps. "
                f"Choose a smaller learning rate, for example {smaller:g} instead of {self.config.learning_rate:g}."
            )

    def state(self) -> dict[str, Any]:
        """Everything needed to go on exactly, in tensors and plain values."""
        state = {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "position": {name: getattr(self, name) for name in _POSITION},
            "rates": self.rates,
            "torch_rng": torch.get_rng_state(),
        }
        if self.averaged is not None:
            state["averaged"] = self.averaged.state_dict()
        if self.device.type == "cuda":
            state["cuda_rng"] = torch.cuda.get_rng_state(self.device)
        return state

    def load_state(self, state: dict[str, Any]) -> None:
        """Go on from what `state()` returned."""
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.set_rates(**state.get("rates", self.rates))  # a checkpoint from before they could be changed has none
        if self.averaged is not None:
            self.averaged.load_state_dict(state["averaged"])
        for name in _POSITION:
            setattr(self, name, state["position"][name])
        torch.set_rng_state(state["torch_rng"])
        if self.device.type == "cuda" and "cuda_rng" in state:
            torch.cuda.set_rng_state(state["cuda_rng"], self.device)


_POSITION = ("step", "epoch", "batch", "samples_seen", "tested_epoch")
