"""Cards of what broke: the surest wrong answer first, and a click looks at that digit."""

import numpy as np
import pytest
import streamlit as st

from mnist_core.data.mnist import Arrays
from mnist_core.evaluation.answers import Answers
from mnist_core.interpretation.ablation import effect
from ui.common import cache
from ui.inside.breaking import gallery
from ui.inside.subject import _CHOSEN, TEST_DIGIT


def test_the_surest_comes_first_and_a_click_looks_at_it(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = np.array([0, 1, 2, 3])
    before = np.full((4, 10), -9.0, np.float32)
    before[np.arange(4), [0, 1, 2, 9]] = 0  # the last is wrong, and will be mended
    after = np.full((4, 10), -9.0, np.float32)
    after[np.arange(4), [5, 1, 6, 3]] = [-0.5, 0, -0.1, 0]
    found = effect(Answers(before, labels), after, [])
    shown = []
    monkeypatch.setattr(cache, "digits", lambda split: Arrays(np.zeros((4, 28, 28), np.uint8), labels))
    monkeypatch.setattr(gallery, "clickable", lambda body, on_click, key: shown.append((body, on_click)))
    monkeypatch.setattr(st, "session_state", state := dict[str, object]())
    gallery.show(found, mended=False)
    gallery.show(found, mended=True)
    (broken, click), (mended, _) = shown
    assert broken.index('data-value="2"') < broken.index('data-value="0"')
    assert "2 → 6" in broken and "0 → 5" in broken and 'data-value="3"' not in broken
    assert "9 → 3" in mended and mended.count("<button") == 1
    click("2")
    assert (state[_CHOSEN], state["way"]) == (2, TEST_DIGIT)
