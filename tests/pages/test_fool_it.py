"""The section Fool it through AppTest: the smallest change, the slider, and the accuracy of several runs."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.data import mnist
from mnist_core.interpretation.fooling import adversarial
from mnist_core.interpretation.fooling.adversarial import SIZES
from mnist_core.interpretation.fooling.attacks import scaled, smallest
from mnist_core.models.inference import load_network
from mnist_core.runs.run import Run
from mnist_core.system.plain_text import with_article
from tests.support.pages import checked, open_page

DIGIT = 2  # a 1


def words(app: AppTest) -> str:
    return "\n".join(element.value for element in [*app.markdown, *app.caption, *app.info])


def found(app: AppTest) -> AppTest:
    """The page once its search is over; in a browser the fragment runs by itself."""
    for _ in range(20):
        if any(slider.label.startswith("Size of the change") for slider in app.slider):
            return app
        checked(app.run())
    raise AssertionError("the search does not end")


@pytest.fixture
def app(trained: Run) -> AppTest:
    return open_page("pages/6_Look_inside.py", view="Fool it", run=trained.id, digit=str(DIGIT))


def test_the_change_that_is_shown_is_the_smallest_and_the_slider_scales_it(trained: Run, app: AppTest) -> None:
    network, image = load_network(trained, 1), mnist.load_arrays("test").images[DIGIT]
    change = smallest(network, image, "pgd")
    assert change is not None
    app = found(app)
    assert (
        f"**{change.size} grey levels of 255** a pixel are enough: it is then read as **{with_article(change.digit)}**"
        in words(app)
    )
    slider = next(s for s in app.slider if s.label.startswith("Size of the change"))
    assert (slider.min, slider.max, slider.value) == (0, min(255, 2 * change.size), change.size)
    assert f"now a {change.digit}" in words(app)
    app = checked(slider.set_value(change.size - 1).run())
    assert f"The answer at {change.size - 1} grey levels: read as before" in words(app)
    differ = int((scaled(image, change, change.size - 1) != image).sum())
    assert f"Pixels that differ: {differ} of 784" in words(app)
    app = checked(app.segmented_control("fool_method").set_value("fgsm").run())
    one = smallest(network, image, "fgsm")
    assert one is None or f"**{one.size} grey levels of 255**" in words(app)


def test_try_this_aims_at_the_least_likely_digit(trained: Run, app: AppTest) -> None:
    network, image = load_network(trained, 1), mnist.load_arrays("test").images[DIGIT]
    from mnist_core.models.inference import probabilities

    least = int(probabilities(network, image[None])[0].argmin())
    button = next(b for b in app.button if "least likely" in b.label)
    app = checked(button.click().run())
    assert app.selectbox("fool_towards").value == str(least)
    change = smallest(network, image, "pgd", least)
    said = words(found(app)) if change is not None else ""
    assert change is None or f"read as **{with_article(least)}**" in said


def test_two_networks_are_compared_on_the_numbers_at_hand(trained: Run) -> None:
    app = open_page("pages/6_Look_inside.py", view="Fool it", run=trained.id)
    assert "Try to fool it" in [b.label for b in app.button]
    kept = np.repeat([0, *SIZES, 256], [30, 70, *[100] * 7, 200]).tolist()
    adversarial.ANALYSIS.study(trained, 1).load_or_compute(lambda report: {"fgsm": kept, "pgd": kept})
    app = checked(app.run())
    assert "Try to fool it" not in [b.label for b in app.button]
    assert "Put another run beside it" in words(app)
    app = checked(next(b for b in app.button if "another network" in b.label).click().run())
    assert app.multiselect("fooled_beside").value == ["shipped"]
    assert "Try to fool it" in [b.label for b in app.button]
