"""Who watches a machine: strace, the stepper, a trace. Observers are told, and change nothing.

With an observer attached that `sees_calls` the trap gate answers no call itself, so that each is seen; ticks,
interleaving and output stay what they are without one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rvsim.guest_os.mm.vma import Vma
    from rvsim.guest_os.task.signal import SigInfo
    from rvsim.guest_os.task.task import Task
    from rvsim.guest_os.wait import Blocked, WaitQueue


class Observer:
    """Every event does nothing unless a subclass says more. An observer may read the kernel and must not touch it.

    Attributes:
        sees_calls: calls that the gate would answer are answered by the kernel, and `enter` and `leave` tell of them.
        sees_pages: first touches of anonymous memory, which the gate would answer, come as traps like other faults.
    """

    sees_calls = True
    sees_pages = False

    def turn(self, task: Task) -> None:
        """The task runs now."""
        return

    def turn_over(self, task: Task) -> None:
        """The task ran, and waits, stopped, ended, or lets others run: `task.state` and `task.queued` tell."""
        return

    def trap(self, task: Task, cause: int, epc: int, tval: int) -> None:
        """The hart trapped, and the kernel acts next; for a call, `enter` follows.

        `cause`: Volume II, "Supervisor Cause Register (scause)"; -1: `wfi`, or what the engine cannot execute.
        """
        return

    def served(self, task: Task, cause: int) -> None:
        """The kernel has done what the trap asked for. Not for a call that waits: it leaves later."""
        return

    def enter(self, task: Task, number: int, registers: Sequence[int]) -> None:
        """A call begins: `registers` are a0 to a5. A call that waits enters once and leaves once.

        A signal (`signal`, while `task.in_call`) ends a call that does not leave; if no handler runs, it goes on
        after all (`again`).
        """
        return

    def injected(self, task: Task, action: str, number: int, call: str, count: int) -> None:
        """A fault happens to the call that the task has begun, or to the `page` that it wants.

        `action`, `number`: what `Fault` has of these names. `count`: which of the calls that count it is.
        """
        return

    def again(self, task: Task, number: int, registers: Sequence[int]) -> None:
        """A call that waited was woken and tries again."""
        return

    def leave(self, task: Task, number: int, registers: Sequence[int], result: int | None) -> None:
        """A call is over. `result` goes to a0; None: the call has set the registers itself, or the task is gone."""
        return

    def cut_short(self, task: Task, number: int, result: int | None) -> None:
        """A handler runs instead of a call that waited, which gives `result`; None: it is made again afterwards."""
        return

    def sleeps(self, task: Task, wait: Blocked) -> None:
        """A call waits."""
        return

    def woken(self, task: Task, queue: WaitQueue | None, by_signal: bool) -> None:
        """A call that waited will be tried again: for one of its queues, for its deadline (None), or for a signal."""
        return

    def mapped(self, task: Task, area: Vma) -> None:
        """A file was mapped as code. What an exec maps is there when `executed` comes."""
        return

    def signal(self, task: Task, info: SigInfo) -> None:
        """A signal is taken from the queue and will be acted on next."""
        return

    def sent(self, target: Task, info: SigInfo, to_group: bool) -> None:
        """A signal was sent to `target`, or to its whole process, and is pending."""
        return

    def discarded(self, task: Task, info: SigInfo) -> None:
        """A signal was sent that nobody will see: it is ignored."""
        return

    def stopped(self, task: Task, signo: int) -> None:
        """Job control stopped the task."""
        return

    def forked(self, task: Task, child: Task) -> None:
        """A task made another: a process or a thread. Comes before its call leaves."""
        return

    def executed(self, task: Task) -> None:
        """A new program was loaded: by exec, before its call leaves, or as the machine's first."""
        return

    def exited(self, task: Task, status: int) -> None:
        """A task ended with this wait status; its parent does not know yet."""
        return


class Observers(Observer):
    """Several observers, told in the order in which they came."""

    def __init__(self, members: Sequence[Observer]) -> None:
        self.members = tuple(members)
        self.sees_calls = any(member.sees_calls for member in self.members)
        self.sees_pages = any(member.sees_pages for member in self.members)

    def turn(self, task: Task) -> None:
        for member in self.members:
            member.turn(task)

    def turn_over(self, task: Task) -> None:
        for member in self.members:
            member.turn_over(task)

    def trap(self, task: Task, cause: int, epc: int, tval: int) -> None:
        for member in self.members:
            member.trap(task, cause, epc, tval)

    def served(self, task: Task, cause: int) -> None:
        for member in self.members:
            member.served(task, cause)

    def enter(self, task: Task, number: int, registers: Sequence[int]) -> None:
        for member in self.members:
            member.enter(task, number, registers)

    def injected(self, task: Task, action: str, number: int, call: str, count: int) -> None:
        for member in self.members:
            member.injected(task, action, number, call, count)

    def again(self, task: Task, number: int, registers: Sequence[int]) -> None:
        for member in self.members:
            member.again(task, number, registers)

    def leave(self, task: Task, number: int, registers: Sequence[int], result: int | None) -> None:
        for member in self.members:
            member.leave(task, number, registers, result)

    def cut_short(self, task: Task, number: int, result: int | None) -> None:
        for member in self.members:
            member.cut_short(task, number, result)

    def sleeps(self, task: Task, wait: Blocked) -> None:
        for member in self.members:
            member.sleeps(task, wait)

    def woken(self, task: Task, queue: WaitQueue | None, by_signal: bool) -> None:
        for member in self.members:
            member.woken(task, queue, by_signal)

    def mapped(self, task: Task, area: Vma) -> None:
        for member in self.members:
            member.mapped(task, area)

    def sent(self, target: Task, info: SigInfo, to_group: bool) -> None:
        for member in self.members:
            member.sent(target, info, to_group)

    def signal(self, task: Task, info: SigInfo) -> None:
        for member in self.members:
            member.signal(task, info)

    def discarded(self, task: Task, info: SigInfo) -> None:
        for member in self.members:
            member.discarded(task, info)

    def stopped(self, task: Task, signo: int) -> None:
        for member in self.members:
            member.stopped(task, signo)

    def forked(self, task: Task, child: Task) -> None:
        for member in self.members:
            member.forked(task, child)

    def executed(self, task: Task) -> None:
        for member in self.members:
            member.executed(task)

    def exited(self, task: Task, status: int) -> None:
        for member in self.members:
            member.exited(task, status)
