"""Ink on a photograph in uneven light: shade, a shadow's edge, a lamp's spot, a board's glare."""

import numpy as np

from mnist_core.drawing.ink.grey import border

FIT_SIDE = 28  # pixels; a smaller picture is no photograph
COARSE_SIDE = 128  # pixels of the longer side on which the light is judged
FINE_SIDE = 320  # pixels of the longer side on which ink is told from paper
SIDES = (0.12, 0.18)  # of the side: windows that tell whether ink is dark or bright
WINDOW = 0.3  # of the side: ink is thinner, so that a closing with it leaves paper alone
STROKES = 2.5  # a window of so many widths of the pen is enough
UNEVEN = 10  # grey levels of 255 between the darkest and the brightest paper, at least
UNEVEN_SHARE = 0.12  # of the ink's contrast; less of it is a faint grey on MNIST's scale
THICK_SHARE = 0.5  # of the ink's contrast: where the paper has one exact level, no light makes so much
EXACT_SHARE = 1 / 3  # of all pixels that hold exactly the paper's level: a drawing, or a saturated photograph
# Of those pixels as many, at most, are nearly of that level, within `NEAR` grey levels of 255: more is noise in whole
# levels. Of photographs with little noise it is 0.07 and more, of drawings up to 0.02, as JPEG files up to 0.12.
NEAR, NEAR_SHARE = 2, 0.08
DRAWN_SHARE, OVER_EDGE = 0.6, 0.9  # the same for a drawing with ink at its border, of nearly the strongest contrast
EXACT_BORDER = 0.98  # of the border's pixels, for a drawing
ONE_INK, INK_SHARE = 5, 0.5  # grey levels below the strongest, and share of all that is not paper: a drawing's even ink
MIN_SHARE = 0.06  # of the paper's brightness: fainter ink is none
NOISE = 5  # standard deviations of the paper's noise, which is no ink
SAFE = 0.9  # of the darkest paper: where lit ink is darker, what is as bright as a shadow is none
SHADE = 0.45  # of the paper's brightness: what is brighter and leads over the border is a shadow
LINE, LINE_LEAST = 0.06, 7  # of the side, and pixels: what is dark at the border and narrower is a line, no shadow
PARTS = 5  # by as many the picture is divided, in which the paper between lines is looked at
BETWEEN = 0.8  # of a part's pixels are darker than its paper's level: lines and strokes cover less
LEAST, CLEAR, STRONG = 0.05, 0.2, 0.5  # of the strongest ink; less is none; a clear piece without strong ink is residue
STROKE = 0.3  # of the strongest ink: its width is measured where it is more


def ink_in_uneven_light(grey: np.ndarray, difference: np.ndarray) -> np.ndarray | None:
    """The ink where the paper's light is uneven, float32 (height, width), 0 paper to 1 the strongest; None where even.

    `grey`: float32 (height, width), 0 to 255; `difference`: what it differs from the border's median.
    """
    if min(grey.shape) <= FIT_SIDE:
        return None
    exact, off = difference == 0, np.abs(difference)
    near = int((off <= NEAR).sum() - exact.sum())
    is_exact = bool(exact.mean() >= EXACT_SHARE and near <= NEAR_SHARE * exact.sum())
    if is_exact and border(exact).mean() >= EXACT_BORDER:
        return None
    if is_exact and exact.mean() >= DRAWN_SHARE and border(off).max() >= OVER_EDGE * off.max():
        return None  # a drawing whose ink runs over the edge
    if is_exact and (off >= off.max() - ONE_INK).sum() >= INK_SHARE * (off > 0).sum():
        return None  # a drawing with a thick pen
    factor = -(-max(grey.shape) // COARSE_SIDE)
    small = _reduced(difference, factor)
    window = max(3, int(WINDOW * np.sqrt(small.size)))
    dark = bool((small * small * small).sum() <= 0)  # as it is on even paper
    level = _reduced(_as_dark(grey, dark), factor)
    paper, lowered, ink = _told_apart(level, window)
    uneven, contrast = np.ptp(paper if is_exact else lowered), (paper - level).max()
    if uneven <= max(UNEVEN, UNEVEN_SHARE * contrast) or (is_exact and uneven > THICK_SHARE * contrast):
        return None
    if _is_ink_dark(small) != dark:
        dark = not dark
        _, _, ink = _told_apart(_reduced(_as_dark(grey, dark), factor), window)
    if not ink.any():
        return np.zeros(grey.shape, np.float32)
    fine = -(-max(grey.shape) // FINE_SIDE)
    window = min(window, int(STROKES * _thickness(ink >= STROKE)) + 3)
    _, _, ink = _told_apart(_reduced(_as_dark(grey, dark), fine), max(3, window * factor // fine))
    return _enlarged(ink, fine, grey.shape)


def is_uneven_between_lines(difference: np.ndarray) -> bool:
    """Whether some parts of the paper are brighter than others, whatever thin lines are on it.

    `difference`: float32 (height, width), grey levels from the border's median.
    """
    if min(difference.shape) <= FIT_SIDE:
        return False
    # Of a negative the other side is dark: it says the same.
    level = difference if (difference * difference * difference).sum() <= 0 else -difference
    papers = []
    for rows in np.array_split(level, PARTS):
        for part in np.array_split(rows, PARTS, axis=1):
            place = int(BETWEEN * part.size)
            papers.append(np.partition(part.ravel(), place)[place])
    uneven, contrast = float(max(papers) - min(papers)), float(np.abs(difference).max())
    return uneven > max(UNEVEN, UNEVEN_SHARE * contrast)


def _as_dark(grey: np.ndarray, dark: bool) -> np.ndarray:
    return grey if dark else np.float32(255) - grey


def _reduced(plane: np.ndarray, factor: int) -> np.ndarray:
    """Means of squares of `factor` pixels a side, float64; beyond its edges a plane goes on as it ends."""
    height, width = plane.shape
    padded = np.pad(plane.astype(np.float64), ((0, -height % factor), (0, -width % factor)), "edge")
    rows, columns = padded.shape[0] // factor, padded.shape[1] // factor
    return padded.reshape(rows, factor, columns, factor).sum((1, 3)) / factor**2  # exact, in 256ths


def _enlarged(plane: np.ndarray, factor: int, shape: tuple[int, ...]) -> np.ndarray:
    height, width = shape
    return plane.astype(np.float32).repeat(factor, 0)[:height].repeat(factor, 1)[:, :width]


def _smooth(plane: np.ndarray) -> np.ndarray:
    padded = np.pad(plane, 1, "edge")
    rows = padded[:-2] + padded[1:-1] + padded[2:]
    return (rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]) / 9


def _is_ink_dark(level: np.ndarray) -> bool:
    """Whether ink is darker than its paper: closings fill more of what is dark than openings take of what is bright."""
    level = _smooth(level)
    brighter = 0.0
    for share in SIDES:
        window = max(3, int(share * np.sqrt(level.size)))
        dark, bright = _closed(level, window) - level, level + _closed(-level, window)
        darks, brights = (dark * dark * dark).sum(), (bright * bright * bright).sum()
        brighter += (brights - darks) / (brights + darks + 1)
    return bool(brighter <= 0)


def _told_apart(level: np.ndarray, window: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The paper's brightness, the same with narrow shadows, and the dark ink, 0 to 1 the strongest: as `level`."""
    level = _smooth(level)
    paper = _closed(level, window)
    filled = _reconstructed(paper, level)
    noise = np.median(paper - level)
    paper -= noise
    filled -= noise
    least = NOISE * 1.5 * np.median(np.abs(paper - level))
    sure, plain = _shares(filled, level, least), _shares(paper, level, least)
    strongest = _strongest(sure)
    if strongest < MIN_SHARE:
        return paper, filled, np.zeros_like(sure)
    if (1 - strongest) * paper.max() < SAFE * paper.min():
        strongest, ink = _strongest(sure), sure
    else:
        steep = _running(np.maximum, np.pad(paper, 2, "edge"), 5) - _running(np.minimum, np.pad(paper, 2, "edge"), 5)
        ink = np.where(paper - level > steep, plain, 0)
        strongest = _strongest(ink)
    if strongest < MIN_SHARE:
        return paper, filled, np.zeros_like(sure)
    pieces = np.maximum(plain, sure) >= CLEAR * strongest
    ink = np.minimum(ink / strongest, 1)
    ink[ink < LEAST] = 0
    return paper, filled, _without_residue(ink, pieces, sure >= STRONG * strongest)


def _shares(paper: np.ndarray, level: np.ndarray, least: float) -> np.ndarray:
    """How much darker than its paper a pixel is, 0 to 1; 0 where it is less than `least` grey levels."""
    over = paper - level
    return np.where(over > least, over / np.maximum(paper, 16), 0)


def _strongest(shares: np.ndarray) -> float:
    """The share of plain ink: the mean of what is at least half as dark as the darkest pixel."""
    most = shares.max()
    mean = float(shares[shares >= 0.5 * most].mean()) if most > 0 else 0.0
    return np.floor(mean * 2**20 + 0.5) / 2**20  # whatever a sum's last bits say


def _reconstructed(paper: np.ndarray, level: np.ndarray) -> np.ndarray:
    """The paper, lowered wherever something dark leads to paper as dark or over the border: a finger's shadow.

    (Reconstruction by erosion; L. Vincent, 1993. The sweeps end where nothing changes, in whatever order they go.)
    """
    lowered = paper.copy()
    line = max(LINE_LEAST, int(LINE * np.sqrt(level.size)))
    for edge in (np.s_[0], np.s_[-1], np.s_[:, 0], np.s_[:, -1]):
        lowered[edge] = np.maximum(_without_narrow(level[edge], line), SHADE * paper[edge])
    while True:
        before = lowered.copy()
        for plane, floor in ((lowered, level), (lowered.T, level.T)):
            _sweep(plane, floor)
            _sweep(plane[::-1], floor[::-1])
        if np.array_equal(before, lowered):
            return lowered


def _without_narrow(row: np.ndarray, length: int) -> np.ndarray:
    """A row of brightness (n,) in which what is dark and shorter than `length` pixels is filled."""
    closed = np.pad(row, length - 1, "edge")[None]
    return _along(np.minimum, _along(np.maximum, closed, length, 0, 1), length, 0, 1)[0]


def _sweep(plane: np.ndarray, floor: np.ndarray) -> None:
    """Lower each row, in place, to the least of three neighbours in the row before, but not below the floor."""
    for row in range(1, len(plane)):
        before, own = plane[row - 1], plane[row]
        least = np.minimum(own, before)
        np.minimum(least[1:], before[:-1], out=least[1:])
        np.minimum(least[:-1], before[1:], out=least[:-1])
        np.maximum(least, floor[row], out=own)


def _running(extreme: np.ufunc, plane: np.ndarray, length: int) -> np.ndarray:
    return _along(extreme, _along(extreme, plane, length, 0, 1), length, 1, 0)


def _closed(plane: np.ndarray, window: int) -> np.ndarray:
    """A plane in which everything dark that is thinner than an octagon `window` wide is filled."""
    side, slant = max(1, int(0.414 * window + 0.5)), max(1, int(0.293 * window + 0.5))
    lines = [(side, 0, 1), (side, 1, 0), (slant, 1, 1), (slant, 1, -1)]
    closed = np.pad(plane, side - 1 + 2 * (slant - 1), "edge")
    for extreme in (np.maximum, np.minimum):
        for line in lines:
            closed = _along(extreme, closed, *line)
    return closed


def _along(extreme: np.ufunc, plane: np.ndarray, length: int, down: int, right: int) -> np.ndarray:
    """The extreme of each `length` pixels in a row in one direction, where they lie inside the plane."""
    done = 1
    while done < length:
        step = min(done, length - done)
        height, width = plane.shape
        y, x = down * step, abs(right) * step
        first, second = plane[: height - y, : width - x], plane[y:, x:]
        if right < 0:
            first, second = plane[: height - y, x:], plane[y:, : width - x]
        plane = extreme(first, second)
        done += step
    return plane


def _thickness(mask: np.ndarray) -> int:
    """How many pixels wide the strokes of a mask are: a narrower window holds less than a twentieth of it."""
    least, width = mask.sum() / 20, 0
    while mask.sum() > least:
        mask = _running(np.minimum, np.pad(mask, 1), 3)
        width += 2
    return width


def _without_residue(ink: np.ndarray, clear: np.ndarray, sure: np.ndarray) -> np.ndarray:
    """Without the pieces of what is clear that hold nothing sure."""
    from scipy import ndimage  # a tenth of a second: only where it is wanted

    near = _running(np.maximum, np.pad(clear, 2), 5)
    pieces, count = ndimage.label(near, np.ones((3, 3)))
    kept = np.zeros(count + 1, bool)
    kept[np.unique(pieces[sure])] = True
    kept[0] = True
    return np.where(kept[pieces], ink, 0)
