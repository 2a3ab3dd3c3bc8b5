"""A machine in the hand of a test: it runs when the test waits for something, and stands still otherwise."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

from rvsim.guest_os.abi.errno import Errno
from rvsim.guest_os.abi.fcntl import O_RDONLY
from rvsim.guest_os.boot import TIMED_OUT, BootError
from rvsim.guest_os.vfs.namei import lookup
from rvsim.guest_os.vfs.open import open_file
from rvsim.tools.procs.snapshot import take as take_processes
from rvsim.tools.testing.limits import Limits
from rvsim.tools.testing.patterns import EOF, TIMEOUT, Pattern, Patterns
from rvsim.tools.testing.paused import PausedMachine, Reason

if TYPE_CHECKING:
    import re

    from rvsim.guest_os.boot import Machine
    from rvsim.guest_os.outside import Outside
    from rvsim.tools.testing.console import TestConsole
    from rvsim.tools.testing.log import TestLog

_CHUNK_BYTES = 1 << 20
_LAST_OUTPUT = 500


Origin = Callable[["TestConsole", "Outside | None"], "Machine"]


class GuestFailure(AssertionError):
    """The guest does not do what the test waits for. `trap`: the number of the last trap before that showed; `guest`:
    which one it was, if it can still be looked at."""

    def __init__(self, message: str, trap: int, guest: Guest | None = None) -> None:
        super().__init__(message)
        self.trap = trap
        self.guest = guest


class Guest(PausedMachine):
    """A running machine. Used in a `with`, it is closed in the end.

    Attributes:
        before, after, match: of the last `expect`, as in pexpect: the output before the match, the matched text, the
            match itself.
        argv: of its first process, as it was started; `begun`: it goes on from a snapshot.
        at_close: called when it is closed, before its machine goes to another.
        origin: makes its beginning again, on another console: the machine of the same case, before its first turn.
    """

    def __init__(self, machine: Machine, console: TestConsole, log: TestLog, limits: Limits,
                 origin: Origin, retire: Callable[[Machine], None], name: str, argv: Sequence[bytes] = (),
                 begun: bool = False) -> None:
        super().__init__(machine, console, limits, name)
        self.log = log
        self.origin = origin
        self.argv = tuple(argv)
        self.begun = begun
        self.before = self.after = ""
        self.match: re.Match[bytes] | None = None
        self.failure: GuestFailure | None = None
        self._retire = retire
        self._seen = 0
        self.at_close: list[Callable[[], None]] = []
        console.stamp = self.traps

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    # ---- input

    def send(self, text: str | bytes) -> None:
        """Type `text`, as it is."""
        self._must_live()
        self.console.feed(text.encode() if isinstance(text, str) else text)

    def sendline(self, text: str | bytes = "") -> None:
        """Type `text` and a line's end."""
        self.send(text)
        self.send(b"\n")

    def sendcontrol(self, letter: str) -> None:
        """Press Control and a letter, or one of @[\\]^_?"""
        code = letter.upper().encode()
        if len(code) != 1 or not (0x40 <= code[0] <= 0x5F or code == b"?"):
            raise ValueError(f"{letter!r} is no key that goes with Control; give a letter, or one of @[\\]^_?")
        self.send(bytes([code[0] ^ 0x40]))

    def sendeof(self) -> None:
        """End the input: ^D at a terminal, the end of the stream for pipes."""
        if self.console.is_terminal(0):
            self.send(b"\x04")
        else:
            self._must_live()
            self.console.feed_end()

    # ---- output

    @property
    def output(self) -> str:
        """All that has come from the guest: on the terminal, or on its standard output."""
        return self.console.output.decode(errors="replace")

    @property
    def errors(self) -> str:
        """What has come on standard error, where that is a pipe of its own."""
        return self.console.errors.decode(errors="replace")

    def expect(self, pattern: Pattern | Sequence[Pattern], timeout: str | float | None = None,
               ticks: int | None = None) -> int:
        """Run until the output has a match behind the last one; which of the patterns it was.

        A pattern is a regular expression, EOF or TIMEOUT. `timeout`: of guest time, seconds or text such as `500ms`;
        `ticks`: so many at most; without either, until the limits of the machine.

        Raises:
            GuestFailure: it does not come; what did is in the message.
        """
        __tracebackhide__ = True
        return self._expect(Patterns(pattern), timeout, ticks)

    def expect_exact(self, text: str | bytes | Sequence[str | bytes], timeout: str | float | None = None,
                     ticks: int | None = None) -> int:
        """As `expect`, with plain text."""
        __tracebackhide__ = True
        return self._expect(Patterns(text, exact=True), timeout, ticks)

    def _expect(self, patterns: Patterns, timeout: str | float | None, ticks: int | None) -> int:
        __tracebackhide__ = True
        looked, matches = -1, False

        def look() -> bool:
            nonlocal looked, matches
            if len(self.console.output) == looked:
                return matches
            looked = len(self.console.output)
            found = patterns.search(self.console.output, self._seen)
            matches = found is not None
            if found is None:
                return False
            self.match = found.match
            self.before = self.console.output[self._seen:found.match.start()].decode(errors="replace")
            self.after = found.match[0].decode(errors="replace")
            self._index = found.which
            self._end = found.match.end()
            return True

        self._set_deadline(timeout, ticks)
        reason = self.run_until(look)
        if reason is Reason.REACHED:
            self._seen = self._end
            self._forget_match()
            return self._index
        return self._not_matched(patterns, reason)

    def _forget_match(self) -> None:
        """The match is a view of the output, which could not grow; keep a copy."""
        if self.match is not None:
            data = bytes(self.match.string)
            self.match = self.match.re.search(data, self.match.start())

    def _not_matched(self, patterns: Patterns, reason: Reason) -> int:
        __tracebackhide__ = True
        self.match = None
        self.before, self.after = self.console.output[self._seen:].decode(errors="replace"), ""
        special: type[EOF] | type[TIMEOUT] = EOF if reason in (Reason.ENDED, Reason.STUCK) else TIMEOUT
        index = patterns.index_of(special)
        if index is not None:
            return index
        raise self.fails(f"expected {patterns}, and {self.standing()}; since the last match came {self._tail()}")

    def _tail(self) -> str:
        text = self.before
        return f"…{text[-_LAST_OUTPUT:]!r}" if len(text) > _LAST_OUTPUT else repr(text)

    # ---- the end of its run

    def wait(self, timeout: str | float | None = None) -> int:
        """Run to the machine's end; its status: the first process's, or 128+N if signal N ended it.

        Raises:
            GuestFailure: it does not end.
        """
        __tracebackhide__ = True
        self._set_deadline(timeout, None)
        reason = self.run_until(bool)
        if reason is not Reason.ENDED:
            raise self.fails(f"the machine does not end: {self.standing()}")
        return self.machine.ending()

    def fails(self, message: str) -> GuestFailure:
        """Note that the guest failed here; to be raised."""
        self.failure = GuestFailure(message, self.traps(), self)
        return self.failure

    # ---- looking

    def processes(self) -> list[dict[str, Any]]:
        """The processes, as `rvsim ps` knows them: `pid`, `ppid`, `state`, `name`, `arguments`, `threads`, …"""
        found: list[dict[str, Any]] = take_processes(self.machine, areas=False, frames=False)["processes"]
        return found

    def read_file(self, path: str | bytes) -> bytes:
        """The bytes of a file of the guest. Raises OSError with the guest's errno."""
        machine = self.machine
        try:
            file: Any = open_file(machine.context, machine.cred, os.fsencode(path), O_RDONLY)
            try:
                data = b""
                while piece := file.read(_CHUNK_BYTES):
                    data += piece
                return data
            finally:
                file.put()
        except Errno as error:
            raise OSError(error.number, error.text, os.fsdecode(path)) from None

    def file_mode(self, path: str | bytes) -> int:
        """Type and permissions of a file of the guest. Raises OSError with the guest's errno."""
        machine = self.machine
        try:
            return int(lookup(machine.context, machine.cred, os.fsencode(path)).inode.mode)
        except Errno as error:
            raise OSError(error.number, error.text, os.fsdecode(path)) from None

    def write_file(self, path: str | bytes, data: str | bytes, mode: int = 0o644) -> None:
        """Put a file into the guest. Raises OSError with the guest's errno."""
        self._must_live()
        try:
            self.machine.install(os.fsencode(path), data.encode() if isinstance(data, str) else data, mode)
        except Errno as error:
            raise OSError(error.number, error.text, os.fsdecode(path)) from None
        self._begin_here()

    def _begin_here(self) -> None:
        """What came from outside is no input: a replay begins behind it."""
        from rvsim.guest_os.snapshot import restore, take

        snapshot = take(self.machine)

        def again(console: TestConsole, outside: Outside | None) -> Machine:
            return restore(snapshot, console, outside=outside)

        self.origin = again
        self.log.begin()

    # ---- the end

    def close(self) -> None:
        """The test needs it no more. May be called again."""
        if not self._closed:
            self._closed = True
            for act in self.at_close:
                act()
            self._retire(self.machine)



Files = Mapping[str, str | bytes]

__all__ = ["EOF", "TIMED_OUT", "TIMEOUT", "BootError", "Files", "Guest", "GuestFailure", "Reason"]
