"""What a fine-tuned run keeps a copy of: its parent's weights (start.safetensors), and in own.npz the drawings that it
trains on and those that it holds out."""

import io

import numpy as np

from mnist_core.data.mnist import Arrays
from mnist_core.errors import DamagedError
from mnist_core.runs import manifest
from mnist_core.runs.run import Run
from mnist_core.system.npy import plain_array
from mnist_core.system.zip_files import DamagedZipError, LongListError, is_plain, opened, unpacked

NAME, START = "own.npz", "start.safetensors"  # in the run's folder
MAX_BYTES = 100_000_000  # packed, and unpacked; a drawing has 785
_PARTS = (("images", "labels"), ("held_out", "held_out_labels"))


def pack(own: Arrays, held_out: Arrays) -> bytes:
    """As it lies in the file."""
    packed = io.BytesIO()
    np.savez(packed, images=own.images, labels=own.labels, held_out=held_out.images, held_out_labels=held_out.labels)
    return packed.getvalue()


def read(run: Run) -> tuple[Arrays, Arrays]:
    """The drawings that the run is trained on, and those that it holds out. Raises DamagedError where they are."""
    path = run.path / NAME
    try:
        return parse(manifest.read(path, MAX_BYTES))
    except (DamagedError, ValueError, OSError) as error:
        raise DamagedError(f"{path} is damaged: fine-tune again.") from error


def parse(content: bytes) -> tuple[Arrays, Arrays]:
    """The drawings trained on, and those held out. Raises ValueError where it is not what `pack` makes."""
    parts = _unpack(content)
    try:
        own, held_out = (Arrays(parts[images].copy(), parts[labels].copy()) for images, labels in _PARTS)
    except KeyError as error:
        raise ValueError("no drawings") from error
    for images, labels in (own, held_out):
        if images.dtype != np.uint8 or images.shape[1:] != (28, 28) or labels.shape != images.shape[:1]:
            raise ValueError("no drawings")
        if not np.issubdtype(labels.dtype, np.unsignedinteger) or labels.max(initial=0) > 9:
            raise ValueError("no labels")
    return own, held_out


def _unpack(content: bytes) -> dict[str, np.ndarray]:
    try:
        with opened(io.BytesIO(content), 2 * len(_PARTS)) as archive:
            entries = archive.infolist()
            if not all(map(is_plain, entries)) or sum(entry.file_size for entry in entries) > MAX_BYTES:
                raise ValueError("too much")
            return {
                entry.filename.removesuffix(".npy"): plain_array(b"".join(unpacked(archive, entry)))
                for entry in entries
            }
    except (DamagedZipError, LongListError) as error:
        raise ValueError("no ZIP file of arrays") from error
