"""Commands in forks of one process that has imported everything: 50 ms each, not the three seconds of a start."""

import contextlib
import gc
import io
import json
import os
import select
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

TRACEBACK = "Traceback (most recent call last)"


class Outcome(NamedTuple):
    """What became of a fork."""

    status: int | None  # None where it was killed
    out: str
    err: str
    value: Any  # what the action returned, as JSON carries it
    seconds: float  # of a processor: what else runs makes it no longer
    megabytes: float  # that it took beyond what it had as it began

    @property
    def failed(self) -> bool:
        """Whether it ended in an exception that nobody told as a sentence."""
        return TRACEBACK in self.err or TRACEBACK in self.out or (self.status is not None and self.status < 0)


@cache
def warm() -> None:
    """Import in this process what commands and pages import, and read the digits, with one thread."""
    import torch

    torch.set_num_threads(1)  # a pool of threads does not survive a fork
    import scipy.ndimage
    import scipy.stats  # noqa: F401

    from mnist_core.cli import app  # noqa: F401
    from mnist_core.data import mnist
    from mnist_core.drawing import rejection  # noqa: F401
    from mnist_core.drawing.number import segmentation  # noqa: F401
    from mnist_core.drawing.picture_files.read import read_picture  # noqa: F401
    from mnist_core.evaluation import answers, prediction  # noqa: F401
    from mnist_core.jobs.trainer import worker  # noqa: F401
    from mnist_core.models import inference  # noqa: F401
    from mnist_core.training import loop  # noqa: F401

    kept = {split: mnist.load_arrays(split) for split in ("train", "test")}
    read = mnist.load_arrays

    def load_arrays(split: Any) -> Any:
        return read(split) if os.environ.get("CAMPAIGN_READS_DATA") else kept[split]

    mnist.load_arrays = load_arrays


def few_test_digits() -> None:
    """Let this process know 300 test digits alone: a training's tests then take no seconds."""
    from mnist_core.data import mnist
    from mnist_core.data.mnist import Arrays, Mnist, Split

    whole, arrays = mnist.load(), mnist.load_arrays("test")
    test = Split(whole.test.images[:300], whole.test.labels[:300])
    few = Arrays(arrays.images[:300], arrays.labels[:300])
    train = mnist.load_arrays
    mnist.load = lambda: Mnist(whole.train, test)
    mnist.load_arrays = lambda split: few if split == "test" else train(split)


def fork(
    action: Callable[[], Any], home: Path, seconds: float = 60.0, encoding: str = "utf-8", kill: bool = False
) -> Outcome:
    """Run `action` in a fork whose MNIST_HOME is `home`; it is killed after `seconds`.

    With `kill`, that is what is wanted: its group of processes goes with it.
    """
    warm()
    gc.freeze()
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / name for name in ("out", "err", "value")]
        pid = os.fork()
        if not pid:
            _child(action, home, files, encoding)
        descriptor = os.pidfd_open(pid)
        ended = bool(select.select([descriptor], [], [], max(seconds, 0.0))[0])
        os.close(descriptor)
        if not ended:
            try:
                os.killpg(pid, signal.SIGKILL)
            except ProcessLookupError:  # not its own group yet
                os.kill(pid, signal.SIGKILL)
        _, code, used = os.wait4(pid, 0)
        took = used.ru_utime + used.ru_stime
        out, err = (path.read_bytes().decode("utf-8", "replace") if path.exists() else "" for path in files[:2])
        said: dict[str, Any] = (
            json.loads(files[2].read_text()) if ended and files[2].exists() else {"megabytes": 0.0, "value": None}
        )
        status = os.waitstatus_to_exitcode(code) if ended else None
        if not ended and not kill:
            err += f"{TRACEBACK}: none, but it took longer than {seconds} s"
        return Outcome(status, out, err, said["value"], took, said["megabytes"])


def _child(action: Callable[[], Any], home: Path, files: Sequence[Path], encoding: str) -> None:
    code = 70
    try:
        os.setpgid(0, 0)
        os.environ["MNIST_HOME"] = str(home)
        for number, path in zip((1, 2), files, strict=False):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        sys.stdin = io.TextIOWrapper(io.FileIO(0, closefd=False), encoding)
        sys.stdout = io.TextIOWrapper(io.FileIO(1, "w", closefd=False), encoding, line_buffering=True)
        sys.stderr = io.TextIOWrapper(
            io.FileIO(2, "w", closefd=False), encoding, errors="backslashreplace", line_buffering=True
        )
        before = _memory("VmRSS")
        Path("/proc/self/clear_refs").write_text("5")  # the peak is from now on
        try:
            value = action()
            code = value if isinstance(value, int) else 0
        except BaseException:
            traceback.print_exc()
            value, code = None, 70
        sys.stdout.flush()
        sys.stderr.flush()
        document = {"value": value, "megabytes": max(0.0, _memory("VmHWM") - before)}
        files[2].write_text(json.dumps(document, default=str))
    finally:
        os._exit(code)


def _memory(name: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024


def commands(lines: Sequence[Sequence[str]], home: Path, seconds: float = 60.0, data: bool = False) -> list[Outcome]:
    """Command lines one after the other in one fork; with `data` the home's own digits are read.

    Where the fork dies or hangs, the last outcome says so.
    """

    def act() -> list[Any]:
        from mnist_core.cli import app

        if data:
            os.environ["CAMPAIGN_READS_DATA"] = "1"
        said: list[Any] = []
        for words in lines:
            out, err, begun = io.StringIO(), io.StringIO(), time.process_time()
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                try:
                    status = app.main(list(words))
                except BaseException:
                    traceback.print_exc()
                    status = 70
            said.append((status, out.getvalue(), err.getvalue(), time.process_time() - begun))
        return said

    whole = fork(act, home, seconds)
    if whole.value is None:
        return [whole]
    return [Outcome(status, out, err, None, took, whole.megabytes) for status, out, err, took in whole.value]


def command(*words: str, home: Path, seconds: float = 60.0, encoding: str = "utf-8") -> Outcome:
    """One command line in a fork."""

    def act() -> int:
        from mnist_core.cli import app

        return app.main(words)

    return fork(act, home, seconds, encoding)
