"""What was done to a run, in words."""

import pytest

from mnist_core.runs.logs.events import in_words

RATES = {"old_learning_rate": 0.01, "learning_rate": 0.003, "old_momentum": 0.5, "momentum": 0.5}


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ({"event": "paused"}, "Paused."),
        ({"event": "stepped", "steps": 3}, "Made 3 updates one by one, and paused again."),
        ({"event": "rates", **RATES}, "Changed: learning rate 0.01 to 0.003."),
        ({"event": "rates", **RATES, "momentum": 0.9}, "Changed: learning rate 0.01 to 0.003, momentum 0.5 to 0.9."),
        ({"event": "epochs", "epochs": 8, "old_epochs": 3}, "To train 8 epochs instead of 3."),
        ({"event": "out_of_patience", "epochs": 7}, "Ended early, after epoch 7: the validation accuracy no longer"),
        ({"event": "threads", "threads": 1}, "Went on with 1 thread."),
        ({"event": "of_a_later_version"}, "Of a later version."),
    ],
)
def test_events_in_words(event: dict[str, object], words: str) -> None:
    assert in_words(event).startswith(words)
