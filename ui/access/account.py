"""Who is signed in, and as what: a viewer looks and draws, an editor does everything."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from mnist_core.errors import RequestError
from ui.access.configuration import Settings, settings


@dataclass(frozen=True)
class Account:
    """Somebody who may see the pages. `name` is text from the provider; empty where there is no sign-in."""

    name: str
    is_editor: bool
    has_editors: bool = True  # whether anybody is named as one


EVERYBODY = Account("", is_editor=True)
_SHOWN_TO = "shown_to"


def current() -> Account | None:
    """Who asks, in a script's thread; EVERYBODY where sign-in is not configured, None where nobody is signed in.

    Raises RequestError where it is configured wrongly, and for a person who is signed in but named nowhere.
    """
    configured = settings()
    if configured is None:
        return EVERYBODY
    claims = st.user.to_dict()
    return role(claims, configured) if claims.get("is_logged_in") is True else None


def role(claims: Mapping[str, Any], configured: Settings) -> Account:
    """What somebody with these claims of an identity token is. Raises RequestError for who is nothing.

    An e-mail address counts only where the provider says that it is verified: anybody can claim another's.
    """
    email, subject = claims.get("email"), claims.get("sub")
    names = {f"sub:{subject}"} if isinstance(subject, str) and subject else set()
    name = next(iter(names), "unknown")
    is_verified = claims.get("email_verified") in (True, "true")  # some providers write it as text
    if is_verified and isinstance(email, str) and email.isascii() and "@" in email:
        name = email.strip().lower()
        names |= {name, f"@{name.rpartition('@')[2]}"}
    is_editor = bool(names & configured.editors)
    if not is_editor and configured.viewers is not None and not names & configured.viewers:
        raise RequestError(f"You are signed in as {name}, who is not named for this dashboard: ask who runs it.")
    return Account(name, is_editor, bool(configured.editors))


def enter(who: Account) -> None:
    """Keep for what this page shows who it is shown to: asking `current` for each control takes 0.2 ms."""
    st.session_state[_SHOWN_TO] = who


def may_change() -> bool:
    """Whether what is shown is for somebody who may do everything; what is done asks again (`refuse_viewer`)."""
    shown_to: Account = st.session_state.get(_SHOWN_TO, EVERYBODY)
    return shown_to.is_editor


def refuse_stranger(what: str) -> Account:
    """Who asks. Raises RequestError where nobody is signed in; `what` ends "To ..."."""
    who = current()
    if who is None:
        raise RequestError(f"Sign in to {what}.")
    return who


def refuse_viewer(what: str) -> None:
    """Raises RequestError unless who asks may do everything; `what` ends "To ..."."""
    who = refuse_stranger(what)
    if not who.is_editor:
        raise RequestError(f"You are signed in as a viewer, who looks and draws: {_whom_to_ask(who)} to {what}.")


def editors_only(disabled: bool = False, help: str | None = None) -> dict[str, Any]:
    """A control's `disabled` and `help`, or for a viewer others.

    They only say so: what refuses is `changes.py`, for a browser can send what it likes.
    """
    if may_change():
        return {"disabled": disabled, "help": help}
    return {"disabled": True, "help": "You are signed in as a viewer: this is for editors."}


def _whom_to_ask(who: Account) -> str:
    return "ask an editor" if who.has_editors else "have somebody named as an editor (docs/sharing.md)"
