"""A run for TensorBoard, read back by TensorBoard's own reader."""

import io
import os
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mnist_core.config.train_config import TrainConfig
from mnist_core.data import mnist
from mnist_core.evaluation.answers import Answers, answers_of
from mnist_core.export import tensorboard
from mnist_core.export.folder import new_folder
from mnist_core.export.formats import FORMATS
from mnist_core.runs import store
from mnist_core.runs.run import Run
from tests.support.command_line import Output, refused, run_line

NAMES = {
    "loss/train": "train_loss",
    "loss/test": "test_loss",
    "accuracy/test": "test_accuracy",
    "learning_rate": "learning_rate",
    "momentum": "momentum",
}


def test_tensorboard_reads_curves_settings_and_mistakes(capsys: Output, trained: Run, tmp_path: Path) -> None:
    pytest.importorskip("tensorboard", reason="`pip install tensorboard` for the tests with TensorBoard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.plugins.hparams import plugin_data_pb2

    folder = tmp_path / "events"
    status, out, err = run_line(capsys, "export", trained.id, "--format", "tensorboard", "-o", str(folder))
    assert (status, err) == (0, "")
    assert f"`tensorboard --logdir {folder}`" in out
    (file,) = (folder / trained.id).iterdir()
    assert re.fullmatch(r"events\.out\.tfevents\.\d+\.mnist-lab", file.name), "nothing of this machine"
    read = EventAccumulator(str(folder / trained.id), size_guidance={"scalars": 0, "images": 0})
    read.Reload()

    rows, record = trained.metrics()[0], trained.record()
    assert set(read.Tags()["scalars"]) == set(NAMES)
    for tag, name in NAMES.items():
        points = [(event.step, event.value) for event in read.Scalars(tag)]
        assert points == [(row["step"], float(np.float32(row[name]))) for row in rows if name in row]
        times = [event.wall_time for event in read.Scalars(tag)]
        assert times == sorted(times)
        assert record.created <= times[0] <= times[-1] <= trained.status().heartbeat
    last_test = read.Scalars("accuracy/test")[-1]
    assert last_test.wall_time == pytest.approx(trained.weights(1).stat().st_mtime, abs=1e-3)

    start = read.PluginTagToContent("hparams")["_hparams_/session_start_info"]
    said = plugin_data_pb2.HParamsPluginData.FromString(start).session_start_info.hparams
    config = record.config.model_dump()
    assert set(said) == set(config)
    assert said["learning_rate"].number_value == config["learning_rate"]
    assert said["model"].string_value == config["model"]

    answers = answers_of(trained)
    (picture,) = read.Images("mistakes")
    assert picture.step == rows[-1]["step"]
    sheet = np.asarray(Image.open(io.BytesIO(picture.encoded_image_string)).convert("L"))
    first = mnist.load_arrays("test").images[answers.mistakes[0]]
    assert (sheet[4 : 4 + 28 * 3 : 3, 6 : 6 + 28 * 3 : 3] == first).all()
    words = read.Tensors("run/text_summary")[0].tensor_proto.string_val[0].decode()
    assert "10,000 test digits, 95 % interval" in words
    assert f"50 of its {len(answers.mistakes)} mistakes" in words


def test_a_folder_with_something_in_it_is_refused_and_stays(capsys: Output, trained: Run, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    for there, why in (("full", "is there already and not empty"), ("full/mine.txt", "is a file")):
        said = refused(capsys, "export", trained.id, "--format=tensorboard", "-o", str(tmp_path / there))
        assert why in said
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("export shipped --format=pdf -o x", f"format must be one of {', '.join(FORMATS)}; 'pdf' was given."),
        ("export shipped --format=tensorboard", "'--output'"),
        ("export shipped -o x", "'--format'"),
    ],
)
def test_wrong_requests_to_export(capsys: Output, home: Path, arguments: str, words: str) -> None:
    assert words in refused(capsys, *arguments.split())


def test_a_new_folder_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    def break_off() -> None:
        with new_folder(tmp_path / "a") as folder:
            (folder / "half").write_text("half")
            raise KeyError

    with pytest.raises(KeyError):
        break_off()
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "a").mkdir()  # an empty one is taken
    with new_folder(tmp_path / "a") as folder:
        (folder / "whole").write_text("whole")
        assert list((tmp_path / "a").iterdir()) == []
    assert [path.name for path in tmp_path.rglob("*")] == ["a", "whole"]


def test_times_of_copied_weights_are_not_taken(trained: Run) -> None:
    record, status, (rows, _) = trained.record(), trained.status(), trained.metrics()
    for epoch in (0, 1):
        os.utime(trained.weights(epoch), (2e9, 2e9))
    times = tensorboard.wall_times(trained, rows, record, status)
    assert times[-1] == pytest.approx(status.heartbeat)
    share = rows[10]["step"] / status.step
    assert times[10] == pytest.approx(record.created + share * (status.heartbeat - record.created))


def test_a_run_without_weights_is_refused_and_nothing_is_left(
    capsys: Output, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tensorboard, "refuse_missing", lambda target: None)
    run = store.create(TrainConfig())
    with pytest.raises(Exception, match="has no weights yet"):
        tensorboard.write(run, str(tmp_path / "new"))
    assert not (tmp_path / "new").exists()


def test_a_network_without_mistakes_has_a_picture_too() -> None:
    certain = Answers(np.log(np.eye(10, dtype=np.float32) + 1e-9), np.arange(10))
    assert tensorboard.mistakes_picture(certain, np.zeros((10, 28, 28), np.uint8)).min() == 0
