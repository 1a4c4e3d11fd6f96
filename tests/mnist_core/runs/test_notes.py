"""A person's name and note for a run."""

from pathlib import Path

import pytest

from mnist_core.config.train_config import TrainConfig
from mnist_core.errors import RequestError
from mnist_core.runs import notes
from mnist_core.runs.store import create


def test_name_and_note_are_kept_beside_what_the_trainer_writes(store: Path) -> None:
    run = create(TrainConfig(), "First")
    assert (run.name(), run.note()) == ("First", "")
    config = (run.path / "config.json").read_bytes()
    notes.write_note(run, " Two\nlines ")
    notes.rename(run, " Second ")
    assert (run.name(), run.note()) == ("Second", "Two\nlines")
    assert (run.path / "config.json").read_bytes() == config
    with pytest.raises(RequestError, match=r"^A name is one line of printable characters; 'Two\\nlines' was given\.$"):
        notes.rename(run, "Two\nlines")
    with pytest.raises(RequestError, match=r"^A name is one line of at most 60 characters; this one has 61\.$"):
        notes.rename(run, 61 * "a")
    for damaged in (b"", b"[]", b'{"name": "Th'):
        (run.path / "notes.json").write_bytes(damaged)
        assert (run.name(), run.note()) == ("First", "")
