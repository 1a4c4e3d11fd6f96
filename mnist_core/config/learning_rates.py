"""Which learning rates train the networks here."""

from mnist_core.config.train_config import TrainConfig, settings

GOOD = {"sgd": 0.1, "adam": 0.003, "adamw": 0.003}  # one that trains each of the networks here


def smaller_rate(config: TrainConfig, limit: float) -> float:
    """The slider's largest learning rate up to `limit` whose effective rate trains the networks here."""
    momentum = config.momentum if config.optimizer == "sgd" else 0.0
    most = min(limit, GOOD[config.optimizer] * (1 - momentum)) * 1.000001
    return max((choice for choice in settings()["learning_rate"].choices if choice <= most), default=limit)
