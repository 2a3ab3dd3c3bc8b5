"""rseq: register for restartable sequences. kernel/rseq.c"""

from __future__ import annotations

from rvsim.guest_os.abi.errno import EBUSY, EFAULT, EINVAL, EPERM
from rvsim.guest_os.mm.layout import TASK_SIZE
from rvsim.guest_os.syscalls.args import Flags, Ptr, UInt
from rvsim.guest_os.task.rseq import ALIGNMENT, FEATURE_SIZE, Rseq, forget
from rvsim.guest_os.task.task import Task

RSEQ_FLAG_UNREGISTER = 1
ORIGINAL_SIZE = 32


def sys_rseq(task: Task, rseq: Ptr, length: UInt, flags: Flags, signature: UInt) -> int:
    """Register the caller's struct rseq, or with RSEQ_FLAG_UNREGISTER end that. kernel/rseq.c

    Raises:
        EINVAL: flags, size or alignment; another registration, or none. EPERM: another signature.
        EBUSY: registered already. EFAULT.
    """
    old = task.rseq
    if flags & RSEQ_FLAG_UNREGISTER:
        if flags != RSEQ_FLAG_UNREGISTER or old is None or (old.address, old.size) != (rseq, length):
            raise EINVAL
        if old.signature != signature:
            raise EPERM
        forget(task, old)
        task.rseq = None
        return 0
    if flags:
        raise EINVAL
    if old is not None:
        if (old.address, old.size) != (rseq, length):
            raise EINVAL
        if old.signature != signature:
            raise EPERM
        raise EBUSY
    if length < max(ORIGINAL_SIZE, FEATURE_SIZE) or rseq % ALIGNMENT:
        raise EINVAL
    if rseq + length > TASK_SIZE:
        raise EFAULT
    task.rseq = Rseq(rseq, length, signature)
    task.attend()
    return 0


__all__ = ["sys_rseq"]
