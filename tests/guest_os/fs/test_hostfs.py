"""Host directories: what a guest can do in one, and that it cannot leave it."""

from __future__ import annotations

import os
import pickle
import stat as host_stat
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from rvsim.guest_os.abi import fcntl as f
from rvsim.guest_os.abi.errno import (
    EACCES,
    EEXIST,
    EINVAL,
    EISDIR,
    ELOOP,
    ENOENT,
    ENOTDIR,
    ENOTEMPTY,
    ENXIO,
    EPERM,
    EROFS,
    ESTALE,
    EXDEV,
)
from rvsim.guest_os.abi.stat import S_IFCHR, S_IFIFO, S_IFSOCK, makedev
from rvsim.guest_os.fs.host_dir import HostDir
from rvsim.guest_os.fs.hostfs import HostSuperBlock
from rvsim.guest_os.vfs import attr, entries
from rvsim.guest_os.vfs.mount import Mount

ROOT = os.geteuid() == 0


class Bench:
    """A host directory `dir`, with a secret beside it, at /host of a guest."""

    def __init__(self, world, tmp_path, *, readonly=False, still=False):
        self.world = world
        self.dir = tmp_path / "shared"
        self.dir.mkdir(exist_ok=True)
        self.secret = tmp_path / "secret"
        self.secret.write_bytes(b"secret")
        if not world.error(world.mkdir, b"/host"):
            self.mount(readonly=readonly, still=still)

    def mount(self, **options) -> Mount:
        self.sb = HostSuperBlock(os.fsencode(self.dir), **options)
        return self.world.table.mount(self.sb, b"host", self.world.path(b"/host"))


@pytest.fixture
def bench(world, tmp_path):
    bench = Bench(world, tmp_path)
    yield bench
    bench.sb.close()


@pytest.fixture
def readonly(world, tmp_path):
    bench = Bench(world, tmp_path, readonly=True)
    yield bench
    bench.sb.close()


def test_read_and_write(bench):
    world, host = bench.world, bench.dir
    (host / "f").write_bytes(b"from the host")
    assert world.read(b"/host/f") == b"from the host"
    world.write(b"/host/new", b"from the guest", mode=0o640)
    assert (host / "new").read_bytes() == b"from the guest"
    assert host_stat.S_IMODE((host / "new").stat().st_mode) == 0o640
    world.write(b"/host/new", b"F", f.O_WRONLY)
    world.write(b"/host/new", b"!", f.O_WRONLY | f.O_APPEND)
    assert (host / "new").read_bytes() == b"From the guest!"
    world.write(b"/host/new", b"", f.O_WRONLY | f.O_TRUNC)
    assert (host / "new").read_bytes() == b""


def test_facts(bench):
    world, host = bench.world, bench.dir
    (host / "f").write_bytes(b"x" * 5000)
    os.utime(host / "f", ns=(1_000_000_001, 2_000_000_002))
    os.link(host / "f", host / "g")
    st, stat = (host / "f").stat(), world.stat(b"/host/f")
    assert (stat.ino, stat.size, stat.nlink, stat.blocks) == (st.st_ino, 5000, 2, st.st_blocks)
    assert (stat.atime_ns, stat.mtime_ns, stat.ctime_ns) == (1_000_000_001, 2_000_000_002, st.st_ctime_ns)
    assert (stat.uid, stat.gid) == (0, 0)
    assert stat.dev == bench.sb.dev
    assert world.path(b"/host/f").inode is world.path(b"/host/g").inode
    assert world.path(b"/host").inode.sb.statfs().blocks > 0


def test_names(bench):
    world, host = bench.world, bench.dir
    world.mkdir(b"/host/d", 0o2750)
    assert host_stat.S_IMODE((host / "d").stat().st_mode) == 0o2750 & ~0o2000 | ((host / "d").stat().st_mode & 0o2000)
    world.symlink(b"f", b"/host/l")
    assert os.readlink(host / "l") == "f"
    world.write(b"/host/f", b"x")
    world.link(b"/host/f", b"/host/d/g")
    assert (host / "d/g").stat().st_nlink == world.stat(b"/host/f").nlink == 2
    world.rename(b"/host/f", b"/host/d/h")
    assert sorted(os.listdir(host / "d")) == ["g", "h"]
    assert world.read(b"/host/d/h") == b"x"
    assert world.error(world.rmdir, b"/host/d") is ENOTEMPTY
    world.unlink(b"/host/d/g")
    world.unlink(b"/host/d/h")
    world.rmdir(b"/host/d")
    world.unlink(b"/host/l")
    assert os.listdir(host) == []
    assert world.names(b"/host") == []


@pytest.mark.parametrize(
    ("call", "args", "error"),
    [
        ("open", (b"/host/none",), ENOENT),
        ("open", (b"/host/f/x",), ENOTDIR),
        ("open", (b"/host/d", f.O_RDWR), EISDIR),
        ("open", (b"/host/f", f.O_CREAT | f.O_EXCL), EEXIST),
        ("open", (b"/host/loop",), ELOOP),
        ("open", (b"/host/l", f.O_NOFOLLOW), ELOOP),
        ("mkdir", (b"/host/d",), EEXIST),
        ("rmdir", (b"/host/f",), ENOTDIR),
        ("unlink", (b"/host/d",), EISDIR),
        ("rename", (b"/host/f", b"/host/d"), EISDIR),
        ("rename", (b"/host/d", b"/host/f"), ENOTDIR),
        ("rename", (b"/host/f", b"/outside"), EXDEV),
        ("rename", (b"/host/f", b"/host/l", f.RENAME_NOREPLACE), EEXIST),
        ("rename", (b"/host/f", b"/host/l", f.RENAME_WHITEOUT), EINVAL),
        ("link", (b"/host/f", b"/outside"), EXDEV),
        ("link", (b"/host/d", b"/host/x"), EPERM),
    ],
)
def test_errors(bench, call, args, error):
    (bench.dir / "f").write_bytes(b"x")
    (bench.dir / "d").mkdir()
    (bench.dir / "l").symlink_to("f")
    (bench.dir / "loop").symlink_to("loop")
    assert bench.world.error(getattr(bench.world, call), *args) is error


def test_read_only(readonly):
    world, host = readonly.world, readonly.dir
    (host / "f").write_bytes(b"kept")
    (host / "d").mkdir()
    assert world.read(b"/host/f") == b"kept"
    for call, args in (
        (world.open, (b"/host/f", f.O_WRONLY)), (world.open, (b"/host/f", f.O_RDONLY | f.O_TRUNC)),
        (world.open, (b"/host/n", f.O_CREAT | f.O_RDWR)), (world.mkdir, (b"/host/n",)), (world.unlink, (b"/host/f",)),
        (world.rmdir, (b"/host/d",)), (world.rename, (b"/host/f", b"/host/n")), (world.symlink, (b"x", b"/host/n")),
        (world.link, (b"/host/f", b"/host/n")), (world.chmod, (b"/host/f", 0o600)), (world.chown, (b"/host/f", 1, 1)),
        (attr.utimens, (world.path(b"/host/f"), world.cred)), (attr.truncate, (world.path(b"/host/f"), world.cred, 0)),
    ):  # fmt: skip
        assert world.error(call, *args) is EROFS, call
    # The file system itself refuses too, whoever asks it.
    directory, inode = world.path(b"/host").inode, world.path(b"/host/f").inode
    refused: list[tuple[Any, tuple[Any, ...]]] = [
        (directory.create, (b"n", 0o100644, 0, 0)), (directory.mkdir, (b"n", 0o40755, 0, 0)),
        (directory.mknod, (b"n", S_IFIFO, 0, 0, 0)), (directory.symlink, (b"n", b"x", 0, 0)),
        (directory.link, (b"n", inode)), (directory.unlink, (b"f", inode)), (directory.tmpfile, (0o100644, 0, 0)),
        (directory.rename, (b"f", inode, directory, b"n", None, 0)), (inode.write_at, (0, b"x")),
        (inode.truncate, (0,)), (inode.fallocate, (0, 0, 1)), (inode.write_raw, (0, b"x")), (inode.set_mode, (0o600,)),
        (inode.set_owner, (1, 1, 0o644)), (inode.set_times, (0, 0)),
    ]  # fmt: skip
    for call, args in refused:
        assert world.error(call, *args) is EROFS, call
    assert os.listdir(host) == ["f", "d"] or os.listdir(host) == ["d", "f"]
    assert (host / "f").read_bytes() == b"kept"


# The way out ----------------------------------------------------------------------------------------------------------


def test_links_and_dots_stay_inside(bench):
    world, host = bench.world, bench.dir
    world.write(b"/etc", b"the guest's")
    (host / "abs").symlink_to(bench.secret)
    (host / "up").symlink_to("../secret")
    (host / "far").symlink_to("../../../../../../../../../etc")
    (host / "out").symlink_to("..")
    names = (b"abs", b"up", b"../secret", b"out/secret", b"out/shared/../secret")
    for name in names:
        assert world.error(world.open, b"/host/" + name) is ENOENT
    for name in names:
        assert world.error(world.open, b"/host/" + name, f.O_CREAT | f.O_WRONLY) in (None, ENOENT)
    assert bench.secret.read_bytes() == b"secret"
    assert world.read(b"/host/far") == b"the guest's"
    assert world.path(b"/host/out").display() == b"/"
    world.symlink(os.fsencode(bench.secret), b"/host/made")
    assert world.error(world.open, b"/host/made", f.O_RDWR) is ENOENT


def test_names_are_one_step_down(bench):
    directory = bench.world.path(b"/host").inode
    assert isinstance(directory, HostDir)
    for name in (b"", b".", b"..", b"../secret", b"/etc/passwd", b"a\0b"):
        assert bench.world.error(directory.lookup, name) is EINVAL
        assert bench.world.error(directory.create, name, 0o100644, 0, 0) is EINVAL
        assert bench.world.error(directory.unlink, name, directory) is EINVAL


def test_a_directory_that_becomes_a_link(world, tmp_path):
    bench = Bench(world, tmp_path, still=True)
    host = bench.dir
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "f").write_bytes(b"secret")
    (host / "d").mkdir()
    (host / "d/f").write_bytes(b"public")
    assert world.stat(b"/host/d/f").size == 6
    bench.sb.fds.drop(world.path(b"/host/d").inode)
    (host / "d").rename(tmp_path / "moved")
    (host / "d").symlink_to(outside)
    assert world.error(world.open, b"/host/d/f") is ESTALE
    assert world.error(world.open, b"/host/d/new", f.O_CREAT | f.O_WRONLY) is ESTALE
    assert os.listdir(outside) == ["f"]
    bench.sb.close()


def test_a_file_that_becomes_a_link_or_another(world, tmp_path):
    bench = Bench(world, tmp_path, still=True)
    host = bench.dir
    for name in ("a", "b", "c"):
        (host / name).write_bytes(b"public")
        world.stat(b"/host/" + name.encode())
    (host / "a").unlink()
    (host / "a").symlink_to(bench.secret)
    (host / "b").rename(host / "gone")
    (host / "b").write_bytes(b"another")
    (host / "c").unlink()
    for changed in (b"a", b"b", b"c"):
        assert world.error(world.open, b"/host/" + changed) in (ELOOP, ESTALE)
    bench.sb.close()


def test_changes_by_the_host_show(bench):
    world, host = bench.world, bench.dir
    (host / "d").mkdir()
    (host / "d/f").write_bytes(b"one")
    assert world.read(b"/host/d/f") == b"one"
    (host / "d/f").write_bytes(b"three")
    assert world.read(b"/host/d/f") == b"three"
    (host / "d").rename(host / "e")
    assert world.error(world.open, b"/host/d/f") is ENOENT
    assert world.read(b"/host/e/f") == b"three"
    (host / "e/f").unlink()
    (host / "e/f").mkdir()
    assert world.error(world.open, b"/host/e/f", f.O_RDWR) is EISDIR


def test_host_fifos_devices_and_sockets_are_not_opened(bench):
    world, host = bench.world, bench.dir
    os.mkfifo(host / "fifo")
    assert world.error(world.open, b"/host/fifo", f.O_WRONLY | f.O_NONBLOCK) is ENXIO
    reader = world.open(b"/host/fifo", f.O_RDONLY | f.O_NONBLOCK)
    world.write(b"/host/fifo", b"through the guest's pipe", f.O_WRONLY)
    assert reader.read(99) == b"through the guest's pipe"
    entries.mknod(world.context, world.cred, b"/host/sock", S_IFSOCK | 0o700)
    assert host_stat.S_ISSOCK((host / "sock").lstat().st_mode)
    assert world.error(world.open, b"/host/sock") is ENXIO
    call = entries.mknod
    assert world.error(call, world.context, world.cred, b"/host/n", S_IFCHR | 0o600, makedev(1, 3)) is EPERM
    entries.mknod(world.context, world.cred, b"/host/fifo2", S_IFIFO | 0o622)
    assert host_stat.S_ISFIFO((host / "fifo2").stat().st_mode)
    if ROOT:
        os.mknod(host / "zero", host_stat.S_IFCHR | 0o666, os.makedev(1, 5))
        os.mknod(host / "mem", host_stat.S_IFCHR | 0o666, os.makedev(1, 1))
        assert world.read(b"/host/zero")[:4] == bytes(4)
        assert world.error(world.open, b"/host/mem") is ENXIO


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="needs another file system inside the directory: /proc")
def test_other_file_systems_are_not_entered(world):
    sb = HostSuperBlock(b"/")
    world.mkdir(b"/host")
    world.table.mount(sb, b"host", world.path(b"/host"))
    assert world.stat(b"/host/proc").mode >> 12 == 4
    assert world.error(world.path, b"/host/proc/self") is EACCES
    assert world.error(world.names, b"/host/proc") is EACCES
    assert world.stat(b"/host/proc").ino >= 1 << 62
    sb.close()


def test_one_file(world, tmp_path):
    (tmp_path / "f").write_bytes(b"one")
    (tmp_path / "g").write_bytes(b"two")
    world.write(b"/f", b"")
    sb = HostSuperBlock(os.fsencode(tmp_path / "f"), readonly=False)
    world.table.mount(sb, b"host", world.path(b"/f"))
    assert world.read(b"/f") == b"one"
    world.write(b"/f", b"ONE", f.O_WRONLY)
    assert (tmp_path / "f").read_bytes() == b"ONE"
    assert world.names(b"/") == [b"f"]
    sb.close()
    os.mkfifo(tmp_path / "fifo")
    for name in (tmp_path / "none", tmp_path / "fifo"):
        with pytest.raises(OSError):
            HostSuperBlock(os.fsencode(name))


# Life of inodes and descriptors ---------------------------------------------------------------------------------------


def test_an_open_file_outlives_its_name(bench):
    world, host = bench.world, bench.dir
    file = world.create(b"/host/f")
    file.write(b"kept")
    world.unlink(b"/host/f")
    assert os.listdir(host) == []
    assert file.inode.stat().nlink == 0
    assert file.pread(9, 0) == b"kept"
    file.write(b"!")
    assert file.inode.size == 5
    attr.chmod(file.path, world.cred, 0o600)
    attr.utimens(file.path, world.cred, 5, 6)
    assert (file.inode.stat().mode & 0o777, file.inode.stat().mtime_ns) == (0o600, 6)
    world.write(b"/host/f", b"another")
    assert file.pread(9, 0) == b"kept!"
    held = len(bench.sb.fds.files)
    file.put()
    assert len(bench.sb.fds.files) == held - 1


def test_a_file_opened_to_read_is_then_written(bench):
    world = bench.world
    world.write(b"/host/f", b"abc")
    bench.sb.fds.drop(world.path(b"/host/f").inode)
    reader = world.open(b"/host/f")
    writer = world.open(b"/host/f", f.O_RDWR)
    writer.write(b"X")
    assert reader.read(9) == b"Xbc"
    world.unlink(b"/host/f")
    assert reader.pread(9, 0) == b"Xbc"


def test_files_without_a_name(bench):
    world = bench.world
    file = world.open(b"/host", f.O_TMPFILE | f.O_RDWR, 0o640)
    file.write(b"data")
    assert os.listdir(bench.dir) == []
    entries.link(world.context, world.cred, b"", b"/host/named", old_base=file.path, empty=True)
    assert (bench.dir / "named").read_bytes() == b"data"
    assert file.inode.stat().nlink == 1
    file.put()
    assert world.read(b"/host/named") == b"data"


def test_few_descriptors_for_many_directories(world, tmp_path):
    bench = Bench(world, tmp_path)
    bench.sb.fds.limit = 8
    deep = b"/host"
    for level in range(40):
        deep += b"/d%d" % level
        world.mkdir(deep)
        world.write(deep + b"/f", b"%d" % level)
    name = b"/host"
    for level in range(40):
        name += b"/d%d" % level
        assert world.read(name + b"/f") == b"%d" % level
        world.link(deep + b"/f", name + b"/linked")
        world.rename(name + b"/linked", deep + b"/back%d" % level)
    assert len(bench.sb.fds.directories) <= 8
    assert len(bench.sb.fds.files) <= 8
    assert world.stat(deep + b"/f").nlink == 41
    bench.sb.close()


@pytest.mark.slow
def test_very_deep_directories(bench):
    world, depth = bench.world, 1500
    base = world.path(b"/host")
    for _ in range(depth):
        base = entries.mkdir(world.context, world.cred, b"d", 0o755, base)
    for fd in tuple(bench.sb.fds.directories):
        bench.sb.fds.drop(fd)
    entries.mkdir(world.context, world.cred, b"last", 0o755, base)
    assert base.inode.lookup(b"last").is_dir
    subprocess.run(["rm", "-rf", bench.dir], check=True)
    bench.dir.mkdir()


def test_readers_keep_their_place(bench):
    world, host = bench.world, bench.dir
    names = [b"n%02d" % number for number in range(40)]
    for name in names:
        world.write(b"/host/" + name, b"")
    file = world.open(b"/host")
    seen = [name for name, _, _ in world.parse_dirents(file.getdents64(200))]
    (host / "n00").unlink()
    world.unlink(b"/host/n39")
    world.write(b"/host/a_new", b"")
    world.names(b"/host")
    while data := file.getdents64(200):
        seen += [name for name, _, _ in world.parse_dirents(data)]
    assert [name for name in seen if name.startswith(b"n")] == names[:-1]
    assert world.names(b"/host") == [*names[1:-1], b"a_new"]
    assert {dtype for _, _, dtype in world.dirents(b"/host")} == {4, 8}


def test_many_open_files(bench):
    """More than the host gives this process: ENFILE, and nothing breaks."""
    code = """
import os, resource, sys
from rvsim.guest_os.abi.errno import ENFILE
from rvsim.guest_os.fs.hostfs import HostSuperBlock
sb = HostSuperBlock(os.fsencode(sys.argv[1]), readonly=False)
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
root = sb.root.inode
nodes = []
try:
    while True:
        nodes.append(root.create(b"f%d" % len(nodes), 0o100644, 0, 0))
        nodes[-1].open_count = 1
except OSError:
    raise
except ENFILE:
    pass
assert len(nodes) > 30, len(nodes)
assert nodes[0].write_at(0, b"x") == 1
for node in nodes:
    node.open_count = 0
assert root.create(b"again", 0o100644, 0, 0).write_at(0, b"x") == 1
"""
    subprocess.run([sys.executable, "-c", code, bench.dir], check=True)


class Pages:
    """A page cache's side: upper-cases what it reads."""

    def __init__(self, inode):
        self.inode = inode
        self.told = []

    def read(self, offset, size):
        return self.inode.read_raw(offset, size).upper()

    def write(self, offset, data):
        self.told.append((offset, bytes(data)))

    def truncate(self, size):
        self.told.append(size)


def test_mapped_files(bench):
    world = bench.world
    world.write(b"/host/f", b"abcdef")
    file = world.open(b"/host/f", f.O_RDWR)
    assert file.map_target() is file.inode
    pages = file.inode.mapping = Pages(file.inode)
    assert file.read(3) == b"ABC"
    file.write(b"x")
    file.truncate(5)
    file.inode.write_raw(0, b"Z")
    assert pages.told == [(3, b"x"), 5]
    assert (bench.dir / "f").read_bytes() == b"Zbcxe"
    file.put()
    (bench.dir / "f").write_bytes(b"by the host")
    assert world.stat(b"/host/f").size == 11
    assert pages.told[2:] == [0]


def test_times(bench):
    world = bench.world
    world.write(b"/host/f", b"")
    path = world.path(b"/host/f")
    attr.utimens(path, world.cred, 1_500_000_000, attr.TimeRequest.OMIT)
    before = (bench.dir / "f").stat()
    attr.utimens(path, world.cred, attr.TimeRequest.OMIT, 2_500_000_000)
    after = (bench.dir / "f").stat()
    assert (after.st_atime_ns, after.st_mtime_ns) == (1_500_000_000, 2_500_000_000)
    assert before.st_mtime_ns != after.st_mtime_ns
    os.symlink("f", bench.dir / "l")
    attr.utimens(world.path(b"/host/l", follow=False), world.cred, 7, 8)
    assert (bench.dir / "l").lstat().st_mtime_ns == 8
    assert (bench.dir / "f").stat().st_mtime_ns == 2_500_000_000


@pytest.mark.skipif(not ROOT, reason="only root gives files away")
def test_owners_as_root(bench):
    world, host = bench.world, bench.dir
    world.chmod(b"/host", 0o777)
    world.open(b"/host/f", f.O_CREAT | f.O_RDWR, 0o600, world.user(1234, 5678)).put()
    st = (host / "f").stat()
    assert (st.st_uid, st.st_gid) == (1234, 5678)
    assert world.error(world.open, b"/host/f", f.O_RDONLY, 0, world.user(9)) is EACCES
    world.chmod(b"/host/f", 0o6755)
    world.chown(b"/host/f", 7, 8)
    st = (host / "f").stat()
    assert (st.st_uid, st.st_gid, host_stat.S_IMODE(st.st_mode)) == (7, 8, 0o755)
    os.symlink("f", host / "l")
    world.chown(b"/host/l", 5, 6)
    assert (host / "l").lstat().st_uid == 5
    assert (host / "f").stat().st_uid == 7


@pytest.mark.skipif(not ROOT, reason="only root can become another user")
def test_owners_as_another_user():
    code = """
import os, sys
from rvsim.guest_os.abi.errno import EACCES, EPERM, Errno
from rvsim.guest_os.fs.hostfs import HostSuperBlock
def error(call, *args):
    try:
        call(*args)
    except Errno as caught:
        return type(caught)
os.umask(0o77)
os.setgid(4321); os.setuid(1234)
sb = HostSuperBlock(os.fsencode(sys.argv[1]), readonly=False)
root = sb.root.inode
assert root.uid == 0 and root.gid == 0, (root.uid, root.gid)
made = root.create(b"f", 0o100664, 0, 0)
assert os.stat(sys.argv[1] + "/f").st_mode & 0o7777 == 0o664
assert made.stat().uid == made.stat().gid == 0
made.set_owner(0, 0, 0o644)
assert error(made.set_owner, 99, 0, 0o644) is EPERM
theirs = root.lookup(b"theirs")
assert theirs.uid == 99
assert error(theirs.read_at, 0, 1) is EACCES
assert error(theirs.set_mode, 0o644) is EPERM
assert root.create(b"g", 0o100644, 77, 77).stat().uid == 0
"""
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory)
        os.chown(home, 1234, 4321)
        (home / "theirs").write_bytes(b"x")
        os.chown(home / "theirs", 99, 99)
        os.chmod(home / "theirs", 0o600)
        subprocess.run([sys.executable, "-c", code, home], check=True)


def test_a_snapshot_opens_its_files_again(bench):
    world, host = bench.world, bench.dir
    (host / "d").mkdir()
    (host / "d/f").write_bytes(b"data")
    world.read(b"/host/d/f")
    sb = pickle.loads(pickle.dumps(bench.sb))
    node = sb.root.inode.lookup(b"d").lookup(b"f")
    assert node.read_at(0, 9) == b"data"
    assert node.ino == (host / "d/f").stat().st_ino
    sb.close()
