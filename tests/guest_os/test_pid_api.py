"""The kernel's own interface to processes, by Linux's names and reference rules. kernel/pid.c, kernel/fork.c

What each function gives is checked from inside a running machine: a guest program makes processes in three pid
namespaces, and an observer looks around at each of its calls of getppid.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from rvsim.guest_os.task import pid as api
from rvsim.guest_os.task.observer import Observer
from rvsim.guest_os.task.pid import PidType
from rvsim.guest_os.task.task import Task
from rvsim.tests.guest import make, musl_program, nothing_left

GETPPID = 173
FIRST, OUTER, INNER, THREAD, ZOMBIE, REAPED = range(1, 7)


class Looker(Observer):
    """Calls `look(task)` at the getppid calls of the program, with what was kept so far."""

    def __init__(self, look: dict[int, Callable[[Task, dict[str, Any]], None]]) -> None:
        self.look = look
        self.calls = 0
        self.kept: dict[str, Any] = {}

    def enter(self, task: Task, number: int, registers: Sequence[int]) -> None:
        if number == GETPPID:
            self.calls += 1
            if self.calls in self.look:
                self.look[self.calls](task, self.kept)


def looked(**look: Callable[[Task, dict[str, Any]], None]) -> None:
    """Run the program and look; names are those of the moments."""
    moments = {"first": FIRST, "outer": OUTER, "inner": INNER, "thread": THREAD, "zombie": ZOMBIE, "reaped": REAPED}
    machine = make()
    observer = Looker({moments[name]: function for name, function in look.items()})
    machine.kernel.observe(observer)
    program = os.fsencode(musl_program("pid_levels.c"))
    assert machine.run(program, [program]) == 0
    assert observer.calls == REAPED
    nothing_left(machine)


def test_find_get_pid_takes_a_reference_that_put_pid_gives_back() -> None:
    def look(current: Task, kept: dict[str, Any]) -> None:
        pid = api.find_vpid(1, current)
        assert pid is current.pid
        before = pid.count
        assert api.find_get_pid(1, current) is pid
        assert pid.count == before + 1
        api.put_pid(pid)
        assert pid.count == before
        assert api.find_get_pid(999, current) is None

    looked(first=look)


def test_find_pid_ns_and_find_vpid_borrow() -> None:
    def look(current: Task, kept: dict[str, Any]) -> None:
        pid = api.find_get_pid(current.tid, current)
        assert pid is not None
        number, ns = pid.numbers[pid.level]
        count = pid.count
        assert api.find_pid_ns(number, ns) is pid
        assert api.find_vpid(number, current) is pid
        assert (pid.count, pid.level, number) == (count, 2, 1)
        api.put_pid(pid)

    looked(inner=look)


def test_a_process_has_a_number_at_each_level() -> None:
    def look(current: Task, kept: dict[str, Any]) -> None:
        pid = current.pid
        numbers = [number for number, _ in pid.numbers]
        assert numbers[-1] == 1
        assert len(numbers) == 3
        assert numbers[0] > numbers[1] > 1
        for level, (number, ns) in enumerate(pid.numbers):
            assert ns.level == level
            assert api.find_pid_ns(number, ns) is pid
            assert api.pid_nr_ns(pid, ns) == number
        assert api.ns_of_pid(pid) is pid.numbers[2][1]
        assert api.task_active_pid_ns(current) is pid.numbers[2][1]
        parent = current.group.parent
        assert parent is not None
        assert api.pid_nr_ns(parent.pid, api.ns_of_pid(pid)) == 0       # not to be seen from below
        assert pid.numbers[2][1].child_reaper is current

    looked(inner=look)


def test_task_pid_nr_ns_of_each_type() -> None:
    def look(current: Task, kept: dict[str, Any]) -> None:
        leader = current.group.leader
        assert leader is not current
        ns = api.ns_of_pid(current.pid)
        assert api.task_pid_nr_ns(current, PidType.PID, ns) == 2
        assert api.task_pid_nr_ns(current, PidType.TGID, ns) == 1       # the leader's
        assert api.task_pid_nr_ns(current, PidType.PGID, ns) == 0       # the group was made further up
        root = current.pid.numbers[0][1]
        assert api.task_pid_nr_ns(current, PidType.PGID, root) == 1
        assert api.task_pid_nr_ns(current, PidType.SID, root) == 1
        assert api.task_pid_nr_ns(current, PidType.PID, None) == 2      # None: the caller's namespace
        first = current.kernel.init
        assert first is not None
        assert api.task_pid_nr_ns(first, PidType.PID, root) == 1
        assert api.task_pid_nr_ns(first, PidType.PID, None) == 0        # from where the first cannot be seen

    looked(thread=look)


def test_pid_task_borrows_and_get_pid_task_does_not() -> None:
    def look(current: Task, kept: dict[str, Any]) -> None:
        pid = current.pid
        usage = current.usage
        assert api.pid_task(pid, PidType.PID) is current
        assert current.usage == usage
        assert api.get_pid_task(pid, PidType.PID) is current
        assert current.usage == usage + 1
        current.usage -= 1
        assert api.pid_task(pid, PidType.TGID) is None                  # a thread leads no group
        assert api.pid_task(current.group.pid, PidType.TGID) is current.group.leader
        assert api.pid_task(None, PidType.PID) is None

    looked(thread=look)


def test_get_task_mm_counts_users_and_gives_none_for_the_dead() -> None:
    def alive(current: Task, kept: dict[str, Any]) -> None:
        kept["task"] = current
        space = current.space
        users = space.users
        assert api.get_task_mm(current) is space
        assert space.users == users + 1
        space.put()
        assert space.users == users

    def dead(current: Task, kept: dict[str, Any]) -> None:
        assert kept["task"].group.zombie
        assert api.get_task_mm(kept["task"]) is None

    looked(inner=alive, zombie=dead)


def test_a_pid_outlives_its_number() -> None:
    def alive(current: Task, kept: dict[str, Any]) -> None:
        kept["pid"] = api.get_pid(current.pid)
        kept["numbers"] = current.pid.numbers

    def dead(current: Task, kept: dict[str, Any]) -> None:
        pid = kept["pid"]
        assert api.pid_task(pid, PidType.TGID) is not None              # a zombie has its numbers still
        assert api.find_pid_ns(*kept["numbers"][0]) is pid

    def reaped(current: Task, kept: dict[str, Any]) -> None:
        pid = kept["pid"]
        assert all(api.pid_task(pid, kind) is None for kind in PidType)
        assert api.find_pid_ns(*kept["numbers"][0]) is None
        assert pid.count == 1                                           # only what was taken here
        assert pid.numbers == kept["numbers"]
        api.put_pid(pid)

    looked(inner=alive, zombie=dead, reaped=reaped)


@pytest.mark.parametrize("level", [0, 1])
def test_nobody_sees_upwards(level: int) -> None:
    def look(current: Task, kept: dict[str, Any]) -> None:
        first = current.kernel.init
        assert first is not None
        inner = current.pid.numbers[current.pid.level][1]
        assert api.pid_nr_ns(first.pid, inner) == (1 if level == 0 else 0)

    looked(**{("first", "outer")[level]: look})
