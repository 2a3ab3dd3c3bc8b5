"""membarrier: order memory between threads. kernel/sched/membarrier.c"""

from __future__ import annotations

from rvsim.guest_os.abi.errno import EINVAL, EPERM
from rvsim.guest_os.syscalls.args import Flags, Int
from rvsim.guest_os.task.task import Task

QUERY, GLOBAL, GLOBAL_EXPEDITED, REGISTER_GLOBAL_EXPEDITED = 0, 1, 2, 4
PRIVATE_EXPEDITED, PRIVATE_EXPEDITED_SYNC_CORE, PRIVATE_EXPEDITED_RSEQ, GET_REGISTRATIONS = 8, 32, 128, 512
PRIVATE = (PRIVATE_EXPEDITED, PRIVATE_EXPEDITED_SYNC_CORE, PRIVATE_EXPEDITED_RSEQ)
"""Each is registered for by the command of twice its value."""
EVERY_COMMAND = 1023
FLAG_CPU = 1


def sys_membarrier(task: Task, cmd: Int, flags: Flags, cpu: Int) -> int:
    """Order memory between threads: they share one hart, so it is ordered, and sections of rseq are never in progress.

    Raises:
        EINVAL: an unknown command or flag. EPERM: a private command without its registration.
    """
    if flags & ~(FLAG_CPU if cmd == PRIVATE_EXPEDITED_RSEQ else 0):
        raise EINVAL
    space = task.space
    if cmd == QUERY:
        return EVERY_COMMAND
    if cmd == GET_REGISTRATIONS:
        return space.membarrier
    if cmd == REGISTER_GLOBAL_EXPEDITED or (cmd > 0 and cmd >> 1 in PRIVATE and not cmd & 1):
        space.membarrier |= cmd
    elif cmd in PRIVATE:
        if not space.membarrier & cmd << 1:
            raise EPERM
    elif cmd not in (GLOBAL, GLOBAL_EXPEDITED):
        raise EINVAL
    return 0


__all__ = ["sys_membarrier"]
