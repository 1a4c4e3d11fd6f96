"""What the campaigns share: trials numbered from a seed, a line for each finding, and a last row with counts."""

import argparse
import collections
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.harness.results import Results, Row


class Campaign:
    """One campaign: counts its trials and prints what they find; each row is saved as soon as it is measured."""

    def __init__(self, name: str, seed: int, results: Results) -> None:
        self.name, self.seed, self.results = name, seed, results
        self.trials, self.findings = 0, collections.Counter[str]()
        self.seconds: list[float] = []
        self.megabytes: list[float] = []

    def random(self, trial: int) -> random.Random:
        """The source of one trial's choices: the same for the same seed and number."""
        return random.Random(f"{self.name} {self.seed} {trial}")

    def measured(self, seconds: float, megabytes: float = 0.0) -> None:
        """Note what one call took: seconds of a processor, and memory."""
        self.seconds.append(seconds)
        self.megabytes.append(megabytes)

    def finding(self, trial: int, kind: str, what: str) -> None:
        """Print what a trial found. `kind` is counted."""
        self.findings[kind] += 1
        print(f"{self.name} --seed {self.seed} --only {trial}: {kind}: {what}", flush=True)

    def save(self) -> None:
        """Save the counts so far."""
        counts = ", ".join(f"{kind} {count}" for kind, count in self.findings.most_common()) or "none"
        row = Row(f"{self.name}, findings in {self.trials} trials", "", [float(self.findings.total())], "0", counts)
        self.results.add(self.name, row)
        if self.seconds:
            self.results.add(self.name, Row("longest call, processor time", "s", [max(self.seconds)]))
            self.results.add(self.name, Row("most memory", "MB", [max(self.megabytes)]))

    def last_row(self) -> str:
        """The counts, for a person."""
        counts = ", ".join(f"{kind} {count}" for kind, count in self.findings.most_common()) or "none"
        most = f"; longest {max(self.seconds):.2f} s, most {max(self.megabytes):.0f} MB" if self.seconds else ""
        return f"{self.name}: {self.trials} trials, findings: {counts}{most}"


Trial = Callable[[Campaign, int], None]


def main(parts: dict[str, Trial], arguments: Sequence[str] | None = None) -> int:
    """Run the parts that are named (default: all), `--n` trials each; returns 1 where something was found."""
    parser = argparse.ArgumentParser(description="Try to break what docs/promises.md promises.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(parts)}; all where none is named")
    parser.add_argument("--n", type=int, default=100, help="trials of each part")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="this trial alone")
    parser.add_argument("--json", type=Path, default=Path("promises.json"), help="where the file goes")
    given = parser.parse_args(arguments)
    if unknown := set(given.parts) - set(parts):
        parser.error(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(parts)}")
    results, found = Results(given.json), 0
    for name in given.parts or parts:
        campaign, begun = Campaign(name, given.seed, results), time.perf_counter()
        for trial in range(given.n) if given.only is None else [given.only]:
            campaign.trials += 1
            parts[name](campaign, trial)
            campaign.save()
        print(f"{campaign.last_row()} ({time.perf_counter() - begun:.0f} s)", flush=True)
        found += campaign.findings.total()
    return 1 if found else 0
