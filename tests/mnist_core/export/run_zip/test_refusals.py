"""ZIP files that nobody exported here: each is refused in one sentence, and the store stays as it was.

`python -m benchmarks.promises.imports` makes hundreds more.
"""

import io
import json
import os
import pickle
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch

from mnist_core.errors import DiskError, RequestError
from mnist_core.export.run_zip import contents, unpack
from mnist_core.export.run_zip.unpack import import_run
from mnist_core.runs import store
from tests.support.run_zips import Files, altered, files_of, listed, zipped

Make = Callable[[bytes], bytes]
WEIGHTS, ANSWERS = "epochs/0001.safetensors", "epochs/0001.test.npy"
RAN = Path("ran-by-a-pickle")


def with_files(**changes: bytes) -> Make:
    """Files are others, by their names with _ for the dots."""

    def make(content: bytes) -> bytes:
        def change(files: Files) -> None:
            for name in list(files):
                if (key := name.replace(".", "_").replace("/", "_")) in changes:
                    files[name] = changes[key]

        return altered(content, change)

    return make


def with_json(file: str, **values: Any) -> Make:
    def change(files: Files) -> None:
        said = json.loads(files[file]) | values
        said.pop("digest", None)
        files[file] = json.dumps(said).encode()

    return lambda content: altered(content, change)


def without(name: str) -> Make:
    return lambda content: altered(content, lambda files: files.pop(name))


def with_more(name: str, more: bytes = b"x", is_listed: bool = True, mode: int = 0, flag: int = 0) -> Make:
    """An entry more, of any name."""

    def make(content: bytes) -> bytes:
        run_id, files = files_of(content)
        listing = listed(run_id, files | ({name: more} if is_listed else {}))
        with zipfile.ZipFile(out := io.BytesIO(zipped(run_id, files, listing)), "a") as archive:
            entry = zipfile.ZipInfo(name if name.startswith(("/", "..", "C:")) else f"{run_id}/{name}")
            entry.external_attr = mode << 16
            archive.writestr(entry, more)
        packed = out.getvalue()
        if flag:  # of the last entry in the list
            at = packed.rindex(b"PK\x01\x02") + 8
            packed = packed[:at] + struct.pack("<H", flag) + packed[at + 2 :]
        return packed

    return make


def with_checkpoint(change: Callable[[dict[str, Any]], object]) -> Make:
    def make(content: bytes) -> bytes:
        state = torch.load(io.BytesIO(files_of(content)[1]["checkpoint.pt"]), weights_only=True)
        change(state)
        torch.save(state, out := io.BytesIO())
        return with_files(checkpoint_pt=out.getvalue())(content)

    return make


class Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(RAN),)


class Huge:
    def __reduce__(self) -> tuple[Any, ...]:
        return bytearray, (10**12,)


def pickled(what: object) -> bytes:
    with zipfile.ZipFile(out := io.BytesIO(), "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(what, 2))
        archive.writestr("archive/version", "3")
    return out.getvalue()


def another_listing(content: bytes) -> bytes:
    run_id, files = files_of(content)
    return zipped(run_id, files, listed(run_id, files | {WEIGHTS: b"others"}))


def renamed(name: str) -> Make:
    def make(content: bytes) -> bytes:
        _, files = files_of(content)
        return zipped(name, files)

    return make


def npy(values: np.ndarray) -> bytes:
    np.save(out := io.BytesIO(), values)
    return out.getvalue()


def npy_of_claimed_shape() -> bytes:
    content = npy(np.zeros((10_000, 10), np.float32))
    return content.replace(b"(10000, 10)", b"(9**9**9,)").replace(b"(9**9**9,)", b"(99999999,)")


def other_weights(**values: torch.Tensor) -> Make:
    def make(content: bytes) -> bytes:
        known = safetensors.torch.load(files_of(content)[1][WEIGHTS]) | values
        return with_files(epochs_0001_safetensors=safetensors.torch.save(known))(content)

    return make


def many(content: bytes) -> bytes:
    return altered(content, lambda files: files.update({f"epochs/{n:04}.test.npy": b"" for n in range(1100)}))


NO_RUN, DAMAGED, LINE = "is no whole ZIP file", "is damaged", b'{"step": 1, "epoch": 0, "samples_seen": 64}\n'
ATTACKS: dict[str, tuple[Make, str]] = {
    "nothing": (lambda content: b"", NO_RUN),
    "half of it": (lambda content: content[: len(content) // 2], NO_RUN),
    "its end only": (lambda content: content[-22:], NO_RUN),
    "another ZIP file": (lambda content: with_name("a.txt"), "is no run"),
    "a changed bit": (lambda content: content[:9000] + bytes([content[9000] ^ 1]) + content[9001:], "whole|damaged"),
    "a wrong hash": (another_listing, "0001.safetensors is not what its export.json says"),
    "an altered list": (lambda content: zipped(*files_of(content), b'{"format": 1}'), "export.json is not what"),
    "a later format": (lambda c: zipped(*files_of(c), listed(*files_of(c), format=2)), "of a later version"),
    "an id that leads elsewhere": (renamed("../20260101-000000-cnn-0001"), "is no run"),
    "a path outside": (with_more("../../outside"), "which is no file of a run"),
    "an absolute path": (with_more("/tmp/outside"), "'/tmp/outside', which is no file of a run"),
    "a drive": (with_more("C:\\outside"), "which is no file of a run"),
    "backslashes": (with_more("epochs\\..\\..\\outside"), "which is no file of a run"),
    "a command": (with_more("control.json", b'{"wishes": []}'), "'control.json|control.json', which is no file"),
    "another case": (with_more("Config.json"), "which is no file of a run"),
    "other digits": (with_more("epochs/\u0660\u0660\u0660\u0661.test.npy"), "which is no file of a run"),
    "a name with an escape": (with_more("\x1b[31m.json"), "which is no file of a run"),
    "a name cut by a zero": (with_more("config.json\0.txt"), "holds config.json twice|encrypted"),
    "a ZIP file within": (with_more("epochs/0001.zip"), "which is no file of a run"),
    "what is not listed": (with_more("events.jsonl", b"", is_listed=False), "events.jsonl, which its export.json does"),
    "a file twice": (with_more("config.json", is_listed=False), "holds config.json twice"),
    "a link": (with_more("events.jsonl", b"/etc/passwd", mode=stat.S_IFLNK | 0o777), "as a link"),
    "encrypted": (with_more("events.jsonl", LINE, flag=1), "encrypted"),
    "without its settings": (without("config.json"), "lacks config.json"),
    "without its weights": (without(WEIGHTS), "lacks epochs/0001.safetensors, the weights that its status"),
    "no settings": (with_files(config_json=b"[]"), "config.json is damaged"),
    "deep settings": (with_files(config_json=b"[" * 100_000), "config.json is damaged"),
    "settings out of bounds": (with_json("config.json", config={"epochs": 10**9}), "config.json is damaged"),
    "another network": (with_json("config.json", config={"model": "mlp"}), "config.json lacks|another network"),
    "no status": (with_json("status.json", state="dancing"), "status.json is damaged"),
    "a status with another digest": (with_files(status_json=b'{"digest": "0"}'), "status.json is damaged"),
    "other weights than it says": (with_json("status.json", weights_hash="0" * 64), "are not those that"),
    "a curve of text": (with_files(metrics_jsonl=LINE + b'{"step": "one"}\n'), r"metrics.jsonl is damaged in line 2"),
    "a curve in one line": (with_files(metrics_jsonl=b"[" * 200_000), "in line 1"),
    "odd events": (with_more("events.jsonl", b'{"at": 1, "step": 1, "event": "rates"}\n'), "events.jsonl is damaged"),
    "odd notes": (with_more("notes.json", b'{"name": 5}'), "notes.json is damaged"),
    "no safetensors": (with_files(epochs_0001_safetensors=b"\xff" * 100), "is no safetensors file"),
    "weights that are no numbers": (other_weights(**{"fc2.bias": torch.full((10,), torch.nan)}), "no numbers"),
    "weights of another shape": (other_weights(**{"fc2.bias": torch.zeros(11)}), "of another network"),
    "weights more": (other_weights(more=torch.zeros(1)), "of another network"),
    "answers of another shape": (with_files(epochs_0001_test_npy=npy(np.zeros((5, 10), np.float32))), "does not hold"),
    "answers that are none": (with_files(epochs_0001_test_npy=npy(np.zeros((10_000, 10), np.float32))), "log-prob"),
    "answers of objects": (with_files(epochs_0001_test_npy=npy(np.array([Evil()]))), "no .npy file"),
    "answers that promise": (with_files(epochs_0001_test_npy=npy_of_claimed_shape()), "no .npy file"),
    "a temperature of text": (with_more("epochs/0001.calibration.json", b'{"answer": ["hot"]}'), "no temperature"),
    "a pickle that runs": (with_files(checkpoint_pt=pickled(Evil())), "checkpoint.pt holds code"),
    "a pickle that grows": (with_files(checkpoint_pt=pickled(Huge())), "checkpoint.pt holds code"),
    "a bare pickle": (with_files(checkpoint_pt=pickle.dumps(Evil(), 2)), "checkpoint.pt holds no training state"),
    "no state": (with_files(checkpoint_pt=pickled({"training": 5})), "no training state"),
    "weights of another shape in it": (
        with_checkpoint(lambda state: state["training"]["model"].update({"fc2.bias": torch.zeros(11)})),
        "of another network",
    ),
    "a step of text": (
        with_checkpoint(lambda state: state["training"]["position"].update(step="one")),
        "no training state",
    ),
    "an expanded tensor": (
        with_checkpoint(lambda state: state.update(more=torch.zeros(1).expand(10**12))),
        "without its numbers",
    ),
    "too many files": (many, "too many files"),
}


def with_name(name: str) -> bytes:
    with zipfile.ZipFile(out := io.BytesIO(), "w") as archive:
        archive.writestr(name, b"x")
    return out.getvalue()


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
@pytest.mark.parametrize("attack", ATTACKS)
def test_is_refused_in_one_sentence_and_the_store_stays_empty(
    packed: bytes, other_home: Path, attack: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    make, words = ATTACKS[attack]
    content = make(packed)
    before = {path for path in tmp_path.rglob("*") if "runs" not in path.parts}
    with pytest.raises(RequestError, match=words) as refused:
        import_run(content, "run.zip")
    said = str(refused.value)
    assert said.isprintable()
    assert said.startswith("run.zip ")
    assert said.endswith(".")
    assert list((other_home / "runs").iterdir()) == []
    assert {path for path in tmp_path.rglob("*") if "runs" not in path.parts} == before
    assert not RAN.exists()


def test_the_good_one_is_taken(packed: bytes, other_home: Path) -> None:
    run_id, files = files_of(packed)
    with zipfile.ZipFile(out := io.BytesIO(zipped(run_id, files)), "a") as archive:  # packed again by hand
        archive.mkdir(run_id)
        archive.mkdir(f"{run_id}/epochs")
    assert import_run(out.getvalue()).run.id == run_id
    (named,) = store.every()
    assert named.record().imported is not None


@pytest.mark.parametrize("name", ["MAX_ZIP", "MAX_UNPACKED", "MAX_LISTING"])
def test_bounds_hold_before_anything_is_unpacked(
    packed: bytes, other_home: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("it was unpacked")

    monkeypatch.setattr(zipfile.ZipFile, "open", never)
    monkeypatch.setattr(unpack, name, 1000)
    with pytest.raises(RequestError, match=r"more than|MB"):
        import_run(packed)


def test_a_file_that_unpacks_to_more_than_it_says_is_refused(packed: bytes, other_home: Path) -> None:
    """The list says 100 bytes; a megabyte of zeros comes."""
    made = with_more("events.jsonl", bytes(1_000_000), is_listed=False)(packed)
    at = made.rindex(b"PK\x01\x02") + 24
    with pytest.raises(RequestError):
        import_run(made[:at] + struct.pack("<I", 100) + made[at + 4 :])


def test_the_disk_refuses_and_nothing_is_left(packed: bytes, other_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskError, match="No space left on device"):
        import_run(packed)
    assert list((other_home / "runs").iterdir()) == []


def test_every_file_that_is_taken_along_is_checked_by_a_rule() -> None:
    from mnist_core.export.run_zip.unpack import _CHECKS

    for name in ("config.json", "status.json", "notes.json", "metrics.jsonl", "events.jsonl", "own.npz"):
        assert contents.most_bytes(name)
        assert name in _CHECKS or name in ("config.json", "status.json")
    for name in ("control.json", "log.txt", ".lock", "manifest.json", "export.json", "epochs/01.test.npy", "x.pt"):
        assert contents.most_bytes(name) is None
