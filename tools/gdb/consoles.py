"""The host's console for a machine under gdb: while the guest waits for input, gdb can ask for a stop."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rvsim.emu.host import wait_readable
from rvsim.tools.debug.console import Place, SessionConsole

if TYPE_CHECKING:
    from rvsim.emu.host import FdKind
    from rvsim.emu.host_console import HostConsole
    from rvsim.tools.gdb.stub import Stub


class HostSource:
    """The host's standard input, as where a guest's input comes from."""

    def __init__(self, console: HostConsole, stub: Stub) -> None:
        self.console = console
        self.stub = stub
        self.limit_s: float | None = None       # so long may `wait` take
        self.late = False                       # it took as long as it may

    def read(self, limit: int) -> bytes | None:
        return self.console.read(limit)

    def wait(self) -> bool:
        self.late = False
        if self.stub.session.journey.muted:
            return False
        end = None if self.limit_s is None else time.monotonic() + self.limit_s
        answer = wait_for_both(self.console, self.stub, self.limit_s)
        self.late = end is not None and time.monotonic() >= end
        return answer or self.late


def wait_for_both(console: HostConsole, stub: Stub, timeout_s: float | None) -> bool:
    """Wait for input, or until gdb wants something. True: there is input, or the time passed."""
    if stub.is_called():            # it came together with what let the machine go on
        return False
    console.wait_for_others(stub.link.descriptors)
    try:
        console.wait(timeout_s)
    finally:
        console.wait_for_others(())
    return not stub.is_called()


class RememberingConsole(SessionConsole):
    """What the guest reads is remembered, so that the run can be repeated; for streams that are no terminals."""

    def __init__(self, console: HostConsole, stub: Stub) -> None:
        self.host = console
        self._host_source = HostSource(console, stub)
        super().__init__(self._show, self._host_source)

    def wait(self, timeout_s: float | None) -> bool:
        if self.replaying:
            return super().wait(timeout_s)
        self._host_source.limit_s = timeout_s
        self._host_source.late = False
        answer = super().wait(None)
        if self._host_source.late:
            self._answers[-1] = answer = False
        return answer

    def _show(self, fd: int, data: bytes) -> None:
        if fd == 2:
            self.host.write_error(data)
        else:
            self.host.write(data)

    def kind(self, fd: int) -> FdKind:
        return self.host.kind(fd)

    def flush(self) -> None:
        self.host.flush()

    def poll(self) -> None:
        self.host.poll()


class LiveConsole(SessionConsole):
    """The host's terminal as it is. Nothing is remembered: when a key comes, guest time does not tell."""

    def __init__(self, console: HostConsole, stub: Stub) -> None:
        self.host = console
        self.stub = stub
        super().__init__(lambda fd, data: None)

    @property
    def place(self) -> Place:
        return Place(0, (0, 0, 0))

    def go_back(self, place: Place) -> None:
        return

    def diverge(self) -> None:
        return

    def kind(self, fd: int) -> FdKind:
        return self.host.kind(fd)

    def is_terminal(self, fd: int) -> bool:
        return self.host.is_terminal(fd)

    def size(self) -> tuple[int, int]:
        return self.host.size()

    def take_resize(self) -> bool:
        return self.host.take_resize()

    def read(self, limit: int) -> bytes | None:
        return self.host.read(limit)

    def wait(self, timeout_s: float | None) -> bool:
        self.host.flush()
        if wait_for_both(self.host, self.stub, timeout_s):
            return True
        if self.starved is not None:
            self.starved()
        return True

    def sleep(self, seconds: float) -> None:
        """Wait so long, but for gdb."""
        end = time.monotonic() + seconds
        while not self.stub.is_called():
            left = end - time.monotonic()
            if left <= 0:
                return
            wait_readable(list(self.stub.link.descriptors), left)
        assert self.starved is not None
        self.starved()

    def write(self, data: bytes) -> None:
        self.host.write(data)

    def write_error(self, data: bytes) -> None:
        self.host.write_error(data)

    def write_terminal(self, data: bytes) -> None:
        self.host.write_terminal(data)

    def closed(self, fd: int) -> bool:
        return self.host.closed(fd)

    def flush(self) -> None:
        self.host.flush()

    def poll(self) -> None:
        self.host.poll()


