"""getsockopt and setsockopt. net/core/sock.c

Differs: options of SOL_SOCKET that have no meaning for AF_UNIX sockets and no reader here give ENOPROTOOPT.
"""

from __future__ import annotations

import struct

from rvsim.guest_os.abi.capability import CAP_NET_ADMIN
from rvsim.guest_os.abi.errno import (
    EACCES,
    EDOM,
    EINVAL,
    ENODATA,
    ENOPROTOOPT,
    ENOTCONN,
    EOPNOTSUPP,
    EPERM,
    ERANGE,
)
from rvsim.guest_os.abi.socket import (
    AF_UNIX,
    BUF_MAX,
    RCVBUF_MIN,
    SNDBUF_MIN,
    SO_ACCEPTCONN,
    SO_BROADCAST,
    SO_DEBUG,
    SO_DOMAIN,
    SO_DONTROUTE,
    SO_ERROR,
    SO_KEEPALIVE,
    SO_LINGER,
    SO_OOBINLINE,
    SO_PASSCRED,
    SO_PEERCRED,
    SO_PEERGROUPS,
    SO_PEERNAME,
    SO_PRIORITY,
    SO_PROTOCOL,
    SO_RCVBUF,
    SO_RCVBUFFORCE,
    SO_RCVLOWAT,
    SO_RCVTIMEO_NEW,
    SO_RCVTIMEO_OLD,
    SO_REUSEADDR,
    SO_REUSEPORT,
    SO_SNDBUF,
    SO_SNDBUFFORCE,
    SO_SNDLOWAT,
    SO_SNDTIMEO_NEW,
    SO_SNDTIMEO_OLD,
    SO_TYPE,
    SOL_SOCKET,
    UCRED,
)
from rvsim.guest_os.fs.unix_socket import LISTENING, UnixSocket
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.syscalls.args import Fd, Int, Ptr
from rvsim.guest_os.syscalls.socket_address import socket_of
from rvsim.guest_os.task.pid import pid_nr_ns
from rvsim.guest_os.task.task import Task

_TIMEVAL = struct.Struct("<qq")
_LINGER = struct.Struct("<ii")
INT_MAX = (1 << 31) - 1
_SWITCHES = (SO_DEBUG, SO_REUSEADDR, SO_DONTROUTE, SO_BROADCAST, SO_KEEPALIVE, SO_OOBINLINE)
_READ_ONLY = (SO_TYPE, SO_ERROR, SO_PROTOCOL, SO_DOMAIN, SO_ACCEPTCONN, SO_SNDLOWAT, SO_PEERCRED, SO_PEERGROUPS,
              SO_PEERNAME)
_RECEIVE_TIMES, _SEND_TIMES = (SO_RCVTIMEO_OLD, SO_RCVTIMEO_NEW), (SO_SNDTIMEO_OLD, SO_SNDTIMEO_NEW)
MAX_TIMEOUT_S = (1 << 63) // 1_000_000_000 - 1


def sys_setsockopt(task: Task, fd: Fd, level: Int, optname: Int, optval: Ptr, optlen: Int) -> int:
    """Set an option of a socket. net/core/sock.c:sk_setsockopt

    Raises:
        EBADF, ENOTSOCK. EOPNOTSUPP: any level but SOL_SOCKET. ENOPROTOOPT: an option that cannot be set, or is not
        there. EINVAL: a value or length. EFAULT. EDOM: a time. EPERM, EACCES: a privilege is missing.
    """
    if optlen < 0:
        raise EINVAL
    sock = socket_of(task, fd).sock
    if level != SOL_SOCKET:
        raise EOPNOTSUPP
    if optlen < 4:
        raise EINVAL
    value = int.from_bytes(user_memory.read(task.space, optval, 4), "little", signed=True)
    if optname in _READ_ONLY:
        raise ENOPROTOOPT
    if optname == SO_DEBUG and value and not task.cred.capable(CAP_NET_ADMIN):
        raise EACCES
    if optname in _SWITCHES:
        sock.options[optname] = int(value != 0)
    elif optname == SO_REUSEPORT:
        raise EOPNOTSUPP
    elif optname == SO_PASSCRED:
        sock.pass_cred = value != 0
    elif optname == SO_PRIORITY:
        if not 0 <= value <= 6 and not task.cred.capable(CAP_NET_ADMIN):
            raise EPERM
        sock.options[optname] = value
    elif optname == SO_RCVLOWAT:
        sock.rcvlowat = (INT_MAX if value < 0 else value) or 1
    elif optname in (SO_SNDBUF, SO_SNDBUFFORCE, SO_RCVBUF, SO_RCVBUFFORCE):
        _set_buffer(task, sock, optname, value)
    elif optname in _RECEIVE_TIMES:
        sock.rcvtimeo_ns = _read_timeout(task, optval, optlen)
    elif optname in _SEND_TIMES:
        sock.sndtimeo_ns = _read_timeout(task, optval, optlen)
    elif optname == SO_LINGER:
        if optlen < _LINGER.size:
            raise EINVAL
        on, seconds = _LINGER.unpack(user_memory.read(task.space, optval, _LINGER.size))
        kept = seconds if on else sock.options.get(SO_LINGER, 0)
        sock.options[SO_LINGER] = (1 << 32 if on else 0) | kept & 0xFFFF_FFFF
    else:
        raise ENOPROTOOPT
    return 0


def _set_buffer(task: Task, sock: UnixSocket, option: int, value: int) -> None:
    """The limit is twice what is asked for: half is for the kernel's own. EPERM."""
    if option in (SO_SNDBUFFORCE, SO_RCVBUFFORCE):
        if not task.cred.capable(CAP_NET_ADMIN):
            raise EPERM
        value = min(max(value, 0), INT_MAX // 2)
    else:
        value = min(value & 0xFFFF_FFFF, BUF_MAX)
    if option in (SO_SNDBUF, SO_SNDBUFFORCE):
        sock.sndbuf = max(2 * value, SNDBUF_MIN)
        sock.write_queue.wake_all()
    else:
        sock.rcvbuf = max(2 * value, RCVBUF_MIN)


def _read_timeout(task: Task, address: int, length: int) -> int | None:
    """A struct timeval in nanoseconds, None for no limit. net/core/sock.c:sock_set_timeout"""
    if length < _TIMEVAL.size:
        raise EINVAL
    seconds, microseconds = _TIMEVAL.unpack(user_memory.read(task.space, address, _TIMEVAL.size))
    if not 0 <= microseconds < 1_000_000:
        raise EDOM
    if seconds < 0:
        return 0
    if (not seconds and not microseconds) or seconds >= MAX_TIMEOUT_S:
        return None
    return int(seconds * 1_000_000_000 + microseconds * 1000)


def sys_getsockopt(task: Task, fd: Fd, level: Int, optname: Int, optval: Ptr, optlen: Ptr) -> int:
    """An option of a socket, cut to the length at `optlen`, which becomes that of the value. sk_getsockopt

    Raises:
        EBADF, ENOTSOCK. EOPNOTSUPP: any level but SOL_SOCKET. ENOPROTOOPT: an option that is not there. EINVAL: a
        negative length. EFAULT. ENOTCONN, ENODATA, ERANGE: SO_PEERNAME, SO_PEERGROUPS.
    """
    sock = socket_of(task, fd).sock
    if level != SOL_SOCKET:
        raise EOPNOTSUPP
    room = user_memory.read_u32(task.space, optlen)
    if room >> 31:
        raise EINVAL
    if optname == SO_PEERGROUPS:
        value = _peer_groups(sock)
        if room < len(value):
            user_memory.write_u32(task.space, optlen, len(value))
            raise ERANGE
    elif optname == SO_PEERNAME:
        if sock.peer is None:
            raise ENOTCONN
        value = AF_UNIX.to_bytes(2, "little") + (sock.peer.name or b"")
        if len(value) < room:
            raise EINVAL
        value = value[:room]
    else:
        value = _value(task, sock, optname)
    value = value[:room]
    if value:
        user_memory.write(task.space, optval, value)
    user_memory.write_u32(task.space, optlen, len(value))
    return 0


def _peer_groups(sock: UnixSocket) -> bytes:
    if sock.peer_cred is None:
        raise ENODATA
    groups = sock.peer_cred[1].groups
    return struct.pack(f"<{len(groups)}I", *groups)


def _value(task: Task, sock: UnixSocket, option: int) -> bytes:
    """The bytes of an option that has no errors of its own. ENOPROTOOPT."""
    if option in _RECEIVE_TIMES or option in _SEND_TIMES:
        timeout = (sock.rcvtimeo_ns if option in _RECEIVE_TIMES else sock.sndtimeo_ns) or 0
        return _TIMEVAL.pack(timeout // 1_000_000_000, timeout // 1000 % 1_000_000)
    if option == SO_LINGER:
        value = sock.options.get(SO_LINGER, 0)
        return struct.pack("<iI", value >> 32, value & 0xFFFF_FFFF)
    if option == SO_PEERCRED:
        if sock.peer_cred is None:
            return UCRED.pack(0, 0xFFFF_FFFF, 0xFFFF_FFFF)
        pid, cred = sock.peer_cred
        return UCRED.pack(pid_nr_ns(pid, task.pid.numbers[task.pid.level][1]), cred.euid, cred.egid)
    if option in _SWITCHES or option in (SO_PRIORITY, SO_REUSEPORT):
        number = sock.options.get(option, 0)
    elif option == SO_ERROR:
        number = sock.take_error()
    elif option == SO_PASSCRED:
        number = int(sock.pass_cred)
    elif option == SO_ACCEPTCONN:
        number = int(sock.state == LISTENING)
    else:
        numbers = {SO_TYPE: sock.kind, SO_DOMAIN: AF_UNIX, SO_PROTOCOL: 0, SO_SNDBUF: sock.sndbuf,
                   SO_RCVBUF: sock.rcvbuf, SO_RCVLOWAT: sock.rcvlowat, SO_SNDLOWAT: 1}
        if option not in numbers:
            raise ENOPROTOOPT
        number = numbers[option]
    return number.to_bytes(4, "little")


__all__ = ["sys_getsockopt", "sys_setsockopt"]
