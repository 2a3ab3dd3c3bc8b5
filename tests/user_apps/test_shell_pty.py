"""The shell at a terminal of the host: its size, its settings, much output; and the same shell at the end of a pipe.

tests/e2e/test_shell.py has what a person does in it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from rvsim.tests.terminal import DEADLINE_S, ENTER, START, Terminal


def prompt(directory: bytes = b"/") -> bytes:
    """An empty line behind the prompt, as the shell draws it."""
    text = directory + b" $ "
    return b"\r" + text + b"\x1b[K\r\x1b[%dC" % len(text)


class Shell(Terminal):
    """initproc's shell, at its prompt."""

    def __init__(self, **size: Any) -> None:
        super().__init__("initproc", **size)
        self.expect(prompt())

    def run(self, keys: bytes, directory: bytes = b"/") -> bytes:
        """Type a line, which `keys` may take many keys to write; what it prints, with plain newlines."""
        self.enter(keys, b"\r\n")
        return self.expect(prompt(directory)).replace(b"\r\n", b"\n")


@pytest.fixture
def shell() -> Iterator[Shell]:
    started = Shell()
    yield started
    started.close()


def test_columns_follow_the_window(shell: Shell) -> None:
    assert shell.run(b"ls") == b"bin     dev     etc     proc    root    sys     system  tmp\n"
    shell.resize(24, 20)
    assert shell.run(b"ls") == b"bin     root\ndev     sys\netc     system\nproc    tmp\n"
    line = b"echo " + b"0123456789" * 3
    assert shell.run(line) == b"0123456789" * 3 + b"\n"


def test_long_output_is_whole(shell: Shell) -> None:
    shell.type(b"ls -l /bin /bin /bin; echo end" + ENTER)
    listings = shell.expect(b"\r\nend\r\n").split(b"/bin:\r\n")[1:]
    assert len(listings) == 3
    assert len({listing.strip() for listing in listings}) == 1
    assert len(listings[0].splitlines()) > 70
    shell.expect(prompt())


def test_what_is_typed_ahead_is_not_lost(shell: Shell) -> None:
    shell.hit(b"sleep 0.3" + ENTER + b"echo one" + ENTER + b"echo two" + ENTER, b"\r\none\r\n")
    shell.expect(b"\r\ntwo\r\n")


def test_terminal_is_given_back(shell: Shell) -> None:
    assert shell.settings() != shell.settings_before
    shell.type(b"exit" + ENTER)
    assert shell.wait() == 0
    assert shell.settings() == shell.settings_before


def through_a_pipe(text: bytes) -> tuple[bytes, bytes, int]:
    command = [sys.executable, "-c", START, "run", "initproc"]
    done = subprocess.run(command, input=text, capture_output=True, timeout=DEADLINE_S, check=False)
    return done.stdout, done.stderr, done.returncode


def test_through_a_pipe() -> None:
    output, errors, status = through_a_pipe(b"echo one; nosuch\ncat\nfor the cat\n")
    assert (output, errors, status) == (b"one\nfor the cat\n", b"sh: nosuch: command not found\n", 0)
    assert through_a_pipe(b"exit 3\necho no\n") == (b"", b"", 3)
    assert through_a_pipe(b"false") == (b"", b"", 1)
    assert through_a_pipe(b"") == (b"", b"", 0)
    assert through_a_pipe(b"echo 'a\nb' | cat | wc -l\n") == (b"2\n", b"", 0)
