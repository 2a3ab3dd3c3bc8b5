"""Host streams as files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest

from rvsim.guest_os.abi.errno import EAGAIN, EBADF, ENOTTY, EPIPE, ESPIPE
from rvsim.guest_os.abi.fcntl import O_NONBLOCK
from rvsim.guest_os.abi.ioctl import TCGETS
from rvsim.guest_os.abi.poll import POLLHUP, POLLIN, POLLRDNORM
from rvsim.guest_os.fs.stream import HostInput, StreamFs
from rvsim.guest_os.wait import Blocked

if TYPE_CHECKING:
    from typing import Any

    from rvsim.tests.guest_os.conftest import World


class FakeConsole:
    """Input in the pieces given; None: nothing now."""

    def __init__(self, *pieces: bytes | None) -> None:
        self.pieces = list(pieces)
        self.out = b""
        self.err = b""
        self.gone: set[int] = set()

    def read(self, limit: int) -> bytes | None:
        return self.pieces.pop(0) if self.pieces else None

    def write(self, data: bytes) -> None:
        self.out += data

    def write_error(self, data: bytes) -> None:
        self.err += data

    def write_terminal(self, data: bytes) -> None:
        self.out += data

    def wait(self, timeout_s: float | None) -> None:
        assert self.pieces

    def closed(self, fd: int) -> bool:
        return fd in self.gone

    def size(self) -> tuple[int, int]:
        return (24, 80)

    def take_resize(self) -> bool:
        return False


def reads(world: World, pieces: Sequence[bytes | None], size: int, **options: Any) -> list[bytes | None]:
    """What reads of `size` give until they block or the input ends."""
    file = StreamFs(world.clock, world.table).open_input(HostInput(FakeConsole(*pieces), **options), world.cred)
    result: list[bytes | None] = []
    try:
        while data := file.read(size):
            result.append(data)
    except Blocked:
        result.append(None)
    return result


def test_pieces_of_the_host_do_not_show(world: World) -> None:
    expected: list[bytes | None] = [b"one\n", b"two\n", b"rest"]
    for pieces in ([b"one\ntwo\nrest", b""], [b"o", b"ne\nt", None, b"wo\nre", b"st", None, b""]):
        assert reads(world, pieces, 4096, waits=True) == expected
    assert reads(world, [b"ab\ncd", b""], 2) == [b"ab", b"\n", b"cd"]
    assert reads(world, [b"a", b"b\nc"], 2) == [b"ab", b"\n", None]
    assert reads(world, [b"one\ntw"], 100) == [b"one\n", None]
    assert reads(world, [b"one\ntw"], 100, by_line=False) == [b"one\ntw", None]


def test_poll_end_and_errors(world: World) -> None:
    console = FakeConsole(None, b"x", b"y\n", b"")
    source = HostInput(console)
    file = StreamFs(world.clock, world.table).open_input(source, world.cred)
    assert file.poll() == 0
    assert file.poll() == POLLIN | POLLRDNORM
    assert file.read(9) == b"xy\n"
    assert file.poll() == POLLHUP
    assert file.read(9) == b""
    assert world.error(file.write, b"") is EBADF
    assert world.error(file.ioctl, TCGETS, None) is ENOTTY
    assert world.error(file.seek, 0, 0) is ESPIPE
    empty = StreamFs(world.clock, world.table).open_input(HostInput(FakeConsole()), world.cred)
    empty.set_flags(O_NONBLOCK)
    assert world.error(empty.read, 1) is EAGAIN


def test_pump_wakes_readers(world: World) -> None:
    source = HostInput(FakeConsole(None, b"x\n"))
    woken = []

    class Waiter:
        def wake(self, queue: object) -> None:
            woken.append(queue)

    source.queue.waiters[Waiter()] = None
    assert not source.pump()
    assert source.pump()
    assert woken == [source.queue]


def test_output(world: World) -> None:
    console = FakeConsole()
    streams = StreamFs(world.clock, world.table)
    out, err = (streams.open_output(console, number, world.cred) for number in (1, 2))
    assert out.write(b"to out") == 6
    assert err.write(b"to err") == 6
    assert (console.out, console.err) == (b"to out", b"to err")
    console.gone.add(1)
    assert world.error(out.write, b"x") is EPIPE
    with pytest.raises(EBADF):
        out.read(1)
