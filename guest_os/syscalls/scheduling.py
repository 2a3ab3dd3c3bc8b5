"""Scheduling: affinity, policies, nice values, I/O priorities. kernel/sched/syscalls.c, kernel/sys.c, block/ioprio.c"""

from __future__ import annotations

import struct

from rvsim.guest_os.abi.capability import CAP_SYS_ADMIN, CAP_SYS_NICE
from rvsim.guest_os.abi.errno import E2BIG, EACCES, EBUSY, EINVAL, EOPNOTSUPP, EPERM, ESRCH
from rvsim.guest_os.abi.sched import (
    SCHED_BATCH,
    SCHED_DEADLINE,
    SCHED_FIFO,
    SCHED_FLAG_ALL,
    SCHED_FLAG_KEEP_PARAMS,
    SCHED_FLAG_KEEP_POLICY,
    SCHED_FLAG_RESET_ON_FORK,
    SCHED_FLAG_UTIL_CLAMP,
    SCHED_IDLE,
    SCHED_OTHER,
    SCHED_RESET_ON_FORK,
    SCHED_RR,
)
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.syscalls.args import Int, Ptr, UInt
from rvsim.guest_os.syscalls.clock import write_timespec
from rvsim.guest_os.syscalls.struct_in import read_struct
from rvsim.guest_os.task.pid import PidType, find_vpid, pid_task
from rvsim.guest_os.task.resources import RLIMIT_NICE, RLIMIT_RTPRIO
from rvsim.guest_os.task.scheduler import SLICE_NS
from rvsim.guest_os.task.task import Task

SCHED_ATTR = struct.Struct("<IIQiIQQQII")
SCHED_ATTR_SIZE_VER0 = 48
MAX_RT_PRIORITY = 99
_POLICIES = (SCHED_OTHER, SCHED_FIFO, SCHED_RR, SCHED_BATCH, SCHED_IDLE, SCHED_DEADLINE)
_REAL_TIME = (SCHED_FIFO, SCHED_RR)
_FAIR = (SCHED_OTHER, SCHED_BATCH)


def sys_sched_yield(task: Task) -> int:
    """Let others run first. kernel/sched/syscalls.c"""
    task.kernel.scheduler.yield_now()
    return 0


def _any_thread(task: Task, pid: int) -> Task:
    """The thread `pid`, the caller for 0. ESRCH: there is none. kernel/sched/syscalls.c:find_process_by_pid"""
    found = task if pid == 0 else pid_task(find_vpid(pid, task), PidType.PID)
    if found is None:
        raise ESRCH
    return found


def _thread_of(task: Task, pid: int) -> Task:
    """As `_any_thread`. EINVAL: a negative number."""
    if pid < 0:
        raise EINVAL
    return _any_thread(task, pid)


def sys_sched_getaffinity(task: Task, pid: Int, size: UInt, mask: Ptr) -> int:
    """The one hart there is. EINVAL: `size` is not a multiple of 8. ESRCH, EFAULT. kernel/sched/syscalls.c"""
    if size < 8 or size & 7:
        raise EINVAL
    _any_thread(task, pid)
    user_memory.write(task.space, mask, (1).to_bytes(8, "little"))
    return 8


def sys_sched_setaffinity(task: Task, pid: Int, size: UInt, mask: Ptr) -> int:
    """Allow harts; hart 0 must be among them. EINVAL, ESRCH, EFAULT, EPERM. kernel/sched/syscalls.c"""
    wanted = int.from_bytes(user_memory.read(task.space, mask, min(size, 8)), "little")
    other = _any_thread(task, pid)
    if not _same_owner(task, other) and not task.cred.capable(CAP_SYS_NICE):
        raise EPERM
    if not wanted & 1:
        raise EINVAL
    return 0


# ---- policies


def _same_owner(task: Task, other: Task) -> bool:
    return task.cred.euid in (other.cred.euid, other.cred.uid)


def _may_lower_nice(other: Task, nice: int) -> bool:
    """Whether RLIMIT_NICE allows the value. kernel/sched/syscalls.c:is_nice_reduction"""
    return 20 - nice <= other.group.limits.soft[RLIMIT_NICE]


def _needs_privilege(task: Task, other: Task, policy: int, priority: int, nice: int, reset: bool) -> bool:
    """kernel/sched/syscalls.c:user_check_sched_setscheduler"""
    if policy in _FAIR and nice < other.nice and not _may_lower_nice(other, nice):
        return True
    if policy in _REAL_TIME:
        limit = other.group.limits.soft[RLIMIT_RTPRIO]
        if (policy != other.policy and not limit) or (priority > other.rt_priority and priority > limit):
            return True
    if policy == SCHED_DEADLINE:
        return True
    if other.policy == SCHED_IDLE and policy != SCHED_IDLE and not _may_lower_nice(other, other.nice):
        return True
    return not _same_owner(task, other) or (other.reset_on_fork and not reset)


def _set_policy(task: Task, other: Task, policy: int, priority: int, nice: int, flags: int) -> None:
    """Set policy, priority and nice value of a thread. kernel/sched/syscalls.c:__sched_setscheduler

    Differs: the run queue is round robin for every policy; SCHED_DEADLINE is refused as if there were no room.

    Raises:
        EINVAL. EPERM. EBUSY: SCHED_DEADLINE. EOPNOTSUPP: bounds of utilization.
    """
    reset = bool(flags & SCHED_FLAG_RESET_ON_FORK)
    if flags & SCHED_FLAG_KEEP_POLICY:
        policy, reset = other.policy, other.reset_on_fork
    elif policy not in _POLICIES:
        raise EINVAL
    if flags & ~SCHED_FLAG_ALL or priority > MAX_RT_PRIORITY or (policy in _REAL_TIME) != bool(priority):
        raise EINVAL
    if _needs_privilege(task, other, policy, priority, nice, reset) and not task.cred.capable(CAP_SYS_NICE):
        raise EPERM
    if flags & SCHED_FLAG_UTIL_CLAMP:
        raise EOPNOTSUPP
    if policy == SCHED_DEADLINE:
        raise EBUSY
    other.reset_on_fork = reset
    if flags & SCHED_FLAG_KEEP_PARAMS:
        return                                # nor does the policy change, whatever it says
    other.policy, other.rt_priority = policy, priority
    if policy in _FAIR:
        other.nice = nice


def sys_sched_getscheduler(task: Task, pid: Int) -> int:
    """The policy of a thread. EINVAL, ESRCH. kernel/sched/syscalls.c"""
    other = _thread_of(task, pid)
    return other.policy | (SCHED_RESET_ON_FORK if other.reset_on_fork else 0)


def sys_sched_setscheduler(task: Task, pid: Int, policy: Int, param: Ptr) -> int:
    """Set policy and priority. EINVAL, EFAULT, ESRCH, EPERM. kernel/sched/syscalls.c"""
    if policy < 0 or not param or pid < 0:
        raise EINVAL
    priority = user_memory.read_u32(task.space, param)
    other = _thread_of(task, pid)
    flags = SCHED_FLAG_RESET_ON_FORK if policy & SCHED_RESET_ON_FORK else 0
    policy &= ~SCHED_RESET_ON_FORK
    if policy == SCHED_DEADLINE:
        raise EINVAL
    _set_policy(task, other, policy, priority, other.nice, flags)
    return 0


def sys_sched_setparam(task: Task, pid: Int, param: Ptr) -> int:
    """Set the priority within the policy. EINVAL, EFAULT, ESRCH, EPERM. kernel/sched/syscalls.c"""
    if not param or pid < 0:
        raise EINVAL
    priority = user_memory.read_u32(task.space, param)
    other = _thread_of(task, pid)
    _set_policy(task, other, other.policy, priority, other.nice, SCHED_FLAG_KEEP_POLICY)
    return 0


def sys_sched_getparam(task: Task, pid: Int, param: Ptr) -> int:
    """The real-time priority. EINVAL, ESRCH, EFAULT. kernel/sched/syscalls.c"""
    if not param:
        raise EINVAL
    user_memory.write_u32(task.space, param, _thread_of(task, pid).rt_priority)
    return 0


def sys_sched_setattr(task: Task, pid: Int, uattr: Ptr, flags: UInt) -> int:
    """Set policy, priority and nice value. kernel/sched/syscalls.c

    Raises:
        EINVAL: a flag, a bad value, a size below 48. EFAULT. E2BIG: a size with fields that are not known; ours is
        stored then. ESRCH. EPERM. EBUSY: SCHED_DEADLINE. EOPNOTSUPP: bounds of utilization.
    """
    if not uattr or pid < 0 or flags:
        raise EINVAL
    size = user_memory.read_u32(task.space, uattr) or SCHED_ATTR_SIZE_VER0
    try:
        if size < SCHED_ATTR_SIZE_VER0 or size > 4096:
            raise E2BIG
        data = read_struct(task.space, uattr, size, SCHED_ATTR.size)
    except E2BIG:
        user_memory.write_u32(task.space, uattr, SCHED_ATTR.size)
        raise
    _, policy, options, nice, priority, runtime, deadline, period, _, _ = SCHED_ATTR.unpack(data)
    if (options & SCHED_FLAG_UTIL_CLAMP and size < SCHED_ATTR.size) or policy >= 1 << 31:
        raise EINVAL
    other = _thread_of(task, pid)
    if options & SCHED_FLAG_KEEP_PARAMS:
        priority, nice = (other.rt_priority, other.nice)
    if policy == SCHED_DEADLINE and not options & SCHED_FLAG_KEEP_POLICY and not (
            0 < runtime <= deadline and (not period or deadline <= period) and runtime >= 1024):
        raise EINVAL
    _set_policy(task, other, policy, priority, max(-20, min(19, nice)), options)
    return 0


def sys_sched_getattr(task: Task, pid: Int, uattr: Ptr, usize: UInt, flags: UInt) -> int:
    """Policy, priority, nice value and slice. EINVAL: a flag, a size below 48. ESRCH, EFAULT. sched/syscalls.c"""
    if not uattr or pid < 0 or usize > 4096 or usize < SCHED_ATTR_SIZE_VER0 or flags:
        raise EINVAL
    other = _thread_of(task, pid)
    fair = other.policy in _FAIR
    size = min(usize, SCHED_ATTR.size)
    user_memory.write(task.space, uattr, SCHED_ATTR.pack(
        size, other.policy, SCHED_FLAG_RESET_ON_FORK if other.reset_on_fork else 0, other.nice if fair else 0,
        other.rt_priority, SLICE_NS if fair else 0, 0, 0, 0, 0)[:size])
    return 0


def sys_sched_get_priority_max(task: Task, policy: Int) -> int:
    """The highest priority of a policy. EINVAL. kernel/sched/syscalls.c"""
    if policy not in _POLICIES:
        raise EINVAL
    return MAX_RT_PRIORITY if policy in _REAL_TIME else 0


def sys_sched_get_priority_min(task: Task, policy: Int) -> int:
    """The lowest priority of a policy. EINVAL. kernel/sched/syscalls.c"""
    if policy not in _POLICIES:
        raise EINVAL
    return 1 if policy in _REAL_TIME else 0


def sys_sched_rr_get_interval(task: Task, pid: Int, interval: Ptr) -> int:
    """The length of a slice. EINVAL, ESRCH, EFAULT. kernel/sched/syscalls.c"""
    policy = _thread_of(task, pid).policy
    write_timespec(task, interval, 0 if policy == SCHED_FIFO else SLICE_NS)
    return 0


# ---- nice values


def _by_who(task: Task, which: int, who: int) -> list[Task]:
    """The threads that PRIO_PROCESS (0), PRIO_PGRP (1) or PRIO_USER (2) name. EINVAL: something else."""
    if which == 0:
        found = task if who == 0 else pid_task(find_vpid(who, task), PidType.PID)
        return [found] if found is not None else []
    if which == 1:
        pid = task.group.pgrp if who == 0 else find_vpid(who, task)
        return [thread for leader in pid.tasks[PidType.PGID] for thread in leader.group.threads] if pid else []
    if which == 2:
        uid = who or task.cred.uid
        return [thread for thread in task.kernel.root_ns.tasks(PidType.PID, 1) if thread.cred.uid == uid]
    raise EINVAL


def sys_getpriority(task: Task, which: Int, who: Int) -> int:
    """20 minus the nicest value among threads. EINVAL, ESRCH. kernel/sys.c"""
    threads = _by_who(task, which, who)
    if not threads:
        raise ESRCH
    return max(20 - thread.nice for thread in threads)


def sys_setpriority(task: Task, which: Int, who: Int, niceval: Int) -> int:
    """Set the nice value. EINVAL, ESRCH. EPERM: another user's. EACCES: lower than allowed. kernel/sys.c

    Differs: the value is kept and shown, and does not change the length of slices.
    """
    threads = _by_who(task, which, who)
    if not threads:
        raise ESRCH
    value = max(-20, min(19, niceval))
    error: type[EPERM] | type[EACCES] | None = None
    for thread in threads:
        if task.cred.euid not in (thread.cred.uid, thread.cred.euid) and not task.cred.capable(CAP_SYS_NICE):
            error = EPERM
        elif value < thread.nice and not _may_lower_nice(thread, value) and not task.cred.capable(CAP_SYS_NICE):
            error = EACCES
        else:
            thread.nice = value
    if error is not None:
        raise error
    return 0


# ---- I/O priorities

IOPRIO_CLASS_NONE, IOPRIO_CLASS_RT, IOPRIO_CLASS_BE, IOPRIO_CLASS_IDLE = 0, 1, 2, 3
IOPRIO_CLASS_SHIFT = 13


def _by_io_who(task: Task, which: int, who: int) -> list[Task]:
    """As `_by_who`, by IOPRIO_WHO_PROCESS (1), PGRP (2), USER (3). EINVAL. ESRCH: nobody."""
    found = _by_who(task, which - 1, who)
    if not found:
        raise ESRCH
    return found


def sys_ioprio_set(task: Task, which: Int, who: Int, ioprio: Int) -> int:
    """Set class and level for disks. EPERM: real time, or another user's. EINVAL, ESRCH. block/ioprio.c

    Differs: the value is kept and shown; there is no disk that it could order.
    """
    kind, level = ioprio >> IOPRIO_CLASS_SHIFT & 7, ioprio & 7
    if kind == IOPRIO_CLASS_RT and not (task.cred.capable(CAP_SYS_ADMIN) or task.cred.capable(CAP_SYS_NICE)):
        raise EPERM
    if kind > IOPRIO_CLASS_IDLE or (kind == IOPRIO_CLASS_NONE and level):
        raise EINVAL
    for thread in _by_io_who(task, which, who):
        if thread.cred.uid not in (task.cred.uid, task.cred.euid) and not task.cred.capable(CAP_SYS_NICE):
            raise EPERM
        thread.io_priority = ioprio & 0xFFFF
    return 0


def _effective_io_priority(thread: Task) -> int:
    """What was set, or what follows from policy and nice value. include/linux/ioprio.h:__get_task_ioprio"""
    if thread.io_priority >> IOPRIO_CLASS_SHIFT:
        return thread.io_priority
    kind = (IOPRIO_CLASS_IDLE if thread.policy == SCHED_IDLE else
            IOPRIO_CLASS_RT if thread.policy in _REAL_TIME else IOPRIO_CLASS_BE)
    return kind << IOPRIO_CLASS_SHIFT | (thread.nice + 20) // 5


def sys_ioprio_get(task: Task, which: Int, who: Int) -> int:
    """Class and level for disks: as set for a thread, the best that is in effect for a group or user. EINVAL, ESRCH."""
    threads = _by_io_who(task, which, who)
    if which == 1:
        return threads[0].io_priority
    return min(_effective_io_priority(thread) for thread in threads)


__all__ = [
    "sys_getpriority", "sys_ioprio_get", "sys_ioprio_set", "sys_sched_get_priority_max", "sys_sched_get_priority_min",
    "sys_sched_getaffinity", "sys_sched_getattr", "sys_sched_getparam", "sys_sched_getscheduler",
    "sys_sched_rr_get_interval", "sys_sched_setaffinity", "sys_sched_setattr", "sys_sched_setparam",
    "sys_sched_setscheduler", "sys_sched_yield", "sys_setpriority",
]
