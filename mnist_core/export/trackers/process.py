"""The process that sends a training to a tracker: whatever happens in it, the training does not notice.

`start` runs `python -m mnist_core.export.trackers.process`, which takes one line of JSON on standard input: the run's
folder, the kind and the place of the tracker (it may hold a password, which a list of processes would show), and the
folder that a relative place is relative to. What it has to say to a person is a line each on standard output. It ends
a while after the training, also where that was killed.
"""

import json
import logging
import os
import subprocess
import sys
import warnings
from contextlib import suppress
from pathlib import Path

from mnist_core.export.trackers.tracking import TRACKERS, follow
from mnist_core.runs.run import Run
from mnist_core.system.processes import Process, spawn


def start(run: Run, kind: str, place: str) -> Process:
    """Begin to send `run`; read the process's standard output. Raises OSError where no process can be started."""
    process = spawn("mnist_core.export.trackers.process", stdin=subprocess.PIPE, output=subprocess.PIPE)
    request = {"run": str(run.path), "kind": kind, "place": place, "folder": str(Path.cwd())}
    assert process.stdin is not None
    with process.stdin as file:
        file.write(json.dumps(request).encode() + b"\n")
    return process


def main() -> int:
    """Send the run that standard input names; the exit status is 0 where all of it was sent."""
    request = json.loads(sys.stdin.readline())
    words = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)  # what the tracker's client prints and warns of is not for the person who trains
    os.dup2(nothing, 2)
    logging.disable()
    warnings.simplefilter("ignore")

    def say(sentence: str) -> None:
        with suppress(OSError, ValueError):  # nobody reads any more: the command has ended
            print(sentence, file=words)

    os.chdir(request["folder"])
    tracker = TRACKERS[request["kind"]].make(request["place"])
    return 0 if follow(Run(Path(request["run"])), tracker, say) else 1


if __name__ == "__main__":
    raise SystemExit(main())
