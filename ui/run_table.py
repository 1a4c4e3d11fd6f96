"""Runs as a table, one row each."""

from datetime import datetime

import streamlit as st

from mnist_core.config import NETWORKS
from mnist_core.errors import MnistError
from mnist_core.evaluation import wilson
from mnist_core.runs import Run


def run_table(runs: list[Run]) -> None:
    """When, network, settings, state, accuracy with its interval."""
    rows: list[dict[str, str]] = []
    for run in runs:
        try:
            record, status = run.record(), run.status()
        except MnistError:
            rows.append({"Name": run.id, "State": "damaged"})
            continue
        config = record.config
        accuracy = interval = None
        if status.test_accuracy is not None:
            low, high = wilson(round(status.test_accuracy * 10_000), 10_000)
            accuracy = f"{100 * status.test_accuracy:.2f} %"
            interval = f"{100 * low:.1f} to {100 * high:.1f}"
        rows.append(
            {
                "Started": datetime.fromtimestamp(record.created).strftime("%d %b %H:%M"),
                "Name": record.name,
                "Network": NETWORKS[config.model].title,
                "State": status.state,
                "Epochs": f"{status.epoch} of {config.epochs}",
                "Learning rate": f"{config.learning_rate:g}",
                "Momentum": f"{config.momentum:g}",
                "Test accuracy": accuracy or "–",
                "95 % interval (n = 10,000)": interval or "–",
            }
        )
    st.dataframe(rows, hide_index=True, width="stretch")
