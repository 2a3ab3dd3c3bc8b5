"""A clock for tests of file systems that have no machine."""

from __future__ import annotations


class FakeClock:
    """Time that advances by one at each look."""

    def __init__(self) -> None:
        self.now = 1_000_000_000

    def monotonic_ns(self) -> int:
        return self.now

    def realtime_ns(self) -> int:
        self.now += 1
        return self.now
