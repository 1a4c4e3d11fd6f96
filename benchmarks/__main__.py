"""Measure: `python -m benchmarks [NAME ...] [--json FILE]`; without a name everything, which takes an hour, half of it
`best`. Each row is printed and saved as soon as it is measured, so that Ctrl-C or a failure keeps those before it.

Nothing else should run meanwhile: two threads share two cores.
"""

import argparse
import importlib
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.harness.results import Results, Row, show, show_head
from mnist_core.errors import RequestError

Measure = Callable[[], Iterator[Row]]
MODULES = [
    "training.epoch",
    "training.fast",
    "pages.startup",
    "pages.many_runs",
    "pages.compare",
    "pages.page_changes",
    "pages.mistakes",
    "pages.draw",
    "pages.living",
    "pages.load",
    "pages.look_inside",
    "pages.contexts",
    "drawing.human_strokes",
    "drawing.rejection",
    "drawing.html_page",
    "pictures.reading",
    "training.best",
]
NAMES = {module.rpartition(".")[2]: module for module in MODULES}  # a benchmark is called as its module


def measure_all(names: list[str], results: Results, find: Callable[[str], Measure]) -> int:
    """Run the benchmarks of these names, one after the other; returns the exit status.

    One that fails ends neither the others nor what it has measured. It is noted in the file, and the status is 1.
    """
    show_head()
    for name in names:
        print(f"{name} ...", flush=True)
        try:
            for row in find(name)():
                results.add(name, row)
                show(row)
        except RequestError as error:  # it wants a file that a person must fetch
            print(error, flush=True)
        except KeyboardInterrupt:
            print(f"Interrupted; the rows so far are in {results.path}.", flush=True)
            return 130
        except Exception as error:
            traceback.print_exc()
            results.fail(name, error)
    return 1 if results.failed else 0


def find_benchmark(name: str) -> Measure:
    """The function `measure` of a benchmark's module."""
    measure: Measure = importlib.import_module(f"benchmarks.{NAMES[name]}").measure
    return measure


def main() -> int:
    parser = argparse.ArgumentParser("python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}; all where none is named")
    parser.add_argument("--json", type=Path, default=Path("benchmarks.json"), help="where the file goes")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(NAMES):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    return measure_all(arguments.names or list(NAMES), Results(arguments.json), find_benchmark)


if __name__ == "__main__":
    raise SystemExit(main())
