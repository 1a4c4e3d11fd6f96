"""The script that a run is written as: it ends in the run's weights, alone, and reads well."""

import shlex
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from mnist_core.config.train_config import TrainConfig
from mnist_core.errors import FailedError
from mnist_core.evaluation.answers import answers_of
from mnist_core.evaluation.statistics import accuracy_sentence
from mnist_core.export.isolated import answers_of_program
from mnist_core.export.script import network_check, python_file
from mnist_core.export.written import Check
from mnist_core.runs import store
from mnist_core.runs.run import Run
from tests.mnist_core.export.script.conftest import KINDS
from tests.support.command_line import Output, refused, run_line
from tests.support.exported_programs import fresh_folder, printed_hash, python, ruff, run_each, same_bits

UNCHECKED = Check(10_000, 0, 0.0)


def test_scripts_alone_end_in_the_runs_weights_to_the_bit(
    trained_as: Callable[[str], Run], fewer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network_check, "check", lambda *_: UNCHECKED)
    runs: dict[Path, Run] = {}
    for kind in KINDS:
        run = trained_as(kind)
        folder = fresh_folder(tmp_path / kind, fewer)
        written = python_file.write(run, str(folder / "program.py"))
        assert len(written.paths) == (2 if kind in ("judged", "fine-tuned") else 1)
        assert ruff(folder) == ""
        runs[folder] = run
    for (folder, run), output in zip(runs.items(), run_each([folder / "program.py" for folder in runs]), strict=True):
        assert (printed_hash(output), folder.name) == (run.status().weights_hash, folder.name)
        assert "They are the run's, to the bit." in output
        assert same_bits(run, folder), folder.name
        assert output.count("Test digit ") == 10
        assert (folder / f"{run.id}.png").exists() or "matplotlib is not installed" in output
    by_kind = {folder.name: (run, (folder / "program.py").read_text()) for folder, run in runs.items()}
    run, text = by_kind["judged"]
    assert run.status().epoch < 15, "it is to end early"
    assert str(run.status().weights_hash) in text
    assert "    7: (0.02, 0.9)," in by_kind["changed in flight"][1]
    assert "CHANGED_THREADS = {" in by_kind["threads given up"][1]
    for word in (
        "cosine",
        "AveragedModel",
        "augment",
        "SMOOTHING",
        "autocast",
        "alidation",
        "atience",
        "npz",
        "CHANGED",
    ):
        assert word not in by_kind["plain"][1].partition('"""\n\nimport')[2]


def test_a_script_that_broke_off_goes_on_to_the_same_weights(
    capsys: Output, trained: Run, prepared_data: Path, tmp_path: Path
) -> None:
    place = tmp_path / "new" / "mine.py"
    status, out, err = run_line(capsys, "export", trained.id, "--format=script", "-o", str(place))
    assert (status, err) == (0, "")
    assert "Checked over 10,000 test digits: 0 different answers" in out and "`python mine.py` trains it anew." in out
    text = place.read_text()
    said = " ".join(text.split())
    assert accuracy_sentence(answers_of(trained).correct, 10_000) in said
    assert "Checked over 10,000 test digits: 0 different answers, largest difference of a probability" in said
    # Shortened to 500 digits and two epochs, broken off in the middle of the second one, and gone on with.
    text = text.replace("EPOCHS = 1", "EPOCHS = 2").replace("train.data, train", "train.data[:500], train")
    text = text.replace("train.targets", "train.targets[:500]").replace("test.data, test", "test.data[:500], test")
    text = text.replace("test.targets", "test.targets[:500]")
    whole, torn = (fresh_folder(tmp_path / name, prepared_data) / "program.py" for name in ("whole", "torn"))
    whole.write_text(text)
    breaks = text.replace("        optimizer.step()", "        assert step != 11 or BROKEN\n        optimizer.step()")
    again = "try:\n        main()\n    except AssertionError:\n        BROKEN = True\n        main(resume=True)"
    breaks = breaks.replace("main(parser.parse_args().resume)", again).replace("SEED =", "BROKEN = False\nSEED =")
    torn.write_text(breaks)
    first, second = run_each([whole, torn])
    assert printed_hash(first) == printed_hash(second)
    assert second.count("Train epoch 1 ") == 1 and second.count("Train epoch 2 ") == 2


# Goes on without a checkpoint, from an empty one, and from one that was cut.
RESUMES = """
import runpy, sys
from pathlib import Path
place, sys.argv = Path(sys.argv[1]), ["program.py", "--resume"]
for content in (None, b"", Path("cut").read_bytes()):
    if content is not None:
        place.write_bytes(content)
    try:
        runpy.run_path("program.py", run_name="__main__")
    except SystemExit as end:
        print(end)
"""


def test_there_must_be_a_whole_checkpoint_to_go_on_from(
    trained: Run, prepared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network_check, "check", lambda *_: UNCHECKED)
    folder = fresh_folder(tmp_path / "new", prepared_data)
    python_file.write(trained, str(folder / "program.py"))
    torch.save({"epoch": 1, "model": torch.zeros(1000)}, folder / "whole")
    (folder / "cut").write_bytes((folder / "whole").read_bytes()[:-500])
    name = f"{trained.id}.checkpoint.pt"
    done = python("-c", RESUMES, name, folder=folder)
    assert done.stdout == f"There is no whole {name} to go on from: train anew, without --resume.\n" * 3, done.stderr


def test_a_command_in_words_can_be_typed(trained: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network_check, "check", lambda *_: UNCHECKED)
    name = 'with "space"\'s.py'
    written = python_file.write(trained, str(tmp_path / name))
    assert shlex.split(written.sentence.split("`")[1]) == ["python", name]
    lines = [line for line in (tmp_path / name).read_text().splitlines() if line.startswith("    python ")]
    assert [shlex.split(line)[:2] for line in lines] == [["python", name]] * 2
    assert shlex.split(lines[1])[2] == "--resume"


@pytest.mark.parametrize("name", ["torch.py", "numpy.py", "matplotlib.py", "argparse.py", "random.py", "sympy.py"])
def test_no_script_takes_the_name_of_a_module(capsys: Output, trained: Run, tmp_path: Path, name: str) -> None:
    said = refused(capsys, "export", trained.id, "--format=script", "-o", str(tmp_path / name))
    assert f"in place of the module {name[:-3]}" in said and "choose another name" in said
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize("name", ["there.py", "folder.py", "program.txt", ".py"])
def test_what_is_there_stays_and_other_endings_are_refused(
    capsys: Output, trained: Run, tmp_path: Path, name: str
) -> None:
    (tmp_path / "there.py").write_text("mine")
    (tmp_path / "folder.py").mkdir()
    said = refused(capsys, "export", trained.id, "--format=script", "-o", str(tmp_path / name))
    assert "name a file that is not there yet" in said or "must end in .py" in said
    assert {path.name for path in tmp_path.iterdir()} == {"home", "folder.py", "there.py"}
    assert (tmp_path / "there.py").read_text() == "mine"


def test_a_run_without_weights_is_refused(home: Path, tmp_path: Path) -> None:
    with pytest.raises(Exception, match="has no weights yet"):
        python_file.write(store.create(TrainConfig()), str(tmp_path / "new.py"))
    assert not (tmp_path / "new.py").exists()


def test_a_program_that_breaks_off_is_one_sentence() -> None:
    with pytest.raises(FailedError, match="does not run here, so it is not kept: ZeroDivisionError"):
        answers_of_program({"a.py": "1 / 0"}, "", {})
    with pytest.raises(FailedError, match="ModuleNotFoundError"):
        answers_of_program({"a.py": "import mnist_core"}, "", {})
    files = {"a.py": "from b import twice", "b.py": "def twice(x):\n    return 2 * x"}
    found = answers_of_program(files, "answers = twice(given['a'])", {"a": np.arange(3)})
    assert found.tolist() == [0, 2, 4]
