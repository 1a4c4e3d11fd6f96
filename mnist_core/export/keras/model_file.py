"""`export RUN --format keras -o model.keras`: the model with the run's weights, and model.py, which trains it anew."""

import importlib.util
import tempfile
from functools import partial
from pathlib import Path

import numpy as np

from mnist_core.config.train_config import TrainConfig
from mnist_core.data import mnist
from mnist_core.errors import RequestError
from mnist_core.evaluation.answers import answers_of
from mnist_core.evaluation.statistics import plural
from mnist_core.export import new_file, written
from mnist_core.export.isolated import answers_of_program
from mnist_core.export.keras import program
from mnist_core.export.keras.weights import in_keras_order
from mnist_core.export.script import head, python_file
from mnist_core.export.script.beside import beside
from mnist_core.export.script.recipe import Recipe
from mnist_core.export.script.template import literal
from mnist_core.export.written import Written
from mnist_core.runs.run import Run, answering_epoch
from mnist_core.system.files import make_folder, write_atomically
from mnist_core.system.plain_text import harmless

ENDING = ".keras"
INSTALL = 'This needs Keras: `pip install "mnist-lab[keras]"`, or in a clone `pip install keras`.'
TITLE = "An MNIST classifier in Keras 3: the network and the settings of a run that PyTorch has trained."
# What a .keras file is checked with; the first half writes it. Keras would write a file of settings into the home.
_WORK = """
network = build_network()
network.set_weights([given[f"weights/{number}"] for number in range(len(network.weights))])
place = str(given["place"])
answering(network).save(place)
answers = keras.models.load_model(place, compile=False).predict(given["images"], batch_size=500, verbose=0)
"""


def refuse_missing(target: str) -> None:
    """Raises RequestError where `target` is no new .keras file, its script's name is none, or Keras is missing."""
    new_file.refuse(Path(target), ENDING)
    python_file.refuse_missing(str(Path(target).with_suffix(python_file.ENDING)))
    if importlib.util.find_spec("keras") is None:
        raise RequestError(INSTALL)


def write(run: Run, target: str) -> Written:
    """Write the model and its script, and an .npz file beside them where digits are not MNIST's.

    Raises RequestError as `refuse_missing`, and where no weights are saved yet or something is in the digits' place;
    FailedError where the run's files are damaged, or Keras does not take the model.
    """
    refuse_missing(target)
    from mnist_core.models import checkpoint

    path = Path(target)
    script, place = path.with_suffix(".py"), path.with_suffix(".npz")
    recipe, epoch = Recipe.of(run), answering_epoch(run)
    own, digits = answers_of(run, epoch), beside(run, partial(_numbered, recipe.config))
    if digits is not None:
        new_file.refuse(place, ".npz")
    text = program.text(recipe, place.name, digits.words if digits else "")
    state = {name: value.numpy() for name, value in checkpoint.read_weights(run.weights(epoch)).items()}
    given = {f"weights/{number}": array for number, array in _numbered(recipe.config, state).items()}
    with tempfile.TemporaryDirectory(prefix="mnist-lab-") as folder:
        saved = Path(folder) / f"model{ENDING}"
        more = {"images": np.ascontiguousarray(mnist.load_arrays("test").images), "place": np.array(str(saved))}
        theirs = answers_of_program({"program.py": text}, _WORK, given | more, KERAS_BACKEND="torch", KERAS_HOME=folder)
        content = saved.read_bytes()
    checked = written.check(own.probabilities, theirs)
    said = (
        f"{head.accuracy(recipe, epoch, own)} {harmless(path.name)} beside this has the run's own weights. "
        f"{checked.sentence} (Read from that file, with Keras on PyTorch.)"
    )
    call = f"python {python_file.typed(script.name)}"
    usage = f"    KERAS_BACKEND=torch {call}    trains it anew (jax and tensorflow do as well)"
    words = [head.what(run, recipe), said, _limits(recipe.config, recipe)]
    make_folder(path.parent)
    contents = {path: content, script: (head.docstring(TITLE, usage, words) + text).encode()}
    if digits is not None:
        contents[place] = digits.content
    for name, part in reversed(contents.items()):
        write_atomically(name, part)
    sentence = f"`keras.models.load_model({literal(path.name)})` loads it; {script.name} trains it anew."
    return Written(tuple(contents), sentence, checked)


def _numbered(config: TrainConfig, state: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The arrays under the numbers that they have in Keras; `state` may be in any order."""
    from mnist_core.models import networks

    ordered = {name: state[name] for name in networks.build_for(config).state_dict()}
    return {str(number): array for number, array in enumerate(in_keras_order(ordered))}


def _limits(config: TrainConfig, recipe: Recipe) -> str:
    """What training with Keras cannot equal."""
    parts = [
        "Keras draws other numbers (first weights, order of the digits, what is left out), begins with weights of "
        "another distribution, and rounds otherwise: the accuracy is about the same, the weights are not."
    ]
    if config.augmentation != "none":
        bent = " and does not bend digits" if config.augmentation == "elastic" else ""
        parts.append(f"Its augmentation turns, scales, shears and moves as far, by Keras' own layers{bent}.")
    if config.weight_averaging:
        parts.append("Its running average forgets the untrained weights more slowly.")
    if config.weight_decay and config.optimizer != "adamw":
        parts.append("Its weight decay is a part of the loss that it prints.")
    if any(momentum != config.momentum for _, momentum in recipe.changed_rates.values()):
        parts.append("The momentum stays as it began: Keras does not let it change in the middle of a training.")
    if recipe.went_on_after:
        times = plural(len(recipe.went_on_after), "time")
        parts.append(f"The run was let go on {times} after its patience had ended; this ends the first time.")
    return " ".join(parts)
