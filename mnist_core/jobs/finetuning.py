"""Train a run further on a person's own drawings: a new run that starts from the weights of another.

Its folder holds what it needs, whatever becomes of parent and drawings: `start.safetensors`, the parent's weights, and
`own.npz`, the drawings: those it trains on, and every fifth, which are held out. The drawings take the places of one in
ten of the MNIST digits that it goes on seeing, each as often as it takes. Epoch 0 is the parent.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mnist_core.config.train_config import TEST_SIZE, TrainConfig
from mnist_core.data.mnist import Arrays
from mnist_core.drawing import collection
from mnist_core.errors import RequestError
from mnist_core.evaluation.statistics import accuracy_sentence, share, wilson
from mnist_core.runs import manifest, own_digits, store
from mnist_core.runs.run import Run, answering_epoch

if TYPE_CHECKING:
    import torch

FEWEST = 5  # drawings to train on
HELD_OUT = 5  # every so many, where there are at least twice as many
PER_CLASS = 1000  # MNIST's digits of each class in an epoch, so that what was learned is kept


def create(parent: Run, epochs: int = 1) -> Run:
    """A new run, queued, that will go on from `parent`'s last weights on all drawings there are.

    Raises RequestError when there are too few drawings or the parent has no weights.
    """
    known = collection.every()[::-1]  # the oldest first: a new drawing does not change which are held out
    if len(known) < FEWEST:
        raise RequestError(
            f"There are {len(known)} drawings; keep at least {FEWEST} on the Draw page to train on them."
        )
    weights = manifest.read(parent.weights(answering_epoch(parent)))
    held_out = known[HELD_OUT - 1 :: HELD_OUT] if len(known) >= 2 * HELD_OUT else []
    trained_on = [drawing for drawing in known if drawing not in held_out]
    config = settings(parent.record().config, epochs)
    run = store.create(config, f"Fine-tuned on {len(trained_on)} drawings", parent.id)
    packed = own_digits.pack(collection.arrays(trained_on), collection.arrays(held_out))
    manifest.write(run.path, {own_digits.START: weights, own_digits.NAME: packed})
    return run


def start(parent: Run, epochs: int = 1) -> Run:
    """`create`, and train it in a process of its own."""
    from mnist_core.jobs import launcher

    run = create(parent, epochs)
    launcher.launch(run)
    return run


def settings(config: TrainConfig, epochs: int) -> TrainConfig:
    """The parent's settings at a small constant rate, over a part of MNIST."""
    ended_at = config.learning_rate if config.schedule == "constant" else config.learning_rate / 30
    return config.replace(
        epochs=epochs,
        learning_rate=max(ended_at, 1e-6),
        schedule="constant",
        digits_per_class=PER_CLASS,
        synthetic_digits=0,
        validation_size=0,
        patience=0,
        answer_with="last",
    )


@dataclass(frozen=True)
class Score:
    """How many of `n` were predicted correctly before and after."""

    before: int
    after: int
    n: int


@dataclass(frozen=True)
class Outcome:
    """What fine-tuning did: on the 10,000 test digits, on the drawings trained on, and on those held out."""

    test: Score
    trained_on: Score
    held_out: Score

    def sentence(self) -> str:
        """For a person: before and after, each with its n and interval."""
        lines = [_line("MNIST's test digits", self.test), _line("Drawings it was trained on", self.trained_on)]
        if self.held_out.n:
            return "\n".join([*lines, _line("Drawings held out", self.held_out)])
        return "\n".join([*lines, f"No drawings were held out; with {2 * HELD_OUT} or more, every fifth is."])

    def as_dict(self, run: Run) -> dict[str, Any]:
        """For JSON."""
        found: dict[str, Any] = {"run": run.id, "parent": run.record().parent}
        for name, score in (("test", self.test), ("trained_on", self.trained_on), ("held_out", self.held_out)):
            found[name] = {"before": score.before, "after": score.after, "n": score.n}
            if score.n:
                found[name]["interval_after"] = list(wilson(score.after, score.n))
        return found


def outcome(run: Run) -> Outcome:
    """What fine-tuning did in `run`, up to its last saved epoch. Raises RequestError where it has none yet."""
    from mnist_core.evaluation.answers import answers_of
    from mnist_core.models.inference import load_network

    last = answering_epoch(run)
    own, kept = own_digits.read(run)
    networks = [load_network(run, 0), load_network(run, last)]
    before, after = (answers_of(run, epoch).correct for epoch in (0, last))
    return Outcome(Score(before, after, TEST_SIZE), _score(networks, own), _score(networks, kept))


def _score(networks: "list[torch.nn.Module]", digits: Arrays) -> Score:
    from mnist_core.models.inference import probabilities

    if not len(digits.labels):
        return Score(0, 0, 0)
    before, after = (int((probabilities(it, digits.images).argmax(1) == digits.labels).sum()) for it in networks)
    return Score(before, after, len(digits.labels))


def _line(what: str, score: Score) -> str:
    after = accuracy_sentence(score.after, score.n, "digits")
    return f"{what}: {share(score.before / score.n)} before, {after} after."
