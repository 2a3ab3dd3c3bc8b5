"""Moving bytes between a user's buffers and a socket: what read, send, recvmsg and their like share. net/socket.c"""

from __future__ import annotations

from rvsim.guest_os.abi.errno import EAGAIN, EFAULT, EINVAL, EOPNOTSUPP, EPIPE, Errno
from rvsim.guest_os.abi.signals import SIGPIPE
from rvsim.guest_os.abi.socket import (
    MSG_DONTWAIT,
    MSG_ERRQUEUE,
    MSG_NOSIGNAL,
    MSG_OOB,
    MSG_PEEK,
    MSG_TRUNC,
    MSG_WAITALL,
    SEND_SHUTDOWN,
)
from rvsim.guest_os.fs import unix_transfer
from rvsim.guest_os.fs.socket_file import SocketFile
from rvsim.guest_os.fs.socket_wait import SocketWait, has_waited
from rvsim.guest_os.fs.unix_message import STREAM_PIECE, Sender
from rvsim.guest_os.fs.unix_socket import CONNECTED, UnixSocket
from rvsim.guest_os.fs.unix_transfer import PLAIN, Outgoing
from rvsim.guest_os.syscalls.iovec import UserBuffers
from rvsim.guest_os.task.signal import SigInfo, send_signal
from rvsim.guest_os.task.task import Task
from rvsim.guest_os.vfs.file import File
from rvsim.guest_os.wait import Blocked


class Received:
    """What a receiving call got.

    Attributes:
        size: its result.
        flags: MSG_TRUNC if a message was cut.
        name: the sender's address without its family, None if it has none.
        sender: whose bytes.
        files: files that came along, held; the caller installs them or lets them go.
    """

    __slots__ = ("files", "flags", "name", "sender", "size")

    def __init__(self, size: int = 0, sender: Sender | None = None) -> None:
        self.size = size
        self.flags = 0
        self.name: bytes | None = None
        self.sender = sender
        self.files: tuple[File, ...] = ()


class UserBytes:
    """A message in a user's buffers. EFAULT."""

    __slots__ = ("buffers",)

    def __init__(self, buffers: UserBuffers) -> None:
        self.buffers = buffers

    def __call__(self) -> bytes:
        size = self.buffers.size
        return self.buffers.load(0, size) if size else b""


def _progress(task: Task) -> SocketWait | None:
    return task.resume if isinstance(task.resume, SocketWait) else None


def _finish(task: Task) -> None:
    """A message is done: the next one begins with nothing moved and no time spent."""
    progress = _progress(task)
    if progress is not None:
        progress.done = 0
        progress.deadline_ns = None
        progress.waited = False
        progress.sender = None


# ---- sending


def send(task: Task, file: SocketFile, buffers: UserBuffers, flags: int, out: Outgoing) -> int:
    """Send what is in `buffers`; returns how many bytes. EOPNOTSUPP: MSG_OOB. Errors as `fs/unix_transfer.py`.

    Raises:
        EFAULT. EPIPE: with SIGPIPE for streams, unless MSG_NOSIGNAL. Blocked.
    """
    sock = file.sock
    if flags & MSG_OOB:
        raise EOPNOTSUPP
    dont_wait = bool(flags & MSG_DONTWAIT) or file.dont_wait
    if sock.is_stream:
        done = _send_stream(task, sock, buffers, flags, out, dont_wait)
    else:
        done = unix_transfer.send_message(sock, task, buffers.size, UserBytes(buffers), out, dont_wait)
    _finish(task)
    return done


def _send_stream(task: Task, sock: UnixSocket, buffers: UserBuffers, flags: int, out: Outgoing,
                 dont_wait: bool) -> int:
    """net/unix/af_unix.c:unix_stream_sendmsg"""
    unix_transfer.check_stream(sock, out.address is not None)
    waited = has_waited(task)
    progress = _progress(task)
    done = progress.done if progress is not None else 0
    if sock.shutdown & SEND_SHUTDOWN and not waited:
        _broken_pipe(task, flags)
    total = buffers.size
    try:
        while done < total:
            size = min(total - done, STREAM_PIECE)
            data = buffers.load(done, size)
            done += unix_transfer.send_piece(sock, task, data, out, dont_wait, not done)
            if progress is not None:
                progress.deadline_ns = None
    except Blocked:
        progress = _progress(task)
        if progress is not None:
            progress.done = done
        raise
    except EPIPE:
        if not done:
            if waited and sock.shutdown & SEND_SHUTDOWN:
                raise
            _broken_pipe(task, flags)
    except Errno:
        if not done:
            raise
    return done


def _broken_pipe(task: Task, flags: int) -> None:
    """Raises EPIPE, with SIGPIPE unless MSG_NOSIGNAL."""
    if not flags & MSG_NOSIGNAL:
        send_signal(task, SigInfo(SIGPIPE, pid=task.group.tgid, uid=task.cred.uid), False)
    raise EPIPE


# ---- receiving


def receive(task: Task, file: SocketFile, buffers: UserBuffers, flags: int) -> Received:
    """Receive into `buffers`. Errors as `fs/unix_transfer.py`.

    Raises:
        EOPNOTSUPP: MSG_OOB. EINVAL: a stream without a connection. EFAULT: nothing could be stored; of messages, the
            one that was next is lost. Blocked.
    """
    sock = file.sock
    if flags & MSG_ERRQUEUE:
        raise EAGAIN
    dont_wait = bool(flags & MSG_DONTWAIT) or file.dont_wait
    got = (_receive_stream if sock.is_stream else _receive_message)(task, sock, buffers, flags, dont_wait)
    _finish(task)
    return got


def _hold(files: tuple[File, ...]) -> tuple[File, ...]:
    return tuple(file.get() for file in files)


def _receive_message(task: Task, sock: UnixSocket, buffers: UserBuffers, flags: int, dont_wait: bool) -> Received:
    """net/unix/af_unix.c:__unix_dgram_recvmsg"""
    if flags & MSG_OOB:
        raise EOPNOTSUPP
    message = unix_transfer.next_message(sock, task, dont_wait)
    if message is None:
        return Received()
    length = len(message.data)
    got = Received(min(length, buffers.size), message.sender)
    got.name = message.origin.name
    try:
        if got.size:
            buffers.store(0, message.data[:got.size])
    except EFAULT:
        if not flags & MSG_PEEK:
            sock.fs.in_flight.put(unix_transfer.take_message(sock, message))
        raise
    if got.size < length:
        got.flags = MSG_TRUNC
        if flags & MSG_TRUNC:
            got.size = length
    got.files = _hold(message.files) if flags & MSG_PEEK else unix_transfer.take_message(sock, message)
    return got


def _receive_stream(task: Task, sock: UnixSocket, buffers: UserBuffers, flags: int, dont_wait: bool) -> Received:
    """net/unix/af_unix.c:unix_stream_read_generic"""
    if sock.state != CONNECTED:
        raise EINVAL
    if flags & MSG_OOB:
        raise EOPNOTSUPP
    size = buffers.size
    target = (size if flags & MSG_WAITALL else min(sock.rcvlowat, size)) or 1
    progress = _progress(task)
    got = Received(progress.done, progress.sender) if progress is not None else Received()
    while True:
        piece = unix_transfer.next_piece(sock, size - got.size, got.sender)
        if piece is None:
            if got.size >= target:
                break
            try:
                unix_transfer.wait_for_stream(sock, task, dont_wait)
            except Blocked:
                progress = _progress(task)
                if progress is not None:
                    progress.done, progress.sender = got.size, got.sender
                raise
            except Errno:
                if got.size:
                    break
                raise
            break
        if not piece.messages:
            break
        stored = _store(buffers, got.size, piece.data)
        if stored is None:
            if got.size:
                break
            raise EFAULT
        got.size += stored
        got.sender = piece.first.sender
        got.name = piece.first.origin.name
        if flags & MSG_PEEK:
            got.files = _hold(piece.files)
            break
        got.files = unix_transfer.taken(sock, piece, stored)
        if piece.last or got.files or got.size == size or stored < len(piece.data):
            break
    return got


def _store(buffers: UserBuffers, at: int, data: bytes) -> int | None:
    """Store as much of `data` as can be stored; returns how much, None for nothing of something."""
    if not data:
        return 0
    try:
        buffers.store(at, data)
    except EFAULT:
        room = buffers.writable(at, len(data))
        if not room:
            return None
        data = data[:room]
        buffers.store(at, data)
    return len(data)


# ---- read and write


def read_socket(task: Task, file: File, buffers: UserBuffers, dont_wait: bool = False) -> int:
    """read, readv: as recv, but no bytes are never waited for. net/socket.c:sock_read_iter"""
    assert isinstance(file, SocketFile)
    if not buffers.size:
        return 0
    got = receive(task, file, buffers, MSG_DONTWAIT if dont_wait else 0)
    file.sock.fs.in_flight.put(got.files)
    return got.size


def write_socket(task: Task, file: File, buffers: UserBuffers, dont_wait: bool = False) -> int:
    """write, writev: as send. net/socket.c:sock_write_iter"""
    assert isinstance(file, SocketFile)
    return send(task, file, buffers, MSG_DONTWAIT if dont_wait else 0, PLAIN)
