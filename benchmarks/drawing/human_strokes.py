"""How well a network reads pen strokes of people: `python -m benchmarks human_strokes`, which takes the shipped run, or
`python -m benchmarks.drawing.human_strokes RUN`.

The strokes are real: the digits of `ujipenchars2.txt`, "UJI Pen Characters (Version 2)" (F. Prat, M. J. Castro,
D. Llorens, A. Marzal, J. M. Vilar, 2008, UCI Machine Learning Repository), which 60 people wrote on a tablet PC in
Spain. The file is not part of this project: download it, and put it beside this one; a part of it will do. No network
here has been trained on any of it.

They are painted as the canvas of the Draw page paints them, at every pen, place and tilt, and prepared by the very
functions that the page uses: `strokes.evened` and `prepare`. Measured beside it: preparing from the picture alone,
without the strokes, as `predict` and an uploaded picture do, and plainly shrinking the picture.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.harness.results import Row, show, show_head
from mnist_core.drawing.prepare import prepare
from mnist_core.drawing.steps import plain_shrink
from mnist_core.drawing.strokes import Stroke, evened, fitted, render, turned
from mnist_core.errors import RequestError
from mnist_core.evaluation.statistics import wilson
from mnist_core.models.inference import load_network, probabilities
from mnist_core.runs import store
from mnist_core.runs.run import Run

FILE = Path(__file__).with_name("ujipenchars2.txt")
SIDE = 308  # pixels, of the canvas
PENS = (8, 14, 20, 26)
PLACES = {"large, centred": (200, (0.5, 0.5)), "half as large, off centre": (100, (0.32, 0.66))}  # pixels; in the box
TILTS = (0, -15, 15)


class Setting(NamedTuple):
    """How a digit is painted."""

    pen: int
    place: str
    tilt: int


class Recording(NamedTuple):
    """One digit that somebody wrote."""

    label: int
    strokes: list[Stroke]  # in hundredths of a millimetre, y down


def recordings(file: Path = FILE) -> list[Recording]:
    """The digits in the file, the first of each person's two. Raises RequestError where the file is missing.

    A character is a line `WORD 7 trn_UJI_W01-01`, one with the number of its strokes, and one for each of those:
    `POINTS 3 # x y x y x y`.
    """
    if not file.exists():
        raise RequestError(
            f"{file.name} is missing: download UJI Pen Characters, version 2, from the UCI repository, and put it in "
            "benchmarks/drawing/."
        )
    found: list[Recording] = []
    wanted = False
    for line in file.read_text("utf-8", errors="replace").splitlines():
        match line.split():
            case ["WORD", character, session]:
                if wanted := character in set("0123456789") and session.endswith("-01"):
                    found.append(Recording(int(character), []))
            case ["POINTS", _, "#", *numbers] if wanted:
                found[-1].strokes.append(np.array(numbers, float).reshape(-1, 2))
    return found


def placed(drawn: list[Stroke], setting: Setting) -> list[Stroke]:
    """The strokes as they lie on the canvas, in its unit box."""
    size, centre = PLACES[setting.place]
    return fitted(turned(drawn, setting.tilt), size / SIDE, centre)


def paint(drawn: list[Stroke], setting: Setting) -> np.ndarray:
    """The picture that the canvas would hold, uint8 (308, 308)."""
    return render(placed(drawn, setting), setting.pen, SIDE)


def settings() -> Iterator[Setting]:
    for pen in PENS:
        for place in PLACES:
            for tilt in TILTS:
                yield Setting(pen, place, tilt)


def measure(run: Run | None = None) -> Iterator[Row]:
    """Accuracy in each setting, as the page prepares the drawing, from the picture alone, and plainly shrunk; then over
    all settings.
    """
    run = run or store.find("shipped")
    network, known = load_network(run), recordings()
    labels = np.array([label for label, _ in known])
    shares: list[float] = []
    pictures_alone: list[float] = []
    for setting in settings():
        pictures = [paint(drawn, setting) for _, drawn in known]
        even_pens = [evened(placed(drawn, setting), setting.pen / SIDE) for _, drawn in known]
        as_drawn = [prepare(picture, even) for picture, even in zip(pictures, even_pens, strict=True)]
        alone = [prepare(picture) for picture in pictures]
        mirrored = prepare(255 - pictures[0])
        assert alone[0] and mirrored and (alone[0].image == mirrored.image).all(), (
            "light on dark and dark on light agree"
        )
        shrunk = np.stack([plain_shrink(picture) for picture in pictures])
        correct = probabilities(network, np.stack([p.image for p in as_drawn if p])).argmax(1) == labels
        correct_alone = probabilities(network, np.stack([p.image for p in alone if p])).argmax(1) == labels
        plain = (probabilities(network, shrunk).argmax(1) == labels).mean()
        low, high = wilson(int(correct.sum()), len(correct))
        shares.append(100 * float(correct.mean()))
        pictures_alone.append(100 * float(correct_alone.mean()))
        what = f"pen {setting.pen}, {setting.place}, tilt {setting.tilt:+d}"
        note = f"95 % interval {100 * low:.1f} to {100 * high:.1f}; picture alone {pictures_alone[-1]:.1f}, "
        yield Row(f"{what}, n = {len(correct)}", "%", [shares[-1]], note=f"{note}plain shrinking {100 * plain:.1f}")
    over = f"{run.id}, settings of {len(labels)} digits"
    goal = "98 % on average, 97 % in the worst"
    yield Row(f"{over}: accuracy", "%", shares, goal, f"mean {np.mean(shares):.2f} %, worst {min(shares):.2f} %")
    means = f"mean {np.mean(pictures_alone):.2f} %, worst {min(pictures_alone):.2f} %"
    yield Row(f"{over}: from the pictures alone", "%", pictures_alone, note=means)


def main() -> None:
    """Print the rows for one run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", nargs="?", default="shipped")
    run = store.find(parser.parse_args().run)
    show_head()
    for row in measure(run):
        show(row)


if __name__ == "__main__":
    main()
