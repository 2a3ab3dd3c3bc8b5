"""New pid namespaces: who makes them, and whose children live in them. kernel/pid_namespace.c, kernel/nsproxy.c"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rvsim.guest_os.abi.capability import CAP_SYS_ADMIN
from rvsim.guest_os.abi.errno import EINVAL, ENOSPC, EPERM
from rvsim.guest_os.task.pid import MAX_PID_NS_LEVEL, PidNamespace, task_active_pid_ns

if TYPE_CHECKING:
    from rvsim.guest_os.task.kernel import Kernel
    from rvsim.guest_os.task.task import Task

FIRST_INUM = 0xF0000000
"""Where the numbers of namespaces begin that are made later. fs/proc/generic.c:PROC_DYNAMIC_FIRST"""


def for_children(task: Task) -> PidNamespace:
    """The namespace in which the task's next child gets its number."""
    ns = task.ns_for_children       # not `or`: one that is still empty is false
    return ns if ns is not None else task_active_pid_ns(task)


def create(task: Task) -> PidNamespace:
    """A new namespace below the one of the task's children. kernel/pid_namespace.c:copy_pid_ns, create_pid_namespace

    Raises:
        EPERM: without CAP_SYS_ADMIN. ENOSPC: too deep.
        EINVAL: the children's namespace is not the task's own already.
    """
    if not task.cred.cap_effective >> CAP_SYS_ADMIN & 1:
        raise EPERM
    parent = for_children(task)
    if parent is not task_active_pid_ns(task):
        raise EINVAL
    if parent.level + 1 > MAX_PID_NS_LEVEL:
        raise ENOSPC
    return PidNamespace(parent, new_inum(task.kernel))


def new_inum(kernel: Kernel) -> int:
    """A number for a new namespace, as /proc/PID/ns shows it."""
    kernel.namespaces_made += 1
    return FIRST_INUM + kernel.namespaces_made


def enter(task: Task, ns: PidNamespace) -> None:
    """setns: the task's next children live in `ns`, which is its own or below. kernel/pid_namespace.c:pidns_install

    Raises:
        EPERM: without CAP_SYS_ADMIN. EINVAL: `ns` is not below the task's own.
    """
    if not task.cred.cap_effective >> CAP_SYS_ADMIN & 1:
        raise EPERM
    own = task_active_pid_ns(task)
    at: PidNamespace | None = ns
    while at is not None and at.level > own.level:
        at = at.parent
    if at is not own:
        raise EINVAL
    task.ns_for_children = ns if ns is not own else None


def sees(task: Task, other: Task) -> bool:
    """Whether `task` has a number in the namespace of `other`: it lives in it or below."""
    ns = task_active_pid_ns(other)
    return task.pid.level >= ns.level and task.pid.numbers[ns.level][1] is ns
