"""eventfd: a counter that can be waited for. fs/eventfd.c, eventfd(2)"""

from __future__ import annotations

from rvsim.guest_os.abi.errno import EINVAL
from rvsim.guest_os.abi.poll import POLLERR, POLLIN, POLLOUT
from rvsim.guest_os.fs.anon import AnonFile, AnonFs
from rvsim.guest_os.vfs.credentials import Credentials
from rvsim.guest_os.wait import WaitQueue

EFD_SEMAPHORE = 1
COUNT_MAX = (1 << 64) - 1


class EventFile(AnonFile):
    """The counter. Reading takes it whole, or 1 of it (`semaphore`); writing adds."""

    __slots__ = ("counter", "queue", "semaphore")

    kind = b"[eventfd]"
    record_bytes = 8

    def __init__(self, anon: AnonFs, flags: int, cred: Credentials, counter: int, semaphore: bool) -> None:
        super().__init__(anon, flags, cred)
        self.counter = counter
        self.semaphore = semaphore
        self.queue = WaitQueue()

    def read(self, size: int) -> bytes:
        if size < 8:
            raise EINVAL
        if not self.counter:
            self.would_block(self.queue)
        taken = 1 if self.semaphore else self.counter
        self.counter -= taken
        self.queue.wake_all()
        return taken.to_bytes(8, "little")

    def write(self, data: bytes) -> int:
        added = int.from_bytes(data[:8], "little")
        if len(data) < 8 or added == COUNT_MAX:
            raise EINVAL
        if added > COUNT_MAX - 1 - self.counter:
            self.would_block(self.queue)
        self.counter += added
        self.queue.wake_all()
        return 8

    def poll(self) -> int:
        mask = POLLIN if self.counter else 0
        if self.counter == COUNT_MAX:
            mask |= POLLERR
        return mask | POLLOUT if self.counter < COUNT_MAX - 1 else mask

    def poll_queues(self) -> tuple[WaitQueue, ...]:
        return (self.queue,)
