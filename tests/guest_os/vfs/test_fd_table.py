"""Descriptor tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rvsim.guest_os.abi.errno import EBADF, EINVAL, EMFILE
from rvsim.guest_os.abi.fcntl import O_CREAT, O_RDWR
from rvsim.guest_os.vfs.fd_table import FdTable

if TYPE_CHECKING:
    from rvsim.tests.guest_os.conftest import World


@pytest.fixture
def table() -> FdTable:
    return FdTable(limit=8)


def test_lowest_free_number(world: World, table: FdTable) -> None:
    files = [world.create(b"/f") for _ in range(5)]
    assert [table.install(file) for file in files] == [0, 1, 2, 3, 4]
    table.close(3)
    table.close(1)
    assert table.install(world.create(b"/f")) == 1
    assert table.install(world.create(b"/f"), lowest=4) == 5
    assert table.install(world.create(b"/f")) == 3
    assert table.install(world.create(b"/f")) == 6
    assert table.install(world.create(b"/f"), lowest=2) == 7
    assert world.error(table.install, world.create(b"/f")) is EMFILE
    assert [fd for fd, _ in table] == list(range(8))


def test_bad_numbers(world: World, table: FdTable) -> None:
    for fd in (-1, 0, 7, 1 << 31):
        for call in (table.get, table.close, table.get_cloexec):
            assert world.error(call, fd) is EBADF
    table.install(world.create(b"/f"))
    assert world.error(table.dup_to, 0, 8) is EBADF
    assert world.error(table.dup_to, 0, -1) is EBADF
    assert world.error(table.dup_to, 5, 1) is EBADF
    assert world.error(table.dup, 0, lowest=8) is EINVAL
    assert world.error(table.dup, 0, lowest=-1) is EINVAL


def test_dup_shares_the_offset_and_the_last_close_releases(world: World, table: FdTable) -> None:
    file = world.create(b"/f")
    fd = table.install(file)
    other = table.dup(fd, lowest=5, cloexec=True)
    assert other == 5
    assert table.get_cloexec(5)
    assert not table.get_cloexec(fd)
    table.get(fd).write(b"abc")
    assert table.get(other).offset == 3
    table.close(fd)
    assert file.inode.open_count == 1
    table.close(other)
    assert file.inode.open_count == 0


def test_dup_to_closes_what_was_there(world: World, table: FdTable) -> None:
    one, two = world.create(b"/1"), world.create(b"/2")
    table.install(one)
    table.install(two, cloexec=True)
    assert table.dup_to(0, 1) == 1
    assert two.inode.open_count == 0
    assert table.get(1) is one
    assert not table.get_cloexec(1)


def test_fork_shares_descriptions_and_exec_closes(world: World, table: FdTable) -> None:
    file = world.create(b"/f")
    table.install(file)
    table.install(world.create(b"/g"), cloexec=True)
    child = table.copy()
    child.get(0).write(b"x")
    assert table.get(0).offset == 1
    child.close_on_exec()
    assert [fd for fd, _ in child] == [0]
    assert [fd for fd, _ in table] == [0, 1]
    child.clear()
    assert file.count == 1
    table.clear()
    assert file.count == 0
    assert file.inode.open_count == 0


def test_reservation_is_undone_by_an_exception(world: World, table: FdTable) -> None:
    table.install(world.create(b"/f"))
    def fails() -> None:
        with table.reserve(2) as slots:
            assert slots.numbers == [1, 2]
            assert table.install(world.create(b"/g")) == 3
            raise EINVAL

    assert world.error(fails) is EINVAL
    assert table.install(world.create(b"/h")) == 1
    with table.reserve(2) as slots:
        assert slots.numbers == [2, 4]
        slots.install(world.create(b"/i"), world.create(b"/j"), cloexec=True)
    assert sorted(table.cloexec) == [2, 4]
    assert table.install(world.create(b"/k")) == 5
    assert world.error(table.reserve, 3) is EMFILE
    assert table.install(world.create(b"/l")) == 6


def test_close_range(world: World, table: FdTable) -> None:
    for _ in range(6):
        table.install(world.open(b"/f", O_CREAT | O_RDWR))
    table.close_range(2, 1 << 32)
    assert [fd for fd, _ in table] == [0, 1]
