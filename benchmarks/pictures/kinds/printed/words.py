"""Words, and numbers with letters, brackets or signs of money, in a font: only a doubt is right."""

import numpy as np
from PIL import Image

from benchmarks.pictures.ageing import aged, on_paper
from benchmarks.pictures.case import Case, Digits
from benchmarks.pictures.fonts import others, printed

_TEXT = """Zoo SOS room page total hello Name Date kg cm No Tel Fax Bus Taxi Ticket Exit Open Closed Gate Seat Row Line
Paris Berlin London Sum Price Tax Net Cash Visa Code Pin Test Year Month Day Hour Minute Second North South West East"""
WORDS = _TEXT.split()
LETTERS = "ABCDEFGHKMNPRTXYabdefhkmnprtxy"
FORMS = ("{word}", "{word}", "{word} {number}", "{number} {word}", "{letter}{number}", "{number}{letter}")
SIGNS = ("${number}", "€{number}", "£{number}", "{number}!", "{number}?", "#{number}", "{number}&{number}")
BRACKETS = ("[{number}]", "({number})")


def case(rng: np.random.Generator, digits: Digits) -> Case:
    del digits
    form = str(rng.choice(FORMS if rng.random() < 0.6 else SIGNS + BRACKETS))
    text = form.format(word=rng.choice(WORDS), letter=rng.choice(list(LETTERS)), number=rng.integers(1, 1000))
    return Case(page(text, rng), "", is_number=True, may_doubt=True)


def page(text: str, rng: np.random.Generator) -> np.ndarray:
    """`text` on paper, photographed: uint8 (height, width)."""
    ink = printed(text, others(), rng, float(rng.choice([0, rng.uniform(0.02, 0.15)])))
    height = float(np.exp(rng.uniform(np.log(24), np.log(110))))
    scale = height / ink.shape[0]
    size = max(1, round(ink.shape[1] * scale)), round(height)
    small = np.asarray(
        Image.fromarray(ink).resize(size, Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC)
    )
    margins = [(round(height * rng.uniform(0.2, 0.9)) + 3, round(height * rng.uniform(0.2, 0.9)) + 3) for _ in range(2)]
    grey = on_paper(np.pad(small, margins), pen=rng.uniform(10, 90), paper=rng.uniform(190, 252))
    return aged(grey, rng, rng.uniform(0, 1))
