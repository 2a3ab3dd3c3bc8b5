"""What only some hosts have: raw terminals, job-control signals, waiting on descriptors, and plain ways without them.

Where there is no `termios` the terminal keeps its own line editing; where descriptors cannot be waited for, a thread
reads standard input ahead. Nothing else in the package asks which host it runs on.
"""

import atexit
import contextlib
import functools
import os
import queue
import select
import signal
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any, Literal

try:
    import termios
except ImportError:  # not a POSIX host
    termios = None  # type: ignore[assignment]

FdKind = Literal["terminal", "pipe", "file", "null"]
"""What a host descriptor is; `null` is the null device, and a descriptor that is not open."""

CAN_WAIT_ON_DESCRIPTORS = sys.platform != "win32"

ENDING_SIGNALS = ("SIGTERM", "SIGHUP", "SIGQUIT")
"""Signals that would end the process with the terminal still raw. (SIGINT is KeyboardInterrupt, which unwinds.)"""

_MANY_DESCRIPTORS = 1 << 20

_IFLAG, _OFLAG, _CFLAG, _LFLAG, _CC = 0, 1, 2, 3, 6  # indices into what tcgetattr returns


def fd_kind(fd: int) -> FdKind:
    """Say what the host's descriptor `fd` is."""
    try:
        mode = os.fstat(fd).st_mode
    except OSError:
        return "null"
    if stat.S_ISCHR(mode):
        if os.isatty(fd):
            return "terminal"
        with contextlib.suppress(OSError):
            if os.path.samestat(os.fstat(fd), os.stat(os.devnull)):
                return "null"
        return "file"
    return "pipe" if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) else "file"


def raise_descriptor_limit() -> None:
    """Let this process open as many files as it may: a guest's open files of the host take a descriptor each."""
    try:
        import resource
    except ImportError:  # not a POSIX host
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MANY_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _MANY_DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def wait_readable(fds: list[int], timeout_s: float | None) -> list[int]:
    """Which of `fds` have something to read or are at their end; wait for one at most `timeout_s` (None: for ever).

    Python's handlers of signals run while it waits, and what they raise ends the wait.
    """
    try:
        return _select(fds, [], timeout_s)[0]
    except (OSError, ValueError):  # one of them was closed under us: reading it says so
        return fds


def wait_writable(fd: int, timeout_s: float | None = None) -> bool:
    """Wait until a descriptor that does not block takes bytes again. False: `timeout_s` passed first."""
    return bool(_select([], [fd], timeout_s)[1])


def sleep(seconds: float) -> None:
    """As time.sleep, but a signal that comes as it begins is not left for its end, either."""
    if CAN_WAIT_ON_DESCRIPTORS:
        _select([], [], seconds)
    else:
        time.sleep(seconds)


def _select(readers: list[int], writers: list[int], timeout_s: float | None) -> tuple[list[int], list[int]]:
    """select(2), which signals end as Python handles them: those, too, that come just before the call begins to wait.

    Such a signal is only noted for later by Python, and the call would not end for it: so each writes to a pipe.
    """
    if timeout_s == 0 or not CAN_WAIT_ON_DESCRIPTORS or threading.current_thread() is not threading.main_thread():
        return select.select(readers, writers, [], timeout_s)[:2]
    end = None if timeout_s is None else time.monotonic() + timeout_s
    pipe = signal_pipe()
    previous = signal.set_wakeup_fd(pipe.write_fd, warn_on_full_buffer=False)
    try:
        while True:
            left = None if end is None else max(0.0, end - time.monotonic())
            ready, writable, _ = select.select([*readers, pipe.read_fd], writers, [], left)
            if pipe.read_fd not in ready:
                return ready, writable
            pipe.drain()
            if len(ready) > 1 or writable:
                return ready[:-1], writable
    finally:
        signal.set_wakeup_fd(previous)


@contextlib.contextmanager
def signals_held() -> Iterator[None]:
    """While this lasts, handlers of signals wait: for steps that belong together, none of which takes long."""
    if termios is None:  # not a POSIX host
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    held = signal.valid_signals() - {signal.SIGTTIN, signal.SIGTTOU}  # these keep the background off the terminal
    try:
        signal.pthread_sigmask(signal.SIG_BLOCK, held)  # what came before is handled in here
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@functools.cache
def signal_pipe() -> "WakePipe":
    """The pipe that signals write to while we wait. Ask for it early: select(2) takes no number above 1,023."""
    pipe = WakePipe()
    os.register_at_fork(after_in_child=signal_pipe.cache_clear)
    return pipe


class WakePipe:
    """A pipe to ourselves, so that a signal ends a wait on descriptors."""

    def __init__(self) -> None:
        self.read_fd, self.write_fd = os.pipe()
        os.set_blocking(self.read_fd, False)
        os.set_blocking(self.write_fd, False)

    def wake(self) -> None:
        with contextlib.suppress(OSError):  # full: a wake is already under way
            os.write(self.write_fd, b"\0")

    def drain(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while os.read(self.read_fd, 64):
                pass

    def close(self) -> None:
        os.close(self.read_fd)
        os.close(self.write_fd)


class RawTerminal:
    """A terminal that hands over every key as it is pressed, and that always gets its own settings back.

    They come back at `leave`, at exit, before a signal of `ENDING_SIGNALS` ends the process, and while it is stopped
    by SIGTSTP. In the background the terminal is left alone until the process is in the foreground. Output is raw too
    (no OPOST): whoever writes sends `\\r\\n`. `resized` is called in a signal handler when the window changes.
    """

    def __init__(self, fd: int, resized: Callable[[], None]) -> None:
        self._fd = fd
        self._resized = resized
        self._saved: list[Any] | None = None
        self._handlers: dict[int, Any] = {}
        self.raw = False

    def enter(self) -> None:
        """Make the terminal raw, if there is termios and we are in the foreground; else do nothing."""
        if termios is None or self.raw:
            return
        with signals_held():  # a signal that ends us finds the terminal raw, and known to be, or neither
            self._enter()

    def _enter(self) -> None:
        if self._saved is None:
            try:
                self._saved = termios.tcgetattr(self._fd)
            except termios.error:
                return
            atexit.register(self.leave)
            self._watch_signals()
        if not self.raw and in_foreground(self._fd):
            self._set(_raw_settings(self._saved))
            self.raw = True

    def leave(self) -> None:
        """Give the terminal its settings back. May be called again."""
        if self._saved is None:
            return
        with signals_held():
            self.restore()
            self._saved = None
            atexit.unregister(self.leave)
            for number, previous in self._handlers.items():
                signal.signal(number, previous)
            self._handlers.clear()

    def restore(self) -> None:
        """Give the terminal its settings back for a while: `enter` makes it raw again."""
        with signals_held():
            if self.raw and self._saved is not None:
                self.raw = False
                self._set(self._saved)

    def _set(self, settings: list[Any]) -> None:
        with contextlib.suppress(termios.error):  # hung up: nothing left to set
            termios.tcsetattr(self._fd, termios.TCSANOW, settings)

    def _watch_signals(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return  # the host lets only the main thread handle signals
        for name in ENDING_SIGNALS:
            self._handle(getattr(signal, name), self._on_ending)
        self._handle(signal.SIGTSTP, self._on_stop)
        self._handle(signal.SIGCONT, self._on_continue)
        self._handle(signal.SIGWINCH, self._on_resize)

    def _handle(self, number: int, handler: Callable[[int, FrameType | None], None]) -> None:
        if signal.getsignal(number) is not signal.SIG_IGN:  # under nohup we stay deaf
            self._handlers[number] = signal.signal(number, handler)

    def _on_ending(self, number: int, frame: FrameType | None) -> None:
        previous = self._handlers[number]
        self.leave()
        if callable(previous):
            previous(number, frame)
        else:
            os.kill(os.getpid(), number)

    def _on_stop(self, number: int, frame: FrameType | None) -> None:
        self.restore()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)  # stops here, unless no shell is there to continue us
        signal.signal(number, self._on_stop)
        self.enter()

    def _on_continue(self, number: int, frame: FrameType | None) -> None:
        if self._saved is not None:
            self.raw = False  # a shell may have changed the settings meanwhile
            self.enter()
        self._resized()

    def _on_resize(self, number: int, frame: FrameType | None) -> None:
        self._resized()


def in_foreground(fd: int) -> bool:
    """Whether this process may set the terminal `fd` without being stopped for it."""
    try:
        return os.tcgetpgrp(fd) == os.getpgrp()
    except OSError:  # not our controlling terminal: no job control on it
        return True


def _raw_settings(settings: list[Any]) -> list[Any]:
    """`settings` changed as cfmakeraw(3) does: no echo, no lines, no signals, no translation, 8 bits."""
    raw = [*settings[:_CC], list(settings[_CC])]
    raw[_IFLAG] &= ~(
        termios.IGNBRK | termios.BRKINT | termios.PARMRK | termios.ISTRIP
        | termios.INLCR | termios.IGNCR | termios.ICRNL | termios.IXON
    )
    raw[_OFLAG] &= ~termios.OPOST
    raw[_CFLAG] = raw[_CFLAG] & ~(termios.CSIZE | termios.PARENB) | termios.CS8
    raw[_LFLAG] &= ~(termios.ECHO | termios.ECHONL | termios.ICANON | termios.ISIG | termios.IEXTEN)
    raw[_CC][termios.VMIN] = 1
    raw[_CC][termios.VTIME] = 0
    return raw


class ReadAheadThread:
    """Standard input on a host whose descriptors cannot be waited for: a thread reads and a queue keeps the bytes."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._chunks: queue.Queue[bytes] = queue.Queue(maxsize=16)
        self._pending = b""
        self._ended = False
        threading.Thread(target=self._read, name="rvsim-stdin", daemon=True).start()

    def _read(self) -> None:
        while True:
            try:
                chunk = os.read(self._fd, 4096)
            except OSError:
                chunk = b""
            self._chunks.put(chunk)
            if not chunk:
                return

    def wait(self, timeout_s: float | None) -> bool:
        """Wait until `read` has an answer; False if `timeout_s` passed first."""
        if self._pending or self._ended:
            return True
        try:
            self._pending = self._chunks.get(timeout=timeout_s) if timeout_s != 0 else self._chunks.get_nowait()
        except queue.Empty:
            return False
        self._ended = not self._pending
        return True

    def read(self, limit: int) -> bytes | None:
        """Up to `limit` bytes; None if there are none now, `b""` at the end."""
        if not self.wait(0):
            return None
        taken, self._pending = self._pending[:limit], self._pending[limit:]
        return taken
