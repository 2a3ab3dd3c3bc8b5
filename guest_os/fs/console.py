"""What terminals and streams ask of the host's end: the protocol that the machine's console meets."""

from __future__ import annotations

from typing import Protocol


class Console(Protocol):
    """The host's input and output."""

    def read(self, limit: int, /) -> bytes | None:
        """Up to `limit` bytes that are there now; None: nothing now; b"": the end."""
        ...

    def write(self, data: bytes, /) -> object:
        """Put out all of `data` as standard output."""
        ...

    def write_error(self, data: bytes, /) -> object:
        """Put out all of `data` as standard error."""
        ...

    def write_terminal(self, data: bytes, /) -> object:
        """Put out all of `data` on the terminal."""
        ...

    def closed(self, fd: int, /) -> bool:
        """Whether nobody will read what is written to stream 1 or 2."""
        ...

    def wait(self, timeout_s: float | None, /) -> object:
        """Sleep until there is input, at most so long (None: for ever)."""
        ...

    def size(self) -> tuple[int, int]:
        """(rows, columns) of the terminal."""
        ...

    def take_resize(self) -> bool:
        """Whether the terminal changed its size since the last call."""
        ...
