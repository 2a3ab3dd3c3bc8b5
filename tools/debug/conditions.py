"""What a run can be asked to stop at: kinds of traps, calls, signals, the next instruction, some address."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rvsim.tools.debug.causes import ECALL, FAULTS, ILLEGAL, reads_counter
from rvsim.tools.debug.stop import Condition, Event, Kind, number_of
from rvsim.tools.strace.tracer import call_name

if TYPE_CHECKING:
    from rvsim.guest_os.task.control import Hit
    from rvsim.guest_os.task.task import Task
    from rvsim.tools.debug.session import Session
    from rvsim.tools.debug.watches import Watch


class Started(Condition):
    """The first program is about to run."""

    kind = Kind.START

    def goes_on(self, task: Task) -> bool:
        return True


class OfTask(Condition):
    """Only for one task or process: `tid` or `tgid`, 0 for any."""

    def __init__(self, inner: Condition, tgid: int = 0, tid: int = 0) -> None:
        self.inner = inner
        self.tgid = tgid
        self.tid = tid
        self.kind = inner.kind
        self.sees_traps = inner.sees_traps
        self.sees_events = inner.sees_events
        self.addresses = inner.addresses
        self.window = inner.window

    @property
    def is_calm(self) -> bool:
        return self.inner.is_calm

    def _is_it(self, task: Task) -> bool:
        return (not self.tgid or task.group.tgid == self.tgid) and (not self.tid or number_of(task) == self.tid)

    def trap(self, task: Task, cause: int) -> bool:
        return self._is_it(task) and self.inner.trap(task, cause)

    def goes_on(self, task: Task) -> bool:
        return self._is_it(task) and self.inner.goes_on(task)

    def event(self, event: Event) -> bool:
        return self._is_it(event.task) and self.inner.event(event)

    def wants_step(self, task: Task) -> bool:
        return self._is_it(task) and self.inner.wants_step(task)

    def stepped(self, task: Task) -> bool:
        return self._is_it(task) and self.inner.stepped(task)

    def comes_by(self, task: Task) -> bool:
        return self._is_it(task) and self.inner.comes_by(task)


class AnyOf(Condition):
    """One of several."""

    def __init__(self, conditions: Sequence[Condition]) -> None:
        self.conditions = tuple(conditions)
        self.kind = self.conditions[0].kind
        self.sees_traps = any(one.sees_traps for one in self.conditions)
        self.sees_events = any(one.sees_events for one in self.conditions)
        self.addresses = frozenset(address for one in self.conditions for address in one.addresses)

    @property
    def is_calm(self) -> bool:
        return all(one.is_calm for one in self.conditions)

    def trap(self, task: Task, cause: int) -> bool:
        return any(one.trap(task, cause) for one in self.conditions if one.sees_traps)

    def goes_on(self, task: Task) -> bool:
        return any(one.goes_on(task) for one in self.conditions)

    def event(self, event: Event) -> bool:
        return any(one.event(event) for one in self.conditions if one.sees_events)

    def wants_step(self, task: Task) -> bool:
        return any(one.wants_step(task) for one in self.conditions)

    def stepped(self, task: Task) -> bool:
        return any(one.stepped(task) for one in self.conditions)

    def comes_by(self, task: Task) -> bool:
        return any(one.comes_by(task) for one in self.conditions if task.kernel.hart.pc in one.addresses)


class Trap(Condition):
    """The `count`th trap from here; `causes` None: of any cause."""

    sees_traps = True
    kind = Kind.TRAP

    def __init__(self, causes: frozenset[int] | None = None, count: int = 1) -> None:
        self.causes = causes
        self.left = count

    def trap(self, task: Task, cause: int) -> bool:
        if self.causes is not None and (
                cause not in self.causes or (cause == ILLEGAL and reads_counter(task.kernel.hart.tval))):
            return False
        self.left -= 1
        return self.left <= 0


def fault() -> Trap:
    """An exception that is no call."""
    return Trap(FAULTS)


class Call(Condition):
    """A call by name, at its entry; no names: any call."""

    sees_traps = True
    kind = Kind.TRAP

    def __init__(self, names: Sequence[str] = ()) -> None:
        self.names = frozenset(names)

    def trap(self, task: Task, cause: int) -> bool:
        if cause != ECALL:
            return False
        if not self.names:
            return True
        name = call_name(task.abi.name, task.kernel.hart.x(17))
        return name in self.names or aliases(name or "") in self.names


def aliases(name: str) -> str:
    """What people call a call: on RISC-V, fork is a clone, and open is an openat."""
    return {"clone": "fork", "openat": "open", "newfstatat": "stat", "pselect6": "select", "ppoll": "poll",
            "wait4": "wait", "exit_group": "exit", "execve": "exec"}.get(name, "")


class Happens(Condition):
    """An event: a signal (by numbers, or any), a fork, an exec, an exit."""

    sees_events = True

    def __init__(self, kind: Kind, signals: frozenset[int] = frozenset()) -> None:
        self.kind = kind
        self.signals = signals

    def event(self, event: Event) -> bool:
        if event.kind is not self.kind:
            return False
        return not self.signals or (event.info is not None and event.info.signo in self.signals)


class Returned(Condition):
    """The kernel has done what this task's trap asked for, and the task goes on."""

    kind = Kind.RETURN

    def __init__(self, task: Task) -> None:
        self.tid = number_of(task)

    def goes_on(self, task: Task) -> bool:
        return number_of(task) == self.tid


class Switched(Condition):
    """The turn of another task begins."""

    kind = Kind.SWITCH

    def __init__(self, task: Task | None) -> None:
        self.tid = number_of(task)

    def goes_on(self, task: Task) -> bool:
        return number_of(task) != self.tid


class Rested(Condition):
    """The machine has been between two turns, where `then` was called."""

    kind = Kind.SWITCH

    def __init__(self, then: Callable[[], None]) -> None:
        self.then: Callable[[], None] | None = then

    def at_rest(self) -> None:
        """The machine is between two turns."""
        if self.then is not None:
            then, self.then = self.then, None
            then()

    def goes_on(self, task: Task) -> bool:
        return self.then is None


class Stepped(Condition):
    """`count` instructions of a task have run."""

    kind = Kind.STEP
    window = 256

    def __init__(self, task: Task, count: int = 1) -> None:
        self.tid = number_of(task)
        self.left = count

    def wants_step(self, task: Task) -> bool:
        return number_of(task) == self.tid

    def stepped(self, task: Task) -> bool:
        if number_of(task) != self.tid:
            return False
        self.left -= 1
        return self.left <= 0


class Arrived(Condition):
    """A task comes to one of these addresses, its stack pointer at least `least_sp`."""

    kind = Kind.STEP

    def __init__(self, addresses: frozenset[int], tid: int = 0, least_sp: int = 0) -> None:
        self.addresses = addresses
        self.tid = tid
        self.least_sp = least_sp

    def comes_by(self, task: Task) -> bool:
        return self.tid in (0, number_of(task)) and task.kernel.hart.x(2) >= self.least_sp


class AtBreakpoints(Condition):
    """A task comes to one of the session's breakpoints, whose conditions hold."""

    kind = Kind.BREAK
    window = 1 << 16

    def __init__(self, session: Session) -> None:
        self.session = session
        self.addresses = session.breakpoints.addresses

    def comes_by(self, task: Task) -> bool:
        return any(one.holds(self.session, task) for one in self.session.breakpoints.at(task.kernel.hart.pc))


class Accessed(Condition):
    """Bytes of a process are accessed."""

    kind = Kind.WATCH

    def __init__(self, area: Watch) -> None:
        self.area = area

    def watched(self, task: Task, hit: Hit | None) -> bool:
        return self.area is not None and self.area.concerns(task.group)


class Catches:
    """Conditions that stop every run, by number. Call `Session.aim` after changes."""

    def __init__(self) -> None:
        self.all: dict[int, tuple[str, Condition]] = {}
        self.disabled: set[int] = set()

    def _active(self) -> list[Condition]:
        return [condition for number, (_, condition) in self.all.items() if number not in self.disabled]

    def add(self, number: int, text: str, condition: Condition) -> None:
        """One more; numbers are the breakpoints', so that each is given once."""
        self.all[number] = text, condition

    def remove(self, number: int) -> bool:
        """Take one away; whether there was one."""
        self.disabled.discard(number)
        return self.all.pop(number, None) is not None

    @property
    def sees_traps(self) -> bool:
        return any(one.sees_traps for one in self._active())

    @property
    def sees_events(self) -> bool:
        return any(one.sees_events for one in self._active())

    def trap(self, task: Task, cause: int) -> bool:
        """Whether one stops at this trap."""
        return any(one.trap(task, cause) for one in self._active() if one.sees_traps)

    def event(self, event: Event) -> bool:
        """Whether one stops at this event."""
        return any(one.event(event) for one in self._active() if one.sees_events)
