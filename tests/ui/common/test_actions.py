"""One press too many on a button that starts something: however late the page is, it starts one thing."""

import errno
import threading

import pytest

from ui.common import actions
from ui.common.actions import Presses


class Starts:
    """An action that counts what it started."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.may_end = threading.Event()
        self.may_end.set()

    def __call__(self, what: str) -> str:
        self.may_end.wait(30)
        self.done.append(what)
        return f"{what} {len(self.done)}"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr("ui.common.actions.time.monotonic", lambda: now[0])
    return now


def test_a_second_press_before_the_page_shows_the_first_gets_its_outcome(clock: list[float]) -> None:
    presses, start = Presses(), Starts()
    assert presses.once(start, "a") == "a 1"
    clock[0] += 30  # the page is busy
    assert presses.once(start, "a") == "a 1"
    presses.shown()
    clock[0] += 0.5
    assert presses.once(start, "a") == "a 1"
    clock[0] += actions.DOUBLE_CLICK_SECONDS
    assert presses.once(start, "a") == "a 2"


def test_a_page_that_fails_before_its_end_does_not_hold_the_button_for_ever(clock: list[float]) -> None:
    presses, start = Presses(), Starts()
    presses.once(start, "a")
    clock[0] += actions.LATE_SECONDS
    assert presses.once(start, "a") == "a 2"


def test_a_second_press_while_the_first_is_handled_waits_for_its_outcome() -> None:
    presses, start = Presses(), Starts()
    start.may_end.clear()
    outcomes: list[str] = []
    threads = [threading.Thread(target=lambda: outcomes.append(presses.once(start, "a"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    start.may_end.set()
    for thread in threads:
        thread.join()
    assert (outcomes, start.done) == (["a 1"] * 4, ["a"])


def test_a_full_disk_is_a_sentence_and_a_fault_of_ours_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    state: dict[str, str] = {}
    monkeypatch.setattr("ui.common.actions.st.session_state", state)

    def fail(error: Exception) -> None:
        raise error

    actions.ask(fail, OSError(errno.ENOSPC, "No space left on device", "/some/file"))
    assert state["refusal"].startswith("Cannot write to /some/file (No space left on device)")
    with pytest.raises(ZeroDivisionError):
        actions.ask(fail, ZeroDivisionError())


def test_something_else_is_started_at_once(clock: list[float]) -> None:
    presses, start = Presses(), Starts()
    presses.once(start, "a")
    assert presses.once(start, "b") == "b 2"


def test_what_was_refused_may_be_asked_for_again(clock: list[float]) -> None:
    presses, start = Presses(), Starts()

    def refuse(what: str) -> str:
        raise ValueError(what)

    with pytest.raises(ValueError, match="a"):
        presses.once(refuse, "a")
    assert presses.once(start, "a") == "a 1"
