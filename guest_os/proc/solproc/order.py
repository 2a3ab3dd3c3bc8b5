"""To whom a control message goes, and how a write to ctl waits in the middle of its messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rvsim.guest_os.abi.errno import EBUSY, ENOENT
from rvsim.guest_os.proc.solproc.views import representative
from rvsim.guest_os.task import tracing
from rvsim.guest_os.wait import Progress

if TYPE_CHECKING:
    from rvsim.guest_os.mm.address_space import AddressSpace
    from rvsim.guest_os.proc.solproc.files import WriterNode
    from rvsim.guest_os.task.task import Task
    from rvsim.guest_os.task.thread_group import ThreadGroup
    from rvsim.guest_os.task.trace_state import ProcessTrace


class ControlWait(Progress):
    """A write that waits: the place of the message it is at, and until when. A signal ends it with EINTR.

    `deadly`: the message has sent SIGKILL, and is done when the process is.
    """

    __slots__ = ("at", "deadline_ns", "deadly")

    def __init__(self, at: int, deadline_ns: int | None) -> None:
        super().__init__(0)
        self.at = at
        self.deadline_ns = deadline_ns
        self.deadly = False

    def interrupted(self) -> int | None:
        return None


class Order:
    """To whom a message goes: `task` for an lwp, the representative for a process. `current` is who says it."""

    __slots__ = ("current", "group", "inode", "whole")

    def __init__(self, inode: WriterNode, current: Task) -> None:
        self.inode = inode
        self.current = current
        self.group: ThreadGroup = inode.about.live_process()
        self.whole = inode.about.thread is None
        if not self.whole:
            inode.about.live_task()

    @property
    def task(self) -> Task:
        """The lwp meant, or the one that stands for the process now."""
        return representative(self.group) if self.whole else self.inode.about.live_task()

    @property
    def tasks(self) -> tuple[Task, ...]:
        """Every lwp meant."""
        return tuple(self.group.threads) if self.whole else (self.task,)

    @property
    def trace(self) -> ProcessTrace:
        return tracing.tracing_of(self.group)

    @property
    def space(self) -> AddressSpace:
        """The memory. Raises ENOENT: there is none any more."""
        mm = next((thread.mm for thread in self.group.threads if thread.mm is not None), None)
        if mm is None:
            raise ENOENT
        return mm

    @property
    def to_self(self) -> bool:
        """Whether who says it is (part of) whom it is about, and so can never see the stop that it asks for."""
        return self.current.group is self.group if self.whole else self.current is self.task

    @property
    def wait(self) -> ControlWait | None:
        """What this message kept when it was carried out before and had to wait."""
        kept = self.current.resume
        return kept if isinstance(kept, ControlWait) else None

    def stopped_task(self) -> Task:
        """The lwp, which must stand at an event of interest. Raises EBUSY."""
        task = self.task
        if not tracing.has_event_stop(task):
            raise EBUSY
        return task

    def settings_changed(self) -> None:
        """What is traced or watched is different: if that concerns the caller, the gate is left at once."""
        if self.current.group is self.group:
            self.group.kernel.hart.attention = True


def number(operand: bytes) -> int:
    """A long."""
    return int.from_bytes(operand, "little", signed=True)
