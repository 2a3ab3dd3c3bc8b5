"""tmpfs: data, holes, limits, times, directories under change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rvsim.guest_os.abi import fcntl as f
from rvsim.guest_os.abi.errno import EFBIG, EINVAL, ENODATA, ENOSPC, ENXIO, EOPNOTSUPP
from rvsim.guest_os.fs.tmpfs import TmpFs
from rvsim.guest_os.vfs import attr, xattr
from rvsim.guest_os.vfs.super_block import MountOptions

if TYPE_CHECKING:
    from rvsim.guest_os.vfs.inode import Inode
    from rvsim.tests.guest_os.conftest import World


@pytest.fixture
def small(world: World, make_world: type[World]) -> World:
    """A world on a tmpfs of 10 pages and 6 inodes."""
    return make_world(TmpFs(world.clock).mount(b"", MountOptions(b"size=40k,nr_inodes=6,mode=755")))


def test_holes_read_as_zeros_and_take_no_space(world: World) -> None:
    file = world.create(b"/f")
    file.pwrite(b"end", 1 << 30)
    stat = file.inode.stat()
    assert (stat.size, stat.blocks) == ((1 << 30) + 3, 8)
    assert file.pread(10, (1 << 30) - 5) == b"\0\0\0\0\0end"
    assert file.pread(70_000, 0) == bytes(70_000)
    assert file.seek(0, f.SEEK_DATA) == 1 << 30
    assert file.seek(0, f.SEEK_HOLE) == 0
    assert file.seek(1 << 30, f.SEEK_HOLE) == (1 << 30) + 3
    assert world.error(file.seek, (1 << 30) + 3, f.SEEK_DATA) is ENXIO


def test_truncate_down_and_up_leaves_zeros(world: World) -> None:
    file = world.create(b"/f")
    file.write(b"x" * 200_000)
    file.truncate(100_001)
    file.truncate(150_000)
    assert file.pread(3, 100_000) == b"x\0\0"
    assert file.inode.stat().blocks == 25 * 8
    file.truncate(0)
    assert file.inode.stat().blocks == 0


def test_writes_across_chunks(world: World) -> None:
    file = world.create(b"/f")
    data = bytes(range(256)) * 1024
    assert file.pwrite(data, 65_000) == len(data)
    assert file.pread(len(data), 65_000) == data
    assert file.pread(10, 64_998) == b"\0\0" + data[:8]


def test_full_file_system_takes_what_fits(small: World) -> None:
    file = small.create(b"/f")
    assert file.write(bytes(36_000)) == 36_000
    assert file.write(bytes(9_000)) == 4_960
    assert small.error(file.write, b"x") is ENOSPC
    assert file.pwrite(b"y", 0) == 1
    assert small.error(file.fallocate, 0, 1 << 20, 1) is ENOSPC
    facts = attr.statfs(small.root)
    assert (facts.blocks, facts.bfree, facts.files, facts.ffree) == (10, 0, 6, 4)
    file.truncate(5000)
    assert attr.statfs(small.root).bfree == 8


def test_inode_limit(small: World) -> None:
    for n in range(5):
        small.create(b"/%d" % n)
    assert small.error(small.create, b"/more") is ENOSPC
    assert small.error(small.mkdir, b"/more") is ENOSPC
    assert len(small.names(b"/")) == 5
    small.link(b"/0", b"/again")


def test_punch_and_zero(world: World) -> None:
    file = world.create(b"/f")
    file.write(b"x" * 20_000)
    file.fallocate(f.FALLOC_FL_PUNCH_HOLE | f.FALLOC_FL_KEEP_SIZE, 1000, 12_000)
    assert file.pread(20_000, 0) == b"x" * 1000 + bytes(12_000) + b"x" * 7000
    assert file.inode.stat().blocks == 3 * 8
    assert file.seek(0, f.SEEK_HOLE) == 4096
    assert file.seek(4096, f.SEEK_DATA) == 12_288
    assert world.error(file.fallocate, f.FALLOC_FL_ZERO_RANGE, 0, 30_000) is EOPNOTSUPP
    assert world.error(file.fallocate, f.FALLOC_FL_COLLAPSE_RANGE, 0, 4096) is EOPNOTSUPP
    file.fallocate(0, 0, 30_000)
    assert file.inode.size == 30_000
    assert file.pread(13_000, 0) == b"x" * 1000 + bytes(12_000)
    file.fallocate(f.FALLOC_FL_KEEP_SIZE, 30_000, 100_000)
    assert file.inode.size == 30_000
    assert file.inode.stat().blocks == 32 * 8
    assert world.error(file.fallocate, f.FALLOC_FL_PUNCH_HOLE, 0, 1) is EOPNOTSUPP
    assert world.error(file.fallocate, 0, 0, 0) is EINVAL
    assert world.error(file.fallocate, 0, 1, (1 << 63) - 1) is EFBIG


def test_times(world: World) -> None:
    file = world.create(b"/f")
    made = file.inode.stat()
    assert made.atime_ns == made.mtime_ns == made.ctime_ns == made.btime_ns
    file.write(b"x")
    written = file.inode.stat()
    assert written.mtime_ns == written.ctime_ns > made.mtime_ns
    assert written.atime_ns == made.atime_ns
    file.pread(1, 0)
    read = file.inode.stat()
    assert read.atime_ns > written.mtime_ns
    file.pread(1, 0)
    assert file.inode.stat() == read
    world.chmod(b"/f", 0o600)
    assert file.inode.ctime_ns > read.atime_ns
    assert file.inode.mtime_ns == read.mtime_ns


def test_directory_positions_survive_changes(world: World) -> None:
    world.mkdir(b"/d")
    for n in range(300):
        world.create(b"/d/%03d" % n).put()
    file = world.open(b"/d")
    parse_dirents = world.parse_dirents
    seen = [name for name, _, _ in parse_dirents(file.getdents64(512))]
    for n in range(0, 300, 2):
        world.unlink(b"/d/%03d" % n)
    world.create(b"/d/new")
    while data := file.getdents64(512):
        seen += [name for name, _, _ in parse_dirents(data)]
    stays = [b"%03d" % n for n in range(1, 300, 2)]
    assert [name for name in seen if name in stays] == stays
    assert len(seen) == len(set(seen))
    file.seek(0, f.SEEK_SET)
    assert parse_dirents(file.getdents64(1 << 20))[:2] != []
    assert world.error(world.open(b"/d").getdents64, 20) is EINVAL


def test_directory_facts(world: World) -> None:
    world.mkdir(b"/d")
    assert (world.stat(b"/d").nlink, world.stat(b"/d").size) == (2, 40)
    world.mkdir(b"/d/e")
    world.symlink(b"x", b"/d/l")
    assert (world.stat(b"/d").nlink, world.stat(b"/d").size) == (3, 80)
    entries = {name: (ino, dtype) for name, ino, dtype in world.dirents(b"/d")}
    assert entries[b"."] == (world.stat(b"/d").ino, 4)
    assert entries[b".."] == (world.stat(b"/").ino, 4)
    assert entries[b"e"][1] == 4
    assert entries[b"l"][1] == 10


def test_extended_attributes(world: World) -> None:
    path = world.create(b"/f").path
    xattr.setxattr(path, world.cred, b"user.a", b"1")
    xattr.setxattr(path, world.cred, b"user.b", b"2", f.XATTR_CREATE)
    assert xattr.listxattr(path, world.cred) == [b"user.a", b"user.b"]
    assert xattr.getxattr(path, world.cred, b"user.a") == b"1"
    assert world.error(xattr.setxattr, path, world.cred, b"user.c", b"", f.XATTR_REPLACE) is ENODATA
    xattr.removexattr(path, world.cred, b"user.a")
    assert world.error(xattr.getxattr, path, world.cred, b"user.a") is ENODATA
    assert world.error(xattr.getxattr, path, world.cred, b"system.posix_acl_access") is EOPNOTSUPP


@pytest.mark.parametrize("options", [b"size=x", b"mode=9", b"nonsense", b"uid=-1", b"size="])
def test_bad_mount_options(world: World, options: bytes) -> None:
    assert world.error(world.tmpfs.mount, b"", MountOptions(options)) is EINVAL


class FakePages:
    """A page cache that holds one dirty page of its own."""

    writers = 0

    def __init__(self, inode: Inode) -> None:
        self.inode = inode
        self.told: list[object] = []

    def read(self, offset: int, size: int) -> bytes:
        return bytes(self.inode.read_raw(offset, size)).upper()

    def write(self, offset: int, data: bytes | bytearray | memoryview) -> None:
        self.told.append((offset, bytes(data)))

    def is_dirty(self, index: int) -> bool:
        return index == 0

    def truncate(self, size: int) -> None:
        self.told.append(size)

    def zero(self, offset: int, end: int) -> None:
        self.told.append((offset, end))


def test_mapped_file_goes_through_its_pages(world: World) -> None:
    file = world.create(b"/f")
    file.write(b"abcdef")
    file.inode.mapping = pages = FakePages(file.inode)
    assert file.pread(3, 0) == b"ABC"
    assert file.pread(99, 4) == b"EF"
    file.pwrite(b"xy", 2)
    file.truncate(3)
    world.unlink(b"/f")
    file.put()
    assert pages.told == [(2, b"xy"), 3, 0]


def test_ranges_without_end_take_no_time(make_world: type[World], world: World) -> None:
    """A sparse file may be as large as files can be: only what exists is gone through."""
    world = make_world(TmpFs(world.clock).mount(b"", MountOptions(b"size=1m,mode=755")))
    file = world.create(b"/f")
    file.pwrite(b"x", 1 << 40)
    file.truncate(1 << 62)
    file.fallocate(f.FALLOC_FL_PUNCH_HOLE | f.FALLOC_FL_KEEP_SIZE, 0, 1 << 62)
    assert file.inode.stat().blocks == 0
    assert file.pread(1, 1 << 40) == b"\0"
    assert world.error(file.fallocate, 0, 0, 1 << 62) is ENOSPC
    assert file.inode.stat().blocks == 0
