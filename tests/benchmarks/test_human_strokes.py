"""The recordings that `benchmarks human_strokes` draws again, read from a file in the data set's own format."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.drawing import human_strokes
from benchmarks.drawing.human_strokes import Setting
from mnist_core.errors import RequestError

SOME = """//
// ASCII char: 7
WORD 7 trn_UJI_W01-01
  NUMSTROKES 2
  POINTS 3 # 10 20 90 20 50 120
  POINTS 2 # 30 70 80 70
WORD 7 trn_UJI_W01-02
  NUMSTROKES 1
  POINTS 2 # 10 20 90 20
// ASCII char: a
WORD a trn_UJI_W01-01
  NUMSTROKES 1
  POINTS 2 # 1 2 3 4
WORD ñ tst_UPV_W18-01
  NUMSTROKES 1
  POINTS 1 # 7 8
WORD 0 tst_UPV_W18-01
  NUMSTROKES 1
  POINTS 4 # 0 0 50 0 50 80 0 80
"""


def test_the_first_of_each_persons_digits_are_read_with_their_strokes(tmp_path: Path) -> None:
    file = tmp_path / "some.txt"
    file.write_bytes(SOME.replace("\n", "\r\n").encode("latin-1"))
    seven, zero = human_strokes.recordings(file)
    assert (seven.label, zero.label) == (7, 0)
    np.testing.assert_array_equal(seven.strokes[0], [(10, 20), (90, 20), (50, 120)])
    np.testing.assert_array_equal(seven.strokes[1], [(30, 70), (80, 70)])
    assert [len(stroke) for stroke in zero.strokes] == [4]


def test_a_missing_file_is_told_with_where_to_put_it(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"gone\.txt is missing: download"):
        human_strokes.recordings(tmp_path / "gone.txt")


def test_a_digit_is_painted_with_its_size_place_and_tilt() -> None:
    upright = [np.array([(0.0, 0.0), (0.0, 100.0)])]
    rows, columns = np.nonzero(human_strokes.paint(upright, Setting(8, "half as large, off centre", 0)))
    assert rows.max() - rows.min() == pytest.approx(108, abs=2)
    assert (columns.mean() / 308, rows.mean() / 308) == pytest.approx((0.32, 0.66), abs=0.01)
    rows, columns = np.nonzero(human_strokes.paint(upright, Setting(8, "large, centred", 15)))
    top, bottom = columns[rows < 100].mean(), columns[rows > 208].mean()
    assert top > bottom  # clockwise, as a reader sees it
