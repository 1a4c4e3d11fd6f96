"""What every layer of a network holds: in PyTorch, read off its own forward pass, and in the browser's engine."""

from typing import Any

import numpy as np
import torch
from playwright.sync_api import Page
from torch import nn
from torch.overrides import TorchFunctionMode

from mnist_core.data.mnist import MEAN, STD
from mnist_core.export.html.packing import Packed
from mnist_core.export.html.program import Program
from tests.support.html_engine import from_bytes, to_bytes, to_network

# What layers call of torch.nn.functional, by name there.
LAYERS = {"conv2d", "linear", "batch_norm", "relu", "relu_", "max_pool2d", "adaptive_avg_pool2d"}


class _Recorder(TorchFunctionMode):
    """Keeps a copy of what each layer's function returns, the functions that `forward` calls itself included."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[np.ndarray] = []

    def __torch_function__(self, function: Any, _types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = function(*args, **(kwargs or {}))
        if getattr(function, "__name__", "") in LAYERS:
            self.found.append(result.detach().clone().numpy())
        return result


def in_pytorch(network: nn.Module, images: np.ndarray) -> list[np.ndarray]:
    """Each layer's output for images, uint8 (n, 28, 28), as they are: float32 (n, ...), in the order of computing."""
    x = (torch.from_numpy(images).float()[:, None] / 255 - MEAN) / STD
    with torch.no_grad(), _Recorder() as recorder:
        getattr(network, "single_view", network)(x)
    return recorder.found


def in_the_engine(tab: Page, program: Program, packed: Packed, images: np.ndarray) -> list[np.ndarray]:
    """The same of the engine in a tab (`html_engine.load_engine`), each layer's output flat: float32 (n, values)."""
    found = tab.evaluate(
        """([{program, packed, weights}, images]) => {
            const network = engine.makeNetwork(program, engine.unpackWeights(bytes(weights), packed));
            const all = bytes(images);
            const text = (values) => {
                let letters = "";
                for (const byte of new Uint8Array(values.buffer)) letters += String.fromCharCode(byte);
                return btoa(letters);
            };
            return Array.from({length: all.length / 784}, (_, i) => {
                network.look(all.subarray(784 * i, 784 * i + 784));
                return network.layers.map(({output}) => text(output));
            });
        }""",
        [to_network(program, packed), to_bytes(images)],
    )
    by_layer = zip(*found, strict=True)
    return [np.stack([from_bytes(one, np.float32) for one in layer]) for layer in by_layer]
