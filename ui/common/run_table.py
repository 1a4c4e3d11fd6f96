"""Runs as a table, one row each."""

from datetime import datetime

import streamlit as st

from mnist_core.config.networks import NETWORKS
from mnist_core.config.train_config import TEST_SIZE
from mnist_core.evaluation.statistics import between, share, wilson
from mnist_core.runs.run import Run
from ui.common import cache
from ui.common.text import plain


def run_table(runs: list[Run]) -> None:
    """When, network, settings, state, accuracies with their 95 % intervals; below it why a run cannot be read."""
    rows: list[dict[str, str]] = []
    damaged: list[str] = []
    for run in runs:
        why = cache.damage(run)
        if why is not None:
            damaged.append(f"{run.id}: {why}")
        if not cache.is_readable(run):
            rows.append({"Name": run.id, "State": "damaged"})
            continue
        record, status = cache.record(run), cache.status(run)
        config = record.config
        rows.append(
            {
                "Started": datetime.fromtimestamp(record.created).strftime("%d %b %H:%M"),
                "Name": cache.name(run),
                "Network": NETWORKS[config.model].title,
                "State": status.state if why is None else "damaged",
                "Epochs": f"{status.epoch} of {config.epochs}",
                "Learning rate": f"{config.learning_rate:g}",
                "Momentum": f"{config.momentum:g}",
                "Validation accuracy": _with_interval(status.validation_accuracy, config.validation_size),
                "Test accuracy": _with_interval(status.test_accuracy, TEST_SIZE),
            }
        )
    if all(row.get("Validation accuracy", "–") == "–" for row in rows):  # most runs hold no digits out
        for row in rows:
            row.pop("Validation accuracy", None)
    st.dataframe(rows, hide_index=True, width="stretch")
    for sentence in damaged:
        st.warning(plain(sentence), icon=":material/healing:")


def _with_interval(accuracy: float | None, n: int) -> str:
    if accuracy is None:
        return "–"
    return f"{share(accuracy, 2)} ({between(wilson(round(accuracy * n), n))}, n = {n:,})"
