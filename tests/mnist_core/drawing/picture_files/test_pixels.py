"""Values of many bits are as bright as the file means them; of an animation the picture that is not empty is read."""

import io
import zlib

import numpy as np
import pytest
from PIL import Image

from mnist_core.drawing.picture_files import limits
from mnist_core.drawing.picture_files.read import read_picture
from mnist_core.errors import RequestError
from tests.support.pictures import a_seven, prepared


def png(values: np.ndarray) -> bytes:
    """A PNG of 16 bits, written here: Pillow writes none in colours. uint16 (height, width, 1 to 4)."""
    colour = {1: 0, 2: 4, 3: 2, 4: 6}[values.shape[2]]
    height, width = values.shape[:2]
    lines = b"".join(b"\0" + line.astype(">u2").tobytes() for line in values)
    parts = [(b"IHDR", width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes((16, colour, 0, 0, 0)))]
    parts += [(b"IDAT", zlib.compress(lines)), (b"IEND", b"")]
    chunks = (
        len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big") for name, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_white_is_the_largest_value_of_the_bits_that_are_used(bits: int, channels: int) -> None:
    white = 2**bits - 1
    values = np.round(np.linspace(0, white, 60)).astype(np.uint16).reshape(6, 10, 1).repeat(channels, 2)
    if channels in (2, 4):
        values[..., -1] = white
    read = read_picture(png(values))
    grey = read if read.ndim == 2 else read[..., 0]
    expected = np.linspace(0, 255, 60).reshape(6, 10)
    if bits == 14 and channels > 1:  # of colours the higher byte is kept: a quarter as bright, with all there is
        expected = expected / 4
    np.testing.assert_allclose(grey, expected, atol=1.01)
    if read.ndim == 3 and bits != 14:
        assert (read[..., 3] == 255).all()


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0, 1.04), (-0.03, 1.04), (0, 4), (0, 255), (0, 60), (-1, 1)])
def test_floating_point_values_have_their_own_white(low: float, high: float) -> None:
    values = low + (a_seven() / 255) * (high - low)
    Image.fromarray(values.astype(np.float32)).save(file := io.BytesIO(), "TIFF")
    np.testing.assert_array_equal(prepared(read_picture(file.getvalue())), prepared(a_seven()))


def test_a_cmyk_jpeg_is_as_bright_as_it_looks() -> None:
    Image.fromarray(a_seven()).convert("RGB").convert("CMYK").save(file := io.BytesIO(), "JPEG", quality=95)
    np.testing.assert_allclose(read_picture(file.getvalue()).astype(int), a_seven(), atol=25)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "JPEG2000"])
@pytest.mark.parametrize(("ink", "paper"), [((200, 0, 0), (0, 102, 0)), ((255, 255, 60), (255, 255, 255))])
def test_colours_of_one_brightness_are_told_apart(
    kind: str, ink: tuple[int, int, int], paper: tuple[int, int, int]
) -> None:
    share = a_seven()[..., None] / 255
    colours = Image.fromarray(np.round(share * ink + (1 - share) * paper).astype(np.uint8))
    assert np.ptp(np.asarray(colours.convert("L"))) < 24, "blank in grey"
    colours.save(file := io.BytesIO(), kind)
    read, wanted = prepared(read_picture(file.getvalue())), prepared(a_seven())
    # A JPEG keeps colours at half the size, and its blocks are seen: not to the pixel.
    assert np.corrcoef(read.ravel(), wanted.ravel())[0, 1] > 0.9


def test_a_tinted_paper_is_read_in_grey() -> None:
    y, x = np.mgrid[:60, :60]
    for tint in ((230, 220, 190), (190, 200, 230)):
        paper = np.stack([level + (x + y) // 12 for level in tint], -1).astype(np.uint8)
        paper[20:40, 28:32] -= 40
        Image.fromarray(paper).save(file := io.BytesIO(), "PNG")
        np.testing.assert_array_equal(read_picture(file.getvalue()), np.asarray(Image.fromarray(paper).convert("L")))


def frames(kind: str, *pictures: np.ndarray) -> bytes:
    first, *others = (Image.fromarray(picture) for picture in pictures)
    first.save(file := io.BytesIO(), kind, save_all=True, append_images=others)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF", "AVIF"])
def test_an_animation_that_starts_empty_is_read_by_its_last_picture(kind: str) -> None:
    seven, empty = a_seven(), np.zeros((200, 200), np.uint8)
    begun = np.where(np.arange(200)[:, None] < 80, seven, 0).astype(np.uint8)
    content = frames(kind, empty, begun, seven, empty)
    np.testing.assert_allclose(prepared(read_picture(content)).astype(int), prepared(seven), atol=60)
    kept = frames(kind, seven, begun, empty)
    np.testing.assert_allclose(prepared(read_picture(kept)).astype(int), prepared(seven), atol=60)


def test_a_long_animation_that_starts_empty_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_FRAMES", 5)
    pictures = [np.full((20, 20), number % 2, np.uint8) for number in range(9)]
    with pytest.raises(RequestError, match="begins empty and has many pictures: give the one with the digit"):
        read_picture(frames("GIF", *pictures))


def test_a_progressive_jpeg_of_endless_scans_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    Image.fromarray(a_seven()).save(file := io.BytesIO(), "JPEG", progressive=True)
    read_picture(file.getvalue())
    monkeypatch.setattr(limits, "_SCANNED", 200_000)  # 40,000 pixels, six scans
    with pytest.raises(RequestError, match="is a JPEG file of 6 scans"):
        read_picture(file.getvalue())


def test_a_large_jpeg_2000_is_decoded_at_a_part_of_its_size() -> None:
    large = Image.fromarray(a_seven().repeat(16, 0).repeat(16, 1))
    large.save(file := io.BytesIO(), "JPEG2000")
    read = read_picture(file.getvalue())
    assert read.shape == (800, 800)  # halved twice, by the decoder
    np.testing.assert_allclose(prepared(read).astype(int), prepared(a_seven()), atol=40)


def test_an_icon_that_holds_a_huge_picture_is_refused() -> None:
    size = (20_000).to_bytes(4, "big")
    inner = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + size + size + bytes(99)
    head = b"\0\0\x01\0\x01\0" + bytes((0, 0, 0, 0, 1, 0, 32, 0)) + len(inner).to_bytes(4, "little")
    with pytest.raises(RequestError, match="more than 65 million pixels"):
        read_picture(head + (22).to_bytes(4, "little") + inner)
