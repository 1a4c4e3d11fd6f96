"""A process that has imported torch and read the digits before anybody asks: a training then starts at once.

The dashboard starts `python -m mnist_core.cli.warm_process` when a person opens the Train page. It waits for one line
of JSON on standard input, {"arguments": [...], "log": path}, becomes that command, its output in the log, and ends with
it. It goes away when the dashboard does (standard input closes), or when nothing was asked for a while.
"""

import json
import os
import select
import sys

PATIENCE_SECONDS = 900.0


def main() -> int:
    """Prepare, wait, and run the one command that comes."""
    prepare()
    if not select.select([sys.stdin], [], [], PATIENCE_SECONDS)[0]:
        return 0
    line = sys.stdin.readline()
    if not line:
        return 0
    request = json.loads(line)
    log = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(log, 1)
    os.dup2(log, 2)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.environ["MNIST_HOME"] = request["home"]
    from mnist_core.cli.app import main as command_line

    return command_line(request["arguments"])


def prepare() -> None:
    """Pay for the imports, the data and torch's first steps now."""
    from mnist_core.cli import app  # noqa: F401
    from mnist_core.config.train_config import TrainConfig
    from mnist_core.data import mnist
    from mnist_core.data.mnist import Mnist, Split
    from mnist_core.errors import MnistError
    from mnist_core.jobs.trainer import worker  # noqa: F401
    from mnist_core.system import hardware
    from mnist_core.training.loop import Training

    try:
        digits = mnist.load()
        hardware.measure()  # nothing trains just now
    except MnistError:  # the command that comes says it better
        return
    few = Mnist(*(Split(split.images[:128], split.labels[:128]) for split in digits))
    for _ in Training(TrainConfig(epochs=1)).run(few):
        pass


if __name__ == "__main__":
    raise SystemExit(main())
