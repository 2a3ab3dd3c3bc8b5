"""What happens when the hart stops: calls that the gate did not answer, faults, and signals on the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rvsim.guest_os.abi.errno import EFAULT, EINTR, EINVAL, ENOSYS
from rvsim.guest_os.abi.signals import (
    BUS_ADRALN,
    CONTINUE,
    CORE,
    DEFAULT_ACTION,
    IGNORE,
    ILL_ILLOPC,
    SA_NODEFER,
    SA_RESETHAND,
    SA_RESTART,
    SEGV_ACCERR,
    SI_KERNEL,
    SIG_DFL,
    SIG_IGN,
    SIGBUS,
    SIGILL,
    SIGKILL,
    SIGSEGV,
    SIGSTOP,
    SIGTRAP,
    STOP,
    TRAP_BRKPT,
    bit,
)
from rvsim.guest_os.abi.solproc import Fault
from rvsim.guest_os.mm.fault import Access, BadAccess, OutOfMemory
from rvsim.guest_os.task import tracing, watch
from rvsim.guest_os.task.exit import CORE_FLAG, exit_group, is_orphaned, notify_stopped
from rvsim.guest_os.task.operand import is_privileged
from rvsim.guest_os.task.pid import PidType
from rvsim.guest_os.task.rseq import settle
from rvsim.guest_os.task.signal import SigAction, SigInfo, dequeue, fatal_set, force_fault, recalc
from rvsim.guest_os.task.stepping import instruction_at
from rvsim.guest_os.task.task import State, Task
from rvsim.guest_os.wait import Restart, Resume

if TYPE_CHECKING:
    from rvsim.guest_os.task.kernel import Kernel

# Volume II, "Supervisor Cause Register (scause)".
FETCH_MISALIGNED, FETCH_ACCESS, ILLEGAL, BREAKPOINT = range(4)
LOAD_MISALIGNED, LOAD_ACCESS, STORE_MISALIGNED, STORE_ACCESS = range(4, 8)
ECALL_U = 8
FETCH_PAGE, LOAD_PAGE, STORE_PAGE = 12, 13, 15

_ACCESS = {FETCH_PAGE: Access.EXEC, LOAD_PAGE: Access.READ, STORE_PAGE: Access.WRITE}


class Traps:
    """The kernel's answer to every stop of the hart."""

    __slots__ = ("kernel",)

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel

    # ---- stops

    def trap(self, task: Task, cause: int) -> None:
        """Serve the trap that stopped the hart. Raises `Blocked` if it is a call that must wait."""
        if cause == ECALL_U:
            self.call(task)
            return
        hart = self.kernel.hart
        access = _ACCESS.get(cause)
        if access is None:
            self._exception(task, cause, hart.epc, hart.tval)
            return
        traced = task.group.tracing is not None
        if traced and watch.stops(task, hart.tval, access):
            return
        self.kernel.counters.faults += 1
        try:
            task.space.fault(hart.tval, access)
            if traced:
                tracing.page_came(task)
        except BadAccess as bad:
            signo = SIGBUS if bad.bus else SIGSEGV
            info = SigInfo(signo, bad.code, kind="fault", addr=hart.tval)
            number = Fault.ACCESS if bad.bus else Fault.BOUNDS
            tracing.fault(task, number, cause, hart.epc, hart.tval, info)
        except OutOfMemory:
            self.kill_for_memory(task)

    def _exception(self, task: Task, cause: int, epc: int, tval: int) -> None:
        if cause == ILLEGAL:
            number = Fault.PRIV if is_privileged(instruction_at(task.space, epc)) else Fault.ILL
            info = SigInfo(SIGILL, ILL_ILLOPC, kind="fault", addr=epc)
        elif cause == BREAKPOINT:
            number, info = Fault.BPT, SigInfo(SIGTRAP, TRAP_BRKPT, kind="fault", addr=epc)
        elif cause in (FETCH_MISALIGNED, LOAD_MISALIGNED, STORE_MISALIGNED):
            number, info = Fault.ACCESS, SigInfo(SIGBUS, BUS_ADRALN, kind="fault", addr=tval)
        else:
            number, info = Fault.BOUNDS, SigInfo(SIGSEGV, SEGV_ACCERR, kind="fault", addr=tval)
        tracing.fault(task, number, cause, epc, tval, info)

    def halted(self, task: Task) -> None:
        """`wfi`, which no user program may wait with, or what the engine cannot execute: an illegal instruction.

        Volume II, "Wait for Interrupt": in U-mode it may raise an illegal-instruction exception.
        """
        self._exception(task, ILLEGAL, self.kernel.hart.pc, 0)

    def stepped(self, task: Task) -> None:
        """One instruction has run for a task that was to run one."""
        tracing.stepped(task)

    def call(self, task: Task) -> None:
        """Run the system call at pc, outside the gate: an unknown one, or one that is observed."""
        kernel = self.kernel
        hart = kernel.hart
        number, *registers = hart.call_registers()
        if tracing.stops_at_entry(task, number, tuple(registers)):
            return
        calls = task.abi.calls
        entry = calls.get(number)
        observer = kernel.observer
        if observer is not None:
            observer.enter(task, number, registers)
        if tracing.call_is_aborted(task):
            result: int | None = -EINTR.number
        elif entry is None:
            unknown = kernel.counters.unknown_calls
            unknown[number] = unknown.get(number, 0) + 1
            result = -ENOSYS.number
        else:
            calls.count(number)
            function, nargs = entry
            result = tracing.carry_out(task, function, (task, *registers[:nargs]))
            if result is not None:
                calls.move(number, task.context, result)
        if result is not None:
            hart.complete_call(result)
        if observer is not None:
            observer.leave(task, number, registers, result)
        tracing.call_done(task, number, result)

    def redo(self, task: Task) -> None:
        """Run a call that was `Blocked` once more; what it kept for its wait goes when it is done."""
        hart = self.kernel.hart
        number, *registers = hart.call_registers()
        entry = task.abi.calls.get(number)
        assert entry is not None, "only a call of the table can block"
        function, nargs = entry
        if self.kernel.observer is not None:
            self.kernel.observer.again(task, number, registers)
        tracing.call_goes_on(task, number, tuple(registers))
        if tracing.call_is_aborted(task):
            if isinstance(task.resume, Resume):
                task.resume.dropped()
            task.injected = None
            result: int | None = -EINTR.number
        else:
            result = tracing.carry_out(task, function, (task, *registers[:nargs]))
        task.resume = None
        if task.restart is Restart.NEVER:
            recalc(task)                  # what came meanwhile and could not disturb the wait
        if task.rseq is not None and task.rseq.disturbed:
            task.attend()
        if result is not None:
            task.abi.calls.move(number, task.context, result)
            hart.complete_call(result)
        if self.kernel.observer is not None:
            self.kernel.observer.leave(task, number, registers, result)
        tracing.call_done(task, number, result)

    # ---- memory is out

    def kill_for_memory(self, task: Task) -> None:
        """End the process with the most resident memory, never the first one unless it is alone. mm/oom_kill.c

        Differs: the badness is the resident set and the page tables plus oom_score_adj; ties go to the youngest.
        """
        kernel = self.kernel
        victim = task.group
        best = -1
        for leader in kernel.root_ns.tasks(PidType.TGID, 1):
            if leader.group.zombie or leader is kernel.init:
                continue
            mm = next((thread.mm for thread in leader.group.threads if thread.mm is not None), None)
            if mm is None or leader.group.oom_score_adj == -1000:
                continue
            points = mm.rss_pages + mm.table.tables + leader.group.oom_score_adj * kernel.memory.frames.total // 1000
            if points >= best:
                best, victim = points, leader.group
        kernel.counters.killed_for_memory += 1
        kernel.note(b"Out of memory: killed process %d (%s)" % (victim.tgid, victim.leader.comm))
        exit_group(victim, SIGKILL, -SIGKILL)

    # ---- on the way back to the program

    def attend(self, task: Task) -> None:
        """Deliver signals, stop, or end, before `task` goes on. kernel/signal.c:get_signal"""
        task.work = False
        group = task.group
        if group.tell_continued:
            group.tell_continued = False
            notify_stopped(group, True)
        while task.alive:
            held = task.blocked
            if task.in_call and task.restart is Restart.NEVER:
                held = ~fatal_set(task)
            elif task.real_blocked:           # sigtimedwait takes them, but does not keep them from ending the process
                held |= task.real_blocked & ~fatal_set(task)
            held |= task.abi.unanswered(task)
            if task.trace is not None and tracing.enters_call(task):
                held = ~fatal_set(task)
            if group.stopping and not (task.pending.bits | group.pending.bits) & bit(SIGKILL):
                self._stop(task)
                return
            info = tracing.before_return(task)
            if task.state is not State.RUNNING:
                return
            if info is None:
                info = dequeue(task, held)
                if info is None:
                    break
                if tracing.stops_on_signal(task, info):
                    return
            self.kernel.counters.signals += 1
            group.usage.signals += 1
            if self.kernel.observer is not None:
                self.kernel.observer.signal(task, info)
            if self.kernel.controller is not None and info.signo != SIGKILL:
                info = self.kernel.controller.signal(task, info)
                if info is None:
                    continue
            self._deliver(task, info)
            if task.state is not State.RUNNING:
                return
        if task.alive:
            task.work = False
            if task.saved_blocked is not None and not task.in_call:
                task.blocked, task.saved_blocked = task.saved_blocked, None
            if task.rseq is not None and task.rseq.disturbed and not task.in_call:
                self._settle_rseq(task)

    def _settle_rseq(self, task: Task) -> bool:
        """Leave a restartable sequence that was disturbed. False: it is unusable, and SIGSEGV is on its way."""
        rseq = task.rseq
        if rseq is None:
            return True
        try:
            settle(task, rseq)
        except (EFAULT, EINVAL):
            rseq.disturbed = False
            force_fault(task, SigInfo(SIGSEGV, SI_KERNEL))
            return False
        except OutOfMemory:
            self.kill_for_memory(task)
            return task.alive
        return True

    def _deliver(self, task: Task, info: SigInfo) -> None:
        signo = info.signo
        action = task.sighand.actions[signo]
        if signo == SIGKILL:
            task.abi.killed(task, signo)
            exit_group(task.group, SIGKILL, -SIGKILL)
        elif action.handler == SIG_IGN:
            return
        elif action.handler == SIG_DFL:
            self._default(task, info)
        else:
            self._handle(task, info, action)

    def _default(self, task: Task, info: SigInfo) -> None:
        signo = info.signo
        group = task.group
        what = DEFAULT_ACTION[signo]
        if what in (IGNORE, CONTINUE):
            return
        if group.is_reaper and not group.unprotected and not info.from_above:
            return
        if what == STOP:
            if signo != SIGSTOP and is_orphaned(group.kernel, group.pgrp):
                return
            self._begin_stop(task, signo)
            return
        task.abi.killed(task, signo)
        exit_group(group, signo | (CORE_FLAG if what == CORE else 0), -signo)

    def _begin_stop(self, task: Task, signo: int) -> None:
        """Every thread of the group stops. kernel/signal.c:do_signal_stop"""
        group = task.group
        group.stopping = True
        group.stop_signal = signo
        group.stopped_ns = self.kernel.clock.monotonic_ns()
        group.stop_reported = False
        group.continued = False
        for thread in group.threads:
            if thread is not task and thread.alive:
                thread.attend()
                if thread.state is State.SLEEPING:
                    self.kernel.scheduler.stop_task(thread)
        notify_stopped(group, False)

    def _stop(self, task: Task) -> None:
        self.kernel.scheduler.stop_task(task)
        if self.kernel.observer is not None:
            self.kernel.observer.stopped(task, task.group.stop_signal)

    def _handle(self, task: Task, info: SigInfo, action: SigAction) -> None:
        if task.in_call:
            task.in_call = False
            task.injected = None
            resume, task.resume = task.resume, None
            result = None
            if isinstance(resume, Resume):
                result = tracing.carry_out(task, resume.interrupted, ())
                resume.dropped()
            if result is None and not (task.restart is Restart.SYS and action.flags & SA_RESTART):
                result = -EINTR.number
            number, *registers = self.kernel.hart.call_registers()
            if self.kernel.observer is not None:
                self.kernel.observer.cut_short(task, number, result)
            if result is not None:
                tracing.call_goes_on(task, number, tuple(registers))
                self.kernel.hart.complete_call(result)
                task.abi.calls.move(number, task.context, result)
                if tracing.stops_after_call(task, number):
                    tracing.lwp_of(task).signal = info
                    tracing.call_done(task, number, result)
                    return
        if task.rseq is not None:
            task.rseq.disturbed = True
            if not self._settle_rseq(task):
                return
        entered = task.abi.enter_handler(task, info, action)
        if not entered:
            force_fault(task, SigInfo(SIGSEGV, SEGV_ACCERR, kind="fault"))
            if info.signo == SIGSEGV:
                task.sighand.set_default(SIGSEGV)
            return
        if action.flags & SA_RESETHAND:
            task.sighand.set_default(info.signo)
        task.saved_blocked = None
        task.blocked |= action.mask | (0 if action.flags & SA_NODEFER else bit(info.signo))
        task.blocked &= ~(bit(SIGKILL) | bit(SIGSTOP))

