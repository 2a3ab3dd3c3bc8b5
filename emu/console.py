"""The console: what the machine reads and writes outside itself, as three streams 0, 1 and 2 and perhaps a terminal.

The streams are told apart as a shell tells them: each is a terminal, a pipe, a file, or null, on its own. The terminal
is one device for both directions, whichever of the streams are on it: its keys come from `read`, and `write_terminal`
reaches its screen even where stream 1 goes elsewhere.
"""

from collections.abc import Sequence
from typing import Protocol

from rvsim.emu.host import FdKind

DEFAULT_SIZE = (24, 80)


class Console(Protocol):
    """What the kernel and the SBI know of the world outside.

    The kernel calls `poll` when a time slice ends and before it idles; nothing else makes buffered output appear in
    time or the escape key work.
    """

    def open(self) -> None:
        """Take the console over; a terminal becomes raw."""
        ...

    def close(self) -> None:
        """Write out what is buffered and give the console back as it was. May be called again."""
        ...

    def kind(self, fd: int) -> FdKind:
        """What stream `fd` (0, 1 or 2) is."""
        ...

    def is_terminal(self, fd: int) -> bool:
        """Whether stream `fd` is a terminal."""
        ...

    def size(self) -> tuple[int, int]:
        """Rows and columns of the terminal, (24, 80) if there is none to ask."""
        ...

    def take_resize(self) -> bool:
        """Whether the terminal changed its size since the last call."""
        ...

    def read(self, limit: int) -> bytes | None:
        """Take at most `limit` (> 0) bytes from stream 0: None if there are none now, `b""` at its end. Never waits.

        Raises:
            KeyboardInterrupt: the person at the terminal typed the escape to leave rvsim.
        """
        ...

    def wait(self, timeout_s: float | None) -> bool:
        """Wait until `read` would not give None, or the terminal is resized; at most `timeout_s` (None: for ever).

        False if the time passed. What is buffered is written out first.
        """
        ...

    def write(self, data: bytes) -> None:
        """Send `data` to stream 1. Bytes for a stream that is `closed` vanish."""
        ...

    def write_error(self, data: bytes) -> None:
        """Send `data` to stream 2, in order with stream 1."""
        ...

    def write_terminal(self, data: bytes) -> None:
        """Send `data` to the terminal, whichever of the streams is on it; to stream 1 if none is."""
        ...

    def closed(self, fd: int) -> bool:
        """Whether the reader of stream `fd` (1 or 2) is gone, so that writing is in vain."""
        ...

    def flush(self) -> None:
        """Write out what is buffered."""
        ...

    def poll(self) -> None:
        """Flush, and look at a terminal's keys for the escape. Cheap, never waits. Raises as `read` does."""
        ...


class ConsoleStarved(Exception):
    """A test's machine waits for ever for input that its script does not have."""


class CapturedConsole:
    """A console for tests: scripted input, collected output.

    `script` is a sequence of (expected, reply) pairs: `reply` becomes readable when `expected` has appeared in the
    output since the reply before it (`b""`: at once). After the last reply comes the end of input, unless `ended` is
    false: then `feed` and `feed_end` go on. `output` and `errors` collect streams 1 and 2, `transcript` both in order.
    """

    def __init__(
        self,
        stdin: bytes = b"",
        *,
        script: Sequence[tuple[bytes, bytes]] = (),
        ended: bool = True,
        kinds: tuple[FdKind, FdKind, FdKind] = ("pipe", "pipe", "pipe"),
        size: tuple[int, int] = DEFAULT_SIZE,
    ) -> None:
        self.output = bytearray()
        self.errors = bytearray()
        self.transcript = bytearray()
        self.opened = False
        self._pending = bytearray(stdin)
        self._script = list(script)
        self._seen = 0
        self._ended = ended
        self._kinds = kinds
        self._size = size
        self._resized = False
        self._closed: set[int] = set()

    def open(self) -> None:
        self.opened = True

    def close(self) -> None:
        self.opened = False

    def kind(self, fd: int) -> FdKind:
        return self._kinds[fd]

    def is_terminal(self, fd: int) -> bool:
        return self._kinds[fd] == "terminal"

    def size(self) -> tuple[int, int]:
        return self._size

    def resize(self, rows: int, columns: int) -> None:
        """Change the terminal's size, as a person does with a window."""
        self._size = (rows, columns)
        self._resized = True

    def take_resize(self) -> bool:
        resized, self._resized = self._resized, False
        return resized

    def feed(self, data: bytes) -> None:
        """Make `data` readable."""
        self._pending += data

    def feed_end(self) -> None:
        """Let the input end after what is readable and scripted."""
        self._ended = True

    def read(self, limit: int) -> bytes | None:
        self._advance_script()
        if not self._pending:
            return b"" if self._at_end() else None
        taken = bytes(self._pending[:limit])
        del self._pending[:limit]
        return taken

    def wait(self, timeout_s: float | None) -> bool:
        """As `Console.wait`, but no time passes.

        Raises:
            ConsoleStarved: `timeout_s` is None and nothing will ever be readable.
        """
        self._advance_script()
        if self._pending or self._at_end() or self._resized:
            return True
        if timeout_s is None:
            wanted = f"; the script waits for {self._script[0][0]!r}" if self._script else ""
            raise ConsoleStarved(f"no input left{wanted}; last output: {bytes(self.transcript[-200:])!r}")
        return False

    def write(self, data: bytes) -> None:
        if 1 not in self._closed:
            self.output += data
            self.transcript += data

    def write_error(self, data: bytes) -> None:
        if 2 not in self._closed:
            self.errors += data
            self.transcript += data

    def write_terminal(self, data: bytes) -> None:
        if not self.is_terminal(1) and self.is_terminal(2):
            self.write_error(data)
        else:
            self.write(data)

    def close_reader(self, fd: int) -> None:
        """Let the reader of stream `fd` go away, as `head` does."""
        self._closed.add(fd)

    def closed(self, fd: int) -> bool:
        return fd in self._closed

    def flush(self) -> None:
        """Nothing is buffered."""

    def poll(self) -> None:
        """There is no escape key."""

    def _advance_script(self) -> None:
        while self._script and not self._pending:
            expected, reply = self._script[0]
            found = self.transcript.find(expected, self._seen)
            if found < 0:
                return
            self._seen = found + len(expected)
            self._pending += reply
            del self._script[0]

    def _at_end(self) -> bool:
        return self._ended and not self._script and not self._pending
