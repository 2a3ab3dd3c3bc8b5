"""System V semaphores: semget, semop, semtimedop, semctl. ipc/sem.c"""

from __future__ import annotations

import struct

from rvsim.guest_os.abi.errno import E2BIG, EAGAIN, EFBIG, EINVAL, ERANGE
from rvsim.guest_os.abi.ipc import (
    GETALL,
    GETNCNT,
    GETPID,
    GETVAL,
    GETZCNT,
    IPC_INFO,
    IPC_RMID,
    IPC_SET,
    IPC_STAT,
    PERM,
    SEM_INFO,
    SEM_STAT,
    SEM_STAT_ANY,
    SEM_UNDO,
    SEMBUF,
    SEMID_DS,
    SEMINFO,
    SEMMNI,
    SEMMNS,
    SEMMSL,
    SEMOPM,
    SEMVMX,
    SETALL,
    SETVAL,
)
from rvsim.guest_os.ipc.semaphores import PendingOps, Semaphores, SemaphoreSet
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.syscalls.args import Int, Ptr, UInt, ULong
from rvsim.guest_os.syscalls.clock import read_timespec
from rvsim.guest_os.task.pid import pid_nr_ns
from rvsim.guest_os.task.task import Task
from rvsim.guest_os.wait import Blocked, Restart

SEMUSZ = 20


def _sem(task: Task) -> Semaphores:
    found: Semaphores = task.kernel.ipc.sem
    return found


def sys_semget(task: Task, key: Int, nsems: Int, semflg: Int) -> int:
    """The identifier of the set of `key`, which may be made. ipc/sem.c:ksys_semget

    Raises:
        EINVAL: fewer semaphores than asked for, none, or more than SEMMSL. ENOENT: there is none, without IPC_CREAT.
        EEXIST: there is one, with IPC_EXCL. EACCES. ENOSPC, ENOMEM: too many.
    """
    if not 0 <= nsems <= SEMMSL:
        raise EINVAL
    sem = _sem(task)
    found = sem.ids.find_key(key, semflg, task.cred)
    if found is None:
        return sem.make(key, nsems, semflg, task).id
    if len(found.values) < nsems:
        raise EINVAL
    found.check(task.cred, semflg)
    return found.id


def sys_semop(task: Task, semid: Int, tsops: Ptr, nsops: UInt) -> int:
    """As semtimedop without a time. ipc/sem.c:do_semtimedop"""
    return _operate(task, semid, tsops, nsops, 0)


def sys_semtimedop(task: Task, semid: Int, tsops: Ptr, nsops: UInt, timeout: Ptr) -> int:
    """Change semaphores of a set, all or none, waiting until that can be done. ipc/sem.c:do_semtimedop

    Raises:
        EINVAL: no such set, no operations, the time. E2BIG: more than 500. EFAULT. EFBIG: no such semaphore. EACCES.
        ERANGE: a value gets too large. EAGAIN: it would have to wait, with IPC_NOWAIT; the time is up. EIDRM: the set
        was removed. EINTR: a handler ran. Blocked.
    """
    return _operate(task, semid, tsops, nsops, timeout)


def _operate(task: Task, semid: int, tsops: int, nsops: int, timeout: int) -> int:
    waiting = task.resume
    if isinstance(waiting, PendingOps):
        return _go_on(task, waiting)
    times = user_memory.read(task.space, timeout, 16) if timeout else b""
    if not nsops:
        raise EINVAL
    if nsops > SEMOPM:
        raise E2BIG
    ops = list(SEMBUF.iter_unpack(user_memory.read(task.space, tsops, nsops * SEMBUF.size)))
    if semid < 0:
        raise EINVAL
    deadline = None
    if times:
        deadline = task.kernel.clock.monotonic_ns() + read_timespec(task, timeout)
    semaphores = _sem(task).ids.get(semid)
    if max(number for number, _, _ in ops) >= len(semaphores.values):
        raise EFBIG
    changes = any(change for _, change, _ in ops)
    semaphores.check(task.cred, 0o222 if changes else 0o444)
    if any(flags & SEM_UNDO for _, _, flags in ops) and task.undo is None:
        task.undo = task.kernel.ipc.undo_list()
    blocking = semaphores.attempt(ops, task.undo, task.group.pid)
    if blocking is None:
        if changes:
            semaphores.do_pending()
        return 0
    waiting = PendingOps(semaphores, task, ops, deadline)
    waiting.blocking = blocking
    semaphores.pending[waiting] = None
    task.resume = waiting
    return _go_on(task, waiting)


def _go_on(task: Task, waiting: PendingOps) -> int:
    """Wait until somebody has done the operations, or cannot any more."""
    result = waiting.result
    if result is None:
        if waiting.deadline_ns is None or task.kernel.clock.monotonic_ns() < waiting.deadline_ns:
            raise Blocked(waiting.queue, deadline_ns=waiting.deadline_ns, restart=Restart.EINTR)
        waiting.dropped()
        raise EAGAIN
    if isinstance(result, int):
        return result
    raise result


def sys_semctl(task: Task, semid: Int, semnum: Int, cmd: Int, arg: ULong) -> int:
    """Look at, change or remove a set. ipc/sem.c:ksys_semctl

    Raises:
        EINVAL: no such set, semaphore or command. EACCES, EPERM. EFAULT. ERANGE: a value.
    """
    if semid < 0:
        raise EINVAL
    sem = _sem(task)
    if cmd in (IPC_INFO, SEM_INFO):
        user_memory.write(task.space, arg, _limits(sem, cmd == SEM_INFO))
        return max(sem.ids.highest, 0)
    if cmd in (IPC_STAT, SEM_STAT, SEM_STAT_ANY):
        semaphores = sem.ids.get(semid) if cmd == IPC_STAT else sem.ids.at(semid)
        if cmd != SEM_STAT_ANY:
            semaphores.check(task.cred, 0o444)
        user_memory.write(task.space, arg, semaphores.pack())
        return 0 if cmd == IPC_STAT else semaphores.id
    if cmd in (GETALL, GETVAL, GETPID, GETNCNT, GETZCNT, SETALL):
        semaphores = sem.ids.get(semid)
        semaphores.check(task.cred, 0o222 if cmd == SETALL else 0o444)
        return _values(task, semaphores, semnum, cmd, arg)
    if cmd == SETVAL:
        value = ((arg & 0xFFFF_FFFF) ^ 1 << 31) - (1 << 31)
        if not 0 <= value <= SEMVMX:
            raise ERANGE
        semaphores = sem.ids.get(semid)
        if not 0 <= semnum < len(semaphores.values):
            raise EINVAL
        semaphores.check(task.cred, 0o222)
        semaphores.set_values(semnum, [value], task)
        return 0
    if cmd in (IPC_SET, IPC_RMID):
        data = user_memory.read(task.space, arg, SEMID_DS.size) if cmd == IPC_SET else b""
        semaphores = sem.ids.get(semid)
        semaphores.check_owner(task.cred)
        if cmd == IPC_RMID:
            sem.remove(semaphores)
        else:
            semaphores.set_owner(data[:PERM.size])
            semaphores.ctime_ns = task.kernel.clock.realtime_ns()
        return 0
    raise EINVAL


def _values(task: Task, semaphores: SemaphoreSet, number: int, cmd: int, arg: int) -> int:
    """ipc/sem.c:semctl_main"""
    count = len(semaphores.values)
    if cmd == GETALL:
        user_memory.write(task.space, arg, struct.pack(f"<{count}H", *semaphores.values))
        return 0
    if cmd == SETALL:
        values = list(struct.unpack(f"<{count}H", user_memory.read(task.space, arg, 2 * count)))
        if max(values) > SEMVMX:
            raise ERANGE
        semaphores.set_values(0, values, task)
        return 0
    if not 0 <= number < count:
        raise EINVAL
    if cmd == GETVAL:
        return semaphores.values[number]
    if cmd == GETPID:
        pid = semaphores.pids.get(number)
        return pid_nr_ns(pid, task.pid.numbers[task.pid.level][1]) if pid is not None else 0
    return semaphores.waiting(number, cmd == GETZCNT)


def _limits(sem: Semaphores, usage: bool) -> bytes:
    """The struct seminfo; `usage`: what is in use in two of its fields."""
    size, adjust = (len(sem.ids), sem.count) if usage else (SEMUSZ, SEMVMX)
    return SEMINFO.pack(SEMMNS, SEMMNI, SEMMNS, SEMMNS, SEMMSL, SEMOPM, SEMOPM, size, SEMVMX, adjust)


__all__ = ["sys_semctl", "sys_semget", "sys_semop", "sys_semtimedop"]
