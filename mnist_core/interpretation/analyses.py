"""Every analysis that is computed in a process of its own, by its name, which is also its command's."""

from typing import Any

from mnist_core.evaluation import calibration, robustness
from mnist_core.interpretation import channels, embeddings, projection
from mnist_core.interpretation.fooling import adversarial
from mnist_core.interpretation.over_epochs import activations, maps
from mnist_core.runs.analyses import Analysis

_ALL: tuple[Analysis[Any], ...] = (
    calibration.ANALYSIS,
    robustness.ANALYSIS,
    embeddings.ANALYSIS,
    embeddings.TEST_ANALYSIS,
    projection.ANALYSIS,
    channels.ANALYSIS,
    activations.ANALYSIS,
    maps.ANALYSIS,
    adversarial.ANALYSIS,
)
ANALYSES = {analysis.name: analysis for analysis in _ALL}
