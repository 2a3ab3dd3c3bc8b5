"""Reading, writing and seeking. fs/read_write.c

User memory is faulted in before a file gives data away, so that nothing read from a pipe is ever lost; long transfers
go in pieces, so that no guest's count makes the host allocate it.
"""

from __future__ import annotations

from rvsim.guest_os.abi.errno import EBADF, EFAULT, EFBIG, EINVAL, EOPNOTSUPP, EPIPE, ESPIPE, Errno
from rvsim.guest_os.abi.fcntl import O_APPEND, O_PATH
from rvsim.guest_os.abi.poll import POLLIN
from rvsim.guest_os.abi.signals import SIGPIPE, SIGXFSZ
from rvsim.guest_os.fs.pipe import PipeFile
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.mm.layout import PAGE_SIZE
from rvsim.guest_os.syscalls.args import Fd, Flags, Int, Long, Ptr, SizeT, ULong
from rvsim.guest_os.syscalls.dirfd import open_fd
from rvsim.guest_os.syscalls.iovec import UserBuffers, import_iovec
from rvsim.guest_os.syscalls.socket_io import read_socket, write_socket
from rvsim.guest_os.task.resources import RLIM_INFINITY, RLIMIT_FSIZE
from rvsim.guest_os.task.signal import SigInfo, send_signal
from rvsim.guest_os.task.task import Task
from rvsim.guest_os.vfs import notify
from rvsim.guest_os.vfs.file import File
from rvsim.guest_os.wait import Blocked, Progress

CHUNK_BYTES = 1 << 20
"""The most that moves at once; also what one read of a file without offsets gives."""
USER_END = 1 << 63
"""No user address is here or above. arch/riscv/include/asm/pgtable.h:TASK_SIZE_MAX"""
SEEK_MAX = 4
RWF_HIPRI, RWF_DSYNC, RWF_SYNC, RWF_NOWAIT, RWF_APPEND, RWF_NOAPPEND = 1, 2, 4, 8, 16, 32
RWF_SUPPORTED = 63


def raise_signal(task: Task, signo: int) -> None:
    """Send the caller a signal of its own doing: SIGPIPE, SIGXFSZ. kernel/signal.c:send_sig"""
    send_signal(task, SigInfo(signo, pid=task.group.tgid, uid=task.cred.uid), False)


def size_allowed(task: Task, offset: int, size: int) -> int:
    """How much of `size` bytes at `offset` RLIMIT_FSIZE allows. fs/read_write.c:generic_write_check_limits

    Raises:
        EFBIG: nothing; SIGXFSZ is sent.
    """
    limit = task.group.limits.soft[RLIMIT_FSIZE]
    if offset >= limit and size:
        raise_signal(task, SIGXFSZ)
        raise EFBIG
    return min(size, limit - offset)


def sys_read(task: Task, fd: Fd, buf: Ptr, count: SizeT) -> int:
    """Read from the offset on. fs/read_write.c:ksys_read

    Raises:
        EBADF: not open for reading. EISDIR, EINVAL: this file is not read. EFAULT: `buf`.
        EAGAIN: nothing there, with O_NONBLOCK.
        Blocked: nothing there yet.
    """
    file = task.fds.files.get(fd)
    if file is None:
        raise EBADF
    if file.is_socket:
        return read_socket(task, file, UserBuffers(task.space, [(buf, count)]))
    if not 0 < count <= CHUNK_BYTES:
        if not file.readable:
            raise EBADF
        return read_into(file, UserBuffers(task.space, [(buf, count)]))
    space = task.space
    if space.table.probe(buf, count, True) != -1:
        if buf >= USER_END:
            raise EFAULT if file.readable else EBADF
        room = user_memory.writable(space, buf, count)
        if room < count:
            _check_room(file, room, count)
            if not room:
                return _read_nowhere(file)
            count = room
    data = file.read(count)
    if data:
        user_memory.write(space, buf, data)
        if file.inode.sb.watches is not None:
            notify.accessed(file)
    return len(data)


def _check_room(file: File, room: int, wanted: int) -> None:
    """Pipes and records come whole or not at all: EFAULT when not all can be stored. fs/pipe.c:pipe_read"""
    if file.record_bytes and room < file.record_bytes <= wanted:
        if not file.poll() & POLLIN:
            file.would_block(*file.poll_queues())
        raise EFAULT
    if isinstance(file, PipeFile) and len(file.pipe.data) > room:
        file.read(0)
        raise EFAULT


def _read_nowhere(file: File) -> int:
    """A read into no usable memory: the file's own errors and the end of a file come before EFAULT."""
    file.read(0)
    if file.seekable and not file.pread(1, file.offset):
        return 0
    raise EFAULT


def read_into(file: File, buffers: UserBuffers, offset: int | None = None) -> int:
    """Read into `buffers`, at `offset` or (None) from the file's own on. fs/read_write.c:vfs_read, do_iter_read

    A file that has offsets is read piece by piece; what faults or fails after the first piece ends the read.
    """
    total = buffers.size
    if not total:
        if offset is None:
            file.read(0)
        else:
            file.pread(0, offset)
        return 0
    done = 0
    while done < total:
        wanted = min(total - done, CHUNK_BYTES)
        room = buffers.writable(done, wanted)
        if room < wanted:
            _check_room(file, room, wanted)
        if not room:
            if done:
                break
            if offset is None:
                return _read_nowhere(file)
            if not file.pread(1, offset):
                return 0
            raise EFAULT
        try:
            data = file.read(room) if offset is None else file.pread(room, offset + done)
        except Errno:
            if done:
                break
            raise
        if data:
            buffers.store(done, data)
            done += len(data)
        if len(data) < wanted or not file.seekable:
            break
    if done and file.inode.sb.watches is not None:
        notify.accessed(file)
    return done


def sys_write(task: Task, fd: Fd, buf: Ptr, count: SizeT) -> int:
    """Write at the offset, or at the end. fs/read_write.c:ksys_write

    Raises:
        EBADF: not open for writing. EFAULT: `buf`. EPIPE: nobody reads (with SIGPIPE). ENOSPC, EFBIG: no room.
        EAGAIN: no room now, with O_NONBLOCK.
        Blocked: no room yet; what was written is kept in `task.resume`.
    """
    file = task.fds.files.get(fd)
    if file is None:
        raise EBADF
    if file.is_socket:
        return write_socket(task, file, UserBuffers(task.space, [(buf, count)]))
    if (task.resume is None and 0 < count <= CHUNK_BYTES
            and (not file.seekable or task.group.limits.soft[RLIMIT_FSIZE] == RLIM_INFINITY)):
        space = task.space
        data = space.table.copy_in(buf, count)
        if type(data) is bytes:
            if space.spy is not None:
                space.spy.reads(buf, count)
            try:
                written = file.write(data)
            except EPIPE:
                raise_signal(task, SIGPIPE)
                raise
            if written == count or not (file.writes_all or file.seekable):
                if written and file.inode.sb.watches is not None:
                    notify.modified(file)
                return written
            return write_from(task, file, UserBuffers(task.space, [(buf, count)]), done=written)
    if not file.writable:
        raise EBADF
    return write_from(task, file, UserBuffers(task.space, [(buf, count)]))


def write_from(task: Task, file: File, buffers: UserBuffers, offset: int | None = None, done: int = 0,
               sigpipe: bool = True) -> int:
    """Write `buffers`, at `offset` or (None) at the file's own. fs/read_write.c:vfs_write, do_iter_write

    A file with `writes_all` takes everything or waits; an error after the first byte ends the write. `done` bytes
    are written already. `sigpipe`: EPIPE comes with SIGPIPE.
    """
    progress = task.resume
    if progress is not None:
        done = progress.done
    total = buffers.size
    if not total:
        return file.write(b"") if offset is None else file.pwrite(b"", offset)
    try:
        while done < total:
            size = min(total - done, CHUNK_BYTES)
            written = _write_piece(task, file, buffers, offset, done, size)
            done += written
            if not written or (not file.writes_all and (written < size or not file.seekable)):
                break
    except Blocked:
        if isinstance(task.resume, Progress):
            task.resume.done = done
        elif done:
            task.resume = Progress(done)
        raise
    except EPIPE:
        if sigpipe:
            raise_signal(task, SIGPIPE)
        if not done:
            raise
    except Errno:
        if not done:
            raise
    task.resume = None
    if done and file.inode.sb.watches is not None:
        notify.modified(file)
    return done


def _write_piece(task: Task, file: File, buffers: UserBuffers, offset: int | None, done: int, size: int) -> int:
    if file.seekable and task.group.limits.soft[RLIMIT_FSIZE] != RLIM_INFINITY and file.writable:
        at = file.offset if offset is None else offset + done
        size = size_allowed(task, file.inode.size if file.flags & O_APPEND else at, size)
    try:
        data = buffers.load(done, size)
    except EFAULT:
        size = buffers.readable(done, size)
        if not file.seekable:
            size -= size % PAGE_SIZE           # pipes and terminals take a page whole or not at all
        if not size:
            if not done and offset is None and not file.record_bytes:
                file.write(b"")
            raise
        data = buffers.load(done, size)
    return file.write(data) if offset is None else file.pwrite(data, offset + done)


def sys_readv(task: Task, fd: Fd, iov: Ptr, iovcnt: ULong) -> int:
    """As read, into several buffers. EINVAL: too many, or a negative length. fs/read_write.c:do_readv"""
    file = _readable(task, fd)
    buffers = import_iovec(task.space, iov, iovcnt)
    return read_socket(task, file, buffers) if file.is_socket else _scatter(file, buffers, None)


def sys_writev(task: Task, fd: Fd, iov: Ptr, iovcnt: ULong) -> int:
    """As write, from several buffers. EINVAL: too many, or a negative length. fs/read_write.c:do_writev"""
    file = _writable(task, fd)
    buffers = import_iovec(task.space, iov, iovcnt)
    if file.is_socket:
        return write_socket(task, file, buffers) if buffers.size else 0
    return _gather(task, file, buffers, None)


def _scatter(file: File, buffers: UserBuffers, offset: int | None) -> int:
    """`read_into`, but without a byte to move the file is not asked. fs/read_write.c:do_iter_read"""
    return read_into(file, buffers, offset) if buffers.size else 0


def _gather(task: Task, file: File, buffers: UserBuffers, offset: int | None) -> int:
    """`write_from`, but without a byte to move the file is not asked. fs/read_write.c:do_iter_write"""
    return write_from(task, file, buffers, offset) if buffers.size else 0


def _readable(task: Task, fd: int) -> File:
    file = open_fd(task, fd)
    if not file.readable:
        raise EBADF
    return file


def _writable(task: Task, fd: int) -> File:
    file = open_fd(task, fd)
    if not file.writable:
        raise EBADF
    return file


def _seekable(task: Task, fd: int) -> File:
    file = open_fd(task, fd)
    if not file.seekable and not file.positioned:
        raise ESPIPE
    return file


def sys_pread64(task: Task, fd: Fd, buf: Ptr, count: SizeT, pos: Long) -> int:
    """Read at `pos`; the offset stays. EINVAL: pos < 0. ESPIPE: no offsets. fs/read_write.c:ksys_pread64"""
    if pos < 0:
        raise EINVAL
    file = _seekable(task, fd)
    if not file.readable:
        raise EBADF
    return read_into(file, UserBuffers(task.space, [(buf, count)]), pos)


def sys_pwrite64(task: Task, fd: Fd, buf: Ptr, count: SizeT, pos: Long) -> int:
    """Write at `pos`; the offset stays. EINVAL: pos < 0. ESPIPE: no offsets. fs/read_write.c:ksys_pwrite64"""
    if pos < 0:
        raise EINVAL
    file = _seekable(task, fd)
    if not file.writable:
        raise EBADF
    return write_from(task, file, UserBuffers(task.space, [(buf, count)]), pos)


def sys_preadv(task: Task, fd: Fd, iov: Ptr, iovcnt: ULong, pos: Long, pos_high: ULong) -> int:
    """readv at `pos` (on a 64-bit machine all of it is in `pos`). fs/read_write.c:do_preadv"""
    if pos < 0:
        raise EINVAL
    file = _seekable(task, fd)
    if not file.readable:
        raise EBADF
    return _scatter(file, import_iovec(task.space, iov, iovcnt), pos)


def sys_pwritev(task: Task, fd: Fd, iov: Ptr, iovcnt: ULong, pos: Long, pos_high: ULong) -> int:
    """writev at `pos`. fs/read_write.c:do_pwritev"""
    if pos < 0:
        raise EINVAL
    file = _seekable(task, fd)
    if not file.writable:
        raise EBADF
    return _gather(task, file, import_iovec(task.space, iov, iovcnt), pos)


def _check_rwf(flags: int) -> None:
    """EOPNOTSUPP: an unknown flag. EINVAL: RWF_APPEND with RWF_NOAPPEND. include/linux/fs.h:kiocb_set_rw_flags"""
    if flags & ~RWF_SUPPORTED:
        raise EOPNOTSUPP
    if flags & RWF_APPEND and flags & RWF_NOAPPEND:
        raise EINVAL


def sys_preadv2(task: Task, fd: Fd, iov: Ptr, iovcnt: ULong, pos: Long, pos_high: ULong, flags: Flags) -> int:
    """preadv with flags; pos -1 is the file's own offset. fs/read_write.c:preadv2

    Raises:
        EOPNOTSUPP: an unknown flag, or RWF_NOWAIT on what may wait. And as readv or preadv.
    """
    if pos < -1:
        raise EINVAL
    file = _readable(task, fd) if pos == -1 else _seekable(task, fd)
    if not file.readable:
        raise EBADF
    buffers = import_iovec(task.space, iov, iovcnt)
    if not buffers.size:
        return 0
    _check_rwf(flags)
    if file.is_socket:
        return read_socket(task, file, buffers, bool(flags & RWF_NOWAIT))
    if flags & RWF_NOWAIT and not file.seekable:
        raise EOPNOTSUPP
    return read_into(file, buffers, None if pos == -1 else pos)


def sys_pwritev2(task: Task, fd: Fd, iov: Ptr, iovcnt: ULong, pos: Long, pos_high: ULong, flags: Flags) -> int:
    """pwritev with flags; pos -1 is the file's own offset. fs/read_write.c:pwritev2

    RWF_APPEND writes at the end whatever `pos` is; RWF_NOAPPEND ignores O_APPEND.

    Raises:
        EOPNOTSUPP: an unknown flag, or RWF_NOWAIT on what may wait. And as writev or pwritev.
    """
    if pos < -1:
        raise EINVAL
    file = _writable(task, fd) if pos == -1 else _seekable(task, fd)
    if not file.writable:
        raise EBADF
    buffers = import_iovec(task.space, iov, iovcnt)
    if not buffers.size:
        return 0
    _check_rwf(flags)
    if file.is_socket:
        return write_socket(task, file, buffers, bool(flags & RWF_NOWAIT))
    if flags & RWF_NOWAIT and not file.seekable:
        raise EOPNOTSUPP
    kept = file.flags
    try:
        if flags & RWF_APPEND:
            file.flags |= O_APPEND
        elif flags & RWF_NOAPPEND:
            file.flags &= ~O_APPEND
        return write_from(task, file, buffers, None if pos == -1 else pos)
    finally:
        file.flags = kept


def sys_lseek(task: Task, fd: Fd, offset: Long, whence: Int) -> int:
    """Move the offset. EINVAL: `whence`, a negative result. ESPIPE: no offsets. ENXIO: no data. fs/read_write.c"""
    file = task.fds.files.get(fd)
    if file is None or file.flags & O_PATH:
        raise EBADF
    if not 0 <= whence <= SEEK_MAX:
        raise EINVAL
    return file.seek(offset, whence)


__all__ = [
    "sys_lseek", "sys_pread64", "sys_preadv", "sys_preadv2", "sys_pwrite64", "sys_pwritev", "sys_pwritev2", "sys_read",
    "sys_readv", "sys_write", "sys_writev",
]
