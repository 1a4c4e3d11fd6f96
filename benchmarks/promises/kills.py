"""SIGKILL at random moments of trainings (all presets, fine-tuning), of an import of drawings and of the dashboard.

Each store must open afterwards, each run must go on and end in the same weights as one that was left alone, and nothing
may stay behind. The test digits are few and checkpoints come often; every tenth training is a process of its own, as a
person starts it, so that imports are killed too.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.promises import stores
from benchmarks.promises.campaign import Campaign, main
from benchmarks.promises.forked import command, few_test_digits, fork
from mnist_core.runs import store
from mnist_core.system.files import REPOSITORY, leftovers

FEW = ("--digits-per-class", "20", "--threads", "1", "--batch-size", "32", "--log-interval", "2")
WAYS: dict[str, tuple[str, ...]] = {
    "tutorial": ("train", "--preset", "tutorial", "--epochs", "3", *FEW),
    "fast": ("train", "--preset", "fast", "--epochs", "2", *FEW),
    "best": ("train", "--preset", "best", "--epochs", "2", *FEW, "--test-batch-size", "100"),
    "people": ("train", "--preset", "people", "--epochs", "2", *FEW, "--synthetic-digits", "60"),
    "mlp": ("train", "--model", "mlp", "--epochs", "3", "--validation-size", "500", *FEW),
    "fine-tuning": ("finetune", "best", "--epochs", "1"),
}
MOST_KILLS = 3  # of one run


@cache
def prepared() -> Path:
    """A store with a run to fine-tune and drawings to do it on."""
    folder = Path(tempfile.mkdtemp(prefix="promises-")) / "store"
    folder.mkdir()
    stores.prepared_data(folder)
    stores.train(folder, few=True, model="mlp", learning_rate=0.1)
    stores.draw(folder, 12)
    packed = folder.parent / "drawings.zip"
    assert command("drawings", "--export", str(packed), home=folder).status == 0
    return folder


def work(words: tuple[str, ...], home: Path, seconds: float) -> Any:
    """A training command in a fork with few test digits and many checkpoints, killed after `seconds`."""

    def act() -> int:
        from mnist_core.cli import app
        from mnist_core.jobs.trainer import worker

        few_test_digits()
        worker.CHECKPOINT_SECONDS = 0.1
        return app.main(words)

    return fork(act, home, seconds, kill=True)


def process(words: tuple[str, ...], home: Path, seconds: float) -> None:
    """The same command as a person starts it, killed after `seconds`."""
    child = subprocess.Popen(
        [sys.executable, "-m", "mnist_core", *words],
        cwd=REPOSITORY,
        env={**os.environ, "MNIST_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def documents(home: Path) -> list[dict[str, Any]] | None:
    """What `runs --json` says; None where it fails."""
    said = command("runs", "--json", home=home)
    return json.loads(said.out) if said.status == 0 and not said.err else None


@cache
def undisturbed(way: str) -> tuple[str, float]:
    """The hash of the weights in which this way ends, and its seconds."""
    with tempfile.TemporaryDirectory() as folder:
        home = stores.copy(prepared(), Path(folder) / "home")
        known = {one["run"] for one in documents(home) or []}
        begun = time.perf_counter()
        done = work(WAYS[way], home, 300)
        assert done.status == 0, done.err
        took = time.perf_counter() - begun
        (new,) = [one for one in documents(home) or [] if one["run"] not in known]
        return hash_of(home, new["run"]), took


def hash_of(home: Path, run: str) -> str:
    """Of the weights in which a run ended."""
    said: str = json.loads((home / "runs" / run / "status.json").read_text())["weights_hash"]
    return said


def trainings(campaign: Campaign, trial: int) -> None:
    """One training, killed up to three times, and brought to its end."""
    chosen = campaign.random(trial)
    way = list(WAYS)[trial % len(WAYS)]
    expected, took = undisturbed(way)
    with tempfile.TemporaryDirectory() as folder:
        home = stores.copy(prepared(), Path(folder) / "home")
        known = {path.name for path in (home / "runs").iterdir()}
        words, after = WAYS[way], []
        for kill in range(chosen.randint(1, MOST_KILLS)):
            if trial % 10 == 9 and not kill:
                after.append(chosen.uniform(0, 6))
                process(words, home, after[-1])
            else:
                after.append(chosen.uniform(0, took))
                work(words, home, after[-1])
            told = f"{way}, killed after {', '.join(f'{seconds:.2f}' for seconds in after)} s"
            found = documents(home)
            if found is None:
                campaign.finding(trial, "does not open", f"{told}: {command('runs', '--json', home=home).err[-300:]}")
                return
            new = [one for one in found if one["run"] not in known]
            if not new:
                break  # killed before there was a run
            words = ("resume", new[0]["run"], "--now")
        if new and new[0]["state"] != "finished":
            done = work(words, home, 300)
            if done.status != 0:
                campaign.finding(trial, "does not go on", f"{told}: {(done.err + done.out)[-300:]}")
                return
        if new and (ended := hash_of(home, new[0]["run"])) != expected:
            campaign.finding(trial, "other weights", f"{told}: {ended[:12]}, not {expected[:12]}")
        check_nothing_is_left(campaign, trial, told, home)


def check_nothing_is_left(campaign: Campaign, trial: int, told: str, home: Path) -> None:
    """Findings on what `doctor` says, and on what is left once an hour has passed and `doctor --repair` was run."""
    doctor = command("doctor", home=home)
    if doctor.status != 0:
        campaign.finding(trial, "doctor complains", f"{told}: {(doctor.out + doctor.err)[-300:]}")
    folders = [home, *(path for path in home.rglob("*") if path.is_dir())]
    for path in (*(left for folder in folders for left, _ in leftovers(folder)), *(home / "runs").iterdir()):
        os.utime(path, (time.time() - 2 * store.OLD_SECONDS,) * 2)
    command("doctor", "--repair", home=home)
    fork(store.sweep_half_created, home)  # as the next training does
    for folder in folders:
        if left := [path.name for path, _ in leftovers(folder)]:
            campaign.finding(trial, "left behind", f"{told}: {folder.relative_to(home)}: {left}")
    for path in (home / "runs").iterdir():
        if path.is_dir() and not (path / "config.json").exists():
            campaign.finding(trial, "half a run", f"{told}: {sorted(file.name for file in path.rglob('*'))}")


def imports(campaign: Campaign, trial: int) -> None:
    """An import of drawings, killed; then the same once more, to its end."""
    chosen = campaign.random(trial)
    packed = str(prepared().parent / "drawings.zip")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        after = chosen.uniform(0, 0.15)
        words = ("drawings", "--import", packed)
        command(*words, home=home, seconds=after)
        told = f"import killed after {after:.3f} s"
        listed = command("drawings", "--json", home=home)
        if listed.status != 0 or listed.err:
            campaign.finding(trial, "does not open", f"{told}: {listed.err[-300:]}")
        again = command(*words, "--json", home=home)
        if again.status != 0 or len(json.loads(again.out)) != 12:
            campaign.finding(trial, "lost", f"{told}: {(again.err + again.out)[-200:]}")
        stores.draw(home, 1, 9)
        (home / "runs").mkdir()
        check_nothing_is_left(campaign, trial, told, home)
        parts = len([path for path in (home / "drawings").iterdir() if path.name[0] != "."])
        if parts != 3 * 13:
            campaign.finding(trial, "left behind", f"{told}: {parts} files of 13 drawings")


def dashboards(campaign: Campaign, trial: int) -> None:
    """The dashboard, killed while a page is used: a training that it started goes on."""
    chosen = campaign.random(trial)
    with tempfile.TemporaryDirectory() as folder:
        home = stores.copy(prepared(), Path(folder) / "home")
        known = {path.name for path in (home / "runs").iterdir()}
        after = chosen.uniform(0, 6)
        use_and_kill(home, after)
        told = f"dashboard killed after {after:.2f} s"
        deadline = time.monotonic() + 90
        while (found := documents(home)) and time.monotonic() < deadline:
            if not any(one["state"] in ("queued", "running") for one in found):
                break
            time.sleep(1)
        if found is None:
            campaign.finding(trial, "does not open", told)
            return
        for one in found:
            if one["run"] in known or one["state"] == "finished":
                continue
            if command("resume", one["run"], "--now", home=home, seconds=200).status != 0:
                campaign.finding(trial, "does not go on", f"{told}: {one['state']}")
        check_nothing_is_left(campaign, trial, told, home)


def use_and_kill(home: Path, after: float) -> None:
    """Open the Train page in Chromium, press Start, look at other pages; kill the server after `after` seconds."""
    from playwright.sync_api import Error

    from tests.support.server import wait_until_it_answers

    port = 20_000 + os.getpid() % 20_000
    log = home / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", f"--server.port={port}"],
            cwd=REPOSITORY,
            env={**os.environ, "MNIST_HOME": str(home), "STREAMLIT_SERVER_HEADLESS": "true"},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_until_it_answers(f"http://127.0.0.1:{port}/_stcore/health", server, log)
        begun = time.monotonic()
        tab = chromium_tab()
        try:
            tab.goto(f"http://127.0.0.1:{port}/Train?epochs=2&digits_per_class=50&threads=1", timeout=60_000)
            tab.get_by_role("button", name="Start", exact=False).first.click(timeout=60_000)
            for name in ("Mistakes", "Train", "Draw"):
                left = after - (time.monotonic() - begun)
                tab.wait_for_timeout(max(1, 1000 * min(left, 2)))
                if left > 0:
                    tab.get_by_role("link", name=name).first.click(timeout=1000)
        except Error:  # a page that is not there any more, or was not yet
            pass
    finally:
        server.kill()
        server.wait()


@cache
def chromium_tab() -> Any:
    """A tab of a browser that ends with this process."""
    import atexit

    from playwright.sync_api import sync_playwright

    from tests.support.server import CHROMIUM_FLAGS, chromium

    driver = sync_playwright().start()
    atexit.register(driver.stop)
    return driver.chromium.launch(executable_path=chromium(), args=CHROMIUM_FLAGS).new_page()


if __name__ == "__main__":
    raise SystemExit(main({"trainings": trainings, "imports": imports, "dashboards": dashboards}))
