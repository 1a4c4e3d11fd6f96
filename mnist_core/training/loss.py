"""What a training makes small."""

import torch.nn.functional as F
from torch import Tensor


def negative_log_likelihood(log_probabilities: Tensor, labels: Tensor, smoothing: float) -> Tensor:
    """Mean loss of (n, 10) log-probabilities, with the share `smoothing` of each label spread over all ten digits."""
    loss = F.nll_loss(log_probabilities, labels)
    if not smoothing:
        return loss
    return (1 - smoothing) * loss - smoothing * log_probabilities.mean()
