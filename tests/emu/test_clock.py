"""Virtual and host time."""

import time

import pytest

from rvsim.emu.clock import VIRTUAL_EPOCH_NS, HostClock, VirtualClock, timebase_ticks


class FakeHart:
    ticks = 0
    host_time = False
    time_offset_ns = 0

    def time_ns(self) -> int:
        return ((time.monotonic_ns() if self.host_time else self.ticks) + self.time_offset_ns) % 2**64


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


def test_real_time_follows_when_the_host_s_clock_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = HostClock(FakeHart())
    base_ns = clock.realtime_base_ns
    assert not clock.follow_host()
    assert clock.realtime_base_ns == base_ns
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() - 60 * 10**9)
    assert clock.follow_host()
    assert abs(base_ns - clock.realtime_base_ns - 60 * 10**9) < 10**9
    assert not clock.follow_host()
    assert not VirtualClock(FakeHart()).follow_host()
