"""The picture of an attribution."""

import numpy as np

from ui.common.attribution_image import attribution_picture, in_words


def test_ink_for_is_blue_ink_against_is_orange_paper_black() -> None:
    image, shares = np.zeros((28, 28), np.uint8), np.zeros((28, 28), np.float32)
    image[[5, 5, 22], [5, 7, 22]] = 200
    shares[5, 5], shares[22, 22] = 1, -2
    picture = attribution_picture(image, shares)
    assert picture.shape == (28, 28, 3) and picture.dtype == np.uint8
    blue, orange, grey, paper = picture[5, 5], picture[22, 22], picture[5, 7], picture[0, 0]
    assert blue[2] > blue[0] and orange[0] > orange[2]
    assert len(set(grey.tolist())) == 1 and 0 < grey[0] < 200
    assert not paper.any()
    assert in_words(shares, 9, 4) == (
        "Blue ink spoke for 9, most of all at the top left. Orange ink spoke for 4, most of all at the bottom right."
    )
    assert in_words(np.maximum(shares, 0), 9, 4) == "Blue ink spoke for 9, most of all at the top left."
    assert in_words(np.zeros((28, 28), np.float32), 9, 4) == "No ink spoke for 9 or for 4."
