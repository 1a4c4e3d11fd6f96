"""A picture -> its brightness; what is transparent is laid on paper."""

import numpy as np

_LUMA = np.array([77, 150, 29], np.float32) / 256  # ITU-R BT.601 in 256ths: exact in float32, white stays 255


def to_grey(picture: np.ndarray) -> np.ndarray:
    """Brightness, float32 (height, width), in exact 256ths: a negative differs from its positive by no rounding."""
    if picture.ndim == 2:
        return picture.astype(np.float32)
    grey = picture[..., :3].astype(np.float32) @ _LUMA
    if picture.shape[2] == 3 or grey.size == 0:
        return grey
    alpha = picture[..., 3].astype(np.float32) / 255
    return _lay_on_paper(grey, alpha)


def _lay_on_paper(grey: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """What lies behind transparent pixels: the paper that is painted at the border, or else the paint's opposite."""
    painted = border(alpha) > 0.5
    if painted.mean() > 0.5:
        paper = np.median(border(grey)[painted])
    else:
        bright = ((grey - 127.5) * alpha).sum() > 0
        paper = np.float32(0 if bright else 255)
    return paper + np.round((grey - paper) * alpha * 256) / 256


def border(plane: np.ndarray) -> np.ndarray:
    """The pixels along the four edges of a plane (height, width): (2 height + 2 width,)."""
    return np.concatenate([plane[0], plane[-1], plane[:, 0], plane[:, -1]])
