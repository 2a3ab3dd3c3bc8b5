"""Mounts: binds, moves, what stands on what, and flags."""

from __future__ import annotations

import pytest

from rvsim.guest_os.abi import fcntl as f
from rvsim.guest_os.abi.errno import EACCES, EBUSY, EINVAL, ELOOP, ENODEV, ENOENT, ENOTDIR, EROFS, EXDEV
from rvsim.guest_os.abi.stat import S_IFCHR
from rvsim.guest_os.fs.char_device import NULL
from rvsim.guest_os.vfs import entries, namei
from rvsim.guest_os.vfs.mount import Mount
from rvsim.guest_os.vfs.super_block import MountOptions
from rvsim.tests.guest_os.conftest import World


@pytest.fixture
def tree(world: World) -> World:
    """/a/sub/f, /b, /c and the file /file."""
    for name in (b"/a", b"/a/sub", b"/b", b"/c"):
        world.mkdir(name)
    world.write(b"/a/sub/f", b"f")
    world.write(b"/file", b"file")
    return world


def new(world: World, at: bytes, flags: int = 0) -> Mount:
    return world.table.mount_type(b"tmpfs", b"tmpfs", world.path(at), flags, b"mode=755")


def bind(world: World, source: bytes, at: bytes, *, recursive: bool = False) -> Mount:
    return world.table.bind(world.path(source), world.path(at), recursive=recursive)


def test_a_mount_hides_what_it_stands_on(tree: World) -> None:
    new(tree, b"/a")
    assert tree.error(tree.stat, b"/a/sub") is ENOENT
    assert tree.stat(b"/a").dev != tree.stat(b"/b").dev
    tree.write(b"/a/g", b"g")
    new(tree, b"/a")                                   # on top of the first
    assert tree.names(b"/a") == []
    tree.table.unmount(tree.path(b"/a"))
    assert tree.names(b"/a") == [b"g"]
    tree.table.unmount(tree.path(b"/a"))
    assert tree.read(b"/a/sub/f") == b"f"


def test_binds_show_the_same_files(tree: World) -> None:
    bind(tree, b"/a/sub", b"/b")
    tree.write(b"/b/g", b"g")
    assert tree.read(b"/a/sub/g") == b"g"
    assert tree.stat(b"/b").ino == tree.stat(b"/a/sub").ino
    tree.chdir(b"/b")
    tree.chdir(b"..")
    assert namei.getcwd(tree.context) == b"/"          # .. leads where the bind stands
    assert tree.error(tree.rename, b"/a/sub/f", b"/b/h") is EXDEV
    assert tree.error(tree.link, b"/a/sub/f", b"/b/h") is EXDEV
    tree.unlink(b"/b/f")
    assert tree.error(tree.stat, b"/a/sub/f") is ENOENT
    tree.rename(b"/a/sub", b"/a/moved")                # what it shows may move
    assert tree.read(b"/b/g") == b"g"
    assert tree.path(b"/b/g").display() == b"/b/g"


def test_a_file_can_be_bound(tree: World) -> None:
    bind(tree, b"/file", b"/a/sub/f")
    assert tree.read(b"/a/sub/f") == b"file"
    assert tree.error(tree.unlink, b"/a/sub/f") is EBUSY
    assert tree.error(tree.rename, b"/a/sub/f", b"/a/g") is EBUSY
    tree.table.unmount(tree.path(b"/a/sub/f"))
    assert tree.read(b"/a/sub/f") == b"f"


def test_kinds_must_be_the_same(tree: World) -> None:
    assert tree.error(bind, tree, b"/file", b"/b") is ENOTDIR
    assert tree.error(bind, tree, b"/b", b"/file") is ENOTDIR
    assert tree.error(new, tree, b"/file") is ENOTDIR
    assert tree.error(tree.table.mount_type, b"nosuchfs", b"", tree.path(b"/b")) is ENODEV
    assert tree.error(tree.table.mount_type, b"tmpfs", b"", tree.path(b"/b"), 0, b"nosuch=1") is EINVAL


def test_a_bind_takes_mounts_along_only_when_asked(tree: World) -> None:
    new(tree, b"/a/sub")
    tree.write(b"/a/sub/inner", b"inner")
    bind(tree, b"/a", b"/b")
    assert tree.names(b"/b/sub") == [b"f"]
    bind(tree, b"/a", b"/c", recursive=True)
    assert tree.names(b"/c/sub") == [b"inner"]
    tree.table.unmount(tree.path(b"/a/sub"))
    assert tree.names(b"/c/sub") == [b"inner"]         # a mount of its own


def test_a_bind_of_the_root_into_itself_ends(tree: World) -> None:
    bind(tree, b"/", b"/a/sub", recursive=True)
    assert tree.names(b"/a/sub/a/sub") == [b"f"]
    assert tree.path(b"/a/sub/a/sub/f").display() == b"/a/sub/a/sub/f"


def test_moving(tree: World) -> None:
    new(tree, b"/a")
    tree.mkdir(b"/a/d")
    inner = new(tree, b"/a/d")
    tree.write(b"/a/d/deep", b"deep")
    tree.chdir(b"/a/d")
    tree.table.move(tree.path(b"/a"), tree.path(b"/b"))
    assert tree.read(b"/b/d/deep") == b"deep"
    assert tree.names(b"/a") == [b"sub"]
    assert namei.getcwd(tree.context) == b"/b/d"
    assert tree.error(tree.table.move, tree.path(b"/b"), tree.path(b"/b/d")) is ELOOP
    assert tree.error(tree.table.move, tree.root, tree.path(b"/c")) is ELOOP
    assert tree.error(tree.table.move, tree.path(b"/b/d"), tree.path(b"/file")) is EINVAL
    assert inner in tree.table                         # nothing happened
    assert tree.read(b"/b/d/deep") == b"deep"


def test_unmounting(tree: World) -> None:
    new(tree, b"/a")
    tree.mkdir(b"/a/d")
    new(tree, b"/a/d")
    unmount = tree.table.unmount
    assert tree.error(unmount, tree.path(b"/a")) is EBUSY            # another stands on it
    assert tree.error(unmount, tree.path(b"/b")) is EINVAL
    assert tree.error(unmount, tree.path(b"/")) is EBUSY
    assert tree.error(unmount, tree.path(b"/a/d"), busy=True) is EBUSY
    held = tree.path(b"/a/d")
    unmount(tree.path(b"/a"), detach=True)
    assert tree.names(b"/a") == [b"sub"]
    assert tree.error(tree.table.attach, tree.table.make(tree.tmpfs.mount(b"", MountOptions())), held) is EINVAL
    tree.context.cwd = held
    assert namei.getcwd(tree.context).startswith(b"(unreachable)")
    tree.write(b"still", b"here")                      # who is inside goes on
    assert tree.read(b"still") == b"here"


def test_a_removed_place(tree: World) -> None:
    place = tree.path(b"/b")
    tree.rmdir(b"/b")
    assert tree.error(tree.table.mount_type, b"tmpfs", b"", place) is ENOENT


def test_what_stands_on_a_name_protects_it(tree: World) -> None:
    new(tree, b"/b")
    assert tree.error(tree.rmdir, b"/b") is EBUSY
    assert tree.error(tree.rename, b"/b", b"/c") is EBUSY
    assert tree.error(tree.rename, b"/c", b"/b") is EBUSY
    assert tree.error(tree.rename, b"/a", b"/b/a") is EXDEV


def test_readonly_binds(tree: World) -> None:
    bind(tree, b"/a", b"/b")
    tree.table.remount(tree.path(b"/b"), f.MS_RDONLY, mount_only=True)
    assert tree.error(tree.mkdir, b"/b/x") is EROFS
    assert tree.error(tree.open, b"/b/sub/f", f.O_RDWR) is EROFS
    assert tree.error(tree.chmod, b"/b/sub/f", 0o600) is EROFS
    tree.mkdir(b"/a/x")                                # elsewhere it is as it was
    tree.table.remount(tree.path(b"/b"), 0, mount_only=True)
    tree.rmdir(b"/b/x")
    assert tree.error(tree.table.remount, tree.path(b"/b/sub"), 0) is EINVAL


def test_readonly_file_systems(tree: World) -> None:
    new(tree, b"/a")
    bind(tree, b"/a", b"/b")
    tree.table.remount(tree.path(b"/a"), f.MS_RDONLY)
    assert tree.error(tree.mkdir, b"/b/x") is EROFS    # through every mount of it


def test_nodev_and_noexec(tree: World) -> None:
    new(tree, b"/a", f.MS_NODEV | f.MS_NOEXEC)
    entries.mknod(tree.context, tree.cred, b"/a/null", S_IFCHR | 0o666, NULL)
    assert tree.error(tree.open, b"/a/null", f.O_RDWR) is EACCES
    bind(tree, b"/a", b"/b")
    tree.table.remount(tree.path(b"/b"), 0, mount_only=True)
    tree.open(b"/b/null", f.O_RDWR).put()
