"""How large a picture may be: what a file promises is looked at before anything of it is decoded."""

import re
import struct
from typing import BinaryIO

from mnist_core.errors import RequestError

MAX_PIXELS = 65_000_000  # a larger picture is refused before it is decoded (a decompression bomb)
# Of kinds whose decoders take more or less. Measured at 8160x6144 pixels, bytes a pixel at the peak: JPEG 2000 18, WebP
# 16, AVIF 9, HEIF 7, most others 4. Where it is large, JPEG 2000 is decoded at a half or less, a JPEG of one scan too.
PIXELS = {"JPEG": 210_000_000, "AVIF": 51_000_000, "HEIF": 51_000_000, "WEBP": 17_000_000}
PIXELS["JPEG2000 as decoded"] = 17_000_000
MAX_BYTES = 600_000_000  # of a file, the largest TIFF of so many pixels
BYTES = {"WEBP": 100_000_000, "AVIF": 100_000_000, "HEIF": 100_000_000, "JPEG": 200_000_000}  # decoders that hold it
MOST_FRAMES = 200  # of an animation or of pages, where the first ones are empty
FRAME_PIXELS = 60_000_000  # of all of them together
_SCANNED = 1_500_000_000  # pixels times scans of a JPEG: a usual one has at most 12 scans, each taking its time
_MARKER = re.compile(rb"\xff([^\x00\x01\xd0-\xd7\xff])", re.DOTALL)  # of a JPEG, in the data of a scan
_SIZES = re.compile(rb"P[1-6](?:(?:\s|#[^\r\n]*[\r\n])+\d{1,10}){2}\s")  # of a PPM file
_START_OF_SCAN, _END = 0xDA, 0xD9
_NO_LENGTH = (0xD8, _END)


def check_size(kind: str, size: tuple[int, int], name: str) -> None:
    """Raises RequestError where a picture of that kind has too many pixels."""
    most = PIXELS.get(kind, MAX_PIXELS)
    if size[0] * size[1] > most:
        raise RequestError(f"{name} has more than {most // 10**6} million pixels: make it smaller.")


def check_bytes(kind: str, size: int, name: str) -> None:
    """Raises RequestError where a file of that kind is too long."""
    most = BYTES.get(kind, MAX_BYTES)
    if size > most:
        raise RequestError(f"{name} has more than {most // 10**6} MB: make it smaller.")


def check_scans(content: bytes, size: tuple[int, int], name: str) -> None:
    """Of a JPEG: each of several scans goes over all pixels, which are then held at full size."""
    scans = _scans(content)
    if scans > 1:
        check_size("", size, name)
    if scans * size[0] * size[1] > _SCANNED and scans > 1:
        raise RequestError(f"{name} is a JPEG file of {scans:,} scans: save it again.")


def _scans(content: bytes) -> int:
    found, at = 0, 2
    while (marker := _MARKER.search(content, at)) is not None and marker[1][0] != _END:
        found += marker[1][0] == _START_OF_SCAN
        length = 0 if marker[1][0] in _NO_LENGTH else int.from_bytes(content[marker.end() : marker.end() + 2])
        at = marker.end() + length
    return found


def check_icon(file: BinaryIO, name: str) -> None:
    """Of an ICO file, which Pillow decodes as it opens it: the sizes that its pictures themselves tell."""
    file.seek(4)
    (count,) = struct.unpack("<H", file.read(2))
    for entry in (file.read(16) for _ in range(count)):
        here = file.tell()
        file.seek(struct.unpack("<8xII", entry)[1])
        head = file.read(24)
        file.seek(here)
        if head.startswith(b"\x89PNG"):
            width, height = struct.unpack(">16xII", head)
        else:
            width, height = struct.unpack_from("<4xii", head)
        check_size("ICO", (abs(width), abs(height)), name)


def check_header(head: bytes) -> None:
    """Of a PPM file: raises ValueError where its sizes do not stand at its beginning, where comments may be endless."""
    if not _SIZES.match(head):
        raise ValueError("no sizes")


def halvings(head: bytes, most: int) -> int:
    """How often a JPEG 2000 picture can be halved as it is decoded, at most `most` times: its COD marker tells."""
    at = head.find(b"\xff\x4f\xff\x51") + 2
    while at >= 2 and at + 10 <= len(head):
        if head[at : at + 2] == b"\xff\x52":
            return min(head[at + 9], most)
        at += 2 + int.from_bytes(head[at + 2 : at + 4])
    return 0
