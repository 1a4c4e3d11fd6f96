"""What a written Python program answers, run in a process of its own in which our package cannot be imported."""

import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from mnist_core.errors import FailedError

SECONDS = 300  # for the 10,000 digits; the slowest network takes a tenth of it
# `program` is the written file, `work` what is done with it; arrays go in and out as .npz and .npy.
_RUNNER = """
import os, runpy, shutil, sys, threading
sys.modules["mnist_core"] = None
folder, program, work, given, out = sys.argv[1:]

def end_with_the_caller():
    sys.stdin.read()  # until it has ended, killed or not
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)

threading.Thread(target=end_with_the_caller, daemon=True).start()
import numpy as np
sys.path.insert(0, folder)
names = runpy.run_path(program) | {"given": np.load(given, allow_pickle=False)}
exec(work, names)
np.save(out, names["answers"])
"""


def answers_of_program(
    files: Mapping[str, str], work: str, given: Mapping[str, np.ndarray], **environment: str
) -> np.ndarray:
    """What `work`, Python text, leaves as `answers`, an array, among the names that a program defines.

    The program is the first of `files`, texts by their names, and may import the others. `work` has its arrays in
    `given`. Raises FailedError where the program breaks off.
    """
    with tempfile.TemporaryDirectory(prefix="mnist-lab-") as folder:
        place = Path(folder)
        for name, text in files.items():
            (place / name).write_text(text, encoding="utf-8")
        np.savez(place / "given.npz", **dict(given))  # type: ignore[arg-type]
        program, *others = (str(place / name) for name in (next(iter(files)), "given.npz", "answers.npy"))
        command = [sys.executable, "-I", "-c", _RUNNER, folder, program, work, *others]
        alive, ours = os.pipe()
        try:
            done = subprocess.run(
                command,
                cwd=folder,
                env={**os.environ, **environment},
                stdin=alive,
                capture_output=True,
                text=True,
                timeout=SECONDS,
                check=False,
            )
            if done.returncode:
                raise FailedError(f"What was written does not run here, so it is not kept: {_last_line(done.stderr)}")
            return np.load(io.BytesIO((place / "answers.npy").read_bytes()), allow_pickle=False)
        except subprocess.TimeoutExpired as error:
            raise FailedError(f"What was written did not answer within {SECONDS} s: try again.") from error
        finally:
            os.close(alive)
            os.close(ours)


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["it said nothing"])[-1]
