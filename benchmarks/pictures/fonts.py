"""Characters as fonts print them.

`known` are the fonts that come with the packages of `requirements.txt`, on which the detector is trained; `others` are
Debian's DejaVu and Liberation, where they are installed, on which it is measured.
"""

from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

import numpy as np
import streamlit
from PIL import Image, ImageDraw, ImageFont

from mnist_core.errors import RequestError

SIZE = 96  # pixels, of the font as it is drawn; what a picture needs is made of that
# Left out is what looks like a digit when it stands alone. Trained on B, b, D, G, J, U and u as well, the detector
# missed 6 of 120 texts instead of 13, but warned of 1.0 % of validation digits instead of 0.85, and of 94 % of
# scribbles instead of 96.
NO_DIGITS = "ACEFHKLMNPRTVWXYadefhkmnprtvwx$&@#%?[]{}=+*€£"
_KNOWN = ("KaTeX_Main-*", "KaTeX_SansSerif-*", "KaTeX_Typewriter-*", "SourceSans*", "SourceSerif*", "SourceCode*")
_WEIGHTS = (300, 450, 700)  # at which those are drawn that have any weight
_FAMILIES = {
    ("DejaVuSans", "DejaVuSansCondensed", "DejaVuSansMono"): ("", "-Bold", "-Oblique"),
    ("DejaVuSerif",): ("", "-Bold", "-Italic"),
    ("LiberationSans", "LiberationSansNarrow", "LiberationSerif", "LiberationMono"): ("-Regular", "-Bold", "-Italic"),
}

Font = ImageFont.FreeTypeFont


@cache
def known() -> list[Font]:
    """The fonts that come with Streamlit, some at three weights, and the one that comes with Pillow."""
    folder = Path(streamlit.__file__).parent / "static"
    own = ImageFont.load_default(SIZE)
    assert isinstance(own, Font)
    found = [own]
    for path in sorted(path for family in _KNOWN for path in folder.rglob(f"{family}.woff2")):
        font = ImageFont.truetype(str(path), SIZE)
        if not path.name.startswith("Source"):
            found.append(font)
            continue
        for weight in _WEIGHTS:
            font = ImageFont.truetype(str(path), SIZE)
            font.set_variation_by_axes([float(weight), 14.0][: len(font.get_variation_axes())])
            found.append(font)
    return found


@cache
def others() -> list[Font]:
    """Those of DejaVu and Liberation that this machine has.

    Raises RequestError with what to install where it has none.
    """
    found = []
    names = [family + style for families, styles in _FAMILIES.items() for family in families for style in styles]
    for name in names:
        with suppress(OSError):
            found.append(ImageFont.truetype(f"{name}.ttf", SIZE))
    if not found:
        raise RequestError("Install fonts-dejavu and fonts-liberation: printed text is measured with them.")
    return found


def printed(text: str, fonts: Sequence[Font], rng: np.random.Generator, spaced: float = 0.0) -> np.ndarray:
    """`text` in one of `fonts`, cropped: ink, float32 (height, width), 0 paper to 1.

    `spaced` is what is put between two characters, in sizes of the font.
    """
    font = fonts[int(rng.integers(len(fonts)))]
    parts = list(text) if spaced else [text]
    steps = [font.getlength(part) + spaced * SIZE for part in parts]
    plane = Image.new("L", (round(sum(steps)) + 2 * SIZE, 3 * SIZE))
    draw, left = ImageDraw.Draw(plane), float(SIZE)
    for part, step in zip(parts, steps, strict=True):
        draw.text((left, SIZE), part, 255, font)
        left += step
    ink = np.asarray(plane, np.float32) / 255
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
