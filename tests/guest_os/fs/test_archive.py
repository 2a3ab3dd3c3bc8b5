"""A tar or cpio archive as a tree: everything that a member can say."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import pickle
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from rvsim.guest_os.abi.errno import EIO, ENODATA, ENXIO, EROFS
from rvsim.guest_os.abi.fcntl import O_RDWR, SEEK_DATA, SEEK_HOLE
from rvsim.guest_os.abi.stat import S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFMT, makedev
from rvsim.guest_os.fs.archive_entry import BadArchive
from rvsim.guest_os.fs.overlay import OverlaySuperBlock
from rvsim.tests.fake_clock import FakeClock
from rvsim.tests.guest_os.conftest import World
from rvsim.tests.guest_os.fs.archives import Member, cpio_bytes, opened, tar_bytes

TREE = (
    Member("./", 0o040750, uid=3, gid=4, mtime=77),
    Member("./bin/", 0o040755),
    Member("./bin/tool", 0o104755, b"#!tool\n", uid=1000, gid=50, mtime=1_600_000_000),
    Member("./bin/again", link="./bin/tool"),
    Member("./bin/link", 0o120777, target="../etc/conf"),
    Member("etc/deep/er/conf", 0o100600, b"conf\n" * 30000),
    Member("/dev/null", 0o020666, device=(1, 3)),
    Member("dev/disk", 0o060660, device=(8, 300)),
    Member("run/fifo", 0o010600),
    Member("empty"),
    Member("tmp/", 0o041777),
)
FORMATS = {
    "ustar": lambda *members: tar_bytes(*members, form=tarfile.USTAR_FORMAT),
    "gnu": lambda *members: tar_bytes(*members, form=tarfile.GNU_FORMAT),
    "pax": tar_bytes,
    "newc": cpio_bytes,
    "crc": lambda *members: cpio_bytes(*members, magic=b"070702"),
}
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes, "gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress,
}  # fmt: skip


def world_of(path: Path, data: bytes, *, overlay: bool = False) -> World:
    sb = opened(path, data)
    return World(OverlaySuperBlock(sb, FakeClock()) if overlay else sb)


@pytest.mark.parametrize("overlay", [False, True], ids=["bare", "overlay"])
@pytest.mark.parametrize("form", FORMATS)
def test_what_members_say(form: str, overlay: bool, tmp_path: Path) -> None:
    world = world_of(tmp_path / "a", FORMATS[form](*TREE), overlay=overlay)
    root = world.stat(b"/")
    assert (root.mode, root.uid, root.gid, root.mtime_ns) == (S_IFDIR | 0o750, 3, 4, 77 * 10**9)
    assert world.names(b"/") == [b"bin", b"etc", b"dev", b"run", b"empty", b"tmp"]
    tool = world.stat(b"/bin/tool")
    assert (tool.mode & 0o7777, tool.uid, tool.gid, tool.size, tool.nlink) == (0o4755, 1000, 50, 7, 2)
    assert tool.mtime_ns == tool.atime_ns == 1_600_000_000 * 10**9
    assert world.stat(b"/bin/again").ino == tool.ino
    assert world.read(b"/bin/again") == b"#!tool\n"
    assert world.path(b"/bin/link", follow=False).inode.readlink() == b"../etc/conf"
    assert world.read(b"/etc/deep/er/conf") == b"conf\n" * 30000
    assert world.stat(b"/etc/deep").mode == S_IFDIR | 0o755
    assert world.stat(b"/etc").nlink == 3
    null, disk = world.stat(b"/dev/null"), world.stat(b"/dev/disk")
    assert (null.mode & S_IFMT, null.rdev) == (S_IFCHR, makedev(1, 3))
    assert (disk.mode & S_IFMT, disk.rdev) == (S_IFBLK, makedev(8, 300))
    assert world.stat(b"/run/fifo").mode == S_IFIFO | 0o600
    assert world.read(b"/empty") == b""
    assert world.stat(b"/tmp").mode & 0o7777 == 0o1777


def test_odc(tmp_path: Path) -> None:
    members = [member for member in TREE if member.name != "dev/disk"]
    world = world_of(tmp_path / "a", cpio_bytes(*members, magic=b"070707"))
    assert world.read(b"/etc/deep/er/conf") == b"conf\n" * 30000
    assert world.stat(b"/bin/again").ino == world.stat(b"/bin/tool").ino
    assert world.stat(b"/dev/null").rdev == makedev(1, 3)


@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("form", ["pax", "newc"])
def test_compressed(form: str, packer: str, tmp_path: Path) -> None:
    big = os.urandom((1 << 20) + 70000)
    packed = PACKERS[packer](FORMATS[form](*TREE, Member("big", data=big)))
    world = world_of(tmp_path / "a", packed)
    assert world.read(b"/big") == big
    assert world.open(b"/big").pread(10, (1 << 20) - 5) == big[(1 << 20) - 5 : (1 << 20) + 5]
    assert world.read(b"/bin/tool") == b"#!tool\n"


def test_streams_one_after_another_are_one_archive(tmp_path: Path) -> None:
    data = tar_bytes(*TREE)
    for pack in (gzip.compress, bz2.compress, lzma.compress):
        world = world_of(tmp_path / "a", pack(data[:1000]) + pack(data[1000:]))
        assert world.read(b"/bin/tool") == b"#!tool\n"
    world = world_of(tmp_path / "a", lzma.compress(data[:1000]) + bytes(8) + lzma.compress(data[1000:]) + bytes(4))
    assert world.read(b"/bin/tool") == b"#!tool\n"


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="this Python reads zstd")
def test_zstd_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("compression.zstd", "backports.zstd"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(BadArchive, match="zstd -d"):
        opened(tmp_path / "a", b"\x28\xb5\x2f\xfd" + bytes(100))


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_names(form: int, tmp_path: Path) -> None:
    name, target = "/".join(["d" * 200] * 10), "t/" * 1000 + "end"
    members = (Member(name, data=b"x"), Member("link", 0o120777, target=target), Member("hard", link=name))
    world = world_of(tmp_path / "a", tar_bytes(*members, form=form))
    assert world.read(b"/" + name.encode()) == b"x"
    assert world.stat(b"/hard").nlink == 2
    assert world.path(b"/link", follow=False).inode.readlink() == target.encode()


@pytest.mark.parametrize("form", FORMATS)
def test_names_are_bytes(form: str, tmp_path: Path) -> None:
    name = b"caf\xe9 \xff\x01\n"
    world = world_of(tmp_path / "a", FORMATS[form](Member(name.decode("utf-8", "surrogateescape"), data=b"x")))
    assert world.names(b"/") == [name]


def test_pax_times_owners_and_attributes(tmp_path: Path) -> None:
    pax = {"mtime": "1700000000.123456789", "atime": "-1.5", "uid": "3000000", "gid": "3000001",
           "SCHILY.xattr.user.mime": "text/\udcff", "SCHILY.xattr.security.capability": "\x01\x00\x00\x02",
           "LIBARCHIVE.xattr.user.%20x": "AAEC", "SCHILY.xattr.system.posix_acl_access": "\x02"}
    for overlay in (False, True):
        world = world_of(tmp_path / "a", tar_bytes(Member("f", pax=pax)), overlay=overlay)
        stat = world.stat(b"/f")
        assert (stat.mtime_ns, stat.atime_ns) == (1_700_000_000_123_456_789, -1_500_000_000)
        assert (stat.uid, stat.gid) == (3000000, 3000001)
        inode = world.path(b"/f").inode
        assert inode.listxattr() == [b"user.mime", b"security.capability", b"user. x"]
        assert inode.getxattr(b"user.mime") == b"text/\xff"
        assert inode.getxattr(b"security.capability") == b"\x01\x00\x00\x02"
        assert inode.getxattr(b"user. x") == b"\x00\x01\x02"
        assert world.error(inode.getxattr, b"user.none") is ENODATA


def test_a_global_header_counts_for_all_that_follow(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT, pax_headers={"uid": "7", "mtime": "9"}) as tar:
        tar.addfile(tarfile.TarInfo("f"))
    world = world_of(path, path.read_bytes())
    assert (world.stat(b"/f").mtime_ns, world.stat(b"/f").uid) == (9 * 10**9, 7)


def sparse_member(size: int, pieces: list[tuple[int, bytes]]) -> bytes:
    """A member in GNU tar's sparse format 1.0: the map, then the pieces."""
    numbers = [len(pieces), *(number for offset, data in pieces for number in (offset, len(data)))]
    text = b"".join(b"%d\n" % number for number in numbers)
    stored = text.ljust(-(-len(text) // 512) * 512, b"\0") + b"".join(data for _, data in pieces)
    pax = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "holes",
           "GNU.sparse.realsize": str(size)}
    return tar_bytes(Member("GNUSparseFile.0/holes", data=stored, pax=pax))


@pytest.mark.parametrize("overlay", [False, True], ids=["bare", "overlay"])
def test_sparse(overlay: bool, tmp_path: Path) -> None:
    size = 1 << 40
    pieces = [(0, b"a" * 512), (1 << 20, b"b" * 1024), (size - 4096, b"c" * 700)]
    world = world_of(tmp_path / "a", sparse_member(size, pieces), overlay=overlay)
    assert world.stat(b"/holes").size == size
    assert world.stat(b"/holes").blocks < 100
    file = world.open(b"/holes")
    assert file.pread(600, 0) == b"a" * 512 + bytes(88)
    assert file.pread(4, 1 << 30) == bytes(4)
    assert file.pread(1100, (1 << 20) - 50) == bytes(50) + b"b" * 1024 + bytes(26)
    assert file.pread(5000, size - 4096) == b"c" * 700 + bytes(3396)
    assert [file.seek(at, SEEK_DATA) for at in (0, 600, 1 << 30)] == [0, 1 << 20, size - 4096]
    assert [file.seek(at, SEEK_HOLE) for at in (0, 600, (1 << 20) + 5)] == [512, 600, (1 << 20) + 1024]
    assert file.seek(size - 4000, SEEK_HOLE) == size - 3396
    assert world.error(file.seek, size - 10, SEEK_DATA) is ENXIO
    file.put()
    if overlay:
        file = world.open(b"/holes", O_RDWR)
        assert file.pwrite(b"new", 1 << 30) == 3       # takes the data over, not the holes
        assert file.pread(3, 1 << 20) == b"bbb"
        assert file.pread(3, size - 4096) == b"ccc"
        assert world.stat(b"/holes").blocks < 200
        file.put()


@pytest.mark.skipif(shutil.which("tar") is None, reason="no tar on this host")
@pytest.mark.parametrize("form", ["gnu", "posix"])
def test_a_sparse_file_of_the_hosts_tar(form: str, tmp_path: Path) -> None:
    with open(tmp_path / "holes", "wb") as out:
        for piece in range(40):
            out.seek(piece << 20)
            out.write(b"%d\n" % piece)
        out.truncate(50 << 20)
    command = ["tar", "--sparse", f"--format={form}", "-cf", "a.tar", "holes"]
    if subprocess.run(command, cwd=tmp_path, check=False, capture_output=True).returncode:
        pytest.skip("the host's tar knows no sparse files")
    world = world_of(tmp_path / "b", (tmp_path / "a.tar").read_bytes())
    assert world.stat(b"/holes").size == 50 << 20
    file = world.open(b"/holes")
    assert [file.pread(5, piece << 20).split(b"\n")[0] for piece in range(40)] == [b"%d" % n for n in range(40)]


def test_cpio_links_whose_data_comes_last(tmp_path: Path) -> None:
    data = cpio_bytes(Member("one"), Member("two", link="one"), Member("three", link="one", data=b"late"))
    world = world_of(tmp_path / "a", data)
    assert [world.read(name) for name in (b"/one", b"/two", b"/three")] == [b"late"] * 3
    assert world.stat(b"/one").nlink == 3


def test_cpio_archives_one_after_another(tmp_path: Path) -> None:
    first, second = cpio_bytes(Member("f", data=b"1"), Member("g")), cpio_bytes(Member("f", data=b"second"))
    world = world_of(tmp_path / "a", first + bytes(512 - len(first) % 512) + second + bytes(99))
    assert world.read(b"/f") == b"second"
    assert world.names(b"/") == [b"f", b"g"]


def test_a_later_member_counts(tmp_path: Path) -> None:
    world = world_of(tmp_path / "a", tar_bytes(
        Member("d/", 0o040755), Member("d/kept"), Member("f", data=b"old"), Member("hard", link="f"),
        Member("f", data=b"new"), Member("d/", 0o040700), Member("s", 0o120777, target="d"), Member("s/", 0o040755),
    ))  # fmt: skip
    assert (world.read(b"/f"), world.read(b"/hard")) == (b"new", b"old")
    assert world.stat(b"/hard").nlink == 1
    assert world.stat(b"/d").mode & 0o777 == 0o700
    assert world.names(b"/d") == [b"kept"]
    assert world.stat(b"/s", follow=False).mode == S_IFDIR | 0o755
    assert world.stat(b"/").nlink == 4


def test_nothing_can_be_written(tmp_path: Path) -> None:
    world = world_of(tmp_path / "a", tar_bytes(*TREE))
    assert world.error(world.mkdir, b"/new") is EROFS
    assert world.error(world.unlink, b"/bin/tool") is EROFS
    assert world.error(world.open, b"/bin/tool", O_RDWR) is EROFS
    assert world.error(world.chmod, b"/bin/tool", 0) is EROFS


def test_over_it_everything_can(tmp_path: Path) -> None:
    path = tmp_path / "a"
    before = tar_bytes(*TREE)
    world = world_of(path, before, overlay=True)
    world.write(b"/bin/tool", b"changed")
    world.rename(b"/etc/deep", b"/moved")
    world.unlink(b"/empty")
    assert world.read(b"/bin/again") == b"changed"
    assert world.read(b"/moved/er/conf")[:5] == b"conf\n"
    assert path.read_bytes() == before


def test_an_archive_cut_off_while_it_is_mounted_gives_an_io_error(tmp_path: Path) -> None:
    path = tmp_path / "a"
    for overlay in (False, True):
        world = world_of(path, tar_bytes(Member("f", data=bytes(100000))), overlay=overlay)
        os.truncate(path, 4096)
        assert world.error(world.read, b"/f") is EIO


def test_a_snapshot_opens_it_again(tmp_path: Path) -> None:
    for data in (tar_bytes(*TREE), gzip.compress(tar_bytes(*TREE))):
        again = pickle.loads(pickle.dumps(opened(tmp_path / "a", data)))
        world = World(again)
        assert world.read(b"/bin/again") == b"#!tool\n"


def test_statfs(tmp_path: Path) -> None:
    facts = opened(tmp_path / "a", tar_bytes(*TREE)).statfs()
    assert (facts.files, facts.ffree, facts.bfree) == (15, 0, 0)
    assert facts.blocks >= 30
