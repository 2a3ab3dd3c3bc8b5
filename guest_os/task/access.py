"""Who may look into another process. kernel/ptrace.c"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rvsim.guest_os.abi.capability import CAP_SYS_PTRACE

if TYPE_CHECKING:
    from rvsim.guest_os.task.task import Task


def may_access(reader: Task | None, task: Task, *, real: bool = False) -> bool:
    """Whether `reader` may look into `task` as a debugger may. kernel/ptrace.c:__ptrace_may_access

    `real`: by its real ids, as calls that name a process do, not by those for files, as procfs does. None: the kernel.
    """
    if reader is None or reader.group is task.group:
        return True
    cred, other = reader.cred, task.cred
    own_uid, own_gid = (cred.uid, cred.gid) if real else (cred.fsuid, cred.fsgid)
    same = all(uid == own_uid for uid in (other.uid, other.euid, other.suid)) and all(
        gid == own_gid for gid in (other.gid, other.egid, other.sgid))
    return (same and task.group.dumpable == 1) or cred.capable(CAP_SYS_PTRACE)
