"""The text of a program, for settings that no run here is trained with."""

import ast
import itertools
import re
from pathlib import Path
from typing import Any

from mnist_core.config.networks import NETWORKS
from mnist_core.config.train_config import TrainConfig
from mnist_core.evaluation.answers import answers_of
from mnist_core.export.script import head
from mnist_core.export.script.assembly import Program
from mnist_core.export.script.four_files import FILES, text_of
from mnist_core.export.script.python_file import IMPORTED
from mnist_core.export.script.recipe import Recipe
from mnist_core.export.script.template import PARTS, literal, rendered
from mnist_core.runs.records import Record, Status
from mnist_core.runs.run import Run
from tests.support.exported_programs import ruff

EVENTS: list[dict[str, Any]] = [
    {"event": "paused", "step": 4},
    {"event": "rates", "step": 5, "learning_rate": 0.1, "momentum": 0.3},
    {"event": "rates", "step": 5, "learning_rate": 0.2, "momentum": 0.3},
    {"event": "out_of_patience", "step": 10, "epochs": 1},
    {"event": "epochs", "step": 14, "epochs": 4, "old_epochs": 2},
    {"event": "threads", "step": 16, "threads": 1},
]
MANY = {
    **{"weight_decay": 0.01, "label_smoothing": 0.1, "weight_averaging": 0.9, "augmentation": "elastic"},
    **{"validation_size": 5000, "patience": 2, "answer_with": "best", "digits_per_class": 50, "synthetic_digits": 100},
    **{"precision": "bfloat16", "schedule": "one_cycle", "dropout": 0.3, "momentum": 0.9},
}


def recipe(events: list[dict[str, Any]], device: str = "cpu", parent: str | None = None, **settings: Any) -> Recipe:
    versions = {"kernels": "pytorch", "torch": "2"}
    record = Record(
        config=TrainConfig.parse(settings), created=1e9, threads=2, device=device, parent=parent, versions=versions
    )
    status = Status(state="finished", heartbeat=1, queued_at=1, step=20, weights_hash="ab" * 32)
    return Recipe("20261122-211401-run", record, status, events)


def test_programs_of_all_settings_are_written_as_ruff_writes_them(tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    kinds = itertools.product(NETWORKS, ("sgd", "adam", "adamw"), ({}, MANY), ([], EVENTS), ("cpu", "cuda"))
    for number, (model, optimizer, settings, events, device) in enumerate(kinds):
        made = recipe(
            events, device, "parent" if number % 3 == 0 else None, model=model, optimizer=optimizer, **settings
        )
        text = head.docstring("Head.", "", []) + Program(made, "script", literal('a "b".npz'), "digits").script()
        (programs / f"{number}.py").write_text(text)
        assert imported(text) <= IMPORTED
        assert ("DEVICE" in text) is (device == "cuda")
        assert ("SHA256" in text) is (device == "cpu")
        assert ("CHANGED_RATES" in text) is (events != [])
        assert ("#?" in text or "$" in text) is False
    for number, events in enumerate([[], EVENTS]):
        for kind, settings in enumerate([{}, MANY]):
            made = recipe(events, "cpu", "parent" if number else None, model="mlp", **settings)
            folder = tmp_path / f"{number} {kind}"
            folder.mkdir()
            for file in FILES:
                text = text_of(file, Program(made, "scripts", '"digits.npz"', "digits"))
                (folder / f"{file.name}.py").write_text(head.docstring(file.title, "", []) + text)
            assert ruff(folder) == ""
    assert ruff(programs) == ""


def imported(text: str) -> set[str]:
    """The top-level modules that a program imports."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(str(node.module).partition(".")[0])
    return found


def test_a_promised_command_names_the_threads_and_is_there_only_for_what_it_repeats() -> None:
    made = recipe([])
    compiled = made.record.model_copy(update={"versions": {"kernels": "compiled"}})
    plain = Recipe(made.run, compiled, made.status, [])
    (command,) = re.findall("`(.* train .*)` ends in those of this program", head.promise(plain))
    options = dict(itertools.pairwise(command.split()))
    assert (options["--threads"], options["--kernels"]) == ("2", "pytorch")
    for events in [[event] for event in EVENTS if event["event"] in ("rates", "threads", "epochs")]:
        assert "ends in those" not in head.promise(Recipe(made.run, compiled, made.status, events))
    failed = made.status.model_copy(update={"state": "failed"})
    assert "ends in those" not in head.promise(Recipe(made.run, compiled, failed, []))


def test_a_run_that_failed_is_not_said_to_have_stopped(trained: Run) -> None:
    made = recipe([])
    why = "The disk is full: free some `space`."
    for kind, expected in (("diverged", "Expect the same of this program."), ("disk", "This trains to the end.")):
        status = made.status.model_copy(update={"state": "failed", "failure": kind, "error": why})
        said = head.what(trained, Recipe(made.run, made.record, status, []))
        assert said.endswith(f" It failed after 20 updates. The disk is full: free some 'space'. {expected}")
    stopped = Recipe(made.run, made.record, made.status.model_copy(update={"state": "stopped"}), [])
    assert head.what(trained, stopped).endswith("was not finished; this trains to the end.")
    answers = answers_of(trained, 0)
    assert head.accuracy(made, 0, answers).startswith("Test accuracy before the first update (untrained): ")
    assert "untrained" not in head.accuracy(recipe([], "cpu", "parent"), 0, answers)


def test_words_are_not_broken_at_hyphens() -> None:
    words = " ".join(f"a{'b' * number} `mnist-lab train --digits-per-class 20`" for number in range(30))
    assert not re.search(r"-$", head.docstring("T", "", [words]), re.MULTILINE)


def test_events_are_tables_and_the_last_of_one_update_counts() -> None:
    made = recipe(EVENTS, schedule="cosine", validation_size=1000, patience=1, epochs=4)
    assert made.changed_rates == {5: (0.2, 0.3)}
    assert (made.changed_threads, made.changed_epochs, made.first_epochs) == ({16: 1}, {14: 4}, 2)
    assert made.went_on_after == [1]
    assert made.sha256 == "ab" * 32
    compiled = made.record.model_copy(update={"versions": {"kernels": "compiled"}})
    assert Recipe(made.run, compiled, made.status, []).sha256 is None
    mixed = made.record.model_copy(update={"earlier_versions": [{"kernels": "compiled"}]})
    assert Recipe(made.run, mixed, made.status, []).sha256 is None
    stopped = made.status.model_copy(update={"state": "stopped"})
    assert Recipe(made.run, made.record, stopped, []).sha256 is None


def test_lines_are_there_for_who_uses_them(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a = $x\nb = 1  #? b c\nc = 2  # two  #? !b\n")
    assert rendered("a", {"b"}, {"x": "$y"}, tmp_path) == "a = $y\nb = 1"
    assert rendered("a", {"c"}, {"x": "1"}, tmp_path) == "a = 1\nb = 1\nc = 2  # two"
    assert rendered("a", (), {"x": "1"}, tmp_path) == "a = 1\nc = 2  # two"
    for path in PARTS.glob("*.txt"):
        words = {word.strip("!") for line in path.read_text().splitlines() for word in line.partition("#? ")[2].split()}
        known = {"script", "scripts", "notebook", "beside_script", "beside_scripts", "beside_notebook"}
        many = recipe(EVENTS, "cuda", "parent", model="cnn", **MANY).uses
        others = {"cosine", "one_cycle", "affine", "elastic", "sgd", "adam", "adamw", "mlp", "deep", "promised"}
        others |= {"patience_alone", "patience_not_best", "validation_shown", "schedule_as_planned", "schedule_alone"}
        assert words <= known | many | others | {"sgd_alone", "sgd_with_momentum", "rates_of_adam"}, path.name


def test_what_somebody_named_a_run_ends_no_string() -> None:
    for name in ('"""', "\\", 'x"', "'''", "`$x$` [a](b) <b> #_*|"):
        text = head.docstring("Title.", "", [f'This is "{name}" indeed.'])
        assert isinstance(ast.parse(text).body[0], ast.Expr)
        assert len(ast.parse(text).body) == 1
    assert head.markdown("T", ["a_b `c_d` [x](y)"]) == "# T\n\na\\_b `c_d` \\[x\\](y)"
