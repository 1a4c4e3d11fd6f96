"""ZIP files of a run, made from a good one: rightly listed, so that only what is in them is wrong."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable

from mnist_core.system.sealing import seal

Files = dict[str, bytes]  # by their paths in the run's folder


def files_of(content: bytes) -> tuple[str, Files]:
    """The run's id, and its files without the list of them."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        run_id = names[0].partition("/")[0]
        files = {name.removeprefix(f"{run_id}/"): archive.read(name) for name in names}
    del files["export.json"]
    return run_id, files


def listed(run_id: str, files: Files, /, **changes: object) -> bytes:
    """export.json as the exporter writes it for these files, or with other values."""
    prints = {name: [len(content), hashlib.sha256(content).hexdigest()] for name, content in files.items()}
    said = {"format": 1, "run": run_id, "version": "0.2.0", "exported": 1.0, "files": prints}
    return json.dumps(seal(said | changes)).encode()


def zipped(run_id: str, files: Files, listing: bytes | None = None) -> bytes:
    with zipfile.ZipFile(out := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (files | {"export.json": listing or listed(run_id, files)}).items():
            archive.writestr(f"{run_id}/{name}", content)
    return out.getvalue()


def altered(content: bytes, change: Callable[[Files], object]) -> bytes:
    """The ZIP file with other files, rightly listed: a stranger's who knows the format."""
    run_id, files = files_of(content)
    change(files)
    return zipped(run_id, files)
