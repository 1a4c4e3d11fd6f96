"""A picture -> its brightness; what is transparent is laid on paper."""

import numpy as np

_LUMA = np.array([77, 150, 29], np.float32) / 256  # ITU-R BT.601 in 256ths: exact in float32, white stays 255


# Of a note on nothing, tried on pictures of `benchmarks/pictures/kinds/transparent.py`.
NOTE_CONTRAST = 64  # levels of 255 that its ink is darker or brighter than its rim, at least
LEAST_INK = 200  # at least one pixel of so many is ink
INKED_RIM = 4  # at most one pixel of so many of its rim is ink


def to_grey(picture: np.ndarray) -> np.ndarray:
    """Brightness, float32 (height, width), in exact 256ths: a negative differs from its positive by no rounding."""
    if picture.ndim == 2:
        return picture.astype(np.float32)
    grey = picture[..., :3].astype(np.float32) @ _LUMA
    if picture.shape[2] == 3 or grey.size == 0:
        return grey
    return _lay_on_paper(picture[..., 3], grey)


def _lay_on_paper(levels: np.ndarray, grey: np.ndarray) -> np.ndarray:
    """Behind transparent pixels lies the paper painted at the border, or a note's, or else the paint's opposite."""
    alpha = levels.astype(np.float32) / 255
    painted = border(alpha) > 0.5
    if painted.mean() > 0.5:
        paper = np.median(border(grey)[painted])
    elif (note := _note(levels, grey)) is not None:
        return note
    else:
        bright = ((grey - 127.5) * alpha).sum() > 0
        paper = np.float32(0 if bright else 255)
    return paper + np.round((grey - paper) * alpha * 256) / 256


def _note(alpha: np.ndarray, grey: np.ndarray) -> np.ndarray | None:
    """A piece of paper on nothing, its paper going on all around it; None where what is painted is the ink itself.

    The piece's outermost pixels are of one brightness, and some of the inner ones are of another. A shadow around it,
    which is less opaque, is left out. So is a sticker: ink with an outline is ink on paper of the outline's colour.
    """
    solid = alpha.astype(np.int32) * 5 > int(alpha.max()) * 4
    around = np.pad(solid, 1)
    inner = around[:-2, 1:-1] & around[2:, 1:-1] & around[1:-1, :-2] & around[1:-1, 2:]
    rim = solid & ~inner
    paper = np.median(grey[rim]) if rim.any() else np.float32(0)
    is_ink = solid & (np.abs(grey - paper) > NOTE_CONTRAST)
    inked = int(is_ink.sum())
    if inked * LEAST_INK < int(solid.sum()) or int((is_ink & rim).sum()) * INKED_RIM > int(rim.sum()):
        return None
    return np.where(solid, grey, paper)


def border(plane: np.ndarray) -> np.ndarray:
    """The pixels along the four edges of a plane (height, width): (2 height + 2 width,)."""
    return np.concatenate([plane[0], plane[-1], plane[:, 0], plane[:, -1]])
