"""Watched areas of a process: an access to one stops the thread, everything else runs at full speed.

RISC-V's user mode has no watch registers, so the pages of watched areas are taken from the user (PTE.U is clear) while
a thread of the process runs, and given back whenever the kernel works. An access to such a page traps; if it does not
touch a watched byte, that one instruction is run with the page given back. illumos: os/watchpoint.c does it so too.
"""

from __future__ import annotations

from bisect import insort
from typing import TYPE_CHECKING, NamedTuple

from rvsim.guest_os.abi.errno import E2BIG, EFAULT, EINVAL
from rvsim.guest_os.abi.signals import SIGTRAP, TRAP_HWBKPT
from rvsim.guest_os.abi.solproc import Fault, Watch
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.mm.fault import Access, OutOfMemory
from rvsim.guest_os.mm.layout import PAGE_SIZE, TASK_SIZE, page_down
from rvsim.guest_os.task import tracing
from rvsim.guest_os.task.signal import SigInfo

if TYPE_CHECKING:
    from rvsim.guest_os.mm.address_space import AddressSpace
    from rvsim.guest_os.task.task import Task
    from rvsim.guest_os.task.thread_group import ThreadGroup

MAX_AREAS = 10_000
MAX_PAGES = 65_536

_KINDS = {Access.READ: Watch.READ, Access.WRITE: Watch.WRITE, Access.EXEC: Watch.EXEC}
_LOAD, _LOAD_FP, _STORE, _STORE_FP, _AMO = 0x03, 0x07, 0x23, 0x27, 0x2F


class Area(NamedTuple):
    """Watched bytes [start, end) and which accesses to them count."""

    start: int
    end: int
    flags: Watch


def set_area(group: ThreadGroup, start: int, size: int, flags: int) -> None:
    """Watch an area, change what counts for it, or (no flags) watch it no more; by start then.

    Raises:
        EINVAL: an unknown flag, TRAPAFTER alone, an empty area or one that wraps, or part of another.
        E2BIG: too many areas or pages.
    """
    trace = tracing.tracing_of(group)
    areas = trace.watches
    if flags & ~int(Watch.EXEC | Watch.WRITE | Watch.READ | Watch.TRAPAFTER):
        raise EINVAL
    if not flags & int(Watch.EXEC | Watch.WRITE | Watch.READ):
        if flags:
            raise EINVAL
        trace.watches = [area for area in areas if area.start != start]
        return
    end = start + size
    if not size or end > TASK_SIZE:
        raise EINVAL
    others = [area for area in areas if area.start < end and start < area.end]
    if any((area.start, area.end) != (start, end) for area in others):
        raise EINVAL
    kept = [area for area in areas if area not in others]
    pages = sum((area.end - 1) // PAGE_SIZE - area.start // PAGE_SIZE + 1 for area in kept)
    if len(kept) >= MAX_AREAS or pages + (end - 1) // PAGE_SIZE - start // PAGE_SIZE + 1 > MAX_PAGES:
        raise E2BIG
    insort(kept, Area(start, end, Watch(flags)))
    trace.watches = kept


def _pages(areas: list[Area]) -> list[int]:
    seen: dict[int, None] = {}
    for area in areas:
        seen.update(dict.fromkeys(range(page_down(area.start), area.end, PAGE_SIZE)))
    return list(seen)


def run(task: Task, budget: int) -> int:
    """Run a task whose process has watched areas, for at most `budget` ticks; returns the cause.

    The gate answers no call meanwhile, for it would reach into the pages that are hidden.
    """
    hart = task.kernel.hart
    lwp = tracing.lwp_of(task)
    trace = tracing.tracing_of(task.group)
    if lwp.pass_watch or lwp.step:
        cause = int(hart.step(1))
        if lwp.pass_watch and cause < 0:
            lwp.pass_watch = False
            passed, lwp.after_watch = lwp.after_watch, None
            if passed is not None:
                _report(task, *passed)
        return cause
    space = task.space
    pages = _pages(trace.watches)
    space.changed()
    for page in pages:
        space.table.hide(page, True)
    try:
        return int(hart.run(task, None, budget))
    finally:
        for page in pages:
            space.table.hide(page, False)


def stops(task: Task, address: int, access: Access) -> bool:
    """Whether a page fault at `address` came from watching; then it is dealt with: a stop, or one step past it."""
    trace = task.group.tracing
    if trace is None or not trace.watches:
        return False
    lwp = tracing.lwp_of(task)
    if lwp.pass_watch or page_down(address) not in _pages(trace.watches):
        return False
    space = task.space
    if space.table.probe(page_down(address), 1, access is Access.WRITE) != -1:
        return False                    # a fault of its own, to be resolved first
    size = 2 if access is Access.EXEC else access_size(space, task.kernel.hart.epc)
    kind = _KINDS[access]
    hit = next((area for area in trace.watches
                if area.flags & kind and area.start < address + size and address < area.end), None)
    lwp.pass_watch = True
    if hit is None:
        return True
    where = max(address, hit.start)
    if hit.flags & Watch.TRAPAFTER:
        lwp.after_watch = (where, access)
    else:
        _report(task, where, access)
    return True


def _report(task: Task, address: int, access: Access) -> None:
    causes = {Access.READ: 13, Access.WRITE: 15, Access.EXEC: 12}
    info = SigInfo(SIGTRAP, TRAP_HWBKPT, kind="fault", addr=address)
    tracing.fault(task, Fault.WATCH, causes[access], task.kernel.hart.pc, address, info)


def access_size(space: AddressSpace, pc: int) -> int:
    """Bytes that the load or store at `pc` touches. Volume I, "RV32/64G Instruction Set Listings"; 8 if unreadable."""
    try:
        low = int.from_bytes(user_memory.read(space, pc, 2), "little")
        if low & 3 != 3:
            return 4 if low >> 13 & 3 == 2 else 8       # c.lw, c.sw and their sp forms; the others move 8
        word = low | int.from_bytes(user_memory.read(space, pc + 2, 2), "little") << 16
    except (EFAULT, OutOfMemory):
        return 8
    width = word >> 12 & 7
    return 1 << (width & 3) if word & 0x7F in (_LOAD, _LOAD_FP, _STORE, _STORE_FP, _AMO) else 8
