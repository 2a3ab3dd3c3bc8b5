"""ctl and lwpctl: what a controlling process says to a process or to one lwp of it. illumos: fs/proc/prcontrol.c

A write carries messages, each a long and its operand, and each is carried out before the next is looked at. One that
waits raises `Blocked`; the write runs again and goes on at that message.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import TYPE_CHECKING

from rvsim.guest_os.abi import solproc as sol
from rvsim.guest_os.abi.errno import (
    EBADF,
    EBUSY,
    EFAULT,
    EINVAL,
    EIO,
    ENOENT,
    EPERM,
)
from rvsim.guest_os.abi.signals import NSIG, SIGKILL, SIGSTOP, bit
from rvsim.guest_os.abi.solproc import MODES, Control, Flag, Run, Why
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.mm.fault import OutOfMemory
from rvsim.guest_os.proc.solproc import agent, watch
from rvsim.guest_os.proc.solproc.files import WriterFile, WriterNode
from rvsim.guest_os.proc.solproc.prnode import PrType
from rvsim.guest_os.proc.solproc.views import context_of, representative
from rvsim.guest_os.task import tracing
from rvsim.guest_os.task.signal import SigInfo, recalc, send_signal
from rvsim.guest_os.wait import Blocked, Progress, Restart

if TYPE_CHECKING:
    from rvsim.guest_os.mm.address_space import AddressSpace
    from rvsim.guest_os.proc.solproc.prnode import PrCommon, SolSuperBlock
    from rvsim.guest_os.task.task import Task
    from rvsim.guest_os.task.thread_group import ThreadGroup

MILLISECOND_NS = 1_000_000
CAP_SETUID, CAP_SETGID = 7, 6
RUN_FLAGS = Run.CSIG | Run.CFAULT | Run.STEP | Run.SABORT | Run.STOP


class ControlWait(Progress):
    """A write that waits: the place of the message it is at, and until when. A signal ends it with EINTR."""

    __slots__ = ("at", "deadline_ns")

    def __init__(self, at: int, deadline_ns: int | None) -> None:
        super().__init__(0)
        self.at = at
        self.deadline_ns = deadline_ns

    def interrupted(self) -> int | None:
        return None


class ControlFile(WriterFile):
    """Messages go in; the offset does not matter."""

    __slots__ = ()

    def pread(self, size: int, offset: int) -> bytes:
        raise EBADF

    def pwrite(self, data: bytes, offset: int) -> int:
        if not self.writable:
            raise EBADF
        current = self.inode.sb.kernel.scheduler.current
        wait = current.resume if current is not None else None
        at = wait.at if isinstance(wait, ControlWait) else 0
        while at < len(data):
            self.check()
            if len(data) - at < 8:
                raise EINVAL
            code = int.from_bytes(data[at:at + 8], "little")
            message = MESSAGES.get(code)
            if message is None:
                raise EINVAL
            size, carry_out = message
            operand = data[at + 8:at + 8 + size]
            if len(operand) < size:
                raise EINVAL
            try:
                carry_out(Order(self.inode, current), operand)
            except Blocked as blocked:
                if current is not None and not isinstance(current.resume, ControlWait):
                    current.resume = ControlWait(at, blocked.deadline_ns)
                elif current is not None:
                    current.resume.at = at
                    current.resume.deadline_ns = blocked.deadline_ns
                raise
            if current is not None:
                current.resume = None
            at += 8 + -(-size // 8) * 8
        return len(data)


class ControlNode(WriterNode):
    """ctl of a process, or lwpctl of an lwp."""

    __slots__ = ()

    file_class = ControlFile

    def __init__(self, sb: SolSuperBlock, common: PrCommon) -> None:
        super().__init__(sb, PrType.CTL if common.thread is None else PrType.LWPCTL, common, 0o200)


class Order:
    """To whom a message goes: `task` for an lwp, the representative for a process."""

    __slots__ = ("current", "group", "inode", "whole")

    def __init__(self, inode: WriterNode, current: Task | None) -> None:
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
    def trace(self) -> tracing.ProcessTrace:
        return tracing.tracing_of(self.group)

    @property
    def space(self) -> AddressSpace:
        """The memory. Raises ENOENT: there is none any more."""
        mm = next((thread.mm for thread in self.group.threads if thread.mm is not None), None)
        if mm is None:
            raise ENOENT
        return mm

    def stopped_task(self) -> Task:
        """The lwp, which must stand. Raises EBUSY."""
        task = self.task
        if tracing.stop_of(task) is None:
            raise EBUSY
        return task


def _number(operand: bytes) -> int:
    return int.from_bytes(operand, "little", signed=True)


# ---- stopping


def _null(order: Order, operand: bytes) -> None:
    """Nothing, on a process that is alive."""


def _direct(order: Order, operand: bytes) -> None:
    for task in tuple(order.group.threads) if order.whole else (order.task,):
        if task.alive:
            tracing.direct_stop(task)


def _is_self(order: Order) -> bool:
    return order.current is not None and order.current.group is order.group


def _wait(order: Order, deadline_ns: int | None) -> None:
    if _is_self(order):
        raise EBUSY
    task = order.task
    if tracing.has_event_stop(task):
        return
    stop = tracing.stop_of(task)
    if order.whole and stop is not None and stop.why is Why.SUSPENDED:
        return
    if deadline_ns is not None and task.kernel.clock.monotonic_ns() >= deadline_ns:
        return
    raise Blocked(order.trace.stopped, deadline_ns=deadline_ns, restart=Restart.EINTR)


def _stop(order: Order, operand: bytes) -> None:
    if _is_self(order):
        raise EBUSY
    wait = order.current.resume if order.current is not None else None
    if not isinstance(wait, ControlWait):
        _direct(order, operand)
    _wait(order, None)


def _wait_for_ever(order: Order, operand: bytes) -> None:
    _wait(order, None)


def _wait_some_time(order: Order, operand: bytes) -> None:
    milliseconds = _number(operand)
    wait = order.current.resume if order.current is not None else None
    if isinstance(wait, ControlWait):
        _wait(order, wait.deadline_ns)
    else:
        now = order.group.kernel.clock.monotonic_ns()
        _wait(order, now + milliseconds * MILLISECOND_NS if milliseconds > 0 else None)


# ---- going on


def _run(order: Order, operand: bytes) -> None:
    flags = _number(operand)
    task, trace = order.task, order.trace
    lwp = tracing.lwp_of(task)
    if not tracing.has_event_stop(task) and not lwp.directed:
        raise EBUSY
    if trace.agent is not None and trace.agent is not task:
        raise EBUSY
    if flags & ~RUN_FLAGS:
        raise EINVAL
    if flags & Run.CSIG:
        lwp.signal = None
    if flags & Run.CFAULT:
        lwp.fault = None
    if flags & Run.SABORT and lwp.stop is not None and lwp.stop.why is Why.SYSENTRY:
        lwp.abort = True
    if flags & Run.SABORT and task.in_call:
        lwp.abort = True
    if flags & Run.STEP:
        lwp.step = True
    lwp.directed = bool(flags & Run.STOP)
    if not order.whole:
        tracing.let_go(task)
        return
    if lwp.stop is not None and lwp.stop.why is not Why.REQUESTED:
        lwp.stop = tracing.Stop(Why.REQUESTED, 0, lwp.stop.at_ns)
    run_all(order.group)


def run_all(group: ThreadGroup) -> None:
    """Let every lwp go on, unless one stands at an event that nobody has answered yet."""
    stops = [thread.trace.stop for thread in group.threads if thread.trace is not None]
    if any(stop is not None and stop.why is not Why.REQUESTED for stop in stops):
        return
    for thread in tuple(group.threads):
        tracing.let_go(thread)


# ---- signals and faults


def _clear_signal(order: Order, operand: bytes) -> None:
    lwp = tracing.lwp_of(order.task)
    if lwp.signal is not None and lwp.signal.signo == SIGKILL:
        raise EBUSY
    lwp.signal = None


def _clear_fault(order: Order, operand: bytes) -> None:
    tracing.lwp_of(order.task).fault = None


def _set_signal(order: Order, operand: bytes) -> None:
    fields = sol.SIGINFO.unpack(operand)
    signo = fields["psi_signo"]
    if not 0 <= signo <= NSIG:
        raise EINVAL
    task = order.task
    lwp = tracing.lwp_of(task)
    if lwp.signal is not None and lwp.signal.signo == SIGKILL:
        raise EBUSY
    if signo == SIGKILL:
        send_signal(task, SigInfo(SIGKILL), True)
        return
    lwp.signal = None
    if signo:
        lwp.signal = SigInfo(signo, fields["psi_code"], fields["psi_pid"], fields["psi_uid"], value=fields["psi_value"],
                             addr=fields["psi_addr"], status=fields["psi_status"])
        task.attend()
        task.interrupt()


def _kill(order: Order, operand: bytes) -> None:
    signo = _number(operand)
    if not 0 < signo <= NSIG:
        raise EINVAL
    pid = order.current.group.tgid if order.current is not None else 0
    uid = order.current.cred.uid if order.current is not None else 0
    send_signal(order.task, SigInfo(signo, 0, pid, uid), order.whole)


def _unkill(order: Order, operand: bytes) -> None:
    signo = _number(operand)
    if not 0 < signo <= NSIG or signo == SIGKILL:
        raise EINVAL
    pending = order.group.pending if order.whole else order.task.pending
    pending.discard(bit(signo))


def _hold(order: Order, operand: bytes) -> None:
    task = order.task
    task.blocked = sol.from_set(operand) & (1 << NSIG) - 1 & ~(bit(SIGKILL) | bit(SIGSTOP))
    recalc(task)
    if task.work:
        task.interrupt()


def _trace_signals(order: Order, operand: bytes) -> None:
    order.trace.signals = sol.from_set(operand) & (1 << NSIG) - 1 & ~bit(SIGKILL)


def _trace_faults(order: Order, operand: bytes) -> None:
    order.trace.faults = sol.from_set(operand) & (1 << sol.MAX_FAULT) - 1


def _trace_entry(order: Order, operand: bytes) -> None:
    order.trace.entry = sol.from_set(operand)
    _call_sets_changed(order)


def _trace_exit(order: Order, operand: bytes) -> None:
    order.trace.exit = sol.from_set(operand)
    _call_sets_changed(order)


def _call_sets_changed(order: Order) -> None:
    if _is_self(order):
        order.group.kernel.hart.attention = True        # the gate is to stop answering calls now


def _modes(operand: bytes) -> Flag:
    wanted = _number(operand)
    if wanted & ~int(MODES):
        raise EINVAL
    return Flag(wanted)


def _set(order: Order, operand: bytes) -> None:
    order.trace.modes |= _modes(operand)


def _unset(order: Order, operand: bytes) -> None:
    order.trace.modes &= ~_modes(operand)


# ---- registers and memory


def _set_registers(order: Order, operand: bytes) -> None:
    context = context_of(order.stopped_task())
    values = struct.unpack("<32Q", operand)
    for number, value in enumerate(values[:31], 1):
        context.set(number, value)
    context.pc = values[31] & ~1


def _set_float_registers(order: Order, operand: bytes) -> None:
    context_of(order.stopped_task()).set_floats(operand)


def _set_address(order: Order, operand: bytes) -> None:
    context = context_of(order.stopped_task())
    context.pc = int.from_bytes(operand, "little") & ~1


def _nice(order: Order, operand: bytes) -> None:
    change = _number(operand)
    if order.current is not None and change < 0 and not order.current.cred.cap_effective >> 23 & 1:     # CAP_SYS_NICE
        raise EPERM
    for task in order.group.threads if order.whole else (order.task,):
        task.nice = max(-20, min(19, task.nice + change))


def _vector(operand: bytes) -> tuple[int, int, int]:
    base, length, offset = struct.unpack("<QQQ", operand)
    if length > 1 << 24:
        raise EINVAL
    return base, length, offset


def _read(order: Order, operand: bytes) -> None:
    base, length, offset = _vector(operand)
    if order.current is None:
        raise EINVAL
    try:
        data = user_memory.read(order.space, offset, length)
    except (EFAULT, OutOfMemory):
        raise EIO from None
    user_memory.write(order.current.space, base, data)


def _write(order: Order, operand: bytes) -> None:
    base, length, offset = _vector(operand)
    if order.current is None:
        raise EINVAL
    data = user_memory.read(order.current.space, base, length)
    space = order.space
    if user_memory.readable(space, offset, length) < length:
        raise EIO
    if user_memory.force_write(space, offset, data) < length:
        raise EIO


def _credentials(order: Order, operand: bytes) -> None:
    cred = order.current.cred if order.current is not None else None
    if cred is not None and not (cred.cap_effective >> CAP_SETUID & 1 and cred.cap_effective >> CAP_SETGID & 1):
        raise EPERM
    fields = sol.PRCRED.unpack(operand)
    for task in order.group.threads:
        own = task.cred
        own.euid = own.fsuid = fields["pr_euid"]
        own.uid, own.suid = fields["pr_ruid"], fields["pr_suid"]
        own.egid = own.fsgid = fields["pr_egid"]
        own.gid, own.sgid = fields["pr_rgid"], fields["pr_sgid"]
        permitted = own.cap_bounding if 0 in (own.euid, own.uid) else 0
        own.cap_permitted, own.cap_effective = permitted, permitted if own.euid == 0 else 0


def _unsupported_state(order: Order, operand: bytes) -> None:
    """Extra registers and privileges, of which there are none. Raises EINVAL."""
    raise EINVAL


def _watch(order: Order, operand: bytes) -> None:
    watch.set_area(order.group, *struct.unpack("<QQi4x", operand))


def _agent(order: Order, operand: bytes) -> None:
    agent.create(order.group, struct.unpack("<32Q", operand))


MESSAGES: dict[int, tuple[int, Callable[[Order, bytes], None]]] = {
    Control.NULL: (0, _null), Control.STOP: (0, _stop), Control.DSTOP: (0, _direct),
    Control.WSTOP: (0, _wait_for_ever), Control.TWSTOP: (8, _wait_some_time), Control.RUN: (8, _run),
    Control.CSIG: (0, _clear_signal), Control.CFAULT: (0, _clear_fault),
    Control.SSIG: (sol.SIGINFO.size, _set_signal), Control.KILL: (8, _kill), Control.UNKILL: (8, _unkill),
    Control.SHOLD: (sol.SIGSET.size, _hold), Control.STRACE: (sol.SIGSET.size, _trace_signals),
    Control.SFAULT: (sol.FLTSET.size, _trace_faults), Control.SENTRY: (sol.SYSSET.size, _trace_entry),
    Control.SEXIT: (sol.SYSSET.size, _trace_exit), Control.SET: (8, _set), Control.UNSET: (8, _unset),
    Control.SREG: (sol.GREGSET.size, _set_registers), Control.SFPREG: (sol.FPREGSET.size, _set_float_registers),
    Control.SXREG: (8, _unsupported_state), Control.NICE: (8, _nice), Control.SVADDR: (8, _set_address),
    Control.WATCH: (sol.PRWATCH.size, _watch), Control.AGENT: (sol.GREGSET.size, _agent),
    Control.READ: (sol.PRIOVEC.size, _read), Control.WRITE: (sol.PRIOVEC.size, _write),
    Control.SCRED: (sol.PRCRED.size, _credentials), Control.SPRIV: (8, _unsupported_state),
    Control.SCREDX: (sol.PRCRED.size, _credentials),
}
"""Size of the operand, and what carries the message out."""
