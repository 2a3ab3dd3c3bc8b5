"""What DragonOS asks of its procfs, kept by /proc and by /system/proc: processes are there from birth to reaping, and
one file has their facts. DragonOS: filesystem/procfs/mod.rs. What its operations give otherwise: fs/test_contract.py.

Not kept, being mistakes there: a NUL at the end, the name `Unknown`, and sizes of the reader's own memory.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

import pytest

from rvsim.guest_os.abi.errno import EACCES, ENOENT, ENOSYS, ENOTDIR, EPERM, ESRCH
from rvsim.guest_os.boot import Machine
from rvsim.guest_os.proc.solproc.host import Processes
from rvsim.guest_os.task.observer import Observer
from rvsim.guest_os.task.task import Task
from rvsim.guest_os.vfs.file import File
from rvsim.guest_os.vfs.namei import lookup
from rvsim.guest_os.vfs.open import open_file
from rvsim.tests.guest import make, musl_program, nothing_left

PAGE_KB = 4
PLACES = (b"/proc", b"/system/proc")


class Watch(Observer):
    """Runs a function at births, deaths and the look of the program."""

    def __init__(self, born: Callable[[Task], None] | None = None, died: Callable[[Task], None] | None = None,
                 look: Callable[[Task], None] | None = None) -> None:
        self.born, self.died, self.look = born, died, look
        self.times = 0

    def forked(self, task: Task, child: Task) -> None:
        if self.born is not None and child.group is not task.group:
            self.times += 1
            self.born(child)

    def exited(self, task: Task, status: int) -> None:
        if self.died is not None and task.group.live_threads == 0:
            self.times += 1
            self.died(task)

    def enter(self, task: Task, number: int, registers: Sequence[int]) -> None:
        if self.look is not None and number == 173:
            self.times += 1
            self.look(task)


def watched(make_observer: Callable[[Machine], Watch]) -> int:
    """Run solproc_state.c with an observer; how often it was asked."""
    machine = make()
    observer = make_observer(machine)
    machine.kernel.observe(observer)
    program = os.fsencode(musl_program("solproc_state.c"))
    assert machine.run(program, [program, b"look"]) == 0
    nothing_left(machine)
    return observer.times


def opened(machine: Machine, name: bytes) -> File:
    return open_file(machine.context, machine.cred, name, 0, 0)


@pytest.mark.parametrize("place", PLACES)
def test_registered_at_birth_and_not_before_reaping_taken_away(place: bytes) -> None:
    def observer(machine: Machine) -> Watch:
        held: list[tuple[int, File]] = []

        def listed() -> list[int]:
            if place == b"/system/proc":
                return sorted(Processes(machine.context).pids())
            root = lookup(machine.context, machine.cred, place).inode
            return sorted(int(name) for _, name, _, _ in root.readdir(2) if name.isdigit())

        def born(child: Task) -> None:
            assert child.tid in listed()
            assert listed() == sorted(group.tgid for _, group in machine.kernel.processes.walk())
            held.append((child.tid, opened(machine, b"%s/%d/%s" % (
                place, child.tid, b"status" if place == b"/proc" else b"psinfo"))))

        def died(task: Task) -> None:
            assert task.group.tgid in listed()             # a zombie, until somebody waits for it
            for number, file in tuple(held):
                if number not in listed():
                    with pytest.raises(ESRCH if place == b"/proc" else ENOENT):
                        file.pread(100, 0)
                    with pytest.raises(ENOENT):
                        lookup(machine.context, machine.cred, b"%s/%d" % (place, number))
                    held.remove((number, file))
                    file.put()
            if task is machine.kernel.init:
                for _, file in held:
                    file.put()

        return Watch(born=born, died=died)

    assert watched(observer) == 4 + 5


def test_one_file_has_the_facts() -> None:
    """Name, state, pid, Ppid, cpu_id, priority, VmPeak, VmData, VmExe: of the process asked about, nobody else's."""
    def observer(machine: Machine) -> Watch:
        def look(first: Task) -> None:
            for group in (first.group, *first.group.children):
                task, space = group.leader, group.leader.mm
                number = group.tgid
                status = opened(machine, b"/proc/%d/status" % number)
                text = status.read(1 << 16)
                assert (status.inode.size, status.read(10)) == (0, b"")
                status.put()
                stat = opened(machine, b"/proc/%d/stat" % number)
                fields = stat.read(1 << 12).rsplit(b") ", 1)[1].split()
                stat.put()
                assert text.endswith(b"\n")
                assert b"\0" not in text
                facts = dict(line.split(":\t", 1) for line in text.decode().splitlines())
                assert facts["Name"] == task.comm.decode() != "Unknown"
                assert facts["State"][0] == task.state.value
                assert (int(facts["Pid"]), int(facts["PPid"])) == (
                    number, group.parent.tgid if group.parent is not None else 0)
                assert (int(fields[36]), int(fields[15])) == (0, 20 + task.nice)         # processor, priority
                if space is None:
                    assert not any(key.startswith("Vm") for key in facts)
                    continue
                sizes = {key: int(facts[key].split()[0]) for key in ("VmPeak", "VmSize", "VmData", "VmExe")}
                assert sizes["VmSize"] == sum(area.pages for area in space.areas) * PAGE_KB
                assert sizes["VmPeak"] == max(space.hiwater_vm, space.total_vm) * PAGE_KB
                assert sizes["VmData"] == sum(area.pages for area in space.areas if area.is_data) * PAGE_KB
                code = -(-space.end_code // 4096) - space.start_code // 4096
                executed = sum(area.pages for area in space.areas if area.is_exec)
                assert sizes["VmExe"] == min(code, executed) * PAGE_KB
            sizes_of = [group.leader.mm.total_vm for group in first.group.children if group.leader.mm is not None]
            assert first.space.total_vm != sizes_of[0]                                  # so it would have shown

        return Watch(look=look)

    assert watched(observer) == 1


@pytest.mark.parametrize("place", PLACES)
def test_operations_on_the_file_and_the_directory(place: bytes) -> None:
    """Section by section: find, list, link, unlink, move and truncate give errors, and change nothing."""
    def observer(machine: Machine) -> Watch:
        def look(first: Task) -> None:
            own = b"%s/%d" % (place, first.tid)
            directory = lookup(machine.context, machine.cred, own).inode
            name = b"status"
            file = directory.lookup(name)
            before = [entry for _, entry, _, _ in directory.readdir(2)]
            for call in (lambda: file.lookup(b"x"), lambda: list(file.readdir(2)),
                         lambda: file.create(b"x", 0o100644, 0, 0)):
                with pytest.raises(ENOTDIR):
                    call()
            with pytest.raises(ENOENT):
                directory.lookup(b"x")
            with pytest.raises(EACCES):
                directory.create(b"x", 0o100644, 0, 0)
            for change in (lambda: directory.unlink(name, file), lambda: directory.link(b"x", file),
                           lambda: directory.rmdir(name, file), lambda: file.set_mode(0o777),
                           lambda: directory.rename(name, file, directory, b"y", None, 0)):
                with pytest.raises(EPERM if place == b"/proc" else ENOSYS):
                    change()
            assert [entry for _, entry, _, _ in directory.readdir(2)] == before
            assert lookup(machine.context, machine.cred, own + b"/..").inode is lookup(
                machine.context, machine.cred, place).inode
            assert lookup(machine.context, machine.cred, own + b"/.").inode.ino == directory.ino

        return Watch(look=look)

    assert watched(observer) == 1
