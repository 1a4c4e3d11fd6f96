"""The real server with a real provider, by raw requests: who is signed out, unknown or a viewer changes nothing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from mnist_core.runs import store
from tests.conftest import wait_until
from tests.support.provider import CLAIMS_IT, EDITOR, STRANGER, VIEWER, dashboard_with_sign_in, sign_in, visitor
from tests.support.raw_session import raw_session

SIGN_IN = ["html", "heading", "markdown", "button"]  # the page's style, a title, a sentence, and the way in
REFUSED = ["html", "heading", "alert", "button"]
SMALL = "epochs=1&digits_per_class=1&threads=1"  # settings of a training that takes no time


@pytest.fixture(scope="module")
def home_folder(prepared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    (folder / "data").symlink_to(prepared_data)
    return folder


@pytest.fixture(scope="module")
def dashboard(home_folder: Path) -> Iterator[str]:
    with dashboard_with_sign_in(home_folder) as address:
        yield address
    assert "Traceback (most recent call last)" not in (home_folder / "server.log").read_text()


def test_signed_out_each_page_is_the_sign_in_and_nothing_else(dashboard: str) -> None:
    with raw_session(dashboard, visitor(dashboard)) as session:
        for page in ("", "Train", "Mistakes", "Draw"):
            assert session.open(page).kinds() == SIGN_IN, page


def test_cookies_that_nobody_signed_are_none(dashboard: str) -> None:
    cookies = sign_in(dashboard, EDITOR)
    signed = cookies["_streamlit_user"]
    changed = signed[:-5] + ("A" if signed[-5] != "A" else "B") + signed[-4:]  # of the last one not each bit counts
    for forged in ({"_streamlit_user": changed}, {"_streamlit_user": '{"is_logged_in": true}'}):
        with raw_session(dashboard, cookies | forged) as session:
            assert session.open().kinds() == SIGN_IN


@pytest.mark.parametrize("claims", [STRANGER, CLAIMS_IT], ids=["unknown", "not verified"])
def test_who_is_not_named_sees_nothing(dashboard: str, claims: dict[str, Any]) -> None:
    with raw_session(dashboard, sign_in(dashboard, claims)) as session:
        assert session.open("Train").kinds() == REFUSED
        assert "who is not named for this dashboard" in session.text()


def test_a_press_that_a_viewer_sends_starts_nothing_and_an_editors_does(
    dashboard: str, home_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MNIST_HOME", str(home_folder))
    with raw_session(dashboard, sign_in(dashboard, VIEWER)) as session:
        session.open("Train", SMALL)
        assert session.button("Start training").disabled
        session.press("Start training")
    assert not (home_folder / "runs").exists()

    cookies, secrets = sign_in(dashboard, EDITOR), home_folder / "secrets.toml"
    with raw_session(dashboard, cookies) as session, raw_session(dashboard, cookies) as older:
        older.open("Train", SMALL)
        start = older.button("Start training")
        assert not start.disabled
        with raw_session(dashboard, visitor(dashboard)) as signed_out:
            assert signed_out.open("Train", SMALL).press_id(start.id).kinds() == SIGN_IN
        assert not (home_folder / "runs").exists()
        session.open("Train", SMALL).press("Start training")
        (run,) = store.every()
        psutil.Process(run.status().pid).kill()  # that it was started is enough
        # The older page has an enabled button still, when whom it was shown to is an editor no longer.
        secrets.write_text(secrets.read_text().replace('["teacher@school.org"]', "[]"))

        def is_viewer() -> bool:
            with raw_session(dashboard, cookies) as another:
                return "viewer: may look and draw; nobody is named as an editor" in another.open().text()

        wait_until(is_viewer, "the server reads its secrets again")
        shown = older.press("Start training").text()
        assert "as a viewer, who looks and draws: have somebody named as an editor" in shown
        assert store.every() == [run]


def test_secrets_that_lose_their_section_let_nobody_in(dashboard: str, home_folder: Path) -> None:
    secrets, cookies = home_folder / "secrets.toml", sign_in(dashboard, EDITOR)
    good = secrets.read_text()

    def nobody_gets_in() -> bool:
        with raw_session(dashboard, cookies) as session:
            return session.open("Train").kinds() == ["html", "heading", "alert"]

    for content in ("", "[auth"):
        secrets.write_text(content)
        wait_until(nobody_gets_in, "the server reads its secrets again")
    secrets.unlink()
    wait_until(nobody_gets_in, "the server reads its secrets again")
    secrets.write_text(good)


def test_no_session_is_taken_over_by_its_id(dashboard: str) -> None:
    """An editor's session that is asked for with other cookies is not theirs."""
    with raw_session(dashboard, sign_in(dashboard, EDITOR)) as editors:
        editors.open("Train")
        with raw_session(dashboard, visitor(dashboard), editors.session_id) as session:
            assert session.open("Train").kinds() == SIGN_IN
            assert session.session_id != editors.session_id


def test_what_is_served_beside_the_pages_is_nobodys(dashboard: str, home_folder: Path) -> None:
    """Without a sign-in: the browser's own files, and no file of a run."""
    (home_folder / "runs").mkdir(exist_ok=True)
    (home_folder / "runs" / "secret.txt").write_text("private")
    with httpx.Client(base_url=dashboard) as client:
        assert client.get("/_stcore/health").status_code == 200
        for path in (
            "/media/",
            "/app/static/icon.png",
            "/runs/secret.txt",
            "/component/ui.components.served_folder.pictures/../../runs/secret.txt",
            "/component/ui.components.served_folder.pictures/..%2f..%2fruns%2fsecret.txt",
            "/secrets.toml",
            "/_stcore/upload_file/x/y",
            "/_stcore/agent/openapi.json",
        ):
            answer = client.get(path)
            assert "private" not in answer.text and "cookie_secret" not in answer.text, path
        assert client.put("/_stcore/upload_file/no-session/file", content=b"x").status_code in (400, 403)
