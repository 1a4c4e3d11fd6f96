"""Look at a trained network from further sides: how robust it is."""

import json
from typing import Annotated

import typer

from mnist_core import features as core_features
from mnist_core import robustness as core
from mnist_core import runs
from mnist_core.cli.options import JsonOption, RunArgument, plural
from mnist_core.cli.progress import share_bar
from mnist_core.corruptions import CORRUPTIONS
from mnist_core.evaluation import last_epoch

EpochOption = Annotated[int | None, typer.Option(metavar="N", help="After so many epochs; the last saved one.")]
app = typer.Typer()


@app.command()
def robustness(run: RunArgument = "best", epoch: EpochOption = None, as_json: JsonOption = False) -> None:
    """How the accuracy falls when the test digits are turned, moved, blurred and so on."""
    chosen = runs.find(run)
    after = last_epoch(chosen) if epoch is None else epoch
    with share_bar("Corrupting the test digits") as report:
        curves = core.curves(chosen, after, report)
    if as_json:
        kinds = {
            kind: [
                {"strength": p.strength, "test_accuracy": p.accuracy, "interval": list(p.interval), "n": p.n}
                for p in points
            ]
            for kind, points in curves.items()
        }
        print(json.dumps({"run": chosen.id, "epoch": after, "corruptions": kinds}, indent=1))
        return
    n = curves["rotation"][0].n
    print(f"{chosen.id} after {plural(after, 'epoch')}: test accuracy at each strength ({n:,} test digits)")
    for kind, points in curves.items():
        corruption = CORRUPTIONS[kind]
        print(f"\n{corruption.title} ({corruption.axis})")
        for point in points:
            low, high = (100 * end for end in point.interval)
            accuracy = f"{100 * point.accuracy:6.2f} %"
            print(f"  {point.strength:>5g}  {accuracy}  (95 % interval {low:.1f} to {high:.1f})")


@app.command()
def features(run: RunArgument = "best", epoch: EpochOption = None) -> None:
    """What the network makes of the training digits: computed once, for the Mistakes page's nearest ones."""
    chosen = runs.find(run)
    after = last_epoch(chosen) if epoch is None else epoch
    with share_bar("Reading the training digits") as report:
        count = core_features.compute(chosen, after, report)
    print(f"{chosen.id} after {plural(after, 'epoch')}: {count} features of each of the 60,000 training digits.")
