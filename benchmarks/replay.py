"""How well a network reads pen strokes of people: `python -m benchmarks.replay [RUN]`.

The strokes are real: `pendigits.tes`, the test part of "Pen-Based Recognition of Handwritten Digits" (E. Alpaydin,
F. Alimoglu, 1998, UCI Machine Learning Repository): digits that 14 people wrote on a tablet. The file is not part of
this project: download it, and put it beside this one. No network here has been trained on any of that data set, and the
styles in `mnist_core/skeletons.py` were written by hand. What the data set has lost is put back by the rules below:

- A row is eight points, evenly spaced along the pen's way; a smooth curve is drawn through them.
- Each digit was stretched to a square; it gets back its digit's usual width (`WIDTH`), a plain stroke less.
- The pen's lifts are gone: a row goes on from the end of one stroke to the start of the next. `lifted` cuts it there.

They are painted as the canvas of the Draw page paints them, at every pen, place and tilt, and go through the very
`drawing.prepare` that the page and `predict` use.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.table import Row, show
from mnist_core import drawing, runs, strokes
from mnist_core.errors import RequestError
from mnist_core.evaluation import wilson
from mnist_core.prediction import load_network, probabilities
from mnist_core.runs import Run
from mnist_core.strokes import Stroke

FILE = Path(__file__).with_name("pendigits.tes")
ROWS = 500  # the first of the file's 3,498: a minute a setting is enough
SIDE = 308  # pixels, of the canvas
PENS = (8, 14, 20, 26)
PLACES = {"large, centred": (200, (0.5, 0.5)), "half as large, off centre": (100, (0.32, 0.66))}  # pixels; in the box
TILTS = (0, -15, 15)
WIDTH = {0: 0.75, 1: 0.5, 2: 0.75, 3: 0.65, 4: 0.75, 5: 0.7, 6: 0.6, 7: 0.7, 8: 0.65, 9: 0.6}  # by height
PLAIN_WIDTH = 0.2  # of a one that is a single slanted line


class Setting(NamedTuple):
    """How a digit is painted."""

    pen: int
    place: str
    tilt: int


def recordings() -> list[tuple[int, list[Stroke]]]:
    """Label and strokes of each row, in the unit box's units, y down. Raises RequestError where the file is missing."""
    if not FILE.exists():
        raise RequestError(
            f"{FILE.name} is missing: download Pendigits from the UCI repository, and put it in benchmarks/."
        )
    rows = np.loadtxt(FILE, delimiter=",", dtype=int, max_rows=ROWS)
    found = []
    for row in rows:
        label, points = int(row[-1]), row[:-1].reshape(8, 2) / 100 * [1, -1] + [0, 1]
        plain = label == 1 and np.abs(points[:, 0] + points[:, 1] - 1).max() < 0.15
        points[:, 0] *= PLAIN_WIDTH if plain else WIDTH[label]
        found.append((label, [curve(part) for part in lifted(label, points)]))
    return found


def lifted(label: int, points: np.ndarray) -> list[np.ndarray]:
    """The eight points cut where the pen was lifted: before the bar of a 5 or a 7, before the stem of a 4."""
    y = points[:, 1]
    lowest = int(y.argmax())
    if label == 7 and 3 < lowest < 7:  # the bar, drawn last, is above the foot
        return [points[: lowest + 1], points[lowest + 1 :]] if lowest < 6 else [points[:7]]
    if label == 5 and y[-1] < 0.15:  # the bar, drawn last, is at the top
        return [points[: lowest + 1], points[6:]]
    if label == 4 and y[5] < y[4] and points[5, 0] < points[4, 0] - 0.15:  # back from the bar's end to the stem's top
        return [points[:4], points[5:]]
    return [points]


def curve(points: np.ndarray) -> Stroke:
    """A smooth way through the points, without swinging out at corners (modified Akima)."""
    if len(points) < 3:
        return points
    from scipy.interpolate import Akima1DInterpolator

    along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    return Akima1DInterpolator(along, points, method="makima")(np.linspace(0, along[-1], 60))


def paint(drawn: list[Stroke], setting: Setting) -> np.ndarray:
    """The picture that the canvas would hold, uint8 (308, 308)."""
    size, centre = PLACES[setting.place]
    placed = strokes.fitted(strokes.turned(drawn, setting.tilt), size / SIDE, centre)
    return strokes.render(placed, setting.pen, SIDE)


def settings() -> Iterator[Setting]:
    for pen in PENS:
        for place in PLACES:
            for tilt in TILTS:
                yield Setting(pen, place, tilt)


def measure(run: Run | None = None) -> list[Row]:
    """The share read rightly in each setting, after the page's preparation and after plain shrinking."""
    run = run or runs.find("shipped")
    network, known = load_network(run), recordings()
    labels = np.array([label for label, _ in known])
    rows, shares = [], []
    for setting in settings():
        pictures = [paint(drawn, setting) for _, drawn in known]
        prepared = [drawing.prepare(picture) for picture in pictures]
        mirrored = drawing.prepare(255 - pictures[0])
        assert prepared[0] and mirrored and (prepared[0].image == mirrored.image).all(), "both polarities are one"
        right = probabilities(network, np.stack([p.image for p in prepared if p])).argmax(1) == labels
        shrunk = np.stack([drawing.plain_shrink(picture) for picture in pictures])
        plain = (probabilities(network, shrunk).argmax(1) == labels).mean()
        low, high = wilson(int(right.sum()), len(right))
        shares.append(100 * float(right.mean()))
        wrong = [f"{labels[i]} (row {i + 1})" for i in np.flatnonzero(~right)]
        note = f"95 % interval {100 * low:.1f} to {100 * high:.1f}; plain shrinking {100 * plain:.1f}"
        what = f"pen {setting.pen}, {setting.place}, tilt {setting.tilt:+d}"
        rows.append(Row(f"{what}, n = {len(right)}", "%", [shares[-1]], note=f"{note}; misread: {', '.join(wrong)}"))
    title = f"{run.id}: drawings read rightly, over {len(shares)} settings of {len(labels)}"
    return [Row(title, "%", shares, "98 % on average, 97 % in the worst"), *rows]


def main() -> None:
    """Print the table, and the mean."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", nargs="?", default="shipped")
    rows = measure(runs.find(parser.parse_args().run))
    show(rows)
    for row in rows[1:]:
        print(f"{row.what}: {row.note}")
    print(f"mean {rows[0].summary()['mean']:.2f} %, worst {rows[0].summary()['min']:.2f} %")


if __name__ == "__main__":
    main()
