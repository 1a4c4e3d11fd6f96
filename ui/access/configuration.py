"""Sign-in as Streamlit's secrets configure it (docs/sharing.md): `[auth]`, which is Streamlit's own, and `[access]`."""

import importlib.util
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlparse

import streamlit as st
from streamlit import config

from mnist_core.errors import RequestError

SHORTEST_SECRET = 32  # characters of cookie_secret: whoever guesses it is whoever they like
_AUTH = ("redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url")
_SIGNS = ("auth", "access", "redirect_uri", "cookie_secret", "server_metadata_url", "editors", "viewers")
_ENTRY = re.compile(r"[^@\s]*@[^@\s]+|sub:\S+")
_was_on = False  # in this process: a file that is being replaced must not let everybody in


@dataclass(frozen=True)
class Settings:
    """Who is what. Entries are `name@school.org`, `@school.org` (all of them) or `sub:<the provider's own id>`."""

    editors: frozenset[str]
    viewers: frozenset[str] | None  # None: whoever the provider signs in


def settings() -> Settings | None:
    """As they are now; None where sign-in is not configured.

    Raises RequestError where they are wrong: then nobody gets in. Its sentence says no secret, for everybody reads it.
    """
    global _was_on
    secrets = _secrets()
    if "auth" not in secrets and "access" not in secrets:
        if _was_on:
            raise _refused("they had a section [auth], and no longer do; put it back, or restart the dashboard")
        if _speaks_of_sign_in(secrets):
            raise _refused("they speak of sign-in outside of [auth] and [access]; check how the sections are spelt")
        return None
    _was_on = True
    _check_auth(secrets.get("auth"))
    access = secrets.get("access", {})
    if not isinstance(access, Mapping) or not set(access) <= {"editors", "viewers"}:
        raise _refused("[access] takes two lists, `editors` and `viewers`")
    if importlib.util.find_spec("authlib") is None or importlib.util.find_spec("httpx") is None:
        raise RequestError(
            'Sign-in is configured, but its packages are not installed: `pip install "streamlit[auth]"`.'
        )
    viewers = _entries("viewers", access["viewers"]) if "viewers" in access else None
    return Settings(_entries("editors", access.get("editors", [])), viewers)


def _secrets() -> Mapping[str, Any]:
    try:
        return st.secrets.to_dict()
    except (OSError, ValueError) as error:  # Streamlit's own, for no file and for a malformed one, is an OSError
        is_there = any(os.path.lexists(path) for path in config.get_option("secrets.files"))
        is_hidden = isinstance(error, PermissionError)  # its folder may not be looked into
        if not is_there and not is_hidden and not config.is_manually_set("secrets.files"):
            return {}
        raise _refused("their file cannot be read; check that it is there, its rights, and that it is TOML") from error


def _speaks_of_sign_in(section: Mapping[str, Any]) -> bool:
    """Whether a section, or one in it, is named like those of sign-in or holds one of their keys."""
    return any(
        name.strip().casefold() in _SIGNS or (isinstance(value, Mapping) and _speaks_of_sign_in(value))
        for name, value in section.items()
    )


def _check_auth(auth: Any) -> None:
    if not isinstance(auth, Mapping):
        raise _refused("there is no section [auth]")
    if missing := [name for name in _AUTH if not isinstance(auth.get(name), str) or not auth[name].strip()]:
        raise _refused(f"[auth] lacks `{missing[0]}`")
    if len(auth["cookie_secret"]) < SHORTEST_SECRET:
        raise _refused(f"`cookie_secret` in [auth] needs at least {SHORTEST_SECRET} characters, drawn at random")
    address = urlparse(auth["redirect_uri"])
    is_safe = address.scheme == "https" or address.hostname in ("localhost", "127.0.0.1", "::1")
    if not is_safe or not address.path.endswith("/oauth2callback"):
        raise _refused("`redirect_uri` in [auth] must be https://<this dashboard's name>/oauth2callback")


def _entries(name: str, value: Any) -> frozenset[str]:
    found = set()
    for place, entry in enumerate(value if isinstance(value, list) else [None], 1):
        if not isinstance(entry, str) or not _ENTRY.fullmatch(entry.strip()):
            forms = "e-mail addresses, @domains or sub:ids"
            raise _refused(f"`{name}` in [access] must be a list of {forms}; its entry {place} is none of them")
        found.add(entry.strip() if entry.strip().startswith("sub:") else entry.strip().lower())
    return frozenset(found)


def _refused(why: str) -> RequestError:
    return RequestError(f"Nobody can sign in, because of Streamlit's secrets: {why}.")
