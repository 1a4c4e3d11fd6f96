"""Every kind of image file is read, or refused in a sentence."""

import io
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from mnist_core.drawing.picture_files.pixels import READ_SIDE, to_array
from mnist_core.drawing.picture_files.read import read_picture
from mnist_core.drawing.prepare import prepare
from mnist_core.errors import RequestError
from tests.support.pictures import PROPERTY, a_seven, prepared
from tests.support.python import python

FILES: dict[str, bytes] = {}
for _format in ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF"):
    Image.fromarray(a_seven()).convert("RGB").save(_file := io.BytesIO(), _format)
    FILES[_format] = _file.getvalue()


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_each_kind_is_read(name: str) -> None:
    np.testing.assert_allclose(prepared(read_picture(FILES[name])).astype(int), prepared(a_seven()), atol=40)


def picture_or_sentence(content: bytes) -> None:
    sentence = None
    try:
        prepare(read_picture(content, "seven"))
    except RequestError as error:
        sentence = str(error)
    assert sentence is None or re.fullmatch(r"seven .*\.", sentence)


@settings(PROPERTY, max_examples=150)
@given(name=st.sampled_from(sorted(FILES)), data=st.data())
def test_a_damaged_file_is_a_picture_or_a_sentence(name: str, data: st.DataObject) -> None:
    content = bytearray(FILES[name])
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    del content[data.draw(st.integers(0, len(content))) or len(content) :]
    picture_or_sentence(bytes(content))


@PROPERTY
@given(content=st.binary(max_size=200))
def test_any_bytes_are_a_picture_or_a_sentence(content: bytes) -> None:
    picture_or_sentence(content)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "PA", "CMYK", "I;16", "I", "F"])
def test_every_mode_gives_the_same_image(mode: str, tmp_path: Path) -> None:
    seven = a_seven()
    picture = Image.fromarray(seven)
    if mode == "I;16":
        picture = Image.fromarray(seven.astype(np.uint16) * 257)
    elif mode == "I":
        picture = Image.fromarray(seven.astype(np.int32) * 257)
    elif mode == "F":
        picture = Image.fromarray(seven.astype(np.float32) / 255)
    elif mode in ("PA", "CMYK"):
        picture = picture.convert("RGB").convert("P" if mode == "PA" else mode)
        picture = picture.convert(mode)
    else:
        picture = picture.convert(mode)
    assert picture.mode == mode
    if mode == "PA":  # no file holds it as such
        assert prepare(to_array(picture)) is not None
        return
    path = tmp_path / f"seven.{'tiff' if mode in ('CMYK', 'I', 'F') else 'png'}"
    picture.save(path)
    np.testing.assert_array_equal(prepared(read_picture(path)), prepared(seven))


def test_grey_levels_of_sixteen_bits_are_not_cut_off(tmp_path: Path) -> None:
    # Pillow's own conversion makes everything above 255 of 65,535 white.
    Image.fromarray(np.array([[0, 300, 32768, 65535]], np.uint16)).save(tmp_path / "levels.png")
    assert read_picture(tmp_path / "levels.png").tolist() == [[0, 1, 128, 255]]


def test_values_that_are_no_numbers_are_black(tmp_path: Path) -> None:
    Image.fromarray(np.array([[np.nan, np.inf, -np.inf, 1]], np.float32)).save(tmp_path / "levels.tiff")
    assert read_picture(tmp_path / "levels.tiff").tolist() == [[0, 0, 0, 255]]


def test_lab_colours_are_read_by_their_lightness(tmp_path: Path) -> None:
    rgb = Image.fromarray(a_seven()).convert("RGB")
    to_lab = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB")
    lab = ImageCms.applyTransform(rgb, to_lab)
    assert lab is not None
    lab.save(tmp_path / "lab.tiff")
    np.testing.assert_allclose(prepared(read_picture(tmp_path / "lab.tiff")).astype(int), prepared(a_seven()), atol=40)


def test_transparency_of_a_palette_is_seen(tmp_path: Path) -> None:
    picture = Image.fromarray((a_seven() > 0).astype(np.uint8)).convert("P")
    picture.putpalette([0, 0, 0, 0, 0, 0])  # black on a transparent black
    picture.save(tmp_path / "seven.png", transparency=0)
    np.testing.assert_array_equal(prepared(read_picture(tmp_path / "seven.png")), prepared(a_seven()))


def test_a_photograph_is_turned_as_the_camera_was(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: the picture is to be turned by 90 degrees clockwise
    Image.fromarray(np.rot90(a_seven())).save(tmp_path / "seven.png", exif=exif)
    np.testing.assert_array_equal(prepared(read_picture(tmp_path / "seven.png")), prepared(a_seven()))


def test_a_large_picture_is_reduced_and_still_the_same_digit(tmp_path: Path) -> None:
    Image.fromarray(a_seven().repeat(12, 0).repeat(12, 1)).save(tmp_path / "seven.png")
    picture = read_picture(tmp_path / "seven.png")
    assert max(picture.shape) <= READ_SIDE
    np.testing.assert_allclose(prepared(picture).astype(int), prepared(a_seven()), atol=2)


def test_a_text_file_is_no_picture(tmp_path: Path) -> None:
    (tmp_path / "notes.png").write_text("not a picture")
    with pytest.raises(RequestError, match=r"notes\.png is a text and no picture: .*\.$"):
        read_picture(tmp_path / "notes.png")


def test_a_truncated_picture_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "half.png").write_bytes(FILES["PNG"][: len(FILES["PNG"]) // 2])
    with pytest.raises(RequestError, match=r"half\.png is a damaged picture: .*\.$"):
        read_picture(tmp_path / "half.png")


def test_a_folder_is_named_as_one(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="is a folder"):
        read_picture(tmp_path)


@pytest.mark.parametrize("name", ["missing.png", "file/missing.png"])
def test_a_missing_file_is_named(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RequestError, match=f"{name} does not exist"):
        read_picture(tmp_path / name)


@pytest.mark.parametrize("side", [8_100, 12_000, 20_000])  # above the limit; where Pillow warns; where Pillow refuses
def test_a_huge_picture_is_refused_before_it_is_decoded(side: int, tmp_path: Path) -> None:
    (tmp_path / "huge.bmp").write_bytes(_bmp_header(side))
    with pytest.raises(RequestError, match=r"huge\.bmp has more than 65 million pixels"):
        read_picture(tmp_path / "huge.bmp")


def _bmp_header(side: int) -> bytes:
    """The 54 bytes that say: a grey picture of `side` by `side`; the pixels themselves are missing."""
    Image.new("RGB", (1, 1)).save(file := io.BytesIO(), "BMP")
    header = bytearray(file.getvalue()[:54])
    header[18:26] = 2 * side.to_bytes(4, "little")
    return bytes(header)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "F"])
def test_strips_are_the_whole_picture_reduced(mode: str) -> None:
    numbers = np.random.default_rng(0).integers(0, 256, (3107, 401), np.uint8)
    picture = Image.fromarray(numbers).convert(mode)
    if mode == "I;16":
        picture = Image.fromarray(numbers.astype(np.uint16) * 257)  # all 16 bits are used
    elif mode == "F":
        picture = Image.fromarray(numbers.astype(np.float32) / 255)  # white is 1, as nothing exceeds it
    picture.save(file := io.BytesIO(), "TIFF")
    whole = picture
    if mode == "I;16":
        whole = Image.fromarray(np.round(np.asarray(picture) * (255 / 65535)).astype(np.uint8))
    elif mode == "F":
        whole = Image.fromarray(numbers)
    expected = whole.convert("RGBA" if "A" in mode else "L").reduce(3)
    np.testing.assert_array_equal(read_picture(file.getvalue()), np.asarray(expected))


def test_of_a_format_whose_decoder_is_hungry_fewer_pixels_are_read(tmp_path: Path) -> None:
    Image.new("L", (4200, 4100)).save(path := tmp_path / "large.webp")
    with pytest.raises(RequestError, match="more than 17 million pixels"):
        read_picture(path)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux says what a process took at most")
def test_a_large_picture_takes_little_more_memory_than_its_pixels() -> None:
    """In a process of its own: Pillow's memory is not Python's. Decoded, the picture has 64 MB."""
    code = (
        "import io; from PIL import Image; from mnist_core.drawing.picture_files.read import read_picture\n"
        "def most(): return int(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])\n"
        "Image.new('RGBA', (4000, 4000), (9, 9, 9, 99)).save(file := io.BytesIO(), 'PNG')\n"
        "before = most(); read_picture(file.getvalue()); print(most() - before)"
    )
    assert int(python(code, Path())) < 60_000  # kB; the place of the picture that was saved is used again
