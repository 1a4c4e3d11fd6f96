"""The optimizers against PyTorch's own."""

import copy
import subprocess
import sys

import pytest
import torch

from mnist_core.config.train_config import TrainConfig
from mnist_core.training import torch_internals
from mnist_core.training.optimization import build_optimizer


@pytest.mark.parametrize(
    "changes", [{}, {"optimizer": "adam"}, {"optimizer": "adamw", "weight_decay": 0.1}, {"momentum": 0.0}], ids=str
)
def test_updates_are_pytorchs_own_to_the_bit(changes: dict[str, object]) -> None:
    config = TrainConfig.parse(changes)
    torch.manual_seed(0)
    mine = torch.nn.Linear(5, 3)
    theirs = copy.deepcopy(mine)
    ours = build_optimizer(mine, config)
    own: torch.optim.Optimizer
    rate, betas = config.learning_rate, (config.momentum, config.beta2)
    if config.optimizer == "sgd":
        own = torch.optim.SGD(theirs.parameters(), lr=rate, momentum=config.momentum)
    elif config.optimizer == "adam":
        own = torch.optim.Adam(theirs.parameters(), lr=rate, betas=betas, fused=True)
    else:
        decayed = [{"params": [theirs.weight], "weight_decay": 0.1}, {"params": [theirs.bias], "weight_decay": 0.0}]
        own = torch.optim.AdamW(decayed, lr=rate, betas=betas, fused=True)
    for _ in range(5):
        images = torch.randn(7, 5)
        for network, optimizer in ((mine, ours), (theirs, own)):
            optimizer.zero_grad()
            network(images).square().sum().backward()
            optimizer.step()
    assert torch.equal(mine.weight, theirs.weight)
    assert torch.equal(mine.bias, theirs.bias)
    assert isinstance(ours, type(own))


def test_gone_private_names_are_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    values, ends = [torch.randn(5), torch.randn(2, 3)], [torch.randn(5), torch.randn(2, 3)]
    together = [value.clone() for value in values]
    torch_internals.lerp_(together, ends, 0.3)
    monkeypatch.delattr(torch, "_foreach_lerp_")
    torch_internals.lerp_(values, ends, 0.3)
    for one, other, end in zip(values, together, ends, strict=True):
        torch.testing.assert_close(one, other)
        assert not torch.equal(one, end)

    kind = torch.optim.SGD
    assert torch_internals.unwrapped.__wrapped__(kind) is not kind
    for owner, name in ((torch.optim.Optimizer, "profile_hook_step"), (torch.optim.Optimizer, "zero_grad")):
        with monkeypatch.context() as patch:
            patch.delattr(owner, name)
            assert torch_internals.unwrapped.__wrapped__(kind) is kind
    with monkeypatch.context() as patch:
        patch.setattr(kind, "step", lambda self, closure=None: None)  # nothing is wrapped around it
        assert torch_internals.unwrapped.__wrapped__(kind) is kind


def test_training_does_not_pay_for_torchs_compiler() -> None:
    script = """
import sys, torch
from mnist_core.config.presets import PRESETS
from mnist_core.config.train_config import TrainConfig
from mnist_core.data.mnist import Mnist, Split
from mnist_core.training.loop import Training
some = Split(torch.zeros(20, 28, 28, dtype=torch.uint8), torch.arange(20) % 10)
for name in ("tutorial", "best"):
    training = Training(TrainConfig.parse(PRESETS[name].values | {"epochs": 1, "threads": 1}))
    list(training.run(Mnist(some, some)))
    training.load_state(training.state())
assert "torch._dynamo" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
