"""Random sequences of file operations do the same on the host and on every writable file system here."""

from __future__ import annotations

import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path as HostPath
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rvsim.guest_os.abi.fcntl import SEEK_END
from rvsim.guest_os.fs.archive_tree import open_archive
from rvsim.guest_os.fs.hostfs import HostSuperBlock
from rvsim.guest_os.fs.overlay import OverlaySuperBlock
from rvsim.guest_os.fs.tmpfs import TmpFs
from rvsim.guest_os.vfs.clock import Clock
from rvsim.guest_os.vfs.mount import MountTable
from rvsim.guest_os.vfs.super_block import MountOptions, SuperBlock
from rvsim.tests.fake_clock import FakeClock
from rvsim.tests.guest_os.fs.sides import GuestSide, HostSide, Operation, context_of, memory_directory

UMASK = 0o022



def protected() -> bool:
    """Whether the host forbids more in sticky directories than Linux does by itself. proc_sys_fs(5)"""
    settings = (HostPath("/proc/sys/fs") / f"protected_{what}" for what in ("symlinks", "regular", "fifos"))
    return any(setting.exists() and setting.read_text().strip() != "0" for setting in settings)


STICKY = 0o777 if protected() else 0o1777
NOW_NS = 1_700_000_000 * 10**9

SLOTS = st.integers(0, 2)
NAMES = st.sampled_from([
    b"a", b"b", b"d", b"e", b"s", b"d/a", b"d/b", b"d/e", b"d/e/a", b"s/a", b"none/a", b"a/x", b"./a", b"d/../b",
    b"d/", b"a/", b"s/", b"d/.", b"d/..", b".", b"d//a", b"", b"n" * 256, b"old", b"old/f", b"old/sub", b"old/sub/g",
    b"old/l",
])  # fmt: skip
TARGETS = st.sampled_from([b"a", b"d", b"d/a", b"d/e", b"../a", b"s", b"none", b"old", b"old/f", b"a/", b"d/", b"",
                           b"t" * 4095, b"t" * 4096])
MODES = st.sampled_from([
    0o644, 0o600, 0o755, 0o777, 0o000, 0o4755, 0o2755, 0o2644, 0o6777, STICKY, 0o444, 0o222, 0o111,
])  # fmt: skip
OPEN_FLAGS = st.tuples(
    st.sampled_from(["O_RDONLY", "O_WRONLY", "O_RDWR"]),
    st.sampled_from([(), ("O_CREAT",), ("O_CREAT", "O_EXCL"), ("O_TRUNC",), ("O_CREAT", "O_TRUNC"), ("O_APPEND",),
                     ("O_CREAT", "O_APPEND"), ("O_TMPFILE",), ("O_DIRECTORY",), ("O_NOFOLLOW",), ("O_PATH",),
                     ("O_CREAT", "O_NOFOLLOW"), ("O_TMPFILE", "O_EXCL"), ("O_PATH", "O_NOFOLLOW"),
                     ("O_DIRECTORY", "O_NOFOLLOW"), ("O_NOATIME",), ("O_CREAT", "O_EXCL", "O_TRUNC")]),
).map(lambda parts: (parts[0], *parts[1]))  # fmt: skip
DATA = st.sampled_from([b"", b"x", b"hello", b"0123456789" * 10, b"page" * 1024, b"big!" * 17000])
OFFSETS = st.sampled_from([0, 1, 5, 100, 4095, 4096, 5000, 65530, 65536, 70000, -1, -5])
SIZES = st.sampled_from([0, 1, 10, 4096, 70000])
LENGTHS = st.sampled_from([0, 1, 3, 4096, 5000, 65537, 100000, -1])
TIMES = st.none() | st.tuples(st.sampled_from([0, 5, 10**9, 123456789012]), st.sampled_from([0, 7, 10**9 + 1]))
IDS = st.sampled_from([-1, 0, 65534])
BOOLS = st.booleans()
FALLOCATE = st.sampled_from([0, 1, 3, 2])

# An operation that is listed twice comes twice as often.
OPERATIONS: list[tuple[str, tuple[st.SearchStrategy[Any], ...]]] = [
    ("open", (SLOTS, NAMES, OPEN_FLAGS, MODES)), ("open", (SLOTS, NAMES, OPEN_FLAGS, MODES)),
    ("open", (SLOTS, NAMES, st.just(("O_RDWR", "O_CREAT")), MODES)),
    ("close", (SLOTS,)), ("read", (SLOTS, SIZES)), ("write", (SLOTS, DATA)), ("write", (SLOTS, DATA)),
    ("pread", (SLOTS, SIZES, OFFSETS)), ("pwrite", (SLOTS, DATA, OFFSETS)),
    ("lseek", (SLOTS, OFFSETS, st.integers(0, 5))), ("ftruncate", (SLOTS, LENGTHS)),
    ("fallocate", (SLOTS, FALLOCATE, OFFSETS, LENGTHS)), ("fstat", (SLOTS,)), ("fchmod", (SLOTS, MODES)),
    ("listing", (SLOTS,)), ("linkfd", (SLOTS, NAMES)), ("mkdir", (NAMES, MODES)), ("mkdir", (NAMES, MODES)),
    ("mkfifo", (NAMES, MODES)), ("symlink", (TARGETS, NAMES)), ("link", (NAMES, NAMES, BOOLS)), ("unlink", (NAMES,)),
    ("rmdir", (NAMES,)), ("rename", (NAMES, NAMES, st.sampled_from([0, 0, 0, 1, 2, 3]))), ("readlink", (NAMES,)),
    ("rename", (NAMES, NAMES, st.just(0))), ("stat", (NAMES, BOOLS)), ("chmod", (NAMES, MODES)),
    ("chown", (NAMES, IDS, IDS, BOOLS)), ("utime", (NAMES, TIMES, BOOLS)), ("truncate", (NAMES, LENGTHS)),
    ("access", (NAMES, st.integers(0, 7))),
]  # fmt: skip
AS_ROOT = ("link", "linkfd")
"""Hosts differ in whose files a user may link (protected_hardlinks)."""
OPERATION = st.one_of([
    st.tuples(st.just(name), st.just(False) if name in AS_ROOT else BOOLS, st.tuples(*args))
    for name, args in OPERATIONS
])  # fmt: skip


class Now(FakeClock):
    """A clock that stands at a time of our days."""

    def __init__(self) -> None:
        self.now = NOW_NS


@pytest.fixture
def place() -> Iterator[HostPath]:
    """A directory that every user may enter."""
    top = HostPath(tempfile.mkdtemp(prefix="rvsim-", dir=memory_directory()))
    top.chmod(0o755)
    old = os.umask(UMASK)
    yield top
    os.umask(old)
    shutil.rmtree(top)


def plant(top: HostPath) -> None:
    """What is there at the start: `top` is the directory above the base."""
    base = top / "base"
    (base / "old/sub").mkdir(parents=True)
    (base / "old/f").write_bytes(b"old content\n" * 1000)
    (base / "old/sub/g").write_bytes(b"g")
    os.link(base / "old/sub/g", base / "old/hard")
    (base / "old/l").symlink_to("sub/g")
    (base / "old/f").chmod(0o6755)
    (base / "old/sub").chmod(STICKY)
    base.chmod(0o777)
    for path in (*sorted(base.rglob("*"), reverse=True), base):
        os.utime(path, ns=(10**9, 10**9), follow_symlinks=False)


def archive(top: HostPath, out: HostPath) -> None:
    with tarfile.open(out, "w") as tar:
        tar.add(top, ".")


def copy_in(sb: SuperBlock, top: HostPath) -> None:
    """Put what is in the host's directory into an empty file system."""
    overlay = OverlaySuperBlock(MountTable().adopt(HostSuperBlock(bytes(top), still=True)), Now())
    waiting = [(overlay.root.inode, sb.root.inode)]
    made: dict[int, Any] = {}
    while waiting:
        source, target = waiting.pop()
        for _, name, _, _ in list(source.readdir(2)):
            inode = source.lookup(name)
            if inode.is_dir:
                new = target.mkdir(name, inode.mode, inode.uid, inode.gid)
                waiting.insert(0, (inode, new))
            elif inode.ino in made:
                target.link(name, made[inode.ino])
                continue
            elif inode.dtype == 10:
                new = target.symlink(name, inode.readlink(), inode.uid, inode.gid)
            else:
                new = target.create(name, inode.mode, inode.uid, inode.gid)
                new.write_at(0, inode.read_at(0, 1 << 20))
            made[inode.ino] = new
    for ino, new in made.items():
        new.set_times(10**9, 10**9)
        assert ino


def open_sides(place: HostPath, number: int) -> dict[str, GuestSide | HostSide]:
    """Every file system with the same content, and the host first."""
    here = place / str(number)
    for name in ("host", "hostfs", "lower"):
        plant(here / name)
        (here / name).chmod(0o755)
    archive(here / "lower", here / "root.tar")
    clock: Clock = Now()
    tmpfs = TmpFs(clock).mount(b"none", MountOptions(b"mode=755"))
    copy_in(tmpfs, here / "lower")
    adopt = MountTable().adopt
    systems: dict[str, SuperBlock] = {
        "tmpfs": tmpfs,
        "hostfs": HostSuperBlock(bytes(here / "hostfs"), readonly=False),
        "overlay": OverlaySuperBlock(adopt(HostSuperBlock(bytes(here / "lower"), still=True)), clock),
        "archive": OverlaySuperBlock(adopt(open_archive(bytes(here / "root.tar"), clock, 1 << 26)), clock),
    }
    sides: dict[str, GuestSide | HostSide] = {"host": HostSide(bytes(here / "host/base"))}
    for name, sb in systems.items():
        sides[name] = GuestSide(context_of(sb, UMASK), b"/base")
    return sides


def run_all(place: HostPath, number: int, operations: list[Operation]) -> None:
    """Every operation on every side; the first difference ends it."""
    sides = open_sides(place, number)
    try:
        reserved = False
        for step, (name, user, args) in enumerate(operations):
            reserved = reserved or name == "fallocate"
            if reserved and name == "lseek" and args[2] > SEEK_END:
                continue                   # see fs/mem_file.py, Differs
            results = {side: one.run(name, user, args) for side, one in sides.items()}
            assert_same(results, f"step {step}: {name}{args}{' as a user' if user else ''}")
        assert_same({side: one.tree() for side, one in sides.items()}, "the tree afterwards")
    finally:
        for one in sides.values():
            one.close_all()
        shutil.rmtree(place / str(number))


def assert_same(results: dict[str, Any], what: str) -> None:
    expected = results["host"]
    for side, result in results.items():
        assert result == expected, f"{what}: {side}"


@settings(max_examples=200, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(operations=st.lists(OPERATION, min_size=30, max_size=60))
def test_same_results(operations: list[Operation], place: HostPath) -> None:
    run_all(place, 0, operations)
