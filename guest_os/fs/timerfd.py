"""timerfd: a timer that is a file. fs/timerfd.c, timerfd_create(2)"""

from __future__ import annotations

from rvsim.guest_os.abi.errno import EINVAL
from rvsim.guest_os.abi.poll import POLLIN
from rvsim.guest_os.fs.anon import AnonFile, AnonFs
from rvsim.guest_os.task.timers import TimerQueue
from rvsim.guest_os.vfs.clock import Clock
from rvsim.guest_os.vfs.credentials import Credentials
from rvsim.guest_os.wait import WaitQueue


class TimerFile(AnonFile):
    """A timer on the monotonic clock; `clock_id` says what absolute times mean. Reading gives the expirations.

    A periodic timer is armed again when someone looks, so that a short period costs nothing. `ticks` are the
    expirations that have not been read; `seq` is 0 when it is not armed.
    """

    __slots__ = ("clock", "clock_id", "deadline_ns", "interval_ns", "queue", "seq", "ticks", "timers")

    kind = b"[timerfd]"
    record_bytes = 8

    def __init__(self, anon: AnonFs, flags: int, cred: Credentials, clock_id: int, clock: Clock,
                 timers: TimerQueue) -> None:
        super().__init__(anon, flags, cred)
        self.clock_id = clock_id
        self.clock = clock
        self.timers = timers
        self.queue = WaitQueue()
        self.interval_ns = self.deadline_ns = self.seq = self.ticks = 0

    def set(self, deadline_ns: int | None, interval_ns: int) -> None:
        """Expire at `deadline_ns` (None: never) and then every `interval_ns`."""
        if self.seq:
            self.timers.cancel(self.seq)
            self.seq = 0
        self.ticks = 0
        self.interval_ns = interval_ns
        self.deadline_ns = 0
        if deadline_ns is not None:
            self.deadline_ns = deadline_ns
            self.seq = self.timers.add(deadline_ns, self)

    def expire(self, now_ns: int) -> None:
        """The time has come."""
        self.seq = 0
        self.ticks += 1
        self.queue.wake_all()

    def catch_up(self) -> None:
        """Count the periods that passed, and arm the timer again. fs/timerfd.c:timerfd_do_gettime"""
        now = self.clock.monotonic_ns()
        if self.seq and now >= self.deadline_ns:
            self.timers.cancel(self.seq)
            self.expire(now)
        if self.ticks and not self.seq and self.interval_ns:
            missed = max(now - self.deadline_ns, 0) // self.interval_ns
            self.ticks += missed
            self.deadline_ns += (missed + 1) * self.interval_ns
            self.seq = self.timers.add(self.deadline_ns, self)

    def remaining_ns(self) -> int:
        """Until it expires next; 0 if it is not armed."""
        self.catch_up()
        return max(self.deadline_ns - self.clock.monotonic_ns(), 1) if self.seq else 0

    def read(self, size: int) -> bytes:
        if size < 8:
            raise EINVAL
        if not self.ticks:
            self.would_block(self.queue)
        self.catch_up()
        ticks, self.ticks = self.ticks, 0
        return ticks.to_bytes(8, "little")

    def poll(self) -> int:
        return POLLIN if self.ticks else 0

    def poll_queues(self) -> tuple[WaitQueue, ...]:
        return (self.queue,)

    def release(self) -> None:
        self.set(None, 0)
        super().release()
