"""What Streamlit's secrets may say about sign-in; what is wrong with them lets nobody in."""

import importlib.util
from pathlib import Path

import pytest
import streamlit as st
from streamlit import config
from streamlit.runtime.secrets import Secrets

from mnist_core.errors import RequestError
from ui.access import configuration
from ui.access.configuration import Settings, settings

AUTH = {
    "redirect_uri": "https://lab.school.org/oauth2callback",
    "cookie_secret": "s3cret" * 6,
    "client_id": "lab",
    "client_secret": "s3cret of the client",
    "server_metadata_url": "https://accounts.school.org/.well-known/openid-configuration",
}


@pytest.fixture(autouse=True)
def secrets_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only file that secrets are looked for in; it is not there yet, and nobody has named it."""
    path = tmp_path / "secrets.toml"
    get_option = config.get_option
    monkeypatch.setattr(config, "get_option", lambda name: [str(path)] if name == "secrets.files" else get_option(name))
    monkeypatch.setattr(Secrets, "_maybe_install_file_watchers", lambda secrets: None)
    monkeypatch.setattr(st, "secrets", Secrets())
    monkeypatch.setattr(configuration, "_was_on", False)
    return path


def written(path: Path, access: str = "", **changes: str | None) -> None:
    lines = [f"{name} = {value!r}" for name, value in (AUTH | changes).items() if value is not None]
    path.write_text("\n".join(["[auth]", *lines, access]))


def test_without_secrets_or_their_section_there_is_no_sign_in(secrets_file: Path) -> None:
    assert settings() is None
    secrets_file.write_text("[another]\nservice = 'x'")
    assert settings() is None


@pytest.mark.parametrize("header", ["[Auth]", "[auht]", "[mnist.auth]", "[' auth']", ""])
def test_a_misspelt_section_does_not_let_everybody_in(secrets_file: Path, header: str) -> None:
    written(secrets_file)
    secrets_file.write_text(secrets_file.read_text().replace("[auth]", header))
    with pytest.raises(RequestError, match="check how the sections are spelt"):
        settings()


def test_who_is_what_is_read_whatever_the_case(secrets_file: Path) -> None:
    written(secrets_file, "[access]\neditors = ['Teacher@School.org', 'sub:AbC']\nviewers = ['@School.org']")
    assert settings() == Settings(frozenset({"teacher@school.org", "sub:AbC"}), frozenset({"@school.org"}))


def test_without_lists_whoever_signs_in_is_a_viewer_and_nobody_an_editor(secrets_file: Path) -> None:
    written(secrets_file)
    assert settings() == Settings(frozenset(), None)


@pytest.mark.parametrize(
    ("access", "changes", "why"),
    [
        ("", {"cookie_secret": None}, "[auth] lacks `cookie_secret`"),
        ("", {"cookie_secret": "xxx"}, "`cookie_secret` in [auth] needs at least 32 characters"),
        ("", {"client_id": None}, "[auth] lacks `client_id`"),
        ("", {"redirect_uri": "http://lab.school.org/oauth2callback"}, "`redirect_uri` in [auth] must be https://"),
        ("", {"redirect_uri": "https://lab.school.org/"}, "`redirect_uri` in [auth] must be https://"),
        ("[access]\neditors = 'teacher@school.org'", {}, "`editors` in [access] must be a list"),
        ("[access]\neditors = ['teacher@school.org', 'pupil']", {}, "its entry 2 is none of them"),
        ("[access]\nviewers = [1]", {}, "`viewers` in [access] must be a list"),
        ("[access]\neditor = ['teacher@school.org']", {}, "[access] takes two lists"),
        ("[access", {}, "cannot be read"),
    ],
)
def test_what_is_wrong_is_one_sentence_without_a_secret(
    secrets_file: Path, access: str, changes: dict[str, str | None], why: str
) -> None:
    written(secrets_file, access, **changes)
    with pytest.raises(RequestError) as refused:
        settings()
    assert why in str(refused.value)
    assert "s3cret" not in str(refused.value)
    assert "teacher" not in str(refused.value)


@pytest.mark.parametrize("content", ["auth = 'x'", "[auth]", "[access]\neditors = []"])
def test_half_a_configuration_is_none(secrets_file: Path, content: str) -> None:
    secrets_file.write_text(content)
    with pytest.raises(RequestError, match="Nobody can sign in"):
        settings()


def test_a_file_that_cannot_be_read_lets_nobody_in(secrets_file: Path) -> None:
    secrets_file.write_bytes(b"\xff\xfe[auth]")
    with pytest.raises(RequestError, match="cannot be read"):
        settings()
    secrets_file.unlink()
    secrets_file.mkdir()
    with pytest.raises(RequestError, match="cannot be read"):
        settings()


def test_a_folder_that_may_not_be_looked_into_lets_nobody_in(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(secrets: Secrets, path: str) -> None:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(Secrets, "_parse_toml_file", refuse)
    with pytest.raises(RequestError, match="cannot be read"):
        settings()


def test_a_named_file_that_is_missing_lets_nobody_in(secrets_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "is_manually_set", lambda name: name == "secrets.files")
    with pytest.raises(RequestError, match="cannot be read"):
        settings()


def test_what_was_on_does_not_go_off_while_the_dashboard_runs(
    secrets_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(secrets_file)
    assert settings() is not None
    secrets_file.unlink()
    monkeypatch.setattr(st, "secrets", Secrets())
    with pytest.raises(RequestError, match="no longer do"):
        settings()


def test_without_its_package_sign_in_says_what_to_install(secrets_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(secrets_file)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(RequestError, match="pip install"):
        settings()
