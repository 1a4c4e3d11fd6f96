"""Files that are no pictures, or are damaged, or promise far too much: some 200, each by its own name.

`files` reads each in a process of its own, and asks `predict` about every tenth; `files_page` uploads it on Draw.
"""

import io
import os
import random
import struct
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.promises import pages
from benchmarks.promises.campaign import Campaign, main
from benchmarks.promises.forked import command, fork
from benchmarks.promises.inputs import judge, judge_page
from benchmarks.promises.pictures import chunk

Maker = Callable[[Path, random.Random], None]
KINDS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM", "AVIF", "JPEG2000", "ICO", "HEIF")
LONGEST = 20.0  # seconds; a file that takes longer hangs
HARMS = ("cut", "flips", "zeros", "swapped", "long", "head", "tail", "noise", "doubled")


@cache
def good(kind: str) -> bytes:
    """A small picture of a stroke."""
    plane = np.full((60, 60, 3), 240, np.uint8)
    plane[10:50, 25:32] = 20
    if kind == "HEIF":
        import pillow_heif

        pillow_heif.from_pillow(Image.fromarray(plane)).save(file := io.BytesIO(), quality=50)
    else:
        Image.fromarray(plane).save(file := io.BytesIO(), kind)
    return file.getvalue()


def _harmed(content: bytes, harm: str, chosen: random.Random) -> bytes:
    place = chosen.randrange(1, len(content))
    head, rest = content[:place], content[place:]
    changed = bytearray(content)
    for _ in range(20):
        changed[chosen.randrange(len(content))] ^= 1 << chosen.randrange(8)
    return {
        "cut": head,
        "flips": bytes(changed),
        "zeros": head + bytes(len(rest)),
        "swapped": head + rest[::-1],
        "long": content + bytes(30_000_000),
        "head": content[:12],
        "tail": rest,
        "noise": content[:30] + chosen.randbytes(3000),
        "doubled": head + content + rest,
    }[harm]


def _png(width: int, height: int, data: bytes = b"", bits: int = 8, colour: int = 0, more: bytes = b"") -> bytes:
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    parts = chunk(b"IHDR", header) + more + chunk(b"IDAT", data or zlib.compress(b"")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def _tiff(tags: list[tuple[int, int, int, int]], next_at: int = 0) -> bytes:
    entries = b"".join(struct.pack("<HHII", *tag) for tag in sorted(tags))
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags)) + entries + struct.pack("<I", next_at) + bytes(100)


def _tiff_of(width: int, height: int, **changed: int) -> bytes:
    values = {256: width, 257: height, 258: 8, 259: 1, 262: 1, 273: 8, 277: 1, 278: height, 279: 100}
    values |= {int(name[1:]): value for name, value in changed.items()}
    return _tiff([(tag, 4, 1, value & 0xFFFFFFFF) for tag, value in values.items()])


def _animation(kind: str, frames: int, side: int) -> bytes:
    empty = Image.new("P" if kind == "GIF" else "L", (side, side))
    later = [Image.new(empty.mode, empty.size, number % 2) for number in range(1, frames)]
    empty.save(file := io.BytesIO(), kind, save_all=True, append_images=later, duration=10)
    return file.getvalue()


def _frames_of_gif(frames: int, width: int, height: int) -> bytes:
    """Empty pictures, each but a few bytes."""
    frame = b"\x21\xf9\x04\x04\1\0\0\0" + b"\x2c\0\0\0\0\1\0\1\0\0" + b"\x02\x02\x44\x01\0"
    return b"GIF89a" + struct.pack("<HH", width, height) + b"\x80\0\0\0\0\0\xff\xff\xff" + frame * frames + b";"


def _icon(width: int, height: int, as_png: bool) -> bytes:
    inner = _png(width, height, zlib.compress(bytes(10_000_000))) if as_png else b""
    inner = inner or struct.pack("<IiiHHIIiiII", 40, width, height * 2, 1, 32, 0, 0, 0, 0, 0, 0) + bytes(4000)
    return struct.pack("<HHH", 0, 1, 1) + struct.pack("<BBBBHHII", 0, 0, 0, 0, 1, 32, len(inner), 22) + inner


def _scans_of_jpeg(scans: int, side: int) -> bytes:
    """A progressive JPEG whose last scan comes again and again."""
    Image.new("L", (side, side), 90).save(file := io.BytesIO(), "JPEG", progressive=True)
    content = file.getvalue()
    last = content.rfind(b"\xff\xda")
    return content[:last] + content[last:-2] * scans + content[-2:]


def _jpeg_size(width: int, height: int) -> bytes:
    content = bytearray(good("JPEG"))
    at = content.find(b"\xff\xc0") + 5
    content[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(content)


def _j2k_size(width: int, height: int) -> bytes:
    content = bytearray(good("JPEG2000"))
    for mark, offset in ((b"ihdr", 4), (b"\xff\x51", 6)):
        at = content.find(mark) + offset
        sizes = (height, width) if mark == b"ihdr" else (width, height)
        content[at : at + 8] = struct.pack(">II", *sizes)
    return bytes(content)


def _boxes(kind: str, width: int, height: int) -> bytes:
    """HEIF or AVIF whose `ispe` boxes promise another size."""
    content = bytearray(good(kind))
    at = -1
    while (at := content.find(b"ispe", at + 1)) >= 0:
        content[at + 8 : at + 16] = struct.pack(">II", width, height)
    return bytes(content)


def _bytes() -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Files by their content alone."""
    zeros = zlib.compress(bytes(30_000 * 30_001), 9)
    for side in (8000, 30_000, 65_500, 2**31 - 1):
        yield f"png-{side}", partial(_png, side, side, zeros if side == 30_000 else b"")
        yield f"tiff-{side}", partial(_tiff_of, side, side)
        yield f"icon-{side}", partial(_icon, side, side, True)
        yield f"dib-{side}", partial(_icon, side, min(side, 2**29), False)
        yield f"jp2-{side}", partial(_j2k_size, side, side)
        yield f"heif-{side}", partial(_boxes, "HEIF", side, side)
        yield f"avif-{side}", partial(_boxes, "AVIF", side, side)
        yield f"ppm-{side}", partial(bytes, f"P5 {side} {side} 255\n".encode())
        yield f"plain-{side}", partial(bytes, f"P2 {side} {side} 255\n".encode() + b"1 " * 1000)
        yield f"jpeg-{side}", partial(_jpeg_size, min(side, 65_500), min(side, 65_500))
    for frames, side in ((10, 60), (300, 60), (150, 1500)):
        for kind in ("GIF", "PNG", "WEBP", "TIFF") if side == 60 else ("GIF",):
            yield f"{kind}-{frames}-{side}", partial(_animation, kind, frames, side)
    yield "gif-frames", lambda: _frames_of_gif(10_000, 60, 60)
    yield "gif-screen", lambda: _frames_of_gif(3, 65_535, 65_535)
    yield "gif-wide", lambda: _frames_of_gif(200, 8000, 8000)
    yield "jpeg-scans", lambda: _scans_of_jpeg(5000, 4000)
    yield "jpeg-few-scans", lambda: _scans_of_jpeg(200, 500)
    yield "tiff-tile", lambda: _tiff_of(100, 100, t322=65_535, t323=65_535, t324=8, t325=100)
    yield "tiff-lzw-tile", lambda: _tiff_of(100, 100, t259=5, t322=60_000, t323=60_000, t324=8, t325=100)
    yield "tiff-lzw-strip", lambda: _tiff_of(8000, 8000, t259=5)
    yield "tiff-samples", lambda: _tiff_of(100, 100, t277=60_000)
    yield "tiff-bits", lambda: _tiff_of(100, 100, t258=13)
    yield "tiff-negative", lambda: _tiff_of(-5, -5)
    yield "tiff-loop", lambda: _tiff([(256, 4, 1, 10), (257, 4, 1, 10)], 8)
    yield "tiff-many-values", lambda: _tiff([(256, 4, 2**31 - 1, 10), (257, 4, 2**31 - 1, 10)])
    yield "png-text", lambda: _png(9, 9, more=chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(90_000_000))))
    yield "png-profile", lambda: _png(9, 9, more=chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(90_000_000))))
    yield "png-mode", lambda: _png(9, 9, bits=3, colour=9)
    yield "png-nothing", lambda: _png(0, 0)
    yield "png-chunks", lambda: _png(9, 9, more=chunk(b"teXt", b"") * 200_000)
    yield "ppm-comment", lambda: b"P5 #" + b"a" * 20_000_000
    yield "ppm-digits", lambda: b"P5 " + b"9" * 5_000_000 + b" 1 255\n"
    yield "icon-many", lambda: struct.pack("<HHH", 0, 1, 65_535) + bytes(16) * 65_535
    yield "bmp-rle", lambda: b"BM" + struct.pack("<IIIIiiHHIIiiII", 0, 0, 54, 40, 8000, 8000, 1, 8, 1, *[0] * 5) * 2
    others = {
        "empty": b"",
        "zero-bytes": bytes(5000),
        "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
        "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        "svg": b"<?xml version='1.0'?>\n<svg xmlns='http://www.w3.org/2000/svg'/>",
        "html": b"<!DOCTYPE html><title>a</title>",
        "text": b"a letter\n" * 900,
        "utf-16": "a letter".encode("utf-16"),
        "psd": b"8BPS\0\1" + bytes(30),
        "cr2": b"II*\0\x10\0\0\0CR\2\0" + bytes(99),
        "dng": _tiff([(0xC612, 1, 4, 1025), (256, 4, 1, 9), (257, 4, 1, 9)]),
        "nef": _tiff([(0xFE, 4, 1, 1), (256, 4, 1, 9), (257, 4, 1, 9), (0x14A, 4, 1, 99)]),
        "mp4": b"\0\0\0\x18ftypisom\0\0\2\0isommp42" + bytes(50),
        "mov": b"\0\0\0\x14ftypqt  \0\0\2\0qt  " + bytes(50),
        "cr3": b"\0\0\0\x18ftypcrx \0\0\0\1crx isom" + bytes(50),
        "docx": b"PK\3\4" + bytes(26) + b"[Content_Types].xmlword/document.xml",
        "zip": b"PK\3\4" + bytes(26) + b"a.png",
        "polyglot": good("GIF") + b"PK\3\4" + bytes(26) + b"a.png",
        "pdf-in-jpeg": good("JPEG") + b"%PDF-1.7\n",
        "jpeg-in-pdf": b"%PDF-1.7\n" + good("JPEG"),
        "jxl": b"\xff\x0a" + bytes(50),
        "exr": b"v/1\1" + bytes(50),
        "lfs": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
    }
    for name, content in others.items():
        yield name, partial(bytes, content)


def _write(content: Callable[[], bytes], path: Path, _: random.Random) -> None:
    path.write_bytes(content())


def _write_harmed(kind: str, harm: str, path: Path, chosen: random.Random) -> None:
    path.write_bytes(_harmed(good(kind), harm, chosen))


def _without_right(path: Path, _: random.Random) -> None:
    path.write_bytes(good("PNG"))
    path.chmod(0)


def _sparse(path: Path, _: random.Random) -> None:
    path.write_bytes(good("TIFF"))
    os.truncate(path, 10**11)


@cache
def makers() -> dict[str, Maker]:
    """More than 200 files by name: each function makes one, or a folder, pipe or link, where it is told to."""
    for kind in KINDS:
        good(kind)  # here, not in each fork: encoders take their time
    made: dict[str, Maker] = {
        "folder": lambda path, _: path.mkdir(),
        "pipe": lambda path, _: os.mkfifo(path),
        "zeros": lambda path, _: path.symlink_to("/dev/zero"),
        "random": lambda path, _: path.symlink_to("/dev/urandom"),
        "terminal": lambda path, _: path.symlink_to("/dev/tty"),
        "loop": lambda path, _: path.symlink_to(path.name),
        "dangling": lambda path, _: path.symlink_to("nowhere"),
        "no-right": _without_right,
        "sparse": _sparse,
        "memory": lambda path, _: path.symlink_to("/proc/self/mem"),
    }
    for kind in KINDS:
        made |= {f"{kind}-{harm}": partial(_write_harmed, kind, harm) for harm in HARMS}
    return made | {name: partial(_write, content) for name, content in _bytes()}


@contextmanager
def _file(campaign: Campaign, trial: int) -> Iterator[tuple[str, Path]]:
    """The file of a trial: what it is called among the makers, and where it lies, in a folder of its own."""
    chosen, made = campaign.random(trial), makers()
    name = sorted(made)[trial % len(made)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.png"
        fork(lambda: made[name](path, chosen), path.parent)
        yield name, path


def files(campaign: Campaign, trial: int) -> None:
    """One damaged or hostile file, by its number, read in a process of its own; each tenth through `predict`."""
    with _file(campaign, trial) as (name, path):

        def read() -> int:
            from mnist_core.drawing.picture_files.read import read_picture
            from mnist_core.errors import RequestError

            try:
                read_picture(path)
            except RequestError as error:
                print(error, file=sys.stderr)
                return 2
            return 0

        judge(campaign, trial, name, fork(read, path.parent, LONGEST))
        if trial % 10 == 0:
            outcome = command("predict", "--run", "shipped", str(path), home=path.parent, seconds=3 * LONGEST)
            judge(campaign, trial, f"predict {name}", outcome)


def files_page(campaign: Campaign, trial: int) -> None:
    """One damaged or hostile file through the Draw page."""
    with _file(campaign, trial) as (name, path):
        # A browser sends no such thing.
        if path.is_symlink() or not path.is_file() or path.stat().st_size > 100_000_000:
            return
        content = path.read_bytes()

        def act(app: Any) -> None:
            app.file_uploader(key="digit_file").upload("a.png", content, "image/png").run()

        outcome = pages.show(pages.PAGES[3], path.parent, {"run": "shipped", "paper": "One digit"}, act)
    judge_page(campaign, trial, name, outcome)


if __name__ == "__main__":
    raise SystemExit(main({"files": files, "files_page": files_page}))
