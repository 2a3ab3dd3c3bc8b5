"""Half-open ranges of addresses, joined, for many questions whether one of them ran."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable


class Ranges:
    """What is covered by any of the ranges (start, end)."""

    def __init__(self, ranges: Iterable[tuple[int, int]]) -> None:
        self.starts: list[int] = []
        self.ends: list[int] = []
        for start, end in sorted(ranges):
            if self.ends and start <= self.ends[-1]:
                self.ends[-1] = max(self.ends[-1], end)
            elif start < end:
                self.starts.append(start)
                self.ends.append(end)

    def __contains__(self, address: int) -> bool:
        return self.overlap(address, address + 1)

    def overlap(self, start: int, end: int) -> bool:
        """Whether any address of [start, end) is in one of them."""
        at = bisect_right(self.starts, end - 1) - 1
        return start < end and at >= 0 and self.ends[at] > start
