"""The guided experiments: their settings, their verdicts on made-up and on real answers, and their runs."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from mnist_core.config.train_config import TrainConfig
from mnist_core.errors import FailureKind
from mnist_core.evaluation.answers import Answers
from mnist_core.jobs import experiments, launcher
from mnist_core.jobs.experiments import EXPERIMENTS, Experiment, Outcome, experiment_of
from mnist_core.runs import store
from mnist_core.runs.run import Run
from tests.support.command_line import Output, run_line

LABELS = np.arange(1000) % 10


def outcome(
    right: Sequence[int] | range, train_loss: float | None = 0.5, failure: FailureKind | None = None
) -> Outcome:
    """Answers to a thousand digits of which exactly these are read rightly."""
    said = (LABELS + 1) % 10
    said[list(right)] = LABELS[list(right)]
    log_probabilities = np.full((1000, 10), -10.0, dtype=np.float32)
    log_probabilities[np.arange(1000), said] = -0.01
    return Outcome(Answers(log_probabilities, LABELS), train_loss, failure)


def test_there_are_six_or_more_and_each_says_what_it_is_about() -> None:
    assert len(EXPERIMENTS) >= 6
    for experiment in EXPERIMENTS:
        assert all((experiment.title, experiment.hypothesis, experiment.look_at, experiment.teaches))
        assert all(isinstance(config, TrainConfig) for config in experiment.configs())
    names = [name for experiment in EXPERIMENTS for name in experiment.run_names()]
    assert len(set(names)) == len(names), "a run's name tells its experiment"


@pytest.mark.parametrize(("right", "held"), [(98, True), (150, True), (190, False), (900, False)])
def test_guessing_is_an_interval_below_a_fifth(right: int, held: bool) -> None:
    verdict = experiments.guesses([outcome(range(right))])
    assert verdict.held == held
    assert f"{right / 10:.1f} % of 1,000 test digits (95 % interval" in verdict.sentence


def test_a_run_that_diverged_has_learned_nothing_and_decides_no_comparison() -> None:
    diverged = Outcome(None, None, "diverged")
    assert experiments.guesses([diverged]).held
    for decide in (experiments.less_accurate, experiments.more_accurate):
        for pair in ([diverged, outcome(range(900))], [outcome(range(900)), diverged]):
            assert "Undecided" in decide(pair).sentence


@pytest.mark.parametrize("failure", ["disk", "data", "damaged", "other"])
def test_a_run_that_failed_for_another_reason_confirms_nothing(failure: FailureKind) -> None:
    fine = outcome(range(900))
    untested = Outcome(None, None, failure)
    tested = outcome(range(98), 0.001, failure)  # guessing, and a tiny loss: all but the failure speaks for it
    for failed in (untested, tested):
        for verdict in (
            experiments.guesses([failed]),
            experiments.learned_by_heart([failed]),
            experiments.less_accurate([failed, fine]),
            experiments.more_accurate([fine, failed]),
        ):
            assert not verdict.held
            assert verdict.sentence.startswith("Undecided: a run failed")
            assert "diverged" not in verdict.sentence


def test_a_full_disk_does_not_confirm_that_a_large_rate_diverges(home: Path) -> None:
    experiment = EXPERIMENTS[0]
    assert "learning rate of 1.0" in experiment.title
    (config,), (name,) = experiment.configs(), experiment.run_names()
    run = store.create(config, name)
    failed = run.status().model_copy(update={"state": "failed", "error": "Cannot write", "failure": "disk"})
    store.write_status(run, failed)
    verdict = experiments.verdict(experiment, [run])
    assert verdict is not None and not verdict.held and "the disk refused" in verdict.sentence
    store.write_status(run, failed.model_copy(update={"failure": "diverged"}))
    verdict = experiments.verdict(experiment, [run])
    assert verdict is not None and verdict.held


def test_a_comparison_goes_by_the_digits_that_only_one_reads() -> None:
    # 20 digits only the first reads, 5 only the second: a binomial test of 5 in 25 gives p = 0.0041.
    first, second = outcome(range(5, 800)), outcome([*range(5), *range(25, 800)])
    better = experiments.more_accurate([first, second])
    assert better.held
    assert "79.5 % against 78.0 % of the same 1,000 test digits" in better.sentence
    assert "+1.5 points (95 % interval +0." in better.sentence
    assert "0.004" in better.sentence
    assert not experiments.less_accurate([first, second]).held
    assert experiments.less_accurate([second, first]).held
    # 6 against 5: as good as equal.
    assert not experiments.more_accurate([outcome(range(5, 800)), outcome([*range(5), *range(11, 800)])]).held


@pytest.mark.parametrize(
    ("right", "held"),
    [
        ((900, 960, 980, 990), True),
        ((900, 940, 970, 990), False),  # 40 of the 90 that are gained
        ((900, 945, 970, 990), True),
        ((900, 960, 980, 903), False),  # three more may be chance
        ((990, 960, 980, 900), False),
    ],
)
def test_parameters_buy_less_and_less(right: tuple[int, ...], held: bool) -> None:
    verdict = experiments.buys_less_and_less([outcome(range(n)) for n in right])
    assert verdict.held == held
    assert f"with 9,731 parameters {right[1] / 10:.2f} % (95 % interval" in verdict.sentence
    failed = [*(outcome(range(n)) for n in right[:3]), outcome(range(990), failure="disk")]
    assert experiments.buys_less_and_less(failed).sentence.startswith("Undecided: a run failed")


def test_what_parameters_buy_is_asked_of_one_network_in_four_widths() -> None:
    configs = next(e for e in EXPERIMENTS if "parameters buy" in e.title).configs()
    assert [config.network_size.parameters for config in configs] == experiments.SIZES == [2713, 9731, 39_982, 157_714]
    assert len({config.replace(width=1) for config in configs}) == 1, "only the width differs"


@pytest.mark.parametrize(
    ("right", "train_loss", "held"), [(776, 0.001, True), (776, 0.4, False), (950, 0.001, False), (890, 0.001, False)]
)
def test_learned_by_heart_is_a_tiny_training_loss_and_many_mistakes(right: int, train_loss: float, held: bool) -> None:
    assert experiments.learned_by_heart([outcome(range(right), train_loss)]).held == held


def test_ten_images_a_class_really_trained(home: Path, few_tested: int, capsys: Output) -> None:
    experiment = next(e for e in EXPERIMENTS if "Ten training images" in e.title)
    (config,), (name,) = experiment.configs(), experiment.run_names()
    given = [f"--{key.replace('_', '-')}={value}" for key, value in experiment.arms[name_of_arm(experiment)].items()]
    status, said, err = run_line(capsys, "train", *given, "--threads=1", f"--name={name}", "--json")
    assert status == 0, err
    run = store.find(json.loads(said)["run"])
    assert run.record().config == config.replace(threads=1)
    assert experiment_of(run.record().name) is experiment
    verdict = experiments.verdict(experiment, [run])
    assert verdict is not None and verdict.held
    accuracy = f"{100 * (run.status().test_accuracy or 0):.1f} % of {few_tested} test digits"
    assert accuracy in verdict.sentence


def name_of_arm(experiment: Experiment) -> str:
    (arm,) = experiment.arms
    return arm


def test_one_click_starts_both_runs_in_order_and_each_finds_the_other(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launcher, "launch", lambda run, *options: None)
    experiment = next(e for e in EXPERIMENTS if len(e.arms) == 2)
    first, second = experiments.start(experiment)
    assert [run.record().config for run in (first, second)] == experiment.configs()
    assert first.status().queued_at <= second.status().queued_at
    known = {run: run.record() for run in store.every()}
    for run in (first, second):
        assert experiment_of(known[run].name) is experiment
        assert experiments.runs_of(experiment, run, known) == [first, second]
    assert experiments.verdict(experiment, [first, second]) is None, "they have not ended"
    store.write_status(first, first.status().model_copy(update={"state": "stopped"}))
    assert experiments.verdict(experiment, [first, second]) is None
    del known[second]
    assert experiments.runs_of(experiment, first, known) == [first, None]
    assert experiment_of("a name of one's own") is None


def test_the_outcome_of_a_real_run_is_its_saved_answers(trained: Run) -> None:
    found = experiments.outcome_of(trained)
    assert found.answers is not None
    assert found.answers.accuracy == trained.status().test_accuracy
    assert found.train_loss is not None and 0.2 < found.train_loss < 0.9
    assert found.failure is None
