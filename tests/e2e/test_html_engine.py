"""The exported page's engine in a real browser against Python: the same bytes, the same answers."""

import io
import json
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page

from mnist_core.config.networks import ModelName
from mnist_core.data import mnist
from mnist_core.drawing import rejection, synthetic
from mnist_core.drawing.picture_files.read import read_picture
from mnist_core.drawing.prepare import prepare
from mnist_core.drawing.strokes import BRUSH, PAPER, Drawn, render, smoothed
from mnist_core.export.html import packing, program, simulation
from mnist_core.export.html.page import constants
from mnist_core.export.html.program import Program
from tests.support import html_engine
from tests.support.networks import varied
from tests.support.pen import DIGITS, Stroke
from ui.draw.canvas import Board

# Strokes that on a sheet of paper would be its printed lines: under a 7, around a 1, a grid.
LIKE_LINES: list[list[Stroke]] = [
    [*DIGITS[7], [(10, 92), (90, 92)]],
    [[(20, 10), (80, 10), (80, 90), (20, 90), (20, 10)], *DIGITS[1]],
    [[(20, 40), (80, 40)], [(20, 60), (80, 60)], [(40, 20), (40, 80)], [(60, 20), (60, 80)]],
]
Drawing = list[dict[str, Any]]  # strokes: the pointer's places in pixels of the canvas, and the brush's width


@pytest.fixture(scope="module")
def images(prepared_data: Path) -> np.ndarray:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MNIST_HOME", str(prepared_data.parent))
        return mnist.load_arrays("test").images[:100]


@pytest.fixture
def tab(page: Page) -> Page:
    page.goto("about:blank")
    html_engine.load_engine(page)
    return page


def drawings() -> list[Drawing]:
    """Digits by hand and by program, and scribbles over every edge; some with two brushes, some dots and blots."""
    rng = np.random.default_rng(7)
    by_hand = [*((digit, BRUSH) for digit in DIGITS.values()), *((lines, 6) for lines in LIKE_LINES)]
    found = [[{"places": [[3.08 * x, 3.08 * y] for x, y in s], "width": width} for s in d] for d, width in by_hand]
    for number in range(25):
        _, strokes = synthetic.digit_strokes(5, number)
        size, middle = rng.uniform(0.1, 1), rng.uniform(0.2, 0.8, 2)
        widths = rng.choice([6, 14, 24, 40], len(strokes))
        placed = [np.round((s * size + middle) * PAPER, int(rng.integers(2))) for s in strokes]
        found.append([{"places": s.tolist(), "width": int(w)} for s, w in zip(placed, widths, strict=True)])
    for count in range(15):
        places = rng.uniform(-40, PAPER + 40, (count + 1, 2))
        found.append([{"places": places.tolist(), "width": int(rng.choice([6, 24, 40]))}])
    return found


def drawn(drawing: Drawing) -> Drawn:
    """The same as Python has it."""
    strokes = [smoothed(np.array(stroke["places"]), stroke["width"]) / PAPER for stroke in drawing]
    return Drawn(strokes, [stroke["width"] for stroke in drawing])


def test_drawings_are_prepared_to_the_same_bytes(tab: Page) -> None:
    given = drawings()
    for drawing, found in zip(given, html_engine.prepared_drawings(tab, given, PAPER), strict=True):
        expected = prepare(drawn(drawing).picture, drawn(drawing).evened)
        assert (found is None) == (expected is None)
        if found is not None and expected is not None:
            image, box = found
            np.testing.assert_array_equal(image, expected.image)
            assert box == expected.box


# What the canvas of the Draw page (streamlit-drawable-canvas 0.13.0) heard of a mouse, and the path that it sent.
HEARD = json.loads("""
[[164, 242], [160, 250], [157, 250], [166, 248], [163, 248], [178, 262], [175, 262], [171, 262], [168, 262], [183,
264], [184, 272], [184, 274], [183, 274], [183, 274], [179, 272], [180, 272], [171, 272], [171, 272], [156, 272],
[159, 272], [150, 286], [153, 300], [162, 300], [162, 308], [147, 300], [162, 300], [165, 286], [161, 300], [157,
302], [157, 302]]""")
SENT = json.loads("""
[["M", 164.024, 242], ["Q", 164, 242, 162, 246], ["Q", 160, 250, 158.5, 250], ["Q", 157, 250, 161.5, 249], ["Q",
166, 248, 164.5, 248], ["Q", 163, 248, 170.5, 255], ["Q", 178, 262, 176.5, 262], ["Q", 175, 262, 173, 262], ["Q",
171, 262, 169.5, 262], ["Q", 168, 262, 175.5, 263], ["Q", 183, 264, 183.5, 268], ["Q", 184, 272, 184, 273], ["Q",
184, 274, 183.5, 274], ["Q", 183, 274, 181, 273], ["Q", 179, 272, 179.5, 272], ["Q", 180, 272, 175.5, 272], ["Q",
171, 272, 163.5, 272], ["Q", 156, 272, 157.5, 272], ["Q", 159, 272, 154.5, 279], ["Q", 150, 286, 151.5, 293], ["Q",
153, 300, 157.5, 300], ["Q", 162, 300, 162, 304], ["Q", 162, 308, 154.5, 304], ["Q", 147, 300, 154.5, 300], ["Q",
162, 300, 163.5, 293], ["Q", 165, 286, 161, 294], ["L", 156.976, 302.024]]""")


def test_the_brush_is_the_draw_pages(tab: Page) -> None:
    board = Board(paths=[{"path": SENT, "strokeWidth": BRUSH}])
    found = tab.evaluate("([places, width]) => engine.smoothed(places, width)", [HEARD, BRUSH])
    np.testing.assert_allclose(np.array(found), board.strokes[0] * PAPER, atol=1e-9)


def test_the_brush_is_pythons_to_the_bit(tab: Page) -> None:
    given = [stroke for drawing in drawings() for stroke in drawing]
    near = np.random.default_rng(11).integers(0, 3, (200, 2)) / 4  # places too close together, and repeated
    given += [{"places": near[:count].tolist(), "width": 6} for count in (1, 2, 3, 4, 5, 40, 200)]
    found = tab.evaluate("(all) => all.map(({places, width}) => engine.smoothed(places, width))", given)
    for stroke, points in zip(given, found, strict=True):
        np.testing.assert_array_equal(smoothed(np.array(stroke["places"]), stroke["width"]), np.array(points))


def on_lines(image: np.ndarray, number: int) -> np.ndarray:
    """On ruled or squared paper, in a box, in one of two boxes or on a comb; straight or tilted."""
    lines = Image.new("L", (220, 180), 255)
    draw = ImageDraw.Draw(lines)
    if number % 5 < 2:
        for place in range(-205, 400, 33):
            draw.line([-300, place, 500, place], 50, 1 + number % 3)
            if number % 5:
                draw.line([place, -300, place, 500], 50, 1 + number % 3)
    elif number % 5 == 4:
        draw.line([(20, 110), (20, 160), (120, 160), (120, 130), (120, 160), (200, 160), (200, 130)], 50, 2)
        draw.line([20, 130, 20, 160], 50, 2)
        draw.line([110, 130, 110, 160], 50, 2)
    else:
        draw.rectangle([20, 20, 200, 160], None, 50, 3)
        if number % 5 == 3:
            draw.line([110, 20, 110, 160], 50, 2)
    paper = np.asarray(lines.rotate(number % 4, Image.Resampling.BICUBIC, fillcolor=255))
    digit = np.pad(255 - image.repeat(4, 0).repeat(4, 1), ((34, 34), (44, 64)), constant_values=255)
    return np.minimum(paper, digit)


def pictures(images: np.ndarray) -> list[np.ndarray]:
    """As they are, enlarged, reduced, on photographs in uneven light, on ruled paper, in colours, cut out, notes."""
    rng = np.random.default_rng(8)
    found: list[np.ndarray] = [np.zeros((3, 2), np.uint8), np.full((40, 40), 200, np.uint8), *images[:20]]
    for image in images[20:60]:
        width, height = (int(n) for n in rng.integers(4, 240, 2))
        found.append(np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.BICUBIC)))
    for number, image in enumerate(images[60:75]):
        height, width = (int(n) for n in rng.integers(60, 260, 2))
        ink = np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.BICUBIC)) / 255
        y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
        paper = 190 + rng.uniform(-50, 50) * y + rng.uniform(-50, 50) * x + rng.uniform(-20, 20) * x * y
        level = paper * (1 - 0.8 * ink) + rng.normal(0, 3, (height, width))
        if number % 3 == 0:
            level[:: height // 5] -= 40  # ruled
        colour = (level[..., None] + rng.uniform(-10, 10, 3)).clip(0, 255).astype(np.uint8)
        found.append(255 - colour if number % 2 else np.ascontiguousarray(colour[..., 0]) if number % 5 else colour)
    for number, image in enumerate(images[85:95]):
        found.append(on_lines(image, number))
        lit = on_lines(image, number) * np.linspace(1, 0.4 + 0.05 * number, 220)  # the light fades
        found.append(255 - lit.astype(np.uint8) if number % 2 else lit.astype(np.uint8))
    for number in range(10):  # thick pens in tight pictures
        _, strokes = synthetic.digit_strokes(6, number)
        found.append(render([stroke * 0.8 + 0.5 for stroke in strokes], 0.2 * (40 + 9 * number), 40 + 9 * number))
    for number, image in enumerate(images[75:85]):
        cut_out = np.zeros((28, 28, 4), np.uint8)
        cut_out[..., :3] = rng.integers(0, 256, 3)
        cut_out[..., 3] = np.maximum(image, 160) if number % 2 else image
        cut_out[..., 0] ^= image
        found.append(cut_out)
    for number, image in enumerate(images[85:100]):
        note = np.zeros((44, 40, 4), np.uint8)  # a note on nothing, its pen brighter or darker, of even paper or not
        note[5:39, 3:37, :3] = rng.integers(180, 256, 3)
        note[8:36, 6:34, :3] = np.where(image[..., None] > 90, rng.integers(0, 60, 3), note[8:36, 6:34, :3])
        note[5:39, 3:37, :3] += rng.integers(0, 1 + number % 4, (34, 34, 3), np.uint8) % np.uint8(3)
        note[5:39, 3:37, 3] = rng.integers(200, 256, (34, 34)) if number % 2 else 150
        note[..., :3] = 255 - note[..., :3] if number % 3 == 0 else note[..., :3]
        found.append(note)
    return found


def test_pictures_are_prepared_to_the_same_bytes(tab: Page, images: np.ndarray) -> None:
    given = pictures(images)
    assert len({picture.ndim for picture in given}) == 2
    for picture, found in zip(given, html_engine.prepared_pictures(tab, given), strict=True):
        expected = prepare(picture)
        assert (found is None) == (expected is None)
        if found is not None and expected is not None:
            np.testing.assert_array_equal(found, expected.image)


@pytest.mark.parametrize("transparent", [False, True])
def test_large_pictures_are_reduced_as_pillow_does(tab: Page, transparent: bool) -> None:
    rng = np.random.default_rng(9)
    picture = Image.fromarray(rng.integers(0, 256, (61, 47, 4)).astype(np.uint8))
    for factor in (1, 2, 3, 4, 5, 7):
        expected = np.asarray(
            picture.reduce(factor) if transparent else picture.convert("RGB").convert("L").reduce(factor)
        )
        found = tab.evaluate(
            """([given, factor, transparent]) => {
                const read = transparent ? picture(given) : engine.toLevels(picture(given));
                const {data, ...rest} = engine.reduce(read, factor);
                return {...rest, data: text(data)};
            }""",
            [html_engine.to_picture(np.asarray(picture)), factor, transparent],
        )
        assert (found["height"], found["width"]) == expected.shape[:2]
        np.testing.assert_array_equal(html_engine.from_bytes(found["data"]).reshape(expected.shape), expected)


def test_a_file_in_colours_is_read_as_in_python(tab: Page, images: np.ndarray) -> None:
    """In grey, where that tells ink from paper, and else in the colour that does; a large one is reduced."""
    share = np.kron(images[0], np.ones((56, 54)))[..., None] / 255
    for ink in ((200, 0, 0), (20, 30, 190), (0, 110, 60)):
        colours = Image.fromarray(np.round(share * ink + (1 - share) * (0, 102, 0)).astype(np.uint8))
        colours.save(file := io.BytesIO(), "PNG")
        expected = read_picture(file.getvalue())
        found = tab.evaluate(
            """async ([given, constants]) => {
                const {data, ...rest} = await engine.readPicture(new Blob([bytes(given)]), constants);
                return {...rest, data: text(data)};
            }""",
            [html_engine.to_bytes(file.getvalue()), constants()],
        )
        np.testing.assert_array_equal(html_engine.from_bytes(found["data"]).reshape(expected.shape), expected)


@pytest.mark.parametrize(("name", "width"), [*((name, 1.0) for name in get_args(ModelName)), ("deep", 0.24)])
def test_networks_answer_as_in_pytorch(tab: Page, images: np.ndarray, name: ModelName, width: float) -> None:
    told = program.of_run(name, varied(name, width), None)
    packed = packing.pack(told, 16)
    few, weights = images[: 10 if name == "deep" else 50], packing.unpack(packed)
    found = html_engine.log_probabilities(tab, told, packed, few)
    expected = simulation.log_probabilities(told.described, weights, few)
    assert np.ptp(expected, 0).min() > 0.1, "the digits get different answers"
    np.testing.assert_allclose(found, expected, atol=2e-5)
    assert (found.argmax(1) == expected.argmax(1)).all()


def test_a_temperature(tab: Page, images: np.ndarray) -> None:
    from mnist_core.evaluation.calibration import scale

    told = program.of_run("mlp", varied("mlp"), 1.7)
    packed = packing.pack(told, 32)
    found = tab.evaluate(
        """([{program, packed, weights}, image]) => {
            return engine.makeNetwork(program, engine.unpackWeights(bytes(weights), packed)).answer(bytes(image));
        }""",
        [html_engine.to_network(told, packed), html_engine.to_bytes(images[0])],
    )
    log_probabilities = simulation.log_probabilities(told.described, told.weights, images[:1])
    np.testing.assert_allclose(found, np.exp(scale(log_probabilities, 1.7))[0], atol=1e-5)


def test_weights_are_unpacked_to_the_bit(tab: Page) -> None:
    rng = np.random.default_rng(10)
    weights = (rng.normal(size=500) * 10.0 ** rng.uniform(-9, 4, 500)).astype(np.float32)
    for bits in (8, 16, 24, 32):
        packed = packing.pack(Program({}, weights, 333), bits)
        found = tab.evaluate(
            "([{packed, weights}]) => text(new Uint8Array(engine.unpackWeights(bytes(weights), packed).buffer))",
            [html_engine.to_network(Program({}, weights, 333), packed)],
        )
        np.testing.assert_array_equal(html_engine.from_bytes(found, np.float32), packing.unpack(packed))


def warned(seven: np.ndarray) -> list[np.ndarray]:
    """A digit, nothing, a blot, over the edge, two side by side, a grid, a cropped digit."""
    y, x = np.mgrid[:60, :60]
    blot = (((y - 30) ** 2 + (x - 30) ** 2) < 40).astype(np.uint8) * 255
    apart = np.pad(np.concatenate([seven, np.zeros_like(seven), seven], 1), 20)
    grid = np.pad((((y % 12) < 3) | ((x % 12) < 3)).astype(np.uint8) * 255, 10)
    cropped = seven[seven.any(1)][:, seven.any(0)]
    over = np.pad(seven[6:], ((0, 10), (10, 10)))
    return [np.pad(seven, 10), np.zeros((40, 40), np.uint8), blot, over, apart, grid, cropped]


def test_warnings_are_the_draw_pages(tab: Page, images: np.ndarray) -> None:
    given = warned(images[0])
    expected, unlike = [], []
    for picture in given:
        prepared = prepare(picture)
        expected.append(rejection.warning(prepared, np.full(10, 0.1)))
        unlike.append(0.0 if prepared is None else rejection.unlike_a_digit(prepared.image))
    found = tab.evaluate(
        """([pictures, unlike, constants]) => pictures.map((one, i) => {
            const prepared = engine.prepare(picture(one), null, constants);
            return engine.warning(prepared, Array(10).fill(0.1), unlike[i], constants);
        })""",
        [[html_engine.to_picture(picture) for picture in given], unlike, constants()],
    )
    assert len(set(expected)) >= 5, expected
    # The page reads no numbers, and does not point to where they are read.
    assert found == [None if one is None else one.replace(rejection.OR_AS_A_NUMBER, "") for one in expected]
