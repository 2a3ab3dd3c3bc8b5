"""epoll: files that are watched by another file. fs/eventpoll.c, epoll(7)

An item waits on the queues of its file for good. When one of them wakes, the item is `ready`: someone shall look. A
level-triggered item stays ready as long as its file has an event; an edge-triggered one until it was told.
"""

from __future__ import annotations

from rvsim.guest_os.abi.errno import EEXIST, EINVAL, ELOOP, ENOENT
from rvsim.guest_os.abi.poll import POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM
from rvsim.guest_os.fs.anon import AnonFile, AnonFs
from rvsim.guest_os.vfs.credentials import Credentials
from rvsim.guest_os.vfs.file import File
from rvsim.guest_os.wait import WaitQueue

EPOLLEXCLUSIVE, EPOLLWAKEUP, EPOLLONESHOT, EPOLLET = 1 << 28, 1 << 29, 1 << 30, 1 << 31
PRIVATE_BITS = EPOLLEXCLUSIVE | EPOLLWAKEUP | EPOLLONESHOT | EPOLLET
EXCLUSIVE_OK = (POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM | POLLERR | POLLHUP | EPOLLWAKEUP | EPOLLET
                | EPOLLEXCLUSIVE)
MAX_NESTS = 5
"""fs/eventpoll.c:EP_MAX_NESTS + 1: so many epolls may watch each other in a chain."""


def has_events(file: File) -> bool:
    """Whether this kind of file can be waited for. include/linux/poll.h:file_can_poll"""
    return type(file).poll is not File.poll


class EpollItem:
    """One watched file. Waits on its queues like a task."""

    __slots__ = ("data", "epoll", "events", "fd", "file", "queues")

    def __init__(self, epoll: EpollFile, fd: int, file: File, events: int, data: int) -> None:
        self.epoll = epoll
        self.fd = fd
        self.file = file
        self.events = events
        self.data = data
        self.queues = tuple(dict.fromkeys(file.poll_queues()))
        for queue in self.queues:
            queue.waiters[self] = None
        if file.watchers is None:
            file.watchers = {}
        file.watchers[self] = None

    def wake(self, queue: WaitQueue | None) -> None:
        """The file may have an event now."""
        if self.events & ~PRIVATE_BITS:
            self.epoll.ready[self] = None
            self.epoll.queue.wake_all()

    def state(self) -> int:
        """The events that hold and are asked for."""
        return self.file.poll() & self.events

    def file_closed(self) -> None:
        """The last holder of the file let go of it."""
        self.epoll.forget(self)

    def leave(self) -> None:
        """Wait no more."""
        for queue in self.queues:
            queue.waiters.pop(self, None)
        self.queues = ()
        if self.file.watchers is not None:
            self.file.watchers.pop(self, None)


class EpollFile(AnonFile):
    """The watcher: its items by (number, file), and those to be looked at, oldest first."""

    __slots__ = ("items", "queue", "ready")

    kind = b"[eventpoll]"

    def __init__(self, anon: AnonFs, cred: Credentials) -> None:
        super().__init__(anon, 0, cred)
        self.items: dict[tuple[int, File], EpollItem] = {}
        self.ready: dict[EpollItem, None] = {}
        self.queue = WaitQueue()

    def add(self, fd: int, file: File, events: int, data: int) -> None:
        """EPOLL_CTL_ADD.

        Raises:
            EEXIST. EINVAL: flags that exclude each other.
            ELOOP: epolls would watch each other in a circle, or too deep.
        """
        if events & EPOLLEXCLUSIVE and (isinstance(file, EpollFile) or events & ~EXCLUSIVE_OK):
            raise EINVAL
        if (fd, file) in self.items:
            raise EEXIST
        if isinstance(file, EpollFile) and (file.reaches(self) or file.depth() + self.height() > MAX_NESTS):
            raise ELOOP
        item = self.items[fd, file] = EpollItem(self, fd, file, events | POLLERR | POLLHUP, data)
        self._look(item)

    def modify(self, fd: int, file: File, events: int, data: int) -> None:
        """EPOLL_CTL_MOD. ENOENT: not watched. EINVAL: EPOLLEXCLUSIVE now or before."""
        item = self._find(fd, file)
        if (events | item.events) & EPOLLEXCLUSIVE:
            raise EINVAL
        item.events = events | POLLERR | POLLHUP
        item.data = data
        self._look(item)

    def delete(self, fd: int, file: File) -> None:
        """EPOLL_CTL_DEL. ENOENT: not watched."""
        self.forget(self._find(fd, file))

    def _find(self, fd: int, file: File) -> EpollItem:
        item = self.items.get((fd, file))
        if item is None:
            raise ENOENT
        return item

    def _look(self, item: EpollItem) -> None:
        if item.state():
            item.wake(None)

    def forget(self, item: EpollItem) -> None:
        """Watch no more."""
        item.leave()
        self.ready.pop(item, None)
        self.items.pop((item.fd, item.file), None)

    def reaches(self, other: EpollFile) -> bool:
        """Whether `other` is this one, or watched by it at any depth."""
        return self is other or any(item.file.reaches(other) for item in self.items.values()
                                    if isinstance(item.file, EpollFile))

    def depth(self) -> int:
        """How many epolls stand on the longest way down from here, this one included."""
        return 1 + max((item.file.depth() for item in self.items.values() if isinstance(item.file, EpollFile)),
                       default=0)

    def height(self) -> int:
        """How many epolls stand on the longest way up from here, this one included."""
        return 1 + max((item.epoll.height() for item in self.watchers or () if isinstance(item, EpollItem)),
                       default=0)

    def take(self, limit: int) -> list[tuple[EpollItem, int]]:
        """Up to `limit` items and their events, as epoll_wait tells them; `told` comes next for each."""
        found: list[tuple[EpollItem, int]] = []
        for item in tuple(self.ready):
            if len(found) == limit:
                break
            events = item.state()
            del self.ready[item]
            if events:
                found.append((item, events))
        return found

    def told(self, item: EpollItem) -> None:
        """The program knows of an item's events. fs/eventpoll.c:ep_send_events"""
        if item.events & EPOLLONESHOT:
            item.events &= PRIVATE_BITS
        elif not item.events & EPOLLET:
            self.ready[item] = None

    def untold(self, items: list[tuple[EpollItem, int]]) -> None:
        """The program did not get to know of these after all: they are first again."""
        self.ready = {item: None for item, _ in items} | self.ready

    def poll(self) -> int:
        for item in tuple(self.ready):
            if item.state():
                return POLLIN | POLLRDNORM
            del self.ready[item]
        return 0

    def poll_queues(self) -> tuple[WaitQueue, ...]:
        return (self.queue,)

    def release(self) -> None:
        for item in tuple(self.items.values()):
            self.forget(item)
        super().release()
