"""An opened picture -> its pixels: grey, or with transparency, reduced strip by strip and turned."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from PIL import ExifTags, Image, ImageFile, ImageOps

STRIP = 64  # rows of the reduced picture, made at a time
READ_SIDE = 1500  # pixels; a longer picture is reduced when it is read: 28 are wanted, and memory is not free
# The largest values of 1, 8, 10, 12, 14, 16, 24 and 32 bits: a file does not say how many bits of each are used.
RANGES = (1, 255, 1023, 4095, 16383, 65535, 2**24 - 1, 2**32 - 1)
_OVERSHOOT = 1.25  # of white: resampled floating point values go a little beyond their range
_DARK = 1 / 8  # of white: where no floating point value is brighter, the range is another
_DEEP = (";16B", ";16L", ";16N")  # how Pillow calls colours of 16 bits, of which it keeps the higher 8
_COLOURED = ("RGB", "P", "CMYK", "YCbCr")
# A picture is faint that has fewer levels of 255 between its darkest and its brightest pixel. Where one of its colours
# is not, and has so many times the levels of grey, that colour is read: red ink on a green of its own brightness.
FAINT, CLEARER = 64, 2.5


def to_array(
    picture: Image.Image, again: Callable[[], Image.Image] | None = None, in_colour: bool = False
) -> np.ndarray:
    """The picture as uint8 (height, width) grey, or (height, width, 4) where it has transparency.

    `in_colour`: (height, width, 3) for one that has none.

    Reduced by a whole factor to at most `READ_SIDE` pixels a side, and turned as its EXIF data says. `again` opens the
    same file once more: colours of 16 bits of which few are used take two readings.
    """
    picture.draft("RGB" if in_colour else "L", (READ_SIDE, READ_SIDE))  # a JPEG is decoded at a smaller scale at once
    is_deep_colour = _raw_mode(picture).endswith(_DEEP) and picture.mode in ("RGB", "RGBA")
    picture.load()
    mode = "RGBA" if picture.has_transparency_data else "RGB" if in_colour else "L"
    reduced = _reduced(picture, _strips(picture), mode)
    if is_deep_colour and again is not None and np.asarray(reduced.convert("RGB")).max(initial=0) <= RANGES[3] >> 8:
        with again() as low:
            _take_lower_bytes(low)
            low.load()
            reduced = _reduced(picture, _joined(picture, low), mode)
    return np.asarray(_turned(picture, reduced))


def clearest_channel(grey: np.ndarray, again: Callable[[], Image.Image]) -> np.ndarray:
    """The picture in grey, or where that is faint and one of its colours is not, in that one; `again` opens it."""
    contrast = float(np.ptp(grey)) if grey.size else 0.0
    if grey.ndim == 3 or contrast >= FAINT:
        return grey
    with again() as picture:
        if picture.mode not in _COLOURED:
            return grey
        colours = to_array(picture, again, in_colour=True)
    contrasts = np.ptp(colours, (0, 1)).astype(float)
    best = int(contrasts.argmax())
    return colours[..., best] if contrasts[best] >= max(FAINT, CLEARER * contrast) else grey


def _reduced(picture: Image.Image, strips: Iterator[Image.Image], mode: str) -> Image.Image:
    """From strips of `STRIP` rows each: beside the picture itself only its reduced form takes memory."""
    factor = _factor(picture)
    reduced = Image.new(mode, (-(-picture.width // factor), -(-picture.height // factor)))
    for number, strip in enumerate(strips):
        reduced.paste(strip.convert(reduced.mode).reduce(factor), (0, number * STRIP))
    return reduced


def _factor(picture: Image.Image) -> int:
    return -(-max(picture.size) // READ_SIDE)


def _crops(picture: Image.Image) -> Iterator[Image.Image]:
    rows = STRIP * _factor(picture)
    for top in range(0, picture.height, rows):
        yield picture.crop((0, top, picture.width, min(top + rows, picture.height)))


def _strips(picture: Image.Image) -> Iterator[Image.Image]:
    """The picture in modes that Pillow converts rightly."""
    if picture.mode == "LAB":
        yield from (strip.getchannel(0) for strip in _crops(picture))  # the lightness
    elif picture.mode.startswith(("I", "F")):  # 16 bits and more: Pillow's own conversion cuts off at 255
        black, white = _black_and_white(picture)
        clear = picture.info.get("transparency")
        for strip in _crops(picture):
            values = np.asarray(strip)
            made = Image.fromarray(_to_eight_bits(values, black, white))
            if isinstance(clear, int):
                made.putalpha(Image.fromarray(np.where(values == clear, 0, 255).astype(np.uint8)))
            yield made
    else:
        yield from _crops(picture)


def _turned(picture: Image.Image, reduced: Image.Image) -> Image.Image:
    """`reduced` as the EXIF data of `picture` says."""
    if (orientation := picture.getexif().get(ExifTags.Base.Orientation, 1)) == 1:
        return reduced
    reduced.getexif()[ExifTags.Base.Orientation] = orientation
    return ImageOps.exif_transpose(reduced)


def _black_and_white(picture: Image.Image) -> tuple[float, float]:
    """Grey levels without a fixed range: white is the least usual one that nothing exceeds; black is 0, or below."""
    lowest, largest = 0.0, 0.0
    for strip in _crops(picture):
        values = _numbers(np.asarray(strip))
        lowest, largest = min(lowest, values.min(initial=0)), max(largest, values.max(initial=0))
    if picture.mode != "F":
        ranges = RANGES[1:6] if picture.mode.startswith("I;16") else RANGES
        return lowest, next((white for white in ranges if largest <= white), ranges[-1])
    white = next((white for white in RANGES if largest <= white * _OVERSHOOT), largest)
    return lowest, white if largest > white * _DARK else largest or 1.0


def _numbers(values: np.ndarray) -> np.ndarray:
    return np.nan_to_num(values.astype(np.float64), nan=0, posinf=0, neginf=0)


def _to_eight_bits(values: np.ndarray, black: float, white: float) -> np.ndarray:
    return np.round((_numbers(values).clip(black, white) - black) * (255 / (white - black))).astype(np.uint8)


def _raw_mode(picture: Image.Image) -> str:
    """How Pillow is going to unpack the picture, "" where it does not say."""
    tiles = picture.tile if isinstance(picture, ImageFile.ImageFile) else []
    arguments = tiles[0].args if tiles else ""
    first = arguments[0] if isinstance(arguments, tuple) and arguments else arguments
    return first if isinstance(first, str) else ""


def _take_lower_bytes(picture: Image.Image) -> None:
    """Let Pillow unpack the lower instead of the higher byte of each value of 16 bits."""
    assert isinstance(picture, ImageFile.ImageFile)
    raw = _raw_mode(picture)
    # Grey with alpha has no such mode: as four channels its bytes come one by one.
    other = "RGBA" if raw == "LA;16B" else raw[:-1] + ("L" if raw.endswith("B") else "B")

    def changed(arguments: tuple[Any, ...] | str | None) -> tuple[Any, ...] | str:
        return (other, *arguments[1:]) if isinstance(arguments, tuple) else other

    picture.tile = [tile._replace(args=changed(tile.args)) for tile in picture.tile]
    picture.info["bytes"] = other


def _joined(high: Image.Image, low: Image.Image) -> Iterator[Image.Image]:
    """Strips of a picture whose values of 16 bits use few of them, from its higher and its lower bytes."""
    grey_and_alpha = low.info["bytes"] == "RGBA"

    def values(one: Image.Image, other: Image.Image) -> np.ndarray:
        low_bytes = np.asarray(other)
        if grey_and_alpha:
            low_bytes = low_bytes[..., [1, 1, 1, 3]]
        return np.asarray(one).astype(np.uint16) << 8 | low_bytes

    largest = [values(*pair).max((0, 1)) for pair in zip(_crops(high), _crops(low), strict=True)]
    brightest = np.max(largest, 0)
    colours, alpha = brightest[:3].max(), brightest[3:].max(initial=0)
    whites = np.array([next(white for white in RANGES[1:] if top <= white) for top in [colours] * 3 + [alpha]])
    for pair in zip(_crops(high), _crops(low), strict=True):
        joined = values(*pair)
        eight = np.round(joined * (255 / whites[: joined.shape[2]])).astype(np.uint8)
        yield Image.fromarray(eight)
