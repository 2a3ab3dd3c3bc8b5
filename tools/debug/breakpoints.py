"""Breakpoints: places before whose instruction a run stops, in some process or in all, under a condition."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rvsim.tools.debug.expressions import Expression, ExpressionError
from rvsim.tools.debug.scope import TaskScope

if TYPE_CHECKING:
    from rvsim.guest_os.task.task import Task
    from rvsim.tools.debug.session import Session


@dataclass(slots=True)
class Breakpoint:
    """Stops before the instructions at `addresses` (of one place in the source there may be several).

    `where` is how it was asked for. `tgid`: the process that it is for, 0 for all. `temporary`: goes when it is hit.
    `ignore`: so many hits still pass. `resolve`, for a place that is not loaded yet: finds the addresses in a process.
    """

    number: int
    where: str
    addresses: frozenset[int]
    condition: Expression | None = None
    tgid: int = 0
    enabled: bool = True
    temporary: bool = False
    ignore: int = 0
    hits: int = 0
    resolve: Callable[[Task], frozenset[int]] | None = field(default=None, repr=False)

    def holds(self, session: Session, task: Task) -> bool:
        """Whether it counts for this task, as it is. A condition that cannot be told counts as true."""
        if not self.enabled or (self.tgid and self.tgid != task.group.tgid):
            return False
        if self.condition is None:
            return True
        try:
            return bool(self.condition.value(TaskScope(session, task)))
        except ExpressionError:
            return True


class Breakpoints:
    """The breakpoints of a session, by number. Call `Session.aim` after changes."""

    def __init__(self) -> None:
        self.all: dict[int, Breakpoint] = {}
        self.next_number = 1

    def add(self, where: str, addresses: frozenset[int], condition: Expression | None = None, tgid: int = 0,
            temporary: bool = False) -> Breakpoint:
        """A new breakpoint."""
        made = Breakpoint(self.next_number, where, addresses, condition, tgid, temporary=temporary)
        self.all[made.number] = made
        self.next_number += 1
        return made

    def remove(self, number: int) -> bool:
        """Take one away; whether there was one."""
        return self.all.pop(number, None) is not None

    @property
    def addresses(self) -> frozenset[int]:
        """Where to stop."""
        return frozenset(address for one in self.all.values() if one.enabled for address in one.addresses)

    def at(self, pc: int) -> tuple[Breakpoint, ...]:
        """Those at an address that are enabled."""
        return tuple(one for one in self.all.values() if one.enabled and pc in one.addresses)

    def hit(self, session: Session, task: Task, pc: int) -> tuple[Breakpoint, ...]:
        """Those that stop a task that stands at `pc`; they are counted, and temporary ones go."""
        found = []
        for one in self.at(pc):
            if one.holds(session, task):
                one.hits += 1
                if one.ignore:
                    one.ignore -= 1
                    continue
                found.append(one)
                if one.temporary:
                    del self.all[one.number]
        return tuple(found)
