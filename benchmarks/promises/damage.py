"""Damaged copies of a store: each is asked through the command line or through pages, and compared with a healthy one.

No traceback; no figure that differs without a word on standard error, a status or the word `damaged`; and whatever is
said of the other runs stays.
"""

import json
import os
import random
import re
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.promises import pages, pictures, stores
from benchmarks.promises.campaign import Campaign, main
from benchmarks.promises.forked import Outcome, command, commands, fork
from tests.support.damage import DAMAGES

LONGEST = 60.0  # seconds of one command
NO_FIGURES = ("log.txt", "control.json", "control.json.lock", "notes.json", ".lock", ".manifest-lock")
A_WORD = re.compile(r"damaged|missing|left out|is no |cannot be read|lacks|deleted|no weights|not there", re.I)


@cache
def store() -> tuple[Path, dict[str, str]]:
    """The healthy store, and its runs."""
    folder = Path(tempfile.mkdtemp(prefix="promises-")) / "healthy"
    folder.mkdir()
    ids = stores.full_store(folder)
    command("calibration", ids["mlp"], home=folder)
    picture = folder.parent / "seven.png"

    def paint() -> None:
        from PIL import Image

        from mnist_core.drawing import synthetic

        Image.fromarray(synthetic.image(3, 5)[0]).save(picture)

    assert not fork(paint, folder).failed
    return folder, ids


def harm(home: Path, chosen: random.Random, data: bool) -> tuple[str, Path]:
    """Damage one file of the copy, or of a run as `tests/support/damage.py` does; says how, and which."""
    runs = sorted(home.glob("runs/2*"))
    areas = [home / "runs"] * 6 + [home / "drawings", home / "trash"]
    area = home / "data" if data else chosen.choice(areas)
    if area == home / "runs" and chosen.random() < 0.15:
        run, name = chosen.choice(runs), chosen.choice(sorted(DAMAGES))
        if chosen.random() < 0.7:
            DAMAGES[name](run)
            return name, run / "config.json"
    known = [path for path in sorted(area.rglob("*")) if path.is_file() and path.name not in NO_FIGURES]
    if area == home / "runs":
        run = chosen.choice(runs)
        known = [path for path in known if run in path.parents] or known
    path = chosen.choice(known)
    kinds: dict[str, Callable[[], object]] = {
        "hurt": lambda: path.write_bytes(pictures.hurt(path.read_bytes(), chosen)),
        "one bit": lambda: path.write_bytes(flip(path.read_bytes(), chosen)),
        "empty": lambda: path.write_bytes(b""),
        "zeros": lambda: path.write_bytes(bytes(path.stat().st_size)),
        "swapped": lambda: swap(path, chosen.choice([p for p in known if p.suffix == path.suffix])),
        "deleted": path.unlink,
        "a line twice": lambda: path.write_bytes(twice(path.read_bytes(), chosen)),
        "a line less": lambda: path.write_bytes(twice(path.read_bytes(), chosen, 0)),
        "a folder": lambda: put_instead(path, Path.mkdir),
        "a pipe": lambda: put_instead(path, os.mkfifo),
        "a link to itself": lambda: put_instead(path, lambda place: place.symlink_to(place)),
        "a link to /dev/zero": lambda: put_instead(path, lambda place: place.symlink_to("/dev/zero")),
        "no right": lambda: path.chmod(0),
        "garbage": lambda: path.write_bytes(chosen.randbytes(2000)),
        "appended": lambda: path.write_bytes(path.read_bytes() + chosen.randbytes(40)),
        "no folder": lambda: shutil.rmtree(path.parent) if path.parent.name == "epochs" else path.unlink(),
    }
    kind = chosen.choice([*kinds, "one bit", "one bit", "one bit", "hurt"])
    kinds[kind]()
    return kind, path


def put_instead(path: Path, make: Callable[[Path], object]) -> None:
    """Something else in a file's place."""
    path.unlink()
    make(path)


def flip(content: bytes, chosen: random.Random) -> bytes:
    """With one bit flipped."""
    changed = bytearray(content)
    if changed:
        changed[chosen.randrange(len(changed))] ^= 1 << chosen.randrange(8)
    return bytes(changed)


def swap(one: Path, other: Path) -> None:
    """Exchange the contents of two files."""
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)


def twice(content: bytes, chosen: random.Random, times: int = 2) -> bytes:
    """With one of its lines so many times."""
    lines = content.splitlines(keepends=True)
    if lines:
        place = chosen.randrange(len(lines))
        lines[place : place + 1] = [lines[place]] * times
    return b"".join(lines)


def questions(ids: dict[str, str], path: Path, chosen: random.Random) -> list[tuple[str, ...]]:
    """The commands that read what was damaged, and those that must not care."""
    picture = str(store()[0].parent / "seven.png")
    damaged = next((run for run in ids.values() if run in path.parts), ids["mlp"])
    asked: list[tuple[str, ...]] = []
    if "trash" in path.parts:
        asked += [("runs", "trash"), ("runs", "restore", ids["deleted"])]
        damaged = ids["deleted"]
    asked += [("runs",), ("runs", "--json"), ("mistakes", damaged), ("mistakes", ids["mlp"])]
    asked.append(("predict", "--run", damaged, "--json", picture))
    if path.suffix == ".safetensors" or chosen.random() < 0.05:
        asked.append(("test", damaged, "--json"))
    if "epochs" in path.parts and path.suffix == ".json":
        asked.append(("calibration", damaged))
    if "drawings" in path.parts:
        asked += [("drawings",), ("test", ids["mlp"], "--drawings")]
    if "mlp" in damaged and chosen.random() < 0.3:
        asked.append(("resume", damaged, "--epochs", "3", "--now", "--json"))
    asked.append(("doctor",))
    return asked


def ask(asked: list[tuple[str, ...]], home: Path, data: bool = False) -> list[Outcome]:
    """The commands' outcomes, the home's name taken out."""
    found = commands(asked, home, LONGEST + 60 * data, data)
    return [
        one._replace(out=one.out.replace(str(home), "HOME"), err=one.err.replace(str(home), "HOME")) for one in found
    ]


@cache
def healthy(words: tuple[str, ...]) -> Outcome:
    """What the healthy store says to this."""
    with tempfile.TemporaryDirectory() as folder:
        copied = stores.copy(store()[0], Path(folder) / "home")
        deleted = store()[1]["deleted"]
        if deleted in words and "restore" not in words:
            command("runs", "restore", deleted, home=copied)
        return ask([words], copied)[0]


def figures(words: tuple[str, ...], outcome: Outcome) -> list[str]:
    """The lines that must not differ, times and speeds left out."""
    return [
        re.sub(r'"(train_seconds|images_per_second|seconds)": [^,]+', "", line) for line in outcome.out.splitlines()
    ]


def judge(campaign: Campaign, trial: int, what: str, words: tuple[str, ...], found: Outcome, run: str | None) -> None:
    """Findings on one answer of a damaged store."""
    campaign.measured(found.seconds, found.megabytes)
    called = f"{what}: {' '.join(words)}"
    if found.failed:
        campaign.finding(trial, "traceback", f"{called}: {(found.err + found.out).strip()[-500:]}")
        return
    if found.status not in (0, 1, 2):
        campaign.finding(trial, "status", f"{called}: {found.status}")
    word = bool(found.err.strip() or found.status or A_WORD.search(found.out))
    if found.status and not (found.err + found.out).strip():
        campaign.finding(trial, "no word", called)
    if words == ("doctor",):  # it says what is wrong, in other words for each
        return
    right, now = figures(words, healthy(words)), figures(words, found)
    if "trash" in what and words[:2] in (("runs",), ("runs", "--json")):  # one more is there after the restoring
        return
    if right != now and not word:
        differing = next((pair for pair in zip(right, now, strict=False) if pair[0] != pair[1]), (right[-1:], now[-1:]))
        campaign.finding(trial, "silent difference", f"{called}: {differing[0]!a:.160} became {differing[1]!a:.160}")
    if words == ("runs",):
        for line in right:
            if line not in now and (run is None or run not in line) and not _same(line, now):
                campaign.finding(trial, "hides another", f"{called}: {line[:120]}")


def _same(line: str, lines: list[str]) -> bool:
    words = line.split()
    return any(words == other.split() for other in lines)


def copies(campaign: Campaign, trial: int) -> None:
    """One damaged copy through the command line."""
    chosen = campaign.random(trial)
    home, ids = store()
    data = trial % 25 == 24
    with tempfile.TemporaryDirectory() as folder:
        copied = stores.copy(home, Path(folder) / "home", data)
        kind, path = harm(copied, chosen, data)
        what = f"{kind} {path.relative_to(copied)}"
        run = next((run for run in ids.values() if run in path.parts), None)
        asked = [("mistakes", ids["mlp"]), ("test", ids["mlp"], "--json")] if data else questions(ids, path, chosen)
        found = ask(asked, copied, data)
        for words, one in zip(asked, found, strict=False):
            judge(campaign, trial, what, words, one, run)


SHOWN = ("markdown", "metric", "html", "caption", "success", "info")


def on_pages(campaign: Campaign, trial: int) -> None:
    """One damaged copy through the four pages."""
    chosen = campaign.random(trial)
    home, ids = store()
    with tempfile.TemporaryDirectory() as folder:
        copied = stores.copy(home, Path(folder) / "home")
        kind, path = harm(copied, chosen, False)
        what = f"{kind} {path.relative_to(copied)}"
        run = next((run for run in ids.values() if run in path.parts), ids["mlp"])
        page = chosen.choice(pages.PAGES)
        query = {"run": run} | ({"section": chosen.choice(pages.SECTIONS)})
        outcome = pages.show(page, copied, query)
        campaign.measured(outcome.seconds, outcome.megabytes)
        called = f"{what}: {page} {query['section']}"
        if outcome.failed:
            campaign.finding(trial, "traceback", f"{called}: {outcome.err.strip()[-400:]}")
            return
        if outcome.value["exception"]:
            campaign.finding(trial, "exception", f"{called}: {outcome.err.strip()[-600:]}")
        words = " ".join(outcome.value["warning"] + outcome.value["error"] + outcome.value["caption"])
        words += " ".join(outcome.value["markdown"] + outcome.value["info"])
        right = healthy_page(page, json.dumps(query))
        for name in SHOWN:
            shown, before = numbers(outcome.value[name]), numbers(right[name])
            if shown != before and not A_WORD.search(words):
                differing = next(
                    (p for p in zip(before, shown, strict=False) if p[0] != p[1]), (before[-1:], shown[-1:])
                )
                campaign.finding(trial, "silent difference", f"{called}: {differing!a:.300}")
                break


def numbers(texts: list[str]) -> list[str]:
    """The texts with figures in them; times left out, pictures as they are."""
    return [
        text
        for text in texts
        if re.search(r"\d", text) and "<img" not in text and not re.search(r"\bago\b|seconds|minutes|home", text)
    ]


@cache
def healthy_page(page: str, query: str) -> dict[str, Any]:
    """What the page of the healthy store shows."""
    with tempfile.TemporaryDirectory() as folder:
        copied = stores.copy(store()[0], Path(folder) / "home")
        value: dict[str, Any] = pages.show(page, copied, json.loads(query)).value
        return value


if __name__ == "__main__":
    raise SystemExit(main({"copies": copies, "on_pages": on_pages}))
