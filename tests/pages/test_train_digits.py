"""What training sees, on the Train page, through AppTest: whose settings, and whether they change the digits."""

import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.runs.run import Run
from mnist_core.runs.store import write_record
from tests.support.pages import checked, open_page

SEEN = "What training sees"


def words(app: AppTest) -> str:
    return "\n".join(element.value for element in [*app.markdown, *app.caption, *app.info])


def opened() -> AppTest:
    app = open_page("pages/1_Train.py")
    return checked(next(s for s in app.segmented_control if s.label == "Look at").set_value(SEEN).run())


def pictures(app: AppTest) -> list[str]:
    return [e.proto.body for e in app.get("html") if "Training digit" in e.proto.body or "of the batch" in e.proto.body]


def test_without_augmentation_it_says_so(trained: Run) -> None:
    app = opened()
    assert "no augmentation: the digits are shown as they are" in words(app)
    assert "Batch 1 of 938 in epoch 1" in words(app)
    first = pictures(app)
    app = checked(next(b for b in app.button if "next batch" in b.label).click().run())
    assert "Batch 2 of 938 in epoch 1" in words(app)
    assert pictures(app)[0] != first[0]
    assert pictures(app)[1] == first[1]


def test_with_augmentation_a_digit_is_drawn_anew_for_each_epoch(trained: Run) -> None:
    record = trained.record()
    config = record.config.replace(augmentation="affine", augmentation_strength=2, digits_per_class=20)
    write_record(trained, record.model_copy(update={"config": config}))
    app = opened()
    assert "(augmentation affine, strength 2)" in words(app)
    assert "Training digit 0, a 5: as it is, and as it is shown in each of the first 25 epochs" in words(app)
    assert "This run trained for 1 epoch." in words(app)
    app = checked(app.segmented_control("seen_of").set_value("The settings in the form").run())
    assert "no augmentation" in words(app)


@pytest.mark.usefixtures("home")
def test_the_form_is_enough() -> None:
    assert "Batch 1 of 938 in epoch 1" in words(opened())
