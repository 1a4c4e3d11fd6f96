"""What nothing beats: the runs of which no other is both cheaper and more accurate (the Pareto front)."""

from collections.abc import Sequence

from mnist_core.comparison.entry import Entry, columns

COSTS = ("train_seconds", "parameters")
ACCURACIES = ("best_validation_accuracy", "test_accuracy")


def front(costs: Sequence[float], accuracies: Sequence[float]) -> list[int]:
    """The places of those that nothing beats, the cheapest first.

    One is beaten where another costs no more and is no less accurate, and is better in one of the two.
    """
    found: list[int] = []
    for place in sorted(range(len(costs)), key=lambda i: (costs[i], -accuracies[i])):
        last = found[-1] if found else None
        if last is None or accuracies[place] > accuracies[last]:
            found.append(place)
        elif (costs[place], accuracies[place]) == (costs[last], accuracies[last]):
            found.append(place)  # its equal: neither beats the other
    return found


def with_both(entries: Sequence[Entry], cost: str, accuracy: str) -> list[tuple[Entry, float, float]]:
    """The runs of which both are known, each with its cost and its accuracy (names of `columns()`)."""
    named = columns()
    values = [(entry, named[cost].value(entry), named[accuracy].value(entry)) for entry in entries]
    return [
        (entry, float(its_cost), float(its_accuracy))
        for entry, its_cost, its_accuracy in values
        if isinstance(its_cost, int | float) and isinstance(its_accuracy, int | float)
    ]
