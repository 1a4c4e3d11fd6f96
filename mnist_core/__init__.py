"""The engine: data, networks, training, runs, evaluation and drawings. It never imports Streamlit.

    from mnist_core import TrainConfig, answers_of, start, wait

    run = start(TrainConfig(epochs=3, learning_rate=0.05))  # a process of its own
    wait(run)
    print(answers_of(run).accuracy)

These names load no torch; everything else is imported from its own module.
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

# Torch's threads (GNU OpenMP) wait for one another hundreds of times a step. By default each spins for milliseconds,
# which starves them all as soon as another program wants a core: on two cores at a load of six an update of the
# tutorial's network took 135 to 344 ms instead of 3.7. Spinning for about 0.1 ms it took 39 to 60, and 3.84 on an idle
# machine. It is read when torch is loaded, so it stands before everything; a person's own choice is left alone.
os.environ.setdefault("GOMP_SPINCOUNT", "10000")

if TYPE_CHECKING:
    from mnist_core.config.presets import PRESETS
    from mnist_core.config.train_config import TrainConfig
    from mnist_core.errors import MnistError
    from mnist_core.evaluation.answers import answers_of
    from mnist_core.jobs.launcher import resume, start, stop, wait
    from mnist_core.runs.run import Run
    from mnist_core.runs.store import find

__all__ = [
    "PRESETS",
    "MnistError",
    "Run",
    "TrainConfig",
    "answers_of",
    "find",
    "resume",
    "start",
    "stop",
    "wait",
]

# Loaded when asked for: a Ctrl-C before the command line has begun can then be answered there (`__main__.py`).
_MODULES = {
    "PRESETS": "config.presets",
    "MnistError": "errors",
    "Run": "runs.run",
    "TrainConfig": "config.train_config",
    "answers_of": "evaluation.answers",
    "find": "runs.store",
    "resume": "jobs.launcher",
    "start": "jobs.launcher",
    "stop": "jobs.launcher",
    "wait": "jobs.launcher",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
