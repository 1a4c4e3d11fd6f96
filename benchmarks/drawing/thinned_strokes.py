"""How well a network reads MNIST's digits as pen strokes: `python -m benchmarks.drawing.thinned_strokes [RUN]`.

Stands in for strokes of people where none can be had: digits that no network here was trained on are thinned to strokes
(`thinning.py`), turned, and painted and prepared by the very functions that the Draw page uses. They are the strokes of
MNIST's writers, who were all of one country, and what thinning loses (holes that the ink filled) no network can know.

What each setting leaves unread, `--keep FOLDER` writes there as pictures. Choose by the validation digits; `--split
test` is for the end.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.drawing import thinning
from benchmarks.drawing.human_strokes import PENS, PLACES, SIDE, Setting, paint, placed
from benchmarks.harness.results import Row, show, show_head
from mnist_core.data.mnist import load_arrays
from mnist_core.drawing.ink.find import find_ink
from mnist_core.drawing.prepare import prepare, prepare_ink
from mnist_core.drawing.strokes import Stroke, evened
from mnist_core.evaluation.statistics import wilson
from mnist_core.models.inference import load_network, probabilities
from mnist_core.runs import store
from mnist_core.runs.run import Run

HELD_OUT = 2000  # the last of the 60,000: the shipped run was not trained on them
TILTS = (-15, 0, 15)  # degrees, clockwise as seen
ALONE = 400  # digits from whose pictures alone, without the strokes, each pen and place is tried


def digits(split: str, count: int) -> tuple[list[list[Stroke]], np.ndarray]:
    """The strokes of the last `count` digits of the `split`, validation or test, and their labels, (n,)."""
    arrays = load_arrays("train" if split == "validation" else "test")
    return thinning.digit_strokes(arrays.images[-count:]), arrays.labels[-count:]


def prepared(drawn: list[Stroke], tilt: int) -> np.ndarray:
    """What the network sees of strokes on the Draw page, uint8 (28, 28).

    That is what `prepare` makes of the evened strokes, whichever the pen and the place.
    """
    even = evened(placed(drawn, Setting(PENS[1], "large, centred", tilt)), 8 / SIDE)
    assert even is not None, "no digit is a blot"
    found = prepare_ink(find_ink(even, is_drawn=True))
    assert found is not None
    return found.image


def _alone(drawn: list[Stroke], setting: Setting) -> np.ndarray:
    found = prepare(paint(drawn, setting))
    assert found is not None
    return found.image


def measure(run: Run, split: str = "validation", count: int = HELD_OUT, keep: Path | None = None) -> Iterator[Row]:
    """Accuracy at each tilt, over all of them, and from the pictures alone."""
    network, (known, labels) = load_network(run), digits(split, count)
    shares: list[float] = []
    for tilt in TILTS:
        images = np.stack([prepared(drawn, tilt) for drawn in known])
        answers = probabilities(network, images).argmax(1)
        correct = answers == labels
        shares.append(100 * float(correct.mean()))
        low, high = wilson(int(correct.sum()), len(correct))
        note = f"95 % interval {100 * low:.1f} to {100 * high:.1f}"
        yield Row(f"thinned {split} digits, tilt {tilt:+d}, n = {len(correct)}", "%", [shares[-1]], note=note)
        for index in np.flatnonzero(~correct):
            if keep is None:
                break
            name = f"{labels[index]}-as-{answers[index]}-{index}-{tilt:+d}.png"
            Image.fromarray(images[index]).resize((140, 140)).save(keep / name)
    yield Row(f"{run.id}: accuracy over the tilts", "%", shares, note=f"mean {np.mean(shares):.2f} %")
    alone = []
    for pen in PENS:
        for place in PLACES:
            images = np.stack([_alone(drawn, Setting(pen, place, 0)) for drawn in known[:ALONE]])
            alone.append(100 * float((probabilities(network, images).argmax(1) == labels[:ALONE]).mean()))
    note = f"mean {np.mean(alone):.2f} %, worst {min(alone):.2f} %; pens {PENS} at both places, {ALONE} digits each"
    yield Row(f"{run.id}: from the pictures alone", "%", alone, note=note)


def main() -> None:
    """Print the rows for one run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", nargs="?", default="shipped")
    parser.add_argument("--split", choices=("validation", "test"), default="validation")
    parser.add_argument("--count", type=int, default=HELD_OUT)
    parser.add_argument("--keep", type=Path)
    arguments = parser.parse_args()
    if arguments.keep:
        arguments.keep.mkdir(parents=True, exist_ok=True)
    show_head()
    for row in measure(store.find(arguments.run), arguments.split, arguments.count, arguments.keep):
        show(row)


if __name__ == "__main__":
    main()
