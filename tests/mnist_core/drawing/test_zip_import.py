"""ZIP files that nobody exported here: each is refused in one sentence, bounded before it is unpacked or decoded."""

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mnist_core.drawing import collection, zip_import
from mnist_core.errors import RequestError

ID = "20260101-000000-abcdef"


def png(width: int, height: int) -> bytes:
    Image.fromarray(np.zeros((height, width), np.uint8)).save(file := io.BytesIO(), "PNG")
    return file.getvalue()


LARGE, SMALL = png(40, 40), png(28, 28)


def png_of_claimed_size(side: int) -> bytes:
    """A header that claims `side` pixels a side, over the data of one black row."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    parts = (chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(bytes(side + 1))), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def note(**changes: object) -> bytes:
    return json.dumps({"label": 7, "time": 1.0, "strokes": [[[0.1, 0.2]]], **changes}).encode()


def packed(
    method: int = zipfile.ZIP_DEFLATED, *, png: bytes = LARGE, image: bytes = SMALL, json: bytes | None = None
) -> bytes:
    files = {"png": png, "28.png": image, "json": json or note()}
    with zipfile.ZipFile(out := io.BytesIO(), "w", method) as archive:
        for ending, content in files.items():
            archive.writestr(f"{ID}.{ending}", content)
    return out.getvalue()


def damaged_deflate() -> bytes:
    """The sizes are right, the compressed data are not."""
    content = packed(json=note(strokes=np.linspace(0, 1, 400).reshape(1, -1, 2).tolist()))
    start = content.index(f"{ID}.json".encode()) + len(f"{ID}.json") + 40
    return content[:start] + bytes(b ^ 0x5A for b in content[start : start + 60]) + content[start + 60 :]


def many_entries(count: int) -> bytes:
    with zipfile.ZipFile(out := io.BytesIO(), "w") as archive:
        for number in range(count):
            archive.writestr(f"{number:025}.json", b"")
    return out.getvalue()


WHOLE = "no whole ZIP file"
DAMAGED = f"^Drawing '{ID}' in this ZIP file is damaged"
ATTACKS: dict[str, tuple[Callable[[], bytes], str]] = {
    "damaged deflate data": (damaged_deflate, WHOLE),
    "LZMA": (lambda: packed(zipfile.ZIP_LZMA), DAMAGED),
    "bzip2": (lambda: packed(zipfile.ZIP_BZIP2), DAMAGED),
    "a time of 1e300": (lambda: packed(json=note(time=1e300)), DAMAGED),
    "a time that is no number": (lambda: packed(json=note(time=float("nan"))), DAMAGED),
    "a point that is no number": (lambda: packed(json=note(strokes=[[[float("nan"), 0]]])), DAMAGED),
    "a point at infinity": (lambda: packed(json=b'{"label": 7, "time": 1, "strokes": [[[1e999, 0]]]}'), DAMAGED),
    "a digit with 5,000 places": (lambda: packed(json=b'{"label": ' + b"1" * 5000 + b', "time": 1}'), DAMAGED),
    "deep JSON": (lambda: packed(json=b"[" * 100_000 + b"]" * 100_000), DAMAGED),
    "two million strokes": (lambda: packed(json=note(strokes=[[[0, 0]]] * 2_000_000)), DAMAGED),
    "many strokes": (lambda: packed(json=note(strokes=[[[0, 0]]] * 501)), DAMAGED),
    "many points": (lambda: packed(json=note(strokes=[[[0, 0]] * 10_001])), DAMAGED),
    "20,000 pixels a side": (lambda: packed(png=png_of_claimed_size(20_000)), DAMAGED),
    "4,000 pixels a side": (lambda: packed(png=png(4000, 4000)), DAMAGED),
    "27x28": (lambda: packed(image=png(27, 28)), DAMAGED),
    "a part of 200 MB": (lambda: packed(png=bytes(200_000_000)), DAMAGED),
    "a surrogate as label": (lambda: packed(json=b'{"label": "\\ud800", "time": 1}'), DAMAGED),
    "a million names": (lambda: many_entries(61_000), "more than 20,000 drawings"),
    "nothing": (lambda: b"", WHOLE),
    "half an end": (lambda: b"PK\x05\x06" + bytes(8), WHOLE),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_is_refused_in_one_sentence_and_nothing_is_added(home: Path, attack: str) -> None:
    make, words = ATTACKS[attack]
    with pytest.raises(RequestError, match=words) as refused:
        collection.import_zip(make())
    assert str(refused.value).count("\n") == 0
    assert str(refused.value).endswith(".")
    assert not (home / "drawings").exists()


def test_what_is_refused_for_its_size_is_neither_unpacked_nor_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("it was read")

    large, pixels = packed(png=bytes(200_000_000)), packed(png=png_of_claimed_size(20_000))
    names = many_entries(61_000)
    with monkeypatch.context() as patch:
        patch.setattr(zipfile.ZipFile, "read", never)
        with pytest.raises(RequestError):
            zip_import.read_zip(large)
        patch.setattr(zipfile.ZipFile, "__init__", never)
        with pytest.raises(RequestError):
            zip_import.read_zip(names)
    monkeypatch.setattr(Image.Image, "convert", never)
    with pytest.raises(RequestError):
        zip_import.read_zip(pixels)


def test_of_many_pictures_the_first_are_decoded_and_the_others_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_import, "MAX_PIXELS", 1599)
    assert len(zip_import.read_zip(packed())) == 1
    whole = png(40, 40)
    with pytest.raises(RequestError, match=DAMAGED):
        zip_import.read_zip(packed(png=whole[:60] + bytes([whole[60] ^ 1]) + whole[61:]))


def test_the_largest_that_may_be_kept_is_taken(home: Path) -> None:
    strokes = np.zeros((500, 20, 2)).tolist()
    content = packed(png=png(1500, 1500), json=note(strokes=strokes))
    assert collection.import_zip(content) == 1
    assert collection.every()[0].picture().shape == (1500, 1500)
