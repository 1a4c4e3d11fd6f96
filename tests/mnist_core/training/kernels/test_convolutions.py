"""The compiled convolutions against PyTorch's own, in double precision; on processors with narrower vectors too."""

import platform
import subprocess
import sys

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from mnist_core.models import networks
from mnist_core.training.kernels.convolutions import Convolutions

ROUNDING = 2e-6  # of float32, times the largest of what is compared


def kernels() -> list[Tensor]:
    torch.manual_seed(0)
    return [parameter.detach() for parameter in list(networks.build("cnn").parameters())[:4]]


def exact(images: Tensor, parameters: list[Tensor], d_features: Tensor) -> tuple[Tensor, list[Tensor]]:
    w1, b1, w2, b2 = wide = [parameter.double().requires_grad_() for parameter in parameters]
    h1 = F.relu(F.max_pool2d(F.conv2d(images.double(), w1, b1), 2))
    h2 = F.relu(F.max_pool2d(F.conv2d(h1, w2, b2), 2)).flatten(1)
    return h2.detach(), list(torch.autograd.grad(h2, wide, d_features.double()))


def pictures(n: int, parameters: list[Tensor]) -> Tensor:
    """Random images (n, 1, 28, 28) of which no pooling and no ReLU decides between values that rounding may swap."""
    drawn, found = torch.Generator().manual_seed(n), torch.empty(0, 1, 28, 28)
    while len(found) < n:
        images = torch.randn(n, 1, 28, 28, generator=drawn)
        found = torch.cat([found, images[margin(images, parameters) > 10 * ROUNDING]])
    return found[:n]


def margin(images: Tensor, parameters: list[Tensor]) -> Tensor:
    """How close a call the closest is for each image, in double precision: (n,)."""
    w1, b1, w2, b2 = (parameter.double() for parameter in parameters)
    first = F.conv2d(images.double(), w1, b1)
    second = F.conv2d(F.relu(F.max_pool2d(first, 2)), w2, b2)
    closest = []
    for convolved in (first, second):
        windows = convolved.unfold(2, 2, 2).unfold(3, 2, 2).flatten(4).sort().values  # the four of each, ascending
        closest += [(windows[..., 3] - windows[..., 2]).flatten(1).amin(1), windows[..., 3].abs().flatten(1).amin(1)]
    return torch.stack(closest).amin(0)


def differences(convolutions: Convolutions, images: Tensor, parameters: list[Tensor]) -> list[float]:
    """Of the answer and the four gradients, as a share of the largest value."""
    d_features = torch.randn(len(images), 320)
    features, gradients = exact(images, parameters, d_features)
    mine = [convolutions.forward(images, *parameters), *convolutions.backward(d_features)]
    pairs = zip(mine, [features, *gradients], strict=True)
    return [float((one - other).abs().max() / other.abs().max().clamp(min=1e-30)) for one, other in pairs]


@pytest.mark.parametrize("threads", [1, 2, 3, 5])
def test_answer_and_gradients_equal_pytorchs(threads: int) -> None:
    convolutions = Convolutions(threads)
    for n in (64, 1, 7, 16, 17, 80, 64):  # grows, and is used again for less
        assert max(differences(convolutions, pictures(n, kernels()), kernels())) < ROUNDING


def test_to_the_bit_the_same_with_any_number_of_threads() -> None:
    images, d_features = torch.randn(150, 1, 28, 28), torch.randn(150, 320)
    answers = []
    for threads in (1, 2, 3, 3):
        convolutions = Convolutions(threads)
        answers.append([convolutions.forward(images, *kernels()), *convolutions.backward(d_features)])
    for other in answers[1:]:
        assert all(torch.equal(one, same) for one, same in zip(answers[0], other, strict=True))


def test_kernels_in_another_memory_layout_give_the_same() -> None:
    convolutions, images = Convolutions(2), torch.randn(20, 1, 28, 28)
    parameters = kernels()
    assert not parameters[2].is_contiguous()
    expected = convolutions.forward(images, *parameters)
    assert torch.equal(convolutions.forward(images, *(parameter.contiguous() for parameter in parameters)), expected)


def test_of_equals_the_first_is_the_largest_and_gets_the_gradient() -> None:
    images = torch.ones(5, 1, 28, 28)  # the four of every window are equal
    assert max(differences(Convolutions(1), images, kernels())) < ROUNDING


def test_what_is_not_a_number_is_seen() -> None:
    images = torch.zeros(3, 1, 28, 28)
    images[1, 0, 14, 14] = float("nan")
    features = Convolutions(1).forward(images, *kernels())
    assert features.isnan().any(1).tolist() == [False, True, False]


PROCESSORS = {"AVX2": ("haswell", ("avx", "avx2", "fma")), "SSE2": ("x86-64", ("sse2",))}


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="these are x86-64 processors")
@pytest.mark.parametrize(("name", "lanes"), [("AVX2", 8), ("SSE2", 4)])
def test_processor_with_narrower_vectors(name: str, lanes: int) -> None:
    processor, features = PROCESSORS[name]
    script = f"""
import llvmlite.binding as llvm
found = llvm.FeatureMap()
found.update({{feature: True for feature in {features}}})
llvm.get_host_cpu_name, llvm.get_host_cpu_features = lambda: {processor!r}, lambda: found
import torch
from mnist_core.training.kernels import ir_builder
from mnist_core.training.kernels.convolutions import Convolutions
from tests.mnist_core.training.kernels.test_convolutions import differences, kernels, pictures
assert ir_builder.LANES == {lanes}, ir_builder.LANES
print(max(differences(Convolutions(2), pictures(30, kernels()), kernels())))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < ROUNDING
