"""ZIP files from anywhere: read with bounds on their bytes, their list of names and what they unpack to.

The list is bounded before zipfile goes through it (a million names would take it 10 s), and what is unpacked twice: by
the sizes that are declared, and by what really comes.
"""

import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from stat import S_ISLNK
from typing import BinaryIO

CHUNK = 1 << 20  # bytes unpacked at a time
LISTED = 120  # bytes of the list of names for each, at most
_END, _END_BYTES, _MAX_COMMENT = b"PK\x05\x06", 22, 1 << 16
_ZIP64, _ZIP64_BYTES = b"PK\x06\x07", 20
_ZIP64_END, _ZIP64_END_BYTES = b"PK\x06\x06", 56
_STUMBLES = (  # what zipfile and zlib raise of a damaged byte
    *(zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, NotImplementedError),
    *(RuntimeError, OverflowError, UnicodeError, struct.error, KeyError, IndexError),
)
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class DamagedZipError(ValueError):
    """No whole ZIP file, or one that is not to be read."""


class LongListError(ValueError):
    """A ZIP file with too many names."""


@contextmanager
def opened(file: BinaryIO, most_names: int) -> Iterator[zipfile.ZipFile]:
    """The ZIP file, its list of at most `most_names` names read.

    Raises LongListError, or DamagedZipError: also for what zipfile and zlib raise within the block of a damaged byte.
    """
    _refuse_long_list(file, most_names)
    try:
        archive = zipfile.ZipFile(file)
    except (*_STUMBLES, ValueError, OSError) as error:
        raise DamagedZipError from error
    with archive:
        if len(archive.infolist()) > most_names:
            raise LongListError
        try:
            yield archive
        except _STUMBLES as error:
            raise DamagedZipError from error


def is_plain(entry: zipfile.ZipInfo) -> bool:
    """Whether it is stored or deflated, neither encrypted nor a link, and its name is the one that was written."""
    is_link = S_ISLNK(entry.external_attr >> 16)
    is_whole = entry.orig_filename == entry.filename
    return entry.compress_type in _METHODS and not entry.flag_bits & 1 and not is_link and is_whole


def unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """What is in it, in pieces. Raises DamagedZipError where it is damaged, or not as long as declared."""
    left = entry.file_size
    try:
        with archive.open(entry) as file:
            while piece := file.read(min(CHUNK, left + 1)):
                left -= len(piece)
                if left < 0:
                    break
                yield piece
    except (*_STUMBLES, ValueError, OSError) as error:  # a place before the file's begin, too
        raise DamagedZipError from error
    if left:
        raise DamagedZipError


def ends_at_once(content: bytes) -> bool:
    """Whether the list of names lies right before the file's end, with no comment: all readers then see the same."""
    size, offset = _list_of_names(content[-_END_BYTES:])
    more = _ZIP64_END_BYTES + _ZIP64_BYTES if content[-_END_BYTES - _ZIP64_BYTES :].startswith(_ZIP64) else 0
    return content[-_END_BYTES:].startswith(_END) and offset + size + more + _END_BYTES == len(content)


def _refuse_long_list(file: BinaryIO, most_names: int) -> None:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _END_BYTES - _MAX_COMMENT - _ZIP64_BYTES - _ZIP64_END_BYTES))
    tail = file.read()
    end = len(tail) - _END_BYTES
    if tail[max(end, 0) : end + 4] != _END:  # a comment stands behind it
        end = tail.rfind(_END)
    if end < 0 or len(tail) < end + _END_BYTES:
        raise DamagedZipError
    told = _list_of_names(tail[end:])
    count = int.from_bytes(tail[end + 10 : end + 12], "little")
    if count > most_names or told[0] > most_names * LISTED:
        raise LongListError
    large = tail[max(0, end - _ZIP64_BYTES - _ZIP64_END_BYTES) : end]
    if large[-_ZIP64_BYTES:].startswith(_ZIP64):  # PyTorch writes the longer form always: it must say the same
        sizes = tuple(int.from_bytes(large[at : at + 8], "little") for at in (40, 48))
        if not large.startswith(_ZIP64_END) or sizes != told:
            raise LongListError


def _list_of_names(end: bytes) -> tuple[int, int]:
    """How long it is, and where it begins, as the last record of a ZIP file tells."""
    return int.from_bytes(end[12:16], "little"), int.from_bytes(end[16:20], "little")
