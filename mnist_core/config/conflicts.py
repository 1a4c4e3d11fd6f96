"""Settings that exclude each other, and the way out."""

from typing import NamedTuple, Protocol

from mnist_core.config.networks import NETWORKS, ModelName

LARGEST_BATCH = 10_000


class Conflict(NamedTuple):
    """Settings that exclude each other, and the way out: `setting` set to `nearest`, the nearest allowed value."""

    setting: str
    nearest: int | str
    sentence: str


class Settings(Protocol):
    """Those of `TrainConfig` that are looked at."""

    @property
    def model(self) -> ModelName: ...  # noqa: D102
    @property
    def batch_size(self) -> int: ...  # noqa: D102
    @property
    def digits_per_class(self) -> int: ...  # noqa: D102
    @property
    def validation_size(self) -> int: ...  # noqa: D102
    @property
    def patience(self) -> int: ...  # noqa: D102
    @property
    def answer_with(self) -> str: ...  # noqa: D102
    @property
    def train_size(self) -> int: ...  # noqa: D102


def find_conflict(config: Settings, train_digits: int) -> Conflict | None:
    """The first of the settings that exclude each other, or None; of `train_digits` some may be held out."""
    return _too_few_digits(config, train_digits) or _batch_of_one(config) or _no_validation(config)


def _no_validation(config: Settings) -> Conflict | None:
    if config.validation_size:
        return None
    sentence = "{} needs validation digits to judge the epochs by: hold some out (validation_size), or set it to {}."
    if config.patience:
        return Conflict("patience", 0, sentence.format("patience", 0))
    if config.answer_with == "best":
        return Conflict("answer_with", "last", sentence.format("answer_with best", "last"))
    return None


def _too_few_digits(config: Settings, train_digits: int) -> Conflict | None:
    # Among the first n training digits, n from 40,000, each class has at least n / 12 (a test counts them).
    most = (train_digits - config.validation_size) // 12
    if config.digits_per_class <= most:
        return None
    sentence = (
        f"digits_per_class must be at most {most:,} beside {config.validation_size:,} validation digits; "
        f"{config.digits_per_class} was given."
    )
    return Conflict("digits_per_class", most, sentence)


def _batch_of_one(config: Settings) -> Conflict | None:
    network = NETWORKS[config.model]

    def is_good(batch_size: int) -> bool:
        last = config.train_size % batch_size or batch_size
        return min(batch_size, last) >= network.smallest_batch

    if is_good(config.batch_size):
        return None
    nearest = min(filter(is_good, range(1, LARGEST_BATCH + 1)), key=lambda size: abs(size - config.batch_size))
    sentence = (
        f"batch_size must not leave a single digit over for the {network.title.lower()} network: "
        f"choose {nearest}, 64 or 256."
    )
    return Conflict("batch_size", nearest, sentence)
