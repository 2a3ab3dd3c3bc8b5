"""Control messages that stop lwps, wait for stops and let lwps go on. illumos: fs/proc/prcontrol.c, man 5 proc"""

from __future__ import annotations

from rvsim.guest_os.abi.errno import EBUSY, EINVAL
from rvsim.guest_os.abi.solproc import Run, Why
from rvsim.guest_os.proc.solproc.order import Order, number
from rvsim.guest_os.proc.solproc.views import representative
from rvsim.guest_os.task import tracing
from rvsim.guest_os.task.task import Task
from rvsim.guest_os.task.thread_group import ThreadGroup
from rvsim.guest_os.task.trace_state import Stop
from rvsim.guest_os.wait import Blocked, Restart

MILLISECOND_NS = 1_000_000
EXITS = (93, 94)
"""exit and exit_group."""
RUN_FLAGS = Run.CSIG | Run.CFAULT | Run.STEP | Run.SABORT | Run.STOP


def null(order: Order, operand: bytes) -> None:
    """Nothing, on a process that is alive."""


def direct(order: Order, operand: bytes) -> None:
    """DSTOP: whoever does not stand yet is to stop as soon as it can."""
    for task in order.tasks:
        if task.alive:
            tracing.direct_stop(task)


def _wait(order: Order, deadline_ns: int | None) -> None:
    task = order.task
    if tracing.has_event_stop(task):
        return
    stop = tracing.stop_of(task)
    if order.whole and stop is not None and stop.why is Why.SUSPENDED:
        return
    if deadline_ns is not None and task.kernel.clock.monotonic_ns() >= deadline_ns:
        return
    raise Blocked(order.trace.stopped, deadline_ns=deadline_ns, restart=Restart.EINTR)


def stop(order: Order, operand: bytes) -> None:
    """STOP: direct, and wait; who stops itself does not wait."""
    if order.wait is None:
        direct(order, operand)
    if not order.to_self:
        _wait(order, None)


def wait(order: Order, operand: bytes) -> None:
    """WSTOP. Raises EBUSY: for itself."""
    if order.to_self:
        raise EBUSY
    _wait(order, None)


def wait_some_time(order: Order, operand: bytes) -> None:
    """TWSTOP: at most so many milliseconds, for ever if that is not positive. Raises EBUSY: for itself."""
    if order.to_self:
        raise EBUSY
    milliseconds = number(operand)
    before = order.wait
    if before is not None:
        _wait(order, before.deadline_ns)
    else:
        now = order.group.kernel.clock.monotonic_ns()
        _wait(order, now + milliseconds * MILLISECOND_NS if milliseconds > 0 else None)


def run(order: Order, operand: bytes) -> None:
    """RUN: let an lwp go on, or the process.

    Raises:
        EBUSY: it neither stands at an event nor was told to stop, or there is an agent and this is not its lwpctl.
        EINVAL: an unknown flag.
    """
    flags = number(operand)
    task, trace = order.task, order.trace
    lwp = tracing.lwp_of(task)
    if not tracing.has_event_stop(task) and not lwp.directed:
        raise EBUSY
    if trace.agent is not None and (order.whole or trace.agent is not task):
        raise EBUSY
    if flags & ~int(RUN_FLAGS):
        raise EINVAL
    if flags & Run.CSIG:
        lwp.signal = None
    if flags & Run.CFAULT:
        lwp.fault = None
    if flags & Run.SABORT and (task.in_call or (lwp.stop is not None and lwp.stop.why is Why.SYSENTRY)):
        lwp.abort = True
    if flags & Run.STEP:
        lwp.step = True
    if order.whole and not flags & (Run.STEP | Run.STOP):
        _run_process(order.group, task)
        return
    lwp.directed = bool(flags & Run.STOP)
    tracing.let_go(task)


def _run_process(group: ThreadGroup, task: Task) -> None:
    """The event that `task` stands at is answered; if no other lwp stands at one, all go on."""
    lwp = tracing.lwp_of(task)
    stop = lwp.stop
    if stop is not None:
        lwp.stop = Stop(Why.REQUESTED, 0, stop.at_ns)
        shown = tracing.stop_of(representative(group))
        if shown is not None and tracing.has_event_stop(representative(group)) and shown.why is not Why.REQUESTED:
            tracing.tracing_of(group).stopped.wake_all()
            if stop.why is Why.SYSENTRY and stop.what in EXITS and not lwp.abort:
                tracing.let_go(task)        # so that the next stop finds it gone
            return
    for thread in tuple(group.threads):
        if thread.trace is not None:
            thread.trace.directed = False
            tracing.let_go(thread)
