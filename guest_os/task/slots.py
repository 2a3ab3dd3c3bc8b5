"""Directories of the live: every process, and every lwp of a process, holds a slot. illumos: os/pid.c

The first table is what Solaris calls `procdir`: an array of entries, each either in use or on a list of free ones that
gives back what was freed last. A slot is stable for a life, so it serves as a position in a directory and in a number
of an inode, and `readdir` walks the table instead of copying it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

from rvsim.guest_os.abi.errno import EAGAIN

T = TypeVar("T")

END = -1
"""The next free slot of the last free entry."""


class Entry(Generic[T]):
    """One slot: who holds it, or (`owner` None) which slot is the next free one."""

    __slots__ = ("next_free", "owner")

    def __init__(self) -> None:
        self.owner: T | None = None
        self.next_free = END


class SlotTable(Generic[T]):
    """At most `limit` slots. Entries are made when they are first needed; until then they count as free, in order."""

    __slots__ = ("entries", "first_free", "limit", "used")

    def __init__(self, limit: int) -> None:
        self.entries: list[Entry[T]] = []
        self.first_free = END
        self.limit = limit
        self.used = 0

    def take(self, owner: T) -> int:
        """Give `owner` a slot: the one freed last. Raises EAGAIN: none is free."""
        slot = self.first_free
        if slot != END:
            entry = self.entries[slot]
            self.first_free = entry.next_free
        elif len(self.entries) < self.limit:
            slot = len(self.entries)
            entry = Entry()
            self.entries.append(entry)
        else:
            raise EAGAIN
        entry.owner = owner
        entry.next_free = END
        self.used += 1
        return slot

    def give_back(self, slot: int) -> None:
        """The slot is free, and the next to be given."""
        entry = self.entries[slot]
        entry.owner = None
        entry.next_free = self.first_free
        self.first_free = slot
        self.used -= 1

    def owner(self, slot: int) -> T | None:
        """Who holds `slot`, None if it is free or was never used."""
        return self.entries[slot].owner if 0 <= slot < len(self.entries) else None

    def walk(self, start: int = 0) -> Iterator[tuple[int, T]]:
        """(slot, owner) of the slots in use, ascending from `start`. Slots may come and go meanwhile."""
        slot = max(start, 0)
        while slot < len(self.entries):
            owner = self.entries[slot].owner
            if owner is not None:
                yield slot, owner
            slot += 1

    def broken_rule(self) -> str | None:
        """What is wrong with the table, None if nothing: each entry is in use or on the free list, and that once."""
        free = set()
        slot = self.first_free
        while slot != END:
            if slot in free or not 0 <= slot < len(self.entries):
                return f"the free list visits slot {slot} twice or leaves the table"
            if self.entries[slot].owner is not None:
                return f"slot {slot} is free and in use"
            free.add(slot)
            slot = self.entries[slot].next_free
        used = sum(entry.owner is not None for entry in self.entries)
        if used + len(free) != len(self.entries):
            return "a slot is neither free nor in use"
        return None if used == self.used else f"{used} slots are in use, {self.used} are counted"
