"""What each layer answers, against the network computed by hand; the digits of both ends, against a sort."""

import numpy as np
import torch
import torch.nn.functional as F

from mnist_core.config.networks import ModelName
from mnist_core.data.mnist import Mnist, normalise
from mnist_core.interpretation import channels
from mnist_core.interpretation.channels import SHOWN, excitement, extremes
from mnist_core.interpretation.layers import layers_of
from mnist_core.models import networks
from mnist_core.models.networks import Cnn, Compact, Deep
from mnist_core.runs.run import Run
from tests.support.networks import varied


def test_kernels_are_seen_as_what_they_look_at() -> None:
    def shapes(name: ModelName) -> list[tuple[int, int, int, int]]:
        return [layer.shape for layer in layers_of(networks.build(name))]

    assert shapes("cnn") == [(10, 1, 5, 5), (20, 10, 5, 5), (50, 20, 4, 4), (10, 1, 1, 50)]
    assert shapes("mlp") == [(256, 1, 28, 28), (128, 1, 1, 256), (10, 1, 1, 128)]
    assert shapes("compact") == [(16, 1, 6, 6), (32, 16, 3, 3), (128, 32, 4, 4), (10, 1, 1, 128)]
    assert shapes("deep")[0] == (24, 1, 5, 5) and shapes("deep")[-1] == (10, 1, 1, 96)
    assert [layer.title for layer in layers_of(networks.build("cnn"))] == [
        "Convolution 1",
        "Convolution 2",
        "Linear layer 1",
        "Linear layer 2",
    ]


def test_excitement_is_the_largest_value_before_relu(digits: Mnist) -> None:
    images = digits.test.images[:20]
    given = normalise(images)
    with torch.inference_mode():
        cnn = varied("cnn")
        assert isinstance(cnn, Cnn)
        one = cnn.conv1(given)
        two = cnn.conv2(F.relu(F.max_pool2d(one, 2)))
        three = cnn.fc1(F.relu(F.max_pool2d(two, 2)).flatten(1))
        four = cnn.fc2(F.relu(three))
        by_hand = [one.amax((2, 3)), two.amax((2, 3)), three, four]
        for found, expected in zip(excitement(cnn, images.numpy()), by_hand, strict=True):
            np.testing.assert_allclose(found, expected.numpy(), atol=1e-4)

        compact = varied("compact")
        assert isinstance(compact, Compact)
        of_compact = excitement(compact, images.numpy())
        first = compact.features[0][:2](given[..., 2:-2, 2:-2])  # type: ignore[index]
        np.testing.assert_allclose(of_compact[0], first.amax((2, 3)).numpy(), atol=1e-4)
        hidden = compact.hidden[:2](compact.features(given[..., 2:-2, 2:-2]))
        np.testing.assert_allclose(of_compact[2], hidden.numpy(), atol=1e-4)

        deep = varied("deep")
        assert isinstance(deep, Deep)
        np.testing.assert_allclose(
            torch.tensor(excitement(deep, images.numpy())[-1]).log_softmax(1), deep.single_view(given), atol=1e-4
        )


def test_both_ends_are_those_of_a_sort() -> None:
    excited = np.random.default_rng(0).integers(0, 30, (200, 3)).astype(np.float32)
    found = extremes(excited)
    for unit in range(3):
        order = sorted(range(200), key=lambda i: (excited[i, unit], i))
        assert found.least[unit].tolist() == order[:SHOWN]
        order = sorted(range(200), key=lambda i: (-excited[i, unit], i))
        assert found.most[unit].tolist() == order[:SHOWN]
        assert found.most_values[unit].tolist() == [excited[i, unit] for i in order[:SHOWN]]


def test_the_analysis_asks_all_test_digits_and_is_kept(trained: Run) -> None:
    from mnist_core.models.inference import load_network

    found = channels.ANALYSIS.load_or_compute(trained, 1)
    assert list(found) == ["conv1", "conv2", "fc1", "fc2"]
    network = load_network(trained, 1)
    some = found["conv1"].most[3]
    from mnist_core.data import mnist

    with torch.inference_mode():
        answers = network.conv1(normalise(torch.tensor(mnist.load_arrays("test").images)))[:, 3].amax((1, 2))  # type: ignore[operator]
    assert some.tolist() == answers.argsort(descending=True, stable=True)[:SHOWN].tolist()
    kept = channels.ANALYSIS.load(trained, 1)
    assert kept is not None and (kept["fc2"].least == found["fc2"].least).all()
