"""Where a session stands, and why it stopped there."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from rvsim.guest_os.boot import Machine
    from rvsim.guest_os.task.control import Hit
    from rvsim.guest_os.task.signal import SigInfo
    from rvsim.guest_os.task.task import Task
    from rvsim.tools.debug.breakpoints import Breakpoint
    from rvsim.tools.debug.watches import Watch


class Kind(enum.Enum):
    """Why a session stopped."""

    START = "start"             # the first program is about to run
    TRAP = "trap"               # the hart trapped, and the kernel acts next
    RETURN = "return"           # the kernel has acted, and the task goes on next
    STEP = "step"               # an instruction has run
    BREAK = "break"             # before the instruction at a breakpoint
    WATCH = "watch"             # watched bytes were accessed
    SIGNAL = "signal"           # a signal is taken from its queue and acted on next
    FORK = "fork"               # a task has made another
    EXEC = "exec"               # a task has loaded another program
    EXIT = "exit"               # a task has ended
    SWITCH = "switch"           # another task's turn has begun
    INTERRUPT = "interrupt"     # somebody asked
    WAITING = "waiting"         # nothing can run before the guest gets input
    ENDED = "ended"             # the machine has ended


EVENTS = (Kind.SIGNAL, Kind.FORK, Kind.EXEC, Kind.EXIT)
"""Stops that the kernel tells of; all but EXEC, which waits until the task goes on, in the middle of what it does."""

SINGULAR = (Kind.TRAP, Kind.SIGNAL, Kind.FORK, Kind.EXIT, Kind.WAITING, Kind.ENDED)
"""Stops that are somewhere else than before an instruction of a task."""


def number_of(task: Task | None) -> int:
    """The task's number as the whole machine counts, 0 for none."""
    if task is None:
        return 0
    number: int = task.pid.numbers[0][0]
    return number


class Position(NamedTuple):
    """A moment of a run. A run that is repeated comes by the same ones.

    `traps` so many traps had begun, `ticks` so many had passed; the task with number `tid` (0: none) stood before the
    instruction at `pc`. Of `Kind.TRAP`: trap number `traps` has just begun, and that number alone says where it is.

    Of one place there may be several positions at one tick: a turn ends and the next one of the same task begins, or
    the kernel tells of two signals. So the rest belongs to it: `turn`, how often the scheduler had been between turns;
    `nth`, so many equal events came before (of `WAITING`: so many answers of the outside); `changes`, so often the
    stopped machine had been changed before the run came here.
    """

    traps: int
    ticks: int
    tid: int
    pc: int
    kind: Kind
    turn: int = 0
    nth: int = 0
    changes: int = 0

    @property
    def moment(self) -> tuple[int, int]:
        """The traps and ticks until then."""
        return self.traps, self.ticks

    @property
    def order(self) -> tuple[int, int, int]:
        """What orders positions, but for those at one tick."""
        return self.turn, self.traps, self.ticks

    def is_at(self, other: Position) -> bool:
        """Whether the machine is the same at both, whatever it stopped for."""
        if self.kind is Kind.TRAP or other.kind is Kind.TRAP:
            return self.kind is other.kind and self.traps == other.traps
        kind = Kind.STEP
        mine = self._replace(kind=self.kind if self.kind in SINGULAR else kind)
        return mine == other._replace(kind=other.kind if other.kind in SINGULAR else kind)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that the kernel did. `other` is the child of a fork; `status` a wait status."""

    kind: Kind
    task: Task
    info: SigInfo | None = None
    other: Task | None = None
    status: int = 0


@dataclass(frozen=True, slots=True)
class Stop:
    """A stop as a frontend is told of it.

    `task` is the task that stopped, None with `WAITING` and `ENDED` (and if it is gone). `cause`, `epc` and `tval`
    belong to `TRAP`; `breakpoints` to `BREAK`, `watch` and `hit` to `WATCH`; `old` and `new` are the watched bytes
    before and after; `event` to `EVENTS`; `status`, the exit status, to `ENDED`. `asked`: what was asked for has come,
    as against a breakpoint, a catch or the end on the way there. `missed`: a search backwards found nothing.
    `given_up`: somebody interrupted the way back, and it stands again where it stood before. `lost`: so it does because
    the run does not come by the place that was wanted, since it was changed.
    """

    kind: Kind
    position: Position
    task: Task | None
    cause: int = -1
    epc: int = 0
    tval: int = 0
    breakpoints: tuple[Breakpoint, ...] = ()
    watch: Watch | None = None
    hit: Hit | None = None
    old: bytes = b""
    new: bytes = b""
    event: Event | None = None
    status: int | None = None
    error: str = ""
    asked: bool = False
    missed: bool = False
    given_up: bool = False
    lost: bool = False


# ---- what a frontend says to a stop


class Order:
    """What a frontend wants next."""


class Go(Order):
    """Run until `until`, or for ever; breakpoints, watches and catches stop on the way."""

    def __init__(self, until: Condition | None = None) -> None:
        self.until = until


class Goto(Order):
    """Go back, or forth, to a position where the run has been.

    `given_up`: because the way elsewhere was interrupted.
    """

    def __init__(self, position: Position, given_up: bool = False) -> None:
        self.position = position
        self.given_up = given_up


class Search(Order):
    """Go back to the last place before this one at which `condition` would have stopped."""

    def __init__(self, condition: Condition) -> None:
        self.condition = condition


class Load(Order):
    """Put another machine (`Session.restored`) in the place of this one, with a history of its own."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine


class Quit(Order):
    """Leave the machine as it is. `Session.run` returns None."""


class Condition:
    """When a run is to stop. This one never does; subclasses say what they have to look at, and answer.

    Attributes:
        kind: what a stop for it is called, unless it is a trap, an event or a step.
        sees_traps: `trap` is to be asked at each trap.
        sees_events: `event` is to be asked at signals, forks, execs and exits.
        sees_rests, sees_starts, sees_steps: `at_rest`, `goes_on` and `wants_step` are to be asked: a class has its own.
        addresses: `comes_by` is to be asked before the instructions at these addresses.
        area, areas: bytes whose accesses `watched` is to be asked of.
        window: ticks in which a search backwards looks first, 0 for all: what stops often is found soon.
    """

    kind = Kind.STEP
    sees_traps = False
    sees_events = False
    sees_rests = sees_starts = sees_steps = False
    addresses: frozenset[int] = frozenset()
    area: Watch | None = None
    areas: tuple[Watch, ...] = ()
    window = 0

    def __init_subclass__(cls) -> None:
        cls.sees_rests = cls.at_rest is not Condition.at_rest
        cls.sees_starts = cls.goes_on is not Condition.goes_on
        cls.sees_steps = cls.wants_step is not Condition.wants_step

    @property
    def is_calm(self) -> bool:
        """Whether `goes_on` and `wants_step` need not be asked before the next event."""
        return not (self.sees_starts or self.sees_steps)

    def at_rest(self) -> None:
        """The machine is between two turns; nothing stops here."""
        return

    def trap(self, task: Task, cause: int) -> bool:
        """The hart trapped; the kernel acts next."""
        return False

    def goes_on(self, task: Task) -> bool:
        """The task is about to run, after a trap or as its turn begins."""
        return False

    def event(self, event: Event) -> bool:
        """The kernel did something."""
        return False

    def wants_step(self, task: Task) -> bool:
        """Whether `stepped` is to be asked after the next instruction of the task."""
        return False

    def stepped(self, task: Task) -> bool:
        """An instruction of the task has run, with the trap that it took."""
        return False

    def comes_by(self, task: Task) -> bool:
        """The task is about to run the instruction at one of `addresses`."""
        return False

    def watched(self, task: Task, hit: Hit | None) -> bool:
        """The task has accessed `area`; `hit` None: the kernel has stored there for it."""
        return False
