"""Watches: bytes of a process whose accesses stop it, by the program and, if it writes, by the kernel for it.

An access of the program is seen by the controller, which hides the pages. What the kernel stores for a call is seen by
comparing the bytes when the call is over; so is what another process stores into shared memory, but late.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rvsim.guest_os.mm.fault import Access
from rvsim.guest_os.task.control import Watched
from rvsim.tools.debug import memory
from rvsim.tools.debug.expressions import Expression, ExpressionError
from rvsim.tools.debug.scope import TaskScope
from rvsim.tools.debug.stop import Kind, Stop

if TYPE_CHECKING:
    from rvsim.guest_os.task.control import Hit
    from rvsim.guest_os.task.task import Task
    from rvsim.guest_os.task.thread_group import ThreadGroup
    from rvsim.tools.debug.session import Session

ACCESSES = {"r": Access.READ, "w": Access.WRITE, "x": Access.EXEC}
LARGEST = 1 << 20


@dataclass(slots=True)
class Watch:
    """Stops accesses to [start, start + size) of a process (`tgid` 0: of every one)."""

    number: int
    tgid: int
    start: int
    size: int
    accesses: frozenset[Access]
    where: str = ""
    condition: Expression | None = None
    enabled: bool = True
    hits: int = 0

    @property
    def watched(self) -> Watched:
        """As the controller wants it."""
        return Watched(self.start, self.start + self.size, self.accesses)

    def concerns(self, group: ThreadGroup) -> bool:
        """Whether it is for this process, now."""
        return self.enabled and self.tgid in (0, group.tgid)

    def holds(self, session: Session, task: Task) -> bool:
        """Whether its condition is true; one that cannot be told counts as true."""
        if self.condition is None:
            return True
        try:
            return bool(self.condition.value(TaskScope(session, task)))
        except ExpressionError:
            return True


class Watches:
    """The watches of a session, by number. Call `Session.aim` after changes."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.all: dict[int, Watch] = {}
        self._placed: dict[ThreadGroup, tuple[Watch, ...]] = {}
        self._values: dict[tuple[int, int], bytes] = {}

    def __bool__(self) -> bool:
        return bool(self.all)

    def add(self, watch: Watch) -> None:
        """One more; numbers are the breakpoints', so that each is given once."""
        self.all[watch.number] = watch

    def remove(self, number: int) -> bool:
        """Take one away; whether there was one."""
        return self.all.pop(number, None) is not None

    # ---- for the session

    def _wanted(self, group: ThreadGroup) -> tuple[Watch, ...]:
        return tuple(watch for watch in self.session.all_watches() if watch.concerns(group))

    def place(self) -> None:
        """Tell the controller what to watch, in each process that there is."""
        control = self.session.control
        control.clear_watches()
        self._placed.clear()
        if any(True for _ in self.session.all_watches()):
            for task in self.session.tasks():
                if task.mm is not None:
                    self.place_for(task)

    def place_for(self, task: Task) -> None:
        """The same for one process, if it has not been done."""
        group = task.group
        if group in self._placed or not self.session.has_watches:
            return
        wanted = self._placed[group] = self._wanted(group)
        if wanted:
            self.session.control.set_watches(group, [watch.watched for watch in wanted])
            for watch in wanted:
                self._note(task, watch)

    def _note(self, task: Task, watch: Watch) -> None:
        data = memory.read(task, watch.start, watch.size)
        if data is not None:
            self._values[task.group.tgid, watch.number] = data

    def forget_values(self) -> None:
        """Another machine has come."""
        self._values.clear()
        self._placed.clear()

    def seen(self, task: Task, hit: Hit) -> None:
        """The program has touched what is watched: its bytes are known again."""
        for watch in self._placed.get(task.group, ()):
            if watch.watched == hit.watched:
                self._note(task, watch)

    def touched(self, task: Task, hit: Hit) -> tuple[Watch, bytes, bytes] | None:
        """The watch that the program has touched, if it stops: its bytes before and after."""
        for watch in self._placed.get(task.group, ()):
            if watch.watched == hit.watched:
                old = self._values.get((task.group.tgid, watch.number), b"")
                self._note(task, watch)
                if watch.holds(self.session, task):
                    watch.hits += 1
                    return watch, old, self._values.get((task.group.tgid, watch.number), b"")
        return None

    def kernel_acted(self, task: Task) -> None:
        """The kernel has done something for this task: see whether it has changed what is watched."""
        if task.mm is None:
            return
        for watch in self._placed.get(task.group, ()):
            if Access.WRITE not in watch.accesses:
                continue
            key = task.group.tgid, watch.number
            old = self._values.get(key)
            new = memory.read(task, watch.start, watch.size)
            if new is None or old == new:
                continue
            self._values[key] = new
            if old is not None and watch.holds(self.session, task):
                watch.hits += 1
                self.session.wrote(task, Stop(Kind.WATCH, self.session.position(Kind.WATCH, task), task, watch=watch,
                                              old=old, new=new))
