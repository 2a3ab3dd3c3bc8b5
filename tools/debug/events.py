"""What the kernel tells while somebody wants to know: it becomes events of the session, and the outcomes of traps."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rvsim.guest_os.task.observer import Observer
from rvsim.tools.debug import trap as traps
from rvsim.tools.debug.stop import Event, Kind, number_of
from rvsim.tools.strace.tracer import REMARKS

if TYPE_CHECKING:
    from rvsim.guest_os.task.signal import SigInfo
    from rvsim.guest_os.task.task import State, Task
    from rvsim.tools.debug.session import Session

MOST_RECENT = 100


class Events(Observer):
    """The observer of a session; attached only while something that it tells is wanted.

    Attributes:
        recent: the last events since the last stop; `forgotten`: so many there were before.
        pending: the trap that was looked at last, by its task; its outcome is filled in.
        unmade: calls that were left out since the last stop: whose, as strace shows them, and their results.
        sees_calls: only while a trap's outcome may be asked for, or what calls store is watched.
        left: by tid, in which state a task was when its last turn ended, if it can have another.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.recent: deque[Event] = deque(maxlen=MOST_RECENT)
        self.forgotten = 0
        self.left: dict[int, State] = {}
        self.unmade: list[tuple[Task, str, int]] = []
        self.pending: dict[Task, traps.Trap] = {}

    def clear(self) -> None:
        """The session has stopped, and what was before has been shown."""
        self.recent.clear()
        self.forgotten = 0
        self.left.clear()
        self.unmade.clear()

    def _settle(self, task: Task) -> None:
        """Nothing more will be said of a trap: if that was all there is to look for, look no more."""
        if self.pending[task].over:
            del self.pending[task]
            self.session.aim()

    def not_made(self, result: int) -> None:
        """The call that was looked at is not made after all."""
        for trap in self.pending.values():
            trap.outcome, trap.over = f"not made; its result is {result}", True
        self.pending.clear()

    def call_not_made(self, task: Task, registers: Sequence[int], result: int) -> None:
        """The next call of a task, which was to be left out, has come; `registers`: a7 and a0 to a5."""
        number, *arguments = registers
        self.unmade.append((task, traps.text_of(traps.begin(task, number, arguments)), result))

    def another_machine(self) -> None:
        """The session has gone back: what is pending will not come."""
        self.clear()
        self.pending.clear()

    def turn_over(self, task: Task) -> None:
        if task.alive:
            self.left[number_of(task)] = task.state
        else:
            self.left.pop(number_of(task), None)
        if task in self.pending:
            traps.waits(self.pending[task])
            self._settle(task)

    def leave(self, task: Task, number: int, registers: Sequence[int], result: int | None) -> None:
        if task in self.pending:
            traps.finish_call(self.pending[task], result)
            self._settle(task)
        self.session.watches.kernel_acted(task)

    def injected(self, task: Task, action: str, number: int, call: str, count: int) -> None:
        trap = self.pending.get(task)
        if trap is not None and trap.call is not None:
            trap.call.add_remark(REMARKS.get(action, ""))

    def served(self, task: Task, cause: int) -> None:
        if task in self.pending:
            traps.finish_fault(self.pending[task])
            self._settle(task)
        self.session.watches.kernel_acted(task)

    def signal(self, task: Task, info: SigInfo) -> None:
        self._tell(Event(Kind.SIGNAL, task, info))

    def forked(self, task: Task, child: Task) -> None:
        self._tell(Event(Kind.FORK, task, other=child))

    def executed(self, task: Task) -> None:
        self._tell(Event(Kind.EXEC, task))

    def exited(self, task: Task, status: int) -> None:
        self._tell(Event(Kind.EXIT, task, status=status))

    def _tell(self, event: Event) -> None:
        self.forgotten += len(self.recent) == MOST_RECENT
        self.recent.append(event)
        if event.task in self.pending:
            traps.note_event(self.pending[event.task], event)
            self._settle(event.task)
        self.session.happened(event)
