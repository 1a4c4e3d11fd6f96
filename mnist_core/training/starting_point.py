"""What a run with a parent begins with: its copy of the weights, and where it is fine-tuned, of the drawings."""

from typing import TYPE_CHECKING

from mnist_core.data.mnist import Split
from mnist_core.runs import own_digits
from mnist_core.runs.run import Run

if TYPE_CHECKING:
    import torch


def inputs(run: Run) -> "tuple[dict[str, torch.Tensor] | None, Split | None]":
    """The weights that `run` starts from and the drawings that it trains on; None where it has none.

    Raises FailedError when they are damaged.
    """
    record = run.record()
    if record.parent is None:
        return None, None
    from mnist_core.models import checkpoint

    own = own_digits.read(run)[0].tensors() if record.is_fine_tuned else None
    return checkpoint.read_weights(run.path / own_digits.START), own
