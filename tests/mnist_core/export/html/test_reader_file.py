"""A network in a file for the dashboard's engine, and those that lie ready."""

import base64
import json

import numpy as np

from mnist_core.export.html import packing, program, reader_file
from tests.support.networks import varied


def test_what_lies_ready_is_the_shipped_run() -> None:
    expected = reader_file.ready()
    assert set(expected) == {path.name for path in reader_file.READY.iterdir()}
    for name, content in expected.items():
        found = json.loads((reader_file.READY / name).read_bytes())
        assert found["program"] == json.loads(content)["program"], "python -m mnist_core.export.html.reader_file"
        assert found == json.loads(content), "python -m mnist_core.export.html.reader_file"


def test_a_file_holds_the_weights_as_they_are() -> None:
    told = program.of_run("mlp", varied("mlp"), 1.3)
    found = json.loads(reader_file.content(told))
    assert found["program"] == json.loads(json.dumps(told.described))
    packed = packing.Packed(base64.b64decode(found["weights"]), **found["packed"])
    np.testing.assert_array_equal(packing.unpack(packed), told.weights)
