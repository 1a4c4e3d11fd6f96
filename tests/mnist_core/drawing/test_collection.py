"""A person's own digits: what is kept comes back, travels in a ZIP file, and bad input leaves everything as it was."""

import io
import json
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest

from mnist_core.cli.app import main
from mnist_core.drawing import collection, strokes
from mnist_core.drawing.collection import Drawing
from mnist_core.drawing.prepare import prepare
from mnist_core.errors import DamagedError, RequestError
from mnist_core.evaluation.answers import score
from mnist_core.runs.store import find

WAY = np.array([(0.25, 0.2), (0.75, 0.2), (0.4, 0.85)])


def add_seven(label: int = 7) -> Drawing:
    picture = strokes.render([WAY], 24, 308)
    prepared = prepare(picture)
    assert prepared is not None
    return collection.add(label, picture, prepared.image, [WAY])


def test_what_is_kept_comes_back(home: Path) -> None:
    assert collection.every() == [] and not collection.folder().exists()
    kept = add_seven()
    add_seven(label=1)
    newest, oldest = collection.every()
    assert (newest.label, oldest) == (1, kept)
    np.testing.assert_array_equal(oldest.picture(), strokes.render([WAY], 24, 308))
    np.testing.assert_array_equal(collection.arrays([oldest]).images[0], prepare(oldest.picture()).image)  # type: ignore[union-attr]
    np.testing.assert_allclose(oldest.note.strokes, [WAY])
    assert collection.counts().tolist() == [0, 1, 0, 0, 0, 0, 0, 1, 0, 0]


def test_a_deleted_drawing_is_gone_and_no_name_reaches_outside(home: Path) -> None:
    kept = add_seven()
    for wrong in ("nope", "../drawings/" + kept.id, ""):
        with pytest.raises(RequestError, match="There is no drawing"):
            collection.delete(wrong)
    collection.delete(kept.id)
    assert collection.every() == [] and list(collection.folder().iterdir()) == []


def test_a_torn_drawing_is_left_out(home: Path) -> None:
    kept = add_seven()
    (collection.folder() / f"{add_seven().id}.json").write_text('{"label": 7')
    (collection.folder() / f"{add_seven().id}.28.png").unlink()
    assert [drawing.id for drawing in collection.every()] == [kept.id]


def test_a_drawing_that_lost_its_label_is_told_and_can_be_deleted(home: Path) -> None:
    kept, lost, young = add_seven(), add_seven(), add_seven()
    for drawing in (lost, young):
        collection.path(drawing.id, ".json").unlink()
    for suffix in (".png", ".28.png"):
        os.utime(collection.path(lost.id, suffix), (0, 0))  # the other may be being written now
    assert collection.look() == ([kept], [lost.id])
    assert lost.id in str(collection.left_out())
    collection.delete(lost.id)
    assert collection.left_out() is None and collection.every() == [kept]


def test_no_drawing_is_exported_as_nothing(home: Path) -> None:
    with pytest.raises(RequestError, match="no drawings to export"):
        collection.export_zip()


def test_a_zip_file_carries_them_to_another_home(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {add_seven().id, add_seven(1).id}
    packed = collection.export_zip()
    assert collection.import_zip(packed) == 0  # all known
    monkeypatch.setenv("MNIST_HOME", str(tmp_path / "elsewhere"))
    assert collection.import_zip(packed) == 2
    assert {drawing.id for drawing in collection.every()} == kept
    assert collection.export_zip()[:2] == packed[:2] and collection.counts()[7] == 1


@pytest.mark.parametrize("suffix", [".png", ".28.png", ".json"])
def test_a_damaged_drawing_is_mended_by_importing_it_again(home: Path, suffix: str) -> None:
    whole, other = add_seven(), add_seven()
    packed = collection.export_zip()
    collection.path(other.id, suffix).write_bytes(b"damaged")
    assert collection.import_zip(packed) == 1
    assert {drawing.id for drawing in collection.every()} == {whole.id, other.id}
    assert len(collection.export_zip()) == len(packed) and collection.import_zip(packed) == 0


def altered(packed: bytes, **changes: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(packed)) as old, zipfile.ZipFile(out := io.BytesIO(), "w") as new:
        for name in old.namelist():
            ending = name.partition(".")[2].replace(".", "_")
            new.writestr(name, changes.get(ending, old.read(name)))
    return out.getvalue()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"json": b"{"}, "is damaged, so none was added"),
        ({"json": json.dumps({"label": 10, "time": 0}).encode()}, "is damaged"),
        ({"png": b"no picture"}, "is damaged"),
        ({"28_png": b""}, "is damaged"),
    ],
)
def test_a_bad_zip_file_is_one_sentence_and_adds_nothing(home: Path, changes: dict[str, bytes], words: str) -> None:
    kept = add_seven()
    packed = collection.export_zip()
    collection.delete(kept.id)
    with pytest.raises(RequestError, match=words):
        collection.import_zip(altered(packed, **changes))
    with pytest.raises(RequestError, match="no whole ZIP file"):
        collection.import_zip(packed[: len(packed) // 2])
    assert collection.every() == []


def test_a_zip_file_without_drawings_or_with_names_outside_is_refused(home: Path) -> None:
    with zipfile.ZipFile(empty := io.BytesIO(), "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(RequestError, match="no drawings in this ZIP file"):
        collection.import_zip(empty.getvalue())
    with zipfile.ZipFile(outside := io.BytesIO(), "w") as archive:
        archive.writestr("../evil.json", json.dumps({"label": 1, "time": 0}))
    with pytest.raises(RequestError, match=r"damaged|no drawings"):
        collection.import_zip(outside.getvalue())


def test_the_score_counts_what_is_read_as_its_label(home: Path) -> None:
    run = find("shipped")
    assert score(run) == (0, 0)
    add_seven(), add_seven(label=3)
    assert score(run) == (1, 2)


def test_a_damaged_drawing_is_left_out_of_the_score_and_that_is_said(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole, other = add_seven(), add_seven(label=3)
    assert main(["test", "shipped", "--drawings"]) == 0
    assert capsys.readouterr().err == ""
    picture, note = (collection.folder() / f"{other.id}{suffix}" for suffix in (".28.png", ".json"))
    for path, damaged in (
        (picture, (collection.folder() / f"{whole.id}.28.png").read_bytes() + b"x"),
        (picture, picture.read_bytes()[:-30]),
        (note, note.read_bytes().replace(b'"label": 3', b'"label": 7')),
        (note, b""),
    ):
        kept = path.read_bytes()
        path.write_bytes(damaged)
        assert main(["test", "shipped", "--drawings", "--json"]) == 0
        said = capsys.readouterr()
        assert json.loads(said.out)["drawings"] == 1
        assert f"Left out as damaged: drawing {other.id} in {home}" in said.err
        path.write_bytes(kept)
    assert [one.id for one in collection.every()] == [other.id, whole.id]
    assert main(["drawings"]) == 0
    assert capsys.readouterr().err == ""
    old = json.loads(note.read_bytes())
    del old["image_sha256"], old["digest"]  # as kept by earlier versions
    note.write_text(json.dumps(old))
    assert len(collection.every()) == 2 and collection.left_out() is None


@pytest.mark.parametrize("content", [None, b"", b"\x89PNG\r\n\x1a\n of another kind"])
def test_a_damaged_picture_is_not_exported_into_a_file_that_cannot_be_imported(
    store: Path, content: bytes | None
) -> None:
    image = np.zeros((28, 28), np.uint8)
    kept = collection.add(3, image, image)
    collection.path(kept.id, ".png").unlink()
    if content is not None:
        collection.path(kept.id, ".png").write_bytes(content)
    with pytest.raises(DamagedError, match=f"Drawing {kept.id} is damaged: delete it"):
        collection.export_zip()
