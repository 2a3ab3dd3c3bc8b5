"""Virtual and host time."""

import time

from rvsim.emu.clock import VIRTUAL_EPOCH_NS, HostClock, VirtualClock, timebase_ticks


class FakeHart:
    ticks = 0
    host_time = False
    time_offset_ns = 0


def test_virtual_time_is_ticks_and_idle_jumps() -> None:
    hart = FakeHart()
    clock = VirtualClock(hart)
    assert clock.monotonic_ns() == 0
    assert clock.realtime_ns() == VIRTUAL_EPOCH_NS
    hart.ticks = 250
    assert clock.monotonic_ns() == 250
    clock.advance_to(1_000)
    assert clock.monotonic_ns() == 1_000
    assert hart.ticks + hart.time_offset_ns == 1_000
    hart.ticks += 7
    assert clock.monotonic_ns() == 1_007
    assert clock.realtime_ns() == VIRTUAL_EPOCH_NS + 1_007


def test_virtual_time_never_goes_back() -> None:
    hart = FakeHart()
    clock = VirtualClock(hart)
    clock.advance_to(5_000)
    clock.advance_to(4_000)
    assert clock.monotonic_ns() == 5_000
    assert clock.host_delay_s(10**18) == 0.0


def test_timebase_is_10_mhz() -> None:
    clock = VirtualClock(FakeHart())
    clock.advance_to(1_000_000_099)
    assert timebase_ticks(clock) == 10_000_000


def test_host_clock_starts_at_zero_and_sleeps_to_advance() -> None:
    hart = FakeHart()
    clock = HostClock(hart)
    assert hart.host_time
    assert (time.monotonic_ns() + hart.time_offset_ns) % 2**64 < 10**9
    start_ns = clock.monotonic_ns()
    assert 0 <= start_ns < 10**9
    assert abs(clock.realtime_ns() - time.time_ns()) < 10**9
    deadline_ns = start_ns + 2_000_000
    assert 0 < clock.host_delay_s(deadline_ns) <= 0.002
    clock.advance_to(deadline_ns)
    assert clock.monotonic_ns() >= deadline_ns
    assert clock.host_delay_s(deadline_ns) == 0.0
    clock.advance_to(0)
