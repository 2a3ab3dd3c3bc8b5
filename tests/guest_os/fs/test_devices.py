"""The memory devices and devfs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rvsim.guest_os.abi.errno import EBADF, ENODEV, ENOSPC, ENOTTY, ENXIO
from rvsim.guest_os.abi.fcntl import O_RDWR, O_WRONLY
from rvsim.guest_os.abi.ioctl import TCGETS
from rvsim.guest_os.fs.random import RandomSource

if TYPE_CHECKING:
    from rvsim.tests.guest_os.conftest import World


@pytest.fixture
def dev(world: World) -> World:
    world.mkdir(b"/dev")
    world.table.mount_type(b"devtmpfs", b"dev", world.path(b"/dev"))
    return world


def test_null_zero_full(dev: World) -> None:
    null = dev.open(b"/dev/null", O_RDWR)
    assert null.read(9) == b""
    assert null.write(b"gone") == 4
    assert null.seek(5, 0) == 0
    zero = dev.open(b"/dev/zero", O_RDWR)
    assert zero.read(5) == bytes(5)
    assert zero.map_target() is None
    full = dev.open(b"/dev/full", O_RDWR)
    assert full.read(5) == bytes(5)
    assert dev.error(full.write, b"x") is ENOSPC
    assert dev.error(null.map_target) is ENODEV
    assert dev.error(null.ioctl, TCGETS, None) is ENOTTY
    assert dev.error(dev.open(b"/dev/zero", O_WRONLY).read, 1) is EBADF


def test_random_comes_from_the_seed(dev: World) -> None:
    one = dev.open(b"/dev/urandom").read(64)
    two = dev.open(b"/dev/random").read(64)
    assert one != two
    again = RandomSource(b"seed")
    assert again.read(64) == one
    assert again.read(64) == two
    again.mix(b"other")
    assert again.read(64) != dev.random.read(64)


def test_nodes_facts(dev: World) -> None:
    stat = dev.stat(b"/dev/null")
    assert (stat.mode, stat.rdev) == (0o020666, 0x103)
    assert dev.stat(b"/dev/tty").rdev == 0x500
    assert sorted(dev.names(b"/dev")) == [
        b"console", b"fd", b"full", b"mqueue", b"null", b"ptmx", b"pts", b"random", b"shm", b"stderr", b"stdin",
        b"stdout", b"tty", b"urandom", b"zero",
    ]  # fmt: skip
    assert dev.error(dev.open, b"/dev/console", O_RDWR) is ENXIO
