"""The warnings of the Draw page: the share of good digits that get one, and the share of scribbles and the like.

`python -m benchmarks rejection`. `python -m benchmarks.drawing.rejection --train` first trains the detector in
`shipped/digit_or_not.safetensors` anew (a few minutes).
"""

import argparse
from collections.abc import Iterable, Iterator

import numpy as np
import torch

from benchmarks.drawing import human_strokes, non_digits
from benchmarks.drawing.human_strokes import FILE, Setting
from benchmarks.drawing.non_digits import Sample
from benchmarks.harness.results import Row, show, show_head
from mnist_core.data.mnist import load_arrays, normalise
from mnist_core.drawing import rejection, synthetic
from mnist_core.drawing.rejection import WEIGHTS
from mnist_core.evaluation import prediction
from mnist_core.evaluation.statistics import wilson
from mnist_core.models import checkpoint
from mnist_core.models.inference import load_network
from mnist_core.runs import manifest, store
from mnist_core.runs.run import Run, last_epoch

TRAINED_ON, MEASURED_ON = 0, 77  # seeds
SMALL = 112  # pixels a side: quicker to paint, and prepared to the same 28x28
HELD_OUT = 2000  # the last of the 60,000: the thresholds are chosen on them


def prepared_images(samples: Iterable[Sample]) -> np.ndarray:
    """Each prepared from its picture alone, and with an even pen."""
    given = (drawn for sample in samples for drawn in (sample, Sample(sample.picture)))
    return np.stack([prepared.image for drawn in given if (prepared := drawn.prepared)])


def train(scale: float = 1.0, epochs: int = 8) -> torch.nn.Module:
    """The detector, trained on 20,000 MNIST and 30,000 synthetic digits against 40,000 pictures of other things."""
    torch.manual_seed(1)
    rng = np.random.default_rng(1)
    mnist = load_arrays("train").images[:-HELD_OUT]
    chosen = mnist[rng.choice(len(mnist), int(20_000 * scale), replace=False)]
    hands = [
        synthetic.synthesise(int(10_000 * scale), seed=5).images,
        prepared_images(non_digits.good_digits(TRAINED_ON, int(10_000 * scale))),
    ]
    good = np.concatenate([chosen, *hands])
    bad = [
        prepared_images(non_digits.scribbles(TRAINED_ON, int(10_000 * scale), SMALL)),
        prepared_images(non_digits.letters(TRAINED_ON, int(8_000 * scale), SMALL)),
        prepared_images(non_digits.two_digits(TRAINED_ON, int(2_000 * scale), SMALL)),
    ]
    images = torch.from_numpy(np.concatenate([good, *bad]))
    wanted = torch.cat([torch.zeros(len(good)), torch.ones(len(images) - len(good))])
    detector = rejection.new_detector()
    optimizer = torch.optim.AdamW(detector.parameters(), 2e-3, weight_decay=0.02)
    batches = -(-len(images) // 128)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 6e-3, total_steps=epochs * batches)
    for _ in range(epochs):
        for indices in torch.randperm(len(images)).split(128):
            logits = detector(normalise(images[indices]))[:, 0]
            loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, wanted[indices])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return detector.eval()


def warned(samples: Iterable[Sample], run: Run) -> list[str | None]:
    """The warning that the Draw page gives to each, or None."""
    network, epoch, said = load_network(run), last_epoch(run), []
    for sample in samples:
        prepared = sample.prepared
        if prepared is None:
            said.append(rejection.warning(None))
        else:
            answer = prediction.predict(run, epoch, prepared.image[None], network)
            said.append(rejection.warning(prepared, answer[0]))
    return said


def strokes_of_people() -> Iterator[Sample]:
    """The recordings of `benchmarks/drawing/human_strokes.py`, large and centred."""
    setting = Setting(14, "large, centred", 0)
    for _, drawn in human_strokes.recordings():
        yield non_digits.with_pen(human_strokes.placed(drawn, setting), setting.pen)


def measure(n: int = 1000) -> Iterator[Row]:
    """The share of each kind that gets a warning; no threshold was chosen on any of these samples."""
    run = store.find("shipped")
    test = load_arrays("test").images[:n]
    good, bad = "at most 2 %", "at least 90 %"
    kinds: dict[str, tuple[Iterable[Sample], str]] = {
        "good: MNIST's test digits": ((Sample(np.pad(image, 20)) for image in test), good),
        "good: synthetic digits on the canvas": (non_digits.good_digits(MEASURED_ON, n), good),
        "scribbles of the kinds trained on": (non_digits.scribbles(MEASURED_ON, n // 2), bad),
        "scribbles of other kinds": (non_digits.unknown(MEASURED_ON, n // 2), bad),
        "blanks, noise and dots": (non_digits.blanks(MEASURED_ON, n // 4), bad),
        "letters": (non_digits.letters(MEASURED_ON, n // 2), ""),
        "two digits": (non_digits.two_digits(MEASURED_ON, n // 4), ""),
        "over the edge": (non_digits.over_the_edge(MEASURED_ON, n // 4), ""),
    }
    if FILE.exists():
        kinds["good: strokes of people"] = (strokes_of_people(), good)
    for what, (samples, goal) in kinds.items():
        said = warned(samples, run)
        count = sum(sentence is not None for sentence in said)
        low, high = wilson(count, len(said))
        note = f"95 % interval {100 * low:.1f} to {100 * high:.1f}"
        yield Row(f"warnings: {what}, n = {len(said)}", "%", [100 * count / len(said)], goal, note)


def main() -> None:
    """Train where asked, and print the rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", action="store_true")
    parser.add_argument("-n", type=int, default=1000)
    arguments = parser.parse_args()
    if arguments.train:
        manifest.replace(WEIGHTS, checkpoint.weights_bytes(train()))
    show_head()
    for row in measure(arguments.n):
        show(row)


if __name__ == "__main__":
    main()
