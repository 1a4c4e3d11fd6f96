"""The Mistakes page through AppTest, and what it should show."""

import json
import re

import numpy as np
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

from mnist_core.data import mnist
from mnist_core.runs.run import Run
from mnist_core.system.files import REPOSITORY


class Oracle:
    """Labels, predictions, probabilities and losses, from the .npy beside the weights."""

    def __init__(self, run: Run) -> None:
        log_probabilities = np.load(run.path / "epochs" / "0001.test.npy")
        self.true = mnist.load_arrays("test").labels.astype(int)
        self.read = log_probabilities.argmax(1)
        self.probability = np.exp(log_probabilities.max(1))
        self.probabilities = np.exp(log_probabilities)
        self.margin = np.array([row[-1] - row[-2] for row in np.sort(self.probabilities)])
        self.loss = -log_probabilities[np.arange(10_000), self.true]
        self.wrong = [int(i) for i in np.flatnonzero(self.true != self.read)]

    def counts(self) -> np.ndarray:
        counts = np.zeros((10, 10), int)
        for i in self.wrong:
            counts[self.true[i], self.read[i]] += 1
        return counts

    def most_confused(self) -> tuple[int, int, int]:
        """The true digit, what it is read as, and how often."""
        counts = self.counts()
        true, read = np.unravel_index(counts.argmax(), counts.shape)
        return int(true), int(read), int(counts.max())


def open_mistakes(**query: str) -> AppTest:
    app = AppTest.from_file(str(REPOSITORY / "streamlit_app.py"), default_timeout=60).run()
    app.switch_page("pages/2_Mistakes.py")
    for key, value in query.items():
        app.query_params[key] = value
    return checked(app.run())


def checked(app: AppTest) -> AppTest:
    assert not app.exception and not app.error
    return app


def gallery_html(app: AppTest) -> str:
    shown = [json.loads(element.proto.json)["html"] for element in app.get("bidi_component")]
    return " ".join(html for html in shown if 'class="cards"' in html)


def gallery(app: AppTest) -> list[tuple[int, int, int]]:
    """Index, true and predicted digit of the digits shown, from their alt texts."""
    html = gallery_html(app)
    found = re.findall(r'alt="Test digit (\d+): (\d) read as (\d), probability [^"]+"', html)
    assert len(found) == html.count("<img"), "every picture has its alt text"
    return [(int(index), int(true), int(read)) for index, true, read in found]


def indices(app: AppTest) -> list[int]:
    return [index for index, _, _ in gallery(app)]


def named(app: AppTest, label: str) -> Button:
    return next(button for button in app.button if button.label == label)


def stated(app: AppTest) -> str:
    return next(m.value for m in app.markdown if re.search(r"\*\* of [\d,]+ mistakes?$", m.value))


def all_pages(app: AppTest) -> list[int]:
    found = indices(app)
    for page in range(2, (app.pagination[0].num_pages if app.pagination else 1) + 1):
        found += indices(checked(app.pagination[0].select(page).run()))
    return found
