"""What a system call reads and writes of watched bytes: the fault is told when the call is over. man 5 proc, PCWATCH

While a process with watched areas makes a call, its address space has a `spy`, which `mm.user_memory` asks. A store
to bytes that are watched before the access waits: the debugger finds the memory as it was, and what it answers
decides. If it clears the fault, the store is made and the call has its result; else it is not, and the call fails
with EFAULT. What the kernel stores of its own accord (the frame of a signal, the word of a thread that ends) is not
part of a call and is never told.

Differs: one access of a call is told, the first, and at the end of the call, so that a call that waits has waited
already; illumos stops at each, in its midst.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from rvsim.guest_os.abi.errno import EFAULT
from rvsim.guest_os.abi.solproc import Watch
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.mm.fault import Access, OutOfMemory

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rvsim.guest_os.mm.address_space import AddressSpace


class Area(NamedTuple):
    """Watched bytes [start, end) and which accesses to them count."""

    start: int
    end: int
    flags: Watch


class Seen(NamedTuple):
    """An access to a watched byte at `address`, by the instruction at `pc`; `after`: it has been made."""

    address: int
    access: Access
    pc: int
    after: bool


class WatchedCall:
    """One call of a process with watched areas: the first access that counts, and the stores that wait.

    Attributes:
        pc: where its ecall stands.
        number, result: of the call; they are known when it is over.
    """

    __slots__ = ("areas", "number", "pc", "result", "seen", "stores")

    def __init__(self, areas: Sequence[Area], pc: int) -> None:
        self.areas = areas
        self.pc = pc
        self.seen: Seen | None = None
        self.stores: list[tuple[int, bytes]] = []
        self.number = 0
        self.result: int | None = None

    def carry_out(self, space: AddressSpace, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        """Run a call's handler with these arguments while this looks on."""
        space.spy = self
        try:
            return function(*arguments)
        finally:
            space.spy = None

    def reads(self, address: int, size: int) -> None:
        """The call has read these bytes."""
        self._touches(address, size, Access.READ)

    def writes(self, address: int, data: bytes | bytearray | memoryview) -> bool:
        """The call writes these bytes, all of which are writable. True: the store waits."""
        area = self._touches(address, len(data), Access.WRITE)
        if area is None or area.flags & Watch.TRAPAFTER:
            return False
        self.stores.append((address, bytes(data)))
        return True

    def _touches(self, address: int, size: int, access: Access) -> Area | None:
        flag = Watch.READ if access is Access.READ else Watch.WRITE
        hits = [area for area in self.areas
                if area.flags & flag and area.start < address + size and address < area.end]
        if not hits:
            return None
        area = min(hits, key=lambda area: (area.flags & Watch.TRAPAFTER, area.start))
        if self.seen is None:
            after = bool(area.flags & Watch.TRAPAFTER)
            self.seen = Seen(max(address, area.start), access, self.pc, after)
        return area

    def store(self, space: AddressSpace) -> bool:
        """Make the stores that wait. False: something is not writable any more."""
        try:
            for address, data in self.stores:
                user_memory.write(space, address, data)
        except (EFAULT, OutOfMemory):
            return False
        return True
