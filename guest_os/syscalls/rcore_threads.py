"""Threads and what they wait with, in the ABI `rcore`. rCore-Tutorial-v3, os/src/syscall/{thread,sync}.rs"""

from __future__ import annotations

from typing import TypeVar

from rvsim.guest_os.abi.errno import EAGAIN, EINVAL, Errno
from rvsim.guest_os.abi.sched import CLONE_FILES, CLONE_FS, CLONE_SIGHAND, CLONE_THREAD, CLONE_VM
from rvsim.guest_os.syscalls.args import Int, Ptr, ULong
from rvsim.guest_os.syscalls.rcore_state import Condvar, Mutex, RcoreProcess, RcoreThread, Semaphore, Thread, Turn
from rvsim.guest_os.task.fork import CloneArgs, clone
from rvsim.guest_os.task.task import Task
from rvsim.guest_os.wait import Blocked, Restart

T = TypeVar("T")
MAX_OBJECTS = 65536
NO_CHILD, STILL_RUNNING = -1, -2


# ---- threads


def rcore_thread_create(task: Task, entry: Ptr, argument: ULong) -> int:
    """A thread that begins at `entry` with `argument` in a0; returns its small number. -1: no memory."""
    process = task.abi_state.process
    stack = task.abi.map_thread_stack(task)  # type: ignore[attr-defined]
    try:
        child = clone(task, CloneArgs(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD, 0, stack[1]))
    except Errno:
        task.space.unmap(*stack)
        raise
    tid = next(number for number in range(1, MAX_OBJECTS * 2) if number not in process.threads)
    process.threads[tid] = Thread(child, stack)
    child.abi_state = RcoreThread(process, tid)
    context = child.context
    context.clear()
    context.pc = entry
    context.set(2, stack[1])
    context.set(10, argument)
    return tid


def rcore_gettid(task: Task) -> int:
    """This thread's small number: 0 for the first."""
    state: RcoreThread = task.abi_state
    return state.tid


def rcore_waittid(task: Task, tid: Int) -> int:
    """The exit code of a thread. -1: oneself, or no such thread; -2: it still runs."""
    state: RcoreThread = task.abi_state
    slot = state.process.threads.get(tid)
    if tid == state.tid or slot is None:
        return NO_CHILD
    if slot.task is not None:
        task.kernel.scheduler.probed(task)
        return STILL_RUNNING
    del state.process.threads[tid]
    return slot.exit_code


# ---- locks


def _process(task: Task) -> RcoreProcess:
    state: RcoreThread = task.abi_state
    return state.process


def _add(things: list[T], thing: T) -> int:
    """Give a lock its number: the next one of its kind. EAGAIN: too many."""
    if len(things) >= MAX_OBJECTS:
        raise EAGAIN
    things.append(thing)
    return len(things) - 1


def _find(things: list[T], number: int) -> T:
    """The lock with this number. EINVAL: there is none."""
    if number >= len(things):
        raise EINVAL
    return things[number]


def rcore_mutex_create(task: Task, blocking: ULong) -> int:
    """A new mutex; returns its number."""
    return _add(_process(task).mutexes, Mutex(blocking == 1))


def _mutex(task: Task, number: int) -> Mutex:
    return _find(_process(task).mutexes, number)


def _lock(task: Task, mutex: Mutex) -> None:
    """Take it, or wait for it. `task.resume` holds the place in the line of a blocking one."""
    turn = task.resume
    if isinstance(turn, Turn) and turn.granted:
        return
    if not mutex.locked:
        mutex.locked = True
        return
    if not mutex.blocking:
        raise Blocked(mutex.released, restart=Restart.SYS)
    if not isinstance(turn, Turn):
        turn = Turn()
        task.resume = turn
        mutex.line.append(turn)
    raise Blocked(turn.queue, restart=Restart.NEVER)


def rcore_mutex_lock(task: Task, number: ULong) -> int:
    """Take a mutex, waiting if it is taken. -1: no such mutex."""
    _lock(task, _mutex(task, number))
    return 0


def rcore_mutex_unlock(task: Task, number: ULong) -> int:
    """Give a mutex back. -1: no such mutex, or it is not taken."""
    mutex = _mutex(task, number)
    if not mutex.locked:
        raise EINVAL
    mutex.unlock()
    return 0


def rcore_semaphore_create(task: Task, count: ULong) -> int:
    """A new semaphore; returns its number."""
    return _add(_process(task).semaphores, Semaphore(count))


def _semaphore(task: Task, number: int) -> Semaphore:
    return _find(_process(task).semaphores, number)


def rcore_semaphore_up(task: Task, number: ULong) -> int:
    """Add one, or let the longest waiter through. -1: no such semaphore."""
    semaphore = _semaphore(task, number)
    if semaphore.line:
        semaphore.line.pop(0).grant()
    else:
        semaphore.count += 1
    return 0


def rcore_semaphore_down(task: Task, number: ULong) -> int:
    """Take one, waiting while there is none. -1: no such semaphore."""
    semaphore = _semaphore(task, number)
    turn = task.resume
    if isinstance(turn, Turn):
        if turn.granted:
            return 0
    elif semaphore.count > 0:
        semaphore.count -= 1
        return 0
    else:
        turn = Turn()
        task.resume = turn
        semaphore.line.append(turn)
    raise Blocked(turn.queue, restart=Restart.NEVER)


def rcore_condvar_create(task: Task) -> int:
    """A new condition variable; returns its number."""
    return _add(_process(task).condvars, Condvar())


def _condvar(task: Task, number: int) -> Condvar:
    return _find(_process(task).condvars, number)


def rcore_condvar_signal(task: Task, number: ULong) -> int:
    """Wake the longest waiter; without one, nothing is remembered. -1: no such condition variable."""
    line = _condvar(task, number).line
    if line:
        line.pop(0).grant()
    return 0


def rcore_condvar_wait(task: Task, number: ULong, mutex_number: ULong) -> int:
    """Give the mutex back, wait for a signal, take the mutex again. -1: no such one, or the mutex is not taken."""
    condvar, mutex = _condvar(task, number), _mutex(task, mutex_number)
    turn = task.resume
    if turn is None:
        if not mutex.locked:
            raise EINVAL
        mutex.unlock()
        turn = Turn()
        task.resume = turn
        condvar.line.append(turn)
        raise Blocked(turn.queue, restart=Restart.NEVER)
    if turn.stage == 0:
        if not turn.granted:
            raise Blocked(turn.queue, restart=Restart.NEVER)
        # Signalled: now in the mutex's line.
        if not mutex.locked:
            mutex.locked = True
            return 0
        again = Turn()
        again.stage = 1
        task.resume = again
        if not mutex.blocking:
            raise Blocked(mutex.released, restart=Restart.NEVER)
        mutex.line.append(again)
        raise Blocked(again.queue, restart=Restart.NEVER)
    _lock(task, mutex)
    return 0
