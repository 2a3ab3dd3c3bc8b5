"""Making, naming and connecting sockets. net/socket.c, net/unix/af_unix.c"""

from __future__ import annotations

from rvsim.guest_os.abi.errno import (
    EAFNOSUPPORT,
    ECONNREFUSED,
    EINVAL,
    EMFILE,
    ENFILE,
    ENOTCONN,
    EOPNOTSUPP,
    EPROTONOSUPPORT,
    ESOCKTNOSUPPORT,
)
from rvsim.guest_os.abi.socket import (
    AF_MAX,
    AF_UNIX,
    AF_UNSPEC,
    RCV_SHUTDOWN,
    SHUT_RD,
    SHUT_RDWR,
    SOCK_CLOEXEC,
    SOCK_DGRAM,
    SOCK_MAX,
    SOCK_NONBLOCK,
    SOCK_RAW,
    SOCK_SEQPACKET,
    SOCK_STREAM,
    SOCK_TYPE_MASK,
    SOMAXCONN,
    SUN_PATH_OFFSET,
)
from rvsim.guest_os.fs.socket_file import SocketFile
from rvsim.guest_os.fs.socket_fs import SocketFs
from rvsim.guest_os.fs.socket_wait import wait
from rvsim.guest_os.fs.unix_socket import LISTENING, UnixSocket
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.syscalls.args import Fd, Flags, Int, Ptr
from rvsim.guest_os.syscalls.files import install_new
from rvsim.guest_os.syscalls.socket_address import read_address, socket_of, unix_name, write_address
from rvsim.guest_os.task.task import Task

_FLAGS = SOCK_CLOEXEC | SOCK_NONBLOCK


def _make(task: Task, family: int, kind: int, protocol: int) -> UnixSocket:
    """A socket without a file. net/socket.c:__sock_create, net/unix/af_unix.c:unix_create

    Raises:
        EAFNOSUPPORT: a family that is not there. EINVAL: no such type. EPROTONOSUPPORT. ESOCKTNOSUPPORT. ENFILE.
    """
    if kind >= SOCK_MAX and 0 <= family < AF_MAX:
        raise EINVAL
    if family != AF_UNIX:
        raise EAFNOSUPPORT
    if protocol not in (0, AF_UNIX):
        raise EPROTONOSUPPORT
    if kind == SOCK_RAW:
        kind = SOCK_DGRAM
    if kind not in (SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET):
        raise ESOCKTNOSUPPORT
    fs: SocketFs = task.kernel.sockets
    return fs.make(kind)


def sys_socket(task: Task, family: Int, type: Int, protocol: Int) -> int:
    """Make a socket. net/socket.c:__sys_socket

    Raises:
        EAFNOSUPPORT: any family but AF_UNIX. EINVAL: a flag or type that is not there. EPROTONOSUPPORT: the protocol.
        ESOCKTNOSUPPORT: the type, in this family. EMFILE, ENFILE.
    """
    if type & ~SOCK_TYPE_MASK & ~_FLAGS:
        raise EINVAL
    sock = _make(task, family, type & SOCK_TYPE_MASK, protocol)
    file = task.kernel.sockets.open(sock, type & SOCK_NONBLOCK, task)
    return install_new(task, file, cloexec=bool(type & SOCK_CLOEXEC))


def sys_socketpair(task: Task, family: Int, type: Int, protocol: Int, usockvec: Ptr) -> int:
    """Make two sockets that are connected to each other. net/socket.c:__sys_socketpair

    Raises:
        As socket. EFAULT: `usockvec`; nothing stays open.
    """
    if type & ~SOCK_TYPE_MASK & ~_FLAGS:
        raise EINVAL
    with task.fds.reserve(2) as slots:
        one, two = slots.numbers
        user_memory.write(task.space, usockvec, one.to_bytes(4, "little") + two.to_bytes(4, "little"))
        kind = type & SOCK_TYPE_MASK
        first = _make(task, family, kind, protocol)
        try:
            second = _make(task, family, kind, protocol)
        except ENFILE:
            first.release()
            raise
        first.join(second, task)
        fs: SocketFs = task.kernel.sockets
        files = [fs.open(sock, type & SOCK_NONBLOCK, task) for sock in (first, second)]
        slots.install(*files, cloexec=bool(type & SOCK_CLOEXEC))
    return 0


def sys_bind(task: Task, fd: Fd, umyaddr: Ptr, addrlen: Int) -> int:
    """Give a socket its address: a path, an abstract name, or (the family alone) a free one. unix_bind

    Raises:
        EBADF, ENOTSOCK. EINVAL: the address, or bound already. EADDRINUSE. EFAULT. ENOSPC: no name is free.
        And what making a file raises.
    """
    file = socket_of(task, fd)
    data = read_address(task, umyaddr, addrlen)
    fs: SocketFs = task.kernel.sockets
    if len(data) == SUN_PATH_OFFSET and data == AF_UNIX.to_bytes(2, "little"):
        fs.autobind(file.sock)
        return 0
    name = unix_name(data)
    if name[0]:
        fs.bind_path(file.sock, name.partition(b"\0")[0], task)
    else:
        fs.bind_abstract(file.sock, name)
    return 0


def sys_listen(task: Task, fd: Fd, backlog: Int) -> int:
    """Let others connect; `backlog` + 1 may wait. EBADF, ENOTSOCK. EOPNOTSUPP: datagrams. EINVAL: not bound, connected.

    net/socket.c:__sys_listen
    """
    socket_of(task, fd).sock.listen(min(backlog & 0xFFFF_FFFF, SOMAXCONN), task)
    return 0


def sys_connect(task: Task, fd: Fd, uservaddr: Ptr, addrlen: Int) -> int:
    """Connect to an address; of datagrams, AF_UNSPEC ends that. unix_stream_connect, unix_dgram_connect

    Raises:
        EBADF, ENOTSOCK. EINVAL: the address, or a listener. EFAULT. ECONNREFUSED: nobody listens. EISCONN. EACCES,
        EPROTOTYPE. EPERM: the receiver has another peer. EAGAIN: the backlog is full, with O_NONBLOCK.
        Blocked: it is full. And what the path walk raises.
    """
    file = socket_of(task, fd)
    data = read_address(task, uservaddr, addrlen)
    sock = file.sock
    fs: SocketFs = task.kernel.sockets
    if sock.kind == SOCK_DGRAM:
        if len(data) < SUN_PATH_OFFSET:
            raise EINVAL
        if int.from_bytes(data[:2], "little") == AF_UNSPEC:
            sock.connect_datagrams(None)
            return 0
    name = unix_name(data)
    if sock.pass_cred:
        fs.autobind(sock)
    other = fs.find(name, sock.kind, task)
    if sock.kind == SOCK_DGRAM:
        sock.connect_datagrams(other)
        return 0
    if other.state != LISTENING or other.shutdown & RCV_SHUTDOWN:
        raise ECONNREFUSED
    if other.queue_full:
        wait(task, other.room_queue, sock.sndtimeo_ns, file.dont_wait)
    sock.connect_to(other, task)
    return 0


def _accept(task: Task, fd: int, address: int, length_address: int, flags: int) -> int:
    """net/socket.c:__sys_accept4, net/unix/af_unix.c:unix_accept"""
    fds = task.fds
    fds.get(fd)
    if flags & ~_FLAGS:
        raise EINVAL
    if len(fds.files) >= fds.limit:
        raise EMFILE
    file = socket_of(task, fd)
    sock = file.sock
    if not sock.connects:
        raise EOPNOTSUPP
    if sock.state != LISTENING:
        raise EINVAL
    sock.raise_error()
    if not sock.pending:
        if sock.shutdown & RCV_SHUTDOWN:
            raise EINVAL
        wait(task, sock.read_queue, sock.rcvtimeo_ns, file.dont_wait)
    new = sock.pending.popleft()
    sock.room_queue.wake_one()
    new.pass_cred = sock.pass_cred
    accepted: SocketFile = task.kernel.sockets.open(new, flags & SOCK_NONBLOCK, task)
    if address:
        try:
            write_address(task, new.peer.name if new.peer is not None else None, address, length_address)
        except BaseException:
            accepted.put()
            raise
    return install_new(task, accepted, cloexec=bool(flags & SOCK_CLOEXEC))


def sys_accept(task: Task, fd: Fd, upeer_sockaddr: Ptr, upeer_addrlen: Ptr) -> int:
    """As accept4 without flags. net/socket.c:__sys_accept4"""
    return _accept(task, fd, upeer_sockaddr, upeer_addrlen, 0)


def sys_accept4(task: Task, fd: Fd, upeer_sockaddr: Ptr, upeer_addrlen: Ptr, flags: Flags) -> int:
    """Take the oldest connection that waits. net/socket.c:__sys_accept4

    Raises:
        EBADF, ENOTSOCK. EINVAL: a flag; not listening; shut down. EMFILE. EOPNOTSUPP: datagrams. EFAULT: the address;
        the connection is lost. EAGAIN: none waits, with O_NONBLOCK. Blocked.
    """
    return _accept(task, fd, upeer_sockaddr, upeer_addrlen, flags)


def sys_getsockname(task: Task, fd: Fd, usockaddr: Ptr, usockaddr_len: Ptr) -> int:
    """The socket's own address. EBADF, ENOTSOCK. EFAULT. EINVAL: a negative length. net/socket.c:__sys_getsockname"""
    write_address(task, socket_of(task, fd).sock.name, usockaddr, usockaddr_len)
    return 0


def sys_getpeername(task: Task, fd: Fd, usockaddr: Ptr, usockaddr_len: Ptr) -> int:
    """The peer's address. ENOTCONN: there is none. EBADF, ENOTSOCK. EFAULT. EINVAL. net/socket.c:__sys_getpeername"""
    peer = socket_of(task, fd).sock.peer
    if peer is None:
        raise ENOTCONN
    write_address(task, peer.name, usockaddr, usockaddr_len)
    return 0


def sys_shutdown(task: Task, fd: Fd, how: Int) -> int:
    """End receiving (0), sending (1) or both (2). EBADF, ENOTSOCK. EINVAL: `how`. net/unix/af_unix.c:unix_shutdown"""
    sock = socket_of(task, fd).sock
    if not SHUT_RD <= how <= SHUT_RDWR:
        raise EINVAL
    sock.shut(how + 1)
    return 0


__all__ = [
    "sys_accept", "sys_accept4", "sys_bind", "sys_connect", "sys_getpeername", "sys_getsockname", "sys_listen",
    "sys_shutdown", "sys_socket", "sys_socketpair",
]
