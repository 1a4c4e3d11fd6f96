"""A report against what the commands say of the same runs, and against foreign text."""

import base64
import io
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mnist_core.data import mnist
from mnist_core.data.corruptions import CORRUPTIONS
from mnist_core.evaluation import robustness
from mnist_core.evaluation.answers import answers_of
from mnist_core.runs import manifest, notes, store
from mnist_core.runs.run import Run
from tests.support.command_line import Output, json_of, refused, run_line

FOREIGN = '<script>alert(1)</script>"><img src=http://e-e.x>{{ 7 * 7 }}'


class Page(HTMLParser):
    """What a browser would make of it, as far as the tests ask."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.rows: list[list[str]] = []
        self.is_in_cell = False
        self.feed(content)
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
            self.is_in_cell = True

    def handle_endtag(self, tag: str) -> None:
        self.is_in_cell = self.is_in_cell and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1][0] != "style":
            self.words.append(data)
        if self.is_in_cell:
            self.rows[-1][-1] += data.strip()

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def report_of(capsys: Output, file: Path, *runs: str) -> Page:
    status, out, err = run_line(capsys, "export", *runs, "--format", "report", "-o", str(file))
    assert (status, err) == (0, "")
    assert "0 different answers" in out
    return Page(file.read_text())


@pytest.fixture
def untrained(trained: Run) -> Run:
    """A second run, whose weights are those from before the first update, under another learning rate."""
    other = Run(trained.path.with_name("20260101-000000-cnn-0001"))
    shutil.copytree(trained.path, other.path)
    for ending in ("safetensors", "test.npy"):
        before = (other.path / "epochs" / f"0000.{ending}").read_bytes()
        manifest.replace(other.path / "epochs" / f"0001.{ending}", before)
    record = other.record()
    store.write_record(other, record.model_copy(update={"config": record.config.replace(learning_rate=0.02, epochs=5)}))
    notes.rename(other, FOREIGN)
    notes.write_note(other, FOREIGN)
    return other


def test_it_says_of_a_run_what_the_commands_say(capsys: Output, trained: Run, tmp_path: Path) -> None:
    page = report_of(capsys, tmp_path / "report.html", trained.id)
    said = json_of(capsys, "test", trained.id, "--json")
    low, high = said["interval"]
    interval = f"(10,000 test digits, 95 % interval {100 * low:.1f} to {100 * high:.1f})"
    assert f"Test accuracy {100 * said['test_accuracy']:.1f} % {interval}" in page.text
    assert f"Test loss {said['test_loss']:.4f}" in page.text
    assert "Checked over 10,000 test digits: 0 different answers" in page.text

    matrix = [[int(cell.replace(",", "") or 0) for cell in row[1:]] for row in page.rows if row[:1] in _DIGITS]
    answers = answers_of(trained)
    assert matrix == answers.confusion.tolist()
    table = run_line(capsys, "mistakes", trained.id)[1].splitlines()[1:25]
    worst = [line.split() for line in table]
    captions = re.findall(r"(\d) read as (\d) #(\d+), (\S+) %", page.text)
    assert [(int(index), true, read) for true, read, index, _ in captions] == [
        (int(index), true, read) for index, true, read, *_ in worst
    ]
    assert [float(sure) for *_, sure in captions] == [pytest.approx(100 * float(row[3]), abs=0.06) for row in worst]
    images = mnist.load_arrays("test").images
    for picture, (index, *_) in zip(page.all("img"), worst, strict=True):
        content = base64.b64decode(str(picture["src"]).removeprefix("data:image/png;base64,"))
        assert (np.asarray(Image.open(io.BytesIO(content))) == images[int(index)]).all()
        assert f"Test digit {index}:" in str(picture["alt"])
    assert "--threads 1" in page.text
    assert f"verify {trained.id}" in page.text
    assert "Nobody paused it" in page.text
    assert trained.record().data in page.text


_DIGITS = [[str(digit)] for digit in range(10)]


def test_two_runs_are_compared_as_compare_does_and_foreign_text_is_text(
    capsys: Output, trained: Run, untrained: Run, tmp_path: Path
) -> None:
    file = tmp_path / "two.html"
    page = report_of(capsys, file, untrained.id, trained.id)
    said = json_of(capsys, "compare", untrained.id, trained.id, "--json")
    low, high = said["difference_interval"]
    lead = (
        f"One epoch is {100 * said['difference']:.2f} points more accurate than {FOREIGN} "
        f"(95 % interval {100 * low:+.2f} to {100 * high:+.2f}, 10,000 test digits)"
    )
    assert said["difference"] > 0 and lead in page.text
    turned = report_of(capsys, tmp_path / "turned.html", trained.id, untrained.id)
    said_turned = json_of(capsys, "compare", trained.id, untrained.id, "--json")
    assert said_turned["difference"] == -said["difference"] and lead in turned.text
    assert said_turned["sentence"] in turned.text and f"The first is One epoch, the second {FOREIGN}." in turned.text
    assert said["sentence"] in page.text
    assert set(said["differing"]) == {"learning_rate"}
    assert ["Learning rate", "0.02", "0.01"] in page.rows
    assert ["Epochs", "5", "1"] in page.rows
    for one in said["runs"]:
        assert any(f"{100 * one['test_accuracy']:.2f} %" in row for row in page.rows)

    assert page.text.count("alert(1)") >= 3
    assert page.text.count("{{ 7 * 7 }}") >= 2
    assert not page.all("script")
    assert not page.all("a")
    assert not [tag for tag in page.all("img") if not str(tag["src"]).startswith("data:image/png;base64,")]
    named = {name for _, attributes in page.tags for name in attributes}
    assert not {name for name in named if name.startswith("on") or name in ("href", "srcdoc", "action")}
    style = re.findall(r"<style>(.*?)</style>", file.read_text(), re.DOTALL)
    assert len(style) == 1 and "url(" not in style[0] and "@import" not in style[0]
    assert file.stat().st_size < 500_000


def test_of_a_run_that_failed_it_says_so_and_promises_nothing(capsys: Output, trained: Run, tmp_path: Path) -> None:
    why = "The training diverged: the loss is nan after 938 steps. Choose a smaller learning rate."
    status = trained.status()
    assert f"SHA-256 {status.weights_hash}, after 1 epoch and 938 updates" in text_of(capsys, trained, tmp_path / "a")
    store.write_status(trained, status.model_copy(update={"state": "failed", "failure": "diverged", "error": why}))
    text = text_of(capsys, trained, tmp_path / "b")
    assert f"Failed, after 1 epoch and 938 updates. {why}" in text
    assert "This run failed after 938 updates: expect the same of it." in text
    assert "to the end" not in text and "ends in the same weights" not in text


def text_of(capsys: Output, run: Run, file: Path) -> str:
    return report_of(capsys, file.with_suffix(".html"), run.id).text


def test_robustness_and_what_was_done_are_in_it(capsys: Output, trained: Run, tmp_path: Path) -> None:
    correct = {kind: [9000 - 1000 * i for i in range(len(c.strengths))] for kind, c in CORRUPTIONS.items()}
    robustness.ANALYSIS.study(trained, 1).save({"n": 10_000, "clean": 9500, "correct": correct})
    at = trained.record().created + 1
    (trained.path / "manifest.json").unlink()  # as of a run made before there were any: events may be added to it
    rates = {"learning_rate": 0.003, "old_learning_rate": 0.01, "momentum": 0.5, "old_momentum": 0.5}
    with (trained.path / "events.jsonl").open("w") as file:
        file.write(f'{{"at": {at}, "step": 469, "event": "paused"}}\n')
        values = ", ".join(f'"{name}": {value}' for name, value in rates.items())
        file.write(f'{{"at": {at}, "step": 469, "event": "rates", {values}}}\n')
    page = report_of(capsys, tmp_path / "report.html", trained.id)
    assert "Not computed" not in page.text
    for corruption in CORRUPTIONS.values():
        assert f"{corruption.title}." in page.text
    turned = next(str(svg["aria-label"]) for svg in page.all("svg") if "90.0 % at 10," in str(svg["aria-label"]))
    assert turned.startswith("Accuracy: 95.0 % at as it is, 90.0 % at 10, 80.0 % at 20,")
    assert ["469", "Changed: learning rate 0.01 to 0.003."] in [row[1:] for row in page.rows]
    assert "What was changed meanwhile is not in it." in page.text
    uprights = [line for line in page.all("line") if line.get("stroke") == "#CC79A7"]
    plot = next(line for line in page.all("line") if line.get("class") == "axis")
    left, right = float(str(plot["x1"])), float(str(plot["x2"]))
    middle = (left + right) / 2  # 469 of the epoch's 938 updates
    assert [float(str(line["x1"])) for line in uprights[:1]] == [pytest.approx(middle, abs=0.5)]


def test_what_cannot_be_written(capsys: Output, trained: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.html").write_text("mine")
    said = refused(capsys, "export", trained.id, "--format", "report", "-o", str(tmp_path / "mine.html"))
    assert "is there already" in said
    assert (tmp_path / "mine.html").read_text() == "mine"
    two = ("export", trained.id, "shipped", "-o", str(tmp_path / "new"))
    assert "tensorboard takes one run, and 2 came" in refused(capsys, *two, "--format", "tensorboard")
    for number in range(11):
        shutil.copytree(trained.path, trained.path.with_name(f"20260101-000000-cnn-{number:04d}"))
    many = [run.id for run in store.every()]
    assert "Name 1 to 10 different runs" in refused(
        capsys, "export", *many, "-o", str(tmp_path / "new"), "--format", "report"
    )
    assert [path.name for path in tmp_path.iterdir() if path.name != "home"] == ["mine.html"]
