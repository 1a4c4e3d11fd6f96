"""Every benchmark, one table, one JSON file: `python -m benchmarks [NAME ...] [--json FILE]`.

An hour in all, half of it for `best`. Nothing else should run meanwhile: two threads share two cores.
"""

import argparse
import importlib
from pathlib import Path

from benchmarks.harness.results import Row, environment, save, show
from mnist_core.errors import RequestError

MODULES = {
    "epoch": "training.epoch",
    "fast": "training.fast",
    "startup": "pages.startup",
    "lists": "pages.many_runs",
    "cockpit": "pages.page_changes",
    "mistakes": "pages.mistakes",
    "draw": "pages.draw",
    "replay": "drawing.human_strokes",
    "doubt": "drawing.rejection",
    "best": "training.best",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(MODULES)}; all where none is named")
    parser.add_argument("--json", type=Path, default=Path("benchmarks.json"), help="where the file goes")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(MODULES):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(MODULES)}")
    before = environment()
    rows: list[Row] = []
    for name in arguments.names or MODULES:
        print(f"{name} ...", flush=True)
        try:
            rows += importlib.import_module(f"benchmarks.{MODULES[name]}").measure()
        except RequestError as error:  # it wants a file that a person must fetch
            print(error)
            continue
        save(rows, arguments.json, before)  # after each: what was measured is kept when a later one fails
    show(rows)


if __name__ == "__main__":
    main()
