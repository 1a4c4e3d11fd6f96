"""The tutorial network's backpropagation, written out: what `loss.backward()` does, line by line.

Autograd records each operation of the forward pass and works out afterwards what to call backwards. For one network
that is known beforehand, and what autograd itself costs is saved. The convolutions, most of the work, are our own
(convolutions.py); the linear layers and the loss are the operations that autograd calls, in its order.

Written as in the chain rule: `d_x` is the gradient of the mean loss with respect to x, and has the shape of x.
"""

import torch
from torch import Tensor

from mnist_core.models.networks import Cnn
from mnist_core.training.kernels.convolutions import Convolutions

aten = torch.ops.aten  # PyTorch's own operations, those that autograd calls
MEAN = 1  # how nll_loss sums up, in PyTorch's numbering
NONE_IGNORED = -100  # no label has this number


class Backpropagation:
    """Sets the gradients of one network, on the CPU with so many threads."""

    def __init__(self, model: Cnn, threads: int) -> None:
        self.model = model
        self.convolutions = Convolutions(threads)

    @torch.no_grad()
    def __call__(self, images: Tensor, labels: Tensor, smoothing: float = 0.0) -> Tensor:
        """Set the gradient of every parameter, and return the mean loss, a scalar.

        As `training.negative_log_likelihood(model(images), labels, smoothing).backward()` does while the model trains:
        dropout draws from torch's global generator alike. Images float32 (n, 1, 28, 28), normalised; labels int64 (n,).
        Hooks on the model's layers are not called.
        """
        threads = torch.get_num_threads()
        torch.set_num_threads(1)  # the linear layers are too small to share, and to wait for one another
        try:
            return self._gradients(images, labels, smoothing)
        finally:
            torch.set_num_threads(threads)

    def _gradients(self, images: Tensor, labels: Tensor, smoothing: float) -> Tensor:
        n = len(labels)
        w1, b1, w2, b2, w3, b3, w4, b4 = self.model.parameters()  # of conv1, conv2, fc1, fc2

        # Forward, keeping what the way back needs.
        h2 = self.convolutions.forward(images, w1, b1, w2, b2)  # (n, 320)
        kept2 = _dropout(h2.new_empty(n, 20, 1), self.model.conv2_drop.p)  # whole channels
        x3 = h2 if kept2 is None else _by_channel(h2, kept2)
        h3 = torch.addmm(b3, x3, w3.t()).relu_()  # (n, 50)
        kept3 = _dropout(torch.empty_like(h3), self.model.fc1_drop.p)
        x4 = h3 if kept3 is None else h3 * kept3
        log_p = aten._log_softmax.default(torch.addmm(b4, x4, w4.t()), 1, False)  # (n, 10)
        loss, total = aten.nll_loss_forward.default(
            log_p, labels, None, MEAN, NONE_IGNORED
        )  # -log p of the label, mean

        # Backward: each line takes the gradient of what it made above to that of what it was made from.
        d = log_p.new_ones(())  # of the loss with respect to itself
        d_nll = d * (1 - smoothing)
        d_log_p = aten.nll_loss_backward.default(
            d_nll, log_p, labels, None, MEAN, NONE_IGNORED, total
        )  # -1/n at the label
        if smoothing:
            loss = (1 - smoothing) * loss - smoothing * log_p.mean()
            d_log_p += -d * smoothing / log_p.numel()  # and a little everywhere
        d_z = aten._log_softmax_backward_data.default(d_log_p, log_p, 1, log_p.dtype)  # d_log_p - p * its sum
        w4.grad, b4.grad = d_z.t().mm(x4), d_z.sum(0)
        d_h3 = d_z.mm(w4)  # (n, 50)
        if kept3 is not None:
            d_h3 *= kept3
        d_a3 = aten.threshold_backward.default(d_h3, h3, 0)  # ReLU: 0 where it answered 0
        w3.grad, b3.grad = d_a3.t().mm(x3), d_a3.sum(0)
        d_h2 = d_a3.mm(w3)  # (n, 320)
        if kept2 is not None:
            d_h2 = _by_channel(d_h2, kept2)
        w1.grad, b1.grad, w2.grad, b2.grad = self.convolutions.backward(d_h2)
        return loss


def _dropout(factors: Tensor, share: float) -> Tensor | None:
    """What to multiply with: 0 for the share that is left out, and for the others what keeps the mean; None for 1."""
    return factors.bernoulli_(1 - share).div_(1 - share) if share else None


def _by_channel(features: Tensor, factors: Tensor) -> Tensor:
    """Features (n, 320), each of a digit's 20 channels of 16 times its factor (n, 20, 1)."""
    return (features.view(len(features), 20, 16) * factors).view_as(features)
