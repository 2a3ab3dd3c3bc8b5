"""The way of an address through the page table, in words. RISC-V, Volume II, "Sv39: Page-Based 39-bit Virtual-Memory
System"."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rvsim.emu._gate import PTE_A, PTE_COW, PTE_D, PTE_FILE, PTE_R, PTE_U, PTE_V, PTE_W, PTE_X
from rvsim.guest_os.mm.fault import Access
from rvsim.guest_os.mm.layout import PAGE_SIZE, TASK_SIZE
from rvsim.guest_os.proc.maps import area_name

if TYPE_CHECKING:
    from rvsim.guest_os.mm.address_space import AddressSpace
    from rvsim.guest_os.mm.vma import Vma

_WORDS = ((PTE_R, "read"), (PTE_W, "write"), (PTE_X, "execute"), (PTE_U, "user"), (PTE_A, "accessed"),
          (PTE_D, "dirty"), (PTE_COW, "copy-on-write"), (PTE_FILE, "file page"))
_LEAF = PTE_R | PTE_W | PTE_X
_NEEDED = {Access.READ: (PTE_R, "read"), Access.WRITE: (PTE_W, "write"), Access.EXEC: (PTE_X, "execute")}


class Level(NamedTuple):
    """One entry on the way: `level` 2 is the root's; `number` is where it stands in its table."""

    level: int
    number: int
    entry: int

    @property
    def ppn(self) -> int:
        """The page that it leads to."""
        return self.entry >> 10 & 0xFFF_FFFF_FFFF

    @property
    def flags(self) -> str:
        """Its flags in words; copy-on-write and file page are the kernel's own (RSW)."""
        if not self.entry & PTE_V:
            return "invalid"
        if not self.entry & _LEAF:
            return "valid, leads to a table"
        return ", ".join(["valid", *(word for bit, word in _WORDS if self.entry & bit)])


class Walk(NamedTuple):
    """The way of one address."""

    address: int
    levels: tuple[Level, ...]

    @property
    def leaf(self) -> int:
        """The entry of the page, 0 if the way ends before."""
        last = self.levels[-1].entry if self.levels else 0
        return last if last & PTE_V and last & _LEAF else 0

    @property
    def physical(self) -> int | None:
        """The physical address."""
        return (self.leaf >> 10 & 0xFFF_FFFF_FFFF) * PAGE_SIZE + self.address % PAGE_SIZE if self.leaf else None

    def denial(self, access: Access) -> str:
        """What denies a user's access, nothing if nothing does."""
        if not 0 <= self.address < TASK_SIZE:
            return "the address is outside the user's half"
        if not self.levels:
            return "there is no page table"
        last = self.levels[-1]
        if not last.entry & PTE_V:
            return f"the entry of level {last.level} is not valid"
        bit, word = _NEEDED[access]
        if not last.entry & PTE_U:
            return "the page is not for user mode"
        if not last.entry & bit:
            return f"the page does not allow {word}"
        if not last.entry & PTE_A:
            return "the accessed flag is clear"
        if access is Access.WRITE and not last.entry & PTE_D:
            return "the dirty flag is clear"
        return ""


def walk(space: AddressSpace, address: int) -> Walk:
    """Follow an address; nothing is marked as accessed by it."""
    address &= (1 << 64) - 1
    entries = space.table.levels(address) if address < TASK_SIZE else []
    return Walk(address, tuple(Level(2 - at, address >> 30 - 9 * at & 511, entry) for at, entry in enumerate(entries)))


def area_text(space: AddressSpace, area: Vma) -> str:
    """`10000-13000 r-xp /bin/echo`"""
    letters = "".join(letter if area.prot & bit else "-" for letter, bit in (("r", 1), ("w", 2), ("x", 4)))
    name = area_name(space, area).decode(errors="replace")
    return f"{area.start:x}-{area.end:x} {letters}{'s' if area.shared else 'p'} {name or '(anonymous)'}"
