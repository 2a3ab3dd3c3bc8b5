"""Archives that mean harm, are damaged, or are none: a line that says so, nothing else, and nothing on the host."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rvsim.guest_os.abi.errno import Errno
from rvsim.guest_os.fs.archive_entry import BadArchive
from rvsim.guest_os.fs.archive_tree import open_archive
from rvsim.guest_os.fs.overlay import OverlaySuperBlock
from rvsim.guest_os.vfs.inode import Inode
from rvsim.tests.fake_clock import FakeClock
from rvsim.tests.guest_os.fs.archives import LIMIT_BYTES, Member, cpio_bytes, opened, tar_bytes
from rvsim.tests.guest_os.fs.test_archive import sparse_member

HARM = {
    "upwards": ([Member("../../etc/passwd", data=b"x")], "leads upwards"),
    "upwards inside": ([Member("a/../b")], "leads upwards"),
    "through a link": ([Member("out", 0o120777, target="/etc"), Member("out/passwd", data=b"x")],
                       "leads through a symbolic link, 'out'"),
    "through a file": ([Member("f"), Member("f/g")], "leads through what is no directory"),
    "link outside": ([Member("f", link="../../etc/passwd")], "leads upwards"),
    "link to the host": ([Member("f", link="/etc/passwd")], "which is not in it"),
    "link to itself": ([Member("f", link="f")], "which is not in it"),
    "link through a link": ([Member("out", 0o120777, target="/etc"), Member("f", link="out/passwd")],
                            "which is not in it"),
    "link to a directory": ([Member("d/", 0o040755), Member("d/f", link="d")], "a hard link to a directory"),
    "directory and file": ([Member("d/", 0o040755), Member("d")], "is a directory, and then something else"),
    "directory and link": ([Member("f"), Member("d/", 0o040755), Member("d", link="f")],
                           "is a directory, and then something else"),
    "root that is a file": ([Member("./", data=b"x")], "its root is not a directory"),
    "long part": ([Member("n" * 256)], "more than 255 bytes"),
    "long name": ([Member("n/" * 2100)], "impossible name"),
    "long link": ([Member("l", 0o120777, target="t" * 4096)], "impossible text"),
    "link to nothing": ([Member("l", 0o120777)], "impossible text"),
    "user": ([Member("f", pax={"uid": "4294967295"})], "impossible user or group"),
    "negative user": ([Member("f", pax={"gid": "-2"})], "impossible user or group"),
    "attribute": ([Member("f", pax={"SCHILY.xattr.user.big": "x" * 65537})], "extended attribute too large"),
}  # fmt: skip


@pytest.mark.parametrize("case", HARM)
def test_harm_in_a_tar(case: str, tmp_path: Path) -> None:
    members, message = HARM[case]
    with pytest.raises(BadArchive, match=message) as caught:
        opened(tmp_path / "a", tar_bytes(*members))
    assert "\n" not in str(caught.value)
    assert os.listdir(tmp_path) == ["a"]


@pytest.mark.parametrize("case", ["upwards", "through a link", "through a file", "directory and file", "long part"])
def test_harm_in_a_cpio(case: str, tmp_path: Path) -> None:
    members, message = HARM[case]
    with pytest.raises(BadArchive, match=message):
        opened(tmp_path / "a", cpio_bytes(*members))


def test_names_from_the_root_stay_in_the_tree(tmp_path: Path) -> None:
    sb = opened(tmp_path / "a", tar_bytes(Member("/etc/passwd", data=b"x"), Member("//two", data=b"y")))
    assert [node.name for node in (sb.root.lookup(b"etc"), sb.root.lookup(b"two"))] == [b"etc", b"two"]


def test_an_unknown_kind(tmp_path: Path) -> None:
    data = bytearray(tar_bytes(Member("f")))
    data[156:157] = b"M"                   # the rest of a file that began on another tape
    with pytest.raises(BadArchive, match="of the kind 'M'"):
        opened(tmp_path / "a", summed(data))


def test_an_impossible_device(tmp_path: Path) -> None:
    with pytest.raises(BadArchive, match=r"has the number 4096:0"):
        opened(tmp_path / "a", tar_bytes(Member("d", 0o020600, device=(4096, 0))))


def summed(header: bytearray) -> bytes:
    """With the first header's checksum made right."""
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header[:512])
    return bytes(header)


def sized(data: bytes, size: bytes) -> bytes:
    """With the first header's size field changed."""
    header = bytearray(data)
    header[124:136] = size
    return summed(header)


@pytest.mark.parametrize(
    ("size", "message"),
    [
        (b"77777777777\0", "unexpected end of data"),
        (b"\x80" + (1 << 62).to_bytes(11, "big"), "unexpected end of data"),
        (b"\xff" * 8 + (-512 & 0xFFFF_FFFF).to_bytes(4, "big"), "leads backwards"),
        (b"\xff" * 9 + b"\xfe\x00\x00", "leads backwards"),
        (b"not a number", "invalid header"),
    ],
)
def test_sizes_that_lie(size: bytes, message: str, tmp_path: Path) -> None:
    for name in ("f", "x" * 90):
        data = tar_bytes(Member(name, data=b"x" * 600), Member("g"))
        with pytest.raises(BadArchive, match=f"{message}|neither a directory nor"):
            opened(tmp_path / "a", sized(data, size))


def test_a_header_that_would_fill_memory(tmp_path: Path) -> None:
    """A PAX header of 8 GiB in a file that is all holes."""
    data = sized(tar_bytes(Member("f", pax={"comment": "x"})), b"%011o\0" % ((8 << 30) - 512))
    path = tmp_path / "a"
    path.write_bytes(data)
    os.truncate(path, 9 << 30)
    with pytest.raises(BadArchive, match="a header of 8589934080 bytes"):
        open_archive(bytes(path), FakeClock(), LIMIT_BYTES)


def test_long_names_that_announce_each_other(tmp_path: Path) -> None:
    one = bytearray(512)
    one[:13] = b"././@LongLink"
    one[100:108], one[124:136], one[156:157] = b"0000644\0", b"00000000002\0", b"L"
    one[257:265] = b"ustar  \0"
    member = summed(one) + b"a\0".ljust(512, b"\0")
    with pytest.raises(BadArchive, match="it is damaged"):
        opened(tmp_path / "a", member * 5000)


@pytest.mark.parametrize(
    "pieces", [[(4096, b"a"), (0, b"b")], [(0, b"a" * 100), (50, b"b")], [(1 << 30, b"a")]], ids=str
)
def test_maps_of_sparse_files_that_make_no_sense(pieces: list[tuple[int, bytes]], tmp_path: Path) -> None:
    with pytest.raises(BadArchive, match="sparse file"):
        opened(tmp_path / "a", sparse_member(1 << 20, pieces))


def test_a_hole_without_end(tmp_path: Path) -> None:
    """The guest may write into the largest file there can be."""
    sb = opened(tmp_path / "a", sparse_member((1 << 63) - 1, [(0, b"a"), ((1 << 62), b"b")]))
    inode = OverlaySuperBlock(sb, FakeClock()).root.lookup(b"holes").inode
    assert inode.write_at(5, b"x") == 1
    assert (inode.read_at(0, 6), inode.read_at(1 << 62, 1)) == (b"a\0\0\0\0x", b"b")
    with pytest.raises(BadArchive, match="claims to have"):
        opened(tmp_path / "a", sparse_member(1 << 63, [(0, b"a")]))


def test_no_archive_unpacks_beyond_the_limit(tmp_path: Path) -> None:
    bomb = tar_bytes(Member("f", data=bytes(40 << 20)))
    for packed in (gzip.compress(bomb), bz2.compress(bomb), lzma.compress(bomb, preset=0)):
        assert len(packed) < 1 << 20
        with pytest.raises(BadArchive, match="it unpacks to more than the machine's memory, 8 MiB"):
            opened(tmp_path / "a", packed, 8 << 20)


def test_a_tree_has_its_limit_too(tmp_path: Path) -> None:
    data = tar_bytes(*(Member(f"{number}/") for number in range(2000)))
    with pytest.raises(BadArchive, match="its tree does not fit"):
        opened(tmp_path / "a", data, 1 << 20)
    deep = tar_bytes(*(Member(f"{number}/" + "d/" * 1000) for number in range(10)))
    with pytest.raises(BadArchive, match="its tree does not fit"):
        opened(tmp_path / "a", deep, 1 << 20)


@pytest.mark.parametrize("make", [tar_bytes, cpio_bytes], ids=["tar", "cpio"])
def test_cut_off_anywhere(make: Any, tmp_path: Path) -> None:
    """An end in the middle of a header or of data is an error; a tar may end after any member's data."""
    whole = make(Member("f", data=b"x" * 700), Member("d/", 0o040755), Member("l", 0o120777, target="f"))
    for length in range(0, 2560 if make is tar_bytes else len(whole), 37):
        if make is tar_bytes and 512 + 700 <= length <= 512 + 1024:
            assert opened(tmp_path / "a", whole[:length]).root.lookup(b"f").inode.size == 700
            continue
        with pytest.raises(BadArchive):
            opened(tmp_path / "a", whole[:length])


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress], ids=["gzip", "bzip2", "xz"])
def test_compressed_data_that_is_damaged(pack: Any, tmp_path: Path) -> None:
    packed = pack(tar_bytes(Member("f", data=os.urandom(5000))))
    for length in range(7, len(packed) - 1, 501):
        with pytest.raises(BadArchive, match="ends too early"):
            opened(tmp_path / "a", packed[:length])
    middle = len(packed) // 2
    with pytest.raises(BadArchive, match=r"damaged|ends too early"):
        opened(tmp_path / "a", packed[:middle] + bytes(64) + packed[middle + 64 :])
    with pytest.raises(BadArchive, match="damaged"):
        opened(tmp_path / "a", packed + b"garbage")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "it is empty"), (b"x", "neither a directory nor"), (bytes(10240), "it has no members"),
        (b"\x7fELF" + bytes(2000), "neither a directory nor"), (b"070701", "in the middle of a header"),
        (b"070707" + b"9" * 70, "no cpio header"), (cpio_bytes(Member("f"), trailer=False), "middle of a header"),
        (cpio_bytes(Member("f")) + b"\x1f\x8b", "something that is no cpio archive"),
    ],
)  # fmt: skip
def test_no_archive(data: bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(BadArchive, match=message):
        opened(tmp_path / "a", data)


def test_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        for name, error in (("fifo", BadArchive), ("socket", OSError), ("none", OSError)):
            with pytest.raises(error):
                open_archive(bytes(tmp_path / name), FakeClock(), LIMIT_BYTES)


def everything(directory: Inode) -> Iterator[Inode]:
    """Every inode of a tree."""
    waiting = [directory]
    while waiting:
        here = waiting.pop()
        yield here
        if here.is_dir:
            waiting += [here.lookup(name) for _, name, _, _ in here.readdir(2)]


def look(root: Inode) -> None:
    """Look at everything below it: whatever it says must fit."""
    for inode in everything(root):
        stat = inode.stat()
        assert 0 <= stat.size < 1 << 63
        struct.pack("<qq", stat.mtime_ns // 10**9, stat.atime_ns // 10**9)
        for name in inode.listxattr():
            inode.getxattr(name)
        with suppress(Errno):
            inode.readlink()
        with suppress(Errno):
            inode.read_at(0, 1 << 16)
            inode.read_at(max(stat.size - 10, 0), 1 << 16)


def use(data: bytes, path: Path) -> None:
    """Open what may be an archive, and look at everything in it and over it."""
    with suppress(BadArchive):
        sb = opened(path, data, 1 << 20)
        for root in (sb.root.inode, OverlaySuperBlock(sb, FakeClock()).root.inode):
            look(root)


SEEDS = [
    tar_bytes(Member("d/", 0o040755), Member("d/f", data=b"x" * 700), Member("l", 0o120777, target="d/f"),
              Member("h", link="d/f"), Member("n" * 150, data=b"y", pax={"mtime": "1.5", "SCHILY.xattr.user.a": "b"})),
    tar_bytes(Member("long/" * 40 + "f", data=b"x"), Member("c", 0o020600, device=(1, 3)), form=1),
    sparse_member(1 << 20, [(0, b"a" * 512), (1 << 19, b"b" * 100)]),
    cpio_bytes(Member("d/", 0o040755), Member("d/f", data=b"x" * 70), Member("h", link="d/f"),
               Member("l", 0o120777, target="d/f")),
    cpio_bytes(Member("f", data=b"x"), Member("p", 0o010600), magic=b"070707"),
]  # fmt: skip
PAX_RECORDS = [
    b"18 path=x/../../y\n", b"11 size=-1\n", b"12 size=1e9\n", b"12 path=a\0b\n", b"28 GNU.sparse.map=0,1,0,1,9\n",
    b"22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n", b"13 mtime=nan\n", b"0 path=x\n",
    b"24 hdrcharset=\xff\xff\xff\xff\n",
]  # fmt: skip
FUZZ = settings(max_examples=200, deadline=None,
                suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@FUZZ
@given(data=st.data())
def test_changed_bytes(data: st.DataObject, tmp_path: Path) -> None:
    seed = bytearray(data.draw(st.sampled_from(SEEDS)))
    interesting = st.sampled_from([b"\0", b"\xff", b"\x80", b"7" * 11, b"9", b"-1", b"..", b"/", b"L", b"x", b"g", b"S",
                                   b"1", b"2", b"5", b"FFFFFFFF", b"\x80\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(seed) - 1))
        part = data.draw(interesting | st.binary(min_size=1, max_size=8))
        seed[at : at + len(part)] = part
    for start in range(0, len(seed) - 511, 512):       # else every change ends at a checksum
        header = seed[start : start + 512]
        if header[257:262] == b"ustar" and data.draw(st.booleans()):
            seed[start : start + 512] = summed(header)
    use(bytes(seed), tmp_path / "a")


@FUZZ
@given(data=st.data())
def test_fields_of_a_header(data: st.DataObject, tmp_path: Path) -> None:
    """One tar header, each field drawn, with a right checksum."""
    number = st.sampled_from([b"0000644\0", b"77777777", b"\xff" * 8, b"\x80" + bytes(6) + b"\x01", b"        "])
    long_number = st.sampled_from([b"00000000000\0", b"00000001000\0", b"\xff" * 12, b"\x80" + b"\xff" * 11, b"777 "])
    header = bytearray(512)
    header[0:100] = data.draw(st.binary(min_size=1, max_size=100)).ljust(100, b"\0")
    for at in (100, 108, 116, 329, 337):
        header[at : at + 8] = data.draw(number)
    for at in (124, 136):
        header[at : at + 12] = data.draw(long_number).ljust(12, b"\0")
    header[156:157] = data.draw(st.sampled_from([b"%c" % kind for kind in b"01234567LKSxgXDVMN\0"]))
    header[157:257] = data.draw(st.binary(max_size=100)).ljust(100, b"\0")
    header[257:265] = data.draw(st.sampled_from([b"ustar\00000", b"ustar  \0", bytes(8)]))
    header[345:500] = data.draw(st.binary(max_size=155)).ljust(155, b"\0")
    header[482:483] = data.draw(st.sampled_from([b"\0", b"\1"]))
    body = data.draw(st.binary(max_size=600) | st.sampled_from(PAX_RECORDS))
    body = body.ljust(-(-len(body) // 512) * 512, b"\0")
    use(summed(header) + body + data.draw(st.sampled_from(SEEDS[:3])), tmp_path / "a")


@FUZZ
@given(data=st.data())
def test_cpio_headers(data: st.DataObject, tmp_path: Path) -> None:
    field = st.integers(0, 0xFFFF_FFFF) | st.integers(0, 9) | st.sampled_from([0o100644, 0o120777, 0o040755, 0o170000])
    out = bytearray()
    for _ in range(data.draw(st.integers(1, 4))):
        name = data.draw(st.sampled_from([b"a", b"a/b", b".", b"../x", b"TRAILER!!!", b""])) + b"\0"
        values = [data.draw(field) for _ in range(13)]
        values[11] = data.draw(st.just(len(name)) | field)
        values[6] = data.draw(st.integers(0, 9) | field)
        out += b"070701" + b"".join(b"%08x" % value for value in values) + name
        out += bytes(-len(out) % 4) + data.draw(st.binary(max_size=12))
    use(bytes(out), tmp_path / "a")
