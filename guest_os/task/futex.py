"""Futexes: tasks that wait on a word of memory. kernel/futex/

A private futex is named by its address space and address, a shared one by the page cache and offset behind it, so
processes that map the same memory at different places meet. A task that was woken finds so in its `resume` when its
call runs again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rvsim.guest_os.abi.errno import EFAULT
from rvsim.guest_os.abi.mman import PROT_WRITE
from rvsim.guest_os.mm.page_cache import PageCache
from rvsim.guest_os.wait import Resume, WaitQueue

if TYPE_CHECKING:
    from rvsim.guest_os.mm.address_space import AddressSpace
    from rvsim.guest_os.task.task import Task

Key = tuple[object, int]
ANY = 0xFFFF_FFFF


class FutexWait(Resume):
    """What a waiting task keeps across its wait: where, for which bits, until when, and whether it was woken."""

    __slots__ = ("bitset", "deadline_ns", "key", "queue", "task", "woken")

    def __init__(self, task: Task, key: Key, bitset: int, deadline_ns: int | None) -> None:
        self.task = task
        self.key = key
        self.bitset = bitset
        self.deadline_ns = deadline_ns
        self.queue = WaitQueue()
        self.woken = False

    def interrupted(self) -> int | None:
        """A waiter that was woken is done, whatever else comes: a wake-up is never lost."""
        return 0 if self.woken else None

    def dropped(self) -> None:
        self.task.kernel.futexes.leave(self.task, self)


class Futexes:
    """All futexes that someone waits on: key -> (task, its wait), oldest first."""

    def __init__(self) -> None:
        self._waiting: dict[Key, dict[Task, FutexWait]] = {}

    def __len__(self) -> int:
        return sum(len(line) for line in self._waiting.values())

    @staticmethod
    def key(space: AddressSpace, address: int, private: bool) -> Key:
        """The name of the futex at `address`; of a private one only the address counts.

        Raises:
            EFAULT: it is not private, and nothing is mapped there, or memory that can never change.
        """
        if private:
            return space, address
        area = space.areas.find(address)
        if area is None or not area.prot or (area.cache is None and not area.prot & PROT_WRITE):
            raise EFAULT
        if area.shared and isinstance(area.cache, PageCache):
            return area.cache, address - area.start + area.offset
        return space, address

    def enqueue(self, task: Task, wait: FutexWait) -> None:
        """`task` waits; it raises `Blocked(wait.queue)` next."""
        self._waiting.setdefault(wait.key, {})[task] = wait

    def leave(self, task: Task, wait: FutexWait) -> None:
        """`task` no longer waits: timed out, interrupted or dead."""
        line = self._waiting.get(wait.key)
        if line is not None:
            line.pop(task, None)
            if not line:
                del self._waiting[wait.key]

    def wake(self, key: Key, count: int, bitset: int = ANY) -> int:
        """Wake at most `count` waiters whose bits meet `bitset`, oldest first; returns how many."""
        line = self._waiting.get(key)
        if not line:
            return 0
        woken = 0
        for task, wait in tuple(line.items()):
            if woken >= count:
                break
            if wait.bitset & bitset:
                self.leave(task, wait)
                wait.woken = True
                wait.queue.wake_all()
                woken += 1
        return woken

    def requeue(self, key: Key, target: Key, wake: int, move: int) -> tuple[int, int]:
        """Wake `wake` waiters of `key` and let `move` more wait on `target` instead; returns both counts."""
        woken = self.wake(key, wake)
        moved = 0
        line = self._waiting.get(key)
        for task, wait in tuple(line.items())[:move] if line else ():
            moved += 1
            if key != target:
                self.leave(task, wait)
                wait.key = target
                self.enqueue(task, wait)
        return woken, moved
