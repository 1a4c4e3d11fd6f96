"""Everything that a page can start, change or delete. Each asks first whether who is signed in is an editor; the last
is for whoever is signed in.

The pages use these and never the core's own (tests/test_architecture.py): what a browser sends is checked here,
whatever the page has shown.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from mnist_core.drawing import collection
from mnist_core.export.preparation import Preparation
from mnist_core.export.run_zip import unpack
from mnist_core.jobs import changed_run, experiments, finetuning, launcher, steering
from mnist_core.runs import notes, store
from mnist_core.runs.analyses import Study
from mnist_core.sweeps import manager, rate, retrain
from mnist_core.sweeps.workers import artifacts
from mnist_core.system import trash
from ui.access.account import refuse_stranger, refuse_viewer

Given = ParamSpec("Given")
Result = TypeVar("Result")


def _for_editors(what: str, action: Callable[Given, Result]) -> Callable[Given, Result]:
    @wraps(action)
    def guarded(*arguments: Given.args, **options: Given.kwargs) -> Result:
        refuse_viewer(what)
        return action(*arguments, **options)

    return guarded


def _start(study: Study) -> None:
    study.start()


start = _for_editors("start a training", launcher.start)
resume = _for_editors("resume a training", launcher.resume)
stop = _for_editors("stop a training", launcher.stop)
stand_by = _for_editors("start a training", lambda: launcher.stand_by())
start_experiment = _for_editors("start an experiment", experiments.start)
keep_changed = _for_editors("keep a changed network", changed_run.keep)
fine_tune = _for_editors("fine-tune a run", finetuning.start)
start_study = _for_editors("start a long computation", _start)

pause = _for_editors("pause a training", steering.pause)
unpause = _for_editors("go on with a training", steering.unpause)
step = _for_editors("make a step of a training", steering.step)
step_epoch = _for_editors("train an epoch", steering.step_epoch)
set_rates = _for_editors("change a training's rates", steering.set_rates)
watch_layers = _for_editors("measure a training's layers", steering.watch_layers)

rename = _for_editors("name a run", notes.rename)
write_note = _for_editors("note something on a run", notes.write_note)
tag = _for_editors("tag a run", notes.tag)
keep = _for_editors("keep a run", notes.keep)
delete_run = _for_editors("delete a run", store.delete)
restore = _for_editors("bring back what was deleted", trash.restore)

import_run = _for_editors("import a run", unpack.import_run)

start_sweep = _for_editors("start a sweep", manager.start)
pause_sweep = _for_editors("pause a sweep", manager.pause)
resume_sweep = _for_editors("go on with a sweep", manager.resume)
stop_sweep = _for_editors("stop a sweep", manager.stop)
delete_sweep = _for_editors("delete a sweep", manager.delete)
add_trials = _for_editors("add trials to a sweep", manager.add)
collect_runs = _for_editors("fetch runs from other machines", artifacts.collect)
find_rate = _for_editors("look for a learning rate", rate.start)
train_winner = _for_editors("train a sweep's winner", retrain.start)

keep_drawing = _for_editors("keep a drawing", collection.add)
delete_drawing = _for_editors("delete a drawing", collection.delete)
import_drawings = _for_editors("add drawings", collection.import_zip)


def prepare_export(preparation: Preparation) -> None:
    """Begin to write an export, as `Preparation.start`: one at a time, whoever asks, and few may wait for it."""
    refuse_stranger("take a run away")
    preparation.start()
