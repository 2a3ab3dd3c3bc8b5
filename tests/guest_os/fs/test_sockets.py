"""AF_UNIX sockets beyond one call: with epoll, procfs and each other; and hostile lengths in every structure."""

from __future__ import annotations

import struct
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from rvsim.emu.console import CapturedConsole
from rvsim.guest_os.boot import Machine, MachineConfig
from rvsim.guest_os.fs.unix_message import cost
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.task.task import State, Task
from rvsim.guest_os.wait import Blocked, Resume
from rvsim.tests.guest import (
    cases,
    host_program,
    musl_program,
    nothing_left,
    passes,
    passes_on_the_host,
)

FILES = "socket_files.c"
SOCKET, SOCKETPAIR, BIND, LISTEN, ACCEPT, CONNECT, GETSOCKNAME, GETPEERNAME, SENDTO, RECVFROM = range(198, 208)
SETSOCKOPT, GETSOCKOPT, SHUTDOWN, SENDMSG, RECVMSG = range(208, 213)
ACCEPT4, RECVMMSG, SENDMMSG = 242, 243, 269


@pytest.mark.parametrize("case", cases(FILES))
def test_on_the_host(case: str, tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(str(tmp_path))
    passes_on_the_host(host_program(FILES), case)


@pytest.mark.parametrize("case", cases(FILES))
def test_in_rvsim(case: str) -> None:
    passes(musl_program(FILES), case, cwd=b"/tmp")


@pytest.mark.parametrize(("size", "stream", "expected"), [
    (0, True, 768), (1, True, 768), (192, True, 768), (193, True, 1280), (3776, True, 4352), (3777, True, 768 + 4096),
    (16064, False, 16640), (0, False, 768)])
def test_what_a_message_costs(size: int, stream: bool, expected: int) -> None:
    """A header of 256 bytes, a block of a power of two with 320 bytes of trailer, and pages."""
    assert cost(size, stream) == expected


# ---- hostile structures

AREA = 0x20_0000
PAGES = 4
NAME, IOV, CONTROL, HEADER, LENGTH, BUFFER = (AREA + at for at in (0, 0x400, 0x800, 0xC00, 0xE00, 0x1000))

lengths = st.sampled_from((
    0, 1, 2, 3, 8, 14, 15, 16, 17, 20, 24, 28, 32, 56, 109, 110, 111, 128, 129, 255, 4096, 20480, 131072, 131073,
    (1 << 31) - 1, 1 << 31, (1 << 32) - 1, 1 << 32, (1 << 63) - 1, 1 << 63, (1 << 64) - 1, (1 << 64) - 7))
addresses = st.sampled_from((0, NAME, IOV, CONTROL, BUFFER, AREA + PAGES * 4096 - 5, 1 << 38, (1 << 64) - 4096))
families = st.sampled_from((0, 1, 2, 10, 16, 0xFFFF))
paths = st.sampled_from((b"", b"/tmp/a", b"/tmp/b", b"\0", b"\0name", b"/", b"x" * 108, b"/tmp/none/x", b"/dev/null"))
controls = st.lists(st.tuples(lengths, st.sampled_from((0, 1, 41)), st.sampled_from((0, 1, 2, 3, 4)),
                              st.lists(st.integers(-2, 12), max_size=6)), max_size=3)
buffers = st.lists(st.tuples(addresses, lengths), max_size=3)
numbers = st.sampled_from((
    SOCKET, SOCKETPAIR, BIND, LISTEN, ACCEPT, CONNECT, GETSOCKNAME, GETPEERNAME, SENDTO, RECVFROM, SETSOCKOPT,
    GETSOCKOPT, SHUTDOWN, SENDMSG, RECVMSG, ACCEPT4, RECVMMSG, SENDMMSG))
flags = st.sampled_from((0, 0x40, 0x42, 0x4140, 0x60, 0x80000040, 0x40000040, 0x10040, 0x41, 0x2040, 0x80800, 7))
calls = st.lists(st.tuples(numbers, st.integers(-1, 9), families, paths, lengths, controls, buffers, lengths, addresses,
                           flags, st.integers(0, 80)), max_size=25)
Control = tuple[int, int, int, list[int]]
Call = tuple[int, int, int, bytes, int, list[Control], list[tuple[int, int]], int, int, int, int]


class Bench:
    """A machine with one process, whose calls are made from here; it has sockets of every kind at 3 to 8."""

    def __init__(self) -> None:
        self.machine = Machine(MachineConfig(memory_bytes=16 << 20, process_limit=32), CapturedConsole(b""))
        self.task: Task = self.machine.start(b"true", [b"true"])
        self.table = self.machine.kernel.abis["linux"].calls
        self.task.space.map(AREA, PAGES * 4096, 3, 0)
        self.run_on()
        for kind in (1, 2, 5):
            assert self.call(SOCKETPAIR, 1, kind, 0, BUFFER) == 0

    def run_on(self) -> None:
        self.machine.kernel.scheduler.current = self.task
        self.machine.hart.load(self.task.context, self.task.space.table)

    def call(self, number: int, *arguments: int) -> int | None:
        """Make one call; nothing but its own wait may come out of it."""
        task = self.task
        function, nargs = self.table.get(number)
        result: int | None = None
        with suppress(Blocked):
            result = function(task, *(value & (1 << 64) - 1 for value in (*arguments, *[0] * 6)[:nargs]))
        resume, task.resume = task.resume, None
        if isinstance(resume, Resume):
            resume.dropped()
        task.state = State.RUNNING
        task.pending.discard(-1)
        self.run_on()
        return result

    def close(self) -> None:
        self.machine.kernel.scheduler.current = None
        sockets = self.machine.kernel.sockets
        self.machine.close()
        assert not sockets.sockets
        assert not sockets.in_flight.sockets
        assert (sockets.bytes_held, sockets.in_flight.total, sockets.abstract) == (0, 0, {})
        self.machine.memory.reclaim()
        self.machine.kernel.root_ns.last_pid = 0
        nothing_left(self.machine)


def pack_control(items: list[Control]) -> bytes:
    return b"".join(struct.pack(f"<Qii{len(fds)}i", length, level, kind, *fds) + bytes(-4 * len(fds) % 8)
                    for length, level, kind, fds in items)


def store(bench: Bench, call: Call) -> None:
    """Put the structures of a call where its arguments point."""
    _, _, family, path, name_length, control, vector, control_length, address, _, _ = call
    space = bench.task.space
    user_memory.write(space, NAME, struct.pack("<H", family) + path.ljust(120, b"\0"))
    user_memory.write(space, IOV, b"".join(struct.pack("<QQ", *item) for item in vector).ljust(64, b"\0"))
    user_memory.write(space, CONTROL, pack_control(control).ljust(256, b"\0"))
    user_memory.write(space, HEADER, struct.pack(
        "<QI4xQQQQI4x", address, name_length & 0xFFFF_FFFF, IOV, len(vector), CONTROL, control_length, 0) * 2)
    user_memory.write(space, LENGTH, struct.pack("<I", name_length & 0xFFFF_FFFF))


def make(bench: Bench, call: Call) -> None:
    """One call with what `store` has prepared."""
    number, fd, family, _, name_length, _, _, control_length, address, flag, option = call
    store(bench, call)
    match number:
        case 198 | 199:
            bench.call(number, family, flag & 0x8080F, option % 3, address)
        case 200 | 203:
            bench.call(number, fd, NAME, name_length)
        case 206:
            bench.call(number, fd, BUFFER, control_length, flag, NAME, name_length)
        case 207:
            bench.call(number, fd, BUFFER, control_length, flag, NAME, LENGTH)
        case 202 | 242:
            bench.call(number, fd, address, LENGTH, flag)
        case 204 | 205:
            bench.call(number, fd, address, LENGTH)
        case 201 | 210:
            bench.call(number, fd, name_length)
        case 208:
            bench.call(number, fd, 1, option, address, name_length)
        case 209:
            bench.call(number, fd, 1, option, address, LENGTH)
        case 243 | 269:
            bench.call(number, fd, HEADER, control_length, flag, 0)
        case _:
            bench.call(number, fd, HEADER, flag)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(script=calls)
@example([(SENDMSG, 3, 1, b"", 0, [(24, 1, 1, [3, 4])], [(BUFFER, 1)], 24, 0, 0x40, 0)])
def test_hostile_structures(script: list[Call]) -> None:
    """Any lengths, addresses and descriptors: an errno, never an exception; at the end nothing is left."""
    bench = Bench()
    for call in script:
        make(bench, call)
    bench.close()


def test_all_messages_together_are_limited() -> None:
    """No guest fills the host's memory: a send beyond half of the machine's memory gets ENOBUFS."""
    bench = Bench()
    bench.task.fds.limit = 4096
    bench.task.group.limits.soft[7] = 4096
    user_memory.write(bench.task.space, BUFFER, bytes(4096))
    results = set()
    for _ in range(200):
        assert bench.call(SOCKETPAIR, 1, 1, 0, BUFFER) == 0
        fd = user_memory.read_u32(bench.task.space, BUFFER)
        for _ in range(80):
            results.add(bench.call(SENDTO, fd, BUFFER, 4096, 0x40, 0, 0))
        if -105 in results:
            break
    assert -105 in results
    assert bench.machine.kernel.sockets.bytes_held <= 8 << 20
    bench.close()
