"""Host directories: what only some hosts can do, descriptors running out, and a host that moves things meanwhile."""

from __future__ import annotations

import errno
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path as HostPath

import pytest

from rvsim.guest_os.abi import fcntl as f
from rvsim.guest_os.abi.errno import EAGAIN, EDEADLK, ENFILE, EOPNOTSUPP, Errno
from rvsim.guest_os.fs import host_calls
from rvsim.guest_os.fs.host_fds import guest_errno
from rvsim.guest_os.fs.hostfs import HostSuperBlock
from rvsim.guest_os.vfs.file import File
from rvsim.tests.guest_os.conftest import World
from rvsim.tests.guest_os.fs.test_tmpfs import FakePages

AT_FDCWD = -100


@pytest.fixture
def shared(world: World, tmp_path: HostPath) -> Iterator[HostPath]:
    """A directory of the host that shows at /host, writable."""
    directory = tmp_path / "shared"
    directory.mkdir()
    world.mkdir(b"/host")
    sb = HostSuperBlock(bytes(directory), readonly=False)
    world.table.mount(sb, b"host", world.path(b"/host"))
    yield directory
    sb.close()


def exchange(one: HostPath, other: HostPath) -> None:
    host_calls.rename(AT_FDCWD, bytes(one), AT_FDCWD, bytes(other), f.RENAME_EXCHANGE)


def test_exchange(world: World, shared: HostPath) -> None:
    (shared / "f").write_bytes(b"f")
    (shared / "d/sub").mkdir(parents=True)
    (shared / "d/g").write_bytes(b"g")
    file = world.open(b"/host/f")
    world.rename(b"/host/f", b"/host/d", f.RENAME_EXCHANGE)
    assert world.read(b"/host/d") == b"f"
    assert world.read(b"/host/f/g") == b"g"
    assert file.read(9) == b"f"
    assert sorted(os.listdir(shared / "f")) == ["g", "sub"]
    file.put()


def test_reserve_and_punch(world: World, shared: HostPath) -> None:
    file = world.create(b"/host/f")
    file.write(b"x" * 20_000)
    pages = file.inode.mapping = FakePages(file.inode)
    if world.error(file.fallocate, f.FALLOC_FL_PUNCH_HOLE | f.FALLOC_FL_KEEP_SIZE, 4096, 4096) is EOPNOTSUPP:
        pytest.skip("the host's file system punches no holes")
    assert pages.told == [(4096, 8192)]
    assert (shared / "f").read_bytes() == b"x" * 4096 + bytes(4096) + b"x" * (20_000 - 8192)
    file.fallocate(f.FALLOC_FL_KEEP_SIZE, 0, 1 << 20)
    assert file.inode.size == 20_000
    file.fallocate(0, 0, 30_000)
    assert file.inode.size == 30_000
    file.put()


def test_errors_that_have_two_names() -> None:
    for number, kind in ((errno.ENOTSUP, EOPNOTSUPP), (errno.EWOULDBLOCK, EAGAIN), (errno.EDEADLOCK, EDEADLK)):
        assert type(guest_errno(OSError(number, ""))) is kind


def test_descriptors_run_out(world: World, shared: HostPath) -> None:
    """ENFILE for the guest, while what is open goes on, and rvsim itself has some left."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    used = max(int(name) for name in os.listdir("/proc/self/fd")) + 1
    (shared / "d").mkdir()
    (shared / "d/old").write_bytes(b"old")
    files: list[File] = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (used + 80, limits[1]))
    try:
        for number in range(used + 100):
            try:
                files.append(world.create(b"/host/f%d" % number))
            except ENFILE:
                break
        assert 40 < len(files) < used + 80
        assert not (shared / f"f{len(files)}").exists()
        for number, file in enumerate(files):
            assert file.write(b"%d" % number) == len(b"%d" % number)
        assert world.error(world.open, b"/host/d/old") is ENFILE
        assert len(world.names(b"/host")) > len(files)         # a directory can still be listed
        world.mkdir(b"/host/new")
        world.rename(b"/host/f0", b"/host/new/f0")
        world.stat(b"/host/new/f0")
        os.close(os.open(os.devnull, os.O_RDONLY))
        for file in files[20:]:
            file.put()
        assert world.read(b"/host/d/old") == b"old"
        for number in range(200):
            world.write(b"/host/one-by-one%d" % number, b"x")
        for file in files[:20]:
            file.put()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert (shared / "new/f0").read_bytes() == b"0"


def test_the_command_raises_the_limit() -> None:
    code = """
import resource
from rvsim.emu.host import raise_descriptor_limit
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
raise_descriptor_limit()
soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
assert soft == (1 << 20 if hard == resource.RLIM_INFINITY else min(hard, 1 << 20)), (soft, hard)
"""
    subprocess.run([sys.executable, "-c", code], check=True)


SWAP = """
import sys
from rvsim.guest_os.fs.host_calls import rename
one, other = (name.encode() for name in sys.argv[1:])
print("ready", flush=True)
while True:
    rename(-100, one, -100, other, 2)
"""


@contextmanager
def swapping(one: HostPath, other: HostPath) -> Iterator[None]:
    """A program of the host exchanges two names as fast as it can."""
    with subprocess.Popen([sys.executable, "-c", SWAP, one, other], stdout=subprocess.PIPE) as program:
        assert program.stdout is not None
        program.stdout.readline()
        try:
            yield
        finally:
            program.kill()


@pytest.mark.parametrize("kind", ["directory", "parent", "file"])
def test_no_race_leads_out(kind: str, world: World, shared: HostPath, tmp_path: HostPath) -> None:
    """A directory, its parent, or a file is a link to what lies outside every other moment; the guest never gets there.

    It may find one or the other, or an error in between; it reads no secret and leaves nothing outside.
    """
    outside = tmp_path / "outside"
    for top in (shared, outside):
        (top / "a/d").mkdir(parents=True)
    (shared / "a/d/f").write_bytes(b"inside")
    (outside / "a/d/f").write_bytes(b"secret")
    (outside / "a/d/g").write_bytes(b"secret")
    victim = {"directory": "a/d", "parent": "a", "file": "a/d/f"}[kind]
    (shared / "link").symlink_to(outside / victim)
    try:
        exchange(shared / "link", shared / victim)
    except OSError:
        pytest.skip("the host's file system exchanges no names")
    before = {path: path.stat().st_mtime_ns for path in sorted(outside.rglob("*"))}
    reads = misses = 0
    sb = world.path(b"/host").mount.sb
    assert isinstance(sb, HostSuperBlock)
    sb.fds.limit = 1                       # everything is opened again and again
    start = time.monotonic()
    with swapping(shared / "link", shared / victim):
        number = 0
        # On a busy host one of the two may hardly run: then it takes longer.
        while (passed := time.monotonic() - start) < 1 or (min(reads, misses) <= 10 and passed < 30):
            number += 1
            try:
                assert world.read(b"/host/a/d/f") != b"secret"
                reads += 1
            except Errno:
                misses += 1
            with suppress(Errno):
                assert world.read(b"/host/a/d/g") != b"secret"
            with suppress(Errno):
                world.write(b"/host/a/d/new%d" % (number % 7), b"x")
            with suppress(Errno):
                world.write(b"/host/a/d/f", b"inside", f.O_WRONLY | f.O_TRUNC)
            with suppress(Errno):
                world.mkdir(b"/host/a/d/sub")
                world.rmdir(b"/host/a/d/sub")
            with suppress(Errno):
                world.link(b"/host/a/d/f", b"/host/hard%d" % number)
                world.rename(b"/host/hard%d" % number, b"/host/a/d/hard")
            with suppress(Errno):
                world.chmod(b"/host/a/d/f", 0o640)
            with suppress(Errno):
                world.unlink(b"/host/a/d/g")
    assert min(reads, misses) > 10
    assert {path: path.stat().st_mtime_ns for path in sorted(outside.rglob("*"))} == before
    assert (outside / "a/d/f").read_bytes() == b"secret"
    assert (outside / "a/d/f").stat().st_mode & 0o777 != 0o640
