"""Points and minus signs of small print, which a lens or their own grey edges have joined to the digit beside them."""

import numpy as np

from mnist_core.drawing.number.pieces import SMALL, Piece, find_pieces

CORE = 0.45  # of the strongest ink: grey edges are fainter
POINT = 0.34  # of the digits' height: no larger is a point, nor does it begin higher over the base line
FLAT, MIDDLE = 0.23, (0.2, 0.55)  # heights: a minus is no thicker, and ends so high over the base line
# Of a point's strongest ink: what joins it to the digit is fainter. Of 31 ends of thin 2s and 3s in 37 fonts, 9 to 21
# pixels high, which look like points, 4 are joined by less; of 222 points beside digits 189.
JOINED = 0.55
TALL = 0.6  # of the piece: the core of a digit is at least so high


def find_pieces_and_points(ink: np.ndarray) -> tuple[np.ndarray, list[Piece]]:
    """As `pieces.find_pieces`, with the points and minus signs of small print as pieces of their own."""
    labels, found = find_pieces(ink, keeps_points=True)
    joined = [piece for piece in found if 5 < piece.height <= SMALL]
    points = [_point_pixels(ink, labels, piece) for piece in joined]
    if not any(point is not None for point in points):
        return labels, found
    from scipy import ndimage

    labels = labels.copy()
    pieces = [piece for piece, point in zip(joined, points, strict=True) if point is None]
    pieces += [piece for piece in found if piece not in joined]
    for piece, point in zip(joined, points, strict=True):
        if point is None:
            continue
        box = (slice(piece.top, piece.bottom), slice(piece.left, piece.right))
        own = labels[box] == piece.label
        for part in (own & point, own & ~point):
            parts, _ = ndimage.label(part, np.ones((3, 3)))
            for number, (rows, columns) in enumerate(ndimage.find_objects(parts), 1):
                label = int(labels.max()) + 1
                labels[box][parts == number] = label
                edges = (rows.start, rows.stop, columns.start, columns.stop)
                by = (piece.top, piece.top, piece.left, piece.left)
                pieces.append(Piece(label, *(edge + start for edge, start in zip(edges, by, strict=True))))
    return labels, sorted(pieces, key=lambda piece: piece.left)


def _point_pixels(ink: np.ndarray, labels: np.ndarray, piece: Piece) -> np.ndarray | None:
    """Which pixels of a piece's box are a point's, bool; None where it holds none, or no digit beside one."""
    from scipy import ndimage

    box = (slice(piece.top, piece.bottom), slice(piece.left, piece.right))
    cores, count = ndimage.label((ink[box] >= CORE) & (labels[box] == piece.label), np.ones((3, 3)))
    if count < 2:
        return None
    places = ndimage.find_objects(cores)
    digits = [place for place in places if place[0].stop - place[0].start >= TALL * piece.height]
    if not digits:
        return None
    high = max(rows.stop - rows.start for rows, _ in digits)
    base = max(rows.stop for rows, _ in digits)
    points = [
        number
        for number, (rows, columns) in enumerate(places, 1)
        if _is_mark((rows.stop - rows.start) / high, (columns.stop - columns.start) / high, (base - rows.stop) / high)
        and all(columns.start >= other.stop or columns.stop <= other.start for _, other in digits)
        and _is_apart(ink[box] * (labels[box] == piece.label), cores == number, cores)
    ]
    if not points:
        return None
    nearest = ndimage.distance_transform_edt(cores == 0, return_distances=False, return_indices=True)
    return np.isin(cores[tuple(nearest)], points)


def _is_apart(ink: np.ndarray, point: np.ndarray, cores: np.ndarray) -> bool:
    """Whether only faint ink joins the core `point`, bool, to the other ones."""
    from scipy import ndimage

    parts, _ = ndimage.label(ink >= JOINED * ink[point].max(), np.ones((3, 3)))
    own = parts == parts[point & (parts > 0)][0]
    return not (own & (cores > 0) & ~point).any()


def _is_mark(tall: float, wide: float, low: float) -> bool:
    """Whether so tall and wide a core, that ends so high over the base line, may be a point or a minus."""
    is_point = max(tall, wide) <= POINT and low + tall <= POINT
    return is_point or (tall <= FLAT and wide > 2 * tall and MIDDLE[0] < low < MIDDLE[1])
