"""The agent: a thread that a debugger puts into a process that stands, to make calls there. man 5 proc, PCAGENT"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rvsim.guest_os.abi.errno import EBUSY, ENOENT
from rvsim.guest_os.abi.solproc import Why
from rvsim.guest_os.proc.solproc.views import representative
from rvsim.guest_os.task import tracing
from rvsim.guest_os.task.fork import enroll
from rvsim.guest_os.task.pid import Pid
from rvsim.guest_os.task.task import State, Task

if TYPE_CHECKING:
    from rvsim.guest_os.task.thread_group import ThreadGroup


def _stands(task: Task) -> bool:
    """At an event, or at a stop of job control that a directed stop will follow."""
    return tracing.has_event_stop(task) or (
        task.state is State.STOPPED and task.trace is not None and task.trace.directed)


def create(group: ThreadGroup, registers: Sequence[int]) -> None:
    """Put an agent with these registers (x1 to x31, pc) into a process. It stands until it is told to run.

    Raises:
        EBUSY: a thread does not stand at an event, or there is an agent already.
        EAGAIN: too many processes.
    """
    trace = tracing.tracing_of(group)
    live = [thread for thread in group.threads if thread.alive]
    if trace.agent is not None or not all(_stands(thread) for thread in live):
        raise EBUSY
    model = representative(group)
    files, fs, mm = model.files_shared, model.fs_shared, model.mm
    if files is None or fs is None or mm is None:
        raise ENOENT
    pid = Pid(group.pid.numbers[group.pid.level][1])
    context = model.context.copy()
    for number, value in enumerate(registers[:31], 1):
        context.set(number, value)
    context.pc = registers[31] & ~1
    files.count += 1
    fs.count += 1
    model.sighand.count += 1
    agent = Task(group.kernel, group, pid, context, mm.get(), files, fs, model.cred, model.sighand, model.abi)
    agent.comm = model.comm
    agent.blocked = (1 << 64) - 1
    enroll(agent)
    model.abi.fork_state(model, agent, True)
    trace.agent = agent
    tracing.halt(agent, Why.REQUESTED)
