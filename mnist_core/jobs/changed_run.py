"""Keep a changed network as a run of its own: what it is, it can be asked, compared, exported and trained on.

It was never trained, so its one epoch is 0. Its folder holds what it needs, whatever becomes of its parent:
`start.safetensors`, the changed weights, with which a training begins that goes on from here.
"""

import io
import json
import secrets
import shutil
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from mnist_core.config.changes import Change, in_words
from mnist_core.errors import RequestError
from mnist_core.evaluation.answers import Answers
from mnist_core.evaluation.statistics import plural
from mnist_core.runs import manifest, own_digits, store
from mnist_core.runs.manifest import Fingerprint
from mnist_core.runs.records import Record, Status, heartbeat
from mnist_core.runs.run import Run
from mnist_core.system.files import cannot_write, make_folder, write_atomically
from mnist_core.system.plain_text import MAX_NAME, checked_name, harmless

if TYPE_CHECKING:
    import torch


def keep(
    parent: Run, epoch: int, changes: Sequence[Change], name: str = "", log_probabilities: np.ndarray | None = None
) -> Run:
    """A new run with the network that `parent` was after `epoch` epochs, and these changes made to it.

    `log_probabilities`: what it says to the 10,000 test digits, where the caller has computed it. Without a name it is
    called by its changes. It comes whole or not at all.

    Raises RequestError without changes, where one does not fit, or for a name that breaks the rules; FailedError where
    weights are damaged or the disk refuses.
    """
    if not changes:
        raise RequestError("Nothing is changed yet: change something, and keep it then.")
    name = checked_name(name) or harmless(in_words(changes), MAX_NAME)
    from mnist_core.models.changed import changed
    from mnist_core.models.checkpoint import weights_bytes, weights_hash
    from mnist_core.models.inference import load_network

    record = parent.record()
    config = record.config
    network = changed(load_network(parent, epoch), changes)
    answers = _answers(network, config.test_batch_size, log_probabilities)
    now = heartbeat()
    made = Record(
        config=config, created=now["heartbeat"], name=name, parent=parent.id, parent_epoch=epoch, changes=tuple(changes)
    )
    status = Status.model_validate(
        {"state": "finished", "queued_at": now["heartbeat"], **now}
        | {"test_loss": answers.loss, "test_accuracy": answers.accuracy, "weights_hash": weights_hash(network)}
    )
    test = {"step": 0, "epoch": 0, "samples_seen": 0, "test_loss": answers.loss, "test_accuracy": answers.accuracy}
    saved = io.BytesIO()
    np.save(saved, answers.log_probabilities)
    files = {
        own_digits.START: weights_bytes(network, config),
        "epochs/0000.safetensors": weights_bytes(network, config, epoch=0),
        "epochs/0000.test.npy": saved.getvalue(),
        "metrics.jsonl": (json.dumps(test) + "\n").encode(),
        "events.jsonl": b"",
        "config.json": (json.dumps(made.model_dump(), indent=1) + "\n").encode(),
    }
    return _put_together(config.model, files, status)


def _answers(network: "torch.nn.Module", batch_size: int, log_probabilities: np.ndarray | None) -> Answers:
    from mnist_core.data import mnist
    from mnist_core.models.inference import infer

    test = mnist.load_arrays("test")
    if log_probabilities is None:
        log_probabilities = infer(network, test.images, batch_size).numpy()
    if log_probabilities.shape != (len(test.labels), 10) or not np.isfinite(log_probabilities).all():
        raise RequestError("So changed, the network answers with what is no number: undo a change.")
    return Answers(log_probabilities, test.labels)


def _put_together(model: str, files: dict[str, bytes], status: Status) -> Run:
    """The run, which has its name last: killed before, its creator leaves a folder that `store` sweeps away."""
    folder = make_folder(store.runs_folder()) / f"{store.INCOMING}{secrets.token_hex(8)}"
    try:
        store.sweep_half_created()
        make_folder(folder / "epochs")
        for name, content in files.items():
            write_atomically(folder / name, content)
        store.write_status(Run(folder), status)
        manifest.begin(folder, {name: Fingerprint.of(content) for name, content in files.items()})
        return Run(folder.rename(store.runs_folder() / store.new_id(model)))
    except OSError as error:
        raise cannot_write(folder, error) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def weights_hash_again(run: Run, record: Record) -> str:
    """The hash of what the parent's weights with the changes are now, by `checkpoint.weights_hash`.

    Raises RequestError where the parent is not here, FailedError where its weights are damaged.
    """
    from mnist_core.models.changed import changed
    from mnist_core.models.checkpoint import weights_hash
    from mnist_core.models.inference import load_network

    came = store.shipped()
    parent = came if came is not None and came.id == record.parent else Run(store.runs_folder() / str(record.parent))
    if not parent.path.is_dir():
        raise RequestError(
            f"{run.id} was not trained but changed, and {record.parent}, which it was, is not here: bring that back to "
            "verify it. Its own files are whole."
        )
    return weights_hash(changed(load_network(parent, record.parent_epoch), record.changes))


def origin(record: Record) -> str:
    """In words what a run with changes is: "20261122-211401-cnn-3f9a after 3 epochs with conv1 channel 3 off"."""
    epochs = plural(record.parent_epoch or 0, "epoch")
    return f"{record.parent} after {epochs}, changed: {in_words(record.changes)}"
