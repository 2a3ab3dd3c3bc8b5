"""Control messages that change a process: its signals, what it is traced for, registers, memory, ids.

illumos: fs/proc/prcontrol.c, man 5 proc
"""

from __future__ import annotations

import struct

from rvsim.guest_os.abi import solproc as sol
from rvsim.guest_os.abi.capability import CAP_SETGID, CAP_SETUID, CAP_SYS_NICE
from rvsim.guest_os.abi.errno import EBUSY, EFAULT, EINVAL, EIO, EPERM
from rvsim.guest_os.abi.signals import NSIG, SIGCONT, SIGKILL, SIGSTOP, STOP_SET, SYNCHRONOUS, bit
from rvsim.guest_os.abi.solproc import MODES, Flag
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.mm.fault import OutOfMemory
from rvsim.guest_os.proc.solproc import agent
from rvsim.guest_os.proc.solproc.order import Order, number
from rvsim.guest_os.proc.solproc.views import context_of
from rvsim.guest_os.task import tracing, watch
from rvsim.guest_os.task.signal import SigInfo, prepare, recalc, send_signal
from rvsim.guest_os.task.task import Task
from rvsim.guest_os.wait import Blocked, Restart

NO_ID = 0xFFFF_FFFF
MAX_GROUPS = 65_536
PIECE_BYTES = 1 << 20
WORD = 1 << 64
CALL_REGISTERS = (10, 11, 12, 13, 14, 15, 17)
"""a0 to a5, and a7 with the number of the call."""

# ---- signals and faults


def clear_signal(order: Order, operand: bytes) -> None:
    """CSIG: there is no current signal."""
    tracing.lwp_of(order.task).signal = None


def clear_fault(order: Order, operand: bytes) -> None:
    """CFAULT: there is no current fault."""
    tracing.lwp_of(order.task).fault = None


def set_signal(order: Order, operand: bytes) -> None:
    """SSIG: this is the current signal, whatever the mask says; number 0: there is none. SIGKILL waits for the end.

    Raises:
        EINVAL: no signal has this number.
    """
    fields = sol.SIGINFO.unpack(operand)
    signo = fields["psi_signo"]
    if not 0 <= signo <= NSIG:
        raise EINVAL
    task = order.task
    if signo == SIGKILL:
        _kill_and_wait(order, task)
        return
    lwp = tracing.lwp_of(task)
    lwp.signal = None
    if not signo:
        return
    if signo == SIGCONT or bit(signo) & STOP_SET:
        prepare(order.group, signo)
    code = fields["psi_code"]
    kind = "fault" if bit(signo) & SYNCHRONOUS and code > 0 else "queue" if code < 0 else "kill"
    lwp.signal = SigInfo(signo, code, fields["psi_pid"], fields["psi_uid"], kind=kind, value=fields["psi_value"],
                         addr=fields["psi_addr"], status=fields["psi_status"])
    task.attend()
    task.interrupt()


def _kill_and_wait(order: Order, task: Task) -> None:
    """Send SIGKILL, and wait until the process is a zombie: `ControlFile` sees that."""
    send_signal(task, SigInfo(SIGKILL, 0, order.current.group.tgid, order.current.cred.uid), True)
    if order.current.group is not order.group and not order.group.zombie:
        raise Blocked(order.trace.stopped, restart=Restart.EINTR)


def kill(order: Order, operand: bytes) -> None:
    """KILL: send a signal as kill and tkill do; SIGKILL waits for the end. Raises EINVAL: no signal, 0 included."""
    signo = number(operand)
    if not 0 < signo <= NSIG:
        raise EINVAL
    if signo == SIGKILL:
        _kill_and_wait(order, order.task)
        return
    info = SigInfo(signo, 0, order.current.group.tgid, order.current.cred.uid)
    send_signal(order.task, info, order.whole)


def unkill(order: Order, operand: bytes) -> None:
    """UNKILL: a signal that waits is taken away. Raises EINVAL: no signal, or SIGKILL."""
    signo = number(operand)
    if not 0 < signo <= NSIG or signo == SIGKILL:
        raise EINVAL
    pending = order.group.pending if order.whole else order.task.pending
    pending.discard(bit(signo))


def hold(order: Order, operand: bytes) -> None:
    """SHOLD: the lwp's mask; SIGKILL and SIGSTOP are never in it."""
    task = order.task
    task.blocked = sol.from_set(operand) & (1 << NSIG) - 1 & ~(bit(SIGKILL) | bit(SIGSTOP))
    recalc(task)
    if task.work:
        task.interrupt()


# ---- what is traced


def trace_signals(order: Order, operand: bytes) -> None:
    """STRACE: SIGKILL is never in the set."""
    order.trace.signals = sol.from_set(operand) & (1 << NSIG) - 1 & ~bit(SIGKILL)


def trace_faults(order: Order, operand: bytes) -> None:
    """SFAULT."""
    order.trace.faults = sol.from_set(operand) & (1 << sol.MAX_FAULT) - 1
    order.settings_changed()


def trace_entry(order: Order, operand: bytes) -> None:
    """SENTRY."""
    order.trace.entry = sol.from_set(operand)
    order.settings_changed()


def trace_exit(order: Order, operand: bytes) -> None:
    """SEXIT."""
    order.trace.exit = sol.from_set(operand)
    order.settings_changed()


def _modes(operand: bytes) -> Flag:
    wanted = number(operand)
    if wanted & ~int(MODES):
        raise EINVAL
    return Flag(wanted)


def set_modes(order: Order, operand: bytes) -> None:
    """SET. Raises EINVAL: a flag that is no mode.

    Differs: PTRACE is kept and does nothing: ptrace is not made of this. Nor does BPTADJ, as on SPARC: an ebreak leaves
    the pc where it stands. man 5 proc calls both so.
    """
    order.trace.modes |= _modes(operand)


def unset_modes(order: Order, operand: bytes) -> None:
    """UNSET. Raises EINVAL: a flag that is no mode."""
    order.trace.modes &= ~_modes(operand)


def watch_area(order: Order, operand: bytes) -> None:
    """WATCH: see `task.watch.set_area`. Raises EBUSY: a child by vfork runs in the memory."""
    if tracing.lends_memory(order.group):
        raise EBUSY
    watch.set_area(order.group, *struct.unpack("<QQi4x", operand))
    order.settings_changed()


# ---- registers


def set_registers(order: Order, operand: bytes) -> None:
    """SREG: x1 to x31, then the pc. Raises EBUSY: the lwp does not stand at an event."""
    task = order.stopped_task()
    context = context_of(task)
    values = struct.unpack("<32Q", operand)
    pc = values[31] & ~1
    moved = pc != context.pc
    other_call = any(values[at - 1] != context.get(at) for at in CALL_REGISTERS)
    for at, value in enumerate(values[:31], 1):
        context.set(at, value)
    context.pc = pc
    if moved or other_call:
        tracing.registers_set(task, moved)


def set_float_registers(order: Order, operand: bytes) -> None:
    """SFPREG. Raises EBUSY: the lwp does not stand at an event."""
    context_of(order.stopped_task()).set_floats(operand)


def set_address(order: Order, operand: bytes) -> None:
    """SVADDR: where the lwp goes on. Raises EBUSY: it does not stand at an event."""
    task = order.stopped_task()
    context = context_of(task)
    pc = int.from_bytes(operand, "little") & ~1
    if pc != context.pc:
        context.pc = pc
        tracing.registers_set(task, True)


def create_agent(order: Order, operand: bytes) -> None:
    """AGENT: see `agent.create`."""
    agent.create(order.group, struct.unpack("<32Q", operand))


def unsupported_state(order: Order, operand: bytes) -> None:
    """SXREG, SPRIV: extra registers and privileges, of which there are none. Raises EINVAL."""
    raise EINVAL


# ---- memory


def _vector(operand: bytes) -> tuple[int, int, int]:
    base, length, offset = struct.unpack("<QQQ", operand)
    if base + length >= WORD or offset + length >= WORD:
        raise EINVAL
    return base, length, offset


def read_memory(order: Order, operand: bytes) -> None:
    """READ: all of the vector or an error.

    Raises:
        EINVAL: the vector wraps. EIO: not all of it is mapped there. EFAULT: the caller's buffer.
    """
    base, length, offset = _vector(operand)
    for done in range(0, length, PIECE_BYTES):
        size = min(length - done, PIECE_BYTES)
        try:
            data = user_memory.force_read(order.space, offset + done, size, False)
        except (EFAULT, OutOfMemory):
            raise EIO from None
        if len(data) < size:
            raise EIO
        user_memory.write(order.current.space, base + done, data)


def write_memory(order: Order, operand: bytes) -> None:
    """WRITE: all of the vector or an error. Private pages that are read-only are written, too.

    Raises:
        EINVAL: the vector wraps. EIO: not all of it is mapped there. EFAULT: the caller's buffer.
    """
    base, length, offset = _vector(operand)
    for done in range(0, length, PIECE_BYTES):
        size = min(length - done, PIECE_BYTES)
        data = user_memory.read(order.current.space, base + done, size)
        try:
            there = len(user_memory.force_read(order.space, offset + done, size, False))
            if there < size or user_memory.force_write(order.space, offset + done, data, False) < size:
                raise EIO
        except OutOfMemory:
            raise EIO from None


# ---- the process as others see it


def nice(order: Order, operand: bytes) -> None:
    """NICE: so much nicer, every lwp. Raises EPERM: less nice, without CAP_SYS_NICE."""
    change = number(operand)
    if change < 0 and not order.current.cred.capable(CAP_SYS_NICE):
        raise EPERM
    for task in order.group.threads:
        task.nice = max(-20, min(19, task.nice + change))


def credentials(order: Order, operand: bytes) -> None:
    """SCRED: every id of the process. Raises EINVAL: an id of -1. EPERM: without CAP_SETUID and CAP_SETGID."""
    _set_ids(order, operand, None)


def credentials_and_groups(order: Order, operand: bytes) -> None:
    """SCREDX: as SCRED, and the groups that stand behind. Raises EINVAL, EPERM."""
    head = sol.PRCRED.unpack(operand.ljust(sol.PRCRED.size, b"\0"))
    count, at = head["pr_ngroups"], sol.PRCRED.offsets["pr_groups"]
    groups = struct.unpack_from(f"<{count}I", operand, at)
    if NO_ID in groups:
        raise EINVAL
    _set_ids(order, operand, groups)


def _set_ids(order: Order, operand: bytes, groups: tuple[int, ...] | None) -> None:
    fields = sol.PRCRED.unpack(operand.ljust(sol.PRCRED.size, b"\0"))
    ids = [fields[f"pr_{name}"] for name in ("euid", "ruid", "suid", "egid", "rgid", "sgid")]
    if NO_ID in ids:
        raise EINVAL
    cred = order.current.cred
    if not cred.capable(CAP_SETUID) or not cred.capable(CAP_SETGID):
        raise EPERM
    for task in order.group.threads:
        own = task.cred
        own.euid, own.uid, own.suid, own.egid, own.gid, own.sgid = ids
        own.fsuid, own.fsgid = own.euid, own.egid
        permitted = own.cap_bounding if 0 in (own.euid, own.uid) else 0
        own.cap_permitted, own.cap_effective = permitted, permitted if own.euid == 0 else 0
        if groups is not None:
            own.groups = groups


def credentials_size(operand: bytes) -> int:
    """Bytes of SCREDX's operand, whose beginning is `operand`. Raises EINVAL: an impossible number of groups."""
    at = sol.PRCRED.offsets["pr_ngroups"]
    count = int.from_bytes(operand[at:at + 4], "little", signed=True)
    if not 0 <= count <= MAX_GROUPS:
        raise EINVAL
    return max(sol.PRCRED.size, sol.PRCRED.offsets["pr_groups"] + 4 * count)
