"""Which channel or unit of a layer a network needs most: each is switched off alone, and the test digits are asked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from mnist_core.comparison.pair import gain_interval, mcnemar
from mnist_core.comparison.several import holm
from mnist_core.config.train_config import TEST_SIZE
from mnist_core.data import mnist
from mnist_core.evaluation.statistics import Interval
from mnist_core.runs.analyses import Study
from mnist_core.runs.run import Run

if TYPE_CHECKING:
    import torch
    from torch import Tensor, fx

COMMAND = "ablate"
_BATCH = 500  # `deep` keeps its four views of each digit meanwhile


class WithoutIt(NamedTuple):
    """What switching one channel or unit off did to `n` test digits."""

    place: int
    mended: int  # wrong before, right without it
    broken: int  # right before, wrong without it
    n: int

    @property
    def gain(self) -> float:
        """By how much the accuracy rose, -1 to 1: mostly below 0."""
        return (self.mended - self.broken) / self.n

    @property
    def interval(self) -> Interval:
        """Of `gain`, 95 %."""
        return gain_interval(self.mended, self.broken, self.n)


@dataclass(frozen=True)
class EachUnit:
    """All of a layer's channels or units, each off alone."""

    correct: int  # of `n`, with nothing off
    n: int
    units: Sequence[WithoutIt]  # by place

    @property
    def p_values(self) -> Sequence[float]:
        """McNemar's exact test of each, by place: could its difference be luck? Corrected for their number (Holm)."""
        return holm([mcnemar(unit.mended, unit.broken) for unit in self.units])

    @property
    def by_need(self) -> Sequence[WithoutIt]:
        """The one that the network needs most first; equals by place."""
        return sorted(self.units, key=lambda unit: unit.gain)


def study(run: Run, epoch: int, layer: str) -> Study:
    """The question, asked of the run's weights after `epoch` epochs. Its command is `ablate RUN --each LAYER`."""
    return Study(run, epoch, COMMAND, {"each": layer}, decode, ("--each", layer))


def load(run: Run, epoch: int, layer: str) -> EachUnit | None:
    """The answer, where it has been computed for these weights."""
    found = study(run, epoch, layer).load_if_whole()
    return None if found is None else decode(found)


def load_or_compute(run: Run, epoch: int, layer: str, report: Callable[[float], None] = lambda share: None) -> EachUnit:
    """The kept answer, or else computed now (a minute for the tutorial's network, up to a quarter of an hour for
    `deep`) and kept; `report` takes the share done, 0 to 1.

    Raises RequestError where there is no such layer, FailedError where the weights are missing or damaged.
    """
    from mnist_core.models.changed import find_layer
    from mnist_core.models.inference import load_network

    network = load_network(run, epoch)
    find_layer(network, layer)  # before anything is written

    def compute(keep: Callable[[float], None]) -> dict[str, Any]:
        test = mnist.load_arrays("test")
        return each_unit(network, layer, test.images, test.labels, keep)

    return decode(study(run, epoch, layer).load_or_compute(compute, report))


def decode(answer: Mapping[str, Any]) -> EachUnit:
    """From the JSON value. Raises ValueError or the like where it is none."""
    n, correct = int(answer["n"]), int(answer["correct"])
    pairs = list(zip(answer["mended"], answer["broken"], strict=True))
    units = [WithoutIt(place, int(mended), int(broken), n) for place, (mended, broken) in enumerate(pairs)]
    if not (0 < n <= TEST_SIZE and 0 <= correct <= n and units):
        raise ValueError("no counts of digits")
    if not all(0 <= unit.mended <= n - correct and 0 <= unit.broken <= correct for unit in units):
        raise ValueError("no counts of digits")
    return EachUnit(correct, n, units)


def each_unit(
    network: "torch.nn.Module",
    layer: str,
    images: np.ndarray,
    labels: np.ndarray,
    report: Callable[[float], None] = lambda share: None,
) -> dict[str, Any]:
    """For each channel or unit of `layer` what `decode` reads, by what it does to `images`, uint8 (n, 28, 28).

    What comes before the layer is computed once, and only what follows it for each of its channels. Off means as in
    `models/changed.py`: its value after normalisation and ReLU is 0.
    """
    import torch

    from mnist_core.data.mnist import normalise

    tail = _Tail(network, layer)
    mended, broken, correct = np.zeros(tail.count, int), np.zeros(tail.count, int), 0
    with torch.inference_mode():
        for start in range(0, len(images), _BATCH):
            truth = torch.tensor(labels[start : start + _BATCH]).long()
            was_right = tail.begin(normalise(torch.tensor(images[start : start + _BATCH]))).argmax(1) == truth
            correct += int(was_right.sum())
            for place in range(tail.count):
                is_right = tail.without(place).argmax(1) == truth
                mended[place] += int((is_right & ~was_right).sum())
                broken[place] += int((was_right & ~is_right).sum())
                report((start / _BATCH + (place + 1) / tail.count) / -(-len(images) // _BATCH))
    return {"n": len(images), "correct": correct, "mended": mended.tolist(), "broken": broken.tolist()}


class _Tail:
    """A network that is run up to a layer's ReLU once, and on from there with one of its channels at 0."""

    def __init__(self, network: "torch.nn.Module", layer: str) -> None:
        import copy

        import torch
        from torch import fx

        from mnist_core.models.changed import find_layer

        class Once(torch.nn.Module):
            """One look at a digit: `Deep` has several, and averages."""

            def __init__(self) -> None:
                super().__init__()
                self.network = copy.deepcopy(network)

            def forward(self, x: "Tensor") -> "Tensor":
                answer: Tensor = getattr(self.network, "single_view", self.network)(x)
                return answer

        self.count = find_layer(network, layer).size
        once = Once().eval()
        self._whole = copy.deepcopy(network)
        self._traced = fx.symbolic_trace(once)
        nodes = list(self._traced.graph.nodes)
        cut = _end_of(layer, nodes, dict(self._traced.named_modules()))
        self._done = nodes[: nodes.index(cut) + 1]
        following = set(nodes) - set(self._done)
        self._needed = {node for node in self._done if following & set(node.users)}
        self._cut = cut
        self._views: list[dict[fx.Node, Any]] = []

    def begin(self, x: "Tensor") -> "Tensor":
        """The unchanged answers to a batch, which `without` then goes on with."""
        self._views = []
        return self._answer(x, self._look)

    def without(self, place: int) -> "Tensor":
        """The answers with one channel at 0."""
        from torch import fx

        views = iter(self._views)

        def go_on(_: "Tensor") -> "Tensor":
            view = next(views)
            value = view[self._cut]
            held = value[:, place].clone()
            value[:, place] = 0
            answer: Tensor = fx.Interpreter(self._traced).run(initial_env=dict.fromkeys(self._done) | view)
            value[:, place] = held
            return answer

        return self._answer(self._blank, go_on)

    def _look(self, x: "Tensor") -> "Tensor":
        from torch import fx

        kept, needed = {}, self._needed

        class Watcher(fx.Interpreter):
            def run_node(self, node: "fx.Node") -> Any:
                value = super().run_node(node)
                if node in needed:
                    kept[node] = value
                return value

        answer: Tensor = Watcher(self._traced).run(x)
        self._views.append(kept)
        self._blank = x[:1]
        return answer

    def _answer(self, x: "Tensor", single_view: "Callable[[Tensor], Tensor]") -> "Tensor":
        """The network's answer, where `single_view` says what it makes of one look."""
        if hasattr(self._whole, "single_view"):
            self._whole.__dict__["single_view"] = single_view  # found before the class's own
            answer: Tensor = self._whole(x)
            return answer
        return single_view(x)


def _end_of(layer: str, nodes: "Sequence[fx.Node]", modules: "Mapping[str, torch.nn.Module]") -> "fx.Node":
    """The node with the layer's value after its ReLU; of the last layer, which has none, its own."""
    import torch
    import torch.nn.functional as F

    relus = {F.relu, F.relu_, torch.relu, torch.relu_}
    at = next(place for place, node in enumerate(nodes) if node.target == f"network.{layer}")
    for node in nodes[at + 1 :]:
        module = modules.get(str(node.target)) if node.op == "call_module" else None
        if isinstance(module, torch.nn.ReLU) or node.target in relus:
            return node
        if isinstance(module, torch.nn.Conv2d | torch.nn.Linear):
            break
    return nodes[at]
