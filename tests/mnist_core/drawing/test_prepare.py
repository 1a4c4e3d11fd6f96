"""Drawing: MNIST's own digits come back, the same digit is the same image, and any file ends in a sentence."""

import io
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image, ImageCms, ImageDraw

from mnist_core.data import mnist
from mnist_core.drawing import strokes, synthetic
from mnist_core.drawing.ink import find_ink
from mnist_core.drawing.picture_file import READ_SIDE, _decode, read_picture
from mnist_core.drawing.prepare import prepare, scale_to_box
from mnist_core.drawing.segmentation import split
from mnist_core.drawing.steps import ladder, plain_shrink
from mnist_core.errors import RequestError
from mnist_core.models.inference import load_network, probabilities
from mnist_core.runs.run import Run

PROPERTY = settings(derandomize=True, deadline=None, max_examples=60)
N = 500


@pytest.fixture
def digits(home: Path) -> np.ndarray:
    """Test digits, uint8 (500, 28, 28)."""
    return mnist.load_arrays("test").images[:N]


def prepared(picture: np.ndarray) -> np.ndarray:
    digit = prepare(picture)
    assert digit is not None
    return digit.image


def a_seven(size: int = 200, width: int = 18) -> np.ndarray:
    """A drawn 7, bright on black, uint8 (size, size): no side of it is like another."""
    picture = Image.new("L", (size, size))
    ImageDraw.Draw(picture).line([(50, 40), (130, 45), (80, 160)], fill=255, width=width, joint="curve")
    return np.asarray(picture)


def moved(digit: np.ndarray, top: int, left: int) -> np.ndarray:
    return np.pad(digit, ((top, 90 - top), (left, 90 - left)))


def test_mnist_digits_stay_what_they_are(digits: np.ndarray) -> None:
    again = np.stack([prepared(digit) for digit in digits])
    assert np.abs(again.astype(int) - digits).mean() < 0.5  # of 255


def test_mnist_digits_come_back_from_large_moved_dark_on_light_pictures(digits: np.ndarray, trained: Run) -> None:
    rng = np.random.default_rng(0)
    pictures = [255 - moved(digit.repeat(10, 0).repeat(10, 1), *rng.integers(0, 90, 2)) for digit in digits]
    again = np.stack([prepared(picture) for picture in pictures])
    assert np.abs(again.astype(int) - digits).mean() < 0.5
    network = load_network(trained)
    same = probabilities(network, again).argmax(1) == probabilities(network, digits).argmax(1)
    assert same.mean() > 0.995


@pytest.mark.parametrize("how", ["smoothly enlarged", "as two levels, as NIST scanned them", "JPEG"])
def test_a_network_answers_altered_mnist_digits_as_well_as_the_originals(
    how: str, digits: np.ndarray, trained: Run
) -> None:
    def alter(digit: np.ndarray) -> np.ndarray:
        large = Image.fromarray(digit).resize((280, 280), Image.Resampling.BICUBIC)
        if how.startswith("as two levels"):
            large = large.point(lambda level: 255 * (level > 127))
        if how == "JPEG":
            large.save(file := io.BytesIO(), "JPEG", quality=60)
            large = Image.open(file)
        return moved(np.asarray(large), 70, 5)

    labels = mnist.load_arrays("test").labels[:N]
    again = np.stack([prepared(alter(digit)) for digit in digits])
    network = load_network(trained)
    before = (probabilities(network, digits).argmax(1) == labels).mean()
    after = (probabilities(network, again).argmax(1) == labels).mean()
    assert after > before - 0.01


def test_a_digit_has_mnist_s_size_place_and_brightness() -> None:
    image = prepared(a_seven())
    rows, columns = np.flatnonzero(image.any(1)), np.flatnonzero(image.any(0))
    assert (image.shape, str(image.dtype), image.max()) == ((28, 28), "uint8", 255)
    assert max(np.ptp(rows), np.ptp(columns)) + 1 == 20
    middles = np.arange(28) + 0.5
    assert 14 <= (image.sum(1) @ middles) / image.sum() < 15  # as in MNIST, see _centre
    assert 14 <= (image.sum(0) @ middles) / image.sum() < 15


def test_aspect_is_kept() -> None:
    bar = np.zeros((400, 300), np.uint8)
    bar[50:350, 100:160] = 255  # 300 by 60
    image = prepared(bar)
    assert (image.any(1).sum(), image.any(0).sum()) == (20, 4)


def test_scaling_takes_the_mean_of_the_area() -> None:
    # 40 wide to 20: each pixel is the mean of 2 by 2, so stripes one pixel wide become an even grey beside the full.
    stripes = np.zeros((80, 80), np.uint8)
    stripes[20:60, 20:60:2] = 255
    stripes[20:60, 56:60] = 255
    image = prepared(stripes)
    columns = np.flatnonzero(image.any(0))
    assert len(columns) == 20
    assert np.unique(image[:, columns[:18]]).tolist() == [0, 128]
    assert np.unique(image[:, columns[18:]]).tolist() == [0, 255]


def test_area_is_shared_exactly_by_a_fractional_scale() -> None:
    # 30 to 20: a step at pixel 10 lies in the seventh pixel, two thirds of it before the step.
    ink = np.zeros((30, 30), np.float32)
    ink[:10] = 1
    small = scale_to_box(ink)
    np.testing.assert_allclose(small[:8, 0], [1, 1, 1, 1, 1, 1, 2 / 3, 0], atol=1e-6)


def test_a_lopsided_digit_is_not_cut_off() -> None:
    picture = np.zeros((200, 200), np.uint8)
    picture[20:50, 20:180] = 255  # heavy at the top,
    picture[50:180, 20:23] = 255  # and a thin foot
    assert prepared(picture).any(1).sum() == 20


@PROPERTY
@given(top=st.integers(0, 90), left=st.integers(0, 90))
def test_a_moved_digit_is_the_same(top: int, left: int) -> None:
    np.testing.assert_array_equal(prepared(moved(a_seven(), top, left)), prepared(a_seven()))


@PROPERTY
@given(picture=st.integers(1, 40).flatmap(lambda n: arrays(np.uint8, (n, 30))))
def test_a_negative_is_the_same(picture: np.ndarray) -> None:
    positive, negative = prepare(picture), prepare(255 - picture)
    assert (positive is None) == (negative is None)
    if positive is not None and negative is not None:
        np.testing.assert_array_equal(positive.image, negative.image)


@PROPERTY
@given(colour=st.tuples(*[st.integers(0, 255)] * 3), paper=st.tuples(*[st.integers(0, 255)] * 3))
def test_a_negative_in_colour_is_the_same(colour: tuple[int, int, int], paper: tuple[int, int, int]) -> None:
    picture = np.where(a_seven()[..., None] > 0, np.array(colour, np.uint8), np.array(paper, np.uint8))
    positive, negative = prepare(picture), prepare(255 - picture)
    assert (positive is None) == (negative is None)
    if positive is not None and negative is not None:
        np.testing.assert_array_equal(positive.image, negative.image)


def test_paint_on_nothing_is_ink_bright_or_dark() -> None:
    seven = a_seven()
    for paint in (0, 255):
        picture = np.full((*seven.shape, 4), paint, np.uint8)
        picture[..., 3] = seven
        np.testing.assert_array_equal(prepared(picture), prepared(seven))


def test_transparent_corners_around_painted_paper_are_paper() -> None:
    seven = 255 - a_seven()
    picture = np.dstack([seven, seven, seven, np.full_like(seven, 255)])
    picture[:12, :12] = picture[-12:, -12:] = 0  # an app's rounded corners
    np.testing.assert_array_equal(prepared(picture), prepared(a_seven()))


def test_uneven_light_is_not_ink() -> None:
    paper = 200 + np.outer(np.hanning(200), np.hanning(200)) * 40  # brighter in the middle
    picture = np.where(a_seven() > 0, 40, paper).astype(np.uint8)
    digit = prepare(picture)
    plain = prepare(a_seven())
    assert digit is not None
    assert plain is not None
    assert digit.box == plain.box


def test_the_way_there_is_told() -> None:
    digit = prepare(moved(a_seven(), 10, 30))
    assert digit is not None
    rows, columns = np.nonzero(moved(a_seven(), 10, 30))
    assert digit.box == (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    assert (digit.ink.min(), digit.ink.max()) == (0, 1)


@pytest.mark.parametrize("shape", [(0, 0), (0, 5), (5, 0, 3), (0, 5, 4), (1, 1), (1, 1, 3), (1, 1, 4), (300, 200, 4)])
@pytest.mark.parametrize("level", [0, 100, 255])
def test_a_blank_picture_holds_no_digit(shape: tuple[int, ...], level: int) -> None:
    assert prepare(np.full(shape, level, np.uint8)) is None


def test_faint_noise_holds_no_digit() -> None:
    noise = np.random.default_rng(0).integers(240, 256, (200, 200), np.uint8)
    assert prepare(noise) is None


SHAPES = st.tuples(st.integers(0, 60), st.integers(0, 60)).flatmap(
    lambda size: st.sampled_from([size, (*size, 3), (*size, 4)])
)


@PROPERTY
@given(picture=SHAPES.flatmap(lambda shape: arrays(np.uint8, shape)))
def test_any_array_is_prepared_or_blank(picture: np.ndarray) -> None:
    ink = find_ink(picture)
    assert ink.shape == picture.shape[:2]
    digit = prepare(picture)
    if digit is None:
        assert not ink.any()
    else:
        assert (digit.image.shape, str(digit.image.dtype), digit.image.max()) == ((28, 28), "uint8", 255)


@pytest.mark.parametrize("shape", [(1, 5000), (5000, 1), (3000, 7), (2, 2), (5, 5), (21, 20)])
def test_any_proportion_fits(shape: tuple[int, int]) -> None:
    picture = np.pad(np.full(shape, 255, np.uint8), 3)
    assert max(prepared(picture).any(1).sum(), prepared(picture).any(0).sum()) == 20


FILES: dict[str, bytes] = {}
for _format in ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF"):
    Image.fromarray(a_seven()).convert("RGB").save(_file := io.BytesIO(), _format)
    FILES[_format] = _file.getvalue()


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_each_kind_is_read(name: str) -> None:
    np.testing.assert_allclose(prepared(read_picture(FILES[name])).astype(int), prepared(a_seven()), atol=40)


def picture_or_sentence(content: bytes) -> None:
    sentence = None
    try:
        prepare(read_picture(content, "seven"))
    except RequestError as error:
        sentence = str(error)
    assert sentence is None or re.fullmatch(r"seven .*\.", sentence)


@settings(PROPERTY, max_examples=150)
@given(name=st.sampled_from(sorted(FILES)), data=st.data())
def test_a_damaged_file_is_a_picture_or_a_sentence(name: str, data: st.DataObject) -> None:
    content = bytearray(FILES[name])
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    del content[data.draw(st.integers(0, len(content))) or len(content) :]
    picture_or_sentence(bytes(content))


@PROPERTY
@given(content=st.binary(max_size=200))
def test_any_bytes_are_a_picture_or_a_sentence(content: bytes) -> None:
    picture_or_sentence(content)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "PA", "CMYK", "I;16", "I", "F"])
def test_every_mode_gives_the_same_image(mode: str, tmp_path: Path) -> None:
    seven = a_seven()
    picture = Image.fromarray(seven)
    if mode == "I;16":
        picture = Image.fromarray(seven.astype(np.uint16) * 257)
    elif mode == "I":
        picture = Image.fromarray(seven.astype(np.int32) * 257)
    elif mode == "F":
        picture = Image.fromarray(seven.astype(np.float32) / 255)
    elif mode in ("PA", "CMYK"):
        picture = picture.convert("RGB").convert("P" if mode == "PA" else mode)
        picture = picture.convert(mode)
    else:
        picture = picture.convert(mode)
    assert picture.mode == mode
    if mode == "PA":  # no file holds it as such
        assert prepare(_decode(picture)) is not None
        return
    path = tmp_path / f"seven.{'tiff' if mode in ('CMYK', 'I', 'F') else 'png'}"
    picture.save(path)
    np.testing.assert_array_equal(prepared(read_picture(path)), prepared(seven))


def test_grey_levels_of_sixteen_bits_are_not_cut_off(tmp_path: Path) -> None:
    # Pillow's own conversion makes everything above 255 of 65,535 white.
    Image.fromarray(np.array([[0, 300, 32768, 65535]], np.uint16)).save(tmp_path / "levels.png")
    assert read_picture(tmp_path / "levels.png").tolist() == [[0, 1, 128, 255]]


def test_values_that_are_no_numbers_are_black(tmp_path: Path) -> None:
    Image.fromarray(np.array([[np.nan, np.inf, -np.inf, 1]], np.float32)).save(tmp_path / "levels.tiff")
    assert read_picture(tmp_path / "levels.tiff").tolist() == [[0, 0, 0, 255]]


def test_lab_colours_end_in_a_sentence(tmp_path: Path) -> None:
    rgb = Image.fromarray(a_seven()).convert("RGB")
    to_lab = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB")
    lab = ImageCms.applyTransform(rgb, to_lab)
    assert lab is not None
    lab.save(tmp_path / "lab.tiff")
    with pytest.raises(RequestError, match=r"lab\.tiff"):
        read_picture(tmp_path / "lab.tiff")


def test_transparency_of_a_palette_is_seen(tmp_path: Path) -> None:
    picture = Image.fromarray((a_seven() > 0).astype(np.uint8)).convert("P")
    picture.putpalette([0, 0, 0, 0, 0, 0])  # black on a transparent black
    picture.save(tmp_path / "seven.png", transparency=0)
    np.testing.assert_array_equal(prepared(read_picture(tmp_path / "seven.png")), prepared(a_seven()))


def test_a_photograph_is_turned_as_the_camera_was(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: the picture is to be turned by 90 degrees clockwise
    Image.fromarray(np.rot90(a_seven())).save(tmp_path / "seven.png", exif=exif)
    np.testing.assert_array_equal(prepared(read_picture(tmp_path / "seven.png")), prepared(a_seven()))


def test_a_large_picture_is_reduced_and_still_the_same_digit(tmp_path: Path) -> None:
    Image.fromarray(a_seven().repeat(12, 0).repeat(12, 1)).save(tmp_path / "seven.png")
    picture = read_picture(tmp_path / "seven.png")
    assert max(picture.shape) <= READ_SIDE
    np.testing.assert_allclose(prepared(picture).astype(int), prepared(a_seven()), atol=2)


def test_a_text_file_is_no_picture(tmp_path: Path) -> None:
    (tmp_path / "notes.png").write_text("not a picture")
    with pytest.raises(RequestError, match=r"notes\.png is not a picture: .*\.$"):
        read_picture(tmp_path / "notes.png")


def test_a_truncated_picture_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "half.png").write_bytes(FILES["PNG"][: len(FILES["PNG"]) // 2])
    with pytest.raises(RequestError, match=r"half\.png is a damaged picture: .*\.$"):
        read_picture(tmp_path / "half.png")


def test_a_folder_is_named_as_one(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="is a folder"):
        read_picture(tmp_path)


@pytest.mark.parametrize("name", ["missing.png", "file/missing.png"])
def test_a_missing_file_is_named(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RequestError, match=f"{name} does not exist"):
        read_picture(tmp_path / name)


@pytest.mark.parametrize("side", [8_000, 12_000, 20_000])  # above the limit; where Pillow warns; where Pillow refuses
def test_a_huge_picture_is_refused_before_it_is_decoded(side: int, tmp_path: Path) -> None:
    (tmp_path / "huge.bmp").write_bytes(_bmp_header(side))
    with pytest.raises(RequestError, match=r"huge\.bmp has more than 50 million pixels"):
        read_picture(tmp_path / "huge.bmp")


def _bmp_header(side: int) -> bytes:
    """The 54 bytes that say: a grey picture of `side` by `side`; the pixels themselves are missing."""
    Image.new("RGB", (1, 1)).save(file := io.BytesIO(), "BMP")
    header = bytearray(file.getvalue()[:54])
    header[18:26] = 2 * side.to_bytes(4, "little")
    return bytes(header)


def side_by_side(*digits: np.ndarray, gap: int = 12) -> np.ndarray:
    cropped = [digit[:, digit.any(0)] for digit in digits]
    padded = [np.pad(digit, ((40, 40), (gap, gap))) for digit in cropped]
    return np.pad(np.concatenate(padded, 1), ((0, 0), (20, 20)))


@settings(PROPERTY, max_examples=25)
@given(count=st.integers(1, 5), gap=st.integers(6, 40), dark=st.booleans(), seed=st.integers(0, 1000))
def test_digits_side_by_side_are_each_what_they_are_alone(count: int, gap: int, dark: bool, seed: int) -> None:
    rng = np.random.default_rng(seed)
    alone = [strokes.render(handwriting_strokes(rng), float(rng.uniform(6, 14)), 100) for _ in range(count)]
    picture = side_by_side(*alone, gap=gap)
    found = split(255 - picture if dark else picture)
    assert len(found) == count
    assert [digit.box[0] for digit in found] == sorted(digit.box[0] for digit in found)
    for digit, one in zip(found, alone, strict=True):
        np.testing.assert_allclose(digit.image.astype(int), prepared(np.pad(one, 30)), atol=2)


def handwriting_strokes(rng: np.random.Generator) -> list[np.ndarray]:
    """A synthetic digit whose strokes touch each other, within the unit box."""
    while True:
        _, drawn = synthetic.digit_strokes(int(rng.integers(1 << 30)), int(rng.integers(100)))
        if len(drawn) == 1:
            return [stroke * 0.7 + 0.5 for stroke in drawn]


def test_a_detached_bar_belongs_to_its_five() -> None:
    body = np.array([(0.25, 0.2), (0.22, 0.45), (0.6, 0.45), (0.65, 0.75), (0.2, 0.8)])
    bar = np.array([(0.33, 0.1), (0.7, 0.08)])
    assert len(split(strokes.render([body, bar], 10, 200))) == 1


@PROPERTY
@given(picture=st.tuples(st.integers(0, 30), st.integers(0, 40)).flatmap(lambda n: arrays(np.uint8, (*n, 4))))
def test_any_rgba_array_is_split_climbed_and_shrunk(picture: np.ndarray) -> None:
    digits = split(picture)
    assert (len(digits) == 0) <= (prepare(picture) is None)
    assert len(ladder(picture)) == (2 if prepare(picture) is None else 5)
    assert plain_shrink(picture).shape == (28, 28)


def test_the_ladder_ends_with_what_the_network_sees() -> None:
    steps = ladder(255 - a_seven())
    assert [step.title for step in steps] == ["Picture", "Ink", "Crop", "Within 20 by 20", "28 by 28, centred"]
    assert max(steps[3].image.shape) == 20
    np.testing.assert_array_equal(steps[-1].image, prepared(a_seven()))
    np.testing.assert_array_equal(steps[0].image, 255 - a_seven())


def test_the_ladder_shows_the_even_pen_where_the_strokes_are_known() -> None:
    seven = strokes.fitted([np.array([(5, 4), (13, 4.5), (8, 16)])], 0.6)
    picture, evened = strokes.render(seven, 40, 308), strokes.evened(seven, 40 / 308)
    digit, steps = prepare(picture, evened), ladder(picture, evened)
    assert digit is not None
    assert [step.title for step in steps][:3] == ["Picture", "The same strokes, even pen", "Ink"]
    np.testing.assert_array_equal(steps[-1].image, digit.image)
    assert (digit.image > 128).sum() < 0.7 * (prepared(picture) > 128).sum()  # thinner than it was drawn


def photograph(tilt_x: float, tilt_y: float, vault: float, lines: float = 0) -> np.ndarray:
    """A dark 7 on paper of brightness 190, lit unevenly: uint8 (300, 300), with faint ruling where asked."""
    digit = np.asarray(Image.fromarray(a_seven()).resize((300, 300))) / 255
    y, x = np.mgrid[-1:1:300j, -1:1:300j]
    paper = 190 + tilt_x * x + tilt_y * y - vault * (x * x + y * y)
    paper[::30] -= lines
    return (paper * (1 - 0.75 * digit)).clip(0, 255).astype(np.uint8)


@settings(PROPERTY, max_examples=25)
@given(tilt_x=st.integers(-40, 40), tilt_y=st.integers(-40, 40), vault=st.integers(0, 25))
def test_uneven_light_changes_little_and_a_negative_nothing(tilt_x: int, tilt_y: int, vault: int) -> None:
    photo = photograph(tilt_x, tilt_y, vault)
    even = prepared(photograph(0, 0, 0))
    assert np.abs(prepared(photo).astype(int) - even).mean() < 20  # moved by a pixel it is 13; the light as ink 60
    np.testing.assert_array_equal(prepared(photo), prepared(255 - photo))


@pytest.mark.parametrize("lines", [10, 20, 30])
def test_faint_ruling_is_not_ink(lines: int) -> None:
    ruled = prepared(photograph(20, -10, 10, lines))
    assert np.abs(ruled.astype(int) - prepared(photograph(0, 0, 0))).mean() < 12


def test_a_digit_that_fills_its_picture_is_not_taken_for_ruling() -> None:
    seven = a_seven()
    rows, columns = np.flatnonzero(seven.any(1)), np.flatnonzero(seven.any(0))
    filling = seven[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    assert np.abs(prepared(np.pad(filling, 30)).astype(int) - prepared(filling)).mean() < 3
