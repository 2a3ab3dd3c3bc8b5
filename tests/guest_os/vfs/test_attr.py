"""Who may change what of a file, and what changes with it."""

from __future__ import annotations

import pytest

from rvsim.guest_os.abi import fcntl as f
from rvsim.guest_os.abi.capability import CAP_CHOWN, CAP_FOWNER, CAP_FSETID
from rvsim.guest_os.abi.errno import EACCES, EINVAL, EISDIR, EPERM, EROFS
from rvsim.guest_os.vfs import attr
from rvsim.guest_os.vfs.attr import TimeRequest
from rvsim.guest_os.vfs.credentials import Credentials
from rvsim.guest_os.vfs.entries import mkdir
from rvsim.guest_os.vfs.namei import lookup
from rvsim.tests import guest
from rvsim.tests.guest_os.conftest import World
from rvsim.tools.guest_build import DEFAULT_OUT

OWNER, OTHER, GROUP = 1000, 1001, 50


@pytest.fixture
def tree(world: World) -> World:
    """/f of OWNER and GROUP, mode 6755, and the directory /d with the same."""
    world.write(b"/f", b"content")
    world.mkdir(b"/d")
    for name in (b"/f", b"/d"):
        world.chown(name, OWNER, GROUP)
        world.chmod(name, 0o6755)
    return world


def mode(world: World, name: bytes = b"/f") -> int:
    return world.stat(name).mode & 0o7777


def with_capabilities(*capabilities: int) -> Credentials:
    cred = Credentials(OTHER, OTHER)
    cred.cap_effective = sum(1 << one for one in capabilities)
    return cred


class TestChown:
    @pytest.mark.parametrize(
        ("uid", "gid", "error"),
        [
            (OWNER, -1, None), (OTHER, -1, EPERM), (-1, GROUP, None), (-1, 60, None), (-1, 70, EPERM),
            (OWNER, 60, None), (OTHER, 60, EPERM), (-1, -1, None),
        ],
    )  # fmt: skip
    def test_owners_give_to_their_groups(
        self, tree: World, uid: int, gid: int, error: type[Exception] | None
    ) -> None:
        owner = tree.user(OWNER, OWNER, (GROUP, 60))
        assert tree.error(tree.chown, b"/f", uid, gid, owner) is error
        if error is None:
            assert tree.stat(b"/f").gid == (60 if gid == 60 else GROUP)
            assert mode(tree) == 0o755                 # even when nothing else changed

    def test_others_give_nothing(self, tree: World) -> None:
        other = tree.user(OTHER, GROUP)
        for uid, gid in ((OTHER, -1), (-1, GROUP), (OWNER, GROUP), (-1, -1)):
            assert tree.error(tree.chown, b"/f", uid, gid, other) is EPERM
        assert mode(tree) == 0o6755
        tree.chown(b"/d", -1, -1, other)               # takes nothing from a directory: allowed

    def test_set_id_bits_go_also_when_root_does_it(self, tree: World) -> None:
        tree.chown(b"/f", 0, 0)
        assert mode(tree) == 0o755
        tree.chown(b"/d", 0, 0)
        assert mode(tree, b"/d") == 0o6755

    def test_setgid_without_execution_is_a_mark_and_stays(self, tree: World) -> None:
        tree.chmod(b"/f", 0o2644)
        tree.chown(b"/f", 0, 0)
        assert mode(tree) == 0o2644

    def test_capabilities(self, tree: World) -> None:
        tree.chmod(b"/f", 0o755)
        tree.chown(b"/f", OTHER, 70, with_capabilities(CAP_CHOWN))
        tree.chown(b"/f", OWNER, 70)
        tree.chmod(b"/f", 0o4755)                      # to take the bit needs CAP_FOWNER besides
        assert tree.error(tree.chown, b"/f", OTHER, -1, with_capabilities(CAP_CHOWN)) is EPERM
        tree.chown(b"/f", 2000, -1, with_capabilities(CAP_CHOWN, CAP_FOWNER))
        assert (tree.stat(b"/f").uid, mode(tree)) == (2000, 0o755)

    def test_links_are_given_themselves(self, tree: World) -> None:
        tree.symlink(b"f", b"/l")
        tree.chown(b"/l", 7, 8)
        assert (tree.stat(b"/l", follow=False).uid, tree.stat(b"/f").uid) == (7, OWNER)


class TestChmod:
    def test_owners_and_capable(self, tree: World) -> None:
        tree.chmod(b"/f", 0o600, tree.user(OWNER, GROUP))
        assert tree.error(tree.chmod, b"/f", 0o777, tree.user(OTHER, GROUP)) is EPERM
        tree.chmod(b"/f", 0o640, with_capabilities(CAP_FOWNER))
        assert mode(tree) == 0o640

    def test_setgid_of_a_group_that_is_not_ones_own(self, tree: World) -> None:
        tree.chmod(b"/f", 0o2755, tree.user(OWNER))
        assert mode(tree) == 0o755
        tree.chmod(b"/f", 0o2755, tree.user(OWNER, OWNER, (GROUP,)))
        assert mode(tree) == 0o2755


class TestUtimens:
    NOW, OMIT = TimeRequest.NOW, TimeRequest.OMIT

    def utimens(self, world: World, cred: Credentials, *times: int | TimeRequest) -> None:
        attr.utimens(world.path(b"/f"), cred, *times)

    def test_owners_set_any_time(self, tree: World) -> None:
        self.utimens(tree, tree.user(OWNER), 5, 7)
        assert (tree.stat(b"/f").atime_ns, tree.stat(b"/f").mtime_ns) == (5, 7)
        self.utimens(tree, tree.user(OWNER), self.OMIT, 9)
        assert (tree.stat(b"/f").atime_ns, tree.stat(b"/f").mtime_ns) == (5, 9)
        before = tree.stat(b"/f").ctime_ns
        self.utimens(tree, tree.user(OWNER), self.NOW, self.OMIT)
        after = tree.stat(b"/f")
        assert after.atime_ns > 10**9
        assert (after.mtime_ns, after.ctime_ns > before) == (9, True)

    def test_who_may_write_sets_both_to_now_alone(self, tree: World) -> None:
        tree.chmod(b"/f", 0o664)
        member = tree.user(OTHER, GROUP)
        self.utimens(tree, member, self.NOW, self.NOW)
        for times in ((self.NOW, self.OMIT), (self.OMIT, self.NOW), (5, self.NOW), (5, 7)):
            assert tree.error(self.utimens, tree, member, *times) is EPERM

    def test_who_may_not_write(self, tree: World) -> None:
        other = tree.user(OTHER)
        assert tree.error(self.utimens, tree, other, self.NOW, self.NOW) is EACCES
        assert tree.error(self.utimens, tree, other, 5, 7) is EPERM
        self.utimens(tree, other, self.OMIT, self.OMIT)          # asks for nothing

    def test_readonly(self, tree: World) -> None:
        tree.table.remount(tree.root, f.MS_RDONLY)
        assert tree.error(self.utimens, tree, tree.cred, 5, 7) is EROFS
        self.utimens(tree, tree.cred, self.OMIT, self.OMIT)


class Someone:
    """Whose call it is."""

    def __init__(self, cred: Credentials) -> None:
        self.cred = cred

    def credentials(self) -> Credentials:
        return self.cred


class TestSetIdBits:
    """They go by who writes, not by who opened the file. fs/inode.c:file_remove_privs"""

    def test_root_keeps_them_and_others_do_not(self, tree: World) -> None:
        tree.chmod(b"/f", 0o6777)
        file = tree.open(b"/f", f.O_RDWR, cred=tree.user(OTHER))
        tree.table.caller = Someone(tree.cred)
        assert file.write(b"by root") == 7
        assert mode(tree) == 0o6777
        tree.table.caller = Someone(tree.user(OTHER))
        assert file.write(b"") == 0
        assert mode(tree) == 0o6777
        assert file.write(b"by another") == 10
        assert mode(tree) == 0o777

    @pytest.mark.parametrize("change", ["truncate", "fallocate", "pwrite", "by name"])
    def test_every_change_takes_them(self, tree: World, change: str) -> None:
        tree.chmod(b"/f", 0o6777)
        other = tree.user(OTHER)
        file = tree.open(b"/f", f.O_RDWR)
        tree.table.caller = Someone(other)
        match change:
            case "truncate":
                file.truncate(3)
            case "fallocate":
                file.fallocate(0, 0, 100)
            case "pwrite":
                file.pwrite(b"x", 3)
            case _:
                attr.truncate(tree.path(b"/f"), other, 1)
        assert mode(tree) == 0o777

    def test_a_capability_keeps_them(self, tree: World) -> None:
        file = tree.open(b"/f", f.O_RDWR)
        tree.table.caller = Someone(with_capabilities(CAP_FSETID))
        file.write(b"x")
        assert mode(tree) == 0o6755


def test_truncate(tree: World) -> None:
    path = tree.path(b"/f")
    assert tree.error(attr.truncate, path, tree.cred, -1) is EINVAL
    assert tree.error(attr.truncate, tree.path(b"/d"), tree.cred, 0) is EISDIR
    assert tree.error(attr.truncate, path, tree.user(OTHER), 0) is EACCES
    attr.truncate(path, tree.cred, 3)
    assert tree.read(b"/f") == b"con"


@pytest.mark.parametrize(("flags", "uid"), [(0, OWNER), (f.MS_NOSUID, 0)])
def test_set_id_programs_need_a_mount_that_allows_them(flags: int, uid: int) -> None:
    machine = guest.make()
    cred = machine.cred
    mkdir(machine.context, cred, b"/mnt", 0o755)
    machine.kernel.mounts.mount_type(b"tmpfs", b"tmpfs", lookup(machine.context, cred, b"/mnt"), flags, b"mode=755")
    machine.install(b"/mnt/sh", (DEFAULT_OUT / "sh").read_bytes())
    program = lookup(machine.context, cred, b"/mnt/sh")
    attr.chown(program, cred, OWNER, GROUP)
    attr.chmod(program, cred, 0o4755)
    task = machine.start(b"/mnt/sh", [b"sh"])
    assert (task.cred.uid, task.cred.euid, task.cred.fsuid) == (0, uid, uid)
    machine.close()
