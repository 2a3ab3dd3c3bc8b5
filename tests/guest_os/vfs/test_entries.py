"""mkdir, link, unlink, rmdir, rename: results and errors of Linux."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rvsim.guest_os.abi import fcntl as f
from rvsim.guest_os.abi.errno import (
    EBUSY,
    EEXIST,
    EINVAL,
    EISDIR,
    ENOENT,
    ENOTDIR,
    ENOTEMPTY,
    EPERM,
    EXDEV,
)
from rvsim.guest_os.fs.tmpfs import MemSuperBlock
from rvsim.guest_os.vfs import entries

if TYPE_CHECKING:
    from rvsim.guest_os.abi.errno import Errno
    from rvsim.tests.guest_os.conftest import World


@pytest.fixture
def tree(world: World) -> World:
    """/f, /d (with d/x), /empty, and links to them."""
    world.write(b"/f", b"file")
    world.mkdir(b"/d")
    world.write(b"/d/x", b"inner")
    world.mkdir(b"/empty")
    world.symlink(b"f", b"/lf")
    world.symlink(b"d", b"/ld")
    return world


@pytest.mark.parametrize(
    ("name", "error"),
    [
        (b"/f", EEXIST), (b"/d", EEXIST), (b"/lf", EEXIST), (b"/", EEXIST), (b"/d/..", EEXIST), (b"/d/.", EEXIST),
        (b"/none/x", ENOENT), (b"/f/x", ENOTDIR), (b"", ENOENT), (b"/new", None), (b"/new2/", None), (b"/ld/y", None),
    ],
)  # fmt: skip
def test_mkdir(tree: World, name: bytes, error: type[Errno] | None) -> None:
    assert tree.error(tree.mkdir, name) is error


@pytest.mark.parametrize(
    ("name", "error"),
    [
        (b"/f", ENOTDIR), (b"/d", ENOTEMPTY), (b"/empty", None), (b"/empty/", None), (b"/empty/.", EINVAL),
        (b"/empty/..", ENOTEMPTY), (b"/", EBUSY), (b"/none", ENOENT), (b"/ld", ENOTDIR), (b"/lf", ENOTDIR),
    ],
)  # fmt: skip
def test_rmdir(tree: World, name: bytes, error: type[Errno] | None) -> None:
    assert tree.error(tree.rmdir, name) is error


@pytest.mark.parametrize(
    ("name", "error"),
    [
        (b"/f", None), (b"/lf", None), (b"/f/", ENOTDIR), (b"/d", EISDIR), (b"/d/", EISDIR), (b"/none", ENOENT),
        (b"/none/", ENOENT), (b"/d/.", EISDIR), (b"/d/..", EISDIR), (b"/", EISDIR), (b"/ld", None), (b"/ld/x", None),
    ],
)  # fmt: skip
def test_unlink(tree: World, name: bytes, error: type[Errno] | None) -> None:
    assert tree.error(tree.unlink, name) is error


@pytest.mark.parametrize(
    ("old", "new", "flags", "error"),
    [
        (b"/f", b"/g", 0, None),
        (b"/f", b"/d/x", 0, None),
        (b"/f", b"/d", 0, EISDIR),
        (b"/f", b"/empty", 0, EISDIR),
        (b"/d", b"/f", 0, ENOTDIR),
        (b"/d", b"/empty", 0, None),
        (b"/empty", b"/d", 0, ENOTEMPTY),
        (b"/d", b"/d/sub", 0, EINVAL),
        (b"/d", b"/d/x/y", 0, ENOTDIR),
        (b"/d/x", b"/d", 0, ENOTEMPTY),
        (b"/none", b"/g", 0, ENOENT),
        (b"/f", b"/none/g", 0, ENOENT),
        (b"/d/.", b"/g", 0, EBUSY),
        (b"/d", b"/g/.", 0, ENOENT),
        (b"/d", b"/empty/..", 0, EBUSY),
        (b"/d", b"/g/", 0, None),
        (b"/f", b"/g/", 0, ENOTDIR),
        (b"/f/", b"/g", 0, ENOTDIR),
        (b"/d/", b"/g", 0, None),
        (b"/f", b"/f", 0, None),
        (b"/f", b"/lf", f.RENAME_NOREPLACE, EEXIST),
        (b"/f", b"/g", f.RENAME_NOREPLACE, None),
        (b"/f", b"/d/..", f.RENAME_NOREPLACE, EEXIST),
        (b"/f", b"/g", f.RENAME_EXCHANGE, ENOENT),
        (b"/f", b"/d", f.RENAME_EXCHANGE, None),
        (b"/d", b"/d/x", f.RENAME_EXCHANGE, EINVAL),
        (b"/d/x", b"/d", f.RENAME_EXCHANGE, EINVAL),
        (b"/f", b"/g", f.RENAME_EXCHANGE | f.RENAME_NOREPLACE, EINVAL),
        (b"/f", b"/g", 64, EINVAL),
    ],
)
def test_rename_errors(tree: World, old: bytes, new: bytes, flags: int, error: type[Errno] | None) -> None:
    assert tree.error(tree.rename, old, new, flags) is error


def test_rename_moves_and_replaces(tree: World) -> None:
    moved = tree.stat(b"/f").ino
    victim = tree.open(b"/d/x")
    tree.rename(b"/f", b"/d/x")
    assert tree.stat(b"/d/x").ino == moved
    assert tree.error(tree.path, b"/f") is ENOENT
    assert victim.read(9) == b"inner"
    assert victim.inode.nlink == 0
    assert victim.path.display() == b"/d/x (deleted)"


def test_rename_of_directories_keeps_link_counts_and_cwd(tree: World) -> None:
    assert tree.stat(b"/").nlink == 4
    tree.mkdir(b"/d/sub")
    tree.chdir(b"/d/sub")
    tree.rename(b"/d/sub", b"/empty/moved")
    assert tree.stat(b"/d").nlink == 2
    assert tree.stat(b"/empty").nlink == 3
    from rvsim.guest_os.vfs.namei import getcwd

    assert getcwd(tree.context) == b"/empty/moved"
    assert tree.path(b"..") == tree.path(b"/empty")
    tree.context.cwd = tree.root
    tree.rename(b"/d", b"/f", f.RENAME_EXCHANGE)
    assert tree.read(b"/d") == b"file"
    assert tree.read(b"/f/x") == b"inner"
    assert tree.stat(b"/").nlink == 4


def test_rename_between_names_of_one_file_does_nothing(tree: World) -> None:
    tree.link(b"/f", b"/g")
    tree.rename(b"/f", b"/g")
    assert tree.stat(b"/f").nlink == 2
    assert sorted(tree.names(b"/")) == [b"d", b"empty", b"f", b"g", b"ld", b"lf"]


def test_hard_links(tree: World) -> None:
    tree.link(b"/f", b"/d/g")
    assert tree.stat(b"/d/g").ino == tree.stat(b"/f").ino
    assert tree.stat(b"/f").nlink == 2
    tree.unlink(b"/f")
    assert tree.read(b"/d/g") == b"file"
    assert tree.error(tree.link, b"/d", b"/e") is EPERM
    assert tree.error(tree.link, b"/none", b"/e") is ENOENT
    assert tree.error(tree.link, b"/d/g", b"/d/x") is EEXIST
    assert tree.error(tree.link, b"/d/g", b"/new/") is ENOENT
    tree.link(b"/lf", b"/lf2")
    assert tree.path(b"/lf2", follow=False).inode.readlink() == b"f"


def test_no_links_and_renames_between_mounts(tree: World) -> None:
    tree.table.mount_type(b"tmpfs", b"t", tree.path(b"/empty"))
    assert tree.error(tree.link, b"/f", b"/empty/f") is EXDEV
    assert tree.error(tree.rename, b"/f", b"/empty/f") is EXDEV
    assert tree.error(tree.rmdir, b"/empty") is EBUSY
    assert tree.error(tree.rename, b"/empty", b"/e2") is EBUSY
    assert tree.error(tree.rename, b"/d", b"/empty") in (EBUSY, EXDEV)


def test_sticky_directory(world: World) -> None:
    world.mkdir(b"/tmp")
    world.chmod(b"/tmp", 0o1777)
    one, two = world.user(1), world.user(2)
    world.open(b"/tmp/a", f.O_CREAT | f.O_RDWR, 0o666, one).put()
    assert world.error(world.unlink, b"/tmp/a", two) is EPERM
    assert world.error(world.rename, b"/tmp/a", b"/tmp/b", cred=two) is EPERM
    world.open(b"/tmp/b", f.O_CREAT | f.O_RDWR, 0o666, two).put()
    assert world.error(world.rename, b"/tmp/b", b"/tmp/a", cred=two) is EPERM
    assert world.error(world.unlink, b"/tmp/a", one) is None
    world.chown(b"/tmp", 2, 2)
    world.open(b"/tmp/c", f.O_CREAT | f.O_RDWR, 0o666, one).put()
    assert world.error(world.unlink, b"/tmp/c", two) is None


def test_mknod_rules(world: World) -> None:
    user = world.user(5)
    world.chmod(b"/", 0o777)
    assert world.error(entries.mknod, world.context, user, b"/n", 0o020666, 0x103) is EPERM
    assert world.error(entries.mknod, world.context, user, b"/p", 0o010666) is None
    assert world.error(entries.mknod, world.context, user, b"/r", 0o666) is None
    assert world.error(entries.mknod, world.context, user, b"/x", 0o040666) is EPERM
    assert world.error(entries.mknod, world.context, user, b"/x", 0o120666) is EINVAL
    assert world.stat(b"/p").mode == 0o010644
    assert world.stat(b"/r").mode == 0o100644


def test_unlinked_file_stays_until_closed(world: World) -> None:
    sb = world.root.mount.sb
    assert isinstance(sb, MemSuperBlock)
    file = world.create(b"/f")
    file.write(bytes(10_000))
    used = sb.used_pages
    world.unlink(b"/f")
    assert sb.used_pages == used
    assert file.pread(4, 9_996) == bytes(4)
    file.put()
    assert sb.used_pages == used - 3
