"""Written programs, run as their reader runs them: in a fresh folder, in a process that cannot import our package."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from mnist_core.models import checkpoint
from mnist_core.runs.run import Run, answering_epoch

# Runs several, each in its folder, which alone is searched besides the packages; and pays for PyTorch once.
_RUN_EACH = """
import os, runpy, sys
sys.modules["mnist_core"] = None
for program in sys.argv[1:]:
    folder, sys.argv = os.path.dirname(program), [program]
    os.chdir(folder)
    sys.path[:0] = [folder]
    runpy.run_path(program, run_name="__main__")
    del sys.path[0]
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", "")).startswith(folder + os.sep):
            del sys.modules[name]
    print("END", flush=True)
"""


def fresh_folder(folder: Path, data: Path) -> Path:
    """A folder in which MNIST is found, and nothing else."""
    folder.mkdir()
    (folder / "data").symlink_to(data)
    return folder


def run_each(programs: Sequence[Path], timeout: float = 120) -> list[str]:
    """What each of the programs prints; each has ended well."""
    done = python("-c", _RUN_EACH, *map(str, programs), folder=programs[0].parent, timeout=timeout)
    assert done.returncode == 0, done.stdout[-500:] + done.stderr[-3000:]
    return done.stdout.split("END\n")[:-1]


def python(*arguments: str, folder: Path, timeout: float = 120, **more: str) -> subprocess.CompletedProcess[str]:
    """`python -I ARGUMENTS` in the folder."""
    command = [sys.executable, "-I", *arguments]
    environment = (
        {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | {"MPLBACKEND": "agg"} | more
    )
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=timeout, check=False
    )


def printed_hash(output: str) -> str:
    """The SHA-256 that a program has printed."""
    (line,) = [line for line in output.splitlines() if line.startswith("SHA-256 of the weights: ")]
    return line.rpartition(" ")[2]


def same_bits(run: Run, folder: Path) -> bool:
    """Whether the weights that a program has saved are those that answer for the run, to the bit."""
    found = torch.load(folder / f"{run.id}.pt", weights_only=True)
    own = checkpoint.read_weights(run.weights(answering_epoch(run)))
    assert found.keys() == own.keys()
    return all(_bytes(found[name]) == _bytes(own[name]) for name in own)


def _bytes(value: torch.Tensor) -> bytes:
    return np.ascontiguousarray(value.numpy()).tobytes()


def ruff(folder: Path) -> str:
    """What ruff says against the Python files of a folder, by the rules that they are written by; "" is nothing."""
    said = ""
    for check in (["check", "--select=E4,E7,E9,F,I,E,W"], ["format", "--diff"]):
        command = [sys.executable, "-m", "ruff", *check, "--isolated", "--line-length=120", "."]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        said += done.stdout + done.stderr if done.returncode else ""
    return said


def code_of_notebook(path: Path) -> str:
    """The code of its cells, one after the other, as running all of them runs it."""
    cells = json.loads(path.read_text())["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code") + "\n"
