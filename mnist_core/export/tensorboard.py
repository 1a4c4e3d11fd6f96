"""A run as an event file for TensorBoard: curves, settings, and a picture of its mistakes."""

import importlib.util
import shlex
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from mnist_core.data import mnist
from mnist_core.errors import RequestError
from mnist_core.evaluation.answers import Answers, answers_of
from mnist_core.evaluation.statistics import accuracy_sentence, plural
from mnist_core.export.folder import new_folder, refuse_full
from mnist_core.export.written import Written
from mnist_core.runs.logs.metrics import quantities
from mnist_core.runs.records import ACTIVE, Record, Status
from mnist_core.runs.run import Run, answering_epoch

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

INSTALL = 'This needs TensorBoard: `pip install "mnist-lab[tensorboard]"`, or in a clone `pip install tensorboard`.'
# TensorBoard puts what is before the "/" under one heading.
TAGS = {
    "train_loss": "loss/train",
    "test_loss": "loss/test",
    "validation_loss": "loss/validation",
    "test_accuracy": "accuracy/test",
    "validation_accuracy": "accuracy/validation",
}
MISTAKES, COLUMNS = 50, 5  # shown, the largest loss first; in a row: TensorBoard shows the picture 340 pixels wide
SCALE, CAPTION = 3, 34  # of a picture's sides; pixels for the two lines below it


def refuse_missing(target: str) -> None:
    """Raises RequestError where the folder `target` is not empty, or the package is not installed."""
    refuse_full(Path(target))
    if importlib.util.find_spec("tensorboard") is None:
        raise RequestError(INSTALL)


def write(run: Run, target: str) -> Written:
    """Write the run into the folder `target`, in a folder of its id.

    Its curves are at the numbers of the updates. A test's wall time is that of its weights file, other rows' lie
    between, in even steps (`wall_times`). The mistakes are those of the epoch that answers.

    Raises RequestError as `refuse_missing`, and where no weights are saved yet; DamagedError as `answers_of`.
    """
    refuse_missing(target)
    record, status, (rows, _) = run.record(), run.status(), run.metrics()
    epoch = answering_epoch(run)
    answers = answers_of(run, epoch)
    from torch.utils.tensorboard import SummaryWriter

    with new_folder(Path(target)) as folder:
        times = wall_times(run, rows, record, status)
        ended = float(times[-1]) if len(times) else record.created
        step = next((row["step"] for row in rows if row["epoch"] == epoch and "test_loss" in row), status.step)
        with _quiet_threads(), SummaryWriter(str(folder / run.id)) as writer:  # TensorBoard calls it by its folder
            _write_curves(writer, rows, times)
            _write_settings(writer, record, rows, ended)
            writer.add_text("run", _words(run, epoch, answers), step, walltime=ended)
            picture = mistakes_picture(answers, mnist.load_arrays("test").images)
            writer.add_image("mistakes", picture, step, walltime=ended, dataformats="HW")
        for file in (folder / run.id).iterdir():  # its name has this machine's, and a process id
            file.rename(file.with_name(f"events.out.tfevents.{int(record.created)}.mnist-lab"))
    return Written((Path(target),), f"`tensorboard --logdir {shlex.quote(target)}` shows it.")


@contextmanager
def _quiet_threads() -> Iterator[None]:
    """Without a traceback of TensorBoard's writing thread on a full disk: what it raises comes from `flush` as well."""
    before, threading.excepthook = threading.excepthook, lambda failure: None
    try:
        yield
    finally:
        threading.excepthook = before


def wall_times(run: Run, rows: Sequence[dict[str, Any]], record: Record, status: Status) -> np.ndarray:
    """When each row of metrics.jsonl was logged, float64 (n,), in seconds since 1970.

    Rows have no time of their own. Known are the start, each test (its weights file is written with it), each event,
    and the end. What lies between is spread evenly over the updates. The time of a file that was copied (it lies
    outside of the training) is not taken.
    """
    end = max(status.heartbeat, record.created)
    tests: dict[int, float] = {}  # by row
    for place, row in enumerate(rows):
        if "test_loss" in row and (path := run.weights(row["epoch"])).exists():
            time = path.stat().st_mtime
            if record.created <= time <= end + 1:
                tests[place] = min(time, end)
    known = [(0, record.created), *((rows[place]["step"], time) for place, time in tests.items())]
    known += [(event["step"], event["at"]) for event in run.events() if record.created <= event["at"] <= end]
    if status.state not in ACTIVE:
        known.append((status.step, end))
    steps: list[int] = []
    times: list[float] = []
    for step, time in sorted(known):
        if not times or time >= times[-1]:
            steps.append(step)
            times.append(time)
    found = np.interp([row["step"] for row in rows], steps, times)
    for place, time in tests.items():  # something else may be known of the same update
        found[place] = time
    return found


def _write_curves(writer: "SummaryWriter", rows: Sequence[dict[str, Any]], times: np.ndarray) -> None:
    for row, time in zip(rows, times, strict=True):
        for name, value in quantities(row):
            if value is not None:
                writer.add_scalar(TAGS.get(name, name), value, row["step"], walltime=float(time))
    charts = {
        kind: ["Multiline", [tag for tag in TAGS.values() if tag.startswith(kind)]] for kind in ("loss", "accuracy")
    }
    writer.add_custom_scalars({"Training": charts})


def _write_settings(writer: "SummaryWriter", record: Record, rows: Sequence[dict[str, Any]], time: float) -> None:
    """The settings for the tab of hyper-parameters.

    `SummaryWriter.add_hparams` would add a point to each curve that it names, so what it makes is written without it.
    """
    from torch.utils.tensorboard.summary import hparams

    tested = {TAGS[name]: 0.0 for row in rows for name in row if name in TAGS}
    file: Any = writer.file_writer
    for summary in hparams(record.config.model_dump(), tested):
        file.add_summary(summary, walltime=time)


def _words(run: Run, epoch: int, answers: Answers) -> str:
    """What the run is, as Markdown."""
    lines = [
        f"{run.id} {run.name()}".strip(),
        run.note(),
        f"Test accuracy after {plural(epoch, 'epoch')}: {accuracy_sentence(answers.correct, len(answers))}.",
        f"The picture shows {min(MISTAKES, len(answers.mistakes))} of its {plural(len(answers.mistakes), 'mistake')}, "
        "the largest loss first.",
    ]
    return "\n\n".join(line for line in lines if line)


def mistakes_picture(answers: Answers, images: np.ndarray) -> np.ndarray:
    """The mistakes with the largest loss out of `images`, uint8 (10000, 28, 28), as one picture, uint8 (height, width).

    Below each stand "4 read as 9" and its index with the probability of the wrong digit.
    """
    shown = answers.mistakes[:MISTAKES]
    side = 28 * SCALE
    cell_width, cell_height = side + 22, side + CAPTION + 8
    rows = max(-(-len(shown) // COLUMNS), 1)
    sheet = Image.new("L", (COLUMNS * cell_width, rows * cell_height), 255)
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(14)
    for place, index in enumerate(shown):
        left, top = place % COLUMNS * cell_width + 6, place // COLUMNS * cell_height + 4
        digit = Image.fromarray(images[index]).resize((side, side), Image.Resampling.NEAREST)
        sheet.paste(digit, (left, top))
        captions = (
            f"{answers.labels[index]} read as {answers.predicted[index]}",
            f"#{index}: {100 * answers.confidence[index]:.1f} %",
        )
        for line, caption in enumerate(captions):
            pen.text((left, top + side + 2 + 16 * line), caption, fill=0, font=font)
    if not len(shown):
        pen.text((6, 4), "No mistakes", fill=0, font=font)
    return np.asarray(sheet)
