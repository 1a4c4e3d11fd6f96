"""What was done to a run while it trained, in words."""

from collections.abc import Mapping
from typing import Any

_SAID = {
    "paused": "Paused.",
    "unpaused": "Went on after a pause.",
    "stopped": "Stopped.",
    "interrupted": "Interrupted.",
    "resumed": "Resumed.",
}


def in_words(event: Mapping[str, Any]) -> str:
    """A row of events.jsonl as a sentence; one of a later version is called by its name."""
    kind = event["event"]
    if kind == "rates":
        return f"Changed: {rates_in_words(event) or 'nothing'}."
    if kind == "stepped":
        return f"Made {event.get('steps', 1):,} updates one by one, and paused again."
    if kind == "epochs":
        return f"To train {event['epochs']} epochs instead of {event['old_epochs']}."
    if kind == "threads":
        return f"Went on with {event['threads']} thread{'s' * (event['threads'] != 1)}."
    if kind == "out_of_patience":
        return f"Ended early, after epoch {event['epochs']}: the validation accuracy no longer rose."
    return _SAID.get(kind, f"{str(kind).replace('_', ' ').capitalize()}.")


def rates_in_words(event: Mapping[str, Any]) -> str:
    """For example "learning rate 0.01 to 0.003"."""
    return ", ".join(
        f"{name.replace('_', ' ')} {event[f'old_{name}']:g} to {event[name]:g}"
        for name in ("learning_rate", "momentum")
        if name in event and event[name] != event.get(f"old_{name}")
    )
