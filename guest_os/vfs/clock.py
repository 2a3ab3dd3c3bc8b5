"""What file systems ask of the machine's clock."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    """Guest time in nanoseconds."""

    def monotonic_ns(self) -> int:
        """Time since boot."""
        ...

    def realtime_ns(self) -> int:
        """Time since the epoch; timestamps come from here."""
        ...
