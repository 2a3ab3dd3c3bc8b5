"""Watched areas of a process: an access to one stops the thread, everything else runs at full speed.

RISC-V's user mode has no watch registers, so the pages of watched areas are taken from the user (PTE.U is clear) while
a thread of the process runs, and given back whenever the kernel works. An access to such a page traps. Which bytes it
touches is read off the instruction; if none of them is watched, that one instruction is run with the page given back
and the other watched pages still hidden. illumos: os/watchpoint.c does it so too. Of system calls see `watched_calls`.
"""

from __future__ import annotations

from bisect import insort
from typing import TYPE_CHECKING

from rvsim.guest_os.abi.errno import E2BIG, EINVAL
from rvsim.guest_os.abi.signals import SIGTRAP, TRAP_HWBKPT
from rvsim.guest_os.abi.solproc import Fault, Watch
from rvsim.guest_os.mm.fault import Access
from rvsim.guest_os.mm.layout import PAGE_SIZE, TASK_SIZE, page_down
from rvsim.guest_os.task import tracing
from rvsim.guest_os.task.operand import is_long, memory_operand, reads_and_writes
from rvsim.guest_os.task.signal import SigInfo
from rvsim.guest_os.task.stepping import instruction_at, step
from rvsim.guest_os.task.trace_state import Passing
from rvsim.guest_os.task.watched_calls import Area, Seen

if TYPE_CHECKING:
    from rvsim.guest_os.task.task import Task
    from rvsim.guest_os.task.thread_group import ThreadGroup

MAX_AREAS = 10_000
MAX_PAGES = 65_536
WORD = 1 << 64

_KINDS = {Access.READ: Watch.READ, Access.WRITE: Watch.WRITE, Access.EXEC: Watch.EXEC}
_CAUSES = {Access.READ: 13, Access.WRITE: 15, Access.EXEC: 12}
_ANY = Watch.EXEC | Watch.WRITE | Watch.READ


def set_area(group: ThreadGroup, start: int, size: int, flags: int) -> None:
    """Watch an area, change what counts for it, or (no flags) watch it no more; by start then.

    Raises:
        EINVAL: an unknown flag, an empty area or one that wraps, or part of another.
        E2BIG: too many areas or pages.
    """
    trace = tracing.tracing_of(group)
    areas = trace.watches
    if flags & ~int(_ANY | Watch.TRAPAFTER):
        raise EINVAL
    if not flags & int(_ANY):
        trace.watches = [area for area in areas if area.start != start]
        return
    if not size or start + size >= WORD:
        raise EINVAL
    if start >= TASK_SIZE:
        return                              # where no program gets to
    end = min(start + size, TASK_SIZE)
    others = [area for area in areas if area.start < end and start < area.end]
    if any((area.start, area.end) != (start, end) for area in others):
        raise EINVAL
    kept = [area for area in areas if area not in others]
    pages = sum((area.end - 1) // PAGE_SIZE - area.start // PAGE_SIZE + 1 for area in kept)
    if len(kept) >= MAX_AREAS or pages + (end - 1) // PAGE_SIZE - start // PAGE_SIZE + 1 > MAX_PAGES:
        raise E2BIG
    insort(kept, Area(start, end, Watch(flags)))
    trace.watches = kept


def _pages(areas: list[Area], shown: tuple[int, ...]) -> list[int]:
    """The pages of all areas, each once, but for those that are shown."""
    seen: dict[int, None] = {}
    for area in areas:
        seen.update(dict.fromkeys(range(page_down(area.start), area.end, PAGE_SIZE)))
    for page in shown:
        seen.pop(page, None)
    return list(seen)


def run(task: Task, budget: int) -> int:
    """Run a task whose process has watched areas, for at most `budget` ticks; returns the cause.

    The gate answers no call meanwhile, for it would reach into the pages that are hidden.
    """
    hart = task.kernel.hart
    lwp = tracing.lwp_of(task)
    passing = lwp.passing if lwp.passing is not None and lwp.passing.pc == hart.pc else None
    lwp.passing = passing
    space = task.space
    hidden = _pages(tracing.tracing_of(task.group).watches, passing.pages if passing is not None else ())
    space.changed()
    for page in hidden:
        space.table.hide(page, True)
    try:
        cause = int(step(task) if passing is not None or lwp.step else hart.run(task, None, budget))
    finally:
        for page in hidden:
            space.table.hide(page, False)
    if passing is not None and cause < 0:
        lwp.passing = None
        if passing.after is not None:
            lwp.step = False
            _report(task, *passing.after, passing.pc, True)
    return cause


def stops(task: Task, address: int, access: Access) -> bool:
    """Whether a page fault at `address` came from watching; then it is dealt with: a stop, or one step past it."""
    trace = task.group.tracing
    if trace is None or not trace.watches:
        return False
    page = page_down(address)
    if not any(page_down(area.start) <= page < area.end for area in trace.watches):
        return False
    pc = task.kernel.hart.epc
    lwp = tracing.lwp_of(task)
    passing = lwp.passing or Passing(pc, (), None, Watch(0))
    if page in passing.pages or task.space.table.probe(page, 1, access is Access.WRITE) != -1:
        return False                    # a fault of its own, to be resolved first
    kind = Watch.EXEC if access is Access.EXEC else Watch.WRITE
    hit = None if passing.told & kind else _hit(task, trace.watches, pc, address, access)
    after, told = passing.after, passing.told
    if hit is not None:
        told |= kind
        if hit[0].flags & Watch.TRAPAFTER:
            after = hit[1:]
    lwp.passing = Passing(pc, (*passing.pages, page), after, told)
    if hit is not None and not hit[0].flags & Watch.TRAPAFTER:
        lwp.step = False
        _report(task, *hit[1:], pc, False)
    return True


def _hit(task: Task, areas: list[Area], pc: int, address: int, access: Access) -> tuple[Area, int, Access] | None:
    """The area that the instruction at `pc` touches in a way that counts, the first watched byte, and in which way."""
    word = instruction_at(task.space, pc)
    if access is Access.EXEC:
        start, size = pc, 4 if is_long(word) else 2
    else:
        start, size = memory_operand(word, task.kernel.hart.x) or (address, 1)
    both = access is not Access.EXEC and reads_and_writes(word)
    kinds = Watch.READ | Watch.WRITE if both else _KINDS[access]
    hits = [area for area in areas if area.flags & kinds and area.start < start + size and start < area.end]
    if not hits:
        return None
    area = min(hits, key=lambda area: (area.flags & Watch.TRAPAFTER, area.start))
    if both:                                # told of before it, the read comes first; after it, the write
        first, other = (Access.WRITE, Access.READ) if area.flags & Watch.TRAPAFTER else (Access.READ, Access.WRITE)
        access = first if area.flags & _KINDS[first] else other
    return area, max(start, area.start), access


def _report(task: Task, address: int, access: Access, pc: int, after: bool) -> None:
    """The instruction at `pc` touches, or (`after`) has touched, a watched byte."""
    info = SigInfo(SIGTRAP, TRAP_HWBKPT, kind="fault", addr=address)
    tracing.fault(task, Fault.WATCH, _CAUSES[access], task.kernel.hart.pc, address, info,
                  Seen(address, access, pc, after))
