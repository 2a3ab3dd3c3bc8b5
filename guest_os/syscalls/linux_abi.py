"""The ABI `linux` apart from its table: start of a program, signal frames, what a fault becomes."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from rvsim.guest_os.abi.auxv import AT_RSEQ_ALIGN, AT_RSEQ_FEATURE_SIZE
from rvsim.guest_os.abi.errno import EFAULT, EINVAL, ENOMEM, EPERM
from rvsim.guest_os.abi.signal_frame import FRAME_SIZE, OFF_FPREGS, OFF_GREGS, OFF_MASK, OFF_STACK, UCONTEXT
from rvsim.guest_os.abi.signals import (
    SA_ONSTACK,
    SEGV_MAPERR,
    SIGSEGV,
    SS_AUTODISARM,
    SS_DISABLE,
    UNBLOCKABLE,
)
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.mm.fault import OutOfMemory
from rvsim.guest_os.syscalls.signals import STACK, on_altstack, set_altstack
from rvsim.guest_os.task.exec import lay_out_stack
from rvsim.guest_os.task.rseq import ALIGNMENT, FEATURE_SIZE
from rvsim.guest_os.task.signal import SigAction, SigInfo, force_fault, recalc
from rvsim.guest_os.task.task import Task

if TYPE_CHECKING:
    from rvsim.emu._gate import CallTable

RA, SP, A0, A1, A2 = 1, 2, 10, 11, 12



class LinuxAbi:
    """riscv64 Linux."""

    name = "linux"

    def __init__(self, calls: CallTable) -> None:
        self.calls = calls

    def new_state(self) -> Any:
        """No data beyond the task's own."""
        return None

    def fork_state(self, task: Task, child: Task, same_group: bool) -> None:
        """Nothing to hand on."""

    def start(self, task: Task, argv: list[bytes], env: list[bytes], entry: int, auxv: list[tuple[int, int]],
              execfn: bytes) -> None:
        """The stack as every Linux program expects it; all registers but sp and pc are 0. fs/binfmt_elf.c"""
        restartable = [(AT_RSEQ_FEATURE_SIZE, FEATURE_SIZE), (AT_RSEQ_ALIGN, ALIGNMENT)]
        sp = lay_out_stack(task, argv, env, auxv + restartable, execfn)
        context = task.context
        context.clear()
        context.pc = entry
        context.set(SP, sp)
        task.kernel.hart.load(context, task.space.table)
        task.kernel.hart.attention = True

    def fault(self, task: Task, cause: int, epc: int, tval: int, info: SigInfo) -> None:
        """A fault is a signal that cannot be held back."""
        force_fault(task, info)

    def killed(self, task: Task, signo: int) -> None:
        """A signal ends the process by its default: nothing is printed."""

    def unanswered(self, task: Task) -> int:
        """Every signal has a default action."""
        return 0

    def enter_handler(self, task: Task, info: SigInfo, action: SigAction) -> bool:
        """Store a frame and point the registers at the handler. arch/riscv/kernel/signal.c:setup_rt_frame"""
        hart = task.kernel.hart
        hart.save()
        context = task.context
        sp = context.get(SP)
        base, flags, size = task.altstack
        use_alt = action.flags & SA_ONSTACK and not flags & SS_DISABLE and size and not on_altstack(task, sp)
        top = base + size if use_alt else sp
        frame = (top - FRAME_SIZE) & ~15
        if frame < 0 or (not use_alt and on_altstack(task, sp) and frame < base):
            return False
        mask = task.blocked if task.saved_blocked is None else task.saved_blocked
        image = b"".join((
            info.pack(), bytes(16), STACK.pack(base, flags, size), mask.to_bytes(8, "little"), bytes(128),
            context.integers(), context.floats(), bytes(264)))
        try:
            user_memory.write(task.space, frame, image)
        except (EFAULT, OutOfMemory):
            return False
        if flags & SS_AUTODISARM:
            task.altstack = (0, SS_DISABLE, 0)
        context.pc = action.handler
        context.set(SP, frame)
        context.set(RA, task.space.vdso + task.kernel.vdso.sigreturn_offset)
        context.set(A0, info.signo)
        context.set(A1, frame)
        context.set(A2, frame + UCONTEXT)
        hart.load(context, task.space.table)
        return True


def sys_rt_sigreturn(task: Task) -> int | None:
    """Go back to where a signal came in between. A bad frame is SIGSEGV. arch/riscv/kernel/signal.c"""
    hart = task.kernel.hart
    frame = hart.x(SP)
    try:
        data = user_memory.read(task.space, frame, FRAME_SIZE)
    except EFAULT:
        data = b""
    if len(data) < FRAME_SIZE or frame & 15 or any(data[OFF_FPREGS + 264:FRAME_SIZE]):
        force_fault(task, SigInfo(SIGSEGV, SEGV_MAPERR, kind="fault", addr=frame))
        return None
    context = task.context
    hart.save()
    context.set_integers(data[OFF_GREGS:OFF_GREGS + 256])
    context.set_floats(data[OFF_FPREGS:OFF_FPREGS + 264])
    with suppress(EPERM, EINVAL, ENOMEM):
        set_altstack(task, context.get(SP), *STACK.unpack_from(data, OFF_STACK))
    task.blocked = int.from_bytes(data[OFF_MASK:OFF_MASK + 8], "little") & ~UNBLOCKABLE
    hart.load(context, task.space.table)
    recalc(task)
    return None


def sys_restart_syscall(task: Task) -> int:
    """Never needed here, since a call is rerun in place: EINTR, as when there is nothing to restart."""
    return -4
