"""ZIP files of runs that nobody would send, made from good ones and a source of random choices."""

import hashlib
import io
import json
import pickle
import random
import stat
import struct
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.promises import pictures
from tests.support.run_zips import Files, files_of, listed, zipped


class Evil:
    """Would leave a file where it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return exec, ("open('ran', 'w').write('x')",)


class Huge:
    """Would take any memory where it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return bytearray, (1 << 40,)


def hostile_pickle(chosen: random.Random) -> bytes:
    """A checkpoint that is no training state: code, memory, other contents, or a plain pickle."""
    what: Any = chosen.choice((Evil(), Huge(), {"training": [Evil()]}, {"training": {}}, [1] * 1000, {"a": 10**4000}))
    said = pickle.dumps(what, chosen.choice((0, 1, 2, 4)))
    if chosen.random() < 0.2:
        return said
    method = chosen.choice((zipfile.ZIP_STORED, zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
    with zipfile.ZipFile(out := io.BytesIO(), "w", method) as archive:
        archive.writestr("archive/data.pkl", said)
        archive.writestr("archive/version", "3")
        if chosen.random() < 0.3:
            archive.writestr("archive/data/0", bytes(chosen.choice((4, 49_000_000))))
    return out.getvalue()


def damaged_file(files: Files, chosen: random.Random) -> None:
    """One of the run's files is damaged, and rightly listed."""
    name = chosen.choice(sorted(files))
    files[name] = pictures.hurt(files[name], chosen)


def odd_json(files: Files, chosen: random.Random) -> None:
    """A value of a JSON file is none that it may be."""
    name = chosen.choice(("config.json", "status.json"))
    said = json.loads(files[name])
    said.pop("digest", None)
    part = said["config"] if name == "config.json" and chosen.random() < 0.7 else said
    key = chosen.choice(sorted(part))
    part[key] = chosen.choice((None, -1, 1e300, "x" * 100_000, [], {}, "\x1b[31m", True, 10**30, "../../etc"))
    files[name] = json.dumps(said).encode()


def odd_lines(files: Files, chosen: random.Random) -> None:
    """The curve or the events hold what no trainer writes."""
    lines = (b"5\n", b"[" * 60_000 + b"\n", b'{"step": "one"}\n', b"\xff\xfe\n", b"{}\n", b"\n", b"x" * 200_000)
    name = chosen.choice(("metrics.jsonl", "events.jsonl"))
    files[name] = files.get(name, b"") + chosen.choice(lines) + chosen.choice((b"", b"\n"))


def odd_array(files: Files, chosen: random.Random) -> None:
    """Answers or drawings of another shape or kind, or that promise more than they hold."""
    shape = chosen.choice(((10_000, 10), (10_000, 11), (5,), (0,), ()))
    kind = chosen.choice((np.float64, np.float32, np.uint8, "S5"))
    np.save(out := io.BytesIO(), np.zeros(shape, kind))
    made = out.getvalue()
    if chosen.random() < 0.5:
        made = made.replace(b"'shape': (", chosen.choice((b"'shape': (9999999, ", b"'shape': (-1, ", b"'shape': ((")))
    if "own.npz" in files and chosen.random() < 0.5:
        with zipfile.ZipFile(packed := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
            names = ["images", "labels", "held_out", "held_out_labels"]
            for name in chosen.sample(names, chosen.randrange(5)):
                archive.writestr(f"{name}.npy", bytes(99_000_000) if chosen.random() < 0.2 else made)
        files["own.npz"] = packed.getvalue()
    else:
        files[chosen.choice([name for name in sorted(files) if name.endswith(".npy")])] = made


def odd_weights(files: Files, chosen: random.Random) -> None:
    """Weights of another network, without numbers, or a header that lies."""
    import safetensors.torch
    import torch

    name = chosen.choice([name for name in sorted(files) if name.endswith(".safetensors")])
    known = safetensors.torch.load(files[name])
    key = chosen.choice(sorted(known))
    kind = chosen.randrange(5)
    if kind == 0:
        known[key] = torch.full_like(known[key].float(), float("nan"))
    elif kind == 1:
        known[key] = torch.zeros(*known[key].shape, 2)
    elif kind == 2:
        del known[key]
    elif kind == 3:
        known["more"] = torch.zeros(1_000_000)
    files[name] = safetensors.torch.save(known)
    if kind == 4:
        length = chosen.choice((0, 5, 1 << 40, 1 << 63))
        files[name] = struct.pack("<Q", length) + files[name][8:]


def other_checkpoint(files: Files, chosen: random.Random) -> None:
    files["checkpoint.pt"] = hostile_pickle(chosen)


def odd_checkpoint(files: Files, chosen: random.Random) -> None:
    """A training state with a part that is another, or is not there."""
    import torch

    state = torch.load(io.BytesIO(files["checkpoint.pt"]), weights_only=True)
    part = chosen.choice((state, state["training"], state["training"]["position"], state["training"]["model"]))
    key = chosen.choice(sorted(part))
    odd: tuple[Any, ...] = (None, "x", -5, 1 << 60, torch.zeros(1).expand(1 << 40), torch.zeros(3), [], {})
    part[key] = chosen.choice(odd)
    if chosen.random() < 0.2:
        del part[key]
    torch.save(state, out := io.BytesIO())
    files["checkpoint.pt"] = out.getvalue()


def missing(files: Files, chosen: random.Random) -> None:
    del files[chosen.choice(sorted(files))]


def bomb(files: Files, chosen: random.Random) -> None:
    """Zeros that pack to nothing, in a name that is allowed or not."""
    names = ("metrics.jsonl", "checkpoint.pt", "own.npz", "epochs/0009.safetensors", "epochs/0009.test.npy")
    files[chosen.choice((*names, "config.json", "log.txt"))] = bytes(
        chosen.choice((10_000_000, 64_000_000, 300_000_000))
    )


INNER: tuple[Callable[[Files, random.Random], None], ...] = (
    *(damaged_file, odd_json, odd_lines, odd_array, odd_weights, other_checkpoint, odd_checkpoint, missing, bomb),
)


def odd_listing(run_id: str, files: Files, chosen: random.Random) -> bytes:
    """export.json says something else than what is there."""
    prints = {name: [len(part), hashlib.sha256(part).hexdigest()] for name, part in files.items()}
    name = chosen.choice(sorted(prints))
    changes: list[dict[str, Any]] = [
        {"format": chosen.choice((0, 2, "1", None))},
        {"run": chosen.choice(("../x", "a", "", None, "20260101-000000-" + "a" * 200))},
        {"files": {**prints, name: [1, prints[name][1]]}},
        {"files": {**prints, name: [prints[name][0], "0" * 64]}},
        {"files": {**prints, "../../x": prints[name]}},
        {"files": {other: prints[other] for other in prints if other != name}},
        {"files": chosen.choice(([], {}, None, 5))},
        {"exported": chosen.choice((-1, 1e300, "now"))},
    ]
    listing = listed(run_id, files, **chosen.choice(changes))
    return pictures.hurt(listing, chosen) if chosen.random() < 0.2 else listing


def odd_entry(content: bytes, run_id: str, chosen: random.Random) -> bytes:
    """An entry more that belongs to no run, or belongs there already."""
    names = (
        *("../../outside", "/tmp/imports-outside", "C:\\outside", "..\\..\\outside", f"{run_id}/../../outside"),
        *(f"{run_id}/control.json", f"{run_id}/.lock", f"{run_id}/Config.json", f"{run_id}/config.json", "config.json"),
        *(f"{run_id}/epochs/../config.json", f"{run_id}/epochs//0001.test.npy", f"{run_id}/con.json", "\x1b[2J"),
        *(f"{run_id}/\u202egpj.json", f"{run_id}/config.json\0.exe", f"{run_id}/manifest.json", f"{run_id}/a.zip"),
        *(f"{run_id}/" + "a" * 5000, f"{run_id}/epochs/0001.test.npy/", f"{run_id}/events.jsonl", "", f"{run_id}//"),
    )
    entry = zipfile.ZipInfo("x")
    entry.filename = chosen.choice(names)
    entry.external_attr = chosen.choice((0, stat.S_IFLNK | 0o777, stat.S_IFIFO | 0o600, 0o777)) << 16
    with zipfile.ZipFile(out := io.BytesIO(content), "a") as archive:
        archive.writestr(entry, chosen.choice((b"", b"/etc/passwd", content[:1000])))
    return out.getvalue()


def lying(content: bytes, chosen: random.Random) -> bytes:
    """The list of names says other sizes, methods, flags or places than what is there."""
    entries = []
    at = content.find(b"PK\x01\x02")
    while at >= 0:
        entries.append(at)
        at = content.find(b"PK\x01\x02", at + 4)
    made = bytearray(content)
    for at in entries if chosen.random() < 0.2 else [chosen.choice(entries)]:
        offset, size = chosen.choice(((8, 2), (10, 2), (16, 4), (20, 4), (24, 4), (28, 2), (30, 2), (38, 4), (42, 4)))
        value = chosen.choice((0, 1, 8, 99, 0xFFFF, 0xFFFFFFFF, 0x7FFFFFFF, chosen.getrandbits(32)))
        made[at + offset : at + offset + size] = (value & ((1 << 8 * size) - 1)).to_bytes(size, "little")
    return bytes(made)


def long_list(content: bytes, chosen: random.Random) -> bytes:
    """Very many names, or an end that promises them, in the form for large files too."""
    if chosen.random() < 0.4:
        with zipfile.ZipFile(out := io.BytesIO(content), "a") as archive:
            for number in range(chosen.choice((900, 5000, 60_000))):
                archive.writestr(f"{number:025}", b"")
        return out.getvalue()
    end = content[-22:]
    size, offset = (chosen.choice((0xFFFFFFFF, 1 << 30, int.from_bytes(end[at : at + 4], "little"))) for at in (12, 16))
    large = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, 1 << 40, 1 << 40, 1 << 40, 0)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, len(content) - 22, 1)
    ended = end[:12] + struct.pack("<II", size, offset) + end[20:]
    return content[:-22] + (large + locator if chosen.random() < 0.7 else b"") + ended


def zip_file(good: bytes, chosen: random.Random) -> bytes:
    """A ZIP file made from a good one of a run: damaged, hostile or huge."""
    run_id, files = files_of(good)
    kind = chosen.random()
    if kind < 0.5:
        chosen.choice(INNER)(files, chosen)
        return zipped(run_id, files)
    if kind < 0.6:
        return zipped(run_id, files, odd_listing(run_id, files, chosen))
    if kind < 0.72:
        return odd_entry(good, run_id, chosen)
    if kind < 0.82:
        return lying(good, chosen)
    if kind < 0.87:
        return long_list(good, chosen)
    if kind < 0.9:
        return chosen.choice((b"", b"PK\x05\x06" + bytes(18), chosen.randbytes(5000), good + good, good[:-1]))
    return pictures.hurt(good, chosen)
