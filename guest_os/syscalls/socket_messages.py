"""Sending and receiving on sockets: sendto, recvfrom, sendmsg, recvmsg, sendmmsg, recvmmsg. net/socket.c"""

from __future__ import annotations

from rvsim.guest_os.abi.errno import EAGAIN, EFAULT, EINVAL, EMSGSIZE, ENOBUFS, Errno
from rvsim.guest_os.abi.socket import (
    MMSGHDR_BYTES,
    MSG_CMSG_CLOEXEC,
    MSG_CMSG_COMPAT,
    MSG_DONTWAIT,
    MSG_WAITFORONE,
    MSGHDR,
    MSGHDR_CONTROLLEN,
    MSGHDR_FLAGS,
    MSGHDR_NAMELEN,
    OPTMEM_MAX,
    SOCK_DGRAM,
    SOCKADDR_STORAGE_BYTES,
)
from rvsim.guest_os.fs.socket_file import SocketFile
from rvsim.guest_os.fs.socket_wait import SocketWait
from rvsim.guest_os.fs.unix_transfer import Outgoing
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.syscalls.args import Fd, Flags, Int, Ptr, SizeT, UInt
from rvsim.guest_os.syscalls.clock import read_timespec, write_timespec
from rvsim.guest_os.syscalls.control_messages import ControlWriter, deliver_control, parse_control
from rvsim.guest_os.syscalls.iovec import UIO_MAXIOV, UserBuffers, import_iovec
from rvsim.guest_os.syscalls.socket_address import read_address, socket_of, unix_name, write_address
from rvsim.guest_os.syscalls.socket_io import receive, send
from rvsim.guest_os.task.task import Task
from rvsim.guest_os.wait import Blocked

INT_MAX = (1 << 31) - 1


def sys_sendto(task: Task, fd: Fd, buff: Ptr, len: SizeT, flags: Flags, addr: Ptr, addr_len: Int) -> int:
    """Send bytes, to `addr` unless that is NULL. net/socket.c:__sys_sendto

    Raises:
        EBADF, ENOTSOCK. EFAULT. EINVAL: the address. ENOTCONN, EISCONN, EOPNOTSUPP: a connection is missing, or there.
        EPIPE: with SIGPIPE for streams. ECONNREFUSED, EPERM, EACCES, EPROTOTYPE: the receiver. EMSGSIZE. ENOBUFS.
        EAGAIN, Blocked: no room.
    """
    buffers = UserBuffers(task.space, [(buff, len)])
    file = socket_of(task, fd)
    out = Outgoing()
    if addr:
        out.address = _address(file, read_address(task, addr, addr_len))
    return send(task, file, buffers, flags, out)


def _address(file: SocketFile, data: bytes) -> bytes | None:
    """The receiver's name; connections need none, and look at none but to refuse it."""
    if not data:
        return None
    return unix_name(data) if file.sock.kind == SOCK_DGRAM else data


def sys_recvfrom(task: Task, fd: Fd, ubuf: Ptr, size: SizeT, flags: Flags, addr: Ptr, addr_len: Ptr) -> int:
    """Receive bytes, and store who sent them. net/socket.c:__sys_recvfrom

    Raises:
        EBADF, ENOTSOCK. EFAULT. EINVAL: a stream without a connection; a negative length. ENOTCONN. EOPNOTSUPP:
        MSG_OOB. ECONNRESET. EAGAIN, Blocked: nothing there.
    """
    buffers = UserBuffers(task.space, [(ubuf, size)])
    file = socket_of(task, fd)
    got = receive(task, file, buffers, flags)
    task.kernel.sockets.in_flight.put(got.files)
    if addr:
        _store_name(task, got.name, addr, addr_len)
    return got.size


def _store_name(task: Task, name: bytes | None, address: int, length_address: int) -> None:
    """Who sent it; nobody who has no address: the length is 0 then. net/unix/af_unix.c:unix_copy_addr"""
    if name is not None:
        write_address(task, name, address, length_address)
        return
    if user_memory.read_u32(task.space, length_address) >> 31:
        raise EINVAL
    user_memory.write_u32(task.space, length_address, 0)


class _Header:
    """A struct msghdr, checked. net/socket.c:copy_msghdr_from_user

    Raises:
        EFAULT. EINVAL: a negative length of the name. EMSGSIZE: too many buffers. And what they raise.
    """

    __slots__ = ("address", "buffers", "control", "control_size", "name", "name_data")

    def __init__(self, task: Task, address: int, sending: bool) -> None:
        self.address = address
        self.name, length, vector, count, self.control, self.control_size, _ = MSGHDR.unpack(
            user_memory.read(task.space, address, MSGHDR.size))
        if self.name and length >> 31:
            raise EINVAL
        self.name_data = b""
        if sending and self.name and length:
            self.name_data = read_address(task, self.name, min(length, SOCKADDR_STORAGE_BYTES))
        if count > UIO_MAXIOV:
            raise EMSGSIZE
        self.buffers: UserBuffers = import_iovec(task.space, vector, count)


def _send_one(task: Task, file: SocketFile, address: int, flags: int) -> int:
    """net/socket.c:___sys_sendmsg"""
    header = _Header(task, address, True)
    out = Outgoing(address=_address(file, header.name_data))
    size = header.control_size
    if size > INT_MAX or size > OPTMEM_MAX:
        raise ENOBUFS
    if size:
        parse_control(task, user_memory.read(task.space, header.control, size), out)
    return send(task, file, header.buffers, flags, out)


def _receive_one(task: Task, file: SocketFile, address: int, flags: int) -> int:
    """net/socket.c:____sys_recvmsg"""
    header = _Header(task, address, False)
    got = receive(task, file, header.buffers, flags)
    writer = ControlWriter(task, header.control, min(header.control_size, INT_MAX))
    deliver_control(task, got, writer, file.sock.pass_cred, flags)
    if header.name:
        _store_name(task, got.name, header.name, address + MSGHDR_NAMELEN)
    shown = flags & MSG_CMSG_CLOEXEC | got.flags | writer.flags
    user_memory.write_u32(task.space, address + MSGHDR_FLAGS, shown)
    user_memory.write_u64(task.space, address + MSGHDR_CONTROLLEN, writer.used)
    return got.size


def sys_sendmsg(task: Task, fd: Fd, msg: Ptr, flags: Flags) -> int:
    """As sendto, from several buffers and with control messages. net/socket.c:__sys_sendmsg

    Raises:
        As sendto. EINVAL: MSG_CMSG_COMPAT; a length; a control message. EMSGSIZE: more than 1024 buffers. ENOBUFS: the
        control messages are too long. EBADF: a descriptor to be sent. EPERM, ESRCH: credentials. ETOOMANYREFS.
    """
    if flags & MSG_CMSG_COMPAT:
        raise EINVAL
    return _send_one(task, socket_of(task, fd), msg, flags)


def sys_recvmsg(task: Task, fd: Fd, msg: Ptr, flags: Flags) -> int:
    """As recvfrom, into several buffers and with control messages. net/socket.c:__sys_recvmsg

    Raises:
        As recvfrom. EINVAL: MSG_CMSG_COMPAT, a length. EMSGSIZE: more than 1024 buffers.
    """
    if flags & MSG_CMSG_COMPAT:
        raise EINVAL
    return _receive_one(task, socket_of(task, fd), msg, flags)


def _begin(task: Task) -> SocketWait:
    if not isinstance(task.resume, SocketWait):
        task.resume = SocketWait(task)
    return task.resume


def sys_sendmmsg(task: Task, fd: Fd, mmsg: Ptr, vlen: UInt, flags: Flags) -> int:
    """Send up to 1024 messages; returns how many, an error only for the first. net/socket.c:__sys_sendmmsg

    Raises:
        As sendmsg.
    """
    if flags & MSG_CMSG_COMPAT:
        raise EINVAL
    file = socket_of(task, fd)
    progress = _begin(task)
    try:
        while progress.count < min(vlen, UIO_MAXIOV):
            at = mmsg + MMSGHDR_BYTES * progress.count
            progress.length_at = at + MSGHDR.size
            size = _send_one(task, file, at, flags)
            user_memory.write_u32(task.space, at + MSGHDR.size, size)
            progress.next_message()
    except Blocked:
        raise
    except Errno:
        if not progress.count:
            raise
    task.resume = None
    return progress.count


def sys_recvmmsg(task: Task, fd: Fd, mmsg: Ptr, vlen: UInt, flags: Flags, timeout: Ptr) -> int:
    """Receive several messages; the time is looked at after each of them. net/socket.c:do_recvmmsg

    Raises:
        As recvmsg, for the first message; a later error waits for the next call. EINVAL: the time.
    """
    if flags & MSG_CMSG_COMPAT:
        raise EINVAL
    now = task.kernel.clock.monotonic_ns
    limit_ns = read_timespec(task, timeout) if timeout and task.resume is None else None
    file = socket_of(task, fd)
    progress = _begin(task)
    if limit_ns is not None:
        progress.end_ns = now() + limit_ns
    try:
        if not progress.count and not progress.waited:
            file.sock.raise_error()
        while progress.count < vlen:
            at = mmsg + MMSGHDR_BYTES * progress.count
            progress.length_at = at + MSGHDR.size
            first = not progress.count
            size = _receive_one(task, file, at, flags & ~MSG_WAITFORONE | (
                MSG_DONTWAIT if flags & MSG_WAITFORONE and not first else 0))
            user_memory.write_u32(task.space, at + MSGHDR.size, size)
            progress.next_message()
            if progress.end_ns is not None and now() >= progress.end_ns:
                break
    except Blocked:
        raise
    except Errno as error:
        if not progress.count:
            raise
        if not isinstance(error, EAGAIN):
            file.sock.error = error.number
    task.resume = None
    if progress.end_ns is not None and progress.count:
        try:
            write_timespec(task, timeout, max(progress.end_ns - now(), 0))
        except EFAULT:
            return -EFAULT.number
    return progress.count


__all__ = ["sys_recvfrom", "sys_recvmmsg", "sys_recvmsg", "sys_sendmmsg", "sys_sendmsg", "sys_sendto"]
