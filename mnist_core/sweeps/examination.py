"""What is wrong with the sweeps of this machine, for `doctor`."""

from collections.abc import Iterator

from mnist_core.errors import MnistError
from mnist_core.jobs.doctor import Complaint
from mnist_core.sweeps import sweep as sweeps


def complaints() -> Iterator[Complaint]:
    """A sentence for each sweep whose file or study cannot be read, one after the other."""
    for sweep in sweeps.every():
        try:
            sweep.plan()
        except MnistError as error:
            yield Complaint(str(error) if sweep.id in str(error) else f"{sweep.id}: {error}")
