"""The table of runs: what is read and kept of each, filters, order, CSV."""

import csv
import io
import json
import os
from pathlib import Path

import pytest

from mnist_core.comparison import entry, index
from mnist_core.comparison.csv_file import as_csv
from mnist_core.comparison.entry import Best, Entry, columns, differing
from mnist_core.comparison.selection import matching, ordered
from mnist_core.config.train_config import TEST_SIZE, TrainConfig
from mnist_core.errors import RequestError
from mnist_core.evaluation.statistics import wilson
from mnist_core.runs import notes, store
from mnist_core.runs.run import Run

ROWS = [
    {"step": 0, "epoch": 0, "samples_seen": 0, "validation_loss": 2.3, "validation_accuracy": 0.1},
    {"step": 1, "epoch": 0, "samples_seen": 64, "train_loss": 2.2},
    {"step": 2, "epoch": 1, "samples_seen": 128, "validation_loss": 0.2, "validation_accuracy": 0.95},
    {"step": 4, "epoch": 2, "samples_seen": 256, "validation_loss": 0.3, "validation_accuracy": 0.93},
]


def add(config: TrainConfig, name: str = "", **status: object) -> Run:
    """A finished run, its files an hour old."""
    run = store.create(config, name)
    done = {"state": "finished", "epoch": 2, "samples_seen": 256, "train_seconds": 5.0, "test_accuracy": 0.94}
    store.write_status(run, run.status().model_copy(update=done | status))
    rows = [row | {"test_loss": 1.0, "test_accuracy": 0.5 + row["step"] / 10} if "train_loss" not in row else row
            for row in ROWS]  # fmt: skip
    (run.path / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    age(run)
    return run


def age(run: Run) -> None:
    for file in run.path.glob("*.json*"):
        os.utime(file, (file.stat().st_atime, file.stat().st_mtime - 3600))


@pytest.fixture
def read_ids(home: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The runs whose files were parsed, in their order."""
    found: list[str] = []

    def read(run: Run) -> Entry:
        found.append(run.id)
        return entry.read(run)

    monkeypatch.setattr(index, "read", read)
    monkeypatch.setattr(index, "_indices", {})
    monkeypatch.setattr(index, "_WORTH_WRITING", 1)
    return found


def test_best_is_by_validation_digits_and_there_is_none_without_them(home: Path) -> None:
    with_some, without = add(TrainConfig(validation_size=5000)), add(TrainConfig())
    found = entry.read(with_some)
    assert found.best == Best(1, 0.95, 0.7)  # the test digits were read best after the second epoch: no matter
    assert found.validation_interval(0.95) == wilson(4750, 5000)
    assert found.test_interval() == wilson(9400, TEST_SIZE)
    assert entry.read(without).best is None


def test_each_run_is_read_once_also_by_the_next_process_until_a_file_changes(read_ids: list[str]) -> None:
    first, second = add(TrainConfig(), "one"), add(TrainConfig(momentum=0.9))
    before = index.entries()
    assert sorted(read_ids) == sorted([first.id, second.id])
    assert index.entries() == before and len(read_ids) == 2
    index._indices.clear()  # as in another process
    assert index.entries() == before and len(read_ids) == 2
    notes.tag(first, ["good"])
    assert {each.run: each.tags for each in index.entries()} == {first.id: ("good",), second.id: ()}
    assert read_ids[2:] == [first.id]
    store.delete(second)
    assert [each.run for each in index.entries()] == [first.id]


@pytest.mark.parametrize("damage", [b"", b"{}", b'{"version": "x", "kept": {}}', None])
def test_the_file_of_the_index_is_never_believed_over_the_runs(read_ids: list[str], damage: bytes | None) -> None:
    run = add(TrainConfig())
    before = index.entries()
    (path,) = (run.path.parents[1] / "cache").iterdir()
    if damage is None:  # well-formed, of another file
        path.write_bytes(path.read_bytes().replace(b'"epoch":2', b'"epoch":7').replace(b"[[[", b"[[[1"))
        status = run.path / "status.json"
        os.utime(status, (0, 1000))
    else:
        path.write_bytes(damage)
    index._indices.clear()
    assert index.entries() == before
    assert len(read_ids) == 2


def test_what_may_change_without_a_trace_is_read_again(read_ids: list[str]) -> None:
    damaged, fresh = add(TrainConfig(), "damaged"), store.create(TrainConfig(), "fresh")
    (damaged.path / "config.json").write_text("{")
    for _ in range(2):
        found = {each.run: each for each in index.entries()}
    assert found[damaged.id].state == "damaged"
    assert "config.json is damaged" in (found[damaged.id].damage or "")
    assert found[fresh.id].state == "queued"
    assert len(read_ids) == 4


def test_damaged_curve_is_told_where_it_is_needed(home: Path) -> None:
    run = add(TrainConfig(validation_size=5000))
    (run.path / "metrics.jsonl").unlink()
    (run.path / "metrics.jsonl").mkdir()
    found = entry.read(run)
    assert (found.state, found.best, found.settings["validation_size"]) == ("damaged", None, 5000)


def entries() -> list[Entry]:
    def one(run: str, **more: object) -> Entry:
        return Entry.model_validate({"run": run, "state": "finished", "created": 1.8e9, **more})

    return [
        one("a", name="Long one", changed={"learning_rate": 0.1}, test_accuracy=0.98, tags=("good", "not yet")),
        one("b", note="a LONG day", changed={"learning_rate": 0.001, "model": "mlp"}, kept=True),
        one("c", changed={"model": "deep", "seed": 3}, test_accuracy=0.96, created=1.7e9, tags=("good",)),
        Entry(run="long-d", state="damaged", damage="config.json is damaged."),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["a", "b", "c", "long-d"]),
        ("long", ["a", "b", "long-d"]),
        ('"long one"', ["a"]),
        ("good long", ["a"]),
        ("learning_rate>0.01", ["a"]),
        ("learning_rate=0.01", ["c"]),
        ("learning_rate<=0.01 model=mlp,deep", ["b", "c"]),
        ("model!=cnn", ["b", "c"]),
        ("test_accuracy>97%", ["a"]),
        ("test_accuracy!=0.98", ["c"]),
        ("state=damaged", ["long-d"]),
        ('tag="not yet"', ["a"]),
        ("tag=GOOD", ["a", "c"]),
        ("tag!=good", ["b", "long-d"]),
        ("kept=yes", ["b"]),
        ("seed=3,4", ["c"]),
        ("created>=2026-01-01", ["a", "b"]),
    ],
)
def test_filter(text: str, expected: list[str]) -> None:
    assert [each.run for each in matching(entries(), text)] == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("learning_rat=1", "There is nothing called 'learning_rat' to filter by; there are run, name, "),
        ("learning_rate>", "lacks a side: write it as in learning_rate>0.01 model=cnn, without blanks"),
        ("=3", "lacks a side"),
        ("learning_rate>fast", "learning_rate is compared with a number, not with 'fast'."),
        ("model>cnn", "model is no number: compare it with = or !=, not >."),
        ("seed>1,2", "compares with several values: > takes one."),
        ("created>yesterday", "created is compared with a date such as 2026-11-27"),
        ("kept=perhaps", "kept is compared with yes or no, not with 'perhaps'."),
        ('tag="x', "A quotation mark is missing"),
    ],
)
def test_bad_filter_is_one_sentence(text: str, says: str) -> None:
    with pytest.raises(RequestError) as error:
        matching(entries(), text)
    assert says in str(error.value)


def test_order_puts_what_is_not_known_last_either_way() -> None:
    assert [each.run for each in ordered(entries(), "test_accuracy")] == ["c", "a", "b", "long-d"]
    assert [each.run for each in ordered(entries(), "-test_accuracy")] == ["a", "c", "b", "long-d"]
    assert [each.run for each in ordered(entries(), "-parameters")] == ["b", "c", "a", "long-d"]
    with pytest.raises(RequestError, match="There is nothing called 'x' to sort by"):
        ordered(entries(), "x")


def test_differing_settings_are_those_in_which_readable_runs_are_not_alike() -> None:
    assert differing(entries()) == ["model", "learning_rate", "seed"]
    assert differing(entries()[:1]) == differing([]) == []


def test_csv_has_every_value_and_nothing_that_a_spreadsheet_computes() -> None:
    evil = '=HYPERLINK("http://evil.example";"x")'
    given = [entries()[0].model_copy(update={"name": evil, "note": "-1+1", "tags": ("@x", "ü")}), entries()[3]]
    first, damaged = csv.DictReader(io.StringIO(as_csv(given).decode()))
    assert set(columns()) < set(first)
    assert (first["name"], first["note"], first["tag"]) == (f"'{evil}", "'-1+1", "'@x; ü")
    assert (float(first["learning_rate"]), first["model"], first["kept"]) == (0.1, "cnn", "no")
    assert first["created"] == "2027-01-15T08:00:00+00:00"
    ends = (float(first["test_accuracy_low"]), float(first["test_accuracy_high"]))
    assert ends == pytest.approx(wilson(9800, TEST_SIZE))
    assert (damaged["test_accuracy"], damaged["damage"]) == ("", "config.json is damaged.")
