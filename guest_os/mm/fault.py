"""What a page fault can end in when the kernel cannot resolve it."""

from __future__ import annotations

import enum

SEGV_MAPERR = 1
SEGV_ACCERR = 2
BUS_ADRERR = 2


class Access(enum.IntEnum):
    """What the hart tried: the protection bit that it needs."""

    READ = 1
    WRITE = 2
    EXEC = 4


class BadAccess(Exception):
    """The access is the guest's mistake. `bus`: past the end of a mapped file (SIGBUS), else SIGSEGV with `code`."""

    def __init__(self, address: int, code: int, bus: bool = False) -> None:
        super().__init__(address, code, bus)
        self.address = address
        self.code = code
        self.bus = bus


class OutOfMemory(Exception):
    """No frame is left, even after the page caches gave back what they could."""
