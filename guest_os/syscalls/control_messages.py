"""Control messages of sendmsg and recvmsg: open files and credentials. net/core/scm.c, cmsg(3)"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from rvsim.guest_os.abi.capability import CAP_SETGID, CAP_SETUID, CAP_SYS_ADMIN
from rvsim.guest_os.abi.errno import EBADF, EINVAL, EMFILE, EPERM, ESRCH
from rvsim.guest_os.abi.socket import (
    CMSGHDR,
    MSG_CMSG_CLOEXEC,
    MSG_CTRUNC,
    SCM_CREDENTIALS,
    SCM_MAX_FD,
    SCM_RIGHTS,
    SOL_SOCKET,
    UCRED,
)
from rvsim.guest_os.fs.unix_message import Sender
from rvsim.guest_os.fs.unix_transfer import Outgoing
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.syscalls.socket_io import Received
from rvsim.guest_os.task.pid import Pid, PidType, find_vpid, pid_nr_ns, pid_task
from rvsim.guest_os.task.task import Task
from rvsim.guest_os.vfs.file import File

HEADER = CMSGHDR.size


def _align(size: int) -> int:
    return (size + 7) & ~7


def control_items(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """(level, type, data) of each control message. EINVAL: a length that cannot be. include/linux/socket.h:CMSG_OK"""
    at = 0
    while at + HEADER <= len(data):
        length, level, kind = CMSGHDR.unpack_from(data, at)
        if not HEADER <= length <= len(data) - at:
            raise EINVAL
        yield level, kind, data[at + HEADER:at + length]
        at += _align(length)


def parse_control(task: Task, data: bytes, out: Outgoing) -> None:
    """Put what control messages ask to send along into `out`; no file is held. net/core/scm.c:__scm_send

    Raises:
        EINVAL: a wrong length, an unknown type, too many files. EBADF: a descriptor that is not open.
        EPERM, ESRCH: credentials of somebody else.
    """
    files: list[File] = []
    for level, kind, body in control_items(data):
        if level != SOL_SOCKET:
            continue
        if kind == SCM_RIGHTS:
            count = len(body) // 4
            if count > SCM_MAX_FD or len(files) + count > SCM_MAX_FD:
                raise EINVAL
            for fd in struct.unpack(f"<{count}i", body[:4 * count]):
                file = task.fds.files.get(fd)
                if file is None:
                    raise EBADF
                files.append(file)
        elif kind == SCM_CREDENTIALS:
            if len(body) != UCRED.size:
                raise EINVAL
            out.sender = _credentials(task, *UCRED.unpack(body))
        else:
            raise EINVAL
    out.files = tuple(files)


def _credentials(task: Task, pid: int, uid: int, gid: int) -> Sender:
    """Check what a sender says of itself. EPERM. ESRCH: no such process. net/core/scm.c:scm_check_creds"""
    cred = task.cred
    own = task.group.tgid
    if ((pid != own and not cred.capable(CAP_SYS_ADMIN))
            or (uid not in (cred.uid, cred.euid, cred.suid) and not cred.capable(CAP_SETUID))
            or (gid not in (cred.gid, cred.egid, cred.sgid) and not cred.capable(CAP_SETGID))):
        raise EPERM
    who: Pid | None = task.group.pid
    if pid != own:
        who = find_vpid(pid, task) if pid > 0 else None
        if who is None or pid_task(who, PidType.PID) is None:
            raise ESRCH
    if uid == 0xFFFF_FFFF or gid == 0xFFFF_FFFF:
        raise EINVAL
    return who, uid, gid


class ControlWriter:
    """Control messages on their way to a user's buffer of `room` bytes at `address` (0: there is none).

    Attributes:
        used: bytes written.
        flags: MSG_CTRUNC when something did not fit.
    """

    __slots__ = ("address", "flags", "room", "task", "used")

    def __init__(self, task: Task, address: int, room: int) -> None:
        self.task = task
        self.address = address
        self.room = room if address else 0
        self.used = 0
        self.flags = 0

    def _advance(self, size: int) -> None:
        size = min(_align(size), self.room)
        self.used += size
        self.room -= size

    def put(self, kind: int, data: bytes) -> None:
        """One message of SOL_SOCKET, cut if it must be. EFAULT. net/core/scm.c:put_cmsg"""
        if self.room < HEADER:
            self.flags |= MSG_CTRUNC
            return
        length = HEADER + len(data)
        if length > self.room:
            self.flags |= MSG_CTRUNC
            length = self.room
        packed = CMSGHDR.pack(length, SOL_SOCKET, kind) + data
        user_memory.write(self.task.space, self.address + self.used, packed[:length])
        self._advance(length)

    def put_credentials(self, sender: Sender) -> None:
        """Whose message it is, as the receiver numbers processes."""
        pid, uid, gid = sender
        task = self.task
        number = pid_nr_ns(pid, task.pid.numbers[task.pid.level][1]) if pid is not None else 0
        self.put(SCM_CREDENTIALS, UCRED.pack(number, uid, gid))

    def put_files(self, files: tuple[File, ...], cloexec: bool) -> int:
        """Open descriptors for as many files as there is room for; returns how many. net/core/scm.c:scm_detach_fds

        Raises:
            EFAULT: the buffer; what is open already stays open.
        """
        task, at = self.task, self.address + self.used
        wanted = min((self.room - HEADER) // 4, len(files)) if self.room > HEADER else 0
        done = 0
        for file in files[:wanted]:
            try:
                fd = task.fds.install(file.get(), cloexec=cloexec)
            except EMFILE:
                file.put()
                break
            user_memory.write_u32(task.space, at + HEADER + 4 * done, fd)
            done += 1
        if done:
            length = HEADER + 4 * done
            user_memory.write(task.space, at, CMSGHDR.pack(length, SOL_SOCKET, SCM_RIGHTS))
            self._advance(length)
        if done < len(files):
            self.flags |= MSG_CTRUNC
        return done


def deliver_control(task: Task, got: Received, writer: ControlWriter, pass_cred: bool, flags: int) -> None:
    """Credentials and files of a message, in this order; what does not fit is closed. net/core/scm.c:scm_recv_unix"""
    try:
        if pass_cred and got.sender is not None:
            writer.put_credentials(got.sender)
        if got.files:
            writer.put_files(got.files, bool(flags & MSG_CMSG_CLOEXEC))
    finally:
        files, got.files = got.files, ()
        task.kernel.sockets.in_flight.put(files)
