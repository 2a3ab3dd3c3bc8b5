"""Timers of the kernel: a heap of deadlines, each with something that expires. kernel/time/hrtimer.c"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Protocol

from rvsim.guest_os.abi.signals import SI_KERNEL, SIGALRM
from rvsim.guest_os.task.signal import SigInfo, send_signal

if TYPE_CHECKING:
    from rvsim.guest_os.task.thread_group import ThreadGroup


class Expiring(Protocol):
    """What a timer calls."""

    def expire(self, now_ns: int) -> None: ...


class TimerQueue:
    """Deadlines in monotonic nanoseconds; those that are equal expire in the order in which they were set."""

    __slots__ = ("_heap", "_live", "_seq")

    def __init__(self) -> None:
        self._heap: list[tuple[int, int]] = []
        self._live: dict[int, Expiring] = {}
        self._seq = 0

    def __len__(self) -> int:
        return len(self._live)

    def add(self, deadline_ns: int, what: Expiring) -> int:
        """Call `what.expire` at `deadline_ns`; returns a number to cancel it by."""
        self._seq += 1
        heapq.heappush(self._heap, (deadline_ns, self._seq))
        self._live[self._seq] = what
        return self._seq

    def cancel(self, seq: int) -> None:
        """Forget a timer; one that expired already is no error."""
        if self._live.pop(seq, None) is not None and len(self._heap) > 64 and len(self._heap) > 4 * len(self._live):
            self._heap = [entry for entry in self._heap if entry[1] in self._live]
            heapq.heapify(self._heap)

    def next_deadline(self) -> int | None:
        """The earliest deadline, None if no timer is set."""
        heap, live = self._heap, self._live
        while heap and heap[0][1] not in live:
            heapq.heappop(heap)
        return heap[0][0] if heap else None

    def run(self, now_ns: int) -> None:
        """Expire every timer that is due."""
        heap, live = self._heap, self._live
        while heap and heap[0][0] <= now_ns:
            _, seq = heapq.heappop(heap)
            what = live.pop(seq, None)
            if what is not None:
                what.expire(now_ns)


class ItimerReal:
    """setitimer(ITIMER_REAL) and alarm of one process. kernel/time/itimer.c"""

    __slots__ = ("deadline_ns", "group", "interval_ns", "seq")

    def __init__(self, group: ThreadGroup) -> None:
        self.group = group
        self.interval_ns = 0
        self.deadline_ns = 0
        self.seq = 0

    def set(self, value_ns: int, interval_ns: int, now_ns: int) -> None:
        """Arm it `value_ns` from now, 0 to disarm, then every `interval_ns`."""
        timers = self.group.kernel.scheduler.timers
        if self.seq:
            timers.cancel(self.seq)
            self.seq = 0
        self.interval_ns = interval_ns
        self.deadline_ns = now_ns + value_ns if value_ns else 0
        if value_ns:
            self.seq = timers.add(self.deadline_ns, self)

    def remaining_ns(self, now_ns: int) -> int:
        """Nanoseconds until it expires, 0 if it is not armed."""
        return max(self.deadline_ns - now_ns, 1) if self.seq else 0

    def expire(self, now_ns: int) -> None:
        """Send SIGALRM and arm again."""
        self.seq = 0
        send_signal(self.group.leader, SigInfo(SIGALRM, SI_KERNEL), True)
        if self.interval_ns:
            missed = (now_ns - self.deadline_ns) // self.interval_ns
            self.deadline_ns += (missed + 1) * self.interval_ns
            self.seq = self.group.kernel.scheduler.timers.add(self.deadline_ns, self)
