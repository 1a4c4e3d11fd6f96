"""Which role an identity token gives, and that each change asks for it first."""

from collections.abc import Callable
from typing import Any

import pytest

from mnist_core.errors import RequestError
from ui.access import account, changes
from ui.access.account import EVERYBODY, Account, role
from ui.access.configuration import Settings

SCHOOL = Settings(frozenset({"teacher@school.org", "sub:Id-1"}), frozenset({"@school.org", "guest@else.org"}))
OPEN = Settings(frozenset({"teacher@school.org"}), None)


def claims(email: object = None, verified: object = True, sub: object = "x") -> dict[str, Any]:
    return {"is_logged_in": True, "email": email, "email_verified": verified, "sub": sub}


@pytest.mark.parametrize(
    ("said", "is_editor"),
    [
        (claims("teacher@school.org"), True),
        (claims("TEACHER@School.Org"), True),
        (claims("teacher@school.org", "true"), True),
        (claims(None, None, "Id-1"), True),
        (claims("pupil@school.org"), False),
        (claims("guest@else.org"), False),
    ],
)
def test_who_is_named_has_a_role(said: dict[str, Any], is_editor: bool) -> None:
    assert role(said, SCHOOL).is_editor == is_editor


@pytest.mark.parametrize(
    "said",
    [
        claims("teacher@school.org", False),
        claims("teacher@school.org", None),
        claims("teacher@school.org", "false"),
        claims("teacher@school.org", 1.5),
        claims("teacher@school.org.evil.org"),
        claims("teacher@evil.org"),
        claims("x@evilschool.org"),
        claims("@"),
        claims(""),
        claims(None),
        claims(["teacher@school.org"]),
        claims("teacher@\u017fchool.org"),  # a long s, whose capital is S
        claims(None, True, "id-1"),
        claims(None, True, None),
        {"is_logged_in": True},
    ],
)
def test_who_is_not_named_has_none_and_where_all_may_look_looks(said: dict[str, Any]) -> None:
    with pytest.raises(RequestError, match="not named"):
        role(said, SCHOOL)
    assert not role(said, OPEN).is_editor


GUARDED = {name: value for name, value in vars(changes).items() if hasattr(value, "__wrapped__")}


@pytest.mark.parametrize("name", GUARDED)
@pytest.mark.parametrize("who", [None, Account("pupil", is_editor=False)], ids=["signed out", "viewer"])
def test_every_change_is_refused_before_anything_is_done(
    name: str, who: Account | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account, "current", lambda: who)
    with pytest.raises(RequestError, match=r"Sign in to .+\.|ask an editor to .+\."):
        GUARDED[name]()  # with an argument missing: it is not called at all


def test_without_sign_in_and_for_an_editor_it_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    change: Callable[[str], None] = changes._for_editors("change it", done.append)
    change("nothing is configured")
    for who in (EVERYBODY, Account("teacher", is_editor=True)):
        monkeypatch.setattr(account, "current", lambda who=who: who)
        change(who.name)
    assert done == ["nothing is configured", "", "teacher"]
