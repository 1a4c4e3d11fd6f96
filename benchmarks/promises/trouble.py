"""What the machine refuses: a full disk, a home that cannot be written, a clock that jumps, few descriptors, two
dashboards on one store. Each is a sentence, and nothing is lost.

`disk` and `read_only` want a system where this process may mount (root in a container); `clock` wants libfaketime.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from benchmarks.promises import stores
from benchmarks.promises.campaign import Campaign, main
from benchmarks.promises.forked import Outcome, command, few_test_digits, fork
from benchmarks.promises.kills import FEW, documents
from mnist_core.system.files import REPOSITORY
from tests.support.server import dashboard_server

TRAIN = ("train", "--model", "mlp", "--epochs", "3", *FEW)
LIBRARY = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")


@cache
def store() -> tuple[Path, dict[str, str]]:
    """A store with one of everything, and its runs."""
    folder = Path(tempfile.mkdtemp(prefix="promises-")) / "store"
    folder.mkdir()
    ids = stores.full_store(folder, few=True)
    command("drawings", "--export", str(folder.parent / "drawings.zip"), home=folder)
    return folder, ids


FACTS = ("Program:", "State:", "Computes on:", "Convolutions:", "Store:")  # what `doctor` says in any case


def attempts() -> dict[str, tuple[str, ...]]:
    """Commands that write."""
    ids = store()[1]
    return {
        "train": TRAIN,
        "resume": ("resume", ids["mlp"], "--epochs", "4", "--now"),
        "finetune": ("finetune", ids["mlp"]),
        "import": ("drawings", "--import", str(store()[0].parent / "drawings.zip")),
        "rename": ("runs", "rename", ids["mlp"], "Another"),
        "note": ("runs", "note", ids["mlp"], "x" * 1900),
        "delete": ("runs", "delete", ids["compact"], "--yes"),
        "restore": ("runs", "restore", ids["deleted"]),
        "calibration": ("calibration", ids["cnn"]),
        "export": ("drawings", "--export", "{home}/all.zip"),
        "csv": ("mistakes", ids["cnn"], "--csv", "{home}/a.csv"),
        "empty": ("runs", "trash", "--empty", "--yes"),
        "doctor": ("doctor",),
        "runs": ("runs",),
    }


def ask(words: tuple[str, ...], home: Path, user: int = 0, few_files: int = 0) -> Outcome:
    """One command with few test digits, as another user, or with so many descriptors."""

    def act() -> int:
        from mnist_core.cli import app

        few_test_digits()
        if user:
            os.setuid(user)
        if few_files:
            resource.setrlimit(resource.RLIMIT_NOFILE, (few_files, few_files))
        return app.main([word.replace("{home}", str(home)) for word in words])

    return fork(act, home, 120)


def judge(campaign: Campaign, trial: int, what: str, outcome: Outcome) -> None:
    """Findings: a traceback, or a refusal that is no sentence."""
    campaign.measured(outcome.seconds, outcome.megabytes)
    if outcome.failed:
        campaign.finding(trial, "traceback", f"{what}: {(outcome.err + outcome.out).strip()[-500:]}")
    elif outcome.status not in (0, 1, 2):
        campaign.finding(trial, "status", f"{what}: {outcome.status}")
    elif outcome.status and not (outcome.err.strip().endswith(".") or outcome.out.strip()):
        campaign.finding(trial, "no sentence", f"{what}: {outcome.err.strip()[-200:]}")


def whole(campaign: Campaign, trial: int, what: str, before: Path, home: Path) -> None:
    """Findings where something of the store before is not in it, or damaged, once the trouble is over."""
    found = documents(home)
    if found is None:
        campaign.finding(trial, "does not open", f"{what}: {command('runs', '--json', home=home).err[-300:]}")
        return
    lines = command("runs", "trash", home=home).out
    names = {one["run"] for one in found}
    lost = [path.name for path in (before / "runs").glob("2*") if path.name not in names and path.name not in lines]
    if lost:
        campaign.finding(trial, "lost", f"{what}: {lost}")
    doctor = command("doctor", home=home)
    said = (doctor.out + doctor.err).splitlines()
    complaints = [line for line in said if line and not line.startswith(FACTS) and "are free on the disk" not in line]
    if doctor.status != 0 and complaints:  # the disk is a small one
        campaign.finding(trial, "doctor complains", f"{what}: {complaints}"[:400])
    for one in found:
        if one["state"] not in ("finished", "failed", "interrupted", "stopped", "queued"):
            campaign.finding(trial, "state", f"{what}: {one['run']} is {one['state']}")
        if one["state"] == "failed":  # its disk has space again
            judge(campaign, trial, f"{what}, resumed", ask(("resume", one["run"], "--now"), home))


@contextmanager
def disk(megabytes: float) -> Iterator[Path]:
    """A disk of its own with so much space."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={int(megabytes * 1024)}k", "promises", folder], check=True)
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "-l", folder], check=True)


def full_disk(campaign: Campaign, trial: int) -> None:
    """A disk that has little or no space left for one command; then it has more."""
    chosen = campaign.random(trial)
    name = list(attempts())[trial % len(attempts())]
    home, _ = store()
    with disk(60) as folder:
        copied = stores.copy(home, folder / "home")
        stats = os.statvfs(folder)
        left = chosen.choice((0, chosen.randrange(20_000), chosen.randrange(400_000)))
        (folder / "ballast").write_bytes(b"\1" * max(0, stats.f_bavail * stats.f_frsize - left))
        what = f"{name} with {left:,} bytes left"
        judge(campaign, trial, what, ask(attempts()[name], copied))
        judge(campaign, trial, f"runs after {what}", ask(("runs",), copied))
        (folder / "ballast").unlink()
        if name != "empty":
            whole(campaign, trial, what, home, copied)


def read_only(campaign: Campaign, trial: int) -> None:
    """A home on a disk that cannot be written, or of another user."""
    name = list(attempts())[trial % len(attempts())]
    home, _ = store()
    is_mount = trial // len(attempts()) % 2 == 0
    with disk(60) as folder:
        copied = stores.copy(home, folder / "home")
        if is_mount:
            subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
        else:
            folder.chmod(0o755)
        what = f"{name}, {'read-only' if is_mount else 'as another user'}"
        judge(campaign, trial, what, ask(attempts()[name], copied, user=0 if is_mount else 65_534))
        if is_mount:
            subprocess.run(["mount", "-o", "remount,rw", str(folder)], check=True)
        whole(campaign, trial, what, home, copied)


def descriptors(campaign: Campaign, trial: int) -> None:
    """A command that may open few files."""
    name = list(attempts())[trial % len(attempts())]
    home, _ = store()
    limit = 256 if trial < len(attempts()) else campaign.random(trial).randrange(8, 30)
    with tempfile.TemporaryDirectory() as folder:
        copied = stores.copy(home, Path(folder) / "home")
        what = f"{name} with {limit} descriptors"
        outcome = ask(attempts()[name], copied, few_files=limit)
        judge(campaign, trial, what, outcome)
        if limit == 256 and outcome.status != 0:
            campaign.finding(trial, "refused", f"{what}: {outcome.err[-300:]}")
        if name not in ("empty", "delete"):
            whole(campaign, trial, what, home, copied)


def clock(campaign: Campaign, trial: int) -> None:
    """The clock jumps by an hour while a run trains; the command line looks on, and the weights are the same."""
    chosen = campaign.random(trial)
    jump = chosen.choice((-3600, 3600))
    with tempfile.TemporaryDirectory() as folder:
        home, offset = Path(folder) / "home", Path(folder) / "offset"
        stores.copy(store()[0], home)
        known = {one["run"] for one in documents(home) or []}
        offset.write_text("+0")
        variables = {
            "LD_PRELOAD": str(LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(offset),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "MNIST_HOME": str(home),
        }
        words = [sys.executable, "-m", "mnist_core"]
        training = subprocess.Popen(
            [*words, "train", "--model", "mlp", "--epochs", "40", "--digits-per-class", "300", "--threads", "1"],
            env={**os.environ, **variables},
            cwd=REPOSITORY,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        time.sleep(chosen.uniform(3, 9))
        offset.write_text(f"{jump:+d}")
        states: list[str] = []
        while training.poll() is None and len(states) < 3:
            done = subprocess.run(
                [*words, "runs", "--json"],
                env={**os.environ, **variables},
                cwd=REPOSITORY,
                capture_output=True,
                check=False,
            )
            states += [one["state"] for one in json.loads(done.stdout or "[]") if one["run"] not in known]
        if training.poll() is None and "interrupted" in states:
            campaign.finding(trial, "live run called dead", f"clock set by {jump:+d} s: {states}")
        training.terminate()
        said = training.communicate(timeout=60)[1]
        if "Traceback" in said:
            campaign.finding(trial, "traceback", f"clock set by {jump:+d} s: {said[-400:]}")
        for one in documents(home) or []:
            if one["run"] in known:
                continue
            if one["state"] == "interrupted":
                judge(campaign, trial, f"clock {jump:+d}, resumed", command("resume", one["run"], "--now", home=home))
            verified = command("verify", one["run"], home=home, seconds=200)
            if verified.status != 0:
                campaign.finding(
                    trial, "other weights", f"clock set by {jump:+d} s: {verified.out}{verified.err[-300:]}"
                )


def two_dashboards(campaign: Campaign, trial: int) -> None:
    """Two dashboards on one store with 256 descriptors each: both start a training, and both trainings end."""
    from playwright.sync_api import sync_playwright

    from tests.support.server import CHROMIUM_FLAGS, chromium

    with tempfile.TemporaryDirectory() as folder:
        home = stores.copy(store()[0], Path(folder) / "home")
        known = {one["run"] for one in documents(home) or []}
        logs = [home.parent / "one.log", home.parent / "two.log"]
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))  # the servers take it over
        with dashboard_server(home, logs[0]) as one, dashboard_server(home, logs[1]) as two:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            with sync_playwright() as driver:
                browser = driver.chromium.launch(executable_path=chromium(), args=CHROMIUM_FLAGS)
                tabs = [browser.new_page() for _ in range(4)]
                for tab, address in zip(tabs, (one, two, one, two), strict=True):
                    tab.goto(f"{address}/Train?epochs=1&digits_per_class=50&threads=1", timeout=90_000)
                for tab in tabs[:2]:
                    tab.get_by_role("button", name="Start").first.click(timeout=90_000)
                deadline = time.monotonic() + 120
                states: list[str] = []
                while time.monotonic() < deadline and states.count("finished") < 2:
                    time.sleep(1)
                    states = [found["state"] for found in documents(home) or [] if found["run"] not in known]
                for tab in tabs:
                    with suppress(Exception):
                        tab.get_by_role("link", name="Mistakes").first.click(timeout=10_000)
                if any(tab.locator("[data-testid=stException]").count() for tab in tabs):
                    campaign.finding(trial, "exception", "on a page of one of two dashboards")
                browser.close()
        if states.count("finished") != 2:
            campaign.finding(trial, "not both", f"{states}")
        for log in logs:
            if "Traceback" in (text := log.read_text()):
                campaign.finding(trial, "traceback", text[-600:])
        whole(campaign, trial, "two dashboards", store()[0], home)


if __name__ == "__main__":
    raise SystemExit(
        main(
            {
                "full_disk": full_disk,
                "read_only": read_only,
                "descriptors": descriptors,
                "clock": clock,
                "two_dashboards": two_dashboards,
            }
        )
    )
