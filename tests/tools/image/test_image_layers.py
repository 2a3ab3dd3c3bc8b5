"""What layers come to. OCI image specification, "Image Layer Filesystem Changeset": sections are named where they rule.

`test_image_umoci.py` asks another program the same of random layers.
"""

from __future__ import annotations

import itertools
import stat
from collections.abc import Sequence
from pathlib import Path

import pytest

from rvsim.guest_os.abi.errno import ENODATA, ENOENT
from rvsim.tests.guest_os.fs.archives import Member, tar_bytes
from rvsim.tests.guest_os.fs.test_archive import sparse_member
from rvsim.tests.tools.image.images import (
    BLOCK,
    CHAR,
    FIFO,
    at,
    content,
    folder,
    in_tar,
    laid,
    listed,
    oci,
    opened,
    symlink,
    tree,
)

BASE = [folder("a"), Member("a/1", data=b"1"), Member("a/2", data=b"2"), folder("a/b"), Member("a/b/3", data=b"3"),
        Member("f", data=b"f"), symlink("l", "a")]


# ---- "Whiteouts", "Opaque Whiteout"

def test_a_whiteout_takes_a_file_away(tmp_path: Path) -> None:
    root = laid(tmp_path, BASE, [folder("a"), Member("a/.wh.1"), Member(".wh.f")])
    assert (listed(root), listed(root, "a")) == (["a", "l"], ["2", "b"])
    with pytest.raises(ENOENT):
        at(root, "a/1")


def test_a_whiteout_takes_a_directory_with_all_in_it(tmp_path: Path) -> None:
    root = laid(tmp_path, BASE, [Member(".wh.a")])
    assert listed(root) == ["f", "l"]
    root = laid(tmp_path, BASE, [Member(".wh.a")], [folder("a"), Member("a/new")])
    assert listed(root, "a") == ["new"]


@pytest.mark.parametrize("order", [*itertools.permutations(range(3))])
def test_a_whiteout_spares_its_own_layer_wherever_it_stands(order: Sequence[int], tmp_path: Path) -> None:
    """"Whiteout files MUST only apply to resources in lower/parent layers"; the order in the archive says nothing."""
    members = [Member(".wh.a"), folder("a", 0o700), Member("a/new", data=b"n")]
    root = laid(tmp_path, BASE, [members[number] for number in order])
    assert (listed(root, "a"), stat.S_IMODE(at(root, "a").mode)) == (["new"], 0o700)


@pytest.mark.parametrize("order", [*itertools.permutations(range(3))])
def test_an_opaque_whiteout_spares_its_own_layer_too(order: Sequence[int], tmp_path: Path) -> None:
    """What is below it in lower layers is gone, what comes with it stays."""
    members = [Member("a/.wh..wh..opq"), Member("a/1", data=b"new"), folder("a/sub")]
    root = laid(tmp_path, BASE, [folder("a", 0o711), *(members[number] for number in order)])
    assert (sorted(listed(root, "a")), content(root, "a/1")) == (["1", "sub"], b"new")
    assert stat.S_IMODE(at(root, "a").mode) == 0o711


def test_both_kinds_of_whiteout_come_to_the_same(tmp_path: Path) -> None:
    by_name = laid(tmp_path, BASE, [folder("a"), Member("a/.wh.1"), Member("a/.wh.2"), Member("a/.wh.b")])
    opaque = laid(tmp_path, BASE, [folder("a"), Member("a/.wh..wh..opq")])
    assert listed(by_name, "a") == listed(opaque, "a") == []


def test_an_opaque_root(tmp_path: Path) -> None:
    assert listed(laid(tmp_path, BASE, [Member(".wh..wh..opq"), Member("only")])) == ["only"]


def test_whiteouts_of_nothing(tmp_path: Path) -> None:
    nothing = [Member(".wh.none"), Member("none/.wh.none"), Member("none/.wh..wh..opq"), Member("f/.wh.x"),
               Member("f/.wh..wh..opq")]
    root = laid(tmp_path, BASE, nothing)
    assert (listed(root), content(root, "f")) == (["a", "f", "l"], b"f")
    assert listed(laid(tmp_path, nothing)) == []


def test_a_whiteout_of_a_link_takes_the_link(tmp_path: Path) -> None:
    root = laid(tmp_path, BASE, [Member(".wh.l")])
    assert (listed(root), listed(root, "a")) == (["a", "f"], ["1", "2", "b"])


def test_a_whiteout_reaches_through_a_link_of_a_lower_layer(tmp_path: Path) -> None:
    assert listed(laid(tmp_path, BASE, [Member("l/.wh.1")]), "a") == ["2", "b"]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0)])
def test_a_whiteout_in_a_directory_that_takes_a_links_place(order: Sequence[int], tmp_path: Path) -> None:
    """It is of what is below that name, and that is no directory; where the link leads, nothing changes."""
    members = [folder("l"), Member("l/.wh..wh..opq"), Member("l/.wh.1")]
    root = laid(tmp_path, BASE, [members[number] for number in order])
    assert (listed(root, "l"), listed(root, "a")) == ([], ["1", "2", "b"])


def test_a_whiteout_where_a_lower_layer_has_a_circle(tmp_path: Path) -> None:
    root = laid(tmp_path, [symlink("c", "c")],
                [folder("c"), Member("c/.wh..wh..opq"), Member("c/.wh.x"), Member("c/f")])
    assert listed(root, "c") == ["f"]


def test_a_whiteout_is_never_a_file(tmp_path: Path) -> None:
    """"Files that are present in the same layer as a whiteout file can only be hidden by … subsequent layers"; and the
    prefix is the specification's own: members of aufs's are no files either."""
    root = laid(tmp_path, [Member(".wh.x", data=b"data"), Member(".wh..wh.aufs"), folder(".wh..wh.orph"),
                           folder(".wh..wh.plnk"), Member(".wh..wh.plnk/1.2", data=b"x"), Member("x"),
                           Member("y", link=".wh..wh.plnk/1.2")])
    assert (listed(root), content(root, "y"), at(root, "y").nlink) == (["x", "y"], b"x", 1)


def test_what_was_taken_away_comes_back(tmp_path: Path) -> None:
    root = laid(tmp_path, BASE, [Member(".wh.f")], [Member("f", data=b"again")])
    assert content(root, "f") == b"again"


# ---- "Change Types": additions and modifications

def test_kinds_replace_each_other(tmp_path: Path) -> None:
    root = laid(tmp_path, BASE, [Member("a", data=b"file"), folder("f"), Member("f/in", data=b"in"), folder("l")])
    assert (content(root, "a"), content(root, "f/in"), listed(root, "l")) == (b"file", b"in", [])
    root = laid(tmp_path, BASE, [symlink("a", "f")])
    assert at(root, "a").readlink() == b"f"


def test_a_directory_keeps_what_is_in_it_and_takes_the_new_facts(tmp_path: Path) -> None:
    root = laid(tmp_path, BASE, [folder("a", 0o1770, uid=5, gid=6, mtime=77)])
    found = at(root, "a")
    assert (stat.S_IMODE(found.mode), found.uid, found.gid, found.mtime_ns) == (0o1770, 5, 6, 77 * 10**9)
    assert listed(root, "a") == ["1", "2", "b"]


def test_a_file_is_replaced_with_all_its_facts(tmp_path: Path) -> None:
    low = Member("f", 0o104755, data=b"long data", uid=7, pax={"SCHILY.xattr.user.a": "b"})
    root = laid(tmp_path, [low], [Member("f", 0o100600, data=b"x")])
    found = at(root, "f")
    assert (found.mode, found.uid, found.size, found.listxattr()) == (0o100600, 0, 1, [])


def test_a_member_that_comes_twice(tmp_path: Path) -> None:
    """The last one counts, as for tar."""
    assert content(laid(tmp_path, [Member("f", data=b"1"), Member("f", data=b"2")]), "f") == b"2"


def test_directories_that_no_member_makes(tmp_path: Path) -> None:
    found = at(laid(tmp_path, [Member("not/named/f")]), "not/named")
    assert (found.mode, found.uid, found.nlink) == (0o040755, 0, 2)


def test_the_root_has_facts_too(tmp_path: Path) -> None:
    root = laid(tmp_path, BASE, [Member("./", 0o040700, uid=3), Member("./f", data=b"dot")])
    assert (root.mode, root.uid, content(root, "f")) == (0o040700, 3, b"dot")


# ---- links

def test_a_path_through_a_link_of_a_lower_layer(tmp_path: Path) -> None:
    """As on the system where the layer was made; /bin is a link in every Debian image."""
    low = [folder("usr"), folder("usr/bin"), symlink("bin", "usr/bin"), symlink("abs", "/usr/bin")]
    root = laid(tmp_path, low, [Member("bin/sh", data=b"sh"), Member("abs/ls", data=b"ls")])
    assert listed(root, "usr/bin") == ["sh", "ls"]
    assert at(root, "bin").readlink() == b"usr/bin"


def test_a_directory_member_replaces_a_link(tmp_path: Path) -> None:
    low = [folder("usr"), folder("usr/bin"), symlink("bin", "usr/bin")]
    root = laid(tmp_path, low, [folder("bin"), Member("bin/sh")])
    assert (listed(root, "bin"), listed(root, "usr/bin")) == (["sh"], [])


@pytest.mark.parametrize("target", ["../../out", "/../../out", "out/../../../out"])
def test_links_upwards_end_at_the_root(target: str, tmp_path: Path) -> None:
    root = laid(tmp_path, [folder("out"), folder("a"), symlink("a/l", target)], [Member("a/l/f", data=b"in")])
    assert content(root, "out/f") == b"in"


def test_hard_links_in_a_layer(tmp_path: Path) -> None:
    """"Hardlinks": a member of type link to a name that came before."""
    root = laid(tmp_path, [Member("f", 0o100640, data=b"x", uid=9), Member("g", link="f"), Member("h", link="./g")])
    inodes = {id(at(root, name)) for name in ("f", "g", "h")}
    assert len(inodes) == 1
    assert (at(root, "h").nlink, at(root, "h").uid, content(root, "g")) == (3, 9, b"x")
    assert len({ino for ino, *_ in root.readdir(2)} | {1}) == len(list(root.readdir(2))) + 1


def test_a_hard_link_to_a_lower_layer(tmp_path: Path) -> None:
    root = laid(tmp_path, [Member("f", data=b"low")], [Member("g", link="f")], [Member(".wh.f")])
    assert (listed(root), content(root, "g"), at(root, "g").nlink) == (["g"], b"low", 1)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_hard_link_to_what_its_layer_takes_away(order: Sequence[int], tmp_path: Path) -> None:
    members = [Member(".wh.f"), Member("g", link="f")]
    root = laid(tmp_path, [Member("f", data=b"low")], [members[number] for number in order])
    assert (listed(root), content(root, "g"), at(root, "g").nlink) == (["g"], b"low", 1)


def test_a_hard_link_where_a_lower_layer_has_a_circle(tmp_path: Path) -> None:
    root = laid(tmp_path, [symlink("c", "c")], [folder("c"), Member("c/f", data=b"x"), Member("g", link="c/f")])
    assert content(root, "g") == b"x"


def test_a_name_that_is_replaced_leaves_the_others(tmp_path: Path) -> None:
    root = laid(tmp_path, [Member("f", data=b"old"), Member("g", link="f")], [Member("f", data=b"new")])
    assert (content(root, "f"), content(root, "g"), at(root, "g").nlink) == (b"new", b"old", 1)


def test_a_hard_link_to_a_symbolic_link(tmp_path: Path) -> None:
    root = laid(tmp_path, [symlink("l", "nowhere"), Member("m", link="l")])
    assert (at(root, "m").readlink(), at(root, "m").nlink) == (b"nowhere", 2)


# ---- what a member can be; "File Types", "File Attributes"

def test_facts(tmp_path: Path) -> None:
    root = laid(tmp_path, [
        Member("null", CHAR, device=(1, 3)), Member("disk", BLOCK, device=(259, 70000)), Member("pipe", FIFO),
        Member("su", 0o104755, uid=0, gid=42), Member("sg", 0o102755), Member("old", mtime=0),
        Member("when", pax={"mtime": "1234567890.123456789", "atime": "5.5"}), Member("before", pax={"mtime": "-1.5"}),
        Member("big id", uid=4_000_000_000, gid=3_000_000),
    ])  # fmt: skip
    modes = {name: at(root, name).mode for name in ("null", "disk", "pipe", "su", "sg")}
    assert modes == {"null": 0o020644, "disk": 0o060640, "pipe": 0o010644, "su": 0o104755, "sg": 0o102755}
    assert (at(root, "null").rdev, at(root, "disk").rdev) == (0x103, 0x11110370)
    assert (at(root, "su").gid, at(root, "big id").uid, at(root, "big id").gid) == (42, 4_000_000_000, 3_000_000)
    assert (at(root, "when").mtime_ns, at(root, "when").atime_ns) == (1234567890_123456789, 5_500_000_000)
    assert (at(root, "old").mtime_ns, at(root, "before").mtime_ns) == (0, -1_500_000_000)


def test_extended_attributes(tmp_path: Path) -> None:
    capability = b"\1\0\0\2\0\4\0\0" + bytes(12)
    pax = {"SCHILY.xattr.security.capability": capability.decode("latin-1"), "SCHILY.xattr.user.text": "täxt",
           "SCHILY.xattr.system.posix_acl_access": "x", "SCHILY.xattr.user.empty": ""}
    root = laid(tmp_path, [Member("f", pax=pax), folder("d", pax={"SCHILY.xattr.user.d": "1"})])
    found = at(root, "f")
    assert found.getxattr(b"security.capability") == capability
    assert found.getxattr(b"user.text") == "täxt".encode()
    assert sorted(found.listxattr()) == [b"security.capability", b"user.empty", b"user.text"]
    assert at(root, "d").getxattr(b"user.d") == b"1"
    with pytest.raises(ENODATA):
        found.getxattr(b"user.none")


@pytest.mark.parametrize("form", [0, 1, 2], ids=["ustar", "gnu", "pax"])
def test_long_names(form: int, tmp_path: Path) -> None:
    """ustar splits a name in two, GNU tar and pax put it in front; so for the text of a link."""
    part = "n" * (95 if form == 0 else 255)
    deep = "/".join(["d" * 50] * (2 if form == 0 else 40))
    target = "t" * (100 if form == 0 else 3000)
    more = [Member("h", link=f"{deep}/{part}")] if form else []
    layer = tar_bytes(Member(f"{deep}/{part}", data=b"x"), symlink("l", target), *more, form=form)
    root = tree(opened(in_tar(tmp_path / "i", oci(layer)), tmp_path / "cache"))
    assert content(root, f"{deep}/{part}") == b"x"
    assert at(root, "l").readlink() == target.encode()
    if form:
        assert at(root, "h").nlink == 2


def test_names_that_are_no_text(tmp_path: Path) -> None:
    names = ["\udcff\udc80", "new\nline", "\x1b[31m", "ä", "tab\t", "*", " ", "-x"]
    root = laid(tmp_path, [Member(name, data=name.encode("utf-8", "surrogateescape")) for name in names])
    assert listed(root) == names
    for name in names:
        assert content(root, name) == name.encode("utf-8", "surrogateescape")


def test_files_with_holes(tmp_path: Path) -> None:
    layer = sparse_member(1 << 30, [(1 << 20, b"a" * 5000), (1 << 29, b"b")])
    root = tree(opened(in_tar(tmp_path / "i", oci(tar_bytes(Member("x", data=b"before"))[:1024] + layer)),
                       tmp_path / "cache"))
    found = at(root, "holes")
    assert (found.size, found.blocks()) == (1 << 30, 11)
    assert found.read_at((1 << 20) - 1, 3) == b"\0aa"
    assert found.read_at(1 << 29, 2) == b"b\0"
    assert (content(root, "x"), found.seek_data(0, False)) == (b"before", 1 << 20)


def test_bytes_come_from_the_right_layer(tmp_path: Path) -> None:
    layers = [[Member(f"f{number}", data=bytes([number]) * (number * 700))] for number in range(1, 40)]
    root = laid(tmp_path, *layers)
    for number in range(1, 40):
        assert content(root, f"f{number}") == bytes([number]) * (number * 700)


def test_numbers_of_links_of_directories(tmp_path: Path) -> None:
    root = laid(tmp_path, BASE, [folder("a/c"), Member(".wh.l"), folder("l/x")])
    assert (root.nlink, at(root, "a").nlink, at(root, "a/b").nlink, at(root, "l").nlink) == (4, 4, 2, 3)


@pytest.mark.parametrize("size", [1, 511, 512, 1000])
def test_a_layer_that_ends_with_its_last_byte(size: int, tmp_path: Path) -> None:
    """umoci 0.4 leaves away what fills the last block, and the two blocks of zeros behind it."""
    layer = tar_bytes(Member("f", data=b"x" * size))[: 512 + size]
    root = tree(opened(in_tar(tmp_path / "i", oci(layer)), tmp_path / "cache"))
    assert content(root, "f") == b"x" * size
