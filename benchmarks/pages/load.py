"""Twenty people at one dashboard beside a training, for ten minutes: `python -m benchmarks load`.

The sessions are websockets without a browser, which do what a browser does: they open pages, and run the Train page's
live view again as often as it asks. Each looks at a page for a few seconds, then opens another.
"""

import random
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path

import psutil

from benchmarks.harness.results import Row
from benchmarks.harness.temporary_home import temporary_home
from mnist_core.config.train_config import TrainConfig
from mnist_core.errors import RequestError
from mnist_core.jobs import launcher
from mnist_core.runs.run import Run
from tests.support.raw_session import raw_session
from tests.support.server import dashboard_server

SESSIONS = 20
SECONDS = 600.0
ALONE_SECONDS = 30.0
PAGES = ("", "Train", "Mistakes", "Draw")
LOOK_SECONDS = (2.0, 6.0)


def measure() -> Iterator[Row]:
    with temporary_home() as home, dashboard_server(home, home / "server.log") as address:
        finished = launcher.start(TrainConfig(epochs=1))
        launcher.wait(finished)
        for page in PAGES:
            visit(address, page, 0)
        server = psutil.Process(server_id(address))
        ours = descriptors_per_session(address)
        before = resources(server)
        run = launcher.start(TrainConfig(epochs=100, kernels="pytorch"))  # the slower ones: it lasts the ten minutes
        while run.status().epoch < 1:
            time.sleep(0.1)
        alone = images_per_second(run, ALONE_SECONDS)
        one = [seconds for _ in range(10) for seconds in visit(address, "Train", 0)]

        stop = threading.Event()
        during: list[tuple[float, int]] = []
        with ThreadPoolExecutor(SESSIONS) as pool:
            people = [pool.submit(session, address, number, stop) for number in range(SESSIONS)]
            beside = images_per_second(run, SECONDS, lambda: during.append(resources(server)))
            stop.set()
            times = [seconds for person in people for seconds in person.result()]
        with suppress(RequestError):  # on a fast machine it has finished
            launcher.stop(run)
        launcher.wait(run, 60)
        time.sleep(10)
        after = resources(server)
    yield Row("a page's script beside a training, one session", "ms", [1000 * seconds for seconds in one])
    yield Row(f"a page's script beside a training, {SESSIONS} sessions", "ms", [1000 * seconds for seconds in times])
    yield Row("images a second, no session", "/s", [alone])
    yield Row(f"images a second, {SESSIONS} sessions", "/s", [beside])
    yield Row("descriptors for each session, this dashboard", "", [ours])
    yield Row("descriptors for each session, an empty Streamlit page", "", [bare_streamlit()])
    half = len(during) // 2
    for what, unit, column in (("memory of the server", "MB", 0), ("its file descriptors", "", 1)):
        yield Row(f"{what} before", unit, [before[column]])
        yield Row(f"{what}, first half", unit, [each[column] for each in during[:half]])
        yield Row(f"{what}, second half", unit, [each[column] for each in during[half:]])
        yield Row(f"{what}, ten seconds after", unit, [after[column]])


def descriptors_per_session(address: str, visits: int = 20) -> float:
    """How many a session leaves open: Streamlit keeps it for two minutes, in case its browser comes back."""
    server = psutil.Process(server_id(address))
    before = server.num_fds()
    for _ in range(visits):
        visit(address, "", 0)
    return (server.num_fds() - before) / visits


def bare_streamlit() -> float:
    """The same of a page that is nothing but Streamlit."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "page.py").write_text("import streamlit as st\nst.write('Nothing')\n")
        with dashboard_server(home, home / "log", "streamlit", "run", str(home / "page.py")) as address:
            return descriptors_per_session(address)


def session(address: str, number: int, stop: threading.Event) -> list[float]:
    """Open one page after the other until `stop`; returns the seconds of each script, live views among them."""
    drawn = random.Random(number)
    times: list[float] = []
    while not stop.is_set():
        times += visit(address, drawn.choice(PAGES), drawn.uniform(*LOOK_SECONDS))
    return times


def visit(address: str, page: str, look_seconds: float) -> list[float]:
    """Open a page in a new session and look at it so long; returns the seconds that each script took."""
    with raw_session(address, {}) as opened:
        times = [timed(partial(opened.open, page))]
        until = time.monotonic() + look_seconds
        while (left := until - time.monotonic()) > 0:
            if not opened.live:
                time.sleep(left)
                break
            fragment, interval = min(opened.live.items(), key=lambda item: item[1])
            time.sleep(min(interval, left))
            times.append(timed(partial(opened.refresh, fragment)))
    return times


def timed(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def images_per_second(run: Run, seconds: float, look: Callable[[], object] = lambda: None) -> float:
    """Over so many seconds, told by the training's own count; `look` is called each second."""
    first, start = run.status().samples_seen, time.monotonic()
    while time.monotonic() - start < seconds:
        look()
        time.sleep(1)
    return (run.status().samples_seen - first) / (time.monotonic() - start)


def resources(server: psutil.Process) -> tuple[float, int]:
    """Megabytes of memory, and open file descriptors."""
    return server.memory_info().rss / 1e6, server.num_fds()


def server_id(address: str) -> int:
    port = int(address.rpartition(":")[2])
    listening = (one for one in psutil.net_connections("tcp") if one.status == psutil.CONN_LISTEN)
    return next(one.pid or 0 for one in listening if one.laddr and one.laddr.port == port)
