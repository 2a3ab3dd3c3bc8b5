"""open(2): flags, permissions, creation."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from rvsim.guest_os.abi import fcntl as f
from rvsim.guest_os.abi.errno import (
    EACCES,
    EBADF,
    EEXIST,
    EINVAL,
    EISDIR,
    ELOOP,
    ENOENT,
    ENOTDIR,
    ENXIO,
    EPERM,
    EROFS,
    ESPIPE,
    ETXTBSY,
)
from rvsim.guest_os.vfs.open import allow_write, open_exec

if TYPE_CHECKING:
    from rvsim.guest_os.abi.errno import Errno
    from rvsim.tests.guest_os.conftest import World


def test_access_modes(world: World) -> None:
    world.write(b"/f", b"abc")
    reader = world.open(b"/f", f.O_RDONLY)
    assert reader.read(10) == b"abc"
    assert world.error(reader.write, b"x") is EBADF
    writer = world.open(b"/f", f.O_WRONLY)
    assert world.error(writer.read, 1) is EBADF
    both = world.open(b"/f", f.O_RDWR)
    assert both.write(b"X") == 1
    assert both.read(9) == b"bc"


@pytest.mark.parametrize(
    ("name", "flags", "error"),
    [
        (b"/none", f.O_RDONLY, ENOENT),
        (b"/f", f.O_CREAT | f.O_EXCL, EEXIST),
        (b"/d", f.O_CREAT | f.O_EXCL, EEXIST),
        (b"/dangling", f.O_CREAT | f.O_EXCL, EEXIST),
        (b"/to_f", f.O_CREAT | f.O_EXCL, EEXIST),
        (b"/d", f.O_WRONLY, EISDIR),
        (b"/d", f.O_RDWR, EISDIR),
        (b"/d", f.O_CREAT, EISDIR),
        (b"/d/.", f.O_CREAT, EISDIR),
        (b"/", f.O_CREAT, EISDIR),
        (b"/d/..", f.O_CREAT | f.O_EXCL, EEXIST),
        (b"/new/", f.O_CREAT, EISDIR),
        (b"/f/", f.O_CREAT, EISDIR),
        (b"/f/", f.O_RDONLY, ENOTDIR),
        (b"/f", f.O_DIRECTORY, ENOTDIR),
        (b"/d", f.O_DIRECTORY | f.O_CREAT, EINVAL),
        (b"/to_f", f.O_NOFOLLOW, ELOOP),
        (b"/to_f", f.O_NOFOLLOW | f.O_CREAT, ELOOP),
        (b"/to_d", f.O_NOFOLLOW | f.O_DIRECTORY, ENOTDIR),
        (b"/to_d/", f.O_NOFOLLOW, None),
        (b"/to_d", f.O_DIRECTORY, None),
        (b"/dangling", f.O_CREAT | f.O_WRONLY, None),
        (b"/none/x", f.O_CREAT, ENOENT),
        (b"/f/x", f.O_CREAT, ENOTDIR),
        (b"/d", f.O_TMPFILE, EINVAL),
        (b"/f", f.O_TMPFILE | f.O_RDWR, ENOTDIR),
        (b"/to_f", f.O_PATH | f.O_NOFOLLOW, None),
        (b"/to_f", f.O_PATH | f.O_DIRECTORY, ENOTDIR),
    ],
)
def test_errors(world: World, name: bytes, flags: int, error: type[Errno] | None) -> None:
    world.write(b"/f", b"abc")
    world.mkdir(b"/d")
    world.symlink(b"f", b"/to_f")
    world.symlink(b"d", b"/to_d")
    world.symlink(b"made", b"/dangling")
    assert world.error(world.open, name, flags) is error


def test_creation_follows_a_dangling_link(world: World) -> None:
    world.symlink(b"d/target", b"/l")
    world.mkdir(b"/d")
    world.write(b"/l", b"x")
    assert world.read(b"/d/target") == b"x"


def test_mode_umask_and_owner_of_what_is_made(world: World) -> None:
    world.mkdir(b"/d", 0o777)
    world.chmod(b"/d", 0o777)
    file = world.open(b"/d/f", f.O_CREAT | f.O_RDWR, 0o6777, world.user(7, 8))
    stat = file.inode.stat()
    assert (stat.mode, stat.uid, stat.gid, stat.nlink) == (0o106755, 7, 8, 1)
    world.chown(b"/d", 0, 99)
    world.chmod(b"/d", 0o2777)
    made = world.open(b"/d/g", f.O_CREAT | f.O_RDWR, 0o2775, world.user(7, 8)).inode
    assert (made.gid, made.mode) == (99, 0o100755)
    assert world.mkdir(b"/d/sub", cred=world.user(7, 8)).inode.mode & 0o7777 == 0o2755


def test_created_file_may_be_written_whatever_its_mode(world: World) -> None:
    world.chmod(b"/", 0o777)
    user = world.user(5)
    file = world.open(b"/ro", f.O_CREAT | f.O_RDWR, 0o400, user)
    assert file.write(b"x") == 1
    assert world.error(world.open, b"/ro", f.O_RDWR, 0, user) is EACCES
    assert world.error(world.open, b"/ro", f.O_RDONLY, 0, user) is None


def test_truncate_needs_write_permission_and_append_appends(world: World) -> None:
    world.write(b"/f", b"abc")
    assert world.error(world.open, b"/f", f.O_RDONLY | f.O_TRUNC, 0, world.user(5)) is EACCES
    assert world.read(b"/f") == b"abc"
    one = world.open(b"/f", f.O_WRONLY | f.O_APPEND)
    two = world.open(b"/f", f.O_WRONLY | f.O_APPEND)
    one.write(b"1")
    two.write(b"2")
    assert one.pwrite(b"3", 0) == 1
    assert world.read(b"/f") == b"abc123"
    world.open(b"/f", f.O_RDONLY | f.O_TRUNC).put()
    assert world.read(b"/f") == b""


def test_flags_that_f_getfl_shows(world: World) -> None:
    file = world.open(b"/f", f.O_CREAT | f.O_EXCL | f.O_RDWR | f.O_TRUNC | f.O_CLOEXEC | f.O_APPEND | f.O_NONBLOCK)
    assert file.flags == f.O_RDWR | f.O_APPEND | f.O_NONBLOCK
    file.set_flags(f.O_DIRECT | f.O_CREAT)
    assert file.flags == f.O_RDWR | f.O_DIRECT


def test_path_only_files_do_nothing(world: World) -> None:
    world.write(b"/f", b"abc", mode=0o000)
    world.chmod(b"/f", 0)
    file = world.open(b"/f", f.O_PATH | f.O_RDWR | f.O_TRUNC, 0, world.user(5))
    calls: list[tuple[Callable[..., object], *tuple[object, ...]]] = [
        (file.read, 1), (file.write, b""), (file.seek, 0, 0), (file.getdents64, 99), (file.truncate, 0)]
    for call, *arguments in calls:
        assert world.error(call, *arguments) is EBADF
    assert world.read(b"/f") == b"abc"
    link_file = world.path(b"/f").inode
    assert link_file.open_count == 1
    file.put()
    assert link_file.open_count == 0


def test_tmpfile_can_be_linked_once(world: World) -> None:
    world.mkdir(b"/d")
    file = world.open(b"/d", f.O_TMPFILE | f.O_RDWR, 0o600)
    file.write(b"hidden")
    assert world.names(b"/d") == []
    assert file.inode.nlink == 0
    from rvsim.guest_os.vfs import entries

    entries.link(world.context, world.cred, b"", b"/d/shown", file.path, empty=True)
    assert world.read(b"/d/shown") == b"hidden"
    closed = world.open(b"/d", f.O_TMPFILE | f.O_RDWR | f.O_EXCL, 0o600)
    assert world.error(entries.link, world.context, world.cred, b"", b"/d/x", closed.path, empty=True) is ENOENT


def test_noatime_is_for_owners(world: World) -> None:
    world.write(b"/f", b"x")
    world.chmod(b"/f", 0o666)
    assert world.error(world.open, b"/f", f.O_NOATIME, 0, world.user(5)) is EPERM
    file = world.open(b"/f", f.O_NOATIME)
    before = file.inode.atime_ns
    file.read(1)
    assert file.inode.atime_ns == before


def test_executed_files_are_not_written(world: World) -> None:
    world.write(b"/prog", b"\x7fELF", mode=0o755)
    path = world.path(b"/prog")
    assert world.error(open_exec, path, world.user(3)) is None
    program = open_exec(path, world.cred)
    assert world.error(world.open, b"/prog", f.O_WRONLY) is ETXTBSY
    assert path.inode.open_count == 2
    allow_write(program)
    program.put()
    allow_write(program)
    writer = world.open(b"/prog", f.O_WRONLY)
    assert world.error(open_exec, path, world.cred) is ETXTBSY
    writer.put()
    world.chmod(b"/prog", 0o644)
    assert world.error(open_exec, path, world.cred) is EACCES
    assert world.error(open_exec, world.root, world.cred) is EACCES


def test_sockets_and_unknown_devices_cannot_be_opened(world: World) -> None:
    from rvsim.guest_os.vfs import entries

    entries.mknod(world.context, world.cred, b"/sock", 0o140644)
    entries.mknod(world.context, world.cred, b"/odd", 0o020644, 0x1234)
    entries.mknod(world.context, world.cred, b"/blk", 0o060644, 0x801)
    for name in (b"/sock", b"/odd", b"/blk"):
        assert world.error(world.open, name, f.O_RDWR) is ENXIO
        assert world.error(world.open, name, f.O_PATH) is None


def test_readonly_mount(world: World) -> None:
    world.write(b"/f", b"abc")
    world.table.remount(world.root, f.MS_RDONLY)
    assert world.error(world.open, b"/f", f.O_RDWR) is EROFS
    assert world.error(world.open, b"/new", f.O_CREAT) is EROFS
    assert world.error(world.open, b"/f", f.O_CREAT) is None
    assert world.error(world.open, b"/f", f.O_TRUNC) is EROFS
    assert world.error(world.mkdir, b"/d") is EROFS
    assert world.error(world.unlink, b"/f") is EROFS
    assert world.error(world.rename, b"/f", b"/g") is EROFS


def test_seek(world: World) -> None:
    file = world.create(b"/f")
    file.write(b"0123456789")
    assert file.seek(3, f.SEEK_SET) == 3
    assert file.seek(2, f.SEEK_CUR) == 5
    assert file.seek(-1, f.SEEK_END) == 9
    assert file.seek(100, f.SEEK_SET) == 100
    assert file.read(5) == b""
    assert world.error(file.seek, -1, f.SEEK_SET) is EINVAL
    assert world.error(file.seek, 0, 9) is EINVAL
    reader, writer = world.pipefs.open_pipe(0, world.cred)
    assert world.error(reader.seek, 0, f.SEEK_SET) is ESPIPE
    assert world.error(writer.pwrite, b"", 0) is ESPIPE
