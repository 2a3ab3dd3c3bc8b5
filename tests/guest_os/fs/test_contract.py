"""What every file system owes the VFS: each operation, and its errors. One table for all of them, and for Linux.

The rules are those of a file system's interface everywhere: what is no directory has no names (ENOTDIR), a directory is
not read or written as bytes (EISDIR), a name is made once (EEXIST) and found or not (ENOENT), `.` and `..` cannot be
taken away, reading ends at the end. On the host the same table runs in a tmpfs and in /proc.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path as HostPath
from typing import Any

import pytest

from rvsim.guest_os.abi.errno import (
    EBADF,
    EINVAL,
    EISDIR,
    ENODEV,
    ENOENT,
    ENOTDIR,
    ENOTTY,
    EOPNOTSUPP,
    EPERM,
    ESPIPE,
    Errno,
)
from rvsim.guest_os.fs.archive_tree import open_archive
from rvsim.guest_os.fs.eventfd import EventFile
from rvsim.guest_os.fs.hostfs import HostSuperBlock
from rvsim.guest_os.fs.overlay import OverlaySuperBlock
from rvsim.guest_os.fs.tmpfs import TmpFs
from rvsim.guest_os.vfs.file import File
from rvsim.guest_os.vfs.mount import MountTable
from rvsim.guest_os.vfs.super_block import MountOptions, SuperBlock
from rvsim.tests import guest
from rvsim.tests.fake_clock import FakeClock
from rvsim.tests.guest_os.fs.archives import Member, tar_bytes
from rvsim.tests.guest_os.fs.sides import GuestSide, HostSide, context_of, memory_directory

READ, WRITE = ("O_RDONLY",), ("O_WRONLY",)


@dataclass
class Ground:
    """A file system under test: names of a file, a directory that has entries, a link, and what making things gives.

    `refused` is why nothing can be changed; `differs` has what one check gives instead.
    """

    file: bytes = b"f"
    directory: bytes = b"d"
    link: bytes | None = b"l"
    refused: str | None = None
    differs: dict[str, Any] = field(default_factory=dict)


# Name of the check: (operation, arguments, result). FILE, DIR, LINK stand for the ground's names.
FILE, DIR, LINK, GONE, NEW = b"<file>", b"<dir>", b"<link>", b"gone", b"new"
CHECKS: dict[str, tuple[str, tuple[Any, ...], Any]] = {
    "find in a file": ("open", (0, FILE + b"/x", READ, 0), "ENOTDIR"),
    "find a file with a slash": ("open", (0, FILE + b"/", READ, 0), "ENOTDIR"),
    "find what is not there": ("open", (0, GONE, READ, 0), "ENOENT"),
    "find in what is not there": ("stat", (GONE + b"/x", True), "ENOENT"),
    "find nothing": ("stat", (b"", True), "ENOENT"),
    "open a directory to write": ("open", (0, DIR, WRITE, 0), "EISDIR"),
    "open a directory to make it": ("open", (0, DIR, ("O_RDONLY", "O_CREAT"), 0o600), "EISDIR"),
    "open a file as directory": ("open", (0, FILE, ("O_RDONLY", "O_DIRECTORY"), 0), "ENOTDIR"),
    "open a link itself": ("open", (0, LINK, ("O_RDONLY", "O_NOFOLLOW"), 0), "ELOOP"),
    "open to make what is there": ("open", (0, FILE, ("O_RDWR", "O_CREAT", "O_EXCL"), 0o600), "EEXIST"),
    "make a directory twice": ("mkdir", (DIR, 0o700), "EEXIST"),
    "make a directory over a file": ("mkdir", (FILE, 0o700), "EEXIST"),
    "make a directory in a file": ("mkdir", (FILE + b"/x", 0o700), "ENOTDIR"),
    "make a directory nowhere": ("mkdir", (GONE + b"/x", 0o700), "ENOENT"),
    "make a link over a file": ("symlink", (b"t", FILE), "EEXIST"),
    "make a link in a file": ("symlink", (b"t", FILE + b"/x"), "ENOTDIR"),
    "make a FIFO over a file": ("mkfifo", (FILE, 0o600), "EEXIST"),
    "link over a file": ("link", (FILE, FILE, False), "EEXIST"),
    "link what is not there": ("link", (GONE, NEW, False), "ENOENT"),
    "link into a file": ("link", (FILE, FILE + b"/x", False), "ENOTDIR"),
    "read a link that is a file": ("readlink", (FILE,), "EINVAL"),
    "read a link that is a directory": ("readlink", (DIR,), "EINVAL"),
    "read a link that is not there": ("readlink", (GONE,), "ENOENT"),
    "remove the directory .": ("rmdir", (b".",), "EINVAL"),
    "remove the directory ..": ("rmdir", (DIR + b"/..",), "ENOTEMPTY"),
    "unlink .": ("unlink", (b".",), "EISDIR"),
    "rename .": ("rename", (b".", NEW, 0), "EBUSY"),
    "rename to ..": ("rename", (FILE, DIR + b"/..", 0), "EBUSY"),
    "rename with flags that exclude each other": ("rename", (FILE, NEW, 3), "EINVAL"),
    "truncate a directory": ("truncate", (DIR, 0), "EISDIR"),
    "truncate below zero": ("truncate", (FILE, -1), "EINVAL"),
}
# As above, but a file system that refuses changes says that instead.
CHANGES: dict[str, tuple[str, tuple[Any, ...], Any]] = {
    "remove a file as directory": ("rmdir", (FILE,), "ENOTDIR"),
    "remove a directory with entries": ("rmdir", (DIR,), "ENOTEMPTY"),
    "remove what is not there": ("rmdir", (GONE,), "ENOENT"),
    "unlink a directory": ("unlink", (DIR,), "EISDIR"),
    "unlink what is not there": ("unlink", (GONE,), "ENOENT"),
    "unlink a file with a slash": ("unlink", (FILE + b"/",), "ENOTDIR"),
    "link a directory": ("link", (DIR, NEW, False), "EPERM"),
    "rename a file over a directory": ("rename", (FILE, DIR, 0), "EISDIR"),
    "rename a directory over a file": ("rename", (DIR, FILE, 0), "ENOTDIR"),
    "rename a directory into itself": ("rename", (DIR, DIR + b"/x", 0), "EINVAL"),
    "rename what is not there": ("rename", (GONE, NEW, 0), "ENOENT"),
    "rename to itself": ("rename", (FILE, FILE, 0), None),
    "rename, not replacing": ("rename", (FILE, DIR, 1), "EEXIST"),
    "exchange with nothing": ("rename", (FILE, NEW, 2), "ENOENT"),
    "make a directory": ("mkdir", (NEW, 0o700), None),
    "make and remove a directory": ("rmdir", (NEW,), None),
    "make a symbolic link": ("symlink", (b"t", NEW), None),
    "unlink a symbolic link": ("unlink", (NEW,), None),
    "make a FIFO": ("mkfifo", (NEW, 0o600), None),
    "rename it": ("rename", (NEW, NEW + b"er", 0), None),
    "unlink a FIFO": ("unlink", (NEW + b"er",), None),
    "change the mode": ("chmod", (FILE, 0o640), None),
    "change the times": ("utime", (FILE, (5, 7), True), 5),
}
# A lookup that finds nothing is the end in procfs, whatever was to be done there.
IN_PROC = dict.fromkeys(
    ("make a directory", "make and remove a directory", "make a symbolic link", "unlink a symbolic link", "make a FIFO",
     "rename it", "unlink a FIFO", "remove what is not there", "unlink what is not there", "rename what is not there",
     "exchange with nothing"), "ENOENT",
) | {
    "remove a file as directory": "EPERM", "unlink a directory": "EPERM", "rename a file over a directory": "EPERM",
    "rename a directory over a file": "EPERM", "remove a directory with entries": "EPERM",
    "link a directory": "ENOENT", "rename a directory into itself": "ENOENT", "change the mode": "EPERM",
}  # fmt: skip
# In solproc every change is a call that the file system does not have. illumos: fs/proc/prvnops.c:prvnodeops
IN_SOLPROC: dict[str, Any] = dict.fromkeys(
    ("remove a directory with entries", "rename a directory into itself", "rename to itself", "make a directory",
     "make a symbolic link", "make a FIFO", "change the mode", "change the times"), "ENOSYS",
) | dict.fromkeys(
    ("make and remove a directory", "unlink a symbolic link", "rename it", "unlink a FIFO"), "ENOENT",
)  # fmt: skip
GROUNDS = {
    "tmpfs": Ground(), "hostfs": Ground(), "overlay": Ground(), "archive-root": Ground(),
    "hostfs-ro": Ground(refused="EROFS"), "archive": Ground(refused="EROFS"),
    "procfs": Ground(b"status", b"task", b"cwd", differs=IN_PROC),
    "solproc": Ground(b"psinfo", b"lwp", b"cwd", differs=IN_SOLPROC),
    "devfs": Ground(b"null", b"new-dir", b"fd"),
}  # fmt: skip
SYSTEMS = ("tmpfs", "hostfs", "hostfs-ro", "overlay", "archive", "archive-root")


def plant(base: HostPath) -> None:
    (base / "d/x").mkdir(parents=True)
    (base / "f").write_bytes(b"content")
    (base / "l").symlink_to("f")


def make_system(name: str, tmp_path: HostPath) -> SuperBlock:
    """A file system with f, d/x and l in its directory `base`."""
    plant(tmp_path / "base")
    host, clock = bytes(tmp_path), FakeClock()
    adopt = MountTable().adopt
    (tmp_path / "a.tar").write_bytes(tar_bytes(
        Member("base/d/x", 0o040755), Member("base/f", data=b"content"), Member("base/l", 0o120777, target="f")))
    match name:
        case "hostfs" | "hostfs-ro":
            return HostSuperBlock(host, readonly=name == "hostfs-ro")
        case "overlay":
            return OverlaySuperBlock(adopt(HostSuperBlock(host, still=True)), clock)
        case "archive":
            return open_archive(host + b"/a.tar", clock, 1 << 20)
        case "archive-root":
            return OverlaySuperBlock(adopt(open_archive(host + b"/a.tar", clock, 1 << 20)), clock)
    sb = TmpFs(clock).mount(b"", MountOptions(b"mode=755"))
    base = sb.root.inode.mkdir(b"base", 0o040755, 0, 0)
    base.mkdir(b"d", 0o040755, 0, 0).mkdir(b"x", 0o040755, 0, 0)
    base.create(b"f", 0o100644, 0, 0).write_at(0, b"content")
    base.symlink(b"l", b"f", 0, 0)
    return sb


@contextmanager
def side_of(name: str, tmp_path: HostPath) -> Iterator[GuestSide]:
    """Somebody who works in a file system."""
    if name in SYSTEMS:
        side = GuestSide(context_of(make_system(name, tmp_path), 0o022), b"/base")
        yield side
        side.close_all()
        return
    machine = guest.make()
    machine.start(b"sh", [b"sh"])
    places = {"procfs": b"/proc/1", "solproc": b"/system/proc/1", "devfs": b"/dev"}
    side = GuestSide(machine.context.copy(), places[name])
    if name == "devfs":
        side.mkdir(b"new-dir", 0o755)
        side.mkdir(b"new-dir/x", 0o755)
    yield side
    side.close_all()
    machine.kernel.mounts.caller = machine.kernel
    machine.close()


def fill(args: tuple[Any, ...], ground: Ground) -> tuple[Any, ...]:
    names = ((FILE, ground.file), (DIR, ground.directory), (LINK, ground.link or b""))
    filled = []
    for arg in args:
        value = arg
        if isinstance(value, bytes):
            for sign, name in names:
                value = value.replace(sign, name)
        filled.append(value)
    return tuple(filled)


def keep(side: GuestSide | HostSide, ground: Ground) -> dict[str, tuple[Any, Any]]:
    """Check -> (what it gave, what it must give)."""
    found = {}
    for changes, table in ((False, CHECKS), (True, CHANGES)):
        for check, (operation, args, result) in table.items():
            expected = ground.differs.get(check, ground.refused if changes and ground.refused else result)
            found[check] = (side.run(operation, False, fill(args, ground)), expected)
    return found


def assert_kept(found: dict[str, tuple[Any, Any]]) -> None:
    assert {check: given for check, (given, _) in found.items()} == {check: must for check, (_, must) in found.items()}


@pytest.mark.parametrize("name", GROUNDS)
def test_names(name: str, tmp_path: HostPath) -> None:
    with side_of(name, tmp_path) as side:
        assert_kept(keep(side, GROUNDS[name]))


def test_linux_keeps_it_in_a_tmpfs() -> None:
    with tempfile.TemporaryDirectory(prefix="rvsim-", dir=memory_directory()) as top:
        plant(HostPath(top))
        assert_kept(keep(HostSide(os.fsencode(top)), GROUNDS["tmpfs"]))


def test_linux_keeps_it_in_proc() -> None:
    if os.geteuid() != 0:
        pytest.skip("a user gets EACCES first")
    assert_kept(keep(HostSide(b"/proc/self"), GROUNDS["procfs"]))


@pytest.mark.parametrize("name", GROUNDS)
def test_open_directories(name: str, tmp_path: HostPath) -> None:
    ground = GROUNDS[name]
    with side_of(name, tmp_path) as side:
        side.run("open", False, (0, ground.directory, READ, 0))
        unread = "EINVAL" if name == "solproc" else "EISDIR"        # illumos: fs/proc/prvnops.c:pr_read_inval
        for operation, args, result in (
            ("read", (10,), unread), ("pread", (10, 0), unread), ("write", (b"x",), "EBADF"),
            ("pwrite", (b"x", 0), "EBADF"), ("ftruncate", (0,), "EINVAL"),
        ):  # fmt: skip
            assert (operation, side.run(operation, False, (0, *args))) == (operation, result)


@pytest.mark.parametrize("name", GROUNDS)
def test_lists(name: str, tmp_path: HostPath) -> None:
    """A list has each name once, with its number and kind; a reader may stop and go on anywhere."""
    with side_of(name, tmp_path) as side:
        for directory in (side.context.cwd.inode, side.path(GROUNDS[name].directory).inode):
            listed = list(directory.readdir(2))
            positions = [position for position, *_ in listed]
            assert positions == sorted(set(positions))
            assert all(position >= 2 for position in positions)
            assert len({entry for _, entry, _, _ in listed}) == len(listed)
            for position, entry, ino, dtype in listed:
                inode = directory.lookup(entry)
                assert (entry, inode.dtype) == (entry, dtype)
                assert inode.ino == ino or directory.volatile
                assert next(iter(directory.readdir(position)))[1] == entry
            assert not list(directory.readdir(positions[-1] + 1 if positions else 2))
            assert not {b".", b"..", b""} & {entry for _, entry, _, _ in listed}


@pytest.mark.parametrize("name", GROUNDS)
def test_open_files(name: str, tmp_path: HostPath) -> None:
    """Reading ends at the end; what is open to read is not written, and the other way round."""
    ground = GROUNDS[name]
    with side_of(name, tmp_path) as side:
        side.run("open", False, (0, ground.file, READ, 0))
        whole = side.run("read", False, (0, 1 << 16))
        assert side.run("read", False, (0, 10)) == b""
        assert side.run("pread", False, (0, 10, 1 << 40)) == b""
        assert side.run("pread", False, (0, 3, 2)) == whole[2:5]
        assert side.run("pread", False, (0, 3, -1)) == "EINVAL"
        assert side.run("write", False, (0, b"x")) == "EBADF"
        assert side.run("ftruncate", False, (0, 0)) == "EINVAL"
        assert side.run("listing", False, (0,)) == "ENOTDIR"
        if ground.refused:
            assert side.run("open", False, (1, ground.file, WRITE, 0)) == ground.refused
            assert side.run("truncate", False, (ground.file, 3)) == ground.refused
        elif name in SYSTEMS:
            side.run("open", False, (1, ground.file, WRITE, 0))
            assert side.run("read", False, (1, 1)) == "EBADF"
            assert side.run("pwrite", False, (1, b"X", 9)) == 1
            assert side.run("ftruncate", False, (1, 12)) is None
            assert side.run("pread", False, (0, 20, 5)) == whole[5:] + b"\0\0X\0\0"


@pytest.mark.parametrize("name", GROUNDS)
def test_a_file_has_no_names_in_it(name: str, tmp_path: HostPath) -> None:
    """The inode itself says so, were the VFS to ask."""
    with side_of(name, tmp_path) as side:
        inode = side.path(GROUNDS[name].file).inode
        calls: list[Callable[[], Any]] = [
            lambda: inode.lookup(b"x"), lambda: inode.create(b"x", 0o100644, 0, 0), lambda: list(inode.readdir(2)),
            lambda: inode.mkdir(b"x", 0o040755, 0, 0), lambda: inode.mknod(b"x", 0o010644, 0, 0, 0),
            lambda: inode.symlink(b"x", b"t", 0, 0), lambda: inode.link(b"x", inode), lambda: inode.unlink(b"x", inode),
            lambda: inode.rmdir(b"x", inode), lambda: inode.rename(b"x", inode, inode, b"y", None, 0),
        ]  # fmt: skip
        for call in calls:
            with pytest.raises(ENOTDIR):
                call()
        directory = side.path(GROUNDS[name].directory).inode
        for call in (lambda: directory.read_at(0, 1), lambda: directory.write_at(0, b"x"),
                     lambda: directory.truncate(0)):
            with pytest.raises(EISDIR):
                call()


@pytest.mark.parametrize("name", [name for name in SYSTEMS if not GROUNDS[name].refused])
def test_a_removed_directory_takes_nothing(name: str, tmp_path: HostPath) -> None:
    with side_of(name, tmp_path) as side:
        side.run("mkdir", False, (NEW, 0o755))
        side.run("open", False, (0, NEW, READ, 0))
        home = side.context.cwd
        side.context.cwd = side.path(NEW)
        assert side.run("rmdir", False, (b"../" + NEW,)) is None
        for operation, args in (("mkdir", (b"x", 0o755)), ("symlink", (b"t", b"x")), ("open", (1, b"x", (
                "O_RDWR", "O_CREAT"), 0o644)), ("rename", (b"../f", b"x", 0)), ("link", (b"../f", b"x", False))):
            assert (operation, side.run(operation, False, args)) == (operation, "ENOENT")
        side.context.cwd = home
        with pytest.raises(ENOENT):
            side.file(0).getdents64(1000)
        assert side.run("fstat", False, (0,))[0] == "40755"


# What has no place in the tree: pipes, and files of the anonymous inode.
NO_OFFSETS: dict[str, tuple[tuple[Any, ...], type[Errno]]] = {
    "pread": ((1, 0), ESPIPE), "pwrite": ((b"x", 0), ESPIPE), "truncate": ((0,), EINVAL),
    "getdents64": ((100,), ENOTDIR), "sync": ((), EINVAL), "map_target": ((), ENODEV),
}  # fmt: skip
NO_NAMES: dict[str, tuple[tuple[Any, ...], type[Errno]]] = {
    "lookup": ((b"x",), ENOTDIR), "readdir": ((2,), ENOTDIR), "mkdir": ((b"x", 0o755, 0, 0), ENOTDIR),
    "create": ((b"x", 0o100644, 0, 0), ENOTDIR), "readlink": ((), EINVAL), "read_at": ((0, 1), EINVAL),
    "write_at": ((0, b"x"), EINVAL), "truncate": ((0,), EINVAL), "tmpfile": ((0o600, 0, 0), EOPNOTSUPP),
    "getxattr": ((b"user.x",), EOPNOTSUPP),
}  # fmt: skip


@pytest.mark.parametrize("name", ["pipe", "eventfd"])
def test_files_without_a_place(name: str) -> None:
    machine = guest.make()
    files: list[File] = []
    if name == "pipe":
        files += machine.kernel.pipes.open_pipe(0, machine.cred)
    else:
        files.append(EventFile(machine.kernel.anon, 0, machine.cred, 0, semaphore=False))
    for file in files:
        for table, of in ((NO_OFFSETS, file), (NO_NAMES, file.inode)):
            for call, (args, error) in table.items():
                with pytest.raises(Errno) as caught:
                    getattr(of, call)(*args)
                assert (call, caught.type) == (call, error)
        with pytest.raises(ENOTTY):
            file.inode.ioctl(file, 1, None)
        assert file.inode.nlink == 1
        assert not file.inode.is_dir
    if name == "pipe":
        reader, writer = files
        with pytest.raises(EBADF):
            reader.write(b"x")
        with pytest.raises(EBADF):
            writer.read(1)
    for file in files:
        file.put()
    machine.close()


def test_pseudo_terminals() -> None:
    """/dev/pts makes its own names, and nobody else does."""
    machine = guest.make()
    side = GuestSide(machine.context.copy(), b"/dev/pts")
    assert side.run("mkdir", False, (NEW, 0o755)) == "EPERM"
    assert side.run("symlink", False, (b"t", NEW)) == "EPERM"
    assert side.run("open", False, (0, NEW, ("O_RDWR", "O_CREAT"), 0o600)) == "EACCES"
    assert side.run("mkdir", False, (b"ptmx", 0o755)) == "EEXIST"
    assert side.run("rmdir", False, (b"ptmx",)) == "ENOTDIR"
    assert side.run("stat", False, (b"ptmx/x", True)) == "ENOTDIR"
    assert side.run("open", False, (0, b"0", READ, 0)) == "ENOENT"
    side.run("open", False, (0, b"ptmx", ("O_RDWR",), 0))
    side.run("open", False, (1, b".", READ, 0))
    assert side.run("listing", False, (1,)) == [b"0", b"ptmx"]
    assert side.run("chmod", False, (b"0", 0o666)) is None
    assert side.run("stat", False, (b"0", True))[0] == "20666"
    side.run("close", False, (0,))
    assert side.run("listing", False, (1,)) == [b"ptmx"]
    assert side.run("stat", False, (b"0", True)) == "ENOENT"
    with pytest.raises(EPERM):
        side.path(b".").inode.unlink(b"ptmx", side.path(b"ptmx").inode)
    side.close_all()
    machine.kernel.mounts.caller = machine.kernel
    machine.close()
