"""What is done for every form of a run's program before it is written."""

from dataclasses import dataclass
from pathlib import Path

from mnist_core.evaluation.answers import answers_of
from mnist_core.export import new_file
from mnist_core.export.script import head, network_check
from mnist_core.export.script.assembly import Program
from mnist_core.export.script.beside import Beside, beside
from mnist_core.export.script.recipe import Recipe, refuse_changed
from mnist_core.export.script.template import literal
from mnist_core.export.written import Check
from mnist_core.runs.run import Run, answering_epoch
from mnist_core.system.files import make_folder, write_atomically


@dataclass(frozen=True)
class Prepared:
    """A program whose network was checked, what its head says, and the digits that lie beside it."""

    program: Program
    check: Check
    words: list[str]  # paragraphs
    digits: Beside | None
    place: Path  # of the digits

    def write(self, path: Path, content: bytes) -> tuple[Path, ...]:
        """Write the program, and first its digits where it has some; returns what was written."""
        make_folder(path.parent)
        if self.digits is not None:
            write_atomically(self.place, self.digits.content)
        write_atomically(path, content)
        return (path,) if self.digits is None else (path, self.place)

    @property
    def together(self) -> str:
        """A sentence on the digits' file, to be put behind another; "" where there is none."""
        return f" It reads {self.place.name}: keep the two together." if self.digits else ""


def prepare(run: Run, form: str, path: Path) -> Prepared:
    """The program of `form` that will lie at `path`.

    Raises RequestError where no weights are saved yet, the network was changed by hand, or something is in the place
    of its digits; FailedError where the run's files are damaged or the program does not run here.
    """
    refuse_changed(run)
    recipe, epoch = Recipe.of(run), answering_epoch(run)
    own, digits = answers_of(run, epoch), beside(run)
    place = path.with_suffix(".npz")
    if digits is not None:
        new_file.refuse(place, ".npz")
    program = Program(recipe, form, literal(place.name), digits.words if digits else "")
    checked = network_check.check({"program.py": program.definitions()}, run, epoch, own)
    return Prepared(program, checked, head.paragraphs(run, recipe, epoch, own, checked), digits, place)
