"""Run folders damaged on purpose: one odd value each, in one file."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mnist_core.runs.run import Run

DEEP = "[" * 100_000 + "]" * 100_000
Damage = Callable[[Path], object]


def value(file: str, **changes: Any) -> Damage:
    """Some values of a JSON file are others."""

    def change(folder: Path) -> None:
        path = folder / file
        known = json.loads(path.read_bytes()) if path.exists() else {}
        path.write_text(json.dumps(known | changes))

    return change


def setting(**changes: Any) -> Damage:
    return lambda folder: value(
        "config.json", config=json.loads((folder / "config.json").read_bytes())["config"] | changes
    )(folder)


def content(file: str, text: str | bytes) -> Damage:
    return lambda folder: (folder / file).write_bytes(text.encode() if isinstance(text, str) else text)


def line(file: str, text: str) -> Damage:
    """A line more at the end of a file of lines."""

    def append(folder: Path) -> None:
        with (folder / file).open("a") as lines:
            lines.write(f"{text}\n")

    return append


def instead(file: str, make: Callable[[Path], object]) -> Damage:
    """Something else in a file's place."""

    def replace(folder: Path) -> None:
        (folder / file).unlink(missing_ok=True)
        make(folder / file)

    return replace


TESTED = '{"step": 938, "epoch": 1, "samples_seen": 60000, '
DAMAGES: dict[str, Damage] = {
    "config is empty": content("config.json", ""),
    "config is deep": content("config.json", DEEP),
    "config is huge": content("config.json", " " * 11_000_000),
    "config is another kind": content("config.json", "[5]"),
    "created at 1e300": value("config.json", created=1e300),
    "created at NaN": value("config.json", created=float("nan")),
    "created before time": value("config.json", created=-1e15),
    "an odd parent": value("config.json", parent="../../elsewhere"),
    "an odd name": value("config.json", name="caf\udce9 \x1b[31m[/b]<img src=x>![x](http://x)"),
    "no such network": setting(model="vgg"),
    "settings that exclude each other": setting(digits_per_class=5000, validation_size=20_000),
    "status is missing": instead("status.json", lambda path: None),
    "status is deep": content("status.json", DEEP),
    "status is a folder": instead("status.json", Path.mkdir),
    "status is a pipe": instead("status.json", os.mkfifo),
    "accuracy 5": value("status.json", test_accuracy=5),
    "accuracy NaN": value("status.json", test_accuracy=float("nan")),
    "a step of 1e300": value("status.json", step=1e300),
    "a rate of 1e9": value("status.json", learning_rate=1e9),
    "a pid of all": value("status.json", state="running", pid=-1),
    "an odd error": value("status.json", error="![x](http://evil.example/x.png) <b>\udce9"),
    "notes that are no text": value("notes.json", name=5, note=["a"]),
    "notes are deep": content("notes.json", DEEP),
    "a line 5 of metrics": line("metrics.jsonl", "5"),
    "a deep line of metrics": line("metrics.jsonl", DEEP),
    "a line without its place": line("metrics.jsonl", '{"train_loss": 1.0}'),
    "half a test": line("metrics.jsonl", TESTED + '"test_loss": 0.1}'),
    "a loss of text": line("metrics.jsonl", TESTED + '"train_loss": "low"}'),
    "a loss of 1e308": line("metrics.jsonl", TESTED + '"train_loss": 1e308}'),
    "digits seen beyond 64 bits": line("metrics.jsonl", '{"step": 1, "epoch": 1, "samples_seen": 1e30}'),
    "layers of nothing": line("metrics.jsonl", TESTED + '"train_loss": 1.0, "layers": {"a": 5}}'),
    "metrics are a folder": instead("metrics.jsonl", Path.mkdir),
    "a line 5 of events": line("events.jsonl", "5"),
    "a deep line of events": line("events.jsonl", DEEP),
    "half a change": line("events.jsonl", '{"at": 1, "step": 5, "event": "rates", "learning_rate": 0.1}'),
    "an event without its name": line("events.jsonl", '{"at": 1, "step": 5}'),
    "odd wishes": content("control.json", '{"wishes": [{"serial": 1e99, "at": "now", "wish": "stop"}]}'),
    "odd progress": content("epochs/0001.robustness.progress.json", '{"state": "running", "at": 1e300, "share": 7}'),
    "an odd answer": content("epochs/0001.robustness.json", DEEP),
    "an odd file of weights": content("epochs/0²01.safetensors", b""),
}
# What makes a run unreadable: it is shown as damaged, with the reason.
UNREADABLE = {name for name in DAMAGES if name.startswith(("config", "created", "no such", "settings"))} | {
    "an odd parent"
}
NO_STATUS = {name for name in DAMAGES if name.startswith(("status", "accuracy", "a step", "a rate", "a pid"))}

NO_CURVE = {"metrics are a folder"}  # `runs --json` reads the curve, and says so; the table does not read it


def damaged_copy(run: Run, name: str) -> Run:
    """A run like this one, older, with that damage."""
    number = list(DAMAGES).index(name)
    other = Run(run.path.with_name(f"20000101-{number:06}-cnn-dead"))
    shutil.copytree(run.path, other.path)
    (other.path / "manifest.json").unlink()  # as of before there were digests, which would tell of any change
    status = json.loads((other.path / "status.json").read_text())
    del status["digest"]
    (other.path / "status.json").write_text(json.dumps(status))
    DAMAGES[name](other.path)
    return other
