"""What people and strangers send: pictures, ZIP files, addresses, command lines on a terminal that knows ASCII alone.

No traceback, at most two seconds and 300 MB each. `addresses` are opened through AppTest, every tenth in Chromium where
`--n` is at most 50 or the part `browser` is asked for.
"""

import os
import random
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.promises import pages, pictures, stores
from benchmarks.promises.campaign import Campaign, main
from benchmarks.promises.forked import Outcome, command, fork
from mnist_core.system.files import REPOSITORY

SECONDS, MEGABYTES = 2.0, 300.0
TRAINS = ("train", "resume", "finetune", "verify", "robustness", "features", "map", "calibration", "test", "compare")


@cache
def store() -> tuple[Path, dict[str, str]]:
    """A store to ask, and its runs."""
    folder = Path(tempfile.mkdtemp(prefix="promises-"))
    return folder, stores.full_store(folder)


def judge(campaign: Campaign, trial: int, what: str, outcome: Outcome, slow: bool = False) -> None:
    """Findings on one call: a traceback, an odd status, a refusal without a word, too long or too much memory."""
    campaign.measured(outcome.seconds, outcome.megabytes)
    if outcome.failed:
        campaign.finding(trial, "traceback", f"{what}: {(outcome.err + outcome.out).strip()[-400:]}")
    elif outcome.status not in (0, 1, 2, 130, None):
        campaign.finding(trial, "status", f"{what}: {outcome.status}")
    elif outcome.status and not outcome.err.strip() and not outcome.out.strip():
        campaign.finding(trial, "no word", f"{what}: {outcome.status}")
    if "\x1b" in outcome.out + outcome.err:
        campaign.finding(trial, "escape", what)
    if outcome.seconds > SECONDS and not slow:
        campaign.finding(trial, "slow", f"{what}: {outcome.seconds:.1f} s, {outcome.megabytes:.0f} MB")
    elif outcome.megabytes > MEGABYTES and not slow:
        campaign.finding(trial, "memory", f"{what}: {outcome.megabytes:.0f} MB, {outcome.seconds:.1f} s")


def upload(campaign: Campaign, trial: int) -> None:
    """One picture, asked about as a digit and as a number."""
    chosen = campaign.random(trial)
    content = pictures.picture_file(chosen)
    home, ids = store()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / chosen.choice(("a.png", "a.jpg", "caf\udce9.png", "\x1b[31m.gif", "-", "a b.tiff"))
        path.write_bytes(content)
        for options in ((), ("--number",)):
            outcome = command("predict", "--run", ids["mlp"], *options, "--", str(path), home=home)
            judge(campaign, trial, f"{path.name!a}, {len(content):,} bytes {options}", outcome)


def upload_page(campaign: Campaign, trial: int) -> None:
    """One picture through the Draw page."""
    chosen = campaign.random(trial)
    content, number = pictures.picture_file(chosen), chosen.random() < 0.5
    home, ids = store()
    name, key = chosen.choice(("a.png", "a.jpg", "b.gif")), "number_file" if number else "digit_file"

    def act(app: Any) -> None:
        app.file_uploader(key=key).upload(name, content, "image/png").run()

    query = {"run": ids["mlp"], "paper": "A whole number" if number else "One digit"}
    outcome = pages.show(pages.PAGES[3], home, query, act)
    judge_page(campaign, trial, f"{name}, {len(content):,} bytes, {key}", outcome)


def judge_page(campaign: Campaign, trial: int, what: str, outcome: Outcome) -> None:
    """`judge`, and exceptions on the page."""
    judge(campaign, trial, what, outcome)
    if outcome.value and outcome.value["exception"]:
        campaign.finding(trial, "exception", f"{what}: {outcome.err.strip()[-600:]}")


def zips(campaign: Campaign, trial: int) -> None:
    """One ZIP file, imported into an empty collection."""
    chosen = campaign.random(trial)
    content = pictures.zip_file(good_zip(), chosen)
    with tempfile.TemporaryDirectory(dir=store()[0].parent) as folder:
        home = Path(folder)
        path = home / "a.zip"
        path.write_bytes(content)
        outcome = command("drawings", "--import", str(path), home=home)
        judge(campaign, trial, f"{len(content):,} bytes", outcome)
        if outcome.status and (kept := list(home.glob("drawings/*"))):
            campaign.finding(trial, "half imported", f"{len(kept)} files")


@cache
def good_zip() -> bytes:
    """The drawings of the store."""
    path = store()[0] / "good.zip"
    command("drawings", "--export", str(path), home=store()[0])
    return path.read_bytes()


KEYS = (
    *("run", "other", "runs", "true", "predicted", "digit", "section", "page", "gallery_page", "diagonal", "order"),
    *("paper", "preset", "model", "epochs", "batch_size", "learning_rate", "momentum", "digits_per_class", "seed"),
    *("validation_size", "optimizer", "schedule", "device", "threads", "precision", "confusion", "embed", "network"),
)
VALUES = (
    *("", "0", "-1", "1", "9", "10", "3.5", "nan", "inf", "1e308", "-0", "9" * 400, "true", "None", "null", "latest"),
    *("best", "shipped", "![x](http://evil.example/x.png)", "<img src=x onerror=alert(1)>", ":material/bolt:", "$x$"),
    *("../../etc/passwd", "caf\xe9", "\u202egnp", "\x00", "\x1b[31m", "a,b,c", ",", "%", "[]", "{}", "A whole number"),
    *pages.SECTIONS,
)


def query(chosen: random.Random, ids: dict[str, str]) -> dict[str, str]:
    """What an address may say after its question mark."""
    keys = chosen.sample(KEYS, chosen.randrange(1, 6))
    values = (*VALUES, *ids.values(), ",".join(ids.values()), chosen.choice("abc\n&=#?") * chosen.choice((1, 5000)))
    made = {key: chosen.choice(values) for key in keys}
    if chosen.random() < 0.4:
        made["run"] = chosen.choice(list(ids.values()))
    return made


def addresses(campaign: Campaign, trial: int) -> None:
    """One address, through AppTest."""
    chosen = campaign.random(trial)
    home, ids = store()
    page, asked = chosen.choice(pages.PAGES), query(chosen, ids)
    outcome = pages.show(page, home, asked)
    judge_page(campaign, trial, f"{page} {asked!a:.300}", outcome)


def browser(campaign: Campaign, trial: int) -> None:
    """One address in Chromium: the page comes to rest without an exception, and asks no other host for anything."""
    from urllib.parse import urlencode

    chosen = campaign.random(trial)
    _, ids = store()
    page = chosen.choice(("", "Train", "Mistakes", "Draw"))
    asked = query(chosen, ids)
    tab, address, others = chromium_tab()
    others.clear()
    tab.goto(f"{address}/{page}?{urlencode(asked, errors='surrogateescape')}")
    tab.locator("[data-testid=stAppViewContainer]").wait_for()
    tab.wait_for_function(
        "!document.querySelector('[data-testid=stStatusWidgetRunningIcon]') && document.querySelector('h1')"
    )
    if tab.locator("[data-testid=stException]").count():
        campaign.finding(trial, "exception", f"{page} {asked!a:.300}")
    if others:
        campaign.finding(trial, "other host", f"{page} {asked!a:.200}: {others[0]}")


@cache
def chromium_tab() -> tuple[Any, str, list[str]]:
    """A tab, the dashboard's address, and what was asked of other hosts; they end with this process."""
    import atexit

    from playwright.sync_api import sync_playwright

    from tests.support.server import CHROMIUM_FLAGS, chromium, dashboard_server

    home, _ = store()
    server = dashboard_server(home, home / "server.log")
    address = server.__enter__()
    driver = sync_playwright().start()
    tab = driver.chromium.launch(executable_path=chromium(), args=CHROMIUM_FLAGS).new_page()
    others: list[str] = []
    tab.on("request", lambda request: others.append(request.url) if not _is_own(request.url, address) else None)
    atexit.register(server.__exit__, None, None, None)
    atexit.register(driver.stop)
    return tab, address, others


def _is_own(url: str, address: str) -> bool:
    return url.startswith((address, address.replace("http", "ws"), "data:", "blob:", "about:"))


WORDS = (
    *("", "-", "--", "-1", "0", "1", "3", "nan", "1e308", "caf\udce9", "\u732b", "\x1b[31mred", "[/b]", "[red]x[/red]"),
    *(
        "latest",
        "best",
        "shipped",
        "..",
        "/",
        "/dev/null",
        "/etc/passwd",
        "~nobody/x",
        "a" * 300,
        "\n",
        "%s",
        "{}",
        "$HOME",
    ),
    *("--help", "--json", "--now", "--yes", "--drawings", "--number", "--csv", "--zip", "--run", "--preset", "--name"),
    *("--epochs", "--model", "--seed", "--import", "--export", "--delete", "--empty", "tutorial", "cnn", "2026"),
)


def command_lines(campaign: Campaign, trial: int) -> None:
    """One command line with odd words, its terminal ASCII; every twentieth in a process of its own under LC_ALL=C."""
    from typer.main import get_command

    from mnist_core.cli.app import app

    chosen = campaign.random(trial)
    home, ids = store()
    commands: Any = get_command(app)
    names = [name for name in commands.commands if name != "app"]  # it would not end
    name = chosen.choice([*names, "runs", "runs", "drawings", "predict", "train", chosen.choice(WORDS)])
    words = [name]
    if name == "runs" and chosen.random() < 0.7:
        words.append(chosen.choice(("rename", "note", "delete", "restore", "trash", chosen.choice(WORDS))))
    options = [option for p in getattr(commands.commands.get(name), "params", []) for option in p.opts]
    words += [
        chosen.choice((chosen.choice(WORDS), *ids.values(), *(options or [""]))) for _ in range(chosen.randrange(5))
    ]
    with tempfile.TemporaryDirectory() as folder:
        copied = stores.copy(home, Path(folder) / "home")
        slow = name in TRAINS
        if trial % 20 == 0:
            judge(campaign, trial, f"{words!a} (process)", _in_c_locale(words, copied), slow=True)
        else:
            os.chdir(folder)
            outcome = fork(lambda: _with_few(words), copied, 15 if slow else 10, "ascii", kill=slow)
            os.chdir(REPOSITORY)
            judge(campaign, trial, f"{words!a}", outcome, slow)


def _with_few(words: list[str]) -> int:
    from benchmarks.promises.forked import few_test_digits
    from mnist_core.cli import app

    if words[:1] in (["train"], ["resume"], ["finetune"], ["verify"]):  # the others ask what was trained with all
        few_test_digits()
    return app.main(words)


def _in_c_locale(words: list[str], home: Path) -> Outcome:
    plain = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "MNIST_HOME": str(home)}
    raw = [word.encode("utf-8", "surrogateescape").replace(b"\0", b"") for word in words]
    try:
        done = subprocess.run(
            [sys.executable, "-m", "mnist_core", *raw],
            env={**os.environ, **plain, "PYTHONPATH": str(REPOSITORY)},
            cwd=home,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=60,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Outcome(None, "", "", None, 60, 0)
    return Outcome(done.returncode, done.stdout.decode("latin-1"), done.stderr.decode("latin-1"), None, 0, 0)


if __name__ == "__main__":
    raise SystemExit(
        main(
            {
                "upload": upload,
                "upload_page": upload_page,
                "zips": zips,
                "addresses": addresses,
                "command_lines": command_lines,
                "browser": browser,
            }
        )
    )
