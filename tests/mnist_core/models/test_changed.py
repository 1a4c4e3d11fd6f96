"""Each kind of change in each network, against the same made by hand: with hooks, or in NumPy."""

from collections.abc import Callable
from typing import Any, get_args

import numpy as np
import pytest
import torch
from torch import nn

from mnist_core.config.changes import BITS, MOST, Change, DropBiases, Edit, Noise, Off, Prune, Round, in_words
from mnist_core.config.networks import ModelName
from mnist_core.data.mnist import Mnist
from mnist_core.errors import RequestError
from mnist_core.models import networks
from mnist_core.models.changed import changed, layers
from mnist_core.models.checkpoint import weights_hash
from mnist_core.models.inference import infer
from tests.support.networks import varied

NAMES = get_args(ModelName)
Arrays = dict[str, np.ndarray]

# Where a layer's value after normalisation and ReLU comes out: of networks without normalisation the layer itself, for
# the pooling and the ReLU of a 0 are 0.
AFTER_RELU = {
    "cnn": {name: name for name in ("conv1", "conv2", "fc1", "fc2")},
    "mlp": {name: name for name in ("fc1", "fc2", "fc3")},
    "compact": {"features.0.0": "features.0", "features.1.0": "features.1", "hidden.0": "hidden", "output": "output"},
    "deep": {**{f"features.{i}.0": f"features.{i}" for i in range(5)}, "output": "output"},
}


def answers(model: nn.Module, digits: Mnist, n: int = 60) -> np.ndarray:
    return infer(model, digits.test.images[:n]).numpy()


@pytest.mark.parametrize("name", NAMES)
def test_what_is_off_is_what_a_hook_sets_to_zero(name: ModelName, digits: Mnist) -> None:
    model = varied(name)
    n = 12 if name == "deep" else 60
    before = answers(model, digits, n)
    modules = dict(model.named_modules())
    assert list(layers(model)) == list(AFTER_RELU[name])
    for layer, place in AFTER_RELU[name].items():

        def zero(_module: nn.Module, _inputs: Any, output: torch.Tensor) -> torch.Tensor:
            output = output.clone()
            output[:, [0, 3]] = 0
            return output

        found = answers(changed(model, [Off(layer=layer, places=(0, 3))]), digits, n)
        hook = modules[place].register_forward_hook(zero)
        try:
            np.testing.assert_allclose(found, answers(model, digits, n), atol=1e-5)
        finally:
            hook.remove()
        assert (found.argmax(1) != before.argmax(1)).any() or not np.allclose(found, before, atol=1e-4)
    np.testing.assert_array_equal(answers(model, digits, n), before)


def weights_of(name: ModelName) -> list[str]:
    return [f"{layer}.weight" for layer in AFTER_RELU[name]]


def noisy(state: Arrays, name: ModelName) -> None:
    drawn = torch.Generator().manual_seed(5)
    for key in weights_of(name):
        noise = torch.randn(state[key].shape, generator=drawn).numpy()
        state[key] += np.float32(0.3 * state[key].astype(np.float64).std()) * noise


def in_bits(bits: int) -> Callable[[Arrays, ModelName], None]:
    def rounded(state: Arrays, name: ModelName) -> None:
        for key in weights_of(name):
            weight = state[key]
            if bits == 1:
                weight[...] = np.where(weight < 0, -1, 1) * np.abs(weight).astype(np.float64).mean()
            else:
                scale = np.abs(weight).max() / np.float32(2 ** (bits - 1) - 1)
                weight[...] = np.round(weight / scale) * scale

    return rounded


def pruned(state: Arrays, name: ModelName) -> None:
    sizes = np.concatenate([np.abs(state[key]).ravel() for key in weights_of(name)])
    most = np.sort(sizes)[round(0.4 * len(sizes)) - 1]
    for key in weights_of(name):
        state[key][np.abs(state[key]) <= most] = 0


def without_biases(state: Arrays, name: ModelName) -> None:
    for key, values in state.items():
        if key.endswith(".bias"):
            values[...] = 0


def edited(state: Arrays, name: ModelName) -> None:
    key = weights_of(name)[1]
    state[key].reshape(len(state[key]), -1)[2, 0] = -1.5


def an_edit(name: ModelName) -> Change:
    first = weights_of(name)[1]
    shape = networks.build(name).get_parameter(first).shape
    return Edit(parameter=first, index=(2, *[0] * (len(shape) - 1)), value=-1.5)


BY_HAND: dict[str, tuple[Callable[[ModelName], Change], Callable[[Arrays, ModelName], None]]] = {
    "noise": (lambda name: Noise(amount=0.3, seed=5), noisy),
    **{f"{bits} bits": (lambda name, bits=bits: Round(bits=bits), in_bits(bits)) for bits in BITS},  # type: ignore[misc]
    "pruned": (lambda name: Prune(share=0.4), pruned),
    "biases": (lambda name: DropBiases(), without_biases),
    "edited": (an_edit, edited),
}


@pytest.mark.parametrize("name", NAMES)
def test_changed_weights_are_those_made_by_hand(name: ModelName, digits: Mnist) -> None:
    model = varied(name)
    whole = weights_hash(model)
    n = 10 if name == "deep" else 200
    for what, (change, by_hand) in BY_HAND.items():
        found = changed(model, [change(name)])
        state = {key: value.numpy().copy() for key, value in model.state_dict().items()}
        by_hand(state, name)
        own = networks.build(name).eval()
        own.load_state_dict({key: torch.from_numpy(np.ascontiguousarray(value)) for key, value in state.items()})
        for key, value in found.state_dict().items():
            np.testing.assert_allclose(value.numpy(), state[key], rtol=1e-6, atol=1e-7, err_msg=f"{what}, {key}")
        assert weights_hash(found) != whole, what
        np.testing.assert_array_equal(answers(found, digits, n).argmax(1), answers(own, digits, n).argmax(1), what)
        assert weights_hash(model) == whole  # other sessions ask it


@pytest.mark.parametrize(("bits", "most"), [(8, 255), (4, 15), (2, 3), (1, 2)])
def test_rounded_weights_have_no_more_values_than_bits_allow(bits: int, most: int) -> None:
    found = changed(varied("cnn"), [Round.model_validate({"layer": "fc1", "bits": bits})])
    weight = found.get_parameter("fc1.weight").detach().numpy()
    values = np.unique(weight)
    assert len(values) <= most and (bits == 8 or len(values) == most)
    np.testing.assert_allclose(values, -values[::-1], rtol=1e-6)  # as far below 0 as above
    assert len(np.unique(found.get_parameter("conv1.weight").detach().numpy())) > 200  # the other layers stay


def test_a_layer_of_zeros_is_rounded_to_zeros() -> None:
    changes: list[Change] = [Prune(layer="fc1", share=1), Round(layer="fc1", bits=4), Round(layer="fc1", bits=1)]
    assert not changed(varied("cnn"), changes).get_parameter("fc1.weight").any()


def test_changes_are_made_in_their_order() -> None:
    model = varied("mlp")
    prune: Change = Prune(layer="fc2", share=0.5)
    noise: Change = Noise(layer="fc2", amount=0.1)
    zeros = [
        int((changed(model, order).get_parameter("fc2.weight") == 0).sum())
        for order in ([prune, noise], [noise, prune])
    ]
    assert zeros == [0, 256 * 128 // 2]


def test_what_was_switched_off_stays_off_when_it_is_trained_on(digits: Mnist) -> None:
    for name in ("cnn", "compact"):
        model = changed(varied(name), [Off(layer=next(iter(AFTER_RELU[name])), places=(1,))]).train()
        images = digits.train.images[:32, None].float() / 255
        torch.nn.functional.nll_loss(model(images), digits.train.labels[:32]).backward()
        gradients = [p.grad for key, p in model.named_parameters() if key.startswith(("conv1", "features.0"))]
        assert gradients
        for gradient in gradients:
            assert gradient is not None and gradient.any() and not gradient[1].any()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (Off(layer="conv9", places=(0,)), "There is no layer 'conv9' in this network: its layers are conv1, conv2"),
        (Off(layer="conv1", places=(0, 10)), "conv1 has 10 channels, 0 to 9: 10 is none."),
        (Round(layer="relu", bits=8), "There is no layer 'relu'"),
        (Edit(parameter="conv1.scale", index=(0,), value=1), "There is no parameter 'conv1.scale'"),
        (Edit(parameter="fc2.bias", index=(10,), value=1), "fc2.bias has the shape 10: give 1 places"),
        (Edit(parameter="fc2.weight", index=(1,), value=1), "fc2.weight has the shape 10,50: give 2 places"),
    ],
)
def test_what_does_not_fit_the_network_is_one_sentence(change: Change, sentence: str) -> None:
    with pytest.raises(RequestError, match=sentence):
        changed(networks.build("cnn"), [change])


def test_too_many_changes_are_one_sentence_and_words_tell_them_in_their_order() -> None:
    with pytest.raises(RequestError, match=f"at most {MOST} changes; these are {MOST + 1}"):
        changed(networks.build("cnn"), [DropBiases() for _ in range(MOST + 1)])
    told = in_words([Off(layer="conv1", places=(3, 5)), Round(layer="fc1", bits=1), Prune(share=0.5)])
    assert told == "conv1 channels 3,5 off; fc1 in 1 bit; all layers pruned by 50 %"
