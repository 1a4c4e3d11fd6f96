"""An attribution as a picture: blue is evidence for the first digit, orange for the second."""

import numpy as np

from mnist_core.interpretation.attribution import Method

METHODS: dict[str, Method] = {
    "Integrated gradients": "integrated_gradients",
    "Occlusion": "occlusion",
    "DeepLIFT": "deeplift",
    "Shapley values": "shapley",
    "Input x gradient": "input_x_gradient",
    "Saliency": "saliency",
}
GOOD_FOR: dict[Method, str] = {
    "integrated_gradients": "adds up how the answer changes on the way from blank paper to the digit. Good for shares "
    "of every pixel of ink that add up; the one to begin with.",
    "occlusion": "covers one patch of 4x4 pixels after another with paper, and measures what is lost. Good for a check "
    "without any gradient: it only asks the network again.",
    "deeplift": "hands the difference to blank paper back layer by layer. Good for shares that add up in one pass, "
    "where gradients vanish because a unit is off.",
    "shapley": "lays the 4x4 patches on blank paper in random orders, and averages what each adds. Good for sharing "
    "fairly between strokes that only count together.",
    "input_x_gradient": "multiplies the ink by the gradient at the digit. Good for a quick look; it sees only how the "
    "answer reacts right now, so the shares need not add up.",
    "saliency": "is the gradient at the digit. Good for what to change: blue paper is where more ink would help, "
    "orange where it would hurt.",
}
METHOD_HELP = "\n".join(f"- **{name}** {GOOD_FOR[method]}" for name, method in METHODS.items())

# Blue and orange differ for every kind of colour blindness (M. Okabe, K. Ito, "Color Universal Design", 2008).
FOR, AGAINST = np.array([60.0, 150.0, 255.0]), np.array([255.0, 150.0, 20.0])
_GREY = 0.45  # brightness of ink that is no evidence
_PLACES = (
    ("at the top left", "at the top", "at the top right"),
    ("on the left", "in the middle", "on the right"),
    ("at the bottom left", "at the bottom", "at the bottom right"),
)


def attribution_picture(image: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """The digit, uint8 (28, 28), in grey, coloured by `shares` (28, 28) of either sign: uint8 (28, 28, 3).

    The colour is full at the 99th percentile of the ink's shares, and below it stronger than in proportion: one bright
    pixel must not dim the others, and small shares are to be seen.
    """
    inked = np.abs(shares[shares != 0])
    strength = np.clip(np.abs(shares) / (np.percentile(inked, 99) if len(inked) else 1), 0, 1)[..., None] ** 0.6
    colour = np.where(shares[..., None] > 0, FOR, AGAINST)
    grey = _GREY * image[..., None].astype(float)
    return (strength * colour + (1 - strength) * grey).round().astype(np.uint8)


def difference_picture(before: np.ndarray, after: np.ndarray) -> tuple[np.ndarray, int]:
    """Where `after` has more ink (blue) and less (orange), uint8 (28, 28, 3); and how many times that is amplified.

    By as much as the largest difference allows. Both are uint8 (28, 28).
    """
    difference = after.astype(int) - before
    factor = 255 // max(1, int(np.abs(difference).max()))
    strength = (np.abs(difference) * factor / 255)[..., None]
    return (strength * np.where(difference[..., None] > 0, FOR, AGAINST)).round().astype(np.uint8), factor


def in_words(shares: np.ndarray, first: int, second: int) -> str:
    """Which of nine fields of the digit is the strongest evidence for each of the two."""
    # The digits lie in the central 20x20 pixels.
    fields = np.array(
        [[part.sum() for part in np.array_split(row, 3, 1)] for row in np.array_split(shares[4:24, 4:24], 3)]
    )
    sentences = []
    for sign, colour, digit in ((1, "Blue", first), (-1, "Orange", second)):
        strongest = (sign * fields).argmax()
        if (sign * fields).flat[strongest] > 0:
            sentences.append(f"{colour}: evidence for {digit}, mostly {_PLACES[strongest // 3][strongest % 3]}.")
    return " ".join(sentences) or f"No evidence for {first} or for {second}."
