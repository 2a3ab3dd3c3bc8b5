"""POSIX message queues: files of the file system `mqueue`. ipc/mqueue.c, mq_overview(7)

Who waits for a message is given it by the sender, and who waits for room has its message put in by the receiver: both
find their call done, so nobody comes in between.
"""

from __future__ import annotations

import heapq
from contextlib import suppress
from typing import TYPE_CHECKING

from rvsim.guest_os.abi.capability import CAP_SYS_RESOURCE
from rvsim.guest_os.abi.errno import EAGAIN, EBADF, EINVAL, EMFILE, ENOMEM, ENOSPC, EOVERFLOW, EPERM
from rvsim.guest_os.abi.fcntl import SEEK_CUR, SEEK_END, SEEK_SET
from rvsim.guest_os.abi.mqueue import (
    DEFAULT_MSGS,
    DEFAULT_MSGSIZE,
    HARD_MSGS,
    HARD_MSGSIZE,
    MAX_MSGS,
    MAX_MSGSIZE,
    MAX_QUEUES,
    MQUEUE_MAGIC,
    SI_MESGQ,
    SIGEV_SIGNAL,
)
from rvsim.guest_os.abi.poll import POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM
from rvsim.guest_os.abi.stat import S_IFDIR
from rvsim.guest_os.fs.mem_dir import MemDir
from rvsim.guest_os.fs.mem_node import MemNode
from rvsim.guest_os.fs.tmpfs import MemSuperBlock
from rvsim.guest_os.task.pid import pid_nr_ns
from rvsim.guest_os.task.resources import RLIMIT_MSGQUEUE
from rvsim.guest_os.task.signal import SigInfo, send_signal
from rvsim.guest_os.vfs.file import File
from rvsim.guest_os.vfs.inode import Inode
from rvsim.guest_os.vfs.mount import MountTable, Path
from rvsim.guest_os.vfs.super_block import FileSystemType, MountOptions
from rvsim.guest_os.wait import Resume, WaitQueue

if TYPE_CHECKING:
    from rvsim.guest_os.task.kernel import Kernel
    from rvsim.guest_os.task.task import Task
    from rvsim.guest_os.task.thread_group import ThreadGroup
    from rvsim.guest_os.vfs.credentials import Credentials

MESSAGE_BYTES = 48
NODE_BYTES = 48
PRIORITIES = 32768
FILE_BYTES = 80
Message = tuple[int, bytes]
"""Priority and text."""


class QueueWait(Resume):
    """A task that waits at a queue.

    Attributes:
        message: what it wants to send, or was given.
        done: it was sent, or given.
    """

    __slots__ = ("deadline_ns", "done", "inode", "message", "queue", "waiting")

    def __init__(self, inode: QueueInode, waiting: dict[QueueWait, None], message: Message | None,
                 deadline_ns: int | None) -> None:
        self.inode = inode
        self.waiting = waiting
        self.message = message
        self.deadline_ns = deadline_ns
        self.queue = WaitQueue()
        self.done = False
        waiting[self] = None

    def finish(self) -> None:
        """Somebody has done what it waits for."""
        del self.waiting[self]
        self.done = True
        self.queue.wake_all()

    def interrupted(self) -> int | None:
        return 0 if self.done else None

    def dropped(self) -> None:
        self.waiting.pop(self, None)


class Notification:
    """Who is told when a message comes into an empty queue, and how: `how` is SIGEV_*."""

    __slots__ = ("group", "how", "signo", "value")

    def __init__(self, group: ThreadGroup, how: int, signo: int, value: int) -> None:
        self.group = group
        self.how = how
        self.signo = signo
        self.value = value


class QueueInode(MemNode):
    """A queue of at most `max_messages` of `message_size` bytes.

    Attributes:
        heap: what waits, the highest priority first and then the oldest.
        text_bytes: bytes of all messages.
        cost: what it counts for against RLIMIT_MSGQUEUE of `owner`.
        receivers, senders: calls that wait, oldest first; `poll_queue`: who watches it.
    """

    __slots__ = (
        "cost", "heap", "last_number", "max_messages", "message_size", "notification", "owner", "poll_queue",
        "receivers", "senders", "text_bytes",
    )  # fmt: skip

    sb: QueueFs

    def __init__(self, sb: QueueFs, mode: int, uid: int, gid: int, max_messages: int, message_size: int, cost: int,
                 owner: int) -> None:
        super().__init__(sb, mode, uid, gid)
        self.size = FILE_BYTES
        self.max_messages = max_messages
        self.message_size = message_size
        self.cost = cost
        self.owner = owner
        self.heap: list[tuple[int, int, bytes]] = []
        self.last_number = 0
        self.text_bytes = 0
        self.notification: Notification | None = None
        self.receivers: dict[QueueWait, None] = {}
        self.senders: dict[QueueWait, None] = {}
        self.poll_queue = WaitQueue()

    def open(self, path: Path, flags: int, cred: Credentials) -> File:
        return QueueFile(self, path, flags, cred)

    def evict(self) -> None:
        self.sb.give_back(self)
        self.heap.clear()
        super().evict()

    def _insert(self, message: Message) -> None:
        self.last_number += 1
        heapq.heappush(self.heap, (-message[0], self.last_number, message[1]))
        self.text_bytes += len(message[1])

    def send(self, message: Message, task: Task) -> None:
        """Give a message to who waits for one, or keep it; there is room. ipc/mqueue.c:do_mq_timedsend"""
        for receiver in self.receivers:
            receiver.message = message
            receiver.finish()
            break
        else:
            self._insert(message)
            if len(self.heap) == 1:
                self._notify(task)
            self.poll_queue.wake_all()
        self.mtime_ns = self.ctime_ns = self.sb.clock.realtime_ns()

    def receive(self) -> Message:
        """Take the first message, and put that of the oldest waiting sender in. do_mq_timedreceive"""
        priority, _, text = heapq.heappop(self.heap)
        self.text_bytes -= len(text)
        for sender in self.senders:
            assert sender.message is not None
            self._insert(sender.message)
            sender.finish()
            break
        self.poll_queue.wake_all()
        self.mtime_ns = self.ctime_ns = self.sb.clock.realtime_ns()
        return -priority, text

    def _notify(self, task: Task) -> None:
        """Tell who asked for it, once. ipc/mqueue.c:__do_notify"""
        told, self.notification = self.notification, None
        if told is None or told.group.zombie or told.how != SIGEV_SIGNAL or not told.signo:
            return
        group = told.group
        sender = pid_nr_ns(task.group.pid, group.pid.numbers[group.pid.level][1])
        with suppress(EAGAIN):
            send_signal(group.leader, SigInfo(told.signo, SI_MESGQ, sender, task.cred.uid, kind="queue",
                                              value=told.value), True)

    def watcher(self) -> Notification | None:
        """Who is to be told, if that process still lives."""
        told = self.notification
        return told if told is not None and not told.group.zombie else None

    def text(self, reader: Task) -> bytes:
        """What reading the file gives. ipc/mqueue.c:mqueue_read_file"""
        told = self.watcher()
        how = signo = pid = 0
        if told is not None:
            how, pid = told.how, pid_nr_ns(told.group.pid, reader.pid.numbers[reader.pid.level][1])
            signo = told.signo if how == SIGEV_SIGNAL else 0
        return b"QSIZE:%-10d NOTIFY:%-5d SIGNO:%-5d NOTIFY_PID:%-6d\n" % (self.text_bytes, how, signo, pid)


class QueueFile(File):
    """An open queue. Messages go by calls of their own; reading it tells how full it is."""

    __slots__ = ("queue",)

    seekable = True

    def __init__(self, inode: QueueInode, path: Path, flags: int, cred: Credentials) -> None:
        super().__init__(inode, path, flags, cred)
        self.queue = inode

    def flush(self) -> None:
        """A descriptor is closed: its process is told nothing any more. ipc/mqueue.c:mqueue_flush_file"""
        told = self.queue.notification
        task = self.queue.sb.kernel.scheduler.current
        if told is not None and (told.group.zombie or (task is not None and task.group is told.group)):
            self.queue.notification = None

    def read(self, size: int) -> bytes:
        data = self.pread(size, self.offset)
        self.offset += len(data)
        return data

    def pread(self, size: int, offset: int) -> bytes:
        if not self.readable:
            raise EBADF
        task = self.queue.sb.kernel.scheduler.current
        assert task is not None
        return self.queue.text(task)[offset:offset + size]

    def seek(self, offset: int, whence: int) -> int:
        start = {SEEK_SET: 0, SEEK_CUR: self.offset, SEEK_END: self.inode.size}.get(whence)
        if start is None or start + offset < 0:
            raise EINVAL
        self.offset = start + offset
        return self.offset

    def poll(self) -> int:
        held = len(self.queue.heap)
        mask = POLLIN | POLLRDNORM if held else 0
        return mask | POLLOUT | POLLWRNORM if held < self.queue.max_messages else mask

    def poll_queues(self) -> tuple[WaitQueue, ...]:
        return (self.queue.poll_queue,)


class QueueDir(MemDir):
    """The root, where all queues are; there are no other directories, and no files of other kinds."""

    __slots__ = ()

    sb: QueueFs

    def create(self, name: bytes, mode: int, uid: int, gid: int) -> Inode:
        """As a file of the mounted file system: a queue of the usual size."""
        return self.make(name, mode, uid, gid, DEFAULT_MSGS, DEFAULT_MSGSIZE)

    def make(self, name: bytes, mode: int, uid: int, gid: int, max_messages: int, message_size: int) -> Inode:
        """Make a queue. ipc/mqueue.c:mqueue_create_attr, mqueue_get_inode

        Raises:
            ENOSPC: too many queues. EINVAL: a size out of range. EOVERFLOW. EMFILE: RLIMIT_MSGQUEUE. ENOMEM.
        """
        inode = self.sb.new_queue(mode, uid, gid, max_messages, message_size)
        self._enter(name, inode)
        return inode

    def mkdir(self, name: bytes, mode: int, uid: int, gid: int) -> Inode:
        raise EPERM

    def mknod(self, name: bytes, mode: int, uid: int, gid: int, rdev: int) -> Inode:
        raise EPERM

    def symlink(self, name: bytes, target: bytes, uid: int, gid: int) -> Inode:
        raise EPERM

    def link(self, name: bytes, inode: Inode) -> None:
        raise EPERM

    def tmpfile(self, mode: int, uid: int, gid: int) -> Inode:
        return Inode.tmpfile(self, mode, uid, gid)

    def rename(
        self, name: bytes, inode: Inode, new_dir: Inode, new_name: bytes, target: Inode | None, flags: int
    ) -> None:
        raise EPERM


class QueueFs(MemSuperBlock):
    """The queues of a machine. `by_uid`, `total`: what they cost, for each user and together."""

    __slots__ = ("by_uid", "bytes_limit", "directory", "kernel", "mount", "queues", "total")

    magic = MQUEUE_MAGIC

    def __init__(self, kernel: Kernel, table: MountTable, bytes_limit: int) -> None:
        super().__init__("mqueue", kernel.clock)
        self.kernel = kernel
        self.directory = QueueDir(self, S_IFDIR | 0o1777, 0, 0)
        self.set_root(self.directory)
        self.mount = table.make(self)
        self.by_uid: dict[int, int] = {}
        self.total = 0
        self.queues = 0
        self.bytes_limit = bytes_limit

    def new_queue(self, mode: int, uid: int, gid: int, max_messages: int, message_size: int) -> QueueInode:
        """A queue without a name; errors as `QueueDir.make`."""
        task = self.kernel.scheduler.current
        assert task is not None
        privileged = task.cred.capable(CAP_SYS_RESOURCE)
        if self.queues >= MAX_QUEUES and not privileged:
            raise ENOSPC
        if max_messages <= 0 or message_size <= 0:
            raise EINVAL
        most, largest = (HARD_MSGS, HARD_MSGSIZE) if privileged else (MAX_MSGS, MAX_MSGSIZE)
        if max_messages > most or message_size > largest:
            raise EINVAL
        cost = max_messages * (message_size + MESSAGE_BYTES) + min(max_messages, PRIORITIES) * NODE_BYTES
        if cost >= 1 << 64:
            raise EOVERFLOW
        owner = task.cred.uid
        if self.by_uid.get(owner, 0) + cost > task.group.limits.soft[RLIMIT_MSGQUEUE]:
            raise EMFILE
        if self.total + cost > self.bytes_limit:
            raise ENOMEM
        inode = QueueInode(self, mode, uid, gid, max_messages, message_size, cost, owner)
        self.by_uid[owner] = self.by_uid.get(owner, 0) + cost
        self.total += cost
        self.queues += 1
        return inode

    def give_back(self, inode: QueueInode) -> None:
        """A queue is gone."""
        self.by_uid[inode.owner] -= inode.cost
        self.total -= inode.cost
        self.queues -= 1


class QueueFsType(FileSystemType):
    """The message queues. One instance per machine: every mount shows the same."""

    name = "mqueue"

    def __init__(self, sb: QueueFs) -> None:
        self.sb = sb

    def mount(self, source: bytes, options: MountOptions) -> QueueFs:
        return self.sb
