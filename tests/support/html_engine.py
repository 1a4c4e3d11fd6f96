"""The engine of the exported page in a browser's tab, called with many inputs at once."""

import base64
from typing import Any

import numpy as np
from playwright.sync_api import Page

from mnist_core.export.html import page as exported
from mnist_core.export.html.packing import Packed
from mnist_core.export.html.program import Program

_LOAD = """() => {
%s
window.engine = {makeNetwork, prepare, prepareDrawing, readPicture, reduce, smoothed, toLevels, unpackWeights, warning};
window.bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
window.text = (values) => btoa(Array.from(values, (value) => String.fromCharCode(value)).join(""));
window.picture = ({data, ...rest}) => ({...rest, data: bytes(data)});
}"""


def load_engine(tab: Page) -> None:
    """Put the engine's functions into the tab, under `engine`."""
    tab.evaluate(_LOAD % exported.engine_source())


def to_bytes(array: np.ndarray | bytes) -> str:
    return base64.b64encode(array if isinstance(array, bytes) else np.ascontiguousarray(array).tobytes()).decode()


def from_bytes(text: str, kind: type = np.uint8) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), kind)


def to_picture(picture: np.ndarray) -> dict[str, Any]:
    channels = 1 if picture.ndim == 2 else picture.shape[2]
    return {"width": picture.shape[1], "height": picture.shape[0], "channels": channels, "data": to_bytes(picture)}


def to_network(program: Program, packed: Packed) -> dict[str, Any]:
    sizes = {"bits": packed.bits, "rounded": packed.rounded, "exact": packed.exact}
    return {"program": program.described, "packed": sizes, "weights": to_bytes(packed.content)}


def prepared_pictures(tab: Page, pictures: list[np.ndarray]) -> list[np.ndarray | None]:
    """What the engine prepares of each picture: uint8 (28, 28), or None."""
    found = tab.evaluate(
        """([pictures, constants]) => pictures.map((one) => {
            const prepared = engine.prepare(picture(one), null, constants);
            return prepared && text(prepared.image);
        })""",
        [[to_picture(picture) for picture in pictures], exported.constants()],
    )
    return [None if one is None else from_bytes(one).reshape(28, 28) for one in found]


def prepared_drawings(
    tab: Page, drawings: list[list[dict[str, Any]]], side: int
) -> list[tuple[np.ndarray, tuple[int, ...]] | None]:
    """What the engine prepares of each drawing, strokes with `places` in pixels of the canvas and `width`.

    The image, uint8 (28, 28), and the box of the ink.
    """
    found = tab.evaluate(
        """([drawings, side, constants]) => drawings.map((drawing) => {
            const prepared = engine.prepareDrawing(drawing, side, constants);
            return prepared && [text(prepared.image), prepared.box];
        })""",
        [drawings, side, exported.constants()],
    )
    return [None if one is None else (from_bytes(one[0]).reshape(28, 28), tuple(one[1])) for one in found]


def log_probabilities(tab: Page, program: Program, packed: Packed, images: np.ndarray) -> np.ndarray:
    """What the engine's network says to images, uint8 (n, 28, 28): float64 (n, 10)."""
    found = tab.evaluate(
        """([{program, packed, weights}, images]) => {
            const network = engine.makeNetwork(program, engine.unpackWeights(bytes(weights), packed));
            const all = bytes(images);
            const one = (i) => network.logProbabilities(all.subarray(784 * i, 784 * i + 784));
            return Array.from({length: all.length / 784}, (_, i) => Array.from(one(i)));
        }""",
        [to_network(program, packed), to_bytes(images)],
    )
    return np.array(found)
