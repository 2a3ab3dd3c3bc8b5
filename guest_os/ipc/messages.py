"""System V message queues. ipc/msg.c"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rvsim.guest_os.abi.errno import ENOMEM
from rvsim.guest_os.abi.ipc import MSG_COPY, MSG_EXCEPT, MSGINFO, MSGMAX, MSGMNB, MSGMNI, MSQID_DS
from rvsim.guest_os.ipc.ids import IpcIds, IpcObject
from rvsim.guest_os.task.pid import Pid, pid_nr_ns
from rvsim.guest_os.wait import WaitQueue

if TYPE_CHECKING:
    from rvsim.guest_os.task.kernel import Kernel
    from rvsim.guest_os.task.task import Task

NS = 1_000_000_000
MESSAGE_BYTES = 64
"""What a message counts for besides its text."""
Message = tuple[int, bytes]
"""Type and text."""


class MessageQueue(IpcObject):
    """Messages, oldest first. include/linux/msg.h

    Attributes:
        qbytes: how many bytes, and how many messages, it holds at most; `cbytes`: how many it holds.
        senders, receivers: who waits.
    """

    def __init__(self, key: int, mode: int, task: Task) -> None:
        super().__init__(key, mode & 0o777, task.cred)
        self.messages: list[Message] = []
        self.qbytes = MSGMNB
        self.cbytes = 0
        self.stime_ns = self.rtime_ns = 0
        self.ctime_ns = task.kernel.clock.realtime_ns()
        self.last_sender: Pid | None = None
        self.last_receiver: Pid | None = None
        self.senders = WaitQueue()
        self.receivers = WaitQueue()

    def fits(self, size: int) -> bool:
        """Whether a message of `size` bytes may be added. ipc/msg.c:msg_fits_inqueue"""
        return size + self.cbytes <= self.qbytes and len(self.messages) < self.qbytes

    def choose(self, wanted: int, flags: int) -> int | None:
        """The place of the message that msgrcv would take; None: there is none. ipc/msg.c:find_msg"""
        if flags & MSG_COPY:
            return wanted if 0 <= wanted < len(self.messages) else None
        if not wanted:
            return 0 if self.messages else None
        if wanted > 0:
            return next((at for at, (kind, _) in enumerate(self.messages)
                         if (kind != wanted) == bool(flags & MSG_EXCEPT)), None)
        fitting = [(kind, at) for at, (kind, _) in enumerate(self.messages) if kind <= -wanted]
        return min(fitting)[1] if fitting else None

    def pack(self, task: Task) -> bytes:
        """The struct msqid64_ds."""
        ns = task.pid.numbers[task.pid.level][1]
        sender, receiver = (pid_nr_ns(pid, ns) if pid is not None else 0 for pid in (
            self.last_sender, self.last_receiver))
        return MSQID_DS.pack(self.pack_perm(), self.stime_ns // NS, self.rtime_ns // NS, self.ctime_ns // NS,
                             self.cbytes, len(self.messages), self.qbytes, sender, receiver, 0, 0)


class MessageQueues:
    """The queues of a machine. `held`: bytes that all messages count for."""

    def __init__(self, kernel: Kernel, bytes_limit: int) -> None:
        self.kernel = kernel
        self.ids: IpcIds[MessageQueue] = IpcIds(MSGMNI)
        self.bytes_limit = bytes_limit
        self.held = 0

    def make(self, key: int, mode: int, task: Task) -> MessageQueue:
        """A new queue. ENOSPC: too many. ipc/msg.c:newque"""
        queue = MessageQueue(key, mode, task)
        self.ids.add(queue)
        return queue

    def add(self, queue: MessageQueue, kind: int, text: bytes, task: Task) -> None:
        """Put a message that fits into a queue. ENOMEM: all messages together are too much."""
        if self.held + len(text) + MESSAGE_BYTES > self.bytes_limit:
            raise ENOMEM
        self.held += len(text) + MESSAGE_BYTES
        queue.messages.append((kind, text))
        queue.cbytes += len(text)
        queue.last_sender = task.group.pid
        queue.stime_ns = self.kernel.clock.realtime_ns()
        queue.receivers.wake_all()

    def take(self, queue: MessageQueue, at: int, task: Task) -> None:
        """Take the message at a place out of a queue."""
        _, text = queue.messages.pop(at)
        self.held -= len(text) + MESSAGE_BYTES
        queue.cbytes -= len(text)
        queue.last_receiver = task.group.pid
        queue.rtime_ns = self.kernel.clock.realtime_ns()
        queue.senders.wake_all()

    def remove(self, queue: MessageQueue) -> None:
        """IPC_RMID: who waits gets EIDRM. ipc/msg.c:freeque"""
        self.ids.remove(queue)
        self.held -= queue.cbytes + MESSAGE_BYTES * len(queue.messages)
        queue.messages.clear()
        queue.senders.wake_all()
        queue.receivers.wake_all()

    def limits(self, usage: bool) -> bytes:
        """The struct msginfo; `usage`: what is in use in three of its fields."""
        pool, count, size = MSGMNI * MSGMNB // 1024, MSGMNB, MSGMNB
        if usage:
            pool, count = len(self.ids), sum(len(queue.messages) for queue in self.ids)
            size = sum(queue.cbytes for queue in self.ids)
        return MSGINFO.pack(pool, count, MSGMAX, MSGMNB, MSGMNI, 16, size, 0xFFFF)

    def listing(self, task: Task) -> bytes:
        """/proc/sysvipc/msg. ipc/msg.c:sysvipc_msg_proc_show"""
        ns = task.pid.numbers[task.pid.level][1]
        lines = [b"       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid  cgid      stime"
                 b"      rtime      ctime\n"]
        for one in self.ids:
            sender, receiver = (pid_nr_ns(pid, ns) if pid is not None else 0 for pid in (
                one.last_sender, one.last_receiver))
            lines.append(b"%10d %10d  %4o  %10d %10d %5d %5d %5d %5d %5d %5d %10d %10d %10d\n" % (
                one.key, one.id, one.mode, one.cbytes, len(one.messages), sender, receiver, one.uid, one.gid, one.cuid,
                one.cgid, one.stime_ns // NS, one.rtime_ns // NS, one.ctime_ns // NS))
        return b"".join(lines)

    def clear(self) -> None:
        """The machine ends."""
        for queue in self.ids:
            self.remove(queue)
