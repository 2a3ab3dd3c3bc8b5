"""The processes that gdb has in its session, and what it wants of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rvsim.guest_os.mm.fault import Access
from rvsim.guest_os.task.control import Watched
from rvsim.tools.gdb.ids import BadPacket, pid_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rvsim.guest_os.task.task import Task
    from rvsim.tools.gdb.agent import Expression

SOFTWARE, HARDWARE, WRITE_WATCH, READ_WATCH, ACCESS_WATCH = range(5)
"""The types of `Z` packets."""

_ACCESSES = {
    WRITE_WATCH: frozenset((Access.WRITE,)), READ_WATCH: frozenset((Access.READ,)),
    ACCESS_WATCH: frozenset((Access.READ, Access.WRITE)),
}
BREAK_NAMES = {SOFTWARE: "swbreak", HARDWARE: "hwbreak"}
WATCH_NAMES = {WRITE_WATCH: "watch", READ_WATCH: "rwatch", ACCESS_WATCH: "awatch"}
MOST_POINTS = 10_000
MOST_CONDITIONS = 64
LARGEST_WATCH = 1 << 16


class Inferior:
    """A process in gdb's session, by its number: the machine that it is in may be put back to an earlier state.

    Attributes:
        breakpoints: for each address the types (SOFTWARE, HARDWARE) that were set there, with their conditions: one
            of them must hold, if there are any.
        watches: what is watched, by type, address and size.
        calls: the numbers of calls to stop at; None: no call; an empty set: every call.
    """

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.breakpoints: dict[int, dict[int, tuple[Expression, ...]]] = {}
        self.watches: dict[tuple[int, int, int], Watched] = {}
        self.calls: frozenset[int] | None = None

    def catches(self, number: int) -> bool:
        """Whether call `number` is one to stop at."""
        return self.calls is not None and (not self.calls or number in self.calls)

    def new_program(self) -> None:
        """Another program: nothing that was set in the old one's memory means anything any more."""
        self.breakpoints.clear()
        self.watches.clear()

    def stops(self, task: Task) -> str:
        """Why a task of this process stops before its instruction, as gdb is told; nothing: it does not."""
        types = self.breakpoints.get(task.kernel.hart.pc)
        if types:
            for kind in sorted(types):
                conditions = types[kind]
                if not conditions or any(condition.holds(task) for condition in conditions):
                    return BREAK_NAMES[kind]
        return ""

    def insert(self, kind: int, address: int, size: int, conditions: tuple[Expression, ...] = ()) -> None:
        """A `Z` packet; conditions take the place of earlier ones. Raises BadPacket: what cannot be set."""
        if len(self.breakpoints) + len(self.watches) >= MOST_POINTS:
            raise BadPacket("too many")
        if kind in (SOFTWARE, HARDWARE):
            if address & 1:
                raise BadPacket("no place for an instruction")
            self.breakpoints.setdefault(address, {})[kind] = conditions
        else:
            if not 0 < size <= LARGEST_WATCH or address + size > 1 << 64:
                raise BadPacket("too large")
            self.watches[kind, address, size] = Watched(address, address + size, _ACCESSES[kind])

    def remove(self, kind: int, address: int, size: int) -> None:
        """A `z` packet; nothing if there was no such thing."""
        if kind in (SOFTWARE, HARDWARE):
            types = self.breakpoints.get(address, {})
            types.pop(kind, None)
            if not types:
                self.breakpoints.pop(address, None)
        else:
            self.watches.pop((kind, address, size), None)


class Inferiors:
    """All of them, in the order in which they came. `ever`: also those that have ended."""

    def __init__(self) -> None:
        self._by_pid: dict[int, Inferior] = {}
        self.ever: dict[int, None] = {}

    def __iter__(self) -> Iterator[Inferior]:
        return iter(tuple(self._by_pid.values()))

    def __len__(self) -> int:
        return len(self._by_pid)

    def of(self, task: Task) -> Inferior | None:
        """The process of a task; None: it is not in the session."""
        return self._by_pid.get(pid_of(task.group))

    def get(self, pid: int) -> Inferior | None:
        """The process of that number."""
        return self._by_pid.get(pid)

    def add(self, pid: int) -> Inferior:
        """Take a process into the session."""
        made = self._by_pid[pid] = Inferior(pid)
        self.ever[pid] = None
        return made

    def fork(self, parent: Inferior, pid: int) -> None:
        """A child of a process in the session is in it too, with the same breakpoints and watches."""
        child = self.add(pid)
        child.breakpoints = {address: dict(types) for address, types in parent.breakpoints.items()}
        child.watches = dict(parent.watches)
        child.calls = parent.calls

    def drop(self, pid: int) -> None:
        """A process leaves the session, and runs as if it had never been in it."""
        self._by_pid.pop(pid, None)
        self.ever.pop(pid, None)

    def leave(self, pid: int) -> None:
        """A process has ended."""
        self._by_pid.pop(pid, None)

    @property
    def addresses(self) -> frozenset[int]:
        """Where any of them has a breakpoint."""
        return frozenset(address for inferior in self._by_pid.values() for address in inferior.breakpoints)
