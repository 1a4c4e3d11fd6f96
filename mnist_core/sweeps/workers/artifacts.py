"""A run's folder on its way from the machine that trained it to the one that started the sweep.

It is packed as a ZIP and laid into Optuna's artifact store, a folder that both reach or an S3 bucket. What arrives is
believed no more than any other file from outside: only the files of a run, of bounded size, each as the manifest says.
"""

import importlib.util
import io
import re
import secrets
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from mnist_core.errors import DamagedError, DiskError, FailedError, RequestError
from mnist_core.runs import manifest, store
from mnist_core.runs.logs.metrics import Curves
from mnist_core.runs.records import ACTIVE, Record, Status
from mnist_core.runs.run import Run
from mnist_core.sweeps import storage
from mnist_core.sweeps.sweep import Sweep
from mnist_core.system import trash
from mnist_core.system.files import cannot_write, make_folder, parse_json
from mnist_core.system.zip_files import DamagedZipError, LongListError, is_plain, opened, unpacked

if TYPE_CHECKING:
    from optuna import Trial
    from optuna.artifacts._protocol import ArtifactStore

MAX_PACKED, MAX_NAMES, MAX_FILES, MAX_UNPACKED = 200_000_000, 1000, 100, 400_000_000  # bytes, names, files, bytes
_NAME = re.compile(r"(config|status|notes)\.json|(metrics|events)\.jsonl|log\.txt|epochs/\d{4,6}\.[a-z.]{3,30}")
_NEEDED = {"config.json", "status.json", "metrics.jsonl"}


def artifact_store(place: str) -> "ArtifactStore":
    """The store in a folder, or for `s3://BUCKET` in S3.

    Raises RequestError where boto3 is missing, FailedError where the folder cannot be made.
    """
    if place.startswith("s3://"):
        if importlib.util.find_spec("boto3") is None:
            raise RequestError("Runs go to S3 through boto3: `pip install boto3`, or name a folder instead.")
        from optuna.artifacts import Boto3ArtifactStore

        return Boto3ArtifactStore(place.removeprefix("s3://").strip("/"))
    from optuna.artifacts import FileSystemArtifactStore

    return FileSystemArtifactStore(make_folder(Path(place).expanduser().resolve()))


def upload(run: Run, place: str, trial: "Trial") -> None:
    """Leave a run that is at rest in the store, linked to its trial.

    Raises MnistError where that cannot be done, and what a storage does that is away.
    """
    from optuna.artifacts import upload_artifact

    kept = artifact_store(place)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{run.id}.zip"
        path.write_bytes(packed(run))
        try:
            upload_artifact(artifact_store=kept, file_path=str(path), study_or_trial=trial)
        except OSError as error:
            raise cannot_write(Path(place), error) from error
        except Exception as error:  # boto3 has a tree of its own
            if storage.is_away(error):
                raise
            raise FailedError(f"{run.id} could not be left in {place}: {error}.") from error


def packed(run: Run) -> bytes:
    """A run as a ZIP: settings, curve, events, and the weights and answers of its best and its last epoch."""
    epochs = run.saved_epochs()
    best = Curves(run.metrics()[0]).best()
    wanted = {epochs[-1]} if epochs else set()
    if best is not None and best.epoch in epochs:
        wanted.add(best.epoch)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted((*run.path.iterdir(), *(run.path / "epochs").iterdir())):
            name = path.relative_to(run.path).as_posix()
            if not _NAME.fullmatch(name) or (path.parent.name == "epochs" and int(path.name[:4]) not in wanted):
                continue
            archive.writestr(name, manifest.read(path))
    return buffer.getvalue()


def collect(sweep: Sweep) -> list[Run]:
    """Fetch the runs of trials that other machines have finished into this machine's store; returns the new ones.

    What is damaged is left out, with a line on standard error; so is all else where the artifact store is away.
    Raises RequestError where the storage is.
    """
    import sys

    known = sweep.file()
    if known.joined or not known.artifacts:
        return []
    study = sweep.study()
    kept = artifact_store(known.artifacts)
    with storage.telling(sweep.place):
        links = [link for trial in study.get_trials(deepcopy=False) for link in _links(trial)]
    there = {*known.collected, *(each.id for each in trash.every())}
    new: list[Run] = []
    for artifact_id, run_id in links:
        if run_id in there or (store.runs_folder() / run_id).exists():
            continue
        try:
            new.append(_unpack(_fetched(kept, artifact_id), run_id, sweep.id))
        except (DamagedError, DiskError) as error:
            print(f"{run_id}: {error}", file=sys.stderr)
        except RequestError as error:  # the store is away: it is asked again next time
            print(error, file=sys.stderr)
            break
    if new:
        with sweep.acquire():
            sweep.change_file(collected=sorted({*sweep.file().collected, *(run.id for run in new)}))
    return new


def _links(trial: Any) -> list[tuple[str, str]]:
    """The artifacts of a trial: their ids in the store, and the runs' ids."""
    from optuna.artifacts._upload import ARTIFACTS_ATTR_PREFIX

    found = []
    for name, said in trial.system_attrs.items():
        if name.startswith(ARTIFACTS_ATTR_PREFIX):
            try:
                meta = parse_json(said.encode())
                run_id = str(meta["filename"]).removesuffix(".zip")
                if store.ID.fullmatch(run_id):
                    found.append((str(meta["artifact_id"]), run_id))
            except (ValueError, KeyError, TypeError, AttributeError):
                continue
    return found


def _fetched(kept: "ArtifactStore", artifact_id: str) -> bytes:
    """What lies in the store. Raises DamagedError where it is not there, or too large."""
    from optuna.artifacts.exceptions import ArtifactNotFound

    try:
        with kept.open_reader(artifact_id) as file:
            content = file.read(MAX_PACKED + 1)
    except (ArtifactNotFound, ValueError) as error:
        raise DamagedError("its run is not in the artifact store; check that both machines name the same.") from error
    except OSError as error:
        raise RequestError(f"The artifact store cannot be read ({error.strerror}).") from error
    except Exception as error:  # boto3 has a tree of its own
        raise RequestError(f"The artifact store cannot be read ({str(error).rstrip('.')}).") from error
    if len(content) > MAX_PACKED:
        raise DamagedError(f"its run has more than {MAX_PACKED:,} bytes and is left where it is.")
    return content


def _unpack(content: bytes, run_id: str, sweep_id: str) -> Run:
    """Put a packed run into the store, if it is one. Raises DamagedError where it is none."""
    files = _files(content)
    try:
        record = Record.model_validate(parse_json(files["config.json"]))
        status = Status.model_validate(parse_json(files["status.json"]))
    except (ValidationError, ValueError) as error:
        raise DamagedError("what came is no run: its settings or its status are damaged.") from error
    if record.sweep != sweep_id or status.state in ACTIVE:
        raise DamagedError("what came is no run of this sweep, or one that still trains.")
    folder = make_folder(store.runs_folder()) / f"{store.INCOMING}{secrets.token_hex(8)}"
    try:
        make_folder(folder / "epochs")
        growing = {name: manifest.Fingerprint.of(files.get(name, b"")) for name in manifest.GROWING}
        manifest.write(folder, files, growing)
        Run(folder).record()
        folder.rename(store.runs_folder() / run_id)
    except OSError as error:
        raise cannot_write(folder, error) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return Run(store.runs_folder() / run_id)


def _files(content: bytes) -> dict[str, bytes]:
    """The files of a run in a ZIP, by their paths in its folder; what else is in it is left out."""
    try:
        with opened(io.BytesIO(content), MAX_NAMES) as archive:
            members = [each for each in archive.infolist() if _NAME.fullmatch(each.filename) and is_plain(each)]
            if len(members) > MAX_FILES or sum(each.file_size for each in members) > MAX_UNPACKED:
                raise DamagedError("what came is no run: it holds too much.")
            found = {each.filename: b"".join(unpacked(archive, each)) for each in members}
    except LongListError as error:
        raise DamagedError("what came is no run: it holds too much.") from error
    except DamagedZipError as error:
        raise DamagedError("what came is damaged: it is no ZIP file of a run.") from error
    if missing := _NEEDED - set(found):
        raise DamagedError(f"what came is no run: it lacks {', '.join(sorted(missing))}.")
    return found
