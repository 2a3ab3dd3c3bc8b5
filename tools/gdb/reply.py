"""What gdb is told of a stop. GDB manual, "Stop Reply Packets\""""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rvsim.tools.gdb.ids import id_of
from rvsim.tools.gdb.registers import EXPEDITED, packed
from rvsim.tools.gdb.signals import to_gdb

if TYPE_CHECKING:
    from rvsim.guest_os.task.signal import SigInfo
    from rvsim.guest_os.task.task import Task

SIGINT, SIGTRAP = 2, 5
THREAD_EXIT = "thread exit"


@dataclass(frozen=True, slots=True)
class Report:
    """A stop: `task` stopped for a signal of Linux. `why` and `value` are the reason, where there is one to be told.

    `gone`: a process ended, with this number and wait status; or, with THREAD_EXIT, a thread did, with this tid and
    status. `info`: the signal that the task acts on when it goes on. With nothing of all this, no thread is left that
    could stop.
    """

    task: Task | None = None
    signal: int = SIGTRAP
    why: str = ""
    value: bytes = b""
    info: SigInfo | None = None
    gone: tuple[int, int] | None = None

    def text(self, multiprocess: bool) -> bytes:
        """The packet."""
        if self.gone is not None:
            pid, status = self.gone
            if self.why == THREAD_EXIT:
                return b"w%02x;" % (status >> 8 & 0xFF) + self.value
            signo = status & 0x7F
            head = b"X%02x" % to_gdb(signo) if signo else b"W%02x" % (status >> 8 & 0xFF)
            return head + (b";process:%x" % pid if multiprocess else b"")
        task = self.task
        if task is None:
            return b"N"
        fields = [b"%x:%s" % (number, packed(task, number).hex().encode()) for number in EXPEDITED]
        fields += [b"thread:" + thread_text(task, multiprocess), b"core:0"]
        if self.why:
            fields.append(self.why.encode() + b":" + self.value)
        return b"T%02x" % to_gdb(self.signal) + b";".join(fields) + b";"


def thread_text(task: Task, multiprocess: bool) -> bytes:
    """A thread as this client wants it named."""
    whole = id_of(task)
    return whole if multiprocess else whole.partition(b".")[2]
