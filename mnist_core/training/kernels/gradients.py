"""The tutorial network's gradients: its convolutions compiled, and autograd for all the rest."""

import importlib.metadata
from typing import Any

import torch
from torch import Tensor

from mnist_core.models.networks import Cnn
from mnist_core.training.kernels.convolutions import Convolutions
from mnist_core.training.kernels.ir_builder import LANES
from mnist_core.training.loss import negative_log_likelihood


class _Convolve(torch.autograd.Function):
    """`Cnn.convolve` as autograd sees it: one operation, with its own backward pass."""

    @staticmethod
    def forward(ctx: Any, convolutions: Convolutions, *inputs: Tensor) -> Tensor:
        ctx.convolutions = convolutions
        return convolutions.forward(*inputs)

    @staticmethod
    def backward(ctx: Any, *d_features: Tensor) -> Any:
        return None, None, *ctx.convolutions.backward(*d_features)  # none for the images


class Gradients:
    """Sets the gradients of one network, on the CPU with so many threads."""

    def __init__(self, model: Cnn, threads: int) -> None:
        self.model = model
        self.convolutions = Convolutions(threads)
        first, second = model.conv1, model.conv2
        self.parameters = list(model.parameters())
        self.kernels = (first.weight, first.bias, second.weight, second.bias)

    def __call__(self, images: Tensor, labels: Tensor, smoothing: float = 0.0) -> Tensor:
        """Set the gradient of every parameter, and return the mean loss, a scalar.

        As `negative_log_likelihood(model(images), labels, smoothing).backward()` does while the model trains. Images
        float32 (n, 1, 28, 28), normalised; labels int64 (n,).
        """
        threads = torch.get_num_threads()
        torch.set_num_threads(1)  # the linear layers are too small to share, and to wait for one another
        try:
            features = _Convolve.apply(self.convolutions, images, *self.kernels)  # type: ignore[no-untyped-call]
            loss = negative_log_likelihood(self.model.classify(features.view(-1, 20, 4, 4)), labels, smoothing)
            for parameter in self.parameters:
                parameter.grad = None
            loss.backward()
        finally:
            torch.set_num_threads(threads)
        return loss.detach()

    def wait(self) -> None:
        """Until all is compiled. Raises what the compiler raised."""
        self.convolutions.wait()

    @property
    def versions(self) -> dict[str, str]:
        """What decides the last bits, for the run's record."""
        return {"kernels": "compiled", "llvmlite": importlib.metadata.version("llvmlite"), "vector_width": str(LANES)}
