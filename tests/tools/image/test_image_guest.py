"""What programs in the guest see of an image, and that nothing of what they do stays."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rvsim.guest_os.abi.stat import S_IFREG
from rvsim.tests import guest
from rvsim.tests.guest_os.fs.archives import Member, tar_bytes
from rvsim.tests.tools.image.images import BLOCK, CHAR, FIFO, everything, folder, in_tar, oci, opened, symlink
from rvsim.tools.image.start import start_of

LOW = [
    folder("bin"), folder("d", 0o1777, uid=3, gid=4, mtime=1000), Member("d/low", data=b"low\n", mtime=2000),
    symlink("to_d", "/d"), symlink("nowhere", "none"), Member("one", data=b"linked"), Member("two", link="one"),
    Member("null", CHAR | 0o666, device=(1, 3)), Member("disk", BLOCK, device=(8, 1), uid=0, gid=6),
    Member("pipe", FIFO), Member("su", 0o104711, uid=1234, gid=5678, data=b"x" * 5000), Member("gone"),
    Member("attributes", pax={"SCHILY.xattr.user.a": "value", "SCHILY.xattr.user.b": ""}),
    Member("old", pax={"mtime": "12.000000345"}),
]  # fmt: skip
HIGH = [Member(".wh.gone"), Member("d/.wh.none"), Member("d/high", data=b"high\n"), Member("three", link="two")]
SEEN = """\
null c 0666 1 0:0 0 0.0 1,3
disk b 0640 1 0:6 0 0.0 8,1
pipe p 0644 1 0:0 0 0.0
su f 4711 1 1234:5678 5000 0.0
one f 0644 3 0:0 6 0.0 =linked
three f 0644 3 0:0 6 0.0 =linked
d d 1777 2 3:4 4096 1000.0
d/low f 0644 1 0:0 4 2000.0 =low
to_d l 0777 1 0:0 2 0.0 ->/d
nowhere l 0777 1 0:0 4 0.0 ->none
to_d/high f 0644 1 0:0 5 0.0 =high
old f 0644 1 0:0 0 12.345
gone: No such file or directory
attributes f 0644 1 0:0 0 0.0 user.a=value user.b=
"""


@pytest.fixture
def image(tmp_path: Path) -> Path:
    program = guest.musl_program("image_seen.c").read_bytes()
    low = [*LOW, Member("bin/seen", S_IFREG | 0o755, data=program)]
    return in_tar(tmp_path / "image.tar", oci(tar_bytes(*low), tar_bytes(*HIGH), config={"Entrypoint": ["seen"]}))


def seen(path: Path, cache: Path, *words: str) -> str:
    start = start_of(opened(path, cache), [os.fsencode(word) for word in words])
    result = guest.run(start.argv[0].decode(), *start.argv[1:], root=start.root, env=start.env, image=start.image)
    assert result.status == 0, result.output + result.errors
    return result.output.decode()


def test_calls_see_what_the_layers_say(image: Path, tmp_path: Path) -> None:
    names = [line.split()[0].rstrip(":") for line in SEEN.splitlines()]
    assert seen(image, tmp_path / "cache", "show", *names) == SEEN
    assert seen(image, tmp_path / "cache", "same", "one", "three") == "one file\n"
    assert sorted(seen(image, tmp_path / "cache", "list", "d").split()) == [".", "..", "high:f", "low:f"]


def test_two_runs_see_the_same_and_nothing_stays(image: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    before = image.read_bytes()
    first = seen(image, cache, "change")
    kept = everything(cache)
    assert first == "changed\n"
    assert seen(image, cache, "change") == first
    names = [line.split()[0].rstrip(":") for line in SEEN.splitlines()]
    assert seen(image, cache, "show", *names) == SEEN
    assert (everything(cache), image.read_bytes()) == (kept, before)
