"""A written program's own network with the run's weights, held against the run's answers."""

from collections.abc import Mapping

import numpy as np

from mnist_core.data import mnist
from mnist_core.evaluation.answers import Answers
from mnist_core.export import written
from mnist_core.export.isolated import answers_of_program
from mnist_core.export.written import Check
from mnist_core.runs.run import Run

_WORK = """
import torch
model = Net()
model.load_state_dict({name: torch.from_numpy(given["weights/" + name]) for name in model.state_dict()})
answers = answers(model, torch.from_numpy(given["images"])).exp().numpy()
"""


def check(program: Mapping[str, str], run: Run, epoch: int, own: Answers) -> Check:
    """Over the 10,000 test digits; `program` is as for `answers_of_program`. Raises FailedError as that does."""
    from mnist_core.models import checkpoint

    weights = checkpoint.read_weights(run.weights(epoch))
    given = {f"weights/{name}": value.numpy() for name, value in weights.items()}
    images = mnist.load_arrays("test").images
    theirs = answers_of_program(program, _WORK, {**given, "images": np.ascontiguousarray(images)})
    return written.check(own.probabilities, theirs)
