"""A person at a terminal: `rvsim run` behind a real pty, keys typed, and what appears waited for."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

LEFT, RIGHT, UP, DOWN = b"\x1b[D", b"\x1b[C", b"\x1b[A", b"\x1b[B"
HOME, END, DELETE = b"\x1b[H", b"\x1b[F", b"\x1b[3~"
BACKSPACE, TAB, ENTER = b"\x7f", b"\t", b"\r"
CTRL_A, CTRL_C, CTRL_D, CTRL_E, CTRL_K = b"\x01", b"\x03", b"\x04", b"\x05", b"\x0b"
CTRL_L, CTRL_N, CTRL_P, CTRL_U, CTRL_W, CTRL_Z = b"\x0c", b"\x0e", b"\x10", b"\x15", b"\x17", b"\x1a"
CTRL_R, CTRL_V, CTRL_BACKSLASH, ESCAPE = b"\x12", b"\x16", b"\x1c", b"\x1b"

DEADLINE_S = 60.0
"""How long anything may take to appear; only a failing test waits so long."""

START = "import sys; from rvsim.tools.cli import main; sys.exit(main())"


class Typed(ABC):
    """Where keys are typed, and what appears is waited for: `Talk` or `Terminal`, which stands first among bases."""

    @abstractmethod
    def type(self, keys: bytes) -> None:
        """Press keys."""

    @abstractmethod
    def expect(self, wanted: bytes) -> bytes:
        """Wait until `wanted` appears, after what was expected before; returns what came before it.

        Raises:
            AssertionError: it did not, in time.
        """

    def hit(self, keys: bytes, wanted: bytes) -> bytes:
        """Press keys, and wait until `wanted` appears; returns what came before it."""
        self.type(keys)
        return self.expect(wanted)

    def enter(self, line: bytes, wanted: bytes) -> bytes:
        """Type a line, and wait until `wanted` appears; returns what came before it."""
        return self.hit(line + ENTER, wanted)


class Terminal(Typed):
    """A person at a terminal: `rvsim run`, or another `command`, with `arguments`, keys typed, and what appears waited
    for.

    Attributes:
        seen: everything that has appeared.
        settings_before: the terminal's, before rvsim had it.
    """

    def __init__(self, *arguments: str, rows: int = 24, columns: int = 80, command: str = "run",
                 start: str = START) -> None:
        self.seen = b""
        self._at = 0
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.settings_before = termios.tcgetattr(slave)
        self._process = subprocess.Popen(
            [sys.executable, "-c", start, command, *arguments], stdin=slave, stdout=slave, stderr=slave,
            preexec_fn=_own_terminal,
        )  # fmt: skip
        os.close(slave)

    def type(self, keys: bytes) -> None:
        while keys:
            keys = keys[os.write(self._master, keys) :]

    def expect(self, wanted: bytes) -> bytes:
        deadline = time.monotonic() + DEADLINE_S
        while (found := self.seen.find(wanted, self._at)) < 0:
            left = deadline - time.monotonic()
            if left <= 0 or not self.read(left):
                raise AssertionError(f"{wanted!r} does not appear, only {self.seen[self._at :]!r}")
        before = self.seen[self._at : found]
        self._at = found + len(wanted)
        return before

    def settings(self) -> list[Any]:
        """The terminal's settings now."""
        return termios.tcgetattr(self._master)

    def resize(self, rows: int, columns: int) -> None:
        """Change the window's size."""
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def send(self, number: int) -> None:
        """Send rvsim a signal."""
        self._process.send_signal(number)

    def await_file(self, path: Path) -> None:
        """Read on until there is such a file. Raises AssertionError: there is none in time, or rvsim ended before."""
        deadline = time.monotonic() + DEADLINE_S
        while not path.exists():
            assert self._process.poll() is None, self.seen
            assert time.monotonic() < deadline, self.seen
            self.read(0.01)

    def wait(self) -> int:
        """Read on until rvsim ends; its exit status."""
        deadline = time.monotonic() + DEADLINE_S
        while self.read(max(deadline - time.monotonic(), 0.0)):
            pass
        return self._process.wait(DEADLINE_S)

    def hang_up(self) -> int:
        """The terminal goes away; rvsim's exit status."""
        os.close(self._master)
        self._master = -1
        return self._process.wait(DEADLINE_S)

    def close(self) -> None:
        """End it, however far it is."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        if self._master >= 0:
            os.close(self._master)

    def read(self, timeout_s: float) -> bool:
        """Take what appears within so long; False if nothing does, or nothing will any more."""
        if not select.select([self._master], [], [], timeout_s)[0]:
            return False
        data = b""
        with contextlib.suppress(OSError):  # EIO: nobody has the other side open any more
            data = os.read(self._master, 65536)
        self.seen += data
        return bool(data)


def _own_terminal() -> None:
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
