"""`--format zip`: a run's folder as a ZIP file that `import` takes, which is tried before it is handed over."""

import json
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from mnist_core.data import mnist
from mnist_core.errors import DamagedError, RequestError
from mnist_core.evaluation.answers import answers_of
from mnist_core.export.new_file import new_file, refuse_existing
from mnist_core.export.run_zip.contents import LISTING, MAX_ZIP, REWRITTEN, Listing, at_rest, most_bytes, taken_along
from mnist_core.export.run_zip.unpack import unpack
from mnist_core.export.written import Written, check
from mnist_core.runs import manifest
from mnist_core.runs.manifest import Fingerprint
from mnist_core.runs.run import Run, answering_epoch
from mnist_core.system.program import VERSION, command
from mnist_core.system.sealing import seal


def refuse_missing(target: str) -> None:
    """Raises RequestError where the file `target` is there already."""
    refuse_existing(Path(target))


def write(run: Run, target: str) -> Written:
    """Write the run into the ZIP file `target`; one that is being trained as a kill at this moment would leave it.

    Then the file is read as `import` reads it, and the network in it is asked about the test digits.

    Raises RequestError as `refuse_missing`, where no weights are saved yet, for the shipped run, and for one that is
    too large to be taken; DamagedError where one of its files is damaged.
    """
    refuse_missing(target)
    if run.is_shipped:
        raise RequestError("The shipped run is in every copy of this project: export one of your own.")
    epoch = answering_epoch(run)
    answers = answers_of(run, epoch)
    with new_file(Path(target)) as path:
        _pack(run, path)
        if path.stat().st_size > MAX_ZIP:
            raise RequestError(f"{run.id} has more than {MAX_ZIP // 10**6} MB, which no import takes.")
        found = check(answers.probabilities, _probabilities(path, run.id, epoch))
    return Written((Path(target),), f"`{command()} import {target}` takes it, on any machine.", found)


def _pack(run: Run, path: Path) -> None:
    prints: dict[str, Fingerprint] = {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _files(run):
            prints[name] = Fingerprint.of(content)
            _add(archive, f"{run.id}/{name}", content)
        listing = Listing(run=run.id, version=VERSION, exported=time.time(), files=prints)
        _add(archive, f"{run.id}/{LISTING}", (json.dumps(seal(listing.model_dump()), indent=1) + "\n").encode())


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    """Its date is 1980: equal content, equal bytes."""
    archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)


def _files(run: Run) -> Iterator[tuple[str, bytes]]:
    """The files with their paths, each as it was written; of a run that trains first the status and then the
    checkpoint: what the others say may be newer, as after a kill."""
    status = run.status()
    if status.damage:
        raise DamagedError(f"{run.path}: {status.damage} Resume the run, or put a copy back.")
    yield "status.json", json.dumps(seal(at_rest(status).model_dump()), indent=1).encode()
    yield "config.json", manifest.read(run.path / "config.json")
    paths = [run.checkpoint, *sorted((*run.path.iterdir(), *(run.path / "epochs").iterdir()))]
    names = dict.fromkeys(path.relative_to(run.path).as_posix() for path in paths if path.is_file())
    for name in names:
        if name not in REWRITTEN and (most := most_bytes(name)):
            content = manifest.read(run.path / name)
            if len(content) > most:
                raise RequestError(f"{run.path / name} has more than {most:,} bytes, which no import takes.")
            yield name, content
    if notes := taken_along(run.notes()):
        yield "notes.json", json.dumps(notes, indent=1).encode()


def _probabilities(path: Path, run_id: str, epoch: int) -> np.ndarray:
    """What the network in the ZIP file says to the test digits, float32 (10000, 10)."""
    from mnist_core.models.inference import evaluate, load_network

    with tempfile.TemporaryDirectory() as folder, path.open("rb") as file:
        unpack(file, Path(folder), run_id, "put a copy of that file back, or train the run again")
        run = Run(Path(folder))
        batch = run.record().config.test_batch_size
        return evaluate(load_network(run, epoch), mnist.load().test, batch).log_probabilities.exp().numpy()
