"""`rvsim step` at a terminal: the prompt, completion, Ctrl-C, input for the guest, colours."""

from __future__ import annotations

import re
import signal
import termios
import time
from collections.abc import Iterator

import pytest

from rvsim.tests.guest import musl_program
from rvsim.tests.terminal import CTRL_C, CTRL_D, CTRL_Z, DEADLINE_S, ENTER, START, TAB, UP, Terminal

PROMPT = b"\x1b[?2004h"
"""Each prompt begins by asking for bracketed paste."""
LEFT = b"\x1b[?2004l"
"""And ends by not wanting it any more."""


@pytest.fixture
def terminal(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Terminal]]:
    """Terminals that are closed afterwards; the history of lines is the test's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
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
    end = time.monotonic() + DEADLINE_S
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


SUPERVISED = """
import os, signal, sys, termios
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
before = termios.tcgetattr(0)
child = os.fork()
if not child:
    os.setpgid(0, 0)
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
    os.execv(sys.executable, [sys.executable, "-c", START, *sys.argv[1:]])
try:
    os.setpgid(child, child)
except PermissionError:
    pass
while True:
    os.tcsetpgrp(0, child)
    try:
        os.killpg(child, signal.SIGCONT)
    except ProcessLookupError:
        pass
    status = os.waitpid(child, os.WUNTRACED)[1]
    os.tcsetpgrp(0, os.getpgrp())
    if not os.WIFSTOPPED(status):
        sys.exit(os.waitstatus_to_exitcode(status))
    same = termios.tcgetattr(0)[3] == before[3]
    os.write(1, b"STOPPED, and the terminal is as it was: %d\\r\\n" % same)
    sys.stdin.readline()
""".replace("START", repr(START))
"""What a shell does with a job: it is stopped, a line is typed, and it goes on."""


@pytest.mark.parametrize("screen", [False, True])
def test_stopped_and_gone_on(terminal: list[Terminal], screen: bool) -> None:
    one = Terminal(*["--screen"][:screen], "infloop", command="step", start=SUPERVISED)
    terminal.append(one)
    ready = b"and a command" if screen else PROMPT
    one.expect(b"about to run")
    one.expect(ready)
    one.type(CTRL_Z)
    one.expect(b"STOPPED, and the terminal is as it was: 1")
    one.type(ENTER)
    one.expect(b"about to run" if screen else PROMPT)
    one.type(b"s" if screen else b"s" + ENTER)
    one.expect(b"tick 4" if screen else b"(tick 4,")
    if not screen:
        one.expect(PROMPT)      # between two prompts the terminal takes the key for an end of nothing
    one.type(CTRL_D)
    assert one.wait() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("runs", [False, True])
def test_signals_that_end_it(terminal: list[Terminal], number: signal.Signals, runs: bool) -> None:
    one = Terminal("infloop", command="step")
    terminal.append(one)
    one.expect(PROMPT)
    if runs:
        one.type(b"c" + ENTER)
        one.expect(b"Looping")
    one.send(number)
    assert one.wait() == 128 + number
    assert one.settings() == one.settings_before
    assert b"Traceback" not in one.seen


def test_many_pasted_lines_are_many_commands(terminal: list[Terminal]) -> None:
    one = Terminal("echo", "hi", command="step")
    terminal.append(one)
    one.expect(PROMPT)
    one.type(b"\x1b[200~t\n# nothing\nt; assert $traps == 2\np 'a' ; p 'b'\n\x1b[201~" + ENTER)
    one.expect(b"98 = 0x62")
    assert one.seen.index(b"#1 pid 1") < one.seen.index(b"#2 pid 1") < one.seen.index(b"97 = 0x61")
    one.expect(PROMPT)
    one.type(b"q" + ENTER)
    assert one.wait() == 0


def test_a_terminal_that_nothing_can_be_drawn_on(terminal: list[Terminal], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    one = Terminal("--screen", "echo", "hi", command="step")
    terminal.append(one)
    one.expect(b"here is the prompt instead\r\n")
    one.expect(b"(rvsim) ")
    one.type(b"c" + ENTER)
    one.expect(b"\r\nhi\r\n")
    one.expect(b"(rvsim) ")
    one.type(b"q" + ENTER)
    assert one.wait() == 0
    assert b"\x1b[1m" not in one.seen
