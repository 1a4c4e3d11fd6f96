"""A changed network kept as a run: whole or not at all, asked and taken away like any other, honest about itself."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from mnist_core.comparison import entry
from mnist_core.comparison.pair import compare
from mnist_core.comparison.seeds import by_settings
from mnist_core.config.changes import MOST, DropBiases, Off, Round
from mnist_core.errors import RequestError
from mnist_core.evaluation.answers import answers_of
from mnist_core.evaluation.prediction import predict
from mnist_core.export import about, formats
from mnist_core.export.run_zip import pack, unpack
from mnist_core.jobs import changed_run, doctor, finetuning
from mnist_core.jobs.changed_run import keep
from mnist_core.jobs.verification import verify
from mnist_core.models.checkpoint import read_weights, weights_bytes, weights_hash
from mnist_core.models.inference import load_network
from mnist_core.runs import manifest, own_digits, store
from mnist_core.runs.run import Run, answering_epoch
from mnist_core.system.plain_text import MAX_NAME
from tests.support.tiny_runs import train

CHANGES = (Off(layer="conv2", places=(1, 7)), Round(layer="fc1", bits=2))


@pytest.fixture
def kept(trained: Run) -> Run:
    return keep(trained, 1, CHANGES)


def test_it_is_its_parents_weights_with_the_changes(trained: Run, kept: Run) -> None:
    own, parent = read_weights(kept.weights(0)), read_weights(trained.weights(1))
    expected = {name: value.numpy().copy() for name, value in parent.items()}
    for name in ("conv2.weight", "conv2.bias"):
        expected[name][[1, 7]] = 0
    largest = np.abs(expected["fc1.weight"]).max()
    expected["fc1.weight"] = np.round(expected["fc1.weight"] / largest) * largest
    for name, value in own.items():
        np.testing.assert_array_equal(value.numpy(), expected[name])
    record, status = kept.record(), kept.status()
    assert (record.parent, record.parent_epoch, record.changes) == (trained.id, 1, CHANGES)
    assert not record.is_fine_tuned and record.config == trained.record().config
    assert kept.name() == "conv2 channels 1,7 off; fc1 in 2 bits" and len(kept.name()) <= MAX_NAME
    assert (status.state, status.epoch, status.weights_hash) == ("finished", 0, weights_hash(load_network(kept)))
    assert answering_epoch(kept) == 0 and manifest.damaged(kept.path) == {}


def test_test_predict_and_compare_take_it(trained: Run, kept: Run) -> None:
    saved, again = answers_of(kept), answers_of(kept, recompute=True)
    np.testing.assert_array_equal(saved.predicted, again.predicted)
    assert kept.status().test_accuracy == pytest.approx(again.accuracy)
    assert kept.metrics()[0] == [
        {"step": 0, "epoch": 0, "samples_seen": 0, "test_loss": saved.loss, "test_accuracy": saved.accuracy}
    ]
    assert predict(kept, None, np.zeros((2, 28, 28), np.uint8)).shape == (2, 10)
    found = compare(trained, 1, kept, 0)
    assert found.differing["changes"] == ("unchanged", "conv2 channels 1,7 off; fc1 in 2 bits")
    assert len(found.broken) and not found.same_settings
    entries = [entry.read(run) for run in (trained, kept)]
    assert (entries[1].parent, entries[1].changes) == (trained.id, "conv2 channels 1,7 off; fc1 in 2 bits")
    assert len(by_settings(entries)) == 2  # it is no other seed of the same settings
    assert store.best_of([kept, trained]) == trained and store.best_of([kept]) is None


def test_it_goes_elsewhere_and_comes_back(trained: Run, kept: Run, tmp_path: Path) -> None:
    pack.write(kept, str(tmp_path / "run.zip"))
    shutil.move(kept.path, tmp_path / kept.id)
    came = unpack.import_run(tmp_path / "run.zip").run
    assert came.id == kept.id and came.record().changes == CHANGES
    np.testing.assert_array_equal(
        answers_of(came).log_probabilities, answers_of(Run(tmp_path / kept.id)).log_probabilities
    )
    assert verify(came).same
    for name in ("script", "notebook", "scripts"):
        refuse = formats.FORMATS[name].refuse_run
        assert refuse is not None
        with pytest.raises(RequestError, match=f"changed by hand .* take that of {trained.id}"):
            refuse(came)
    told = about.moment(0, came.record())
    assert told == "as it was changed (conv2 channels 1,7 off; fc1 in 2 bits) and not trained since"


def test_a_zip_without_the_weights_that_it_begins_with_is_refused(kept: Run, tmp_path: Path) -> None:
    (kept.path / own_digits.START).unlink()
    (kept.path / manifest.NAME).unlink()
    with pytest.raises(RequestError, match=r"lacks start\.safetensors, which a changed run begins with"):
        pack.write(kept, str(tmp_path / "run.zip"))


def test_verify_says_what_it_is_and_changes_the_parent_again(trained: Run, kept: Run) -> None:
    found = verify(kept)
    assert found.same and found.step == 0
    assert found.changed == f"{trained.id} after 1 epoch, changed: conv2 channels 1,7 off; fc1 in 2 bits"
    manifest.write(trained.path, {"epochs/0001.safetensors": weights_bytes(load_network(trained, 0))})
    assert not verify(kept).same
    shutil.rmtree(trained.path)
    with pytest.raises(RequestError, match=f"was not trained but changed, and {trained.id}, which it was, is not here"):
        verify(kept)


@pytest.mark.usefixtures("tiny")
def test_it_is_trained_on_from_the_changed_weights(trained: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = np.load(trained.test_log_probabilities(1))
    monkeypatch.setattr(changed_run, "_answers", lambda *_: answers_of(trained, 1))
    assert len(whole) == 10_000
    short = trained.record()
    store.write_record(trained, short.model_copy(update={"config": short.config.replace(digits_per_class=20)}))
    run = keep(trained, 1, CHANGES)
    start = weights_hash(load_network(run, 0))
    assert train(run).state == "finished" and run.status().epoch == 1
    assert weights_hash(load_network(run, 0)) == start
    assert weights_hash(load_network(run, 1)) != start
    assert not load_network(run, 1).get_parameter("conv2.weight")[[1, 7]].any()  # what was off stays so
    assert run.record().changes == CHANGES
    found = verify(run)
    assert found.same and found.changed is None and found.step == run.status().step


def test_a_changed_one_can_be_changed_and_fine_tuned_again(kept: Run) -> None:
    again = keep(kept, 0, [DropBiases()], "twice")
    assert (again.record().parent, again.name()) == (kept.id, "twice")
    assert verify(again).same
    assert finetuning.settings(again.record().config, 1).epochs == 1


def test_what_cannot_be_kept_leaves_nothing(trained: Run) -> None:
    for changes, name in (((), ""), (CHANGES, "x" * 61), ([Off(layer="x", places=(1,))], ""), (CHANGES * MOST, "")):
        with pytest.raises(RequestError):
            keep(trained, 1, changes, name)
    with pytest.raises(RequestError, match="undo a change"):
        keep(trained, 1, CHANGES, log_probabilities=np.full((10_000, 10), np.nan, np.float32))
    assert [path.name for path in store.runs_folder().iterdir() if path.is_dir()] == [trained.id]


def test_killed_at_any_write_it_leaves_no_half_run(trained: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    given = answers_of(trained, 1).log_probabilities
    replace, count = Path.replace, 0

    class Kill(BaseException):
        pass

    def killed_after(most: int) -> None:
        def counting(path: Path, target: Path) -> Path:
            nonlocal count
            count += 1
            if count > most:
                raise Kill
            return replace(path, target)

        monkeypatch.setattr(Path, "replace", counting)

    monkeypatch.setattr(shutil, "rmtree", lambda *_, **__: None)  # a killed process cleans up nothing
    writes = 0
    while True:
        count = 0
        killed_after(writes)
        try:
            kept = keep(trained, 1, CHANGES, log_probabilities=given)
            break
        except Kill:
            writes += 1
        monkeypatch.setattr(Path, "replace", replace)
        assert store.every() == [trained]
        assert not [found for found in doctor.complaints() if "runs" in found.sentence]
    assert writes == 8 and store.every()[0] == kept and manifest.damaged(kept.path) == {}
