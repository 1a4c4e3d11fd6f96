"""What each channel looks for, and how its kernel came to be."""

from collections.abc import Callable

from ui.common.page import choose_section
from ui.inside.history import change, pictures
from ui.inside.subject import Subject

PARTS: dict[str, Callable[[Subject], None]] = {
    "Pictures": pictures.show,
    "Distance travelled": change.show_distance,
    "Histograms": change.show_spread,
}


def show(subject: Subject) -> None:
    """One of its parts; only that is computed."""
    PARTS[choose_section(PARTS, "kernels_part")](subject)
