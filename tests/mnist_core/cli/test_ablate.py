"""`ablate`: the changes as they are typed, in their order, and one sentence for what does not fit."""

import pytest

from mnist_core.comparison.pair import Comparison
from mnist_core.config.changes import Change, DropBiases, Edit, Noise, Off, Prune, Round
from mnist_core.data import mnist
from mnist_core.data.mnist import Arrays
from mnist_core.evaluation.answers import Answers, answers_of
from mnist_core.models.changed import changed
from mnist_core.models.inference import infer, load_network
from mnist_core.runs import store
from mnist_core.runs.run import Run
from tests.support.command_line import Output, json_of, refused, run_line


def test_the_answers_are_those_of_the_changed_network_in_the_order_typed(trained: Run, capsys: Output) -> None:
    typed = ["--round", "fc1:4", "--off", "conv1:3,5", "--prune=0.5", "--noise", "conv2:0.1:7", "--no-bias", "all"]
    typed += ["--set", "conv1.weight[0,0,2,2]=1.5", "--round", "8"]
    found = json_of(capsys, "ablate", "latest", *typed, "--json")
    changes: list[Change] = [
        Round(layer="fc1", bits=4),
        Off(layer="conv1", places=(3, 5)),
        Prune(share=0.5),
        Noise(layer="conv2", amount=0.1, seed=7),
        DropBiases(),
        Edit(parameter="conv1.weight", index=(0, 0, 2, 2), value=1.5),
        Round(bits=8),
    ]
    assert found["changes"] == [one.model_dump(mode="json") for one in changes]
    before, test = answers_of(trained, 1), mnist.load_arrays("test")
    after = Answers(infer(changed(load_network(trained), changes), test.images).numpy(), test.labels)
    by_hand = Comparison(before, after, {})
    assert (found["n"], found["test_accuracy"]) == (10_000, after.accuracy)
    assert found["test_accuracy_before"] == before.accuracy
    assert found["broken"] == by_hand.broken.tolist() and found["mended"] == by_hand.fixed.tolist()
    assert found["p_value"] == pytest.approx(by_hand.p_value) and found["kept"] is None
    assert store.every() == [trained]


@pytest.fixture
def few(trained: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    test = mnist.load_arrays("test")
    monkeypatch.setattr(mnist, "load_arrays", lambda split: Arrays(test.images[:200], test.labels[:200]))


def test_what_is_printed_and_what_is_kept(trained: Run, capsys: Output) -> None:
    status, out, err = run_line(capsys, "ablate", "latest", "--off", "fc1:0", "--keep", "one unit less")
    assert (status, err) == (0, "")
    kept = store.every()[0]
    assert (kept.name(), kept.record().parent) == ("one unit less", trained.id)
    assert out.startswith(f"{trained.id} after 1 epoch: fc1 unit 0 off\nBefore: test accuracy ")
    assert "(McNemar's exact test: p " in out and f"Kept as {kept.id}, one unit less.\n" in out
    status, out, err = run_line(capsys, "verify", "latest")
    assert (status, err) == (0, "")
    assert "was not trained from its settings. It is " in out and "the same weights to the bit" in out


@pytest.mark.usefixtures("few")
def test_each_channel_of_a_layer_is_a_row(trained: Run, capsys: Output) -> None:
    found = json_of(capsys, "ablate", "latest", "--each", "conv1", "--json")
    assert (found["layer"], found["n"]) == ("conv1", 200)
    assert sorted(row["place"] for row in found["without"]) == list(range(10))
    assert [row["difference"] for row in found["without"]] == sorted(row["difference"] for row in found["without"])
    status, out, _ = run_line(capsys, "ablate", "latest", "--each", "conv1")
    assert status == 0 and len(out.splitlines()) == 3 + 10
    assert out.splitlines()[3].split()[0] == str(found["without"][0]["place"])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "Say what to change, for example --off conv1:3,5, or --each conv1."),
        (["--each", "conv1", "--round", "4"], "--each switches each channel off by itself: leave the other"),
        (["--each", "conv9"], "There is no layer 'conv9'"),
        (["--off", "conv9:1"], "There is no layer 'conv9'"),
        (["--off", "conv1:10"], "conv1 has 10 channels, 0 to 9: 10 is none."),
        (["--off", "conv1"], "--off 'conv1' is not understood: write for example --off conv1:3,5."),
        (["--off", "conv1:-1"], "--off 'conv1:-1' is not understood"),
        (["--off", "con v:1"], "--off 'con v:1' does not fit"),
        (["--round", "3"], "--round '3' does not fit (bits: input should be 8, 4, 2 or 1)"),
        (["--noise", "conv1:nan"], "--noise 'conv1:nan' does not fit"),
        (["--noise", "conv1:1:-5"], "--noise 'conv1:1:-5' does not fit"),
        (["--noise", "conv1:1:5:6"], "--noise 'conv1:1:5:6' is not understood"),
        (["--prune", "half"], "--prune 'half' is not understood"),
        (["--prune", "conv1:0"], "--prune 'conv1:0' does not fit"),
        (["--set", "conv1.weight[0]=1"], "conv1.weight has the shape 10,1,5,5: give 4 places"),
        (["--set", "conv1.weight[0,0,2,2]=1e9"], "--set 'conv1.weight[0,0,2,2]=1e9' does not fit"),
        (["--set", "conv1.weight=1"], "--set 'conv1.weight=1' is not understood"),
        (["--no-bias", "x"], "There is no layer 'x'"),
        (["--round", "4", "--keep", "x" * 61], "A name is one line of at most 60 characters"),
        (["--round", "4", "--epoch", "9"], "0009.safetensors is missing"),
    ],
)
def test_what_does_not_fit_is_one_sentence(trained: Run, capsys: Output, arguments: list[str], sentence: str) -> None:
    told = refused(capsys, "ablate", trained.id, *arguments, status=1 if "--epoch" in arguments else 2)
    assert sentence in told
    assert store.every() == [trained]
