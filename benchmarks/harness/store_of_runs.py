"""A store of so many runs: one that was really trained, and others like it with other settings, curves and figures."""

import json
import os
import random
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

from mnist_core.config.train_config import TrainConfig
from mnist_core.jobs import launcher
from mnist_core.runs import manifest, store
from mnist_core.runs.manifest import Fingerprint, Manifest
from mnist_core.runs.run import Run
from mnist_core.system.sealing import seal

CURVES = 40  # so many different ones; the runs share them


def trained_run() -> Run:
    """Two epochs of the tutorial's network, with validation digits."""
    run = launcher.start(TrainConfig(epochs=2, validation_size=5000))
    launcher.wait(run)
    return run


def fill(run: Run, count: int) -> None:
    """Add so many runs like this one, whose files are links to its own where nothing in them differs."""
    draw = random.Random(1)
    curves = [_curve(run, draw, run.path.parent.parent / f"curve-{i}.jsonl") for i in range(CURVES)]
    record, status = run.record(), run.status()
    with patch("os.fsync"):  # nobody needs these after a power cut
        for i in range(count):
            path, tests = curves[i % CURVES]
            settings = {
                "learning_rate": draw.choice([0.003, 0.01, 0.03, 0.1]),
                "momentum": draw.choice([0.0, 0.5, 0.9]),
                "batch_size": draw.choice([32, 64, 128]),
                "seed": draw.randrange(1, 6),
                "model": draw.choice(["cnn", "mlp"]),
            }
            config = record.config.replace(**settings)
            other = Run(
                store.runs_folder() / f"20260101-{i // 10_000:02}{i % 10_000:04}-{config.model}-{i % 65536:04x}"
            )
            (other.path / "epochs").mkdir(parents=True)
            said = record.model_copy(update={"config": config, "created": 1.76e9 + 60 * i, "name": f"trial {i}"})
            content = json.dumps(said.model_dump()).encode()
            (other.path / "config.json").write_bytes(content)
            changes = {
                "test_accuracy": tests["test_accuracy"],
                "validation_accuracy": tests["validation_accuracy"],
                "train_seconds": status.train_seconds * draw.uniform(0.5, 2),
            }
            now = seal(status.model_copy(update=changes).model_dump())
            (other.path / "status.json").write_text(json.dumps(now))
            os.link(path, other.path / "metrics.jsonl")
            for file in (run.path / "epochs").iterdir():
                os.link(file, other.path / "epochs" / file.name)
            known = manifest._load(run.path) or Manifest()
            files = {**known.files, "config.json": (Fingerprint.of(content),)}
            made = known._replace(files=files, prefixes={"metrics.jsonl": Fingerprint.of(path.read_bytes())})
            (other.path / manifest.NAME).write_text(json.dumps(made.as_json()))


def _curve(run: Run, draw: random.Random, path: Path) -> tuple[Path, dict[str, float]]:
    """A curve like the run's, all of it a little better or worse; and its last test."""
    shift = draw.gauss(0, 0.004)

    def rows() -> Iterator[dict[str, float]]:
        for row in run.metrics()[0]:
            changed = {name: value - shift for name, value in row.items() if name.endswith("_accuracy")}
            losses = {name: value * (1 + 20 * shift) for name, value in row.items() if name.endswith("_loss")}
            yield row | losses | {name: min(round(value, 4), 1.0) for name, value in changed.items()}

    found = list(rows())
    path.write_text("".join(json.dumps(row) + "\n" for row in found))
    return path, next(row for row in reversed(found) if "test_accuracy" in row)
