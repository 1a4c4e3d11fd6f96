"""Compare: all runs in a table; the chosen ones' curves, accuracies and verdict; what nothing beats."""

from collections.abc import Callable, Sequence

from mnist_core.comparison.entry import Entry
from ui.common.actions import confirm_deletion, show_refusal, show_undo
from ui.common.page import choose_section, nothing_yet, page
from ui.common.run_selector import notice_new_runs
from ui.compare import cost, curves, verdict
from ui.compare.chosen import all_runs, chosen_of
from ui.compare.manage import manage
from ui.compare.table import choose_runs
from ui.export.bring_in import bring_in

# Each section shows the chosen runs, among all that the filter lets through. Only the chosen section is computed.
SECTIONS: dict[str, Callable[[Sequence[Entry], Sequence[Entry]], None]] = {
    "Curves": curves.show,
    "Which is better": verdict.show,
    "Accuracy and cost": cost.show,
}

with page("Compare", "All runs beside one another: which is better, what made the difference, and could it be luck."):
    show_refusal()
    show_undo("run")
    every = all_runs()
    if not every:
        bring_in()
        nothing_yet(
            "No run yet. Train one, and then another with other settings or another seed: they are compared here.",
            "pages/1_Train.py",
            "Train a network",
            ":material/model_training:",
        )
    shown = choose_runs(every)
    chosen = chosen_of(every)
    manage(chosen, shown)
    bring_in()
    confirm_deletion()
    notice_new_runs()

    section = choose_section(SECTIONS, "compare_section")
    SECTIONS[section](chosen, shown)
