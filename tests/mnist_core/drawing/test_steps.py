"""The steps from a picture to 28x28, as they are shown."""

import numpy as np

from mnist_core.drawing import strokes
from mnist_core.drawing.prepare import prepare
from mnist_core.drawing.steps import ladder
from tests.support.pictures import a_seven, moved, prepared


def test_the_way_there_is_told() -> None:
    digit = prepare(moved(a_seven(), 10, 30))
    assert digit is not None
    rows, columns = np.nonzero(moved(a_seven(), 10, 30))
    assert digit.box == (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    assert (digit.ink.min(), digit.ink.max()) == (0, 1)


def test_the_ladder_ends_with_what_the_network_sees() -> None:
    steps = ladder(255 - a_seven())
    assert [step.title for step in steps] == ["Picture", "Ink", "Crop", "Within 20 by 20", "28 by 28, centred"]
    assert max(steps[3].image.shape) == 20
    np.testing.assert_array_equal(steps[-1].image, prepared(a_seven()))
    np.testing.assert_array_equal(steps[0].image, 255 - a_seven())


def test_the_ladder_shows_the_even_pen_where_the_strokes_are_known() -> None:
    seven = strokes.fitted([np.array([(5, 4), (13, 4.5), (8, 16)])], 0.6)
    picture, evened = strokes.render(seven, 40, 308), strokes.evened(seven, 40 / 308)
    digit, steps = prepare(picture, evened), ladder(picture, evened)
    assert digit is not None
    assert [step.title for step in steps][:3] == ["Picture", "The same strokes, even pen", "Ink"]
    np.testing.assert_array_equal(steps[-1].image, digit.image)
    assert (digit.image > 128).sum() < 0.7 * (prepared(picture) > 128).sum()  # thinner than it was drawn
