"""The shell at a terminal, as a person works in it: editing, history, completion, jobs."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from rvsim.tests.talk import Talk
from rvsim.tests.terminal import (
    BACKSPACE,
    CTRL_A,
    CTRL_C,
    CTRL_D,
    CTRL_E,
    CTRL_K,
    CTRL_L,
    CTRL_N,
    CTRL_P,
    CTRL_U,
    CTRL_W,
    CTRL_Z,
    DELETE,
    DOWN,
    END,
    ENTER,
    HOME,
    LEFT,
    RIGHT,
    TAB,
    UP,
)
from rvsim.tools.testing.factory import Point


def prompt(directory: bytes = b"/") -> bytes:
    """An empty line behind the prompt, as the shell draws it."""
    text = directory + b" $ "
    return b"\r" + text + b"\x1b[K\r\x1b[%dC" % len(text)


class Shell(Talk):
    """initproc's shell, at its prompt."""

    def run(self, keys: bytes, directory: bytes = b"/") -> bytes:
        """Type a line, which `keys` may take many keys to write; what it prints, with plain newlines."""
        self.enter(keys, b"\r\n")
        return self.expect(prompt(directory)).replace(b"\r\n", b"\n")


@pytest.fixture
def shell(rvsim_snapshot: Callable[..., Point]) -> Shell:
    return Shell(rvsim_snapshot("initproc", ready=re.escape(prompt().decode())).spawn())


@pytest.mark.parametrize(("keys", "prints"), [
    (b"echo one", b"one\n"),
    (b"eco one" + LEFT * 5 + b"h", b"one\n"),
    (b"eco one" + LEFT * 6 + RIGHT + b"h", b"one\n"),
    (b"cho one" + CTRL_A + b"e" + CTRL_E + b"s", b"ones\n"),
    (b"cho one" + HOME + b"e" + END + b"s", b"ones\n"),
    (b"echo ome" + BACKSPACE * 2 + b"ne", b"one\n"),
    (b"xxecho one" + CTRL_A + DELETE + CTRL_D, b"one\n"),
    (b"nosuch" + CTRL_U + b"echo one", b"one\n"),
    (b"xxecho one" + CTRL_A + RIGHT * 2 + CTRL_U, b"one\n"),
    (b"echo one two  " + CTRL_W + b"three", b"one three\n"),
    (b"echo one two" + LEFT * 4 + CTRL_K, b"one\n"),
    (b"echo " + b"x" * 200 + LEFT * 150 + CTRL_K, b"x" * 50 + b"\n"),
    ("echo grün".encode() + LEFT + BACKSPACE + "ü".encode(), "grün\n".encode()),
    (BACKSPACE + LEFT + UP + DOWN + CTRL_W + b"echo one" + RIGHT, b"one\n"),
    (b"echo one" + CTRL_L, b"one\n"),
    (b"echo 'a" + ENTER + b"b'", b"> \x1b[K\r\x1b[2Cb'\na\nb\n"),
])  # fmt: skip
def test_editing(shell: Shell, keys: bytes, prints: bytes) -> None:
    assert shell.run(keys).endswith(prints)


def test_history(shell: Shell) -> None:
    shell.run(b"echo one")
    shell.run(b"echo two")
    shell.run(b"")
    assert shell.run(UP) == b"two\n"
    assert shell.run(UP + UP) == b"one\n"
    assert shell.run(CTRL_P + b" more") == b"one more\n"
    assert shell.run(b"echo typed" + UP + UP + DOWN + CTRL_N) == b"typed\n"
    assert shell.run(UP * 30 + DOWN) == b"two\n"


def test_completion(shell: Shell) -> None:
    assert shell.run(b"hello_w" + TAB) == b"Hello, world, from a process in user mode!\n"
    assert shell.run(b"echo /de" + TAB + b"nu" + TAB + b"end") == b"/dev/null end\n"
    assert shell.run(b"echo hello_w" + TAB + b"x") == b"hello_wx\n"
    assert shell.run(b"true; hello_w" + TAB) == b"Hello, world, from a process in user mode!\n"
    shell.hit(b"fork" + TAB, b"/ $ forkt\x1b[K")
    shell.hit(TAB, b"forktest  forktest2  forktest_simple  forktree")
    shell.hit(CTRL_C, prompt())
    assert shell.run(b"nosuchthing" + TAB).endswith(b"command not found\n")


def test_a_command_of_several_lines_is_left_by_the_key_for_interrupt(shell: Shell) -> None:
    shell.enter(b"echo 'a", b"> \x1b[K\r\x1b[2C")
    shell.hit(b"b" + CTRL_C, prompt())
    assert shell.run(b"echo $?") == b"130\n"
    assert shell.run(b"echo one &&" + ENTER + b"echo two").endswith(b"one\ntwo\n")


def test_words_and_operators(shell: Shell) -> None:
    assert shell.run(b"""echo 'a  $HOME' "b  $HOME" c\\ \\ d""") == b"a  $HOME b  /root c  d\n"
    assert shell.run(b"echo one; echo two") == b"one\ntwo\n"
    assert shell.run(b"true && echo yes; false && echo no") == b"yes\n"
    assert shell.run(b"true || echo no; false || echo yes") == b"yes\n"
    assert shell.run(b"exit_code=3; sh -c 'exit 7'; echo $? $exit_code") == b"7 3\n"
    assert shell.run(b"echo one two | cat | wc -w") == b"2\n"
    assert shell.run(b"echo one > /tmp/f; echo two >> /tmp/f; wc -l < /tmp/f; cat /tmp/f") == b"2\none\ntwo\n"
    assert shell.run(b"ls /nosuch 2> /tmp/e; echo $?; cat /tmp/e") == b"1\nls: /nosuch: no such file or directory\n"
    assert shell.run(b"ls /nosuch 2>&1 | wc -l") == b"1\n"
    assert shell.run(b"cd /tmp", b"/tmp") == b""
    assert shell.run(b"echo *; pwd; cd /nosuch", b"/tmp") == b"e f\n/tmp\nsh: /nosuch: no such file or directory\n"


def test_a_command_that_is_not_there(shell: Shell) -> None:
    assert shell.run(b"nosuch") == b"sh: nosuch: command not found\n"
    assert shell.run(b"echo $?") == b"127\n"
    assert shell.run(b"/dev/null; echo $?").endswith(b"126\n")
    assert b"sh: cannot read this" in shell.run(b"echo |;")
    assert shell.run(b"echo on") == b"on\n"


def test_the_key_for_interrupt_ends_the_program_in_the_foreground_only(shell: Shell) -> None:
    shell.enter(b"sleep 1000 &", prompt())
    for line in (b"infloop", b"cat | infloop | cat"):
        shell.enter(line, b"Looping for ever.\r\n")
        shell.type(CTRL_C)
        assert shell.expect(prompt()).startswith(b"^C")
        assert shell.run(b"echo $?").endswith(b"\n")
    assert shell.run(b"jobs") == b"[1] running\tsleep 1000\n"
    shell.hit(b"half a line" + CTRL_C, prompt())
    assert shell.run(b"echo $?") == b"130\n"


def test_a_program_may_be_stopped_and_go_on(shell: Shell) -> None:
    shell.enter(b"infloop", b"Looping for ever.\r\n")
    shell.type(CTRL_Z)
    assert shell.expect(prompt()) == b"^Z\r\n[1] stopped\tinfloop\r\n"
    assert shell.run(b"echo $?; jobs") == b"148\n[1] stopped\tinfloop\n"
    assert shell.run(b"bg; jobs") == b"infloop\n[1] running\tinfloop\n"
    shell.enter(b"fg", b"\ninfloop\r\n")
    shell.hit(CTRL_Z, prompt())
    shell.enter(b"fg %1", b"\ninfloop\r\n")
    shell.hit(CTRL_C, prompt())
    assert shell.run(b"jobs; fg") == b"sh: fg: no such job\n"


def test_a_program_that_reads_may_be_stopped(shell: Shell) -> None:
    shell.enter(b"cat", b"\r\n")
    shell.enter(b"one", b"one\r\none\r\n")
    shell.hit(CTRL_Z, prompt())
    shell.enter(b"fg", b"\ncat\r\n")
    shell.enter(b"two", b"two\r\ntwo\r\n")
    shell.hit(CTRL_D, prompt())
    assert shell.run(b"echo $?") == b"0\n"


def test_a_program_in_the_background_is_stopped_when_it_reads(shell: Shell) -> None:
    shell.enter(b"cat &", prompt())
    while b"stopped" not in shell.run(b"jobs"):
        pass
    shell.enter(b"fg", b"\ncat\r\n")
    shell.enter(b"word", b"word\r\nword\r\n")
    shell.hit(CTRL_D, prompt())


def test_background_jobs(shell: Shell) -> None:
    assert re.fullmatch(rb"\[1\] \d+\n", shell.run(b"sleep 0.01 &"))
    assert shell.run(b"wait") == b"[1] done\tsleep 0.01\n"
    shell.run(b"sh -c 'exit 3' &")
    assert shell.run(b"wait %1; echo $?") == b"[1] exit 3\tsh -c 'exit 3'\n3\n"
    shell.run(b"infloop > /dev/null &")
    assert shell.run(b"kill $!; wait").startswith(b"[1] terminated (signal 15)")


def test_kill_takes_jobs(shell: Shell) -> None:
    shell.enter(b"sleep 1000 | cat &", prompt())
    assert shell.run(b"kill %2") == b"sh: %2: no such job\n"
    assert shell.run(b"kill %x; echo $?") == b"sh: %x: no such job\n1\n"
    assert shell.run(b"kill -9 %1; wait").endswith(b"[1] killed (signal 9)\tsleep 1000 | cat\n")
    assert shell.run(b"jobs") == b""
    assert shell.run(b"sh -c 'sleep 1000 & kill -9 %1; wait %1; echo $?'") == b"137\n"


def test_a_program_that_faults(shell: Shell) -> None:
    shown = shell.run(b"store_fault; echo $?")
    assert b"Exception(StorePageFault) in application, bad addr = 0x" in shown
    assert shown.endswith(b"\n254\n")


def test_the_end_of_the_input_ends_the_machine(shell: Shell) -> None:
    shell.run(b"sh -c 'exit 5'")
    shell.type(CTRL_D)
    assert shell.wait() == 5


def test_exit_gives_the_status(shell: Shell) -> None:
    shell.type(b"exit 42" + ENTER)
    assert shell.wait() == 42
