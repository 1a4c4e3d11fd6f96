"""`report`: what runs are, how good they are and how they came to be, as one HTML file."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mnist_core.evaluation.statistics import plural
from mnist_core.export.new_file import refuse_existing, write_new
from mnist_core.export.written import Written
from mnist_core.runs.run import Run

if TYPE_CHECKING:
    from mnist_core.export.report.facts import Facts

ENDING = ".html"
_TEMPLATE = "report.html.jinja"


def refuse_missing(target: str) -> None:
    """Raises RequestError where something is there under this name."""
    refuse_existing(Path(target))


def write(run: Run, target: str) -> Written:
    """As `write_several`, for one run."""
    return write_several([run], target)


def write_several(runs: Sequence[Run], target: str) -> Written:
    """Write a report of these runs, one or more, into the new file `target`.

    Its figures are of the answers that the trainings kept, held against what the weights answer now; of several runs
    what is returned is the check of the worst.

    Raises RequestError as `refuse_missing`, for too many runs, and where one has no weights yet; DamagedError where
    files of one are damaged.
    """
    refuse_missing(target)
    from mnist_core.export.report.facts import gather

    facts = gather(runs)
    write_new(Path(target), html(facts).encode())
    check = max((one.check for one in facts), key=lambda one: (one.different, one.largest))
    about = "the run" if len(runs) == 1 else plural(len(runs), "run")
    sentence = f"Open {target} in a browser: it shows {about}, prints, and needs no network."
    return Written((Path(target),), sentence, check)


def html(facts: "Sequence[Facts]") -> str:
    """The file's content."""
    from jinja2 import Environment, StrictUndefined

    from mnist_core.export.report.several import of_several
    from mnist_core.export.report.view import of_run

    # Names and notes are a person's: all is escaped but charts (`safe` in the template), which escape their texts.
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(Path(__file__).with_name(_TEMPLATE).read_text(encoding="utf-8"))
    title = facts[0].called if len(facts) == 1 else f"{plural(len(facts), 'run')} compared"
    return template.render(
        title=title, runs=[of_run(one) for one in facts], several=of_several(facts) if len(facts) > 1 else None
    )
