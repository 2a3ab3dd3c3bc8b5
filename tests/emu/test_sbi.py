"""SBI calls against fakes: what they return, and what they do to console, timer, power and hart."""

import pytest

from rvsim.emu.console import CapturedConsole
from rvsim.emu.physical_memory import PhysicalMemory
from rvsim.emu.power import Power, ResetKind, ResetRequest
from rvsim.emu.sbi import InvalidAddress, Sbi
from rvsim.emu.timer import SupervisorTimer

BASE, TIME, IPI, RFENCE, HSM, SRST, DBCN = 0x10, 0x54494D45, 0x735049, 0x52464E43, 0x48534D, 0x53525354, 0x4442434E
FAILED, NOT_SUPPORTED, INVALID_PARAM, INVALID_ADDRESS, ALREADY_AVAILABLE = -1, -2, -3, -5, -6
RAM, RAM_SIZE = 0x8000_0000, 64
MASK = (1 << 64) - 1
UNTOUCHED = 0xAAAA


class FakeClock:
    now_ns = 0
    realtime_base_ns = 0

    def follow_host(self) -> bool:
        return False

    def monotonic_ns(self) -> int:
        return self.now_ns

    def realtime_ns(self) -> int:
        return self.now_ns

    def host_delay_s(self, deadline_ns: int) -> float:
        return 0.0

    def advance_to(self, deadline_ns: int) -> None:
        self.now_ns = max(self.now_ns, deadline_ns)


class World:
    """The firmware, and fakes of all that it reaches. It is also the hart and the hart's registers."""

    def __init__(self, stdin: bytes = b"", *, ended: bool = True) -> None:
        self.ram = bytearray(range(RAM_SIZE))
        self.dirty: list[tuple[int, int]] = []
        self.console = CapturedConsole(stdin, ended=ended)
        self.power = Power()
        memory = PhysicalMemory(memoryview(self.ram), RAM, lambda start, end: self.dirty.append((start, end)))
        self.sbi = Sbi(self.console, memory, self.power)
        self.clock = FakeClock()
        self.log: list[str] = []
        self.timer = SupervisorTimer(self.clock, lambda pending: self.log.append(f"stip={pending:d}"))
        self.registers = [0] * 32

    def set_software_interrupt(self, pending: bool) -> None:
        self.log.append(f"ssip={pending:d}")

    def fence_i(self) -> None:
        self.log.append("fence.i")

    def fence_vma(self) -> None:
        self.log.append("sfence.vma")

    def suspend(self) -> None:
        self.log.append("suspend")

    def load_supervisor(self, address: int, size: int) -> int:
        if address != 0x1000:
            raise InvalidAddress
        return 1

    def x(self, number: int) -> int:
        return self.registers[number]

    def set_x(self, number: int, value: int) -> None:
        self.registers[number] = value & MASK

    def call(self, eid: int, fid: int, *args: int) -> tuple[int, int]:
        """(error, value) as the guest finds them, signed."""
        self.registers[10:16] = [*args, *[UNTOUCHED] * (6 - len(args))]
        self.registers[16], self.registers[17] = fid, eid
        self.sbi.ecall(self, self)
        error, value = ((word ^ 1 << 63) - (1 << 63) for word in self.registers[10:12])
        return error, value


def test_base_says_version_2_0_and_what_there_is() -> None:
    world = World()
    assert world.call(BASE, 0) == (0, 0x0200_0000)
    assert world.call(BASE, 1)[0] == world.call(BASE, 2)[0] == 0
    for eid in (*range(9), BASE, TIME, IPI, RFENCE, HSM, SRST, DBCN):
        assert world.call(BASE, 3, eid) == (0, 1)
    assert world.call(BASE, 3, 0x504D55) == (0, 0)
    assert [world.call(BASE, fid) for fid in (4, 5, 6)] == [(0, 0)] * 3
    assert world.call(BASE, 7) == (NOT_SUPPORTED, 0)


@pytest.mark.parametrize("eid", [9, 0x0F, 0x504D55, MASK])
def test_an_unknown_extension_is_not_supported(eid: int) -> None:
    assert World().call(eid, 0) == (NOT_SUPPORTED, 0)


@pytest.mark.parametrize("eid", [TIME, IPI, SRST])
def test_an_unknown_function_is_not_supported_and_does_nothing(eid: int) -> None:
    world = World()
    assert world.call(eid, 1, 0, 0) == (NOT_SUPPORTED, 0)
    assert (world.log, world.power.request) == ([], None)


def test_the_timer_is_raised_when_its_time_comes_and_taken_back_when_armed_again() -> None:
    world = World()
    assert world.call(TIME, 0, 10) == (0, 0)
    assert (world.log, world.timer.deadline_ns) == (["stip=0"], 1000)
    world.clock.now_ns = 999
    world.timer.poll()
    assert world.log == ["stip=0"]
    world.clock.now_ns = 1000
    world.timer.poll()
    world.timer.poll()
    assert world.log == ["stip=0", "stip=1"]
    assert world.call(TIME, 0, MASK) == (0, 0)
    assert (world.log[2:], world.timer.deadline_ns) == (["stip=0"], None)


def test_a_timer_in_the_past_is_raised_at_once() -> None:
    world = World()
    world.clock.now_ns = 5000
    world.call(TIME, 0, 1)
    assert world.log == ["stip=0", "stip=1"]


@pytest.mark.parametrize(("mask", "base", "answer", "sent"), [
    (1, 0, 0, True), (0, 0, 0, False), (0, MASK, 0, True), (3, 0, INVALID_PARAM, False), (2, 0, INVALID_PARAM, False),
    (1, 1, INVALID_PARAM, False), (0, 1, 0, False),
])
def test_hart_masks(mask: int, base: int, answer: int, sent: bool) -> None:
    world = World()
    assert world.call(IPI, 0, mask, base) == (answer, 0)
    assert world.log == (["ssip=1"] if sent else [])
    world.log.clear()
    assert world.call(RFENCE, 1, mask, base, 0, MASK) == (answer, 0)
    assert world.log == (["sfence.vma"] if sent else [])


def test_remote_fences() -> None:
    world = World()
    assert world.call(RFENCE, 0, 1, 0) == (0, 0)
    assert world.call(RFENCE, 2, 1, 0, 0, 4096, 7) == (0, 0)
    assert world.log == ["fence.i", "sfence.vma"]
    for fid in (3, 4, 5, 6, 7):
        assert world.call(RFENCE, fid, 1, 0) == (NOT_SUPPORTED, 0)


def test_hart_states() -> None:
    world = World()
    assert world.call(HSM, 0, 0, RAM, 0) == (ALREADY_AVAILABLE, 0)
    assert world.call(HSM, 0, 1, RAM, 0) == (INVALID_PARAM, 0)
    assert world.call(HSM, 1) == (FAILED, 0)
    assert world.call(HSM, 2, 0) == (0, 0)
    assert world.call(HSM, 2, 1) == (INVALID_PARAM, 0)
    assert world.log == []
    assert world.call(HSM, 3, 0, 0, 0) == (0, 0)
    assert world.log == ["suspend"]
    assert world.call(HSM, 3, 0x8000_0000, RAM, 0) == (NOT_SUPPORTED, 0)
    assert world.call(HSM, 3, 5, 0, 0) == (INVALID_PARAM, 0)


@pytest.mark.parametrize(("kind", "reason"), [(0, 0), (1, 0), (2, 1)])
def test_system_reset(kind: int, reason: int) -> None:
    world = World()
    world.call(SRST, 0, kind, reason)
    assert world.power.request == ResetRequest(ResetKind(kind), failure=bool(reason))


@pytest.mark.parametrize(("kind", "reason"), [(3, 0), (0, 2), (0xF000_0000, 0)])
def test_a_reserved_reset_does_nothing(kind: int, reason: int) -> None:
    world = World()
    assert world.call(SRST, 0, kind, reason) == (INVALID_PARAM, 0)
    assert world.power.request is None


def test_the_debug_console_writes_physical_memory() -> None:
    world = World()
    assert world.call(DBCN, 0, 3, RAM + 0x30, 0) == (0, 3)
    assert world.call(DBCN, 2, 0x141) == (0, 0)
    assert world.call(DBCN, 0, 0, RAM + RAM_SIZE, 0) == (0, 0)
    assert world.console.output == b"012A"


@pytest.mark.parametrize(("size", "low", "high"), [
    (1, RAM - 1, 0), (2, RAM + RAM_SIZE - 1, 0), (1, RAM, 1), (MASK, RAM, 0), (8, MASK, 0),
])
def test_the_debug_console_refuses_what_is_not_ram(size: int, low: int, high: int) -> None:
    world = World(b"input")
    assert world.call(DBCN, 0, size, low, high) == (INVALID_PARAM, 0)
    assert world.call(DBCN, 1, size, low, high) == (INVALID_PARAM, 0)
    assert world.console.output == b""
    assert world.console.read(5) == b"input"


def test_the_debug_console_reads_what_is_there_and_no_more() -> None:
    world = World(b"hello", ended=False)
    assert world.call(DBCN, 1, 0, RAM, 0) == (0, 0)
    assert world.call(DBCN, 1, 2, RAM, 0) == (0, 2)
    assert world.call(DBCN, 1, 10, RAM + 2, 0) == (0, 3)
    assert world.call(DBCN, 1, 10, RAM + 5, 0) == (0, 0)
    assert world.ram[:6] == b"hello\x05"
    assert world.dirty == [(RAM, RAM + 2), (RAM + 2, RAM + 5)]
    assert world.call(DBCN, 3) == (NOT_SUPPORTED, 0)


def test_the_legacy_console_answers_in_a0_alone() -> None:
    world = World(b"x")
    assert world.call(1, 0, ord("A"), UNTOUCHED) == (0, UNTOUCHED)
    assert world.call(2, 0, 0, UNTOUCHED) == (ord("x"), UNTOUCHED)
    assert world.call(2, 0, 0, UNTOUCHED) == (-1, UNTOUCHED)
    assert world.console.output == b"A"


def test_the_other_legacy_calls() -> None:
    world = World()
    assert world.call(0, 0, MASK)[0] == 0
    assert [world.call(eid, 0, 0)[0] for eid in (3, 4, 5, 6, 7)] == [0] * 5
    assert world.call(4, 0, 0x1000)[0] == 0
    assert world.call(4, 0, 0x2000)[0] == INVALID_ADDRESS
    assert world.log == ["stip=0", "ssip=0", "ssip=1", "fence.i", "sfence.vma", "sfence.vma", "ssip=1"]
    world.call(8, 0)
    assert world.power.request == ResetRequest(ResetKind.SHUTDOWN, failure=False)
