"""futex. kernel/futex/syscalls.c, waitwake.c, requeue.c"""

from __future__ import annotations

from rvsim.guest_os.abi.errno import EAGAIN, EFAULT, EINVAL, ENOSYS, ETIMEDOUT
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.mm.layout import TASK_SIZE
from rvsim.guest_os.syscalls.args import Int, Ptr, UInt
from rvsim.guest_os.syscalls.clock import read_timespec
from rvsim.guest_os.task.futex import ANY, FutexWait, Key
from rvsim.guest_os.task.task import Task
from rvsim.guest_os.wait import Blocked, Restart

FUTEX_WAIT, FUTEX_WAKE, FUTEX_FD, FUTEX_REQUEUE, FUTEX_CMP_REQUEUE, FUTEX_WAKE_OP = range(6)
FUTEX_LOCK_PI, FUTEX_UNLOCK_PI, FUTEX_TRYLOCK_PI, FUTEX_WAIT_BITSET, FUTEX_WAKE_BITSET = range(6, 11)
FUTEX_PRIVATE_FLAG = 128
FUTEX_CLOCK_REALTIME = 256
_TIMED = (FUTEX_WAIT, FUTEX_WAIT_BITSET)


def sys_futex(task: Task, uaddr: Ptr, op: Int, val: UInt, utime: Ptr, uaddr2: Ptr, val3: UInt) -> int:
    """Wait on a word, or wake who waits. kernel/futex/syscalls.c:do_futex

    Raises:
        EAGAIN: the word is not `val`. ETIMEDOUT: the time passed. EINVAL: a misaligned word, no bits, a bad time.
        ENOSYS: priority inheritance, or an unknown operation. EFAULT: the word, or the time.
    """
    command = op & ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME)
    realtime, private = bool(op & FUTEX_CLOCK_REALTIME), bool(op & FUTEX_PRIVATE_FLAG)
    given = read_timespec(task, utime) if command in _TIMED and utime and task.resume is None else None
    if realtime and command != FUTEX_WAIT_BITSET:
        raise ENOSYS
    if command in _TIMED:
        bitset = val3 if command == FUTEX_WAIT_BITSET else ANY
        # FUTEX_WAIT's time is a duration, FUTEX_WAIT_BITSET's a point in time.
        if given is not None and command == FUTEX_WAIT_BITSET:
            given -= task.kernel.clock.realtime_ns() if realtime else task.kernel.clock.monotonic_ns()
        return _wait(task, uaddr, private, val, given, bitset)
    futexes = task.kernel.futexes
    count = _signed(val)
    if command in (FUTEX_WAKE, FUTEX_WAKE_BITSET):
        bitset = val3 if command == FUTEX_WAKE_BITSET else ANY
        if not bitset:
            raise EINVAL
        return futexes.wake(_key(task, uaddr, private), max(count, 1), bitset)
    if command in (FUTEX_REQUEUE, FUTEX_CMP_REQUEUE):
        move = _signed(utime & 0xFFFF_FFFF)
        if count < 0 or move < 0:
            raise EINVAL
        key, target = _key(task, uaddr, private), _key(task, uaddr2, private)
        if command == FUTEX_CMP_REQUEUE and user_memory.read_u32(task.space, uaddr) != val3:
            raise EAGAIN
        woken, moved = futexes.requeue(key, target, count, move)
        return woken + moved
    if command == FUTEX_WAKE_OP:
        return _wake_op(task, _key(task, uaddr, private), _key(task, uaddr2, private), uaddr2, count,
                        _signed(utime & 0xFFFF_FFFF), val3)
    raise ENOSYS


def _signed(value: int) -> int:
    return (value ^ 0x8000_0000) - 0x8000_0000


def _key(task: Task, address: int, private: bool) -> Key:
    if address & 3:
        raise EINVAL
    if address >= TASK_SIZE:
        raise EFAULT
    return task.kernel.futexes.key(task.space, address, private)


def _wait(task: Task, uaddr: int, private: bool, val: int, timeout_ns: int | None, bitset: int) -> int:
    if not bitset:
        raise EINVAL
    kernel = task.kernel
    clock = kernel.clock
    wait = task.resume
    if wait is None:
        key = _key(task, uaddr, private)
        if user_memory.read_u32(task.space, uaddr) != val:
            raise EAGAIN
        wait = FutexWait(task, key, bitset, None if timeout_ns is None else clock.monotonic_ns() + timeout_ns)
        kernel.futexes.enqueue(task, wait)
        task.resume = wait
    elif wait.woken:
        return 0
    if wait.deadline_ns is not None and clock.monotonic_ns() >= wait.deadline_ns:
        kernel.futexes.leave(task, wait)
        task.resume = None      # it may have been late from the start
        raise ETIMEDOUT
    raise Blocked(wait.queue, deadline_ns=wait.deadline_ns,
                  restart=Restart.SYS if wait.deadline_ns is None else Restart.NOHAND)


def _wake_op(task: Task, key: Key, key2: Key, uaddr2: int, wake: int, wake2: int, encoded: int) -> int:
    """FUTEX_WAKE_OP: change a second word, wake on the first, and on the second if its old value compares so."""
    operation, comparison = encoded >> 28 & 7, encoded >> 24 & 15
    operand = (encoded >> 12 & 0xFFF ^ 0x800) - 0x800
    compared = (encoded & 0xFFF ^ 0x800) - 0x800
    if encoded >> 31:
        operand = 1 << (operand & 31)
    old = user_memory.read_u32(task.space, uaddr2)
    signed = _signed(old)
    results = {0: operand, 1: old + operand, 2: old | operand, 3: old & ~operand, 4: old ^ operand}
    truths = {0: signed == compared, 1: signed != compared, 2: signed < compared, 3: signed <= compared,
              4: signed > compared, 5: signed >= compared}
    if operation not in results:
        raise ENOSYS
    user_memory.write_u32(task.space, uaddr2, results[operation])
    if comparison not in truths:
        raise ENOSYS                          # found out after the change, as in Linux
    woken = task.kernel.futexes.wake(key, max(wake, 1))
    if truths[comparison]:
        woken += task.kernel.futexes.wake(key2, max(wake2, 1))
    return woken
