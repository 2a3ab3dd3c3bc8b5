"""A trap as one object: what the hart says, what the program wanted, and what the kernel did about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rvsim.emu._gate import PTE_COW, PTE_FILE
from rvsim.guest_os.mm.fault import Access
from rvsim.guest_os.mm.layout import page_down
from rvsim.guest_os.task.task import State
from rvsim.tools.debug import causes
from rvsim.tools.debug.stop import Event, Kind, number_of
from rvsim.tools.debug.walk import Walk, area_text, walk
from rvsim.tools.strace.call import Call
from rvsim.tools.strace.tracer import call_name, signature
from rvsim.tools.strace.values import signal_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rvsim.guest_os.task.task import Task
    from rvsim.tools.debug.session import Session

ACCESS = {12: Access.EXEC, 13: Access.READ, 15: Access.WRITE}
WANTED = {Access.EXEC: "to execute", Access.READ: "to read", Access.WRITE: "to write"}


@dataclass(slots=True)
class Trap:
    """Trap number `number`. `task` is whose it is; `call` belongs to an ecall; `walk`, `area` to a page fault.

    `outcome` says in words what the kernel did, as far as it has: empty until then.
    """

    number: int
    ticks: int
    time_ns: int
    task: Task
    tid: int
    tgid: int
    comm: str
    cause: int
    epc: int
    tval: int
    call: Call | None = None
    walk: Walk | None = None
    area: str = ""
    denial: str = ""
    outcome: str = ""
    signals: list[str] = field(default_factory=list)
    over: bool = False
    _area_start: int = 0

    @property
    def cause_name(self) -> str:
        """The cause by its name in the specification."""
        return causes.name_of(self.cause)

    @property
    def call_text(self) -> str:
        """The call as strace shows it: with what is known of it now."""
        return text_of(self.call) if self.call is not None else ""


def make(session: Session, task: Task, cause: int) -> Trap:
    """The trap that the loaded task stands at, before the kernel acts."""
    hart = session.machine.hart
    trap = Trap(hart.traps, hart.ticks, session.machine.clock.monotonic_ns(), task, number_of(task), task.group.tgid,
                task.comm.decode(errors="replace"), cause, hart.epc, hart.tval)
    if cause == causes.ECALL:
        number, *registers = hart.call_registers()
        trap.call = begin(task, number, registers)
    elif cause in ACCESS and task.mm is not None:
        access = ACCESS[cause]
        trap.walk = walk(task.mm, hart.tval)
        trap.denial = trap.walk.denial(access)
        area = task.mm.areas.find(hart.tval)
        trap.area = area_text(task.mm, area) if area is not None else ""
        after = task.mm.areas.after(hart.tval)
        trap._area_start = after.start if after is not None else 0
    if cause == causes.ILLEGAL and causes.reads_counter(hart.tval):
        trap.outcome, trap.over = "a read of a counter, which the machine answers itself", True
    return trap


# ---- calls


def begin(task: Task, number: int, registers: Sequence[int]) -> Call:
    """A call at its entry."""
    linux = task.abi.name == "linux"
    name = call_name(task.abi.name, number)
    call = Call(task, number, tuple(registers), (name or f"syscall_{number:#x}").removesuffix("_flags"),
                signature(linux, name), linux)
    for at, argument in enumerate(call.signature.arguments(call)):
        register = at if argument.register is None else argument.register
        if argument.note is not None:
            call.before[register] = argument.note(call, registers[register])
        call.shown.append(None if argument.out else argument.show(call, registers[register]))
    return call


def text_of(call: Call, over: bool = False) -> str:
    """`openat(AT_FDCWD, "/etc/passwd", O_RDONLY)`; what the call fills in is an address until it is `over`."""
    parts = []
    for at, argument in enumerate(call.signature.arguments(call)):
        if at:
            parts.append(argument.glue)
        shown = call.shown[at] if at < len(call.shown) else None
        if shown is None:
            value = call.args[at if argument.register is None else argument.register]
            shown = argument.show(call, value) if over else f"{value:#x}"
        parts.append(shown)
    return f"{call.name}({''.join(parts)})"


# ---- what the kernel did


def finish_call(trap: Trap, result: int | None) -> None:
    """The call has left."""
    call = trap.call
    if call is None or trap.over:
        return
    trap.over = True
    call.result = result
    if result is None:
        trap.outcome = "it has set the registers itself"
        return
    trap.outcome = f"{text_of(call, True)} = {call.signature.result(call)}{call.remark}"


def finish_fault(trap: Trap) -> None:
    """The kernel has served the fault, or has sent a signal for it."""
    task, before = trap.task, trap.walk
    if trap.over or trap.call is not None or before is None or task.mm is None:
        return      # what is no page fault becomes a signal
    after = walk(task.mm, trap.tval)
    area = task.mm.areas.find(trap.tval)
    if not after.leaf or area is None:
        return
    steps = []
    if trap._area_start and not trap.area and area.is_stack and area.start < trap._area_start:
        steps.append(f"grew the stack by {(trap._area_start - area.start) // 4096} page(s)")
    old, new = before.leaf, after.leaf
    frame, physical = new >> 10 & 0xFFF_FFFF_FFFF, after.physical or 0
    if not old:
        if area.cache is None:
            steps.append(f"demand-zero: a page of zeros at {page_down(physical):#x}")
        elif new & PTE_FILE:
            steps.append(f"file page: mapped from the page cache at {page_down(physical):#x}")
        else:
            steps.append(f"file page: copied for this process to {page_down(physical):#x}")
    elif old & PTE_COW and not new & PTE_COW:
        same = old >> 10 & 0xFFF_FFFF_FFFF == frame
        steps.append("copy-on-write: the last owner keeps the page" if same else
                     f"copy-on-write: copied to {page_down(physical):#x}")
    elif old != new:
        steps.append("the page got its area's permissions")
    else:
        steps.append("the entry allows it already: the hart looks again")
    trap.outcome = ", ".join(steps)
    trap.over = True


def note_event(trap: Trap, event: Event) -> None:
    """A signal or an end in answer to the trap."""
    if event.kind is Kind.SIGNAL and event.info is not None:
        trap.signals.append(signal_name(event.info.signo))
        trap.outcome = f"signal {signal_name(event.info.signo)}"
        trap.over = trap.call is None
    elif event.kind is Kind.EXIT:
        signo = event.status & 0x7F
        trap.outcome = f"killed by {signal_name(signo)}" if signo else f"exited with {event.status >> 8 & 0xFF}"
        trap.over = True


def waits(trap: Trap) -> None:
    """The turn of the task is over."""
    if not trap.over and trap.task.state is State.SLEEPING:
        trap.outcome = f"{trap.call.name if trap.call else 'it'} waits"
        trap.over = True


def waits_until(task: Task) -> str:
    """`, until 1.000000000 s`, or nothing if the task waits without a limit."""
    deadline = task.deadline_ns if task.state is State.SLEEPING else None
    return f", until {deadline // 10**9}.{deadline % 10**9:09} s" if deadline is not None else ""
