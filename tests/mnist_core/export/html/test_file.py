"""The page as a file: without any address, checked, refused where something is there already."""

import base64
import hashlib
import html
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from mnist_core.errors import RequestError
from mnist_core.evaluation.answers import answers_of
from mnist_core.evaluation.calibration import ANALYSIS
from mnist_core.evaluation.statistics import accuracy_sentence
from mnist_core.export.about import shortcoming
from mnist_core.export.formats import find
from mnist_core.export.html import file, page
from mnist_core.export.html.packing import BITS
from mnist_core.runs.run import Notes, Run
from mnist_core.system.files import write_json
from tests.support.command_line import Output, refused, run_line

ODD = '</script><img src=x onerror="alert(1)"> {data} \\1 é'


@pytest.fixture(scope="module")
def run(trained_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """A run with an odd name and a temperature, in a home of its own."""
    home = tmp_path_factory.mktemp("odd")
    (home / "data").symlink_to((trained_run.parents[1] / "data").resolve())
    copy = Run(home / "runs" / trained_run.name)
    shutil.copytree(trained_run, copy.path)
    write_json(copy.path / "notes.json", Notes(name=ODD).model_dump())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MNIST_HOME", str(home))
        ANALYSIS.study(copy, 1).save([1.5, 1.4, 1.6, 2000, 0.2, 0.1])
        yield copy


@pytest.fixture(scope="module")
def written(run: Run, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page as a text."""
    target = tmp_path_factory.mktemp("page") / "new folder" / "digits.html"
    result = find("html").write(run, str(target))
    assert result.paths == (target,)
    assert result.check is not None
    assert (result.check.digits, result.check.different) == (10_000, 0)
    assert result.check.largest < 0.01
    text = target.read_text("utf-8")
    assert result.check.sentence in html.unescape(text)
    return text


def test_the_page(written: str, run: Run) -> None:
    # A mail carries it. How many bits give the same answers depends on the weights, and so on the processor.
    bits, rounded = (int(re.findall(rf'"{name}":\s*(\d+)', written)[0]) for name in ("bits", "rounded"))
    assert bits in BITS
    assert len(written.encode()) - rounded * (bits - BITS[0]) / 8 * 4 / 3 < 230_000
    assert not re.search(r"\w://|src=|@import|url\(|integrity=|import\(", written.replace(html.escape(ODD), ""))
    assert written.count("<script") == 4, "a run's name ends no script"
    assert html.escape(f"{ODD} ({run.id})") in written
    said = answers_of(run)
    for sentence in (accuracy_sentence(said.correct, 10_000), "temperature 1.50, fitted on 2,000 held-out digits"):
        assert sentence in written.replace("\u00a0", " ")


def test_its_policy_lets_nothing_else_run(written: str) -> None:
    policy = html.unescape(re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', written)[0])
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    for kind, pattern in (
        ("script-src", r'<script type="module">(.*?)</script>'),
        ("style-src", "<style>(.*?)</style>"),
    ):
        (source,) = re.findall(pattern, written, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
        assert rules.pop(kind) == f"'sha256-{digest}'"
    assert rules == {"default-src": "'none'", "base-uri": "'none'", "form-action": "'none'"}


def test_what_the_page_holds(written: str, run: Run) -> None:
    (data,) = re.findall(r'id="data">(.*?)</script>', written, re.DOTALL)
    network = json.loads(data)["network"]
    assert network["program"]["temperature"] == 1.5
    sizes = network["packed"]
    assert sizes["rounded"] + sizes["exact"] == 21_840
    (weights,) = re.findall(r'id="weights">(.*?)</script>', written, re.DOTALL)
    assert len(base64.b64decode(weights)) == sizes["rounded"] * sizes["bits"] // 8 + sizes["exact"] * 4


def test_a_run_that_failed_says_so(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    error = "The training diverged: the loss is nan after 12 steps. Choose a smaller learning rate."
    failed = run.status().model_copy(update={"state": "failed", "error": error})
    monkeypatch.setattr(Run, "status", lambda _: failed)
    monkeypatch.setattr(file, "answering_epoch", lambda _: 0)
    find("html").write(run, str(tmp_path / "digits.html"))
    (footer,) = re.findall("<footer>(.*?)</footer>", (tmp_path / "digits.html").read_text("utf-8"), re.DOTALL)
    assert (
        "<p>This run failed (The training diverged: the loss is nan after 12 steps), and its network is untrained: its "
        "weights are those before the first update.</p>"
    ) in footer


def test_what_is_said_of_other_runs(run: Run) -> None:
    status = run.status()
    assert shortcoming(status, 1) is None
    assert shortcoming(status, 0) == "The network is untrained: its weights are those before the first update."
    assert shortcoming(status.model_copy(update={"state": "failed"}), 1) == "This run failed."


def test_every_name_of_the_engine_is_its_own() -> None:
    source = f"{page.engine_source()}\n{(page.ENGINE.parents[1] / 'mnist_core/export/html/page.js').read_text()}"
    names = re.findall(r"^(?:export )?(?:async )?(?:function|const|let) (\w+)", source, re.MULTILINE)
    assert sorted(names) == sorted(set(names))
    assert {f"{name}.js" for name in (*page.MODULES, "reader", "reader_worker")} == {
        path.name for path in page.ENGINE.iterdir()
    }
    assert "import " not in page.engine_source() and "export " not in page.engine_source()


def test_the_engine_has_no_file_longer_than_ours() -> None:
    for path in [*page.ENGINE.iterdir(), page.ENGINE.parents[1] / "mnist_core/export/html/page.js"]:
        assert len(path.read_text("utf-8").splitlines()) <= 300, path.name


def test_nothing_is_overwritten(trained: Run, tmp_path: Path, capsys: Output) -> None:
    target = tmp_path / "digits.html"
    target.write_text("mine")
    said = refused(capsys, "export", trained.id, "--format", "html", "-o", str(target))
    assert said == f"{target} is there already: name a file that is not there yet."
    with pytest.raises(RequestError):
        find("html").write(trained, str(target))
    assert target.read_text() == "mine"


def test_the_command(trained: Run, tmp_path: Path, capsys: Output) -> None:
    target = tmp_path / "digits.html"
    status, said, _ = run_line(capsys, "export", trained.id, "--format", "html", "-o", str(target))
    assert status == 0
    assert re.search(
        r"Checked over 10,000 test digits: 0 different answers, largest difference .* kB\)\.$", said.strip()
    )
    assert target.is_file()
