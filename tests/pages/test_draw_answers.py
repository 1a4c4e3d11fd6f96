"""One picture, one answer: `predict`, the Draw page and the Train page say the same of it, temperature and all."""

import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import streamlit as st
from PIL import Image

from mnist_core.data import mnist
from mnist_core.drawing.prepare import prepare
from mnist_core.evaluation import calibration, prediction
from mnist_core.evaluation.answers import answers_of
from mnist_core.models.inference import load_network, probabilities
from mnist_core.runs import store
from mnist_core.runs.run import last_epoch
from tests.support.command_line import Output, json_of
from tests.support.pages import open_page
from tests.support.pictures import a_seven
from ui.common import digit_images
from ui.common.text import percent
from ui.draw import answer
from ui.draw.answer import Answered
from ui.train import epoch_by_epoch


@pytest.fixture
def pictures(home: Path) -> list[np.ndarray]:
    """Four test digits of which the shipped run is least sure, as a person would send them, and a drawn 7."""
    unsure = np.argsort(answers_of(store.find("shipped")).confidence)[:4]
    return [*(np.pad(255 - mnist.load_arrays("test").images[i], 30, constant_values=255) for i in unsure), a_seven()]


def test_the_command_line_and_the_draw_page_answer_alike(
    home: Path, pictures: list[np.ndarray], capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = store.find("shipped")
    fitted = calibration.fitted(run, last_epoch(run))
    assert fitted is not None and not 0.9 < fitted.temperature < 1.1, "with a temperature of 1 this shows nothing"
    paths = [home / f"{number}.png" for number in range(len(pictures))]
    for path, picture in zip(paths, pictures, strict=True):
        Image.fromarray(picture).save(path)
    said = json_of(capsys, "predict", *map(str, paths), "--run", "shipped", "--json")
    numbers = json_of(capsys, "predict", str(paths[-1]), "--number", "--run", "shipped", "--json")

    shown: list[Answered] = []
    show = answer.show

    def noted(answered: Answered) -> None:
        shown.append(answered)
        show(answered)

    monkeypatch.setattr(answer, "show", noted)
    canvas = SimpleNamespace(st_canvas=lambda **_: SimpleNamespace(json_data=None))
    monkeypatch.setitem(sys.modules, "streamlit_drawable_canvas", canvas)
    for path, picture, by_command in zip(paths, pictures, said, strict=True):
        app = open_page("pages/3_Draw.py")
        app.file_uploader(key="digit_file").set_value((path.name, path.read_bytes(), "image/png")).run()
        assert not app.exception
        on_page = shown[-1]
        assert on_page.run == run
        assert on_page.probabilities.dtype == np.float32
        assert on_page.probabilities.tolist() == by_command["probabilities"]
        assert on_page.warning == by_command["warning"]
        prepared = prepare(picture)
        assert prepared is not None
        plain = probabilities(load_network(run), prepared.image[None])[0].astype(float)
        oracle = plain ** (1 / fitted.temperature)
        np.testing.assert_allclose(on_page.probabilities, oracle / oracle.sum(), atol=1e-5)
    assert len(shown) >= len(pictures)
    assert numbers[0]["digits"][0]["probabilities"] == said[-1]["probabilities"]


def test_the_train_page_says_of_the_last_drawing_what_the_draw_page_said(
    home: Path, pictures: list[np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = store.find("shipped")
    epoch = last_epoch(run)
    captions: list[str] = []
    monkeypatch.setattr(digit_images, "row", lambda _, texts, *__, **___: captions.extend(texts))
    for picture in pictures:
        prepared = prepare(picture)
        assert prepared is not None
        monkeypatch.setattr(st, "session_state", {epoch_by_epoch.LAST_DRAWING: prepared.image})
        epoch_by_epoch.last_drawing(run, epoch)
        said = prediction.predict(run, None, prepared.image[None])[0]
        digit = int(said.argmax())
        assert captions.pop().splitlines()[0] == f"{digit}: {percent(said[digit])}"
        np.testing.assert_array_equal(answer.ask(run, prepared.image[None])[0], said)
