"""Picture files and ZIP files that nobody would send, made from a source of random choices."""

import io
import json
import random
import zipfile
import zlib
from collections.abc import Callable

import numpy as np
from PIL import Image

FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM")
MODES = ("1", "L", "LA", "P", "RGB", "RGBA", "I;16", "I", "F", "CMYK", "YCbCr", "HSV")


def pixels(chosen: random.Random) -> np.ndarray:
    """Grey levels, uint8 (height, width), of up to 50 million pixels: noise, dots, stripes, a checkerboard, strokes."""
    largest = chosen.choice((30, 300, 1500, 3000, 7000))
    height, width = (max(1, int(largest ** chosen.random())) if chosen.random() < 0.3 else largest for _ in "hw")
    numbers = np.random.default_rng(chosen.getrandbits(32))
    kind = chosen.choice(("noise", "dots", "stripes", "checkerboard", "digit", "sparse", "blank"))
    plane = np.full((height, width), 255, np.uint8)
    if kind == "noise":
        plane = numbers.integers(0, 256, (height, width), np.uint8)
    elif kind == "dots":
        plane[:: chosen.choice((2, 3, 8)), :: chosen.choice((2, 3, 8))] = 0
    elif kind == "stripes":
        plane[:, :: chosen.choice((2, 3, 5, 50))] = 0
    elif kind == "checkerboard":
        plane = (np.indices((height, width), np.uint8).sum(0, dtype=np.uint8) % 2 * 255).astype(np.uint8)
    elif kind == "digit":
        plane[height // 4 : height * 3 // 4, width // 2 : width // 2 + max(1, width // 20)] = 0
    elif kind == "sparse":
        plane[numbers.random((height, width)) < 0.001] = 0
    return plane


def encoded(plane: np.ndarray, chosen: random.Random) -> bytes:
    """The picture in a random format and mode, sometimes turned or animated."""
    picture = Image.fromarray(plane)
    mode, kind = chosen.choice(MODES), chosen.choice(FORMATS)
    try:
        made = picture.convert(mode) if mode != "LA" else picture.convert("LA")
        more: dict[str, object] = {}
        if chosen.random() < 0.1:
            exif = Image.Exif()
            exif[0x0112] = chosen.randrange(10)
            more["exif"] = exif
        if kind in ("GIF", "PNG", "TIFF", "WEBP") and plane.size < 100_000 and chosen.random() < 0.2:
            more |= {"save_all": True, "append_images": [made] * 20}
        made.save(file := io.BytesIO(), kind, **more)
    except (OSError, ValueError, KeyError, TypeError):
        picture.save(file := io.BytesIO(), "PNG")
    return file.getvalue()


def chunk(name: bytes, content: bytes) -> bytes:
    """A chunk of a PNG."""
    return len(content).to_bytes(4, "big") + name + content + zlib.crc32(name + content).to_bytes(4, "big")


def bomb(chosen: random.Random) -> bytes:
    """A small PNG whose header promises, or whose data holds, very much."""
    width, height = (chosen.choice((1, 7000, 20_000, 65_535, 2**31 - 1)) for _ in "wh")
    bits, kind = chosen.choice(((1, 0), (8, 0), (16, 0), (8, 2), (16, 6), (8, 3), (3, 9)))
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes((bits, kind, 0, 0, chosen.randrange(2)))
    data = zlib.compress(bytes(chosen.choice((0, 1000, 50_000_000))), 1)
    extra = chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(chosen.choice((10, 20_000_000)))))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def hurt(content: bytes, chosen: random.Random) -> bytes:
    """The content with flipped bits, cut off, with a hole or with a piece twice."""
    if not content:
        return content
    kind, place = chosen.choice(("flip", "flips", "cut", "zeros", "twice")), chosen.randrange(len(content))
    if kind == "cut":
        return content[:place]
    if kind == "zeros":
        return content[:place] + bytes(min(512, len(content) - place)) + content[place + 512 :]
    if kind == "twice":
        return content[:place] + content[place : place + 512] + content[place:]
    changed = bytearray(content)
    for _ in range(1 if kind == "flip" else 20):
        changed[chosen.randrange(min(len(content), 400) if chosen.random() < 0.5 else len(content))] ^= 1 << (
            chosen.randrange(8)
        )
    return bytes(changed)


def picture_file(chosen: random.Random) -> bytes:
    """A picture file: good, damaged, a bomb, or no picture."""
    kind = chosen.random()
    if kind < 0.1:
        return bomb(chosen)
    if kind < 0.2:
        odd = (
            b"",
            b"%!PS-Adobe-3.0 EPSF-3.0\n",
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            b"P5\n99999 99999\n255\n",
        )
        return chosen.choice((*odd, chosen.randbytes(1000), b"II*\0\x08\0\0\0\xff\xff" + chosen.randbytes(500)))
    content = encoded(pixels(chosen), chosen)
    return hurt(content, chosen) if kind < 0.5 else content


def _png(height: int, width: int, level: int = 9) -> bytes:
    Image.fromarray(np.zeros((height, width), np.uint8)).save(file := io.BytesIO(), "PNG", compress_level=level)
    return file.getvalue()


def zip_file(good: bytes, chosen: random.Random) -> bytes:
    """A ZIP file of drawings made from a good one: damaged, with odd members, or at the limits."""
    if chosen.random() < 0.3:
        return hurt(good, chosen)
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    first = sorted(name for name in parts if name.endswith(".json"))[0]
    stem, note = first.removesuffix(".json"), json.loads(parts[first])
    many = [[[0.1, 0.2]] * 10] * 50_000

    def noted(**changes: object) -> dict[str, bytes]:
        return {first: json.dumps(note | changes).encode()}

    def copies(count: int, picture: bytes) -> dict[str, bytes]:
        image = parts[f"{stem}.28.png"]
        plain = json.dumps({name: value for name, value in note.items() if name != "digest"}).encode()
        made: dict[str, bytes] = {}
        for number in range(count):
            name = f"20260101-000000-{number:06x}"
            made |= {f"{name}.json": plain, f"{name}.png": picture, f"{name}.28.png": image}
        return made

    changes: list[Callable[[], dict[str, bytes]]] = [
        lambda: {f"../../{stem}.json": b"{}"},
        lambda: {"/etc/passwd": b"x", f"{stem}.exe": b"x"},
        lambda: noted(label=chosen.choice((-1, 10, 3.5, "3", None, 1e300, float("nan")))),
        lambda: noted(time=chosen.choice((-1e18, 1e300, float("inf"), "now", None, True))),
        lambda: noted(strokes=many),
        lambda: noted(strokes=[[[float("nan"), 1e300]]]),
        lambda: noted(digest="0", image_sha256=chosen.choice((None, "0" * 64, 5))),
        lambda: {first: b"[" * 200_000},
        lambda: {first: chosen.choice((b"", b"null", b"[]", b"\xff\xfe", b'{"label": 3}'))},
        lambda: {f"{stem}.png": picture_file(chosen)},
        lambda: {f"{stem}.28.png": picture_file(chosen)},
        lambda: {f"{stem}.png": _png(chosen.choice((1, 1500, 1501, 20_000)), 1500)},
        lambda: copies(chosen.choice((100, 700, 3000)), _png(28, 28)),
        lambda: copies(chosen.choice((22, 40, 200)), _png(1500, 1500)),
        lambda: {f"{number}.json.txt": b"" for number in range(chosen.choice((1000, 70_000)))},
    ]
    parts |= chosen.choice(changes)()
    if chosen.random() < 0.1:
        del parts[chosen.choice(sorted(parts))]
    method = chosen.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA))
    with zipfile.ZipFile(packed := io.BytesIO(), "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
        archive.comment = chosen.randbytes(chosen.choice((0, 0, 10, 65_535)))
    return packed.getvalue()
