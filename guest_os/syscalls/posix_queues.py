"""POSIX message queues: mq_open, mq_unlink, mq_timedsend, mq_timedreceive, mq_notify, mq_getsetattr. ipc/mqueue.c"""

from __future__ import annotations

from rvsim.guest_os.abi.errno import (
    EACCES,
    EAGAIN,
    EBADF,
    EBUSY,
    EEXIST,
    EFAULT,
    EINVAL,
    EMFILE,
    EMSGSIZE,
    ENAMETOOLONG,
    ENOENT,
    ETIMEDOUT,
)
from rvsim.guest_os.abi.fcntl import (
    NAME_MAX,
    O_ACCMODE,
    O_CLOEXEC,
    O_CREAT,
    O_EXCL,
    O_NOCTTY,
    O_NONBLOCK,
    O_RDWR,
    O_TRUNC,
    O_WRONLY,
)
from rvsim.guest_os.abi.mqueue import (
    DEFAULT_MSGS,
    DEFAULT_MSGSIZE,
    MQ_ATTR,
    MQ_PRIO_MAX,
    SIGEV_NONE,
    SIGEV_SIGNAL,
    SIGEV_THREAD,
    SIGEVENT,
)
from rvsim.guest_os.abi.signals import NSIG
from rvsim.guest_os.abi.stat import S_IFREG
from rvsim.guest_os.ipc.posix_queues import Message, Notification, QueueFile, QueueFs, QueueInode, QueueWait
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.syscalls.args import Fd, Int, Ptr, SizeT, UInt
from rvsim.guest_os.syscalls.clock import read_timespec
from rvsim.guest_os.syscalls.dirfd import open_fd
from rvsim.guest_os.syscalls.files import install_new
from rvsim.guest_os.task.task import Task
from rvsim.guest_os.vfs import entries
from rvsim.guest_os.vfs.mount import Path
from rvsim.guest_os.vfs.permission import MAY_EXEC, MAY_READ, MAY_WRITE
from rvsim.guest_os.wait import Blocked

_ACCESS = (MAY_READ, MAY_WRITE, MAY_READ | MAY_WRITE)
_NOT_KEPT = O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_CLOEXEC
COOKIE_BYTES = 32


def _name(task: Task, address: int) -> bytes:
    """One name, without slashes. ENOENT: empty. EACCES: none that a file can have. ENAMETOOLONG. EFAULT."""
    name = user_memory.path(task.space, address)
    if not name:
        raise ENOENT
    if name in (b".", b"..") or b"/" in name:
        raise EACCES
    if len(name) > NAME_MAX:
        raise ENAMETOOLONG
    return name


def sys_mq_open(task: Task, u_name: Ptr, oflag: Int, mode: UInt, u_attr: Ptr) -> int:
    """Open a queue, which may be made; the descriptor is closed by exec. ipc/mqueue.c:do_mq_open

    Raises:
        EFAULT. ENOENT: there is none, without O_CREAT; an empty name. EEXIST: there is one, with O_EXCL. EACCES: a
        name with a slash, or no permission. ENAMETOOLONG. EINVAL: sizes, the access mode. EMFILE: no number is free,
        or RLIMIT_MSGQUEUE. ENOSPC: too many queues. ENOMEM.
    """
    attr = user_memory.read(task.space, u_attr, MQ_ATTR.size) if u_attr else None
    name = _name(task, u_name)
    if len(task.fds.files) >= task.fds.limit:
        raise EMFILE
    sb: QueueFs = task.kernel.ipc.queues
    child = sb.root.lookup_or_none(name)
    if child is None:
        if not oflag & O_CREAT:
            raise ENOENT
        sb.directory.permission(task.cred, MAY_WRITE | MAY_EXEC)
        _, most, largest, _ = MQ_ATTR.unpack(attr) if attr is not None else (0, DEFAULT_MSGS, DEFAULT_MSGSIZE, 0)
        final = S_IFREG | mode & 0o7777 & ~task.fs.umask
        inode = sb.directory.make(name, final, task.cred.fsuid, task.cred.fsgid, most, largest)
        child = sb.root.add(name, inode)
    else:
        if oflag & O_CREAT and oflag & O_EXCL:
            raise EEXIST
        if oflag & O_ACCMODE == O_RDWR | O_WRONLY:
            raise EINVAL
        child.inode.permission(task.cred, _ACCESS[oflag & O_ACCMODE])
    file = child.inode.open(Path(sb.mount, child), oflag & ~_NOT_KEPT & 0xFFFF_FFFF, task.cred)
    return install_new(task, file, cloexec=True)


def sys_mq_unlink(task: Task, u_name: Ptr) -> int:
    """Take a queue's name away; it goes when nobody has it open. ENOENT. EACCES, EPERM. EFAULT. ipc/mqueue.c"""
    name = _name(task, u_name)
    sb: QueueFs = task.kernel.ipc.queues
    entries.unlink(task.fs, task.cred, name, Path(sb.mount, sb.root))
    return 0


def _queue(task: Task, mqdes: int) -> QueueFile:
    """EBADF: closed, or no message queue."""
    file = open_fd(task, mqdes)
    if not isinstance(file, QueueFile):
        raise EBADF
    return file


def _deadline(task: Task, address: int) -> int | None:
    """When a wait ends, in monotonic nanoseconds, for an absolute real time. EFAULT. EINVAL."""
    if not address:
        return None
    clock = task.kernel.clock
    return clock.monotonic_ns() + read_timespec(task, address) - clock.realtime_ns()


def _wait(task: Task, wait: QueueWait) -> None:
    """Wait until somebody has done it. ETIMEDOUT. ipc/mqueue.c:wq_sleep"""
    if wait.done:
        return
    if wait.deadline_ns is not None and task.kernel.clock.monotonic_ns() >= wait.deadline_ns:
        wait.dropped()
        raise ETIMEDOUT
    task.resume = wait
    raise Blocked(wait.queue, deadline_ns=wait.deadline_ns)


def sys_mq_timedsend(task: Task, mqdes: Fd, u_msg_ptr: Ptr, msg_len: SizeT, msg_prio: UInt, u_abs_timeout: Ptr) -> int:
    """Send a message, before those of a lower priority. ipc/mqueue.c:do_mq_timedsend

    Raises:
        EFAULT. EINVAL: the priority or the time. EBADF: no queue, or not open for writing. EMSGSIZE. EAGAIN: full,
        with O_NONBLOCK. ETIMEDOUT. EINTR: a handler ran. Blocked: full.
    """
    if isinstance(task.resume, QueueWait):
        _wait(task, task.resume)
        return 0
    deadline = _deadline(task, u_abs_timeout)
    if msg_prio >= MQ_PRIO_MAX:
        raise EINVAL
    file = _queue(task, mqdes)
    queue = file.queue
    if not file.writable:
        raise EBADF
    if msg_len > queue.message_size:
        raise EMSGSIZE
    message = (msg_prio, user_memory.read(task.space, u_msg_ptr, msg_len) if msg_len else b"")
    if len(queue.heap) < queue.max_messages:
        queue.send(message, task)
        return 0
    if file.flags & O_NONBLOCK:
        raise EAGAIN
    _wait(task, QueueWait(queue, queue.senders, message, deadline))
    return 0


class _Receiving(QueueWait):
    """A receiver: where its message goes, even if a handler runs before its call does."""

    __slots__ = ("address", "priority_address", "task")

    def __init__(self, queue: QueueInode, task: Task, address: int, priority_address: int,
                 deadline_ns: int | None) -> None:
        super().__init__(queue, queue.receivers, None, deadline_ns)
        self.task = task
        self.address = address
        self.priority_address = priority_address

    def interrupted(self) -> int | None:
        if not self.done or self.message is None:
            return None
        try:
            return _store(self.task, self.message, self.address, self.priority_address)
        except EFAULT:
            return -EFAULT.number


def _store(task: Task, message: Message, address: int, priority_address: int) -> int:
    """Give a message to the program, which loses it if it cannot be stored. EFAULT."""
    priority, text = message
    if priority_address:
        user_memory.write_u32(task.space, priority_address, priority)
    if text:
        user_memory.write(task.space, address, text)
    return len(text)


def sys_mq_timedreceive(task: Task, mqdes: Fd, u_msg_ptr: Ptr, msg_len: SizeT, u_msg_prio: Ptr,
                        u_abs_timeout: Ptr) -> int:
    """Take the oldest message of the highest priority; returns its length. ipc/mqueue.c:do_mq_timedreceive

    Raises:
        EFAULT: also of the buffer, and the message is lost. EINVAL: the time. EBADF: no queue, or not open for
        reading. EMSGSIZE: the buffer is smaller than messages may be. EAGAIN: empty, with O_NONBLOCK. ETIMEDOUT.
        EINTR: a handler ran. Blocked: empty.
    """
    wait = task.resume
    if not isinstance(wait, _Receiving):
        deadline = _deadline(task, u_abs_timeout)
        file = _queue(task, mqdes)
        queue = file.queue
        if not file.readable:
            raise EBADF
        if msg_len < queue.message_size:
            raise EMSGSIZE
        if queue.heap:
            return _store(task, queue.receive(), u_msg_ptr, u_msg_prio)
        if file.flags & O_NONBLOCK:
            raise EAGAIN
        wait = _Receiving(queue, task, u_msg_ptr, u_msg_prio, deadline)
    _wait(task, wait)
    assert wait.message is not None
    return _store(task, wait.message, u_msg_ptr, u_msg_prio)


def sys_mq_notify(task: Task, mqdes: Fd, u_notification: Ptr) -> int:
    """Ask to be told once of a message that comes into the empty queue, or (NULL) not any more. do_mq_notify

    Raises:
        EFAULT. EINVAL: the kind or the signal. EBADF: no queue. EBUSY: somebody is to be told already.
        EBADF, EINVAL: SIGEV_THREAD, which needs a netlink socket.
    """
    event = user_memory.read(task.space, u_notification, SIGEVENT.size) if u_notification else None
    if event is None:
        queue = _queue(task, mqdes).queue
        if queue.notification is not None and queue.notification.group is task.group:
            queue.notification = None
        return 0
    value, signo, how = SIGEVENT.unpack(event)
    if how not in (SIGEV_SIGNAL, SIGEV_NONE, SIGEV_THREAD) or (how == SIGEV_SIGNAL and not 0 <= signo <= NSIG):
        raise EINVAL
    if how == SIGEV_THREAD:
        user_memory.read(task.space, value, COOKIE_BYTES)
        open_fd(task, signo)
        raise EINVAL
    queue = _queue(task, mqdes).queue
    if queue.watcher() is not None:
        raise EBUSY
    queue.notification = Notification(task.group, how, signo, value)
    return 0


def sys_mq_getsetattr(task: Task, mqdes: Fd, u_mqstat: Ptr, u_omqstat: Ptr) -> int:
    """Set O_NONBLOCK of an open queue; tell its sizes and state. EFAULT. EINVAL: other flags. EBADF. ipc/mqueue.c"""
    new = MQ_ATTR.unpack(user_memory.read(task.space, u_mqstat, MQ_ATTR.size)) if u_mqstat else None
    if new is not None and new[0] & ~O_NONBLOCK:
        raise EINVAL
    file = _queue(task, mqdes)
    queue = file.queue
    old = MQ_ATTR.pack(file.flags & O_NONBLOCK, queue.max_messages, queue.message_size, len(queue.heap))
    if new is not None:
        file.set_flags(file.flags & ~O_NONBLOCK | new[0])
    if u_omqstat:
        user_memory.write(task.space, u_omqstat, old)
    return 0


__all__ = [
    "sys_mq_getsetattr", "sys_mq_notify", "sys_mq_open", "sys_mq_timedreceive", "sys_mq_timedsend", "sys_mq_unlink",
]
