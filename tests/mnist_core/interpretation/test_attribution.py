"""Attributions of a linear network are known exactly; of any network they sum to what they explain."""

import numpy as np
import pytest
import torch
from torch import nn

from mnist_core.config.networks import ModelName
from mnist_core.data.mnist import MEAN, STD, Mnist, normalise
from mnist_core.errors import RequestError
from mnist_core.interpretation.as_modules import logits_as_modules
from mnist_core.interpretation.attribution import COMPLETE, PATCH, Method, attribution, whole
from mnist_core.models import networks
from mnist_core.models.inference import load_network
from mnist_core.models.networks import REGISTRY
from mnist_core.runs import store
from mnist_core.runs.run import Run
from tests.support.networks import varied


@pytest.fixture
def image(digits: Mnist) -> np.ndarray:
    return digits.test.images[0].numpy()


@pytest.fixture
def linear() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 10), nn.LogSoftmax(1)).eval()


def shares(linear: nn.Module, image: np.ndarray, digit: int, against: int) -> np.ndarray:
    """What each pixel adds to the difference of the two logits, compared with paper."""
    weights = linear[1].weight.detach().numpy()  # type: ignore[index]
    return (weights[digit] - weights[against]).reshape(28, 28) * (image / 255 / STD)


def test_integrated_gradients_of_a_linear_network(linear: nn.Module, image: np.ndarray) -> None:
    found = attribution(linear, image, 7, against=9)
    assert found.shape == (28, 28) and found.dtype == np.float32
    np.testing.assert_allclose(found, shares(linear, image, 7, 9), atol=1e-5)
    assert (found[image == 0] == 0).all()


def test_occlusion_of_a_linear_network(linear: nn.Module, image: np.ndarray) -> None:
    each, total, patches = shares(linear, image, 7, 9), np.zeros((28, 28)), np.zeros((28, 28))
    for top in range(28 - PATCH + 1):
        for left in range(28 - PATCH + 1):
            patch = np.s_[top : top + PATCH, left : left + PATCH]
            total[patch] += each[patch].sum()
            patches[patch] += 1
    np.testing.assert_allclose(attribution(linear, image, 7, "occlusion", 9), total / patches, atol=1e-4)


@pytest.mark.parametrize("method", ["deeplift", "input_x_gradient"])
def test_methods_that_are_exact_for_a_linear_network(linear: nn.Module, image: np.ndarray, method: Method) -> None:
    np.testing.assert_allclose(attribution(linear, image, 7, method, 9), shares(linear, image, 7, 9), atol=1e-5)


def test_saliency_of_a_linear_network_is_what_full_ink_would_add(linear: nn.Module, image: np.ndarray) -> None:
    full = shares(linear, np.full_like(image, 255), 7, 9)
    np.testing.assert_allclose(attribution(linear, image, 7, "saliency", 9), full, atol=1e-5)


def test_shapley_values_of_a_linear_network_are_the_sums_of_its_patches(linear: nn.Module, image: np.ndarray) -> None:
    def by_patch(values: np.ndarray) -> np.ndarray:
        return values.reshape(7, PATCH, 7, PATCH).sum((1, 3))

    found = attribution(linear, image, 7, "shapley", 9)
    np.testing.assert_allclose(by_patch(found), by_patch(shares(linear, image, 7, 9)), atol=1e-4)
    assert (found[image == 0] == 0).all()
    assert not attribution(linear, 0 * image, 7, "shapley", 9).any(), "blank paper has nothing to share"


def test_two_layers_by_hand() -> None:
    # f = log p(0) - log p(1) = 3 max(0, 2a - 1) - 5 max(0, b), of two pixels a and b; ink a = 1, b = 1 (255 of 255).
    # Paper gives max(0, -1) = 0 and 0, ink gives 1 and 1: the whole is 3 - 5 = -2, and each pixel has its own unit.
    network = nn.Sequential(nn.Flatten(), nn.Linear(784, 2), nn.ReLU(), nn.Linear(2, 10), nn.LogSoftmax(1)).eval()
    first, second = network[1], network[3]
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.zero_()
        first.weight[0, 100], first.weight[1, 200] = 2 * STD, STD  # type: ignore[operator]
        # In ink, not in normalised values: paper is -MEAN / STD.
        first.bias[0], first.bias[1] = 2 * MEAN - 1, MEAN  # type: ignore[operator]
        second.weight[0, 0], second.weight[1, 1] = 3, 5  # type: ignore[operator]
    image = np.zeros((28, 28), np.uint8)
    image.flat[[100, 200]] = 255
    for method in COMPLETE:
        assert whole(network, image, 0, method, 1) == pytest.approx(-2, abs=1e-5)
        found = attribution(network, image, 0, method, 1)
        # Integrated gradients go by steps, one of which straddles the bend at a = 1/2.
        assert found.flat[100] == pytest.approx(3, abs=0.03 if method == "integrated_gradients" else 1e-4)
        assert found.flat[200] == pytest.approx(-5, abs=1e-4)
        assert np.flatnonzero(found).tolist() == [100, 200]


@pytest.mark.parametrize("name", REGISTRY)
def test_a_network_as_modules_answers_as_it_does(name: ModelName, digits: Mnist) -> None:
    network = varied(name)
    given = normalise(digits.test.images[:20])
    with torch.inference_mode():
        found = logits_as_modules(network)(given)
        if isinstance(network, networks.Deep):
            expected = torch.stack([network.single_view(view) for view in network.views(given)])
            expected = expected.mean(0)
        else:
            expected = network(given)
    differences = [answer - answer[:, :1] for answer in (found, expected)]  # logits are known up to a constant
    torch.testing.assert_close(*differences, atol=1e-4, rtol=1e-5)


def test_deeplift_wants_two_digits(linear: nn.Module, image: np.ndarray) -> None:
    with pytest.raises(RequestError, match="name the other one"):
        attribution(linear, image, 7, "deeplift")


def test_of_real_networks_the_parts_sum_to_the_whole_within_one_percent(trained: Run, digits: Mnist) -> None:
    for run, index in ((trained, 0), (trained, 8), (store.find("shipped"), 8)):
        network, image = load_network(run), digits.test.images[index].numpy()
        with torch.inference_mode():
            answers, on_paper = network(normalise(torch.tensor(np.stack([image, np.zeros_like(image)]))))
        first, second = answers.topk(2).indices.tolist()
        change = answers - on_paper
        expected = float(change[first] - change[second])
        for method in ("integrated_gradients", "shapley"):
            found = attribution(network, image, first, method, second)
            assert found.sum() == pytest.approx(expected, rel=0.01, abs=0.003)
        found = attribution(network, image, first, "deeplift", second)
        assert found.sum() == pytest.approx(whole(network, image, first, "deeplift", second), rel=1e-3, abs=1e-3)


@pytest.mark.parametrize("against", [None, 3])
@pytest.mark.parametrize("name", REGISTRY)
def test_the_parts_sum_to_the_whole(name: ModelName, against: int | None, image: np.ndarray) -> None:
    torch.manual_seed(0)
    model = networks.build(name).eval()
    with torch.inference_mode():
        on_digit, on_paper = model(normalise(torch.tensor(np.stack([image, np.zeros_like(image)]))))
    change = on_digit - on_paper
    expected = float(change[7] if against is None else change[7] - change[against])
    assert attribution(model, image, 7, against=against).sum() == pytest.approx(expected, abs=0.02)
