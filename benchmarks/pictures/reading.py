"""How generated pictures are read, kind by kind: `python -m benchmarks reading`, or
`python -m benchmarks.pictures.reading [KIND ...] --split validation --count 100`.

Read as `predict` reads them, by the shipped run: rightly, doubted (a warning, or no digit), or wrong without a doubt.
Where no digit is wanted, a doubt is right.
"""

import argparse
import importlib
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from benchmarks.harness.results import Row, show, show_head
from benchmarks.pictures.case import Case, Digits
from mnist_core.drawing.picture_files.read import read_picture
from mnist_core.errors import RequestError
from mnist_core.evaluation import prediction
from mnist_core.evaluation.statistics import wilson
from mnist_core.models.inference import load_network
from mnist_core.runs import store
from mnist_core.runs.run import answering_epoch

_FOLDER = Path(__file__).parent / "kinds"
KINDS = sorted(".".join(path.relative_to(_FOLDER).with_suffix("").parts) for path in _FOLDER.rglob("[a-z]*.py"))
COUNT = 200


class Count(NamedTuple):
    """Pictures of one kind."""

    right: int  # answered rightly, without a warning or with the one wanted; or doubted where no digit is
    right_but_doubted: int
    doubted: int  # the answer would be wrong, and a warning says so
    wrong: list[tuple[Case, str]]  # another answer, or what was to be told of is not, without a word

    @property
    def n(self) -> int:
        return self.right + self.right_but_doubted + self.doubted + len(self.wrong)


class Reader:
    """What `predict` says of a picture."""

    def __init__(self, run: str = "shipped") -> None:
        self.run = store.find(run)
        self.epoch = answering_epoch(self.run)
        self.network = load_network(self.run, self.epoch)

    def answer(self, images: np.ndarray) -> np.ndarray:
        return prediction.predict(self.run, self.epoch, images, self.network)

    def read(self, case: Case) -> tuple[str, str | None]:
        """What is read, with the marks of a number, and the warning."""
        picture = _from_a_file(case.picture)
        if case.is_number:
            return self._number(picture)
        from mnist_core.drawing.prepare import prepare
        from mnist_core.drawing.rejection import warning

        prepared = prepare(picture)
        if prepared is None:
            return "", warning(None)
        ten = self.answer(prepared.image[None])[0]
        return str(ten.argmax()), warning(prepared, ten)

    def _number(self, picture: np.ndarray) -> tuple[str, str | None]:
        from mnist_core.drawing.number.reading import read_number

        number = read_number(picture, self.answer)
        return number.text, number.warning


def _from_a_file(picture: np.ndarray) -> np.ndarray:
    """As a file of it is read: in whole grey levels, and large ones reduced."""
    Image.fromarray(picture).save(file := io.BytesIO(), "PNG", compress_level=1)
    return read_picture(file.getvalue())


def count(kind: str, split: str, n: int, reader: Reader, seed: int = 0) -> Count:
    """`n` pictures of one kind, read."""
    case = importlib.import_module(f"benchmarks.pictures.kinds.{kind}").case
    digits, rng = Digits(split), np.random.default_rng(seed)
    right = right_but_doubted = doubted = 0
    wrong = []
    for _ in range(n):
        made: Case = case(rng, digits)
        read, warning = reader.read(made)
        is_right, is_doubted = read == made.wanted, warning is not None
        wants_doubt = is_doubted and (made.wanted == "" or made.may_doubt)
        if wants_doubt or (is_right and is_doubted == made.is_told_of):
            right += 1
        elif is_doubted and is_right:
            right_but_doubted += 1
        elif is_doubted:
            doubted += 1
        else:
            wrong.append((made, read))
    return Count(right, right_but_doubted, doubted, wrong)


def rows(kinds: list[str], split: str, n: int, keep: Path | None = None) -> Iterator[Row]:
    """For each kind: the share that is wrong without a doubt, and the rest in the note."""
    reader = Reader()
    for kind in kinds:
        try:
            found = count(kind, split, n, reader)
        except RequestError as error:  # this machine has no fonts
            print(f"{kind}: {error}", file=sys.stderr)
            continue
        low, high = wilson(len(found.wrong), found.n)
        note = (
            f"right {found.right}, right but doubted {found.right_but_doubted}, doubted {found.doubted}; "
            f"95 % interval {100 * low:.1f} to {100 * high:.1f}"
        )
        yield Row(f"{kind}, n = {found.n}: wrong without a doubt", "%", [100 * len(found.wrong) / found.n], "1 %", note)
        for place, (case, read) in enumerate(found.wrong if keep else []):
            assert keep is not None
            keep.mkdir(parents=True, exist_ok=True)
            name = f"{kind}-{place}-{case.wanted or 'none'}-read-{read or 'none'}.png".replace("/", "over")
            Image.fromarray(case.picture).save(keep / name)


def measure() -> Iterator[Row]:
    """Each kind, with digits of the test split."""
    yield from rows(KINDS, "test", COUNT)


def main() -> None:
    """Print the rows for some kinds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"of {', '.join(KINDS)}; all where none is named")
    parser.add_argument("--split", choices=["validation", "test"], default="validation", help="whose digits")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--keep", type=Path, help="a folder for the pictures that were read wrongly without a doubt")
    given = parser.parse_args()
    show_head()
    for row in rows(given.kinds or KINDS, given.split, given.count, given.keep):
        show(row)


if __name__ == "__main__":
    main()
