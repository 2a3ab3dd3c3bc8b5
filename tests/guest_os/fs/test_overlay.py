"""overlay: the lower tree shows, changes stay above it."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import pytest

from rvsim.guest_os.abi import fcntl as f
from rvsim.guest_os.abi.errno import EIO, ENOENT, ENOSPC, ENOTEMPTY
from rvsim.guest_os.abi.stat import S_IFCHR, S_IFIFO, makedev
from rvsim.guest_os.fs.hostfs import HostSuperBlock
from rvsim.guest_os.fs.overlay import OverlayFile, OverlaySuperBlock
from rvsim.guest_os.fs.tmpfs import TmpFs
from rvsim.guest_os.vfs import attr, entries
from rvsim.guest_os.vfs.super_block import MountOptions

DATA = bytes(range(256)) * 800


def populate(world, top):
    """The lower tree, made through the VFS."""
    world.write(top + b"/f", b"lower")
    world.write(top + b"/big", DATA)
    world.mkdir(top + b"/d")
    world.write(top + b"/d/a", b"a")
    world.write(top + b"/d/b", b"b")
    world.mkdir(top + b"/d/sub")
    world.write(top + b"/d/sub/deep", b"deep")
    world.mkdir(top + b"/empty")
    world.symlink(b"d/a", top + b"/link")
    world.link(top + b"/f", top + b"/f2")
    entries.mknod(world.context, world.cred, top + b"/fifo", S_IFIFO | 0o622)
    for name in (b"/f", b"/big", b"/d"):
        attr.utimens(world.path(top + name), world.cred, 10**18, 10**18 + 1)


class Bench:
    """An overlay at /o over a lower tree that is mounted at /lower too, to look at."""

    def __init__(self, world, kind, tmp_path):
        self.world = world
        for name in (b"/lower", b"/o"):
            world.mkdir(name)
        at = world.path(b"/lower")
        if kind == "hostfs":
            world.table.mount(HostSuperBlock(os.fsencode(tmp_path), readonly=False), b"host", at)
            populate(world, b"/lower")
            self.lower: Any = HostSuperBlock(os.fsencode(tmp_path), still=True)
            world.table.adopt(self.lower)
        else:
            self.lower = TmpFs(world.clock).mount(b"none", MountOptions())
            world.table.mount(self.lower, b"lower", at)
            populate(world, b"/lower")
        self.before = self.snapshot(b"/lower")
        self.sb = OverlaySuperBlock(self.lower, world.clock, size=1 << 20)
        world.table.mount(self.sb, b"overlay", world.path(b"/o"))

    def snapshot(self, top):
        """All that can be seen below `top`, but the times of access and device numbers."""
        seen = {}
        pending = [top]
        while pending:
            name = pending.pop()
            stat = self.world.stat(name, follow=False)
            kind = stat.mode >> 12
            content = None
            if kind == 4:
                pending += [name + b"/" + child for child in self.world.names(name)]
            elif kind == 10:
                content = self.world.path(name, follow=False).inode.readlink()
            elif kind == 8:
                content = self.world.read(name)
            size = stat.size if kind != 4 else None
            seen[name[len(top):]] = (stat.ino, stat.mode, stat.nlink, stat.uid, stat.gid, size, stat.mtime_ns, content)
        return seen


@pytest.fixture(params=["tmpfs", "hostfs"])
def bench(request, world, tmp_path):
    """Also holds, afterwards, that the lower tree is what it was."""
    bench = Bench(world, request.param, tmp_path)
    yield bench
    assert bench.snapshot(b"/lower") == bench.before


def test_the_lower_tree_shows_as_it_is(bench):
    assert bench.snapshot(b"/o") == bench.before
    devices = {bench.world.stat(b"/o" + name, follow=False).dev for name in bench.before}
    assert devices == {bench.sb.dev}
    assert bench.sb.used_pages == 0


def test_a_write_copies_the_file(bench):
    world = bench.world
    ino = world.stat(b"/o/big").ino
    reader = world.open(b"/o/big")
    world.write(b"/o/big", b"CHANGED", f.O_WRONLY)
    assert world.read(b"/o/big") == reader.read(1 << 20) == b"CHANGED" + DATA[7:]
    assert world.stat(b"/o/big").ino == ino
    assert bench.sb.used_pages == 50
    world.write(b"/o/f", b" and upper", f.O_WRONLY | f.O_APPEND)
    assert world.read(b"/o/f") == b"lower and upper"
    world.unlink(b"/o/big")
    reader.put()
    assert bench.sb.used_pages == 1


def test_hard_links_stay_one_file(bench):
    world = bench.world
    world.write(b"/o/f2", b"L", f.O_WRONLY)
    assert world.read(b"/o/f") == b"Lower"
    assert world.stat(b"/o/f").nlink == 2
    world.link(b"/o/f", b"/o/d/f3")
    world.unlink(b"/o/f")
    world.unlink(b"/o/f2")
    assert world.read(b"/o/d/f3") == b"Lower"
    assert world.stat(b"/o/d/f3").nlink == 1


def test_facts_change_without_a_copy(bench):
    world = bench.world
    world.chmod(b"/o/big", 0o640)
    world.chown(b"/o/d", 7, 8)
    attr.utimens(world.path(b"/o/f"), world.cred, 1, 2)
    stat = world.stat(b"/o/big")
    assert (stat.mode & 0o777, stat.mtime_ns, stat.size) == (0o640, 10**18 + 1, len(DATA))
    assert (world.stat(b"/o/d").uid, world.stat(b"/o/d").gid, world.stat(b"/o/f2").mtime_ns) == (7, 8, 2)
    assert bench.sb.used_pages == 0


def test_truncation(bench):
    world = bench.world
    attr.truncate(world.path(b"/o/big"), world.cred, 5000)
    assert world.read(b"/o/big") == DATA[:5000]
    assert bench.sb.used_pages == 2
    attr.truncate(world.path(b"/o/big"), world.cred, 6000)
    assert world.read(b"/o/big") == DATA[:5000] + bytes(1000)
    world.write(b"/o/f", b"", f.O_WRONLY | f.O_TRUNC)
    assert world.read(b"/o/f") == b""


def test_names_come_and_go(bench):
    world = bench.world
    world.unlink(b"/o/d/a")
    assert world.error(world.open, b"/o/d/a") is ENOENT
    assert world.names(b"/o/d") == [b"b", b"sub"]
    world.write(b"/o/d/a", b"another")
    world.mkdir(b"/o/d/new")
    assert world.names(b"/o/d") == [b"b", b"sub", b"a", b"new"]
    assert world.stat(b"/o/d").nlink == 4
    assert world.stat(b"/o/d/a").ino not in {facts[0] for facts in bench.before.values()}
    assert world.error(world.rmdir, b"/o/d") is ENOTEMPTY
    assert world.error(world.rmdir, b"/o/d/sub") is ENOTEMPTY
    world.rmdir(b"/o/empty")
    world.mkdir(b"/o/empty")
    assert world.names(b"/o/empty") == []
    world.unlink(b"/o/link")
    world.symlink(b"x", b"/o/link")
    assert world.path(b"/o/link", follow=False).inode.readlink() == b"x"


def test_a_directory_removed_and_made_again_is_empty(bench):
    world = bench.world
    for name in (b"/o/d/a", b"/o/d/b", b"/o/d/sub/deep"):
        world.unlink(name)
    world.rmdir(b"/o/d/sub")
    world.rmdir(b"/o/d")
    world.mkdir(b"/o/d")
    assert world.names(b"/o/d") == []
    assert world.error(world.stat, b"/o/d/a") is ENOENT


def test_renames(bench):
    world = bench.world
    inos = {name: facts[0] for name, facts in bench.before.items()}
    world.rename(b"/o/d", b"/o/moved")
    assert world.error(world.stat, b"/o/d") is ENOENT
    assert world.read(b"/o/moved/sub/deep") == b"deep"
    assert world.stat(b"/o/moved/sub").ino == inos[b"/d/sub"]
    world.rename(b"/o/moved/sub/deep", b"/o/f")
    assert world.read(b"/o/f") == b"deep"
    assert world.read(b"/o/f2") == b"lower"
    assert world.stat(b"/o/f2").nlink == 1
    world.rename(b"/o/moved/sub", b"/o/empty")
    assert world.stat(b"/o/empty").ino == inos[b"/d/sub"]
    world.rename(b"/o/empty", b"/o/big", f.RENAME_EXCHANGE)
    assert world.names(b"/o/big") == []
    assert world.read(b"/o/empty") == DATA
    world.rename(b"/o/moved", b"/o/d")
    assert sorted(world.names(b"/o/d")) == [b"a", b"b"]


def test_readers_keep_their_place(bench):
    world = bench.world
    for number in range(30):
        world.write(b"/o/d/n%02d" % number, b"")
    file = world.open(b"/o/d")
    seen = [name for name, _, _ in world.parse_dirents(file.getdents64(150))]
    world.unlink(b"/o/d/n29")
    world.unlink(b"/o/d/a")
    world.write(b"/o/d/later", b"")
    while data := file.getdents64(150):
        seen += [name for name, _, _ in world.parse_dirents(data)]
    assert sorted(seen) == sorted({b".", b"..", b"a", b"b", b"sub", b"later", *(b"n%02d" % n for n in range(29))})


def test_names_are_listed_without_looking_each_up(bench):
    world = bench.world
    directory = world.path(b"/o/d").inode
    assert world.stat(b"/o/d/b").size == 1
    listed = world.dirents(b"/o/d")[2:]
    assert sorted(listed) == sorted(
        (name, bench.before[b"/d/" + name][0], bench.before[b"/d/" + name][1] >> 12) for name in (b"a", b"b", b"sub")
    )
    assert directory.unread.keys() == {b"a", b"sub"}
    assert world.read(b"/o/d/a") == b"a"
    assert directory.unread.keys() == {b"sub"}


def test_no_space_for_a_copy(bench):
    world = bench.world
    world.write(b"/o/filler", bytes(1 << 20 - 0)[: (1 << 20) - 4096 * 20])
    file = world.open(b"/o/big", f.O_RDWR)
    assert world.error(file.write, b"x") is ENOSPC
    assert file.pread(1 << 20, 0) == DATA
    assert isinstance(file.inode, OverlayFile)
    assert file.inode.lower is not None
    assert bench.sb.used_pages == 256 - 20
    world.unlink(b"/o/filler")
    assert file.write(b"x") == 1


def test_special_files(bench):
    world = bench.world
    reader = world.open(b"/o/fifo", f.O_RDONLY | f.O_NONBLOCK)
    world.write(b"/o/fifo", b"through", f.O_WRONLY)
    assert reader.read(9) == b"through"
    entries.mknod(world.context, world.cred, b"/o/null", S_IFCHR | 0o666, makedev(1, 3))
    assert world.read(b"/o/null") == b""
    file = world.open(b"/o", f.O_TMPFILE | f.O_RDWR)
    assert file.write(b"x") == 1


class Pages:
    """A page cache's side that holds nothing."""

    def __init__(self, inode):
        self.inode = inode
        self.told = []

    def read(self, offset, size):
        return self.inode.read_raw(offset, size)

    def write(self, offset, data):
        self.told.append((offset, bytes(data)))

    def truncate(self, size):
        self.told.append(size)


def test_mapped_files(bench):
    world = bench.world
    file = world.open(b"/o/big", f.O_RDWR)
    inode = file.map_target()
    pages = inode.mapping = Pages(inode)
    assert file.pread(10, 100) == DATA[100:110]
    assert inode.lower is not None
    inode.charge(4096, 4096)
    inode.write_raw(4096, b"stored")
    assert file.pread(10, 4096) == b"stored" + DATA[4102:4106]
    file.pwrite(b"X", 0)
    assert pages.told == [(0, b"X")]


def test_the_file_below_vanishes(world, tmp_path):
    bench = Bench(world, "hostfs", tmp_path)
    file = world.open(b"/o/f")
    bench.lower.fds.drop(file.inode.lower)
    for name in ("f", "f2"):
        (tmp_path / name).unlink()
    assert world.error(file.read, 9) is EIO
    (Path(tmp_path) / "big").write_bytes(b"short")
    assert world.read(b"/o/big") == b"short"


def test_a_snapshot(bench):
    world = bench.world
    world.write(b"/o/new", b"upper")
    world.unlink(b"/o/d/a")
    sb = pickle.loads(pickle.dumps(bench.sb))
    root = sb.root.inode
    assert root.lookup(b"new").read_at(0, 9) == b"upper"
    assert root.lookup(b"big").read_at(0, 300) == DATA[:300]
    assert world.error(root.lookup(b"d").lookup, b"a") is ENOENT
