"""The table of runs: search, filter, order, and choosing by a click on a row."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import streamlit as st

from mnist_core.comparison import selection
from mnist_core.comparison.csv_file import as_csv
from mnist_core.comparison.entry import Entry, columns, differing
from mnist_core.config.networks import NETWORKS
from mnist_core.errors import RequestError
from mnist_core.evaluation.statistics import Interval, between, plural
from ui.common.text import plain
from ui.compare.chosen import chosen_of, take_choice, turn

MOST = 1000  # rows: more are narrowed down by the filter, or sorted to the top
HEIGHT = 330  # pixels
ORDERS = {
    "Newest first": "-created",
    "Best validation accuracy": "-best_validation_accuracy",
    "Test accuracy": "-test_accuracy",
    "Shortest training": "train_seconds",
    "Fewest parameters": "parameters",
    "Name": "name",
}
_HELP = """Words are looked for in name, id, note and tags. Values are compared without blanks around the sign:

- `learning_rate>0.01 model=cnn,mlp`
- `best_validation_accuracy>=98.5%`
- `state=finished tag="for the talk" kept=yes`
- `created>2026-11-20`

The names are those of the columns of the CSV file: """


def choose_runs(every: Sequence[Entry]) -> list[Entry]:
    """The runs that the filter lets through, in a table in which some can be chosen; returns them all, in order."""
    left, right = st.columns([4, 1])  # one below the other on a phone
    text = left.text_input(
        "Search and filter",
        key="filter",
        bind="query-params",
        persist_state="session",
        max_chars=300,
        placeholder=f"a word, or {selection.EXAMPLE}",
        help=f"{_HELP}{', '.join(columns())}.",
    )
    order = right.selectbox("Order", list(ORDERS), key="order", bind="query-params", persist_state="session")
    try:
        found = selection.matching(every, text)
    except RequestError as error:
        st.error(plain(str(error)), icon=":material/filter_alt_off:")
        found = list(every)
    if order != "Newest first":  # they are in this order
        found = selection.ordered(found, ORDERS[order])
    chosen = chosen_of(every)
    if found:
        _table(found[:MOST], chosen)
    else:
        st.info(plain(f"No run fits {text}."), icon=":material/filter_alt_off:")
    _count(every, found, chosen)
    return found


def _table(shown: Sequence[Entry], chosen: Sequence[Entry]) -> None:
    ids = [entry.run for entry in shown]
    places = {run_id: place for place, run_id in enumerate(ids)}
    # A selection is kept by rows: where these are others, or the choice was made elsewhere, it is another table.
    its = hashlib.sha256(f"{turn()} {ids}".encode()).hexdigest()[:12]
    key = f"runs_{its}"

    def take() -> None:
        take_choice(ids, [ids[row] for row in st.session_state[key].selection.rows])

    values, config = _columns(shown)
    st.dataframe(
        values,
        key=key,
        hide_index=True,
        height=min(HEIGHT, 38 + 35 * len(shown)),
        column_config=config,
        on_select=take,
        selection_mode="multi-row",
        selection_default={"selection": {"rows": [places[e.run] for e in chosen if e.run in places]}},
        placeholder="–",
        alt=f"A table of {plural(len(shown), 'run')}; a row is chosen by the box at its left.",
    )


def _columns(shown: Sequence[Entry]) -> tuple[dict[str, list[Any]], dict[str, Any]]:
    """The values by their titles, and how those that are no plain text are written."""
    column, known = st.column_config, columns()
    percent: dict[str, Any] = {"format": "%.2f %%"}
    values: dict[str, list[Any]] = {"Name": [entry.name or entry.run for entry in shown]}
    config: dict[str, Any] = {"Name": column.TextColumn(width=170, pinned=True)}
    values["State"] = [entry.state for entry in shown]
    for name in differing(shown):
        title = known[name].title
        values[title] = [_setting(name, entry) for entry in shown]
        config[title] = (column.TextColumn if known[name].kind == "text" else column.NumberColumn)(
            help=known[name].about
        )
    if any(entry.best for entry in shown):
        values["Best validation"] = [_percent(entry.best and entry.best.validation_accuracy) for entry in shown]
        values["95 %, validation"] = [
            _between(entry.best and entry.validation_interval(entry.best.validation_accuracy)) for entry in shown
        ]
        values["Best epoch"] = [entry.best and entry.best.epoch for entry in shown]
        config["Best validation"] = column.NumberColumn(help=known["best_validation_accuracy"].about, **percent)
        config["Best epoch"] = column.NumberColumn(help=known["best_epoch"].about)
    values["Last test"] = [_percent(entry.test_accuracy) for entry in shown]
    values["95 %, test"] = [_between(entry.test_interval()) for entry in shown]
    config["Last test"] = column.NumberColumn(
        help="Accuracy on the 10,000 test digits after the last epoch: a report, not to choose by.", **percent
    )
    values["Epochs trained"] = [entry.epoch for entry in shown]
    values["Seconds"] = [entry.train_seconds for entry in shown]
    config["Seconds"] = column.NumberColumn(help=known["train_seconds"].about, format="%.1f")
    values["Parameters"] = [entry.parameters for entry in shown]
    config["Parameters"] = column.NumberColumn(format="localized")
    values["Started"] = [None if e.created is None else datetime.fromtimestamp(e.created) for e in shown]
    config["Started"] = column.DatetimeColumn(format="D MMM YYYY, HH:mm")
    if any(entry.tags for entry in shown):
        values["Tags"] = [list(entry.tags) for entry in shown]
        config["Tags"] = column.ListColumn()
    if any(entry.kept for entry in shown):
        values["Kept"] = [entry.kept for entry in shown]
        config["Kept"] = column.CheckboxColumn(help=known["kept"].about, width="small")
    values["Run"] = [entry.run for entry in shown]
    return values, config


def _setting(name: str, entry: Entry) -> Any:
    value = entry.settings.get(name)
    return NETWORKS[value].title if name == "model" and value is not None else value


def _percent(accuracy: float | None) -> float | None:
    return None if accuracy is None else 100 * accuracy


def _between(interval: Interval | None) -> str | None:
    return None if interval is None else between(interval, 2)


def _count(every: Sequence[Entry], found: Sequence[Entry], chosen: Sequence[Entry]) -> None:
    """How many there are, and what is wrong with the damaged ones; a file of them all."""
    row = st.container(horizontal=True, vertical_alignment="center")
    told = plural(len(every), "run")
    if len(found) < len(every):
        told += f", {len(found):,} of which fit the filter"
    if len(found) > MOST:
        told += f"; the first {MOST:,} are shown"
    told += f". {plural(len(chosen), 'run')} chosen." if chosen else ". Choose runs by the boxes at their left."
    row.caption(told, width="stretch")
    row.download_button(
        "CSV", lambda: as_csv(found), "runs.csv", "text/csv", icon=":material/download:", on_click="ignore",
        help="Every value of these runs, for a spreadsheet.",
    )  # fmt: skip
    damaged = [entry for entry in found if entry.damage is not None]
    for entry in damaged[:3]:
        st.warning(plain(f"{entry.run}: {entry.damage}"), icon=":material/healing:")
    if len(damaged) > 3:
        st.warning(f"{len(damaged) - 3:,} more are damaged: the filter `state=damaged` lists them.")
