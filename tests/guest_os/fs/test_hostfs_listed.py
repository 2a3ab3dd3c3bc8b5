"""Names that the guest has read in a directory of the host: one look for each; what the host changes still shows."""

from __future__ import annotations

import os
import pickle

import pytest

from rvsim.guest_os.abi.errno import EACCES, ELOOP, ENOENT, ENOTDIR
from rvsim.guest_os.boot import Share
from rvsim.guest_os.fs import hostfs
from rvsim.guest_os.fs.host_os import HostOs
from rvsim.guest_os.fs.hostfs import HostSuperBlock
from rvsim.guest_os.snapshot import GrantedResources
from rvsim.guest_os.vfs import namei


@pytest.fixture
def host(world, tmp_path):
    """A directory of the host with a/b/f, a/b/g and a/b/d in it, at /host; the guest has listed a/b."""
    shared = tmp_path / "shared"
    (shared / "a/b/d").mkdir(parents=True)
    (shared / "a/b/f").write_bytes(b"old")
    (shared / "a/b/g").write_bytes(b"other")
    world.mkdir(b"/host")
    sb = HostSuperBlock(os.fsencode(shared))
    world.table.mount(sb, b"host", world.path(b"/host"))
    assert world.names(b"/host/a/b") == [b"d", b"f", b"g"]
    yield shared
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


def directory(world):
    """The inode of /host/a/b."""
    return world.path(b"/host/a/b").inode


def known(sb):
    """The inodes of a mounted directory that there are."""
    return [node for node in (entry() for entry in sb.nodes.values()) if node is not None]


def test_one_look_for_the_facts_and_no_inode(world, host, looks):
    assert world.stat(b"/host/a/b/f").size == 3
    assert looks == [b"a/b/f"]
    assert not any(node.key[1] == os.lstat(host / "a/b/f").st_ino for node in known(directory(world).sb))


def test_one_look_to_open(world, host, looks):
    file = world.open(b"/host/a/b/f")
    assert looks == [b"a/b/f"]
    assert file.read(9) == b"old"
    file.put()


def test_one_look_from_the_directory_itself(world, host, looks):
    world.chdir(b"/host/a/b")
    looks.clear()
    assert world.stat(b"f").size == 3
    assert looks == [b"f"]


def test_facts_are_the_same_with_and_without_an_inode(world, host):
    before = world.stat(b"/host/a/b/f")
    file = world.open(b"/host/a/b/f")
    assert world.stat(b"/host/a/b/f")[:-1] == file.inode.stat()[:-1] == before[:-1]       # all but the time of birth
    file.put()


def test_what_the_host_wrote_shows(world, host):
    (host / "a/b/f").write_bytes(b"longer")
    os.utime(host / "a/b/f", ns=(5, 7))
    os.chmod(host / "a/b/f", 0o4711)
    facts = world.stat(b"/host/a/b/f")
    assert (facts.size, facts.atime_ns, facts.mtime_ns, facts.mode) == (6, 5, 7, 0o104711)


def test_a_name_that_is_gone_or_new(world, host):
    (host / "a/b/f").unlink()
    assert world.error(world.stat, b"/host/a/b/f") is ENOENT
    (host / "a/b/new").write_bytes(b"1")
    assert world.stat(b"/host/a/b/new").size == 1
    (host / "a/b").rename(host / "a/c")
    assert world.error(world.stat, b"/host/a/b/g") is ENOENT
    assert world.error(world.open, b"/host/a/b/g") is ENOENT


def test_another_file_under_a_name(world, host):
    (host / "a/b/g").rename(host / "a/b/f")
    assert world.stat(b"/host/a/b/f").size == 5
    assert world.read(b"/host/a/b/f") == b"other"
    (host / "a/b/f").unlink()
    (host / "a/b/f").mkdir()
    assert world.path(b"/host/a/b/f").inode.is_dir
    (host / "a/b/d").rmdir()
    (host / "a/b/d").write_bytes(b"a file now")
    assert world.stat(b"/host/a/b/d").size == 10


@pytest.mark.parametrize("use", ["stat", "read"])
def test_a_link_where_a_file_or_directory_was(world, host, tmp_path, use):
    """The host puts links that lead out of the shared directory where names were: the guest follows them itself."""
    (tmp_path / "out/b").mkdir(parents=True)
    (tmp_path / "out/b/f").write_bytes(b"secret of another place")
    ask = getattr(world, use)
    (host / "a/b/f").unlink()
    (host / "a/b/f").symlink_to(tmp_path / "out/b/f")
    assert world.error(ask, b"/host/a/b/f") is ENOENT
    (host / "a").rename(tmp_path / "moved")
    (host / "a").symlink_to(tmp_path / "out")
    assert world.error(ask, b"/host/a/b/f") is ENOENT
    assert world.error(ask, b"/host/a/b/g") is ENOENT


def test_a_link_that_stays_inside_is_followed(world, host):
    (host / "a/b/f").unlink()
    (host / "a/b/f").symlink_to("g")
    assert world.stat(b"/host/a/b/f").size == 5
    assert world.stat(b"/host/a/b/f", follow=False).mode == 0o120777
    (host / "a/b/g").unlink()
    (host / "a/b/g").symlink_to("f")
    assert world.error(world.stat, b"/host/a/b/f") is ELOOP


def test_an_inode_that_there_is_stays_the_one(world, host):
    os.link(host / "a/b/f", host / "a/b/h")
    file = world.open(b"/host/a/b/h")
    world.names(b"/host/a/b")
    (host / "a/b/f").write_bytes(b"more than before")
    facts = world.stat(b"/host/a/b/f")
    assert facts.ino == file.inode.ino
    assert facts.nlink == 2
    assert world.path(b"/host/a/b/f").inode is file.inode
    assert world.path(b"/host/a/b/h").inode is file.inode
    assert file.inode.size == 16
    file.put()


def test_a_trailing_slash_wants_a_directory(world, host):
    assert world.error(world.stat, b"/host/a/b/f/") is ENOTDIR
    assert world.stat(b"/host/a/b/d/").mode & 0o170000 == 0o040000
    assert world.error(world.stat, b"/host/a/b/f/x") is ENOTDIR


def test_who_may_not_search_the_directory(world, host):
    user = world.user(1000)
    os.chmod(host, 0o755)
    os.chmod(host / "a", 0o755)
    os.chmod(host / "a/b", 0o700)
    assert world.error(namei.Walk(world.context, user).look, b"/host/a/b/f", True) is EACCES
    os.chmod(host / "a/b", 0o711)
    assert namei.Walk(world.context, user).look(b"/host/a/b/f", True).size == 3


def test_positions_stay_while_names_come_and_go(world, host):
    place = directory(world)
    first = {name: at for at, name, _, _ in place.readdir(2)}
    (host / "a/b/f").unlink()
    (host / "a/b/c").write_bytes(b"")
    second = {name: at for at, name, _, _ in place.readdir(2)}
    assert list(second) == [b"d", b"g", b"c"]
    assert {name: second[name] for name in (b"d", b"g")} == {name: first[name] for name in (b"d", b"g")}
    assert second[b"c"] > max(first.values())
    assert [name for _, name, _, _ in place.readdir(second[b"d"] + 1)] == [b"g", b"c"]


def test_what_the_guest_removes_is_listed_no_more(world, tmp_path):
    for name in ("p", "q", "r"):
        (tmp_path / name).write_bytes(b"")
    sb = HostSuperBlock(os.fsencode(tmp_path), readonly=False)
    world.mkdir(b"/w")
    world.table.mount(sb, b"host", world.path(b"/w"))
    place = world.path(b"/w").inode
    assert world.names(b"/w")[:3] == [b"p", b"q", b"r"]
    world.unlink(b"/w/q")
    assert [name for _, name, _, _ in place.readdir(3)] == [b"r"]
    assert world.error(world.stat, b"/w/q") is ENOENT
    world.rename(b"/w/r", b"/w/s")
    assert world.error(world.stat, b"/w/r") is ENOENT
    assert world.names(b"/w") == [b"p", b"s"]
    sb.close()


def test_inodes_that_are_gone_are_forgotten(world, host, monkeypatch):
    sb = directory(world).sb
    monkeypatch.setattr(hostfs, "_NODES_MAX", 8)
    sb.nodes_max, sb.fds.limit = 8, 2
    for number in range(40):
        (host / f"n{number}").write_bytes(b"")
        world.open(b"/host/n%d" % number).put()
        (host / f"n{number}").unlink()
        assert world.error(world.stat, b"/host/n%d" % number) is ENOENT
    assert len(known(sb)) < 8
    assert len(sb.nodes) < 8 + 2 * 8


def test_a_snapshot_knows_the_inodes(world, host):
    sb = directory(world).sb
    place = world.path(b"/host/a/b/d")
    again, inode = pickle.loads(pickle.dumps((sb, place.inode)))
    assert [node for node in known(again) if node is inode] == [inode]
    again.close()


def restored(sb, path, things):
    """`sb` with `things` in it as a snapshot from a file finds it again below `path`."""
    host = GrantedResources(shares=[Share(os.fsencode(path), b"/host", True)])
    sb.fds = host.descriptors(os.fsencode(path), 8)
    host.settle([sb, sb.root.inode, *things])


def test_a_snapshot_is_not_believed_what_was_listed(world, host):
    """A name that was listed with the number of another file does not lead to it."""
    place = directory(world)
    at = place.entries[b"f"][0]
    place.entries[b"f"] = (at, b"f", os.lstat(host / "a/b/g").st_ino, 8)
    place.entries[b"x"] = (7, b"x", 5, 8)
    place.entries[b"g"] = "nothing"
    restored(place.sb, host, [world.path(b"/host/a").inode, place])
    assert place.entries[b"f"] == (at, b"f", os.lstat(host / "a/b/f").st_ino, 8)
    assert sorted(place.entries) == [b"d", b"f", b"g"]
    assert world.names(b"/host/a/b")[:2] == [b"d", b"f"]


def test_what_a_snapshot_has_and_the_host_has_not(world, host):
    """The number that it had is not that of whatever its path leads to now."""
    place = directory(world)
    inode = world.path(b"/host/a/b/f").inode
    other = os.lstat(host / "a/b/g")
    (host / "a/b/f").unlink()
    (host / "a/b/f").symlink_to("g")
    inode.key = (other.st_dev, other.st_ino)
    restored(place.sb, host, [world.path(b"/host/a").inode, place, inode])
    assert inode.key != (other.st_dev, other.st_ino)
    assert world.stat(b"/host/a/b/f", follow=False).mode == 0o120777
    assert world.stat(b"/host/a/b/f").size == 5
