"""What a fine-tuned run begins with: its copy of its parent's weights, and its copy of the drawings."""

from typing import TYPE_CHECKING

from mnist_core.data.mnist import Split
from mnist_core.runs import own_digits
from mnist_core.runs.run import Run

if TYPE_CHECKING:
    import torch


def inputs(run: Run) -> "tuple[dict[str, torch.Tensor] | None, Split | None]":
    """The weights that `run` starts from and the drawings that it trains on; None and None where it has no parent.

    Raises FailedError when they are damaged.
    """
    if run.record().parent is None:
        return None, None
    from mnist_core.models import checkpoint

    return checkpoint.read_weights(run.path / own_digits.START), own_digits.read(run)[0].tensors()
