"""Change parts of a trained network, and see what that does to its answers to the 10,000 test digits."""

import json
from typing import Annotated, Any

import numpy as np
import typer

from mnist_core.cli.ablate.words import OPTIONS, InOrder, change, in_order
from mnist_core.cli.analyse import EpochOption
from mnist_core.cli.options import JsonOption, RunArgument
from mnist_core.cli.progress import share_bar
from mnist_core.comparison.pair import LEVEL, Comparison
from mnist_core.config.changes import Changes, in_words
from mnist_core.data import mnist
from mnist_core.errors import RequestError
from mnist_core.evaluation.answers import answers_of
from mnist_core.evaluation.statistics import accuracy_sentence, plural, points, probability, wilson
from mnist_core.interpretation import ablation, each_unit
from mnist_core.jobs import changed_run
from mnist_core.runs import store
from mnist_core.runs.run import Run, answering_epoch
from mnist_core.system.plain_text import checked_name

Typed = list[str] | None
SHOWN = 20  # indices of digits in a line
app = typer.Typer()


@app.command(cls=InOrder)
def ablate(
    context: typer.Context,
    run: RunArgument = "best",
    off: Annotated[Typed, typer.Option(metavar="LAYER:N,N", help="Switch channels or units off, from 0.")] = None,
    noise: Annotated[
        Typed,
        typer.Option(metavar="[LAYER:]X[:SEED]", help="Noise on the weights, X of their standard deviation."),
    ] = None,
    round_: Annotated[
        Typed, typer.Option("--round", metavar="[LAYER:]BITS", help="Round the weights to 8, 4, 2 or 1 bits.")
    ] = None,
    prune: Annotated[
        Typed, typer.Option(metavar="[LAYER:]SHARE", help="Set this share of the weights, the smallest, to 0.")
    ] = None,
    no_bias: Annotated[Typed, typer.Option(metavar="LAYER", help="Set the biases to 0; `all` is every layer.")] = None,
    set_: Annotated[
        Typed, typer.Option("--set", metavar="NAME[I,J]=X", help="Set one number: conv1.weight[0,0,2,2]=1.5.")
    ] = None,
    each: Annotated[
        str, typer.Option(metavar="LAYER", help="Instead: each channel or unit of a layer off alone, in a table.")
    ] = "",
    keep: Annotated[
        str | None, typer.Option(metavar="NAME", help='Keep the changed network as a run; "" names it by its changes.')
    ] = None,
    epoch: EpochOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change parts of a network, one after the other as typed: what breaks, and could that be luck?

    Options can be repeated. The run itself stays as it is.
    """
    given = dict(zip(OPTIONS, (off, noise, round_, prune, no_bias, set_), strict=True))
    typed = list(in_order(context, {option: values or [] for option, values in given.items()}))
    if each and (typed or keep is not None):
        raise RequestError("--each switches each channel off by itself: leave the other changes and --keep out.")
    if not each and not typed:
        raise RequestError(f"Say what to change, for example {OPTIONS['--off'][1]}, or --each conv1.")
    checked_name(keep or "")  # before anything long is begun
    chosen = store.find(run)
    after = answering_epoch(chosen) if epoch is None else epoch
    if each:
        _table(chosen, after, each, as_json)
        return
    from mnist_core.models.changed import changed, layers
    from mnist_core.models.inference import load_network

    network = load_network(chosen, after)
    changes = tuple(change(option, text, layers(network)) for option, text in typed)
    broken, images = changed(network, changes), mnist.load_arrays("test").images
    before, parts = answers_of(chosen, after), []
    with share_bar("Asking the test digits") as report:
        for part in ablation.answers_by_batch(broken, images, chosen.record().config.test_batch_size):
            parts.append(part)
            report(sum(map(len, parts)) / len(images))
    found = ablation.effect(before, np.concatenate(parts), changes)
    kept = None
    if keep is not None:
        kept = changed_run.keep(chosen, after, changes, keep, found.after.log_probabilities)
    _print(chosen, after, changes, found, kept, as_json)


def _print(chosen: Run, after: int, changes: Changes, found: Comparison, kept: Run | None, as_json: bool) -> None:
    n = len(found.before)
    if as_json:
        document: dict[str, Any] = {
            "run": chosen.id,
            "epoch": after,
            "changes": [one.model_dump() for one in changes],
            "sentence": in_words(changes),
            "n": n,
            "test_accuracy_before": found.before.accuracy,
            "test_accuracy": found.after.accuracy,
            "interval": list(wilson(found.after.correct, n)),
            "difference": found.gain,
            "difference_interval": list(found.gain_interval),
            "p_value": found.p_value,
            "could_be_luck": found.p_value >= LEVEL,
            "broken": found.broken.tolist(),
            "mended": found.fixed.tolist(),
            "kept": kept.id if kept else None,
        }
        print(json.dumps(document, indent=1))
        return
    print(f"{chosen.id} after {plural(after, 'epoch')}: {in_words(changes)}")
    print(f"Before: test accuracy {accuracy_sentence(found.before.correct, n)}")
    print(f"After:  test accuracy {accuracy_sentence(found.after.correct, n)}")
    low, high = (points(end, 2) for end in found.gain_interval)
    print(f"The difference is {points(found.gain, 2)} points (95 % interval {low} to {high}).")
    print(ablation.verdict(found))
    for title, indices in (("Broken", found.broken), ("Mended", found.fixed)):
        more = f" and {len(indices) - SHOWN:,} more (--json lists them)" if len(indices) > SHOWN else ""
        print(f"{title} ({len(indices):,}): {' '.join(map(str, indices[:SHOWN])) or 'none'}{more}")
    if kept is not None:
        print(f"Kept as {kept.id}, {kept.name()}.")


def _table(chosen: Run, after: int, layer: str, as_json: bool) -> None:
    with share_bar("Switching one after the other off") as report:
        found = each_unit.load_or_compute(chosen, after, layer, report)
    p_values = found.p_values
    if as_json:
        units = [
            {
                "place": unit.place,
                "broken": unit.broken,
                "mended": unit.mended,
                "difference": unit.gain,
                "difference_interval": list(unit.interval),
                "p_value_holm": p_values[unit.place],
            }
            for unit in found.by_need
        ]
        whole = {"test_accuracy": found.correct / found.n, "n": found.n, "without": units}
        print(json.dumps({"run": chosen.id, "epoch": after, "layer": layer} | whole, indent=1))
        return
    print(f"{chosen.id} after {plural(after, 'epoch')}: {layer}, each off alone, the one it needs most first")
    print(f"With all of them: test accuracy {accuracy_sentence(found.correct, found.n)}")
    print(f"{'off':>5}  {'points':>7}  {'95 % interval':>17}  {'broken':>6}  {'mended':>6}  p after Holm")
    for unit in found.by_need:
        between = " to ".join(points(end, 2) for end in unit.interval)
        p = probability(p_values[unit.place]).removeprefix("= ")
        print(f"{unit.place:>5}  {points(unit.gain, 2):>7}  {between:>17}  {unit.broken:>6,}  {unit.mended:>6,}  {p}")
