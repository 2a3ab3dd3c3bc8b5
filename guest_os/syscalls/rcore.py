"""The system calls of the ABI `rcore`. rCore-Tutorial-v3, os/src/syscall/*.rs; every error is -1."""

from __future__ import annotations

import struct
from typing import Any

from rvsim.guest_os.abi.errno import EAGAIN, EBADF, EINVAL, ENOENT, EPIPE, ESRCH, Errno
from rvsim.guest_os.abi.fcntl import O_CREAT, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY
from rvsim.guest_os.abi.signals import SA_RESTART, SIGCHLD, SIGKILL, SIGPIPE, SIGSTOP, UNBLOCKABLE, bit
from rvsim.guest_os.abi.stat import S_IFMT, S_IFREG
from rvsim.guest_os.fs.pipe import PipeFile
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.syscalls.args import Fd, Flags, Int, Path, Ptr, SizeT, UInt, ULong
from rvsim.guest_os.syscalls.executing import execute, read_strings
from rvsim.guest_os.syscalls.rcore_abi import from_mask, to_mask
from rvsim.guest_os.syscalls.rcore_state import RcoreThread
from rvsim.guest_os.syscalls.signals import kill_group, set_blocked
from rvsim.guest_os.task.exit import exit_group, exit_status, exit_thread, reap
from rvsim.guest_os.task.fork import CloneArgs, clone
from rvsim.guest_os.task.pid import PidType, find_vpid, pid_nr_ns, pid_task, task_active_pid_ns
from rvsim.guest_os.task.signal import SigAction, SigInfo, recalc, send_signal
from rvsim.guest_os.task.task import Task
from rvsim.guest_os.vfs.file import File
from rvsim.guest_os.vfs.open import open_file
from rvsim.guest_os.wait import Blocked, Progress, Restart, Resume

MAX_TRANSFER = 1 << 20
OPEN_WRONLY, OPEN_RDWR, OPEN_CREATE, OPEN_TRUNC = 1, 2, 1 << 9, 1 << 10
ACTION = struct.Struct("<QI4x")
NO_CHILD, STILL_RUNNING = -1, -2


def rcore_exit(task: Task, code: Int) -> int | None:
    """End the process in its first thread, else this thread only."""
    state: RcoreThread = task.abi_state
    if state.tid == 0:
        exit_group(task.group, exit_status(code), code)
        return None
    slot = state.process.threads[state.tid]
    slot.exit_code, slot.task = code, None
    if slot.stack is not None:
        task.space.unmap(*slot.stack)
    task.kernel.scheduler.spin_round += 1
    exit_thread(task, code)
    return None


def rcore_yield(task: Task) -> int:
    """Let others run first."""
    task.kernel.scheduler.yield_now()
    return 0


def rcore_fork(task: Task) -> int:
    """A copy of the process; returns its pid, 0 in the copy. -1: no memory, too many processes."""
    return pid_nr_ns(clone(task, CloneArgs(0, SIGCHLD)).pid, task_active_pid_ns(task))


def rcore_exec(task: Task, path: Path, argv: Ptr) -> int | None:
    """Run another program. -1: there is none.

    A bare name is looked for in the current directory, then in /bin; by the chapters' own interfaces, which know but
    one directory, where the caller's program is. The tutorial's chapters 5 and 6 pass only a path, so what is in a1
    counts only if it is an array of strings. A program of the ABI `linux` gets the environment that the machine booted
    with.
    """
    try:
        arguments = read_strings(task, argv)
    except Errno:
        arguments = []
    _execute(task, path, arguments or [path])
    return None


def _execute(task: Task, path: bytes, argv: list[bytes]) -> None:
    environment = task.kernel.environment
    try:
        execute(task, path, argv, environment)
    except ENOENT:
        if b"/" in path:
            raise
        execute(task, _programs(task) + path, argv, environment)


def _programs(task: Task) -> bytes:
    if not task.abi.chapter:  # type: ignore[attr-defined]
        return b"/bin/"
    program: Any = task.space.exe
    path: bytes = program.path.display(task.fs.root)
    return path.rpartition(b"/")[0] + b"/"


def rcore_waitpid(task: Task, pid: Int, status: Ptr) -> int:
    """Never waits: -1 no such child, -2 none has exited yet, else the pid; its raw exit code is stored.

    `pid` -1 is any child. NULL stores nothing.
    """
    ns = task_active_pid_ns(task)
    exists = False
    for child in task.group.children:
        number = pid_nr_ns(child.pid, ns)
        if pid in (-1, number):
            exists = True
            if child.zombie:
                code = child.exit_code
                if status:
                    user_memory.write_u32(task.space, status, code)
                reap(child)
                return number
    if not exists:
        return NO_CHILD
    task.kernel.scheduler.probed(task)
    return STILL_RUNNING


def rcore_getpid(task: Task) -> int:
    """The number of this process."""
    return task.group.tgid


def rcore_get_time(task: Task) -> int:
    """Milliseconds since boot."""
    scheduler = task.kernel.scheduler
    scheduler.probed(task, clock=True)
    return task.kernel.clock.monotonic_ns() // 1_000_000


class Nap(Resume):
    """A sleep, until when; a handler ends it."""

    __slots__ = ("deadline_ns",)

    def __init__(self, deadline_ns: int) -> None:
        self.deadline_ns = deadline_ns

    def interrupted(self) -> int | None:
        return 0


def rcore_sleep(task: Task, milliseconds: ULong) -> int:
    """Wait so long."""
    now = task.kernel.clock.monotonic_ns()
    if task.resume is None:
        nap = Nap(now + min(milliseconds, 1 << 40) * 1_000_000)
    else:
        nap = task.resume
    if now >= nap.deadline_ns:
        return 0
    task.resume = nap
    raise Blocked(deadline_ns=nap.deadline_ns, restart=Restart.SYS)


# ---- files


def rcore_open(task: Task, path: Path, flags: Flags) -> int:
    """Open or create; CREATE empties a file that exists. -1: any error."""
    host = O_RDONLY
    if flags & ~(OPEN_WRONLY | OPEN_RDWR | OPEN_CREATE | OPEN_TRUNC):
        raise EINVAL
    if flags & OPEN_WRONLY:
        host = O_WRONLY
    elif flags & OPEN_RDWR:
        host = O_RDWR
    if flags & OPEN_CREATE:
        host |= O_CREAT | O_TRUNC
    if flags & OPEN_TRUNC:
        host |= O_TRUNC
    with task.fds.reserve(1) as slots:
        slots.install(open_file(task.fs, task.cred, path, host, 0o755))
        return slots.numbers[0]


def rcore_close(task: Task, fd: Fd) -> int:
    """Close. -1: not open."""
    task.fds.close(fd)
    return 0


def rcore_dup(task: Task, fd: Fd) -> int:
    """A second descriptor for an open file: the lowest free one. -1: not open."""
    return task.fds.dup(fd)


def rcore_pipe(task: Task, ends: Ptr) -> int:
    """Two 64-bit words: the descriptor to read from and the one to write to. -1: `ends` is not writable."""
    with task.fds.reserve(2) as slots:
        user_memory.write(task.space, ends, struct.pack("<QQ", *slots.numbers))
        slots.install(*task.kernel.pipes.open_pipe(0, task.cred))
    return 0


def rcore_read(task: Task, fd: Fd, buffer: Ptr, size: SizeT) -> int:
    """Read; a pipe gives all that was asked for unless it ends before. -1: not open for reading, a bad buffer."""
    file = task.fds.get(fd)
    size = min(size, MAX_TRANSFER)
    if not file.readable:
        raise EBADF
    done: int = task.resume.done if task.resume is not None else 0
    while True:
        room = user_memory.writable(task.space, buffer + done, size - done)
        if room < size - done and not room:
            raise EINVAL
        try:
            data = file.read(room)
        except Blocked:
            if done:
                task.resume = Progress(done)
            raise
        user_memory.write(task.space, buffer + done, data)
        done += len(data)
        task.kernel.charge(task, len(data))
        is_console = file.inode.mode & S_IFMT != S_IFREG and not isinstance(file, PipeFile)
        if not data and is_console and task.abi.chapter:  # type: ignore[attr-defined]
            # The tutorial's console has no end: its shell would take what comes then for characters.
            raise Blocked(restart=Restart.SYS)
        if not data or done >= size or not file.writes_all:
            return done


def rcore_write(task: Task, fd: Fd, buffer: Ptr, size: SizeT) -> int:
    """Write all of it. -1: not open for writing, a bad buffer, nobody to read a pipe."""
    file = task.fds.get(fd)
    if not file.writable:
        raise EBADF
    size = min(size, MAX_TRANSFER)
    done: int = task.resume.done if task.resume is not None else 0
    while True:
        data = user_memory.read(task.space, buffer + done, size - done)
        try:
            written = _put(task, file, data)
        except Blocked:
            if done:
                task.resume = Progress(done)
            raise
        done += written
        task.kernel.charge(task, written)
        if done >= size or not file.writes_all:
            return done


def _put(task: Task, file: File, data: bytes) -> int:
    try:
        return file.write(data)
    except EPIPE:
        send_signal(task, SigInfo(SIGPIPE), True)
        raise


# ---- signals


def rcore_kill(task: Task, pid: Int, signum: UInt) -> int:
    """Send signal `signum`; 0 does nothing. -1: no such process or signal, or it is pending already.

    Chapter 7's own kernel lets numbers wrap at 32, and its library's panic relies on that.
    """
    found = pid_task(find_vpid(pid, task), PidType.TGID)
    if found is None or found.group.zombie:
        raise ESRCH
    if signum > 31 and task.abi.chapter != 7:  # type: ignore[attr-defined]
        raise EINVAL
    signo = signum & 31
    if not signo:
        return 0
    if found.group.pending.bits & bit(signo):
        raise EAGAIN
    kill_group(task, found.group, signo)
    return 0


def rcore_kill_flags(task: Task, pid: Int, flags: UInt) -> int:
    """Chapter 8: `flags` is a set of INT, ILL, ABRT, FPE, SEGV. -1: no such process, another bit."""
    found = pid_task(find_vpid(pid, task), PidType.TGID)
    if found is None or found.group.zombie:
        raise ESRCH
    if flags & ~0x954:
        raise EINVAL
    for signo in range(1, 32):
        if flags >> signo & 1:
            kill_group(task, found.group, signo)
    return 0


def rcore_sigaction(task: Task, signum: UInt, action: Ptr, old_action: Ptr) -> int:
    """Set a handler and what it blocks; both pointers are needed. -1: KILL, STOP, above 31, a bad pointer."""
    if signum > 31 or not action or not old_action or signum in (SIGKILL, SIGSTOP):
        raise EINVAL
    handler, mask = ACTION.unpack(user_memory.read(task.space, action, ACTION.size))
    entry = task.sighand.actions[signum]
    user_memory.write(task.space, old_action, ACTION.pack(entry.handler, from_mask(entry.mask)))
    task.sighand.actions[signum] = SigAction(handler, SA_RESTART, to_mask(mask))
    recalc(task)
    return 0


def rcore_sigprocmask(task: Task, mask: UInt) -> int:
    """Block exactly these signals; returns what was blocked before."""
    old = from_mask(task.blocked)
    set_blocked(task, to_mask(mask) & ~UNBLOCKABLE)
    return old


def rcore_sigreturn(task: Task) -> int | None:
    """Go back to where the last handler came in between. -1: none runs."""
    saved = task.abi_state.saved
    if not saved:
        raise EINVAL
    context, mask = saved.pop()
    hart = task.kernel.hart
    task.context.assign(context)
    hart.load(task.context, task.space.table)
    set_blocked(task, mask)
    return None
