"""`rvsim step` at a terminal: the prompt, completion, Ctrl-C, input for the guest, colours."""

from __future__ import annotations

import re
import termios
import time
from collections.abc import Iterator

import pytest

from rvsim.tests.guest import musl_program
from rvsim.tests.terminal import CTRL_C, CTRL_D, ENTER, TAB, UP, Terminal

PROMPT = b"\x1b[?2004h"
"""Each prompt begins by asking for bracketed paste."""
LEFT = b"\x1b[?2004l"
"""And ends by not wanting it any more."""


@pytest.fixture
def terminal(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Terminal]]:
    """Terminals that are closed afterwards; the history of lines is the test's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("PROMPT_TOOLKIT_NO_CPR", "1")        # nobody answers where the cursor is
    opened: list[Terminal] = []
    yield opened
    for one in opened:
        one.close()


def words(seen: bytes) -> str:
    """What appeared, without the escape sequences."""
    return re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]", b"", seen).decode(errors="replace")


def running(one: Terminal) -> None:
    """Wait until the prompt has given the terminal back, so that it edits lines by itself: the guest has it now."""
    one.expect(LEFT)
    end = time.monotonic() + 15
    while not one.settings()[3] & termios.ICANON:
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_session(terminal: list[Terminal]) -> None:
    one = Terminal(str(musl_program("debugged.c")), "read", command="step")
    terminal.append(one)
    one.expect(b"about to run")
    one.expect(PROMPT)
    one.type(b"break inner" + TAB)
    one.expect(b"most")
    one.type(ENTER)
    one.expect(b"breakpoint 1 at ")
    one.expect(PROMPT)
    one.type(b"c" + ENTER)
    one.expect(b": breakpoint 1")
    one.expect(b"\x1b[1;32m=>")
    one.expect(PROMPT)
    one.type(b"nonsense" + ENTER)
    one.expect(b"there is no command 'nonsense'")
    one.expect(PROMPT)
    one.type(b"s" + ENTER)
    first = words(one.expect(PROMPT))
    one.type(ENTER)             # again
    second = words(one.expect(PROMPT))
    assert "tick 2960" not in second
    assert first != second
    one.type(b"d; c" + ENTER)
    one.expect(b"deep 156")
    one.type(b"four\n")         # the guest reads: the terminal is its own
    one.expect(b"read 5")
    one.expect(b"the machine has ended with status 22")
    one.expect(PROMPT)
    one.type(UP + ENTER)        # d; c
    one.expect(b"the machine has ended; `back` goes back")
    one.expect(PROMPT)
    one.type(b"back" + ENTER)
    one.expect(b"exit_group(22)")
    one.expect(PROMPT)
    one.type(CTRL_D)
    assert one.wait() == 0
    assert b"Traceback" not in one.seen


def test_interrupting(terminal: list[Terminal]) -> None:
    one = Terminal("infloop", command="step")
    terminal.append(one)
    one.expect(PROMPT)
    one.type(b"c" + ENTER)
    for _ in range(2):
        running(one)
        one.type(CTRL_C)
        one.expect(b"interrupted")
        one.expect(PROMPT)
        one.type(b"until call" + ENTER)
    running(one)
    one.type(CTRL_C)
    one.expect(b"interrupted")
    one.expect(PROMPT)
    one.type(b"back start" + ENTER)
    one.expect(b"about to run")
    one.expect(PROMPT)
    one.type(b"q" + ENTER)
    assert one.wait() == 0


def test_interrupting_a_wait_for_input(terminal: list[Terminal]) -> None:
    one = Terminal("cat", command="step")
    terminal.append(one)
    one.expect(PROMPT)
    one.type(b"c" + ENTER)
    running(one)
    one.type(b"typed\n")
    one.expect(b"typed\r\ntyped\r\n")
    one.type(CTRL_C)
    one.expect(b"the guest waits for input")
    one.expect(PROMPT)
    one.type(b"input more" + ENTER)
    one.expect(PROMPT)
    one.type(b"c" + ENTER)
    one.expect(b"more\r\n")
    one.type(CTRL_D)
    one.expect(b"the machine has ended with status 0")
    one.expect(PROMPT)
    one.type(b"q" + ENTER)
    assert one.wait() == 0


def test_no_colour(terminal: list[Terminal], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    one = Terminal("true", command="step")
    terminal.append(one)
    one.expect(b"about to run")
    one.expect(PROMPT)
    assert b"\x1b[36m" not in one.seen
    one.type(b"q" + ENTER)
    assert one.wait() == 0
