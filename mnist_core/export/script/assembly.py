"""The parts of a run's program, in their order: definitions, and the steps of the training itself."""

from typing import NamedTuple

from mnist_core.export.script.recipe import Recipe
from mnist_core.export.script.template import indented, rendered


class Part(NamedTuple):
    """A piece of the program, with what a notebook says above it."""

    title: str
    words: str
    pieces: tuple[str, ...]  # names of the pieces that it is made of, of which a run has some


DEFINITIONS = (
    Part("Imports", "PyTorch, torchvision, and nothing else that must be installed.", ("imports",)),
    Part("Settings", "Those of the run. Change one, and it is another training.", ("settings",)),
    Part(
        "The data",
        "MNIST, as tensors in memory: 60,000 digits to learn from, 10,000 to test with.",
        ("data", "normalise"),
    ),
    Part(
        "The network",
        "What it computes from a digit: ten log-probabilities, one for each class.",
        ("resample", "network_blocks", "network"),
    ),
    Part("Augmentation", "No digit is seen twice in quite the same form.", ("augmentation",)),
    Part("Learning rate", "How far an update goes, as the training goes on.", ("rates",)),
    Part("Averaged weights", "A running average of the weights is tested and kept, in their place.", ("averaging",)),
    Part("Training", "Forward, loss, backward, update: once for each batch.", ("training",)),
    Part("Testing", "How many digits are read rightly, without learning from them.", ("testing",)),
    Part(
        "Results", "The weights' fingerprint, a plot of both losses, and a few answers.", ("hash", "plot", "examples")
    ),
)
STEPS = (
    Part("Begin", "Data, network and optimizer. All chance follows from the seed.", ("begin",)),
    Part("Train", "After each epoch it is tested, and a checkpoint is saved from which it can go on.", ("train",)),
    Part("What came of it", "Its weights are saved; here are their fingerprint, the plot, and some answers.", ("end",)),
)
_NEEDS = {
    "resample": "resample",
    "network_blocks": "blocks",
    "augmentation": "augmentation",
    "averaging": "averaging",
}  # pieces that not every run has, with the word for it


class Program(NamedTuple):
    """The text of a run's program, for one form of it."""

    recipe: Recipe
    form: str  # "script", "notebook" or "scripts"
    beside: str = ""  # name of the file with its digits
    contents: str = ""  # of that file, in words

    def code(self, part: Part) -> str:
        """The part's text; "" where the run has nothing of it."""
        return "\n\n\n".join(filter(None, map(self.piece, part.pieces)))

    def piece(self, name: str) -> str:
        """The text of one piece; "" where the run has nothing of it."""
        recipe = self.recipe
        uses = recipe.uses | {self.form} | ({f"beside_{self.form}"} if "beside" in recipe.uses else set())
        if _NEEDS.get(name, self.form) not in uses:
            return ""
        values = recipe.values | {"beside": self.beside, "contents": self.contents}
        return rendered(f"network_{recipe.config.model}" if name == "network" else name, uses, values)

    def definitions(self) -> str:
        """All that is defined before anything is done."""
        imports, settings, *others = filter(None, map(self.code, DEFINITIONS))
        return "\n\n\n".join(["\n\n".join([imports, settings]), *others])

    def main(self) -> str:
        """The steps as a function, and the command that calls it."""
        about = "The training, from the first update or from the checkpoint."
        steps = "\n\n".join(indented(self.code(part)) for part in STEPS)
        return f'def main(resume=False):\n    """{about}"""\n{steps}\n\n\n{self.piece("command")}'

    def script(self) -> str:
        """All of it but its docstring."""
        return f"{self.definitions()}\n\n\n{self.main()}\n"
