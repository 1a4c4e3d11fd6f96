"""Fine-tuning: what is mixed in, that it starts where its parent stood, and that it says what it gained and forgot."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from mnist_core.cli.app import main
from mnist_core.config.train_config import TrainConfig
from mnist_core.data import mnist
from mnist_core.data.batches import with_every_tenth
from mnist_core.data.mnist import Split
from mnist_core.drawing import collection, synthetic
from mnist_core.errors import FailedError, RequestError
from mnist_core.evaluation.answers import score
from mnist_core.jobs import finetuning
from mnist_core.jobs.finetuning import FEWEST
from mnist_core.models.checkpoint import weights_hash
from mnist_core.models.inference import load_network
from mnist_core.runs import own_digits, store
from mnist_core.runs.run import Run
from mnist_core.training import starting_point
from tests.support.command_line import Output, run_line


def keep(count: int) -> None:
    """Synthetic digits with a label that is not theirs: only training on them can make them right."""
    for index in range(count):
        image, label = synthetic.image(3, index)
        collection.add((label + 1) % 10, image, image)


def test_every_tenth_digit_is_a_drawing_and_the_others_stay() -> None:
    train = Split(torch.zeros(95, 28, 28, dtype=torch.uint8), torch.zeros(95, dtype=torch.int64))
    own = Split(torch.full((3, 28, 28), 7, dtype=torch.uint8), torch.tensor([1, 2, 3]))
    mixed = with_every_tenth(train, own)
    assert mixed.labels[::10].tolist() == [1, 2, 3, 1, 2, 3, 1, 2, 3, 1]
    assert (mixed.images[::10] == 7).all() and int((mixed.labels > 0).sum()) == 10
    assert not train.labels.any()  # not changed in its place


def test_too_few_drawings_are_one_sentence(trained: Run) -> None:
    keep(FEWEST - 1)
    with pytest.raises(RequestError, match="There are 4 drawings; keep at least 5"):
        finetuning.create(trained)
    assert len(store.every()) == 1


def test_every_fifth_drawing_is_held_out_where_there_are_enough(trained: Run) -> None:
    keep(9)
    own, kept = own_digits.read(finetuning.create(trained))
    assert (len(own.labels), len(kept.labels)) == (9, 0)
    keep(2)
    own, kept = own_digits.read(finetuning.create(trained))
    assert (len(own.labels), len(kept.labels)) == (9, 2)
    together = {image.tobytes() for image in [*own.images, *kept.images]}
    assert len(together) == len({drawing.image().tobytes() for drawing in collection.every()})


def test_it_starts_from_the_parent_learns_the_drawings_and_tells(trained: Run, capsys: Output) -> None:
    keep(20)
    status, out, err = run_line(capsys, "finetune", trained.id, "--epochs", "2", "--json")
    assert status == 0, err
    said = json.loads(out)
    run = store.find(said["run"])
    assert run.record().parent == said["parent"] == trained.id
    assert weights_hash(load_network(run, 0)) == weights_hash(load_network(trained))
    assert said["trained_on"]["n"] == 16 and said["held_out"]["n"] == 4
    assert said["trained_on"]["after"] > said["trained_on"]["before"]  # wrong labels: nothing else could
    answers = run.saved_answers(run.saved_epochs()[-1])
    assert answers is not None
    assert said["test"]["after"] == (answers.argmax(1) == mnist.load_arrays("test").labels).sum()
    assert run.status().step == 2 * -(-10_000 // run.record().config.batch_size)


def test_a_damaged_copy_of_the_drawings_is_one_sentence(trained: Run) -> None:
    keep(5)
    run = finetuning.create(trained)
    (run.path / "own.npz").write_bytes(b"PK")
    with pytest.raises(FailedError, match=r"own\.npz is damaged"):
        starting_point.inputs(run)
    assert starting_point.inputs(trained) == (None, None)


def test_the_rate_is_where_the_parent_ended() -> None:
    assert finetuning.settings(TrainConfig(learning_rate=0.01), 1).learning_rate == 0.01
    cycled = finetuning.settings(TrainConfig(learning_rate=0.03, schedule="one_cycle", validation_size=1000), 3)
    assert (cycled.learning_rate, cycled.schedule, cycled.epochs) == (0.03 / 30, "constant", 3)
    assert cycled.train_size == 10_000


def test_drawings_are_listed_carried_and_tested_on(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["test", "shipped", "--drawings"]) == 2
    assert main(["drawings"]) == 0
    assert "There are no drawings yet" in capsys.readouterr().out
    keep(3)
    assert main(["drawings", "--export", str(tmp_path / "mine.zip")]) == 0
    assert "3 drawings (0: 0, 1: 1, 2: 1, 3: 1," in capsys.readouterr().out
    assert main(["drawings", "--delete", collection.every()[0].id, "--yes", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 2
    assert main(["drawings", "--import", str(tmp_path / "mine.zip"), "--json"]) == 0
    assert [found["label"] for found in json.loads(capsys.readouterr().out)] == [3, 2, 1]
    assert main(["test", "shipped", "--drawings", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["drawings"] == 3 and said["correct"] == score(store.find("shipped"))[0]
    for wrong in ("--import", "--delete"):
        assert main(["drawings", wrong, str(tmp_path / "nothing.zip")]) == 2
    np.testing.assert_array_equal(collection.counts(), [0, 1, 1, 1, 0, 0, 0, 0, 0, 0])


@pytest.mark.parametrize("damage", ["cut", "other shape", "labels of 200", "objects", "missing"])
def test_damaged_drawings_of_a_run_are_one_sentence(trained: Run, damage: str) -> None:
    keep(FEWEST)
    run = finetuning.create(trained)
    path = run.path / "own.npz"
    parts = dict(np.load(path))
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:-200])
    elif damage == "missing":
        path.unlink()
    else:
        odd = {"other shape": ("images", parts["images"][:, :27]), "labels of 200": ("labels", parts["labels"] + 200)}
        name, value = odd.get(damage, ("labels", np.array([{}] * FEWEST, dtype=object)))
        np.savez(path, allow_pickle=True, **parts | {name: value})
    with pytest.raises(FailedError, match=r"own\.npz is damaged: fine-tune again\.$"):
        starting_point.inputs(run)
