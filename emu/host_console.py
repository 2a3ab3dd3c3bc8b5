"""The console on the host's own descriptors 0, 1 and 2."""

import contextlib
import os
import sys
from typing import Protocol, Self

from rvsim.emu import host
from rvsim.emu.console import DEFAULT_SIZE
from rvsim.emu.host import FdKind

ESCAPE = 0x1D
"""Ctrl-]: with `x` after it, leave rvsim; twice, send one to the guest."""

READ_SIZE = 4096
BUFFER_LIMIT = 16 * 1024


class Input(Protocol):
    """Where stream 0 comes from."""

    def read(self, limit: int) -> bytes | None: ...
    def wait(self, timeout_s: float | None) -> bool: ...


class NullInput:
    """An input that is at its end."""

    def read(self, limit: int) -> bytes | None:
        return b""

    def wait(self, timeout_s: float | None) -> bool:
        return True


class StreamInput:
    """A pipe or a file. Takes no byte before the guest asks for it: what it leaves, the next process can read."""

    def __init__(self, fd: int, wake: host.WakePipe) -> None:
        self._fd = fd
        self._wake = wake
        self.others: tuple[int, ...] = ()

    def read(self, limit: int) -> bytes | None:
        if self._fd not in host.wait_readable([self._fd], 0):
            return None
        try:
            return os.read(self._fd, limit)
        except BlockingIOError:
            return None
        except OSError:  # a directory, or a terminal that hung up: nothing will come
            return b""

    def wait(self, timeout_s: float | None) -> bool:
        ready = host.wait_readable([self._fd, self._wake.read_fd, *self.others], timeout_s)
        self._wake.drain()
        return bool(ready)


class KeyInput:
    """A terminal's keys: taken as they come, so that the escape works while the guest reads nothing."""

    def __init__(self, stream: Input) -> None:
        self._stream = stream
        self._keys = bytearray()
        self._after_escape = False
        self._ended = False

    def read(self, limit: int) -> bytes | None:
        self.poll()
        if not self._keys:
            return b"" if self._ended else None
        taken = bytes(self._keys[:limit])
        del self._keys[:limit]
        return taken

    def wait(self, timeout_s: float | None) -> bool:
        return bool(self._keys) or self._ended or self._stream.wait(timeout_s)

    def poll(self) -> None:
        """Take what was typed. Raises KeyboardInterrupt at the escape followed by `x`."""
        if self._ended or len(self._keys) >= READ_SIZE:
            return
        typed = self._stream.read(READ_SIZE)
        if typed is None:
            return
        self._ended = not typed
        for key in typed:
            if self._after_escape:
                self._after_escape = False
                if key in b"xX":
                    raise KeyboardInterrupt
                self._keys += bytes((key,) if key == ESCAPE else (ESCAPE, key))
            elif key == ESCAPE:
                self._after_escape = True
            else:
                self._keys.append(key)


class HostConsole:
    """Streams 0, 1 and 2 on the host's descriptors of these numbers; a terminal on 0 is raw between open and close.

    Output is buffered across both streams together, so that their order holds where they are one terminal or file. A
    stream whose reader is gone, or that refuses bytes, is `closed`, and `close_reasons` says why in words.
    """

    def __init__(self) -> None:
        self._opened = False
        self._kinds = [host.fd_kind(fd) for fd in range(3)]
        self._input: Input = NullInput()
        self._keys: KeyInput | None = None
        self._terminal: host.RawTerminal | None = None
        self._wake: host.WakePipe | None = None
        self._stream: StreamInput | None = None
        self._others: tuple[int, ...] = ()
        self._resized = False
        self._buffer = bytearray()
        self._buffered_fd = 1
        self._screen_fd = next((fd for fd in (1, 2, 0) if self._kinds[fd] == "terminal"), 1)
        self.close_reasons: dict[int, str] = {}

    def open(self) -> None:
        if self._opened:
            return
        self._opened = True
        for stream in (sys.stdout, sys.stderr):  # what was said before us comes before us
            if stream is not None:
                stream.flush()
        if self._kinds[0] == "null":
            return
        if host.CAN_WAIT_ON_DESCRIPTORS:
            host.signal_pipe()
            self._wake = host.WakePipe()
            self._input = self._stream = StreamInput(0, self._wake)
            self._stream.others = self._others
        else:
            self._input = host.ReadAheadThread(0)
        if self._kinds[0] == "terminal":
            self._input = self._keys = KeyInput(self._input)
            self._terminal = host.RawTerminal(0, self._note_resize)
            self._terminal.enter()

    def close(self) -> None:
        try:
            self.flush()
        finally:
            if self._terminal is not None:
                self._terminal.leave()
                self._terminal = None
            if self._wake is not None:
                self._wake.close()
                self._wake = None
            self._input, self._keys, self._stream = NullInput(), None, None
            self._opened = False

    def wait_for_others(self, fds: tuple[int, ...]) -> None:
        """From now on `wait` ends, too, when one of these descriptors has something to read.

        Not on hosts that cannot wait on descriptors.
        """
        self._others = fds
        if self._stream is not None:
            self._stream.others = fds

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def kind(self, fd: int) -> FdKind:
        return self._kinds[fd]

    def is_terminal(self, fd: int) -> bool:
        return self._kinds[fd] == "terminal"

    def size(self) -> tuple[int, int]:
        with contextlib.suppress(OSError):
            columns, rows = os.get_terminal_size(self._screen_fd)
            if rows and columns:
                return rows, columns
        return DEFAULT_SIZE

    def take_resize(self) -> bool:
        resized, self._resized = self._resized, False
        return resized

    def read(self, limit: int) -> bytes | None:
        if self._terminal is not None:
            self._terminal.enter()  # we may have come to the foreground
        return self._input.read(limit)

    def wait(self, timeout_s: float | None) -> bool:
        self.flush()
        return self._input.wait(timeout_s)

    def write(self, data: bytes) -> None:
        self._buffer_for(1, data)

    def write_error(self, data: bytes) -> None:
        self._buffer_for(2, data)

    def write_terminal(self, data: bytes) -> None:
        self._buffer_for(self._screen_fd, data)

    def notice(self, line: str) -> None:
        """Say one line of rvsim's own on stream 2, in its right place and readable on a raw terminal."""
        raw = self._terminal is not None and self._terminal.raw and self._kinds[2] == "terminal"
        self.write_error(line.encode(errors="replace") + (b"\r\n" if raw else b"\n"))
        self.flush()

    def closed(self, fd: int) -> bool:
        return fd in self.close_reasons

    def flush(self) -> None:
        fd = self._buffered_fd
        while self._buffer and fd not in self.close_reasons:
            try:
                _send(fd, self._buffer)
            except BlockingIOError:
                host.wait_writable(fd)
            except OSError as error:
                self.close_reasons[fd] = error.strerror or str(error)
        self._buffer.clear()

    def poll(self) -> None:
        if self._buffer:
            self.flush()
        if self._keys is not None:
            self._keys.poll()

    def _buffer_for(self, fd: int, data: bytes) -> None:
        if fd != self._buffered_fd:
            self.flush()
            self._buffered_fd = fd
        self._buffer += data
        if len(self._buffer) >= BUFFER_LIMIT:
            self.flush()

    def _note_resize(self) -> None:
        self._resized = True
        if self._wake is not None:
            self._wake.wake()


def _send(fd: int, buffer: bytearray) -> None:
    """Write what the host takes, and remove it from `buffer`. Raises OSError.

    No bytecode runs between the two, so what a handler of a signal raises does not leave there what was written.
    """
    any(map(buffer.__delitem__, map(slice, map(os.write, (fd,), (buffer,)))))
