"""Advisory locks: flock, record locks of processes, and those of open files. flock(2), fcntl(2)"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rvsim.guest_os.abi.errno import EAGAIN, EDEADLK
from rvsim.guest_os.abi.fcntl import F_RDLCK, F_UNLCK, F_WRLCK, LOCK_EX, LOCK_SH, LOCK_UN
from rvsim.guest_os.vfs.fd_table import FdTable
from rvsim.guest_os.vfs.locks import LOCK_END, FileLocks, RecordLock, locks_of
from rvsim.guest_os.wait import Blocked
from rvsim.tests.guest_os.conftest import World

A, B, C = "a process", "another", "a third"
"""Owners, told apart by identity."""


@pytest.fixture
def locks(world: World) -> FileLocks:
    """Of a file with nobody's locks."""
    return locks_of(world.create(b"/f").inode)


def wanted(owner: object, kind: int, start: int, end: int, pid: int = 1) -> RecordLock:
    return RecordLock(owner, pid, kind, start, end)


def ranges(locks: FileLocks) -> list[tuple[int, int, int, int]]:
    """(pid, type, start, end) of all record locks."""
    return [(held.pid, held.type, held.start, held.end) for held in locks.records]


def fails(call: Callable[[], None], error: type[Exception]) -> bool:
    try:
        call()
    except error:
        return True
    return False


class TestFlock:
    def test_shared_and_exclusive(self, world: World) -> None:
        one, two, three = (world.create(b"/f") for _ in range(3))
        locks = locks_of(one.inode)
        locks.flock(one, LOCK_SH, wait=False)
        locks.flock(two, LOCK_SH, wait=False)
        with pytest.raises(EAGAIN):
            locks.flock(three, LOCK_EX, wait=False)
        with pytest.raises(Blocked) as blocked:
            locks.flock(three, LOCK_EX, wait=True)
        assert blocked.value.queues == (locks.queue,)
        locks.flock(one, LOCK_UN, wait=False)
        locks.flock(two, LOCK_UN, wait=False)
        locks.flock(three, LOCK_EX, wait=False)
        assert fails(lambda: locks.flock(one, LOCK_SH, wait=False), EAGAIN)

    def test_duplicates_share_it_and_the_last_close_ends_it(self, world: World) -> None:
        first, second = FdTable(), None
        fd = first.install(world.create(b"/f"))
        file = first.get(fd)
        copy = first.dup(fd)
        second = first.copy()                                      # fork
        locks = locks_of(file.inode)
        locks.flock(file, LOCK_EX, wait=False)
        locks.flock(first.get(copy), LOCK_EX, wait=False)          # the same open file: it has the lock
        other = world.create(b"/f")
        first.close(fd)
        second.clear()
        assert fails(lambda: locks.flock(other, LOCK_SH, wait=False), EAGAIN)
        first.close(copy)
        locks.flock(other, LOCK_SH, wait=False)

    def test_a_conversion_that_fails_loses_the_lock(self, world: World) -> None:
        one, two, three = (world.create(b"/f") for _ in range(3))
        locks = locks_of(one.inode)
        locks.flock(one, LOCK_SH, wait=False)
        locks.flock(two, LOCK_SH, wait=False)
        assert fails(lambda: locks.flock(one, LOCK_EX, wait=False), EAGAIN)
        locks.flock(two, LOCK_EX, wait=False)                      # flock(2): conversion is not atomic
        locks.flock(two, LOCK_SH, wait=False)
        locks.flock(three, LOCK_SH, wait=False)

    def test_it_is_apart_from_record_locks(self, world: World) -> None:
        file = world.create(b"/f")
        locks = locks_of(file.inode)
        locks.flock(file, LOCK_EX, wait=False)
        locks.set(wanted("process", F_WRLCK, 0, LOCK_END), wait=False)


class TestRecords:
    def test_readers_and_writers(self, locks: FileLocks) -> None:
        locks.set(wanted(A, F_RDLCK, 0, 10), wait=False)
        locks.set(wanted(B, F_RDLCK, 5, 15), wait=False)
        assert fails(lambda: locks.set(wanted(C, F_WRLCK, 9, 12), wait=False), EAGAIN)
        locks.set(wanted(C, F_WRLCK, 15, 20), wait=False)
        assert fails(lambda: locks.set(wanted(A, F_RDLCK, 19, LOCK_END), wait=False), EAGAIN)

    def test_what_stands_in_the_way(self, locks: FileLocks) -> None:
        locks.set(wanted(A, F_WRLCK, 10, 20, pid=7), wait=False)
        held = locks.test(wanted(B, F_RDLCK, 0, LOCK_END, pid=8))
        assert held is not None
        assert (held.pid, held.type, held.start, held.end) == (7, F_WRLCK, 10, 20)
        assert locks.test(wanted(A, F_WRLCK, 0, LOCK_END, pid=7)) is None
        assert locks.test(wanted(B, F_WRLCK, 20, 30, pid=8)) is None

    def test_own_locks_split_and_join(self, locks: FileLocks) -> None:
        locks.set(wanted(A, F_WRLCK, 0, 100), wait=False)
        locks.set(wanted(A, F_UNLCK, 40, 60), wait=False)
        assert ranges(locks) == [(1, F_WRLCK, 0, 40), (1, F_WRLCK, 60, 100)]
        locks.set(wanted(A, F_RDLCK, 30, 70), wait=False)
        assert ranges(locks) == [(1, F_WRLCK, 0, 30), (1, F_RDLCK, 30, 70), (1, F_WRLCK, 70, 100)]
        locks.set(wanted(A, F_WRLCK, 30, 70), wait=False)
        assert ranges(locks) == [(1, F_WRLCK, 0, 100)]
        locks.set(wanted(A, F_WRLCK, 100, 110), wait=False)      # touches
        assert ranges(locks) == [(1, F_WRLCK, 0, 110)]
        locks.set(wanted(A, F_UNLCK, 0, LOCK_END), wait=False)
        assert ranges(locks) == []

    def test_waiting_and_waking(self, locks: FileLocks) -> None:
        locks.set(wanted(A, F_WRLCK, 0, 10), wait=False)
        with pytest.raises(Blocked) as blocked:
            locks.set(wanted(B, F_WRLCK, 5, 6), wait=True)
        assert blocked.value.queues == (locks.queue,)
        locks.set(wanted(A, F_UNLCK, 0, 10), wait=False)
        locks.set(wanted(B, F_WRLCK, 5, 6), wait=True)           # the call runs again
        assert not locks.waiting

    def test_circles(self, locks: FileLocks) -> None:
        for at, owner in enumerate((A, B, C)):
            locks.set(wanted(owner, F_WRLCK, at, at + 1, pid=at + 1), wait=False)
        assert fails(lambda: locks.set(wanted(A, F_WRLCK, 1, 2), wait=True), Blocked)
        assert fails(lambda: locks.set(wanted(B, F_WRLCK, 2, 3), wait=True), Blocked)
        with pytest.raises(EDEADLK):
            locks.set(wanted(C, F_WRLCK, 0, 1), wait=True)
        with pytest.raises(EAGAIN):
            locks.set(wanted(C, F_WRLCK, 0, 1), wait=False)
        locks.release_owner(B)                                   # one of them goes: no circle is left
        assert fails(lambda: locks.set(wanted(C, F_WRLCK, 0, 1), wait=True), Blocked)

    def test_closing_any_descriptor_ends_them(self, world: World) -> None:
        table = FdTable()
        first, second = table.install(world.create(b"/f")), table.install(world.create(b"/f"))
        inode = table.get(first).inode
        locks = locks_of(inode)
        locks.set(wanted(table, F_WRLCK, 0, 10), wait=False)
        child = table.copy()                                       # fork: the child has none of the locks
        assert fails(lambda: locks.set(wanted(child, F_WRLCK, 0, 1), wait=False), EAGAIN)
        child.clear()
        assert ranges(locks) == [(1, F_WRLCK, 0, 10)]
        table.close(second)                                        # another open file of the same inode
        assert ranges(locks) == []

    def test_those_of_open_files(self, world: World) -> None:
        """OFD locks: shared by dup and fork, ended by the last close; they conflict with those of processes."""
        table = FdTable()
        fd = table.install(world.create(b"/f"))
        file = table.get(fd)
        copy = table.dup(fd)
        locks = locks_of(file.inode)
        locks.set(wanted(file, F_WRLCK, 0, 10, pid=-1), wait=False)
        assert fails(lambda: locks.set(wanted(table, F_WRLCK, 9, 11), wait=False), EAGAIN)
        locks.set(wanted(table, F_WRLCK, 10, 11), wait=False)
        table.close(fd)
        assert ranges(locks) == [(-1, F_WRLCK, 0, 10)]             # the process's own went with the close
        table.close(copy)
        assert ranges(locks) == []

    def test_no_circle_is_seen_through_open_files(self, world: World, locks: FileLocks) -> None:
        one, two = world.create(b"/f"), world.create(b"/f")
        locks.set(wanted(one, F_WRLCK, 0, 1, pid=-1), wait=False)
        locks.set(wanted(two, F_WRLCK, 1, 2, pid=-1), wait=False)
        assert fails(lambda: locks.set(wanted(one, F_WRLCK, 1, 2, pid=-1), wait=True), Blocked)
        assert fails(lambda: locks.set(wanted(two, F_WRLCK, 0, 1, pid=-1), wait=True), Blocked)

    @settings(max_examples=200, deadline=None)
    @given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from([F_RDLCK, F_WRLCK, F_UNLCK]), st.integers(0, 12),
                              st.integers(1, 6)), max_size=25))
    def test_they_are_as_if_each_byte_had_its_own(self, steps: list[tuple[int, int, int, int]]) -> None:
        locks = FileLocks()
        owners = (A, B, C)
        held: list[dict[str, int]] = [{} for _ in range(20)]
        for owner_index, kind, start, length in steps:
            owner = owners[owner_index]
            bytes_ = range(start, start + length)
            others = [kinds for at in bytes_ for who, kinds in held[at].items() if who != owner]
            free = kind == F_UNLCK or not (others and F_WRLCK in (kind, *others))
            assert fails(lambda: locks.set(wanted(owner, kind, start, start + length), wait=False), EAGAIN) != free  # noqa: B023
            if free:
                for at in bytes_:
                    held[at].pop(owner, None)
                    if kind != F_UNLCK:
                        held[at][owner] = kind
        for at in range(20):
            here = {lock.owner: lock.type for lock in locks.records if lock.start <= at < lock.end}
            assert here == held[at]
        for owner in owners:                                       # none touch that could be one
            own = [lock for lock in locks.records if lock.owner == owner]
            assert all(a.end < b.start or (a.end == b.start and a.type != b.type) for a, b in pairwise(own))
