"""The shipped run's temperature: `python -m benchmarks.drawing.stroke_temperature --fit` fits it anew and keeps it in
`shipped/epochs/`; without `--fit` the calibration errors are measured.

On MNIST's own digits a network is right more often than on what people draw, and a temperature fitted to them makes it
too sure of drawings. This one is fitted to pen strokes that the run was not trained on: its validation digits, thinned
and turned (`thinned_strokes.py`), and synthetic digits of another seed. It is measured on thinned test digits.
"""

import argparse
import hashlib
import json

import numpy as np

from benchmarks.drawing import thinned_strokes
from mnist_core.data.mnist import load_arrays
from mnist_core.drawing import synthetic
from mnist_core.evaluation import calibration
from mnist_core.evaluation.calibration import Fit, bins, expected_calibration_error, fit_temperature, scale
from mnist_core.models.inference import infer, load_network
from mnist_core.runs import manifest, store
from mnist_core.runs.run import Run, last_epoch

HELD_OUT_SEED = 77  # synthetic digits of seed 0 are trained on
SYNTHETIC = 2000


def strokes_of(split: str, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Thinned digits of the `split` at each tilt: uint8 (3 n, 28, 28), and their labels."""
    known, labels = thinned_strokes.digits(split, count)
    images = [thinned_strokes.prepared(drawn, tilt) for tilt in thinned_strokes.TILTS for drawn in known]
    return np.stack(images), np.tile(labels, len(thinned_strokes.TILTS))


def fit(run: Run) -> Fit:
    """The temperature for pen strokes, on validation and synthetic digits."""
    images, labels = strokes_of("validation", run.record().config.validation_size)
    drawn = synthetic.synthesise(SYNTHETIC, HELD_OUT_SEED)
    answers = infer(load_network(run), np.concatenate([images, drawn.images]), 500).numpy()
    return fit_temperature(answers, np.concatenate([labels, drawn.labels]))


def keep(run: Run, found: Fit) -> None:
    """Write it beside the run's weights, where every answer takes it from."""
    weights = hashlib.sha256(run.weights(last_epoch(run)).read_bytes()).hexdigest()
    about = {"weights": weights, "definition": calibration.ANALYSIS.definition}
    said = json.dumps({"about": about, "answer": list(found)}, indent=1) + "\n"
    manifest.replace(run.path / "epochs" / f"{last_epoch(run):04d}.calibration.json", said.encode())


def error(log_probabilities: np.ndarray, labels: np.ndarray, temperature: float) -> float:
    """The expected calibration error, 0 to 1."""
    scaled = np.exp(scale(log_probabilities, temperature))
    return expected_calibration_error(bins(scaled.max(1), scaled.argmax(1) == labels))


def main() -> None:
    """Fit where asked; then say how well each temperature does."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("--count", type=int, default=2000, help="test digits")
    arguments = parser.parse_args()
    run = store.find("shipped")
    if arguments.fit:
        keep(run, fit(run))
    network, kept = load_network(run), calibration.fitted(run, last_epoch(run))
    mnist = load_arrays("train")
    held_out = run.record().config.validation_size
    plain = fit_temperature(infer(network, mnist.images[-held_out:], 500).numpy(), mnist.labels[-held_out:])
    test = load_arrays("test")
    sets = {"MNIST's test digits": test, "thinned test digits": strokes_of("test", arguments.count)}
    for what, (images, labels) in sets.items():
        answers = infer(network, images, 500).numpy()
        for name, temperature in (("none", 1.0), ("MNIST's", plain.temperature), ("kept", kept and kept.temperature)):
            if temperature:
                share = 100 * error(answers, labels, temperature)
                print(
                    f"{what}, n = {len(labels)}, temperature {name} {temperature:.3f}: calibration error {share:.2f} %"
                )


if __name__ == "__main__":
    main()
