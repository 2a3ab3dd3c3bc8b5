"""A task's memory as a debugger sees it: looking faults nothing in, so it changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.mm.fault import OutOfMemory
from rvsim.guest_os.mm.layout import PAGE_SIZE, TASK_SIZE
from rvsim.tools.strace import memory as looking

if TYPE_CHECKING:
    from rvsim.guest_os.mm.address_space import AddressSpace
    from rvsim.guest_os.task.task import Task

MOST = 1 << 24


def read(task: Task, address: int, size: int) -> bytes | None:
    """The `size` bytes at `address`, None if not all can be read, or if there are more than `MOST`.

    A page that the program has not touched is read from where it would come from.
    """
    if not 0 <= size <= MOST or task.mm is None or not 0 <= address <= address + size <= TASK_SIZE:
        return None
    parts = []
    while size:
        chunk = min(size, PAGE_SIZE - address % PAGE_SIZE)
        data = looking.read(task.mm, address, chunk)
        if data is None:
            return None
        parts.append(data)
        address += chunk
        size -= chunk
    return b"".join(parts)


def read_some(task: Task, address: int, size: int) -> bytes:
    """As many of the bytes from `address` on as can be read without a gap."""
    parts = []
    while size > 0 and 0 <= address < TASK_SIZE and task.mm is not None:
        chunk = min(size, PAGE_SIZE - address % PAGE_SIZE)
        data = looking.read(task.mm, address, chunk)
        if data is None:
            break
        parts.append(data)
        address += chunk
        size -= chunk
    return b"".join(parts)


def string(task: Task, address: int, limit: int = 4096) -> bytes | None:
    """The bytes before the first NUL among `limit`, None if they cannot be read or there is none."""
    found = looking.string(task.mm, address, limit)
    return found[0] if found is not None and found[1] else None


def write(space: AddressSpace, address: int, data: bytes) -> int:
    """Store as a debugger does, private pages that are read-only too; how many bytes went in."""
    if not 0 <= address < TASK_SIZE:
        return 0
    try:
        return user_memory.force_write(space, address, data[:TASK_SIZE - address], grow=False)
    except OutOfMemory:
        return 0
