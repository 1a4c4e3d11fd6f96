"""Presets, schedules, smoothed labels and averaged weights, against PyTorch's own."""

import pytest

from mnist_core.config.presets import PRESETS, preset_of


@pytest.mark.parametrize("name", list(PRESETS))
def test_a_preset_is_recognised_whatever_the_seed_and_the_device(name: str) -> None:
    assert preset_of(PRESETS[name].config.replace(seed=7, threads=1, device="cpu")) == name
    assert preset_of(PRESETS[name].config.replace(epochs=77)) is None
