"""Advisory locks of one inode: flock, and record locks of processes (POSIX) and open files (OFD). fs/locks.c"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from rvsim.guest_os.abi.errno import EAGAIN, EDEADLK
from rvsim.guest_os.abi.fcntl import F_UNLCK, F_WRLCK, LOCK_EX, LOCK_SH, LOCK_UN
from rvsim.guest_os.vfs.file import File
from rvsim.guest_os.vfs.inode import Inode
from rvsim.guest_os.wait import Blocked, WaitQueue

LOCK_END = 1 << 63
"""The end of a lock that reaches to the end of the file (l_len 0)."""


@dataclass(frozen=True, slots=True)
class RecordLock:
    """A lock on bytes [start, end) of a file, F_RDLCK or F_WRLCK, held by `owner` (a descriptor table or a file).

    `pid` is what F_GETLK tells: the locking process, -1 for an open file description's lock.
    """

    owner: Hashable
    pid: int
    type: int
    start: int
    end: int

    def conflicts(self, other: RecordLock) -> bool:
        """Whether the two cannot be held together."""
        return (
            self.owner is not other.owner
            and self.start < other.end
            and other.start < self.end
            and F_WRLCK in (self.type, other.type)
        )


class FileLocks:
    """All locks on one inode; made at the first one."""

    __slots__ = ("flocks", "queue", "records", "waiting")

    def __init__(self) -> None:
        self.flocks: dict[File, int] = {}
        self.records: list[RecordLock] = []
        self.waiting: dict[Hashable, RecordLock] = {}
        self.queue = WaitQueue()

    def flock(self, file: File, operation: int, *, wait: bool) -> None:
        """Lock, convert or unlock for an open file description. flock(2); fs/locks.c:flock_lock_inode

        Raises:
            EAGAIN: held by another and not `wait`. A lock that was to be converted is lost all the same.
            Blocked: held by another.
        """
        old = self.flocks.get(file)
        if operation == LOCK_UN:
            if old is not None:
                del self.flocks[file]
                self.queue.wake_all()
            return
        if old == operation:
            return
        if old is not None:
            del self.flocks[file]
            self.queue.wake_all()
        if (operation == LOCK_EX and self.flocks) or (operation == LOCK_SH and LOCK_EX in self.flocks.values()):
            if not wait:
                raise EAGAIN
            raise Blocked(self.queue)
        self.flocks[file] = operation

    def test(self, wanted: RecordLock) -> RecordLock | None:
        """The first lock that stands in the way of `wanted`. F_GETLK; fs/locks.c:posix_test_lock"""
        for held in self.records:
            if held.conflicts(wanted):
                return held
        return None

    def set(self, wanted: RecordLock, *, wait: bool) -> None:
        """Lock a range, or unlock it (F_UNLCK), splitting and joining the owner's own. fs/locks.c:posix_lock_inode

        Raises:
            EAGAIN: held by another and not `wait`.
            EDEADLK: waiting would close a circle of waiting processes.
            Blocked: held by another.
        """
        owner = wanted.owner
        self.waiting.pop(owner, None)
        if wanted.type != F_UNLCK:
            holder = self.test(wanted)
            if holder is not None:
                if not wait:
                    raise EAGAIN
                if holder.pid != -1 and self._circle(holder.owner, owner):
                    raise EDEADLK
                self.waiting[owner] = wanted
                raise Blocked(self.queue)
        start, end = wanted.start, wanted.end
        records: list[RecordLock] = []
        for held in self.records:
            if held.owner is not owner or held.end < start or held.start > end:
                records.append(held)
            elif held.type == wanted.type:
                start, end = min(start, held.start), max(end, held.end)    # touches or overlaps: one lock
            else:
                if held.start < wanted.start:
                    records.append(_part(held, held.start, min(held.end, wanted.start)))
                if held.end > wanted.end:
                    records.append(_part(held, max(held.start, wanted.end), held.end))
        if wanted.type != F_UNLCK:
            records.append(_part(wanted, start, end))
        records.sort(key=_start)
        self.records = records
        self.queue.wake_all()

    def _circle(self, holder: Hashable, owner: Hashable) -> bool:
        # Differs: only circles over locks of one file are found.
        seen: set[int] = set()
        while id(holder) not in seen:
            seen.add(id(holder))
            wanted = self.waiting.get(holder)
            if wanted is None:
                return False
            held = self.test(wanted)
            if held is None:
                return False
            if held.owner is owner:
                return True
            holder = held.owner
        return False

    def release_owner(self, owner: Hashable) -> None:
        """Drop the record locks of a process: it closed a descriptor of this file."""
        self.waiting.pop(owner, None)
        kept = [held for held in self.records if held.owner is not owner]
        if len(kept) != len(self.records):
            self.records = kept
            self.queue.wake_all()

    def release_file(self, file: File) -> None:
        """Drop what an open file description holds: it is closed."""
        self.release_owner(file)
        if self.flocks.pop(file, None) is not None:
            self.queue.wake_all()


def _part(lock: RecordLock, start: int, end: int) -> RecordLock:
    return RecordLock(lock.owner, lock.pid, lock.type, start, end)


def _start(lock: RecordLock) -> int:
    return lock.start


def locks_of(inode: Inode) -> FileLocks:
    """The locks of `inode`, made if there are none."""
    if inode.locks is None:
        inode.locks = FileLocks()
    return inode.locks


