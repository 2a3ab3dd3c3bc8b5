"""Path walk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rvsim.guest_os.abi.errno import EACCES, EINVAL, ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR
from rvsim.guest_os.vfs import namei

if TYPE_CHECKING:
    from rvsim.tests.guest_os.conftest import World


def test_dot_and_dotdot(world: World) -> None:
    world.mkdir(b"/a")
    world.mkdir(b"/a/b")
    here = world.path(b"/a/b")
    assert world.path(b"/a/./b") == here
    assert world.path(b"//a///b/.") == here
    assert world.path(b"/a/b/../b") == here
    assert world.path(b"/../..") == world.root
    world.chdir(b"/a/b")
    assert world.path(b"..") == world.path(b"/a")
    assert namei.getcwd(world.context) == b"/a/b"
    assert world.path(b".") == here


def test_missing_empty_and_not_a_directory(world: World) -> None:
    world.write(b"/f", b"x")
    for name, error in [
        (b"", ENOENT), (b"/no", ENOENT), (b"/no/x", ENOENT), (b"/f/x", ENOTDIR), (b"/f/", ENOTDIR), (b"/f/.", ENOTDIR),
        (b"/f/..", ENOTDIR), (b"/no/", ENOENT),
    ]:  # fmt: skip
        assert world.error(world.path, name) is error, name


def test_name_and_path_limits(world: World) -> None:
    world.mkdir(b"/" + b"n" * 255)
    assert world.error(world.path, b"/" + b"n" * 256) is ENAMETOOLONG
    assert world.error(world.mkdir, b"/" + b"n" * 256) is ENAMETOOLONG
    assert world.path(b"/" + b"./" * 2000 + b".") == world.root
    assert world.error(world.path, b"/" * 4096) is ENAMETOOLONG
    assert world.path(b"/" * 4095) == world.root


def test_symlinks(world: World) -> None:
    world.mkdir(b"/d")
    world.write(b"/d/f", b"data")
    world.symlink(b"d", b"/to_d")
    world.symlink(b"/d/f", b"/to_f")
    world.symlink(b"../d/f", b"/d/up")
    world.symlink(b"nowhere", b"/dangling")
    assert world.read(b"/to_d/f") == b"data"
    assert world.read(b"/to_f") == b"data"
    assert world.read(b"/to_d/up") == b"data"
    assert world.path(b"/to_d", follow=False).inode.readlink() == b"d"
    assert world.path(b"/to_d/", follow=False) == world.path(b"/d")
    assert world.error(world.path, b"/dangling") is ENOENT
    assert world.error(world.path, b"/to_f/") is ENOTDIR
    assert world.path(b"/dangling", follow=False).inode.size == 7


def test_forty_links_and_no_more(world: World) -> None:
    world.write(b"/l0", b"end")
    for n in range(1, 42):
        world.symlink(b"l%d" % (n - 1), b"/l%d" % n)
    assert world.read(b"/l40") == b"end"
    assert world.error(world.path, b"/l41") is ELOOP
    world.symlink(b"loop", b"/loop")
    assert world.error(world.path, b"/loop") is ELOOP
    assert world.error(world.path, b"/loop/x") is ELOOP


def test_link_that_ends_in_a_slash_must_lead_to_a_directory(world: World) -> None:
    world.write(b"/f", b"")
    world.symlink(b"f/", b"/l")
    assert world.error(world.path, b"/l") is ENOTDIR


def test_search_permission(world: World) -> None:
    user = world.user(1000)
    world.mkdir(b"/closed", 0o700)
    world.write(b"/closed/f", b"")
    assert world.error(world.path, b"/closed/f", cred=user) is EACCES
    assert world.error(world.path, b"/closed/.", cred=user) is EACCES
    assert world.error(world.path, b"/closed", cred=user) is None
    world.chmod(b"/closed", 0o711)
    assert world.error(world.path, b"/closed/f", cred=user) is None
    assert world.error(namei.lookup_dir, world.context, user, b"/closed") is None
    world.chmod(b"/closed", 0o600)
    assert world.error(namei.lookup_dir, world.context, user, b"/closed") is EACCES


def test_group_permissions_come_before_others(world: World) -> None:
    world.mkdir(b"/g", 0o705)
    world.chown(b"/g", 0, 50)
    world.mkdir(b"/g/x")
    assert world.error(world.path, b"/g/x", cred=world.user(1000)) is None
    assert world.error(world.path, b"/g/x", cred=world.user(1000, 50)) is EACCES
    assert world.error(world.path, b"/g/x", cred=world.user(1000, 7, (50,))) is EACCES


def test_chroot_confines_dotdot_and_absolute_links(world: World) -> None:
    world.mkdir(b"/jail")
    world.mkdir(b"/jail/in")
    world.write(b"/secret", b"s")
    world.symlink(b"/secret", b"/jail/l")
    world.context.root = world.path(b"/jail")
    world.context.cwd = world.context.root
    assert world.path(b"../../..") == world.context.root
    assert world.error(world.path, b"/l") is ENOENT
    assert world.error(world.path, b"../secret") is ENOENT
    world.chdir(b"in")
    assert namei.getcwd(world.context) == b"/in"


def test_getcwd_of_removed_and_unreachable_directories(world: World) -> None:
    world.mkdir(b"/a")
    world.mkdir(b"/b")
    world.chdir(b"/a")
    outside = world.context.cwd
    world.context.root = world.path(b"/b")
    assert namei.getcwd(world.context) == b"(unreachable)/a"
    world.context.root = world.root
    world.rmdir(b"/a")
    assert world.error(namei.getcwd, world.context) is ENOENT
    assert outside.display() == b"/a (deleted)"
    assert world.error(world.path, b"x") is ENOENT
    assert world.path(b"..") == world.root
    assert world.error(world.mkdir, b"x") is ENOENT


@pytest.mark.parametrize("base", [b"/a", b"/a/b"])
def test_base_directory_of_the_at_calls(world: World, base: bytes) -> None:
    world.mkdir(b"/a")
    world.mkdir(b"/a/b")
    at = world.path(base)
    assert namei.lookup(world.context, world.cred, b".", at) == at
    assert namei.lookup(world.context, world.cred, b"", at, empty=True) == at
    assert namei.lookup(world.context, world.cred, b"/", at) == world.root


def test_readlink(world: World) -> None:
    world.symlink(b"target", b"/l")
    world.write(b"/f", b"")
    assert namei.readlink(world.context, world.cred, b"/l") == b"target"
    base = world.path(b"/l", follow=False)
    assert namei.readlink(world.context, world.cred, b"", base) == b"target"
    assert world.error(namei.readlink, world.context, world.cred, b"/f") is EINVAL
