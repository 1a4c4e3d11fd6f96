"""How gradients become updates: the optimizer, the learning rate of each update, and averaged weights."""

import math
from typing import Any

import torch
from torch.optim.swa_utils import AveragedModel

from mnist_core.config.train_config import TrainConfig
from mnist_core.training import torch_internals


def build_optimizer(model: torch.nn.Module, config: TrainConfig) -> torch.optim.Optimizer:
    """SGD, Adam or AdamW over the model's parameters, as the config says."""
    # Weight decay is for what multiplies (matrices, kernels), not for biases and normalisation (as in nanoGPT).
    # Without decay one group is enough, and costs less each step.
    groups = [
        {"params": [p for p in model.parameters() if p.dim() > 1], "weight_decay": config.weight_decay},
        {"params": [p for p in model.parameters() if p.dim() <= 1], "weight_decay": 0.0},
    ]
    if not config.weight_decay:
        groups = [{"params": list(model.parameters()), "weight_decay": 0.0}]
    if config.optimizer == "sgd":
        return torch_internals.unwrapped(torch.optim.SGD)(groups, lr=config.learning_rate, momentum=config.momentum)
    kind = torch_internals.unwrapped(torch.optim.Adam if config.optimizer == "adam" else torch.optim.AdamW)
    return kind(groups, lr=config.learning_rate, betas=(config.momentum, config.beta2), fused=True)


def averaged_copy(model: torch.nn.Module, decay: float) -> AveragedModel | None:
    """An exponential moving average of the weights, which forgets the untrained ones quickly; None where it is off."""
    if not decay:
        return None

    def update(averaged: Any, current: Any, count: Any) -> None:
        kept = min(decay, (1 + int(count)) / (10 + int(count)))
        torch_internals.lerp_(averaged, current, 1 - kept)

    return AveragedModel(model, multi_avg_fn=update)


def learning_rate(config: TrainConfig, step: int) -> float:
    """The rate of the update after `step` updates: a function of the config and the step, so it resumes exactly.

    `one_cycle` (L. Smith, N. Topin, "Super-convergence", 2018; shaped as in `torch.optim.lr_scheduler.OneCycleLR`)
    rises as a cosine from a 25th of the config's rate to all of it over the first 30 % of the updates, and falls to
    almost nothing; `cosine` only falls. A finished run that is given more epochs goes on along the longer schedule.
    """
    total = config.epochs * config.steps_per_epoch
    peak = config.learning_rate
    if config.schedule == "constant":
        return peak
    if config.schedule == "cosine":
        return _cosine(peak, 0.0, step / total)
    turn = 0.3 * total - 1
    if step <= turn:
        return _cosine(peak / 25, peak, step / turn)
    return _cosine(peak, peak / 25e4, (step - turn) / (total - 1 - turn))


def _cosine(start: float, end: float, share: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2
