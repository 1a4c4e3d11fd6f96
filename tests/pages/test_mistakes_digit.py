"""The Mistakes page: one digit's card, doubted labels, per-digit accuracy."""

import re

import pytest

from mnist_core.data import mnist
from mnist_core.data.label_errors import VOTES
from mnist_core.interpretation.embeddings import features, features_of, nearest
from mnist_core.models.inference import load_network
from mnist_core.runs.run import Run
from tests.support.mistakes_page import Oracle, all_pages, gallery_html, open_mistakes
from tests.support.pages import checked


def test_labels_that_people_doubt_are_a_choice_of_their_own(oracle: Oracle) -> None:
    doubted = sorted(set(oracle.wrong) & set(VOTES))
    app = checked(open_mistakes().selectbox("label").select("Doubted by people").run())
    assert sorted(all_pages(app)) == doubted
    app = checked(app.selectbox("label").select("Not doubted").run())
    assert not set(all_pages(app)) & set(VOTES)


def test_digit_by_digit_counts(oracle: Oracle) -> None:
    app = open_mistakes(section="Digit by digit")
    html = next(element.proto.body for element in app.get("html") if 'class="scores"' in element.proto.body)
    rows = re.findall(r'<th scope="row">(\d)</th>(.*?)</tr>', html)
    assert len(rows) == 10
    for digit, row in rows:
        right = int(((oracle.true == int(digit)) & (oracle.read == int(digit))).sum())
        labelled, read = (oracle.true == int(digit)).sum(), (oracle.read == int(digit)).sum()
        assert re.findall(r"([\d,]+ of [\d,]+)", row) == [f"{right:,} of {labelled:,}", f"{right:,} of {read:,}"]
    assert not app.pagination and not app.get("download_button"), "only the chosen section is computed"


def test_two_accuracies_and_the_way_to_the_gallery(oracle: Oracle) -> None:
    app = open_mistakes(section="Labels")
    right = 10_000 - len(oracle.wrong)
    right_of_doubted = len(set(VOTES) - set(oracle.wrong))
    texts = " ".join(m.value for m in app.markdown)
    assert f"({right:,} of 10,000 test digits" in texts
    assert f"({right - right_of_doubted:,} of 9,985 test digits" in texts
    html = gallery_html(app)
    assert set(map(int, re.findall(r'data-value="(\d+)"', html))) >= set(VOTES)
    app = checked(next(button for button in app.button if button.key == "show Doubted by people").click().run())
    assert sorted(all_pages(app)) == sorted(set(oracle.wrong) & set(VOTES))


def test_a_digit_in_the_address_opens_its_card(oracle: Oracle, trained: Run) -> None:
    asked = features_of(load_network(trained, 1), mnist.load_arrays("test").images[947:948])
    expected = nearest(features(trained, 1, "train"), asked, 12).indices[0]
    app = open_mistakes(digit="947", run=trained.id)
    card = " ".join(element.proto.body for element in app.get("html"))
    assert f'alt="Test digit 947: labelled 8, read as {oracle.read[947]}"' in card
    shown = re.findall(r'<th scope="row">[a-z ]*(\d)</th>.*?<td>([^<]+)</td></tr>', card)
    assert [digit for digit, _ in shown] == [str(digit) for digit in range(10)]
    for digit, share in shown:
        if not share.startswith("&"):
            assert float(share.split()[0]) == pytest.approx(100 * oracle.probabilities[947, int(digit)], abs=0.051)
    assert "Of five people, nobody chose 8 (its label), five chose 9." in " ".join(info.value for info in app.info)
    neighbours = re.findall(r'alt="Training digit (\d+), labelled (\d)"', card)
    assert [int(index) for index, _ in neighbours] == list(expected)
    assert app.code[0].value.endswith(f"?run={trained.id}&digit=947")


@pytest.mark.usefixtures("oracle")
def test_a_digit_that_is_none_is_named() -> None:
    app = open_mistakes(digit="12345")
    assert "There is no test digit 12345: they are numbered from 0 to 9,999." in [c.value for c in app.caption]
