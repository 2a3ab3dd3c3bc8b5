"""Stops that a debugger asked for: on calls, signals, faults, on request, after one instruction. illumos: man 5 proc

A process that nobody traces pays nothing: `group.tracing` is None. A stop is a state of one task (an lwp) and no
signal: SIGCONT does not end it, SIGKILL does. The kernel asks this module at the few places where a task may stop, and
whoever controls the process (`proc/solproc`) sets what to stop on and lets it go on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from rvsim.guest_os.abi.errno import EFAULT, EOPNOTSUPP
from rvsim.guest_os.abi.signals import SIGKILL, SIGTRAP, TRAP_HWBKPT, TRAP_TRACE, bit
from rvsim.guest_os.abi.solproc import Fault, Flag, Why
from rvsim.guest_os.task.signal import SigInfo, recalc, send_signal
from rvsim.guest_os.task.task import State, Task
from rvsim.guest_os.task.trace_state import FIRST_MODES, LwpTrace, PendingFault, ProcessTrace, Stop
from rvsim.guest_os.task.watched_calls import Seen, WatchedCall
from rvsim.guest_os.wait import Restart, Resume

if TYPE_CHECKING:
    from rvsim.guest_os.task.thread_group import ThreadGroup

A0 = 10
BREAKPOINT_CAUSE = 3
"""scause of `ebreak`. Volume II, "Supervisor Cause Register (scause)"."""

EVENTS = frozenset((Why.REQUESTED, Why.SIGNALLED, Why.SYSENTRY, Why.SYSEXIT, Why.FAULTED))
"""Stops on an event of interest. Job control is none."""


def tracing_of(group: ThreadGroup) -> ProcessTrace:
    """The process's tracing, made if there was none."""
    if group.tracing is None:
        group.tracing = ProcessTrace()
    return group.tracing


def lwp_of(task: Task) -> LwpTrace:
    """The task's tracing, made if there was none."""
    if task.trace is None:
        task.trace = LwpTrace()
    return task.trace


def stop_of(task: Task) -> Stop | None:
    """The stop that a task stands at, that of job control included; None: it does not stand."""
    if task.trace is not None and task.trace.stop is not None:
        return task.trace.stop
    if task.state is State.STOPPED:
        return Stop(Why.JOBCONTROL, task.group.stop_signal, task.group.stopped_ns)
    return None


def lends_memory(group: ThreadGroup) -> bool:
    """Whether a child of the process by vfork still runs in its memory."""
    return any(child.leader.vfork_queue is not None for child in group.children)


def has_event_stop(task: Task) -> bool:
    """Whether the task stands at a stop on an event of interest."""
    return task.trace is not None and task.trace.stop is not None


# ---- stopping and going on


def halt(task: Task, why: Why, what: int = 0) -> None:
    """The task stands still from here on, until `let_go`. It must be at rest: at a trap, or asleep in a call.

    A step that it was to make is off. One whose process was sent SIGKILL does not stop, it goes on to its end.
    The other lwps of the process are told to stop too, unless it is in mode ASYNC. man 5 proc, PR_ASYNC
    """
    kernel = task.kernel
    lwp = lwp_of(task)
    lwp.directed = lwp.step = False
    if (task.pending.bits | task.group.pending.bits) & bit(SIGKILL):
        lwp.forget()
        task.attend()
        return
    lwp.stop = Stop(why, what, kernel.clock.monotonic_ns())
    kernel.scheduler.halt_task(task)
    tracing = tracing_of(task.group)
    tracing.stopped.wake_all()
    if why is not Why.REQUESTED and not tracing.modes & Flag.ASYNC:
        for other in tuple(task.group.threads):
            if other is not task:
                direct_stop(other)


def direct_stop(task: Task) -> None:
    """Have a task stop as soon as it can: now if it waits, else at its next trap. Nothing if it stands.

    A wait that no signal may disturb, such as that of vfork's parent, is not disturbed by this either.
    """
    lwp = lwp_of(task)
    if lwp.stop is not None or not task.alive:
        return
    lwp.directed = True
    if task.state is State.SLEEPING:
        if task.restart is not Restart.NEVER:
            halt(task, Why.REQUESTED)
    elif task.state is State.RUNNING:
        task.attend()


def let_go(task: Task) -> None:
    """End the task's stop. Its current fault and signal are acted on before it runs."""
    lwp = task.trace
    if lwp is None or lwp.stop is None:
        return
    lwp.stop = None
    task.kernel.scheduler.release_task(task)
    task.attend()
    tracing_of(task.group).stopped.wake_all()


def drop(group: ThreadGroup) -> None:
    """Nobody traces the process any more: clear every set and let everything go on."""
    tracing = group.tracing
    if tracing is None:
        return
    tracing.clear()
    tracing.modes &= ~(Flag.RLC | Flag.KLC)
    for task in tuple(group.threads):
        lwp = task.trace
        if lwp is not None:
            lwp.directed = lwp.step = lwp.abort = False
            lwp.passing = None
            let_go(task)


# ---- where tasks stop


def stops_at_entry(task: Task, number: int, registers: tuple[int, ...]) -> bool:
    """Whether the task stops now instead of making the call at pc; asked again, it goes on with the call."""
    tracing = task.group.tracing
    if tracing is None:
        return False
    lwp = lwp_of(task)
    pc = task.kernel.hart.pc
    passed, lwp.passed_pc = lwp.passed_pc == pc, None
    lwp.call = (number, registers)
    lwp.result = lwp.watched = None
    if passed:
        recalc(task)                    # what came while it stood there disturbs the call, not its beginning
        if lwp.signal is not None:
            task.attend()
    if passed or not number or not tracing.entry >> (number - 1) & 1:
        return False
    lwp.passed_pc = pc
    halt(task, Why.SYSENTRY, number)
    return True


def call_goes_on(task: Task, number: int, registers: tuple[int, ...]) -> None:
    """A call that waited is looked at again; it may have begun before anybody traced the process."""
    if task.group.tracing is not None:
        lwp_of(task).call = (number, registers)


def enters_call(task: Task) -> bool:
    """Whether the task stood at the entry of a call and makes it now: no signal comes in between."""
    lwp = task.trace
    return lwp is not None and lwp.passed_pc is not None and lwp.passed_pc == task.kernel.hart.pc


def registers_set(task: Task, moved: bool) -> None:
    """A debugger changed what the task calls, or (`moved`) where it goes on: a call that waits does not go on."""
    lwp = lwp_of(task)
    if moved:
        lwp.passed_pc = lwp.passing = None
    if not task.in_call:
        return
    task.in_call = False
    task.injected = None
    resume, task.resume = task.resume, None
    if isinstance(resume, Resume):
        resume.dropped()
    if not moved:
        lwp.passed_pc = task.context.pc     # it is made anew, without another stop at its entry


def carry_out(task: Task, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    """Run the handler of the task's call; what it does to watched bytes is noted."""
    tracing = task.group.tracing
    if tracing is None or not tracing.watches:
        return function(*arguments)
    lwp = lwp_of(task)
    if lwp.watched is None:
        lwp.watched = WatchedCall(tracing.watches, task.kernel.hart.pc)
    return lwp.watched.carry_out(task.space, function, arguments)


def call_is_aborted(task: Task) -> bool:
    """Whether the call that was stopped at its entry is not to run after all."""
    lwp = task.trace
    if lwp is None or not lwp.abort:
        return False
    lwp.abort = False
    return True


def call_done(task: Task, number: int, result: int | None) -> None:
    """A call is over and its result stands in the registers: stop if that is traced, or if one step was asked for."""
    tracing, lwp = task.group.tracing, task.trace
    if tracing is None or not task.alive:
        return
    if lwp is not None:
        lwp.result = 0 if result is None else result
        if lwp.directed or lwp.signal is not None:
            task.attend()
        watched, lwp.watched = lwp.watched, None
        if watched is not None and watched.seen is not None:
            watched.number, watched.result = number, result
            _touched(task, lwp, watched, watched.seen)
            return
    _leave_call(task, number)


def _leave_call(task: Task, number: int) -> None:
    if wants_exit_stop(task, number):
        halt(task, Why.SYSEXIT, number)
    elif task.trace is not None and task.trace.step:
        stepped(task)


def _touched(task: Task, lwp: LwpTrace, call: WatchedCall, seen: Seen) -> None:
    """A call is over that touched a watched byte: stop if that is traced, else it has failed."""
    lwp.leaving = call
    pending = PendingFault(Fault.WATCH, 0, seen.pc, seen.address,
                           SigInfo(SIGTRAP, TRAP_HWBKPT, kind="fault", addr=seen.address), seen)
    if tracing_of(task.group).faults >> (Fault.WATCH - 1) & 1:
        lwp.fault = pending
        halt(task, Why.FAULTED, Fault.WATCH)
    else:
        _answer_call(task, lwp, call, pending)


def _answer_call(task: Task, lwp: LwpTrace, call: WatchedCall, pending: PendingFault | None) -> None:
    """The call comes back as if nothing was, or (the fault was not cleared) with EFAULT and a signal.

    SIGTRAP that is held or ignored is forgotten. illumos: os/watchpoint.c:sys_watchpoint
    """
    lwp.leaving = None
    good = pending is None and call.store(task.space)
    if not good and call.result is not None:
        lwp.result = -EFAULT.number
        task.kernel.hart.set_x(A0, lwp.result)
    if pending is not None and not task.blocked & bit(SIGTRAP) and not task.sighand.ignores(SIGTRAP):
        send_signal(task, pending.info, False)
    _leave_call(task, call.number)


def wants_exit_stop(task: Task, number: int) -> bool:
    """Whether the end of call `number` is traced."""
    tracing = task.group.tracing
    return tracing is not None and bool(number) and bool(tracing.exit >> (number - 1) & 1)


def stops_after_call(task: Task, number: int) -> bool:
    """Whether the task may stop when call `number` is over."""
    watched = task.trace.watched if task.trace is not None else None
    return wants_exit_stop(task, number) or (watched is not None and watched.seen is not None)


def fault(task: Task, number: Fault, cause: int, epc: int, tval: int, info: SigInfo, seen: Seen | None = None) -> None:
    """The program did something that it cannot go on from: stop if that is traced, else tell its ABI."""
    tracing = task.group.tracing
    if tracing is not None and tracing.faults >> (number - 1) & 1:
        lwp = lwp_of(task)
        lwp.fault = PendingFault(number, cause, epc, tval, info, seen)
        halt(task, Why.FAULTED, number)
    else:
        task.abi.fault(task, cause, epc, tval, info)


def page_came(task: Task) -> None:
    """A page fault was resolved: stop if that is traced. No signal belongs to it."""
    tracing = task.group.tracing
    if tracing is not None and tracing.faults >> (Fault.PAGE - 1) & 1:
        halt(task, Why.FAULTED, Fault.PAGE)


def stepped(task: Task) -> None:
    """One instruction has run for a task that was to run one."""
    lwp = lwp_of(task)
    lwp.step = False
    pc = task.kernel.hart.pc
    fault(task, Fault.TRACE, BREAKPOINT_CAUSE, pc, 0, SigInfo(SIGTRAP, TRAP_TRACE, kind="fault", addr=pc))


def stops_on_signal(task: Task, info: SigInfo) -> bool:
    """Whether the task stops now that this signal is the next it acts on; it then stays as the current signal."""
    tracing = task.group.tracing
    if tracing is None or info.signo == SIGKILL or not tracing.signals & bit(info.signo):
        return False
    lwp_of(task).signal = info
    halt(task, Why.SIGNALLED, info.signo)
    return True


def before_return(task: Task) -> SigInfo | None:
    """First thing on the way back to the program: stop if so directed, answer the current fault.

    Returns the current signal, which is to be acted on next. The task may not run afterwards.
    """
    lwp = task.trace
    if lwp is None or lwp.stop is not None:
        return None
    undisturbed = task.in_call and task.restart is Restart.NEVER
    if lwp.directed and not undisturbed:
        halt(task, Why.REQUESTED)
        return None
    if undisturbed or enters_call(task):
        return None
    pending, lwp.fault = lwp.fault, None
    if lwp.leaving is not None:
        _answer_call(task, lwp, lwp.leaving, pending)
        if lwp.stop is not None:
            return None
    elif pending is not None:
        task.abi.fault(task, pending.cause, pending.epc, pending.tval, pending.info)
        if not task.alive:
            return None
    info, lwp.signal = lwp.signal, None
    return info


# ---- other events in a task's life


def inherit(parent: Task, child: Task) -> None:
    """A process was made: with inherit-on-fork it is traced as its parent is, and stands at the exit of the call."""
    tracing = parent.group.tracing
    if tracing is None or child.group is parent.group or not tracing.modes & Flag.FORK:
        return
    own = tracing_of(child.group)
    own.signals, own.faults, own.entry, own.exit = tracing.signals, tracing.faults, tracing.entry, tracing.exit
    own.modes = FIRST_MODES | Flag.FORK
    lwp = lwp_of(child)
    lwp.call = parent.trace.call if parent.trace is not None else None
    lwp.result = 0
    if lwp.call is not None and wants_exit_stop(child, lwp.call[0]):
        halt(child, Why.SYSEXIT, lwp.call[0])


def refuse_agent(task: Task) -> None:
    """An agent makes no processes and runs no programs. Raises EOPNOTSUPP. illumos: os/fork.c, os/exec.c"""
    if task.group.tracing is not None and task.group.tracing.agent is task:
        raise EOPNOTSUPP


def new_program(task: Task) -> None:
    """The task runs another program: what was watched is gone, what is traced stays."""
    if task.group.tracing is not None:
        task.group.tracing.watches = []
    if task.trace is not None:
        task.trace.passing = task.trace.passed_pc = None


def secret_exec(task: Task) -> None:
    """A process runs a program that its tracers may not look into: it stands, and runs when they let go.

    If it is traced for nothing, or by nobody any more, it runs on, and is traced for nothing. os/prsubr.c:prinvalidate
    """
    group = task.group
    group.secret_execs += 1
    tracing = group.tracing
    if tracing is not None:
        if tracing.asked and tracing.writers > tracing.void_writers:
            tracing.modes |= Flag.RLC
            direct_stop(task)
        else:
            tracing.clear()
            tracing.modes &= ~(Flag.RLC | Flag.KLC)
        tracing.void_writers = tracing.writers
        tracing.stopped.wake_all()


def task_gone(task: Task) -> None:
    """The task has exited: whoever waits for a stop of it shall look again."""
    if task.trace is not None:
        task.trace.forget()
    if task.group.tracing is not None:
        if task.group.tracing.agent is task:
            task.group.tracing.agent = None
        task.group.tracing.stopped.wake_all()
