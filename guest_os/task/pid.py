"""Process identifiers: numbers in a tree of namespaces, and the object that outlives them. kernel/pid.c

A `Pid` is Linux's `struct pid`: tasks attach to it by type (PID, TGID, PGID, SID), it has one number in its own
namespace and one in each ancestor, and whoever holds it (a procfs inode, a pidfd) can tell a dead process from a new
one with the same number.
"""

from __future__ import annotations

import enum
from bisect import bisect_left, insort
from typing import TYPE_CHECKING

from rvsim.guest_os.abi.errno import EAGAIN, ENOMEM
from rvsim.guest_os.wait import WaitQueue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rvsim.guest_os.mm.address_space import AddressSpace
    from rvsim.guest_os.task.task import Task

RESERVED_PIDS = 300
"""Numbers below are not given again once allocation has wrapped. kernel/pid.c:RESERVED_PIDS"""

PID_MAX = 4_194_304
MAX_PID_NS_LEVEL = 32


class PidType(enum.IntEnum):
    """How a task is attached to a pid. include/linux/pid.h:pid_type"""

    PID = 0
    TGID = 1
    PGID = 2
    SID = 3


class PidNamespace:
    """A level of numbers. include/linux/pid_namespace.h

    `child_reaper` is the task that inherits orphans; when it is gone, no number is given any more. `inum` names the
    namespace in /proc/PID/ns.
    """

    __slots__ = (
        "_by_number", "_sorted", "child_reaper", "count", "dying", "inum", "last_pid", "level", "parent", "pid_max",
    )

    def __init__(self, parent: PidNamespace | None = None, inum: int = 0xEFFFFFFC) -> None:
        self.parent = parent
        self.level: int = parent.level + 1 if parent is not None else 0
        self.child_reaper: Task | None = None
        self.last_pid = 0
        self.pid_max = PID_MAX
        self.inum = inum
        self.count = 1
        self.dying = False
        self._by_number: dict[int, Pid] = {}
        self._sorted: list[int] = []

    def __len__(self) -> int:
        return len(self._by_number)

    def take(self, pid: Pid) -> int:
        """Give `pid` the next free number, cyclically from the last one. kernel/pid.c:alloc_pid

        Raises:
            EAGAIN: all numbers are in use.
        """
        number = self.last_pid + 1
        if number >= self.pid_max:
            number = RESERVED_PIDS
        if number in self._by_number:
            number = self._next_free(number)
        self._by_number[number] = pid
        if not self._sorted or number > self._sorted[-1]:
            self._sorted.append(number)
        else:
            insort(self._sorted, number)
        self.last_pid = number
        return number

    def _next_free(self, start: int) -> int:
        for number in range(start, self.pid_max):
            if number not in self._by_number:
                return number
        for number in range(RESERVED_PIDS, start):
            if number not in self._by_number:
                return number
        raise EAGAIN

    def release(self, number: int) -> None:
        """The number is free again."""
        del self._by_number[number]
        del self._sorted[bisect_left(self._sorted, number)]

    def find(self, number: int) -> Pid | None:
        return self._by_number.get(number)

    def from_number(self, start: int) -> list[int]:
        """The numbers in use that are at least `start`, ascending."""
        return self._sorted[bisect_left(self._sorted, start):]

    def tasks(self, kind: PidType, start: int = 0) -> Iterator[Task]:
        """The first task attached as `kind` to each number from `start` on, ascending; with TGID, all leaders.

        Tasks may come and go meanwhile: those that come are not among them.
        """
        for number in self.from_number(start):
            task = pid_task(self.find(number), kind)
            if task is not None:
                yield task


class RecyclingPidNamespace(PidNamespace):
    """Numbers as the rCore-Tutorial gives them: from 0, and the one freed last is given first. os/src/task/id.rs"""

    def __init__(self) -> None:
        super().__init__()
        self._free: list[int] = []
        self._next = 0

    def take(self, pid: Pid) -> int:
        if self._free:
            number = self._free.pop()
        else:
            number, self._next = self._next, self._next + 1
        self._by_number[number] = pid
        insort(self._sorted, number)
        self.last_pid = number
        return number

    def release(self, number: int) -> None:
        super().release(number)
        self._free.append(number)


class Pid:
    """One process identity. `numbers[level]` is its (number, namespace) at that level.

    `count` counts those who took it with `get_pid` and the like, and one for the lists of tasks as long as anybody is
    on one. The object itself stays as long as Python refers to it.
    """

    __slots__ = ("count", "exit_queue", "level", "numbers", "stashed", "tasks")

    def __init__(self, ns: PidNamespace) -> None:
        """Allocate a number in `ns` and in each ancestor.

        Raises:
            EAGAIN: a namespace is full.
            ENOMEM: the namespace's reaper is dead.
        """
        if ns.dying:
            raise ENOMEM
        self.count = 1
        self.level = ns.level
        self.tasks: tuple[dict[Task, None], ...] = ({}, {}, {}, {})
        chain: list[PidNamespace] = []
        at: PidNamespace | None = ns
        while at is not None:
            chain.append(at)
            at = at.parent
        numbers: list[tuple[int, PidNamespace]] = []
        try:
            for space in chain:
                numbers.append((space.take(self), space))
        except EAGAIN:
            for number, space in numbers:
                space.release(number)
            raise
        self.numbers = tuple(reversed(numbers))
        self.stashed: object | None = None
        self.exit_queue: WaitQueue | None = None      # made by the first pidfd; wakes when the process ends

    def __repr__(self) -> str:
        return f"Pid({'/'.join(str(number) for number, _ in self.numbers)})"

    @property
    def nr(self) -> int:
        """The number in the first namespace. include/linux/pid.h:pid_nr"""
        return self.numbers[0][0]

    def attach(self, task: Task, kind: PidType) -> None:
        """Put `task` on the list of `kind`."""
        self.tasks[kind][task] = None

    def detach(self, task: Task, kind: PidType) -> None:
        """Take `task` off; when no list has anyone left, the numbers are free again. kernel/pid.c:__change_pid"""
        self.tasks[kind].pop(task, None)
        if not any(self.tasks):
            for number, space in self.numbers:
                if space.find(number) is self:
                    space.release(number)
            put_pid(self)


def get_pid(pid: Pid) -> Pid:
    """One more holder."""
    pid.count += 1
    return pid


def put_pid(pid: Pid | None) -> None:
    """One holder less. kernel/pid.c:put_pid"""
    if pid is not None:
        pid.count -= 1


def find_pid_ns(nr: int, ns: PidNamespace) -> Pid | None:
    """The pid with number `nr` in `ns`, borrowed. kernel/pid.c:find_pid_ns"""
    return ns.find(nr)


def find_vpid(nr: int, current: Task) -> Pid | None:
    """The pid with number `nr` in the namespace of `current`, borrowed. kernel/pid.c:find_vpid"""
    return find_pid_ns(nr, task_active_pid_ns(current))


def find_get_pid(nr: int, current: Task) -> Pid | None:
    """As `find_vpid`, with a reference for the caller, who calls `put_pid`. kernel/pid.c:find_get_pid"""
    pid = find_vpid(nr, current)
    return get_pid(pid) if pid is not None else None


def pid_task(pid: Pid | None, kind: PidType) -> Task | None:
    """The first task attached as `kind`, borrowed. kernel/pid.c:pid_task"""
    if pid is None:
        return None
    return next(iter(pid.tasks[kind]), None)


def get_pid_task(pid: Pid | None, kind: PidType) -> Task | None:
    """As `pid_task`, with a reference to the task. kernel/pid.c:get_pid_task"""
    task = pid_task(pid, kind)
    if task is not None:
        task.usage += 1
    return task


def get_task_mm(task: Task) -> AddressSpace | None:
    """The task's address space with one more user, or None (exited). The caller calls `put`. kernel/fork.c"""
    return task.mm.get() if task.mm is not None else None


def ns_of_pid(pid: Pid) -> PidNamespace:
    """The namespace a pid was made in. include/linux/pid.h:ns_of_pid"""
    return pid.numbers[pid.level][1]


def task_active_pid_ns(task: Task) -> PidNamespace:
    """The namespace the task's own pid was made in. kernel/pid.c:task_active_pid_ns"""
    return ns_of_pid(task.pid)


def pid_nr_ns(pid: Pid | None, ns: PidNamespace) -> int:
    """The number of `pid` as seen in `ns`, 0 if it is not visible there. kernel/pid.c:pid_nr_ns"""
    if pid is not None and ns.level <= pid.level:
        number, space = pid.numbers[ns.level]
        if space is ns:
            return number
    return 0


def task_pid_nr_ns(task: Task, kind: PidType, ns: PidNamespace | None) -> int:
    """The number of a task by type, seen in `ns`. kernel/pid.c:__task_pid_nr_ns

    `ns` None: the namespace of the caller, the task that runs now (of `task` itself, if none does).
    """
    if ns is None:
        current = task.kernel.scheduler.current
        ns = task_active_pid_ns(current if current is not None else task)
    return pid_nr_ns(task_pid_of(task, kind), ns)


def task_pid_of(task: Task, kind: PidType) -> Pid:
    """The pid a task is attached to as `kind`; every type but PID is that of its thread group."""
    if kind == PidType.PID:
        return task.pid
    group = task.group
    return group.pid if kind == PidType.TGID else group.pgrp if kind == PidType.PGID else group.session
