"""Copies inside the kernel: sendfile, copy_file_range. fs/read_write.c"""

from __future__ import annotations

from rvsim.guest_os.abi.errno import EBADF, EINVAL, EISDIR, EOVERFLOW, ESPIPE, EXDEV, Errno
from rvsim.guest_os.abi.fcntl import O_APPEND, O_NONBLOCK
from rvsim.guest_os.abi.stat import S_IFDIR, S_IFMT, S_IFREG
from rvsim.guest_os.fs.pipe import PipeEnd
from rvsim.guest_os.mm.layout import MAX_RW_COUNT
from rvsim.guest_os.syscalls.args import Fd, Flags, Ptr, SizeT
from rvsim.guest_os.syscalls.dirfd import open_fd
from rvsim.guest_os.syscalls.io import CHUNK_BYTES, size_allowed
from rvsim.guest_os.syscalls.transfer import OFFSET_END, Position, file_to_pipe, put, told
from rvsim.guest_os.task.task import Task
from rvsim.guest_os.vfs.file import File
from rvsim.guest_os.wait import Blocked, Progress

_WORDS = 2 * OFFSET_END


def sys_sendfile(task: Task, out_fd: Fd, in_fd: Fd, offset: Ptr, count: SizeT) -> int:
    """Copy from a file that has offsets to any file; into a pipe as much as it has room for. fs/read_write.c

    Raises:
        EFAULT: `offset`, whatever else is wrong. EBADF: not open for reading, for writing. ESPIPE: `offset` for a file
        without offsets. EINVAL: such a file without `offset`, a file that cannot be spliced, O_APPEND, a bad range.
        EOVERFLOW: past the largest offset. EAGAIN, EPIPE, ENOSPC, EFBIG: the output's. Blocked.
    """
    if not offset:
        return _sendfile(task, out_fd, in_fd, None, count)
    where = Position(task, None, offset)
    try:
        done = _sendfile(task, out_fd, in_fd, where, count)
    except Errno:
        where.store()
        raise
    if not done:
        where.store()
    return done


def _sendfile(task: Task, out_fd: int, in_fd: int, where: Position | None, count: int) -> int:
    """fs/read_write.c:do_sendfile"""
    source = open_fd(task, in_fd)
    if not source.readable:
        raise EBADF
    if where is None:
        where = Position(task, source, 0)
    elif not source.seekable:
        raise ESPIPE
    count = where.check(count)
    target = open_fd(task, out_fd)
    if not target.writable:
        raise EBADF
    limit = min(source.inode.sb.max_bytes, target.inode.sb.max_bytes)
    if where.at + count > limit:
        if where.at >= limit:
            raise EOVERFLOW
        count = limit - where.at
    if isinstance(target, PipeEnd):
        return told(file_to_pipe(task, source, target, where, count, bool(target.flags & O_NONBLOCK)), source, target)
    end = Position(task, target, 0)
    end.check(count)
    if target.flags & O_APPEND or not source.seekable:
        raise EINVAL
    return _copy(task, source, where, target, end, count)


def _copy(task: Task, source: File, where: Position, target: File, end: Position, count: int) -> int:
    """Copy `count` bytes, fewer at the end of the file or where an error or a full output ends it. do_splice_direct"""
    done = task.resume.done if task.resume is not None else 0
    try:
        while done < count:
            if not source.splice_read:
                raise EINVAL
            data = source.pread(min(CHUNK_BYTES, count - done), where.at)
            if not data:
                break
            written = put(task, target, data, end)
            done += written
            where.advance(written)
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
    return told(done, source, target)


def sys_copy_file_range(task: Task, fd_in: Fd, off_in: Ptr, fd_out: Fd, off_out: Ptr, size: SizeT, flags: Flags) -> int:
    """Copy from one regular file to another of the same file system. fs/read_write.c:vfs_copy_file_range

    Raises:
        EBADF: closed, not open for this, or O_APPEND. EFAULT. EINVAL: a flag, no regular file, a bad range, or ranges
        of one file that overlap. EISDIR. EXDEV: two file systems. EOVERFLOW: past the largest offset.
        EFBIG (with SIGXFSZ), ENOSPC.
    """
    source, target = open_fd(task, fd_in), open_fd(task, fd_out)
    where, end = Position(task, source, off_in), Position(task, target, off_out)
    if flags:
        raise EINVAL
    kinds = (source.inode.mode & S_IFMT, target.inode.mode & S_IFMT)
    if S_IFDIR in kinds:
        raise EISDIR
    if kinds != (S_IFREG, S_IFREG):
        raise EINVAL
    if not source.readable or not target.writable or target.flags & O_APPEND:
        raise EBADF
    if source.inode.sb is not target.inode.sb:
        raise EXDEV
    if max(where.at % _WORDS, end.at % _WORDS) + size >= _WORDS:
        raise EOVERFLOW
    size = max(min(size, source.inode.size - where.at), 0)
    if size and end.at >= 0:
        size = size_allowed(task, end.at, size)
    if source.inode is target.inode and end.at + size > where.at and end.at < where.at + size:
        raise EINVAL
    where.check(size)
    end.check(size)
    return _copy(task, source, where, target, end, min(size, MAX_RW_COUNT)) if size else 0


__all__ = ["sys_copy_file_range", "sys_sendfile"]
