"""Runs from strangers: ZIP files that are damaged, hostile or huge, imported into an empty store.

Each is one sentence and status 2, leaves the store as it was and nothing anywhere else, within bounds of time and
memory. What is taken all the same, because what was changed may be so, answers like any other run.
"""

import os
import tempfile
from functools import cache
from pathlib import Path

from benchmarks.promises import hostile_runs, stores
from benchmarks.promises.campaign import Campaign, main
from benchmarks.promises.forked import command, fork

SECONDS, MEGABYTES = 10.0, 300.0  # of a processor; beyond what the process had with torch in it
RUNS = ("cnn", "mlp", "compact", "fine-tuned")  # "deep" would take minutes, and adds nothing
SECRET = "secret.txt"  # lies beside the store
TAKEN: list[int] = []  # trials whose file was good all the same


@cache
def store() -> tuple[Path, dict[str, bytes]]:
    """A folder for the stores to import into, and the ZIP file of each of `RUNS`."""
    folder = Path(tempfile.mkdtemp(prefix="imports-"))
    first = folder / "first"
    stores.prepared_data(first)
    ids = {name: stores.train(first, f"A {name}", model=name, epochs=2) for name in RUNS[:-1]}
    stores.draw(first, 12)
    ids["fine-tuned"] = stores.fine_tune(first, ids["mlp"])
    made = {}
    for name in RUNS:
        path = folder / f"{name}.zip"

        def pack(run_id: str = ids[name], path: Path = path) -> None:
            from mnist_core.export.run_zip import pack
            from mnist_core.runs.store import find

            pack._pack(find(run_id), path)

        outcome = fork(pack, first, 120)
        assert not outcome.failed, outcome.err
        made[name] = path.read_bytes()
    return folder, made


def imports(campaign: Campaign, trial: int) -> None:
    """One ZIP file, imported into an empty store."""
    chosen = campaign.random(trial)
    content = hostile_runs.zip_file(store()[1][chosen.choice(RUNS)], chosen)
    with tempfile.TemporaryDirectory(dir=store()[0]) as folder:
        outer = Path(folder)
        home = outer / "home"
        home.mkdir()
        (home / "data").symlink_to(store()[0] / "first" / "data")
        (outer / SECRET).write_text("secret")
        path = outer / "run.zip"
        path.write_bytes(content)
        before = everything(outer)
        here = sorted(Path.cwd().iterdir())
        outcome = command("import", str(path), home=home)
        campaign.measured(outcome.seconds, outcome.megabytes)
        what = f"{len(content):,} bytes: {outcome.err.strip()[:200]!a}"
        if outcome.failed:
            campaign.finding(trial, "traceback", (outcome.err + outcome.out).strip()[-500:])
        elif outcome.status == 0:
            TAKEN.append(trial)
            ask(home, campaign, trial)
        elif outcome.status != 2:
            campaign.finding(trial, "status", f"{outcome.status}, {what}")
        elif outcome.out or outcome.err.count("\n") != 1 or not outcome.err.endswith(".\n"):
            campaign.finding(trial, "no sentence", what)
        elif not outcome.err[:-1].isprintable():
            campaign.finding(trial, "escape", what)
        if outcome.status and (left := everything(outer) - before - {home / "runs"}):
            campaign.finding(trial, "left", f"{sorted(left)[0]}, {what}")
        if sorted(Path.cwd().iterdir()) != here or Path("/tmp/imports-outside").exists() or Path("ran").exists():
            campaign.finding(trial, "outside", what)
        if outcome.seconds > SECONDS or outcome.megabytes > MEGABYTES:
            campaign.finding(trial, "bounds", f"{outcome.seconds:.1f} s, {outcome.megabytes:.0f} MB, {what}")


def everything(folder: Path) -> set[Path]:
    """All that is in the folder, links not followed."""
    return {Path(root) / name for root, folders, files in os.walk(folder) for name in (*folders, *files)}


def ask(home: Path, campaign: Campaign, trial: int) -> None:
    """Of one that was taken, for what was changed is allowed (a file less, another rate): it answers."""
    (run,) = (home / "runs").iterdir()
    outcome = command("test", run.name, home=home)
    if outcome.failed or outcome.status:
        campaign.finding(trial, "taken", f"{outcome.status} {outcome.err.strip()[-300:]}")


if __name__ == "__main__":
    status = main({"imports": imports})
    print(f"taken: {len(TAKEN)}, trials {', '.join(map(str, TAKEN))}")
    raise SystemExit(status)
