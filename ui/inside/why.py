"""Which parts of a digit decided, and which digits lie near it."""

from collections.abc import Callable

from ui.common.page import choose_section
from ui.inside.explain import evidence, neighbourhood
from ui.inside.subject import Subject

PARTS: dict[str, Callable[[Subject], None]] = {
    "Evidence": evidence.show,
    "Map": neighbourhood.show_map,
    "Map over the epochs": neighbourhood.show_epochs,
    "Nearest digits": neighbourhood.show_neighbours,
}


def show(subject: Subject) -> None:
    """One of its parts; only that is computed."""
    PARTS[choose_section(PARTS, "why_part")](subject)
