"""System V message queues: msgget, msgsnd, msgrcv, msgctl. ipc/msg.c"""

from __future__ import annotations

from typing import NoReturn

from rvsim.guest_os.abi.capability import CAP_SYS_RESOURCE
from rvsim.guest_os.abi.errno import E2BIG, EAGAIN, EIDRM, EINVAL, ENOMSG, EPERM
from rvsim.guest_os.abi.ipc import (
    IPC_INFO,
    IPC_NOWAIT,
    IPC_RMID,
    IPC_SET,
    IPC_STAT,
    MSG_COPY,
    MSG_EXCEPT,
    MSG_INFO,
    MSG_NOERROR,
    MSG_STAT,
    MSG_STAT_ANY,
    MSGMAX,
    MSGMNB,
    MSQID_DS,
    PERM,
)
from rvsim.guest_os.ipc.messages import MessageQueue, MessageQueues
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.syscalls.args import Int, Long, Ptr, SizeT
from rvsim.guest_os.task.task import Task
from rvsim.guest_os.wait import Blocked, Restart, Resume, WaitQueue

_TOP = 1 << 63


class QueueWait(Resume):
    """A task that waits at a queue, which may be removed meanwhile."""

    __slots__ = ("queue",)

    def __init__(self, queue: MessageQueue) -> None:
        self.queue = queue


def _msg(task: Task) -> MessageQueues:
    found: MessageQueues = task.kernel.ipc.msg
    return found


def _queue(task: Task, msqid: int) -> MessageQueue:
    """The queue of an identifier. EINVAL: there is none. EIDRM: it was removed while the call waited."""
    if isinstance(task.resume, QueueWait) and task.resume.queue.deleted:
        raise EIDRM
    return _msg(task).ids.get(msqid)


def _wait(task: Task, queue: MessageQueue, at: WaitQueue) -> NoReturn:
    task.resume = QueueWait(queue)
    raise Blocked(at, restart=Restart.NOHAND)


def sys_msgget(task: Task, key: Int, msgflg: Int) -> int:
    """The identifier of the queue of `key`, which may be made. ipc/msg.c:ksys_msgget

    Raises:
        ENOENT: there is none, without IPC_CREAT. EEXIST: there is one, with IPC_EXCL. EACCES. ENOSPC: too many.
    """
    msg = _msg(task)
    found = msg.ids.find_key(key, msgflg, task.cred)
    if found is None:
        return msg.make(key, msgflg, task).id
    found.check(task.cred, msgflg)
    return found.id


def sys_msgsnd(task: Task, msqid: Int, msgp: Ptr, msgsz: SizeT, msgflg: Int) -> int:
    """Add a message: its type, a positive long, and `msgsz` bytes of text. ipc/msg.c:do_msgsnd

    Raises:
        EFAULT. EINVAL: no such queue, the type, too long. EACCES. EAGAIN: no room, with IPC_NOWAIT. ENOMEM.
        EIDRM: the queue was removed. EINTR: a handler ran. Blocked: no room.
    """
    kind = user_memory.read_u64(task.space, msgp)
    if msgsz > MSGMAX or msqid < 0 or not 0 < kind < _TOP:
        raise EINVAL
    text = user_memory.read(task.space, msgp + 8, msgsz)
    queue = _queue(task, msqid)
    queue.check(task.cred, 0o222)
    if not queue.fits(len(text)):
        if msgflg & IPC_NOWAIT:
            raise EAGAIN
        _wait(task, queue, queue.senders)
    _msg(task).add(queue, kind, text, task)
    return 0


def sys_msgrcv(task: Task, msqid: Int, msgp: Ptr, msgsz: SizeT, msgtyp: Long, msgflg: Int) -> int:
    """Take the first message, the first of a type, or the first of the lowest type; returns its length. do_msgrcv

    Raises:
        EINVAL: no such queue, a negative length, flags that exclude each other. EACCES. E2BIG: the text is longer,
        without MSG_NOERROR. ENOMSG: there is none, with IPC_NOWAIT. EFAULT: the message is lost. EIDRM: the queue was
        removed. EINTR: a handler ran. Blocked: there is none.
    """
    if msqid < 0 or msgsz >= _TOP:
        raise EINVAL
    if msgflg & MSG_COPY and (msgflg & MSG_EXCEPT or not msgflg & IPC_NOWAIT):
        raise EINVAL
    queue = _queue(task, msqid)
    queue.check(task.cred, 0o444)
    at = queue.choose(msgtyp, msgflg)
    if at is None:
        if msgflg & IPC_NOWAIT:
            raise ENOMSG
        _wait(task, queue, queue.receivers)
    kind, text = queue.messages[at]
    if len(text) > msgsz:
        if not msgflg & MSG_NOERROR:
            raise E2BIG
        text = text[:msgsz]
    if not msgflg & MSG_COPY:
        _msg(task).take(queue, at, task)
    user_memory.write_u64(task.space, msgp, kind)
    if text:
        user_memory.write(task.space, msgp + 8, text)
    return len(text)


def sys_msgctl(task: Task, msqid: Int, cmd: Int, buf: Ptr) -> int:
    """Look at, change or remove a queue. ipc/msg.c:ksys_msgctl

    Raises:
        EINVAL: no such queue or command. EACCES, EPERM. EFAULT.
    """
    if msqid < 0 or cmd < 0:
        raise EINVAL
    msg = _msg(task)
    if cmd in (IPC_INFO, MSG_INFO):
        user_memory.write(task.space, buf, msg.limits(cmd == MSG_INFO))
        return max(msg.ids.highest, 0)
    if cmd in (IPC_STAT, MSG_STAT, MSG_STAT_ANY):
        queue = msg.ids.get(msqid) if cmd == IPC_STAT else msg.ids.at(msqid)
        if cmd != MSG_STAT_ANY:
            queue.check(task.cred, 0o444)
        user_memory.write(task.space, buf, queue.pack(task))
        return 0 if cmd == IPC_STAT else queue.id
    if cmd in (IPC_SET, IPC_RMID):
        data = user_memory.read(task.space, buf, MSQID_DS.size) if cmd == IPC_SET else b""
        queue = msg.ids.get(msqid)
        queue.check_owner(task.cred)
        if cmd == IPC_RMID:
            msg.remove(queue)
            return 0
        qbytes = MSQID_DS.unpack(data)[6]
        if qbytes > MSGMNB and not task.cred.capable(CAP_SYS_RESOURCE):
            raise EPERM
        queue.set_owner(data[:PERM.size])
        queue.qbytes = qbytes
        queue.ctime_ns = task.kernel.clock.realtime_ns()
        queue.receivers.wake_all()
        queue.senders.wake_all()
        return 0
    raise EINVAL


__all__ = ["sys_msgctl", "sys_msgget", "sys_msgrcv", "sys_msgsnd"]
