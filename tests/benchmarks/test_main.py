"""Benchmarks save and print each row as soon as it is measured, whatever happens after it."""

import inspect
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.__main__ import NAMES, find_benchmark, measure_all
from benchmarks.harness.results import Results, Row
from mnist_core.errors import RequestError
from mnist_core.system.files import REPOSITORY

Output = pytest.CaptureFixture[str]


def saved(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text())
    return document


def test_each_row_is_printed_and_saved_before_the_next_is_measured(tmp_path: Path, capsys: Output) -> None:
    path = tmp_path / "rows.json"
    seen = []

    def measure() -> Iterator[Row]:
        yield Row("first", "s", [1.0, 2.0, 9.0], goal="at most 3 s")
        seen.append((saved(path)["rows"], capsys.readouterr().out))
        yield Row("second", "ms", [4.0])

    assert measure_all(["one"], Results(path), lambda name: measure) == 0
    ((rows, printed),) = seen
    assert [row["what"] for row in rows] == ["first"]
    assert {name: rows[0][name] for name in ("benchmark", "n", "mean", "median", "p95", "min", "max", "values")} == {
        **{"benchmark": "one", "n": 3, "mean": 4.0, "median": 2.0, "p95": 9.0, "min": 1.0, "max": 9.0},
        "values": [1.0, 2.0, 9.0],
    }
    line = printed.splitlines()[-1]
    assert line.split() == ["first", "3", "2", "s", "9", "s", "1", "to", "9", "at", "most", "3", "s"]
    assert [row["what"] for row in saved(path)["rows"]] == ["first", "second"]
    assert {"date", "python", "torch", "processor", "cores"} <= set(saved(path)["environment"])


def test_a_failure_keeps_the_rows_before_it_and_the_other_benchmarks_run(tmp_path: Path, capsys: Output) -> None:
    def failing() -> Iterator[Row]:
        yield Row("first", "s", [1.0])
        raise ZeroDivisionError("no luck")

    def sound() -> Iterator[Row]:
        yield Row("third", "s", [3.0])

    found = {"failing": failing, "sound": sound}
    path = tmp_path / "rows.json"
    assert measure_all(list(found), Results(path), found.__getitem__) == 1
    assert [(row["benchmark"], row["what"]) for row in saved(path)["rows"]] == [
        ("failing", "first"),
        ("sound", "third"),
    ]
    assert saved(path)["failed"] == {"failing": "ZeroDivisionError: no luck"}
    assert "ZeroDivisionError: no luck" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [path]


def test_a_benchmark_whose_file_is_missing_is_passed_over_with_a_sentence(tmp_path: Path, capsys: Output) -> None:
    def read() -> Row:
        raise RequestError("strokes.txt is missing: download it.")

    def wanting() -> Iterator[Row]:
        yield read()

    assert measure_all(["wanting"], Results(tmp_path / "rows.json"), lambda name: wanting) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "strokes.txt is missing: download it."


def test_a_row_measured_further_replaces_itself(tmp_path: Path) -> None:
    def measure() -> Iterator[Row]:
        for n in (1, 2, 3):
            yield Row("seeds", "s", [1.0] * n)
            yield Row("other", "s", [2.0] * n)

    measure_all(["one"], Results(tmp_path / "rows.json"), lambda name: measure)
    assert [(row["what"], row["n"]) for row in saved(tmp_path / "rows.json")["rows"]] == [("seeds", 3), ("other", 3)]


def test_ctrl_c_leaves_the_rows_so_far(tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    script = f"""
import signal, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # where the tests run in the background it is ignored
from pathlib import Path
from benchmarks.__main__ import measure_all
from benchmarks.harness.results import Results, Row
def measure():
    yield Row("first", "s", [1.0])
    print("measuring the second", flush=True)
    time.sleep(600)
    yield Row("second", "s", [2.0])
raise SystemExit(measure_all(["one", "two"], Results(Path({str(path)!r})), lambda name: measure))
"""
    process = subprocess.Popen(
        [sys.executable, "-c", script], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    assert process.stdout is not None
    assert any("measuring the second" in line for line in process.stdout)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out.splitlines()[-1] == f"Interrupted; the rows so far are in {path}."
    assert [row["what"] for row in saved(path)["rows"]] == ["first"]


@pytest.mark.parametrize("name", NAMES)
def test_every_benchmark_makes_its_rows_one_by_one(name: str) -> None:
    assert inspect.isgeneratorfunction(find_benchmark(name))
