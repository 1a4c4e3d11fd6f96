"""A run for Keras: its layers answer as PyTorch's do, for every network, and its script is fit to be read."""

import importlib.util
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from mnist_core.config.networks import NETWORKS
from mnist_core.config.presets import PRESETS
from mnist_core.config.train_config import TrainConfig
from mnist_core.data.mnist import Mnist, normalise
from mnist_core.export.isolated import answers_of_program
from mnist_core.export.keras import model_file, program
from mnist_core.export.keras.weights import in_keras_order
from mnist_core.export.script.recipe import Recipe
from mnist_core.models import networks
from mnist_core.models.inference import probabilities
from mnist_core.runs.records import Record, Status
from mnist_core.runs.run import Run
from tests.support.command_line import Output, refused
from tests.support.exported_programs import ruff

EVENTS = [
    {"event": "rates", "step": 5, "learning_rate": 0.1, "momentum": 0.3},
    {"event": "epochs", "step": 14, "epochs": 4, "old_epochs": 2},
    {"event": "threads", "step": 16, "threads": 1},
]
TRAINED = {
    "many_settings": {
        **{"model": "compact", "epochs": 2, "optimizer": "adamw", "schedule": "one_cycle", "weight_decay": 0.01},
        **{"label_smoothing": 0.1, "weight_averaging": 0.9, "augmentation": "elastic", "digits_per_class": 5},
        **{"validation_size": 1000, "patience": 2, "answer_with": "best"},
    },
    "other_settings": {"epochs": 1, "weight_decay": 0.01, "precision": "bfloat16", "digits_per_class": 5},
}
# Each is saved, loaded again, and asked; then two scripts train on a few digits.
WORK = """
import importlib
found = []
for name in given["names"]:
    module = importlib.import_module(name)
    network = module.build_network()
    network.set_weights([given[f"{name}/{number}"] for number in range(len(network.weights))])
    model = module.answering(network)
    model.save(f"{given['folder']}/{name}.keras")
    loaded = module.keras.models.load_model(f"{given['folder']}/{name}.keras")
    found.append(loaded.predict(given["images"], verbose=0))
answers = np.stack(found)
import keras
few = given["few"], given["labels"]
keras.datasets.mnist.load_data = lambda: (few, (few[0][:60], few[1][:60]))
for name in given["trained"]:
    importlib.import_module(name).main()
    keras.config.set_dtype_policy("float32")
"""


def recipe(config: TrainConfig, parent: str | None = None, events: list = []) -> Recipe:  # noqa: B006
    record = Record(config=config, created=1e9, threads=2, device="cpu", parent=parent)
    return Recipe("20261122-211401-run", record, Status(state="finished", heartbeat=1, queued_at=1, step=20), events)


def test_the_layers_of_every_network_answer_as_pytorchs_do(digits: Mnist, tmp_path: Path) -> None:
    if importlib.util.find_spec("keras") is None:  # imported here it would ask for TensorFlow
        pytest.skip("`pip install keras` for the tests with Keras")
    torch.manual_seed(5)
    images = digits.test.images[:60].numpy()
    configs: dict[str, TrainConfig] = {name: TrainConfig(model=name) for name in NETWORKS}
    configs |= {"narrow": TrainConfig(model="deep", width=0.24)}
    names = list(configs)
    texts = {"main.py": "import numpy as np\n"}
    given = {"images": images, "names": np.array(names), "folder": np.array(str(tmp_path))}
    ours = []
    for name, config in configs.items():
        network = networks.build_for(config)
        optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
        for begin in range(0, 1000, 100):  # answers that differ, means and variances that do something
            batch = slice(begin, begin + 100)
            optimizer.zero_grad()
            output = network(normalise(digits.train.images[batch]))
            torch.nn.functional.nll_loss(output, digits.train.labels[batch]).backward()
            optimizer.step()
        network.eval()
        state = {key: value.numpy() for key, value in network.state_dict().items()}
        given |= {f"{name}/{number}": array for number, array in enumerate(in_keras_order(state))}
        texts[f"{name}.py"] = program.text(recipe(config), "", "")
        ours.append(probabilities(network, images))
    given |= {"few": digits.train.images[:1200].numpy(), "labels": digits.train.labels[:1200].numpy()}
    for kind, values in TRAINED.items():
        text = program.text(recipe(TrainConfig.parse(values), None, EVENTS), "", "")
        texts[f"{kind}.py"] = text.replace("20261122-211401-run", f"{tmp_path}/{kind}")
    given["trained"] = np.array(list(TRAINED))
    theirs = answers_of_program(texts, WORK, given, KERAS_BACKEND="torch", KERAS_HOME=str(tmp_path))
    for name, own, other in zip(names, ours, theirs, strict=True):
        assert np.ptp(own, axis=0).max() > 0.1, "answers that are all alike show nothing"
        assert np.abs(own - other).max() < 1e-5, name
    assert {path.stem for path in tmp_path.glob("*.keras")} == {*names, *TRAINED}
    assert zipfile.is_zipfile(tmp_path / "many_settings.keras")


def test_scripts_of_all_settings_are_written_as_ruff_writes_them(tmp_path: Path) -> None:
    for name, preset in PRESETS.items():
        text = program.text(recipe(preset.config), f"{name}.npz", "digits")
        (tmp_path / f"{name}.py").write_text(text)
        assert ("BESIDE" in text) is (name == "people")
    many = {"validation_size": 5000, "patience": 2, "answer_with": "best", "digits_per_class": 50}
    for name in NETWORKS:
        for optimizer in ("sgd", "adam", "adamw"):
            values = {"model": name, "optimizer": optimizer, "weight_decay": 0.01, "weight_averaging": 0.9, **many}
            values |= {"precision": "bfloat16", "schedule": "cosine", "augmentation": "affine"}
            text = program.text(recipe(TrainConfig.parse(values), "parent", EVENTS), 'a "name".npz', "drawings")
            (tmp_path / f"{name}_{optimizer}.py").write_text(text)
            assert ("kernel_regularizer" in text) is (optimizer != "adamw")
    assert ruff(tmp_path) == ""
    assert "import numpy" not in (tmp_path / "tutorial.py").read_text()


def test_model_and_script_are_written_together(
    trained: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    def answer(files: dict[str, str], work: str, given: dict[str, np.ndarray], **environment: str) -> np.ndarray:
        Path(str(given["place"])).write_bytes(b"the model")
        return trained_answers

    from mnist_core.evaluation.answers import answers_of

    trained_answers = answers_of(trained).probabilities
    monkeypatch.setattr(model_file, "answers_of_program", answer)
    monkeypatch.setattr("mnist_core.export.keras.model_file.importlib.util.find_spec", lambda name: object())
    written = model_file.write(trained, str(tmp_path / "mine.keras"))
    assert [path.name for path in written.paths] == ["mine.keras", "mine.py"]
    assert (tmp_path / "mine.keras").read_bytes() == b"the model"
    said = " ".join((tmp_path / "mine.py").read_text().split())
    assert "10,000 test digits, 95 % interval" in said and "0 different answers" in said
    assert "the accuracy is about the same, the weights are not" in said
    assert ruff(tmp_path) == ""
    assert "mine.keras is there already" in refused(
        capsys, "export", trained.id, "--format=keras", "-o", str(tmp_path / "mine.keras")
    )
    (tmp_path / "mine.keras").unlink()
    assert "mine.py is there already" in refused(
        capsys, "export", trained.id, "--format=keras", "-o", str(tmp_path / "mine.keras")
    )
    said = refused(capsys, "export", trained.id, "--format=keras", "-o", str(tmp_path / "keras.keras"))
    assert "in place of the module keras" in said and not list(tmp_path.glob("keras*"))
