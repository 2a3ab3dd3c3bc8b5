"""The page of code that the kernel gives to every program: where signal handlers return to.

Unwinders know the two instructions by their bytes: `li a7, 139; ecall`. arch/riscv/kernel/vdso/rt_sigreturn.S
"""

from __future__ import annotations

import struct

from rvsim.guest_os.abi.mman import PROT_EXEC, PROT_READ
from rvsim.guest_os.mm.address_space import AddressSpace
from rvsim.guest_os.mm.layout import PAGE_SIZE
from rvsim.guest_os.mm.memory import Memory
from rvsim.guest_os.mm.page_cache import PageCache

SIGRETURN = struct.pack("<II", 0x08B0_0893, 0x0000_0073)


class _CodePage:
    """What stands behind the page: its bytes."""

    __slots__ = ("data", "mapping")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.mapping: object | None = None

    @property
    def size(self) -> int:
        return PAGE_SIZE

    def read_raw(self, offset: int, size: int) -> bytes:
        return self.data[offset:offset + size]

    def write_raw(self, offset: int, data: bytes) -> None:
        """Nobody maps it writable and shared, so there is nothing to store."""

    def charge(self, offset: int, size: int) -> None:
        """For the same reason there is nothing to do."""


class Vdso:
    """One page, shared by all. `sigreturn_offset`: where in it the return from a handler stands."""

    sigreturn_offset = 0x800

    def __init__(self, memory: Memory) -> None:
        code = bytes(self.sigreturn_offset) + SIGRETURN
        self.cache: PageCache = memory.cache_of(_CodePage(code.ljust(PAGE_SIZE, b"\0")))

    def map(self, space: AddressSpace) -> None:
        """Add the page to a new address space and note where. ENOMEM."""
        space.vdso = space.find_free(PAGE_SIZE)
        space.map(space.vdso, PAGE_SIZE, PROT_READ | PROT_EXEC, 0, self.cache, 0, None, b"[vdso]")
