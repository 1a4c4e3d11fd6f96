"""The parts of the page put into one file, without any address in it."""

import base64
import hashlib
import html
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

from mnist_core.drawing import prepare, rejection, strokes
from mnist_core.drawing.ink import boxes, combs, erase, find, grey, light, lines, residue, ruling, straight
from mnist_core.drawing.number import pieces, segmentation
from mnist_core.drawing.picture_files import limits, pixels
from mnist_core.export.html.packing import Packed
from mnist_core.export.html.program import Program
from mnist_core.system.files import REPOSITORY
from mnist_core.system.program import VERSION

ENGINE = REPOSITORY / "static" / "engine"
# In the order in which they build on each other. Beside them lie reader.js and its thread: the page fetches nothing.
MODULES = (
    "numbers",
    "planes",
    "light",
    "straight",
    "boxes",
    "lines",
    "ink",
    "prepare",
    "pen",
    "drawing",
    "layers",
    "network",
    "picture",
    "warning",
    "answer",
    "paper",
    "shown",
)
_OWN = Path(__file__).parent
_CONSTANTS = {
    prepare: ("SIDE", "BOX"),
    find: ("MIN_CONTRAST", "FAINT_INK"),
    grey: ("NOTE_CONTRAST", "LEAST_INK", "INKED_RIM"),
    light: (
        *("FIT_SIDE", "COARSE_SIDE", "FINE_SIDE", "SIDES", "WINDOW", "STROKES", "UNEVEN", "UNEVEN_SHARE"),
        *("THICK_SHARE", "EXACT_SHARE", "NEAR", "NEAR_SHARE", "EXACT_BORDER", "DRAWN_SHARE", "OVER_EDGE"),
        *("MIN_SHARE", "NOISE", "SAFE"),
        *("SHADE", "LINE", "LINE_LEAST", "ONE_INK", "INK_SHARE", "PARTS", "BETWEEN"),
        *("LEAST", "CLEAR", "STRONG", "STROKE"),
    ),
    residue: ("CLEAR_INK",),
    strokes: ("PAPER", "BRUSH", "EVEN_PEN", "EVEN_SIDE", "EVEN_SIZE", "BLOT"),
    rejection: ("DOUBTFUL", "DOT", "EDGE_INK"),
    pieces: ("SPECK", "MOST_PIECES", "MOST_DIGITS"),
    segmentation: ("OVERLAP",),
    limits: ("MAX_PIXELS",),
    pixels: ("READ_SIDE", "STRIP", "FAINT", "CLEARER"),
}
_OF_LINES = (straight, boxes, combs, ruling, erase, residue, lines)  # all their constants, module by module


def constants() -> dict[str, Any]:
    """The numbers of the preparation and of the warnings that the engine's functions are called with."""
    found: dict[str, Any] = {name: getattr(module, name) for module, names in _CONSTANTS.items() for name in names}
    found["LINES"] = {module.__name__.rpartition(".")[2]: _own_constants(module) for module in _OF_LINES}
    return found


def _own_constants(module: ModuleType) -> dict[str, Any]:
    return {name: value for name, value in vars(module).items() if name.isupper()}


def engine_source() -> str:
    """The engine's modules as one script: everything they export is a name of its own in it."""
    return "\n".join(_without_modules((ENGINE / f"{name}.js").read_text("utf-8")) for name in MODULES)


def _without_modules(source: str) -> str:
    """A module's source without imports, exports and comments: all stands in one script."""
    source = re.sub(r"^import .*\n", "", source, flags=re.MULTILINE)
    source = re.sub(r"^export ", "", source, flags=re.MULTILINE)
    source = re.sub(r"^\s*/\*\*.*?\*/\n", "", source, flags=re.MULTILINE | re.DOTALL)
    source = re.sub(r"^\s*//.*\n", "", source, flags=re.MULTILINE)
    source = re.sub(r"(?<=[;,{)]) // [^\n\"'`]*$", "", source, flags=re.MULTILINE)  # no comment inside a text
    source = re.sub(r"^ +", lambda indented: " " * (len(indented[0]) // 2), source, flags=re.MULTILINE)
    return re.sub(r"\n{2,}", "\n", source).strip()


def build(network: tuple[Program, Packed], detector: tuple[Program, Packed], about: list[str]) -> bytes:
    """The file: `network` answers, `detector` tells what is no digit, `about` are the sentences of the footer."""
    style = (_OWN / "page.css").read_text("utf-8")
    script = f"{engine_source()}\n{_without_modules((_OWN / 'page.js').read_text('utf-8'))}"
    data = {"constants": constants(), "network": _described(*network), "detector": _described(*detector)}
    policy = (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; base-uri 'none'; form-action 'none'"
    )
    filled = {
        "policy": policy,
        "generator": f"MNIST lab {VERSION}",
        "style": style,
        "script": script,
        "about": "\n".join(f"<p>{html.escape(sentence)}</p>" for sentence in about),
        "data": json.dumps(data, separators=(",", ":")).replace("<", "\\u003c"),
        "weights": base64.b64encode(network[1].content).decode(),
        "detector": base64.b64encode(detector[1].content).decode(),
    }
    template = (_OWN / "page.html").read_text("utf-8")
    return re.sub(r"\{(\w+)\}", lambda place: filled[place[1]], template).encode()


def _described(program: Program, packed: Packed) -> dict[str, Any]:
    sizes = {"bits": packed.bits, "rounded": packed.rounded, "exact": packed.exact}
    return {"program": program.described, "packed": sizes}


def _hash(source: str) -> str:
    """What a content security policy names this very script or style by."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"
