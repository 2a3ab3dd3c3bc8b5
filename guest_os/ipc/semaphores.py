"""System V semaphores. ipc/sem.c

Operations that cannot be done at once wait in the set, in order of arrival. Whoever changes a value does what has
become possible for those who wait: they find their operation done, so nobody can take from them what they waited for.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from rvsim.guest_os.abi.errno import EAGAIN, EIDRM, EINVAL, ENOMEM, ENOSPC, ERANGE, Errno
from rvsim.guest_os.abi.ipc import IPC_NOWAIT, SEM_UNDO, SEMID_DS, SEMMNI, SEMMNS, SEMVMX
from rvsim.guest_os.ipc.ids import IpcIds, IpcObject
from rvsim.guest_os.task.pid import Pid
from rvsim.guest_os.wait import Resume, WaitQueue

if TYPE_CHECKING:
    from rvsim.guest_os.task.kernel import Kernel
    from rvsim.guest_os.task.task import Task

NS = 1_000_000_000
SEM_BYTES = 64
"""What a semaphore counts for against the machine's memory. include/linux/sem.h:struct sem"""
Op = tuple[int, int, int]
"""Number, change, flags."""


class PendingOps(Resume):
    """Operations of a task that waits, which somebody else may do for it.

    Attributes:
        ops: what is to be done, all or nothing.
        blocking: which of them could not be done when it was last tried.
        result: None while it waits; 0 or the class of an error.
    """

    __slots__ = ("blocking", "deadline_ns", "ops", "queue", "result", "semaphores", "task")

    def __init__(self, semaphores: SemaphoreSet, task: Task, ops: list[Op], deadline_ns: int | None) -> None:
        self.semaphores = semaphores
        self.task = task
        self.ops = ops
        self.deadline_ns = deadline_ns
        self.blocking = ops[0]
        self.queue = WaitQueue()
        self.result: int | type[Errno] | None = None

    def interrupted(self) -> int | None:
        if self.result is None or isinstance(self.result, int):
            return self.result
        return -self.result.number

    def dropped(self) -> None:
        self.semaphores.pending.pop(self, None)


class UndoList:
    """What exit takes back. Shared by threads with CLONE_SYSVSEM; `count` of them. include/linux/sem.h:sem_undo_list"""

    __slots__ = ("count", "sets")

    def __init__(self) -> None:
        self.count = 1
        self.sets: dict[SemaphoreSet, dict[int, int]] = {}

    def let_go(self, task: Task) -> None:
        """A task ends; the last one takes back. ipc/sem.c:exit_sem"""
        task.undo = None
        self.count -= 1
        if self.count:
            return
        for semaphores, changes in self.sets.items():
            semaphores.undo_lists.pop(self, None)
            for number in sorted(changes):
                if changes[number]:
                    value = semaphores.values[number] + changes[number]
                    semaphores.values[number] = min(max(value, 0), SEMVMX)
                    semaphores.pids[number] = task.group.pid
            semaphores.do_pending()
        self.sets.clear()


class SemaphoreSet(IpcObject):
    """`values` by number, the process that changed each last, and who waits. include/linux/sem.h:sem_array"""

    def __init__(self, semaphores: Semaphores, key: int, count: int, mode: int, task: Task) -> None:
        super().__init__(key, mode & 0o777, task.cred)
        self.kernel = semaphores.kernel
        self.values = array("i", bytes(4 * count))
        self.pids: dict[int, Pid] = {}
        self.otime_ns = 0
        self.ctime_ns = self.kernel.clock.realtime_ns()
        self.pending: dict[PendingOps, None] = {}
        self.undo_lists: dict[UndoList, None] = {}

    def attempt(self, ops: list[Op], undo: UndoList | None, pid: Pid) -> Op | None:
        """Do all of `ops`, or nothing; returns the one that has to wait. ipc/sem.c:perform_atomic_semop

        Raises:
            ERANGE: a value or what would be taken back gets too large.
            EAGAIN: one has to wait and has IPC_NOWAIT.
        """
        values = self.values
        new: dict[int, int] = {}
        changes = undo.sets.get(self, {}) if undo is not None else {}
        undone: dict[int, int] = {}
        for op in ops:
            number, change, flags = op
            value = new.get(number, values[number])
            if (not change and value) or value + change < 0:
                if flags & IPC_NOWAIT:
                    raise EAGAIN
                return op
            value += change
            if value > SEMVMX:
                raise ERANGE
            if flags & SEM_UNDO:
                total = undone.get(number, changes.get(number, 0)) - change
                if not -SEMVMX - 1 <= total <= SEMVMX:
                    raise ERANGE
                undone[number] = total
            new[number] = value
        for number, value in new.items():
            values[number] = value
            self.pids[number] = pid
        if undone and undo is not None:
            undo.sets.setdefault(self, {}).update(undone)
            self.undo_lists[undo] = None
        self.otime_ns = self.kernel.clock.realtime_ns()
        return None

    def do_pending(self) -> None:
        """Values changed: do what has become possible, oldest first, as long as something has. do_smart_update"""
        again = True
        while again:
            again = False
            for waiting in tuple(self.pending):
                task = waiting.task
                try:
                    blocking = self.attempt(waiting.ops, task.undo, task.group.pid)
                except (ERANGE, EAGAIN) as error:
                    self._finish(waiting, type(error))
                    continue
                if blocking is None:
                    self._finish(waiting, 0)
                    again = again or any(change for _, change, _ in waiting.ops)
                else:
                    waiting.blocking = blocking

    def _finish(self, waiting: PendingOps, result: int | type[Errno]) -> None:
        del self.pending[waiting]
        waiting.result = result
        waiting.queue.wake_all()

    def waiting(self, number: int, for_zero: bool) -> int:
        """How many tasks wait until a value is zero, or grows. ipc/sem.c:count_semcnt"""
        return sum(1 for one in self.pending if one.blocking[0] == number and (one.blocking[1] == 0) == for_zero)

    def set_values(self, first: int, values: list[int], task: Task) -> None:
        """SETVAL, SETALL: set values and forget what would be taken back."""
        for number, value in enumerate(values, first):
            self.values[number] = value
            self.pids[number] = task.group.pid
            for undo in self.undo_lists:
                undo.sets[self].pop(number, None)
        self.ctime_ns = self.kernel.clock.realtime_ns()
        self.do_pending()

    def pack(self) -> bytes:
        """The struct semid64_ds."""
        return SEMID_DS.pack(self.pack_perm(), self.otime_ns // NS, self.ctime_ns // NS, len(self.values), 0, 0)


class Semaphores:
    """The sets of a machine. `count`: semaphores of all of them."""

    def __init__(self, kernel: Kernel, bytes_limit: int) -> None:
        self.kernel = kernel
        self.ids: IpcIds[SemaphoreSet] = IpcIds(SEMMNI)
        self.bytes_limit = bytes_limit
        self.count = 0

    def make(self, key: int, count: int, mode: int, task: Task) -> SemaphoreSet:
        """A new set. EINVAL: an empty one. ENOSPC: too many. ENOMEM: too much memory. ipc/sem.c:newary"""
        if not count:
            raise EINVAL
        if self.count + count > SEMMNS or len(self.ids) >= SEMMNI:
            raise ENOSPC
        if (self.count + count) * SEM_BYTES > self.bytes_limit:
            raise ENOMEM
        semaphores = SemaphoreSet(self, key, count, mode, task)
        self.ids.add(semaphores)
        self.count += count
        return semaphores

    def remove(self, semaphores: SemaphoreSet) -> None:
        """IPC_RMID: who waits gets EIDRM. ipc/sem.c:freeary"""
        self.ids.remove(semaphores)
        self.count -= len(semaphores.values)
        for undo in semaphores.undo_lists:
            undo.sets.pop(semaphores, None)
        semaphores.undo_lists.clear()
        for waiting in tuple(semaphores.pending):
            semaphores._finish(waiting, EIDRM)

    def listing(self, task: Task) -> bytes:
        """/proc/sysvipc/sem. ipc/sem.c:sysvipc_sem_proc_show"""
        lines = [b"       key      semid perms      nsems   uid   gid  cuid  cgid      otime      ctime\n"]
        lines += [b"%10d %10d  %4o %10d %5d %5d %5d %5d %10d %10d\n" % (
            one.key, one.id, one.mode, len(one.values), one.uid, one.gid, one.cuid, one.cgid, one.otime_ns // NS,
            one.ctime_ns // NS) for one in self.ids]
        return b"".join(lines)

    def clear(self) -> None:
        """The machine ends."""
        for semaphores in self.ids:
            self.remove(semaphores)
