"""Analyse trained networks further: compare several, how sure one may be, how robust it is, what looks alike to it."""

import json
from collections.abc import Callable
from typing import Annotated, Any

import typer

from mnist_core.cli.inside import fool
from mnist_core.cli.options import JsonOption, RunArgument
from mnist_core.cli.progress import share_bar
from mnist_core.comparison.entry import read
from mnist_core.comparison.pair import Comparison
from mnist_core.comparison.pair import compare as compared
from mnist_core.comparison.seeds import Settings, by_settings, differences, in_words, splits
from mnist_core.comparison.several import MOST, Several, compare_all, distinct
from mnist_core.data.corruptions import CORRUPTIONS
from mnist_core.errors import RequestError
from mnist_core.evaluation import calibration, robustness
from mnist_core.evaluation.answers import Answers, answers_of
from mnist_core.evaluation.statistics import accuracy_sentence, plural, share, wilson
from mnist_core.interpretation import channels, embeddings, projection
from mnist_core.interpretation.analyses import ANALYSES
from mnist_core.interpretation.over_epochs import activations, maps
from mnist_core.runs import store
from mnist_core.runs.analyses import Analysis
from mnist_core.runs.run import Run, answering_epoch

EpochOption = Annotated[int | None, typer.Option(metavar="N", help="After so many epochs; default the last one.")]
app = typer.Typer()


@app.command()
def compare(
    runs: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN RUN...", help="Two or more; fixed and broken digits go from the first to the next."
        ),
    ],
    as_json: JsonOption = False,
) -> None:
    """Runs beside one another: differing settings, accuracies, McNemar's exact test, fixed and broken digits.

    Of three and more every pair is tested, corrected for their number after Holm. Runs of the same settings with
    several seeds are taken together as well: the difference of the means, with its interval.
    """
    chosen = [store.find(selector) for selector in runs]
    if len(chosen) > 2:
        chosen = list(dict.fromkeys(chosen))
    if not 2 <= len(chosen) <= MOST:
        raise RequestError(f"Name 2 to {MOST} different runs to compare; {plural(len(chosen), 'run')} came.")
    epochs = [answering_epoch(run) for run in chosen]
    if len(chosen) == 2:
        found = compared(chosen[0], epochs[0], chosen[1], epochs[1])
        print(json.dumps(_document(chosen, epochs, found), indent=1)) if as_json else _print_pair(chosen, epochs, found)
        return
    entries = [read(run) for run in chosen]
    names = list(distinct({entry.run: entry.name for entry in entries}).values())
    answers = [answers_of(run, epoch) for run, epoch in zip(chosen, epochs, strict=True)]
    several, groups = compare_all(names, chosen, epochs, answers), by_settings(entries)
    if as_json:
        print(json.dumps(_document_of_several(chosen, epochs, answers, several, groups), indent=1))
        return
    for name, run, epoch, its in zip(names, chosen, epochs, answers, strict=True):
        title = run.id if name == run.id else f"{run.id}, {name}"
        print(f"{title}, after {plural(epoch, 'epoch')}: test accuracy {accuracy_sentence(its.correct, len(its))}")
    print(several.sentence())
    for pair in sorted(several.pairs, key=lambda pair: pair.comparison.p_value):
        print(f"  {several.in_words(pair)}{', which could be luck' if pair.could_be_luck else ''}")
    for sentence in in_words(groups):
        print(sentence)


def _print_pair(both: list[Run], epochs: list[int], found: Comparison) -> None:
    for name, run, epoch, answers in zip(("First", "Second"), both, epochs, (found.before, found.after), strict=True):
        accuracy = accuracy_sentence(answers.correct, len(answers))
        print(f"{name + ':':7} {run.id} after {plural(epoch, 'epoch')}: test accuracy {accuracy}")
    apart = "; ".join(f"{name} {old} and {new}" for name, (old, new) in found.differing.items())
    print(f"Settings that differ: {apart or 'none'}.")
    low, high = (100 * end for end in found.gain_interval)
    print(f"The second is {100 * found.gain:+.2f} points more accurate (95 % interval {low:+.2f} to {high:+.2f}).")
    print(found.sentence())
    for title, indices in _groups(found).items():
        print(f"{title.replace('_', ' ').capitalize()} ({len(indices)}): {' '.join(map(str, indices)) or 'none'}")


def _document_of_several(
    runs: list[Run], epochs: list[int], answers: list[Answers], several: Several, groups: list[Settings]
) -> dict[str, Any]:
    return {
        "runs": [_run_document(*one) for one in zip(runs, epochs, answers, strict=True)],
        "n": several.n,
        "pairs": [
            {
                "first": runs[pair.first].id,
                "second": runs[pair.second].id,
                "differing": {name: list(values) for name, values in pair.comparison.differing.items()},
                "difference": pair.comparison.gain,
                "difference_interval": list(pair.comparison.gain_interval),
                "p_value": pair.comparison.p_value,
                "p_value_holm": pair.corrected,
                "could_be_luck": pair.could_be_luck,
            }
            for pair in several.pairs
        ],
        "settings": [
            {
                "split": found.split,
                "first": [entry.run for entry in found.first.entries],
                "second": [entry.run for entry in found.second.entries],
                "difference": found.gain,
                "difference_interval": list(found.interval),
                "p_value": found.p_value,
                "p_value_holm": found.corrected,
            }
            for split in splits(groups)
            for found in differences(groups, split)
        ],
        "sentence": " ".join([several.sentence(), *in_words(groups)]),
    }


def _run_document(run: Run, epoch: int, answers: Answers) -> dict[str, Any]:
    interval = list(wilson(answers.correct, len(answers)))
    return {"run": run.id, "epoch": epoch, "test_accuracy": answers.accuracy, "interval": interval}


def _groups(found: Comparison) -> dict[str, list[int]]:
    return {
        "fixed": found.fixed.tolist(),
        "broken": found.broken.tolist(),
        "wrong_in_both": found.both_wrong.tolist(),
    }


def _document(both: list[Run], epochs: list[int], found: Comparison) -> dict[str, Any]:
    return {
        "runs": [_run_document(*one) for one in zip(both, epochs, (found.before, found.after), strict=True)],
        "n": len(found.before),
        "differing": {name: list(values) for name, values in found.differing.items()},
        "difference": found.gain,
        "difference_interval": list(found.gain_interval),
        "p_value": found.p_value,
        "could_be_luck": found.could_be_luck,
        "sentence": found.sentence(),
        **_groups(found),
    }


def _calibration(chosen: Run, after: int, as_json: bool) -> None:
    """Calibration error on the test digits; the temperature, fitted on validation digits where there are any."""
    answers = answers_of(chosen, after)
    right = answers.predicted == answers.labels
    found: dict[str, object] = {"run": chosen.id, "epoch": after, "n": len(right), "bins": calibration.BINS}
    error = calibration.expected_calibration_error(calibration.bins(answers.confidence, right))
    found["expected_calibration_error"] = error
    if chosen.record().config.validation_size:
        with share_bar("Asking the validation digits") as report:
            fit = calibration.fit(chosen, after, report)
        scaled = Answers(calibration.scale(answers.log_probabilities, fit.temperature), answers.labels)
        scaled_bins = calibration.bins(scaled.confidence, right)
        found["temperature"] = fit._asdict()
        found["expected_calibration_error_scaled"] = calibration.expected_calibration_error(scaled_bins)
    if as_json:
        print(json.dumps(found, indent=1))
        return
    print(f"{chosen.id} after {plural(after, 'epoch')}")
    print(f"Expected calibration error {share(error, 2)} ({len(right):,} test digits, {calibration.BINS} bins).")
    if "temperature" not in found:
        print("No temperature: the run held out no validation digits (train with --validation-size 5000).")
        return
    after_scaling = calibration.expected_calibration_error(scaled_bins)
    print(
        f"Temperature {fit.temperature:.3f} ({fit.n:,} held-out digits, "
        f"95 % interval {fit.low:.3f} to {fit.high:.3f}); with it, calibration error {share(after_scaling, 2)}."
    )


def _robustness(chosen: Run, after: int, as_json: bool) -> None:
    """How the accuracy falls when the test digits are turned, moved, blurred and so on."""
    with share_bar("Corrupting the test digits") as report:
        curves = robustness.ANALYSIS.load_or_compute(chosen, after, report)
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
            print(f"  {point.strength:>5g}  {share(point.accuracy, 2):>8}  ({point.interval.in_words()})")


def _features(chosen: Run, after: int, as_json: bool) -> None:
    """What the network makes of the training digits: computed once, for the Mistakes page's nearest ones."""
    _count_features(embeddings.ANALYSIS, "60,000 training digits", chosen, after, as_json)


def _test_features(chosen: Run, after: int, as_json: bool) -> None:
    """What the network makes of the test digits: computed once, for the map of them."""
    _count_features(embeddings.TEST_ANALYSIS, "10,000 test digits", chosen, after, as_json)


def _count_features(analysis: Analysis[int], digits: str, chosen: Run, after: int, as_json: bool) -> None:
    with share_bar("Reading the digits") as report:
        count = analysis.load_or_compute(chosen, after, report)
    if as_json:
        print(json.dumps({"run": chosen.id, "epoch": after, "features": count}))
    else:
        print(f"{chosen.id} after {plural(after, 'epoch')}: {count} features of each of the {digits}.")


def _map(chosen: Run, after: int, as_json: bool) -> None:
    """Where t-SNE puts the test digits: what looks alike to the network lies close together."""
    with share_bar("Mapping the test digits") as report:
        found = projection.ANALYSIS.load_or_compute(chosen, after, report)
    if as_json:
        places = {"indices": found.indices.tolist(), "places": found.places.tolist()}
        print(json.dumps({"run": chosen.id, "epoch": after, **places}))
    else:
        print(f"{chosen.id} after {plural(after, 'epoch')}: {len(found.indices):,} test digits are mapped.")


def _channels(chosen: Run, after: int, as_json: bool) -> None:
    """Which test digits excite each channel and unit most, and which least."""
    with share_bar("Showing the test digits") as report:
        found = channels.ANALYSIS.load_or_compute(chosen, after, report)
    if as_json:
        ends = {name: {what: part.tolist() for what, part in one._asdict().items()} for name, one in found.items()}
        print(json.dumps({"run": chosen.id, "epoch": after, "layers": ends}))
        return
    print(f"{chosen.id} after {plural(after, 'epoch')}: the test digits that excite each unit most")
    for name, one in found.items():
        for unit, digits in enumerate(one.most):
            print(f"  {name} {unit}: {' '.join(map(str, digits))}")


def _activations(chosen: Run, after: int, as_json: bool) -> None:
    """How each layer's values before ReLU are spread, after each epoch up to this one."""
    with share_bar("Showing the test digits") as report:
        found = activations.ANALYSIS.load_or_compute(chosen, after, report)
    shares = {"run": chosen.id, "epochs": found.epochs, "n": activations.DIGITS, "above_zero": found.above_zero}
    if as_json:
        print(json.dumps(shares))
        return
    print(f"{chosen.id}: the share of values above 0 ({activations.DIGITS} test digits), after epochs {found.epochs}")
    for name, above in found.above_zero.items():
        print(f"  {name}: {', '.join(share(one, 1) for one in above)}")


def _maps(chosen: Run, after: int, as_json: bool) -> None:
    """Where principal components put the test digits, after each epoch up to this one, in one plane."""
    with share_bar("Mapping the test digits") as report:
        found = maps.ANALYSIS.load_or_compute(chosen, after, report)
    if as_json:
        places = {"indices": found.indices.tolist(), "places": found.places.tolist()}
        print(json.dumps({"run": chosen.id, "epochs": found.epochs, **places}))
    else:
        print(f"{chosen.id}, epochs {found.epochs}: {len(found.indices):,} test digits are mapped.")


_SHOW = {
    "calibration": _calibration,
    "robustness": _robustness,
    "features": _features,
    "embeddings": _test_features,
    "map": _map,
    "channels": _channels,
    "activations": _activations,
    "maps": _maps,
    "adversarial": fool.adversarial_curves,
}


def _command(show: Callable[[Run, int, bool], None]) -> Callable[..., None]:
    def command(run: RunArgument = "best", epoch: EpochOption = None, as_json: JsonOption = False) -> None:
        chosen = store.find(run)
        show(chosen, answering_epoch(chosen) if epoch is None else epoch, as_json)

    command.__doc__ = show.__doc__
    return command


for _name in ANALYSES:  # a page starts an analysis by its name: each has its command
    app.command(_name)(_command(_SHOW[_name]))
