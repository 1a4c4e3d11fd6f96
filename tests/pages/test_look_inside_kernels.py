"""The section "Kernels" through AppTest."""

import json
import re
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file
from streamlit.testing.v1 import AppTest

from mnist_core.interpretation import channels
from mnist_core.interpretation.over_epochs import activations
from mnist_core.runs.run import Run
from tests.support.pages import checked, open_page
from ui.inside.history import weights


def opened(run: Run, **query: str) -> AppTest:
    return checked(open_page("pages/6_Look_inside.py", run=run.id, view="Kernels", **query))


def given(app: AppTest, name: str) -> dict[str, Any]:
    """What the page hands to the script of the component with this name."""
    (found,) = [
        json.loads(element.proto.json)
        for element in app.get("bidi_component")
        if element.proto.component_name == f"mnist_lab.{name}"
    ]
    return dict(found)


def words(app: AppTest) -> str:
    return "\n".join(element.value for element in [*app.markdown, *app.caption])


def test_the_browser_gets_all_epochs_of_a_layer_once(trained: Run, home: Any) -> None:
    app = opened(trained)
    data = given(app, "kernel_history")
    assert (data["epochs"], data["place"], data["units"], data["planes"]) == ([0, 1], 1, 10, 1)
    (file,) = [path for path in (home / "cache" / "kernels").iterdir() if path.name in data["file"]]
    sent = np.frombuffer(file.read_bytes(), "<i2").reshape(2, 10, 5, 5) * data["unit_value"]
    for place, epoch in enumerate(data["epochs"]):
        saved = load_file(trained.weights(epoch))["conv1.weight"].reshape(10, 5, 5)
        assert np.abs(sent[place] - saved).max() <= data["unit_value"] / 2 * 1.001
    other = given(checked(app.selectbox("kernel_layer").set_value("fc1").run()), "kernel_history")
    assert (other["units"], other["planes"], other["height"], other["width"]) == (50, 20, 4, 4)
    assert other["file"] != data["file"]
    same = given(checked(app.toggle("kernel_same").set_value(True).run()), "kernel_history")
    assert same["reach"] == data["reach"] > other["reach"], "the first layer has the largest weights"


def test_another_layer_has_fewer_units_than_the_chosen_number(trained: Run) -> None:
    app = opened(trained)
    app = checked(app.selectbox("kernel_layer").set_value("fc1").run())
    app = checked(app.number_input("kernel_unit").set_value(49).run())
    app = checked(app.selectbox("kernel_layer").set_value("fc2").run())
    assert given(app, "kernel_history")["unit"] == 9


def test_the_digits_that_excite_a_channel_are_those_of_the_analysis(trained: Run) -> None:
    app = opened(trained)
    assert "Find the digits" in [button.label for button in app.button]
    ends: dict[str, Any] = {"most": [[9 - unit + place for place in range(9)] for unit in range(10)]}
    ends |= {"least": [[0] * 9] * 10, "most_values": [[unit + 0.25] * 9 for unit in range(10)]}
    answer = {"conv1": ends | {"least_values": [[-1.5] * 9] * 10}}
    channels.ANALYSIS.study(trained, 1).load_or_compute(lambda report: answer)
    app = checked(app.number_input("kernel_unit").set_value(7).run())
    assert "What excites channel 7 of convolution 1" in words(app)
    shown = "".join(element.proto.body for element in app.get("html"))
    assert re.findall(r"#(\d+)\n(.*?)<", shown) == [*((str(2 + i), "7.25") for i in range(9)), *[("0", "-1.50")] * 9]


def test_try_this_plays_the_first_layer(trained: Run) -> None:
    app = opened(trained)
    app = checked(app.selectbox("kernel_layer").set_value("conv2").run())
    assert given(app, "kernel_history")["play"] is None
    app = checked(app.button("try_watch the first layer learn").click().run())
    data = given(app, "kernel_history")
    assert data["play"] and data["units"] == 10


def test_distances_are_drawn_for_every_layer(trained: Run) -> None:
    app = opened(trained, kernels_part="Distance travelled")
    figure = given(app, "live_chart")["figure"]
    assert [trace["name"].split("(")[1] for trace in figure["data"]] == ["conv1)", "conv2)", "fc1)", "fc2)"]
    start, end = (load_file(trained.weights(epoch))["fc1.weight"] for epoch in (0, 1))
    expected = float(np.linalg.norm(end - start) / np.linalg.norm(start))
    assert figure["data"][2]["y"] == pytest.approx([0, expected], rel=1e-4)
    app = checked(app.button("try_compare the plain lengths").click().run())
    figure = given(app, "live_chart")["figure"]
    assert figure["data"][2]["y"] == pytest.approx([0, float(np.linalg.norm(end - start))], rel=1e-4)


def test_histograms_of_weights_at_once_and_of_activations_when_they_are_computed(trained: Run) -> None:
    app = opened(trained, kernels_part="Histograms")
    figure = given(app, "live_chart")["figure"]
    assert [round(sum(trace["y"]), 3) for trace in figure["data"]] == [1, 1]
    assert "n = 250 weights in each epoch" in words(app)
    app = checked(app.button("try_the activations of the first layer").click().run())
    assert "Compute the activations" in [button.label for button in app.button]
    found = activations.ANALYSIS.load_or_compute(trained, 1)
    app = checked(app.run())
    assert "n = 2,880,000 values in each epoch: the first 500 test digits" in words(app)
    assert given(app, "live_chart")["figure"]["data"][-1]["y"] == pytest.approx(
        (found.layers["conv1"].counts[-1] / 2_880_000).tolist(), abs=1e-6
    )


def test_the_files_are_of_two_bytes_a_weight(trained: Run) -> None:
    assert np.iinfo(np.int16).max == weights.LEVELS
