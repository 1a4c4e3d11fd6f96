"""The thirty lines in docs/export.md that prepare a picture make the same bytes as `drawing.prepare`."""

import io
import re
from typing import Any

import numpy as np
from PIL import Image

from mnist_core.data import mnist
from mnist_core.drawing import synthetic
from mnist_core.drawing.picture_files.read import read_picture
from mnist_core.drawing.prepare import prepare
from mnist_core.system.files import REPOSITORY

N = 300


def reference() -> Any:
    text = (REPOSITORY / "docs" / "export.md").read_text()
    (lines,) = [block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "def prepare(" in block]
    names: dict[str, Any] = {}
    exec(lines, names)
    return names["prepare"]


def pictures() -> "list[bytes]":
    """Digits of MNIST and of the synthetic collection: small, enlarged, moved, dark on light, in colour, as JPEG."""
    random = np.random.default_rng(5)
    digits = mnist.load_arrays("test").images
    made = []
    for index in range(N):
        digit = digits[index] if index % 3 else synthetic.image(3, index)[0]
        side = int(random.integers(20, 300))
        how = Image.Resampling.BICUBIC if index % 2 else Image.Resampling.NEAREST
        large = np.asarray(Image.fromarray(digit).resize((side, side), how))
        picture = np.pad(large, random.integers(1, 80, (2, 2)))
        if index % 5 < 3:
            picture = 255 - picture
        image = Image.fromarray(picture)
        if index % 7 == 0 and index % 4:
            image = Image.merge("RGB", (image, image.point(lambda level: level // 2 + 127), image))
        image.save(file := io.BytesIO(), "JPEG" if index % 4 == 0 else "PNG")
        made.append(file.getvalue())
    return made


def test_the_thirty_lines_make_the_same_bytes(home: object) -> None:
    theirs, made = reference(), pictures()
    assert len(made) == N
    for content in made:
        ours = prepare(read_picture(content))
        assert ours is not None
        assert np.array_equal(theirs(io.BytesIO(content)), ours.image)
    Image.new("L", (50, 40), 200).save(blank := io.BytesIO(), "PNG")
    assert theirs(blank) is prepare(read_picture(blank.getvalue())) is None
