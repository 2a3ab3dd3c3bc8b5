"""Moving bytes through pipes without the program: splice, tee, vmsplice. fs/splice.c

Differs: what vmsplice and tee move is copied; on Linux a page that was spliced and is changed later changes in the
pipe too. Packets (O_DIRECT) that are moved from pipe to pipe come out as plain bytes.
"""

from __future__ import annotations

from rvsim.guest_os.abi.errno import EBADF, EFAULT, EINVAL, EPIPE, ESPIPE, Errno
from rvsim.guest_os.abi.fcntl import O_APPEND, O_NONBLOCK
from rvsim.guest_os.abi.signals import SIGPIPE
from rvsim.guest_os.fs.pipe import PipeEnd, PipeFile
from rvsim.guest_os.syscalls.args import Fd, Flags, Ptr, SizeT, ULong
from rvsim.guest_os.syscalls.dirfd import only_flags, open_fd
from rvsim.guest_os.syscalls.io import CHUNK_BYTES, raise_signal
from rvsim.guest_os.syscalls.iovec import UserBuffers, import_iovec
from rvsim.guest_os.syscalls.transfer import Position, await_data, await_room, file_to_pipe, put, told
from rvsim.guest_os.task.task import Task
from rvsim.guest_os.vfs.file import File
from rvsim.guest_os.wait import Blocked, Progress

SPLICE_F_NONBLOCK = 2
SPLICE_F_ALL = 15
"""MOVE, NONBLOCK, MORE, GIFT. include/linux/splice.h"""


def sys_splice(task: Task, fd_in: Fd, off_in: Ptr, fd_out: Fd, off_out: Ptr, size: SizeT, flags: Flags) -> int:
    """Move bytes between a pipe and a file, or between two pipes. fs/splice.c:do_splice

    Raises:
        EINVAL: an unknown flag, no pipe, one pipe at both ends, O_APPEND, an offset where the file has none, a bad
        range, a file that cannot be spliced. EBADF: closed, or not open for this. ESPIPE: an offset for a pipe. EFAULT.
        EAGAIN: it would wait, with SPLICE_F_NONBLOCK or O_NONBLOCK. EPIPE (with SIGPIPE): nobody reads. Blocked.
    """
    if not size:
        return 0
    only_flags(flags, SPLICE_F_ALL)
    source, target = open_fd(task, fd_in), open_fd(task, fd_out)
    from_pipe, to_pipe = isinstance(source, PipeEnd), isinstance(target, PipeEnd)
    if (from_pipe and off_in) or (to_pipe and off_out):
        raise ESPIPE
    end = Position(task, target, off_out)
    where = Position(task, source, off_in)
    if not source.readable or not target.writable:
        raise EBADF
    nonblock = bool(flags & SPLICE_F_NONBLOCK)
    if isinstance(source, PipeEnd) and isinstance(target, PipeEnd):
        if _same(source, target):
            raise EINVAL
        nonblock = nonblock or bool((source.flags | target.flags) & O_NONBLOCK)
        return told(_pipe_to_pipe(task, source, target, size, nonblock, keep=False), source, target)
    if isinstance(source, PipeEnd):
        if (off_out and not target.seekable) or target.flags & O_APPEND:
            raise EINVAL
        nonblock = nonblock or bool(source.flags & O_NONBLOCK)
        return told(_pipe_to_file(task, source, target, end, end.check(size), nonblock), source, target)
    if isinstance(target, PipeEnd):
        if off_in and not source.seekable:
            raise EINVAL
        nonblock = nonblock or bool(target.flags & O_NONBLOCK)
        return told(file_to_pipe(task, source, target, where, where.check(size), nonblock), source, target)
    raise EINVAL


def _same(one: PipeEnd, other: PipeEnd) -> bool:
    return isinstance(one, PipeFile) and isinstance(other, PipeFile) and one.pipe is other.pipe


def _pipe_to_file(task: Task, pipe: PipeEnd, target: File, end: Position, size: int, nonblock: bool) -> int:
    """Empty a pipe into a file; waits for the first byte only. fs/splice.c:iter_file_splice_write"""
    if not target.splice_write:
        raise EINVAL
    done = task.resume.done if task.resume is not None else 0
    try:
        while done < size:
            if done and not pipe.peek(1):
                break
            if not await_data(pipe, nonblock):
                break
            data = pipe.peek(min(size - done, CHUNK_BYTES))
            written = put(task, target, data, end)
            pipe.skip(written)
            done += written
            if written < len(data) and not target.writes_all:
                break
    except Blocked:
        if done:
            task.resume = Progress(done)
        raise
    except Errno:
        if not done:
            raise
    task.resume = None
    return done


def _pipe_to_pipe(task: Task, source: PipeEnd, target: PipeEnd, size: int, nonblock: bool, *, keep: bool) -> int:
    """Move what there is and fits, or (`keep`) copy it. fs/splice.c:splice_pipe_to_pipe, link_pipe"""
    await_data(source, nonblock)
    while not target.room():
        await_room(task, target, nonblock)
    if target.broken():
        raise_signal(task, SIGPIPE)
        raise EPIPE
    data = source.peek(min(size, target.room()))
    if data:
        target.add(data)
        if not keep:
            source.skip(len(data))
    return len(data)


def sys_tee(task: Task, fd_in: Fd, fd_out: Fd, size: SizeT, flags: Flags) -> int:
    """Copy from pipe to pipe what stays in the first. fs/splice.c:do_tee

    Raises:
        EINVAL: an unknown flag, not two different pipes. EBADF: closed, or not open for this. And as splice.
    """
    only_flags(flags, SPLICE_F_ALL)
    if not size:
        return 0
    source, target = open_fd(task, fd_in), open_fd(task, fd_out)
    if not source.readable or not target.writable:
        raise EBADF
    if not isinstance(source, PipeEnd) or not isinstance(target, PipeEnd) or _same(source, target):
        raise EINVAL
    nonblock = bool(flags & SPLICE_F_NONBLOCK or (source.flags | target.flags) & O_NONBLOCK)
    return _pipe_to_pipe(task, source, target, size, nonblock, keep=True)


def sys_vmsplice(task: Task, fd: Fd, iov: Ptr, segments: ULong, flags: Flags) -> int:
    """Put user memory into a pipe, as much as there is room for, or take it out. fs/splice.c:vmsplice

    Raises:
        EINVAL: an unknown flag, too many pieces. EBADF: closed, or no pipe. EFAULT. EAGAIN: it would wait, with
        SPLICE_F_NONBLOCK. EPIPE (with SIGPIPE). Blocked.
    """
    only_flags(flags, SPLICE_F_ALL)
    file = open_fd(task, fd)
    if not file.writable and not file.readable:
        raise EBADF
    buffers = import_iovec(task.space, iov, segments)
    if not buffers.size:
        return 0
    if not isinstance(file, PipeEnd):
        raise EBADF
    nonblock = bool(flags & SPLICE_F_NONBLOCK)
    if not file.writable:
        return _pipe_to_user(file, buffers, nonblock)
    size = buffers.readable(0, min(buffers.size, await_room(task, file, nonblock)))
    if not size:
        raise EFAULT
    file.add(buffers.load(0, size))
    return size


def _pipe_to_user(pipe: PipeEnd, buffers: UserBuffers, nonblock: bool) -> int:
    if not await_data(pipe, nonblock):
        return 0
    size = buffers.writable(0, len(pipe.peek(min(buffers.size, CHUNK_BYTES))))
    if not size:
        raise EFAULT
    buffers.store(0, pipe.peek(size))
    pipe.skip(size)
    return size


__all__ = ["sys_splice", "sys_tee", "sys_vmsplice"]
