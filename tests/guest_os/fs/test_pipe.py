"""Pipes and FIFOs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rvsim.guest_os.abi.errno import EAGAIN, EBADF, EBUSY, EINVAL, ENXIO, EPERM, EPIPE
from rvsim.guest_os.abi.fcntl import O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY
from rvsim.guest_os.abi.poll import POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM
from rvsim.guest_os.fs.pipe import OpenBlocked, PipeFile
from rvsim.guest_os.vfs import entries
from rvsim.guest_os.vfs.open import open_path
from rvsim.guest_os.wait import Blocked

if TYPE_CHECKING:
    from rvsim.tests.guest_os.conftest import World


@pytest.fixture
def ends(world: World) -> tuple[PipeFile, PipeFile]:
    return world.pipefs.open_pipe(0, world.cred)


def test_bytes_arrive_in_order(ends: tuple[PipeFile, PipeFile]) -> None:
    reader, writer = ends
    assert writer.write(b"abc") == 3
    writer.write(b"def")
    assert reader.read(4) == b"abcd"
    assert reader.read(4) == b"ef"
    assert reader.path.display().startswith(b"pipe:[")
    assert reader.inode.ino == writer.inode.ino


def test_waiting_and_ends(world: World, ends: tuple[PipeFile, PipeFile]) -> None:
    reader, writer = ends
    assert reader.read(0) == b""
    with pytest.raises(Blocked) as caught:
        reader.read(1)
    assert caught.value.queues == (reader.pipe.read_queue,)
    reader.set_flags(O_NONBLOCK)
    assert world.error(reader.read, 1) is EAGAIN
    writer.write(b"last")
    writer.put()
    assert reader.read(9) == b"last"
    assert reader.read(9) == b""
    assert reader.poll() == POLLHUP


def test_no_reader(world: World, ends: tuple[PipeFile, PipeFile]) -> None:
    reader, writer = ends
    reader.put()
    assert world.error(writer.write, b"x") is EPIPE
    assert writer.write(b"") == 0
    assert writer.poll() & POLLERR
    assert world.error(writer.read, 1) is EBADF


def test_small_writes_are_whole_large_ones_go_in_parts(world: World, ends: tuple[PipeFile, PipeFile]) -> None:
    reader, writer = ends
    assert writer.write(bytes(65_000)) == 65_000
    with pytest.raises(Blocked):
        writer.write(bytes(4096))
    assert len(reader.pipe.data) == 65_000
    assert writer.write(bytes(4097)) == 536
    assert writer.poll() == 0
    writer.set_flags(O_NONBLOCK)
    assert world.error(writer.write, b"x") is EAGAIN
    reader.read(4095)
    assert writer.poll() == 0
    reader.read(1)
    assert writer.poll() == POLLOUT | POLLWRNORM
    assert reader.poll() == POLLIN | POLLRDNORM


def test_capacity(world: World, ends: tuple[PipeFile, PipeFile]) -> None:
    pipe = ends[0].pipe
    assert pipe.resize(0) == pipe.resize(1) == 4096
    assert pipe.resize(70_000) == 131_072
    assert world.error(pipe.resize, (1 << 31) + 1) is EINVAL
    assert world.error(pipe.resize, 2 << 20) is EPERM
    ends[1].write(bytes(5000))
    assert world.error(pipe.resize, 4096) is EBUSY


def test_fifo_opens_meet(world: World) -> None:
    entries.mknod(world.context, world.cred, b"/p", 0o010666)
    assert world.error(world.open, b"/p", O_WRONLY | O_NONBLOCK) is ENXIO
    with pytest.raises(OpenBlocked) as caught:
        world.open(b"/p", O_RDONLY)
    reader = caught.value.file
    with pytest.raises(OpenBlocked):
        reader.finish_open()
    writer = world.open(b"/p", O_WRONLY)
    writer.write(b"hi")
    writer.put()                                   # gone before the reader runs again
    assert reader.finish_open() is reader
    assert reader.read(9) == b"hi"
    assert reader.read(9) == b""
    reader.put()
    assert world.path(b"/p").inode.special is None
    assert world.path(b"/p").inode.open_count == 0


def test_fifo_writer_waits_for_a_reader(world: World) -> None:
    entries.mknod(world.context, world.cred, b"/p", 0o010666)
    with pytest.raises(OpenBlocked) as caught:
        world.open(b"/p", O_WRONLY)
    writer = caught.value.file
    reader = world.open(b"/p", O_RDONLY)
    assert writer.finish_open().write(b"x") == 1
    assert reader.read(1) == b"x"


def test_fifo_opened_for_both_and_nonblocking(world: World) -> None:
    entries.mknod(world.context, world.cred, b"/p", 0o010666)
    both = world.open(b"/p", O_RDWR)
    both.write(b"self")
    assert both.read(9) == b"self"
    both.put()
    reader = world.open(b"/p", O_RDONLY | O_NONBLOCK)
    assert reader.read(1) == b""
    assert reader.poll() == 0
    writer = world.open(b"/p", O_WRONLY)
    assert world.error(reader.read, 1) is EAGAIN
    writer.put()
    assert reader.poll() == POLLHUP


def test_a_pipe_opened_again_waits_for_nobody(ends: tuple[PipeFile, PipeFile], world: World) -> None:
    reader, writer = ends
    writer.write(b"left")
    writer.put()
    again = open_path(reader.path, O_RDONLY, world.cred)
    assert again.read(9) == b"left"
    assert again.read(9) == b""
    late = open_path(reader.path, O_WRONLY, world.cred)
    late.write(b"more")
    late.put()
    assert reader.read(9) == b"more"
    reader.put()
    again.put()
    assert world.error(open_path, reader.path, O_RDONLY, world.cred) is ENXIO
