"""What a file is, its first bytes tell; what is not read is named."""

import io
import os
import re
import struct
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from mnist_core.drawing.picture_files.kinds import ENDINGS
from mnist_core.drawing.picture_files.read import read_picture
from mnist_core.errors import RequestError
from tests.support.pictures import a_seven, prepared

SAVED = {"jfif": "JPEG", "jpg": "JPEG", "tif": "TIFF", "jp2": "JPEG2000", "j2k": "JPEG2000", "pgm": "PPM", "pbm": "PPM"}


pillow_heif.register_heif_opener()  # only to write such files


def saved(kind: str, picture: Image.Image, **more: object) -> bytes:
    picture.save(file := io.BytesIO(), kind, **more)
    return file.getvalue()


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_an_uploader_offers_is_read_whatever_the_file_is_called(ending: str) -> None:
    kind = SAVED.get(ending, "HEIF" if ending in ("heic", "heif") else ending.upper())
    picture = Image.fromarray(a_seven()).convert("1" if ending == "pbm" else "RGB")
    more = {"sizes": [(200, 200)]} if ending == "ico" else {}
    read = read_picture(saved(kind, picture, **more), "photograph.PNG")
    np.testing.assert_allclose(prepared(read).astype(int), prepared(a_seven()), atol=60)


def tiff(*tags: tuple[int, int]) -> bytes:
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags)) + entries + bytes(99)


@pytest.mark.parametrize(
    ("content", "called"),
    [
        (b"", "is empty"),
        (bytes(100), "holds zeros alone"),
        (b"%PDF-1.7\n", "is a PDF document"),
        (b"<?xml version='1.0'?>\n<!-- a --><svg xmlns='x'/>", "is an SVG drawing"),
        (b"II*\0\x10\0\0\0CR\2\0" + bytes(50), "is a raw photograph"),
        (tiff((0xC612, 1)), "is a raw photograph"),
        (tiff((0xFE, 1), (0x14A, 99)), "is a raw photograph"),
        (b"8BPS\0\1", "is a Photoshop document"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "is a video"),
        (b"\0\0\0\x14ftypqt  \0\0\2\0qt  ", "is a video"),
        (b"PK\3\4" + bytes(26) + b"[Content_Types].xmlword/a.xml", "is an Office document"),
        (b"PK\3\4" + bytes(26) + b"a.png", "is an archive"),
        ("Grüße\n".encode(), "is a text and no picture"),
        (b"\x80\x81\x82", "is not a picture"),
    ],
)
def test_what_is_not_read_is_named(content: bytes, called: str) -> None:
    with pytest.raises(RequestError, match=rf"^scan\.png {called}.*: .*\.$|^scan\.png {called}: .*\.$") as told:
        read_picture(content, "scan.png")
    assert "\n" not in str(told.value)


def test_a_plain_tiff_is_no_raw_photograph() -> None:
    assert read_picture(saved("TIFF", Image.fromarray(a_seven()))).shape == (200, 200)


def test_a_pipe_and_a_device_are_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    for path in (tmp_path / "pipe.png", Path("/dev/zero")):
        with pytest.raises(RequestError, match="is a pipe or a device"):
            read_picture(path)


TURNS = {kind: range(1, 9) for kind in ("JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF")}


@pytest.mark.parametrize(("kind", "turn"), [(kind, turn) for kind in TURNS for turn in TURNS[kind]])
def test_a_photograph_is_turned_as_each_kind_says(kind: str, turn: int) -> None:
    """An independent oracle: the eight ways as the EXIF standard draws them."""
    corner = np.full((48, 64), 230, np.uint8)
    corner[:16, :32] = 20  # the upper left corner, wider than high: no two of the eight ways look alike
    ways = [corner, corner[:, ::-1], corner[::-1, ::-1], corner[::-1], corner.T]
    ways += [np.rot90(corner, -1), corner[::-1, ::-1].T, np.rot90(corner)]
    exif = Image.Exif()
    exif[0x0112] = turn
    more = {"lossless": True} if kind == "WEBP" else {}
    picture = Image.fromarray(corner).convert("RGB")
    content = saved(kind, picture, exif=exif.tobytes(), **more)
    np.testing.assert_allclose(read_picture(content).astype(int), ways[turn - 1].astype(int), atol=40)


def test_of_several_pictures_the_main_one_is_read() -> None:
    seven, empty = Image.fromarray(a_seven()), Image.new("L", (64, 64))
    several = pillow_heif.from_pillow(empty)
    several.add_from_pillow(seven)
    several.save(file := io.BytesIO(), primary_index=1)
    assert read_picture(file.getvalue()).shape == (200, 200)


def test_each_sentence_is_one(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"P5 #" + b"a" * 100_000)  # a comment without an end
    with pytest.raises(RequestError) as told:
        read_picture(tmp_path / "a.png")
    assert re.fullmatch(r".*a\.png is a damaged picture: save it again\.", str(told.value))
