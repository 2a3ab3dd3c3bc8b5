"""Robust futexes: a lock whose owner dies is handed on. kernel/futex/core.c:exit_robust_list"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rvsim.guest_os.abi.errno import EFAULT
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.mm.fault import OutOfMemory
from rvsim.guest_os.task.futex import ANY

if TYPE_CHECKING:
    from rvsim.guest_os.mm.address_space import AddressSpace
    from rvsim.guest_os.task.task import Task

LIST_LIMIT = 2048
FUTEX_WAITERS = 0x8000_0000
FUTEX_OWNER_DIED = 0x4000_0000
FUTEX_TID_MASK = 0x3FFF_FFFF
HEAD_SIZE = 24


def release_robust_list(task: Task, mm: AddressSpace) -> None:
    """Walk the list that the dying thread registered: mark each lock it holds OWNER_DIED and wake one waiter.

    The list is the guest's memory: a bad pointer ends the walk, and so does its 2,048th entry.
    """
    head, size = task.robust_list
    task.robust_list = (0, 0)
    if not head or size != HEAD_SIZE:
        return
    try:
        entry = user_memory.read_u64(mm, head)
        offset = user_memory.read_u64(mm, head + 8)
        waiting_for = user_memory.read_u64(mm, head + 16) & ~1
        for _ in range(LIST_LIMIT):
            if entry & ~1 == head:
                break
            following = user_memory.read_u64(mm, entry & ~1)
            if entry & ~1 != waiting_for:
                _owner_died(task, mm, (entry & ~1) + offset & 0xFFFF_FFFF_FFFF_FFFF)
            entry = following
        if waiting_for:
            _owner_died(task, mm, waiting_for + offset & 0xFFFF_FFFF_FFFF_FFFF)
    except (EFAULT, OutOfMemory):
        return


def _owner_died(task: Task, mm: AddressSpace, address: int) -> None:
    if address & 3:
        return
    word = user_memory.read_u32(mm, address)
    if word & FUTEX_TID_MASK != task.tid:
        return
    user_memory.write_u32(mm, address, word & FUTEX_WAITERS | FUTEX_OWNER_DIED)
    if word & FUTEX_WAITERS:
        futexes = task.kernel.futexes
        futexes.wake(futexes.key(mm, address, True), 1, ANY)
        futexes.wake(futexes.key(mm, address, False), 1, ANY)
