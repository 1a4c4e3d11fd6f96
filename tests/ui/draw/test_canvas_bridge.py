"""The two papers, the Draw page's canvas and the browser's own, take the same touch for a resting hand."""

import re

from mnist_core.system.files import REPOSITORY
from ui.draw.canvas_bridge import PALM, PEN_RESTS


def test_both_papers_know_the_same_hand() -> None:
    source = (REPOSITORY / "static" / "engine" / "paper.js").read_text("utf-8")
    theirs = {name: int(value) for name, value in re.findall(r"^const (PALM|PEN_RESTS) = (\d+);", source, re.MULTILINE)}
    assert theirs == {"PALM": PALM, "PEN_RESTS": PEN_RESTS}
