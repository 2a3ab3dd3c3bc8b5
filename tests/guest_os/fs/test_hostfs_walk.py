"""Walking host directories: one look at the host for all names that are known, and what it changes still shows."""

from __future__ import annotations

import os

import pytest

from rvsim.guest_os.abi.errno import EACCES, ENOENT, ENOTDIR
from rvsim.guest_os.fs.host_os import HostOs
from rvsim.guest_os.fs.hostfs import HostSuperBlock
from rvsim.guest_os.vfs import namei
from rvsim.guest_os.vfs.super_block import MountOptions


@pytest.fixture
def host(world, tmp_path):
    """A directory of the host with a/b/c/f in it, at /host, walked once."""
    (tmp_path / "shared/a/b/c").mkdir(parents=True)
    (tmp_path / "shared/a/b/c/f").write_bytes(b"old")
    world.mkdir(b"/host")
    sb = HostSuperBlock(os.fsencode(tmp_path / "shared"))
    world.table.mount(sb, b"host", world.path(b"/host"))
    assert world.stat(b"/host/a/b/c/f").size == 3
    yield tmp_path / "shared"
    sb.close()


@pytest.fixture
def looks(monkeypatch):
    """The names that the host was asked for."""
    asked = []
    real = os.stat

    def stat(name, **options):
        asked.append(name)
        return real(name, **options)

    monkeypatch.setattr(HostOs, "stat", staticmethod(stat))
    return asked


def test_one_look_for_a_known_path(world, host, looks):
    assert world.stat(b"/host/a/b/c/f").size == 3
    assert looks == [b"a/b/c/f"]


def test_two_looks_for_a_new_name_in_a_known_directory(world, host, looks):
    (host / "a/b/c/g").write_bytes(b"g" * 7)
    assert world.stat(b"/host/a/b/c/g").size == 7
    assert looks == [b"a/b/c", b"g"]


def test_facts_are_those_of_now(world, host):
    (host / "a/b/c/f").write_bytes(b"longer")
    assert world.stat(b"/host/a/b/c/f").size == 6
    path = world.path(b"/host/a/b/c/f")
    (host / "a/b/c/f").write_bytes(b"longer still")
    assert path.inode.stat().size == 12


def test_a_directory_kept_open_is_asked_again(world, host):
    place = namei.lookup(world.context, world.cred, b"/host/a/b/c/f")
    (host / "a/b/c/f").write_bytes(b"now")
    os.utime(host / "a/b/c/f", ns=(5, 7))
    assert namei.Walk(world.context, world.cred, place).look(b"", True).mtime_ns == 7


def test_a_name_that_is_gone(world, host):
    (host / "a/b/c/f").unlink()
    assert world.error(world.stat, b"/host/a/b/c/f") is ENOENT
    (host / "a/b").rename(host / "a/x")
    assert world.error(world.stat, b"/host/a/b/c") is ENOENT
    assert world.stat(b"/host/a/x/c").nlink == 2


def test_another_file_under_a_known_name(world, host):
    before = world.stat(b"/host/a/b/c/f").ino
    (host / "new").write_bytes(b"another")
    (host / "new").rename(host / "a/b/c/f")
    after = world.stat(b"/host/a/b/c/f")
    assert after.size == 7
    assert after.ino != before
    (host / "a/b/c/f").unlink()
    (host / "a/b/c/f").mkdir()
    assert world.path(b"/host/a/b/c/f").inode.is_dir


def test_a_directory_between_that_becomes_a_file_or_a_link(world, host, tmp_path):
    (tmp_path / "outside/c").mkdir(parents=True)
    (tmp_path / "outside/c/f").write_bytes(b"secret of another place")
    (host / "a/b").rename(tmp_path / "moved")
    (host / "a/b").symlink_to(tmp_path / "outside")
    assert world.error(world.stat, b"/host/a/b/c/f") is ENOENT      # the link is the guest's to follow: no such path
    assert world.error(world.open, b"/host/a/b/c/f") is ENOENT
    (host / "a/b").unlink()
    (host / "a/b").write_bytes(b"")
    assert world.error(world.stat, b"/host/a/b/c/f") is ENOTDIR


def test_a_link_to_the_same_file_leads_nowhere_else(world, host, tmp_path):
    """The host puts a link to the moved directory in its place: the known file is found, and no other through it."""
    (host / "a/b").rename(tmp_path / "moved")
    (tmp_path / "moved/c/secret").write_bytes(b"made later")
    (host / "a/b").symlink_to(tmp_path / "moved")
    assert world.stat(b"/host/a/b/c/f").size == 3
    assert world.error(world.stat, b"/host/a/b/secret") is ENOENT


def test_who_may_not_search_everything_is_asked_at_each_step(world, host):
    user = world.user(1000)
    path = b"/host/a/b/c/f"
    os.chmod(host, 0o755)
    for name in ("a", "a/b", "a/b/c"):
        os.chmod(host / name, 0o755)
    assert world.path(path, cred=user).inode.size == 3
    os.chmod(host / "a/b", 0o700)
    assert world.error(world.path, path, cred=user) is EACCES
    assert world.path(path).inode.size == 3
    os.chmod(host / "a/b", 0o711)
    assert world.path(path, cred=user).inode.size == 3


def test_dots_links_and_mounts_on_the_way(world, host):
    (host / "l").symlink_to("a/b")
    (host / "a/b/other").write_bytes(b"12345")
    for path in (b"/host/a/b/c/../other", b"/host/l/c/../other", b"/host/./a/./b/other", b"/host/l/other"):
        assert world.stat(path).size == 5
    world.table.mount(world.tmpfs.mount(b"none", MountOptions(b"")), b"over", world.path(b"/host/a/b"))
    assert world.error(world.stat, b"/host/a/b/c/f") is ENOENT
    world.write(b"/host/a/b/here", b"1")
    assert world.stat(b"/host/a/b/here").size == 1
