"""Sending and receiving between AF_UNIX sockets, one message or piece of a stream at a time. net/unix/af_unix.c

What waits, and what is repeated after a wait, is decided here; user memory is the system calls' business. A receiver
first looks (`next_piece`, `next_message`), stores what it found, and then takes it (`taken`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from rvsim.guest_os.abi.capability import CAP_SYS_ADMIN, CAP_SYS_RESOURCE
from rvsim.guest_os.abi.errno import (
    EAGAIN,
    ECONNREFUSED,
    EINVAL,
    EISCONN,
    EMSGSIZE,
    ENOBUFS,
    ENOTCONN,
    EOPNOTSUPP,
    EPERM,
    EPIPE,
    ETOOMANYREFS,
)
from rvsim.guest_os.abi.socket import RCV_SHUTDOWN, SEND_SHUTDOWN, SOCK_SEQPACKET
from rvsim.guest_os.fs.socket_wait import has_waited, wait
from rvsim.guest_os.fs.unix_message import STREAM_PIECE, UNKNOWN, Message, Sender, cost
from rvsim.guest_os.fs.unix_socket import CONNECTED
from rvsim.guest_os.task.resources import RLIMIT_NOFILE

if TYPE_CHECKING:
    from rvsim.guest_os.fs.unix_socket import UnixSocket
    from rvsim.guest_os.task.task import Task
    from rvsim.guest_os.vfs.file import File

DATAGRAM_OVERHEAD = 32
MAX_IN_FLIGHT = 65_536
"""Files in messages of the whole machine, whoever sent them."""
_MAY_EXCEED = 1 << CAP_SYS_ADMIN | 1 << CAP_SYS_RESOURCE


class Outgoing:
    """What goes along with the bytes of a send.

    Attributes:
        sender: credentials that the caller gave; None: its own, if someone asks.
        files: open files, not held.
        address: the receiver's name; None: the peer.
    """

    __slots__ = ("address", "files", "sender")

    def __init__(self, address: bytes | None = None) -> None:
        self.sender: Sender | None = None
        self.files: tuple[File, ...] = ()
        self.address = address


PLAIN = Outgoing()


def who(task: Task) -> Sender:
    """The caller as SCM_CREDENTIALS shows it."""
    return task.group.pid, task.cred.uid, task.cred.gid


def _make(sock: UnixSocket, other: UnixSocket, data: bytes, out: Outgoing, task: Task, files: bool) -> Message:
    """A message of `sock` to `other`, charged. ENOBUFS: all messages together cost too much. ETOOMANYREFS."""
    fs = sock.fs
    price = cost(len(data), sock.is_stream)
    if fs.bytes_held + price > fs.bytes_limit:
        raise ENOBUFS
    sender = out.sender
    if sender is None:
        sender = who(task) if sock.pass_cred or other.pass_cred or other.file is None else UNKNOWN
    message = Message(sock, data, sender, price)
    if files and out.files:
        flying = fs.in_flight
        limit = task.group.limits.soft[RLIMIT_NOFILE]
        if flying.by_uid.get(task.cred.uid, 0) > limit and not task.cred.cap_effective & _MAY_EXCEED:
            raise ETOOMANYREFS
        if flying.total > MAX_IN_FLIGHT:
            raise ETOOMANYREFS
        flying.attach(message, tuple(file.get() for file in out.files), task.cred.uid)
    fs.bytes_held += price
    sock.used += price
    return message


def _wait_for_buffer(sock: UnixSocket, task: Task, dont_wait: bool) -> None:
    """Wait until `sock` may charge one more message to itself. net/core/sock.c:sock_alloc_send_pskb

    Raises:
        its error, if one waits. EPIPE: sending was shut down. EAGAIN.
    """
    if sock.error:
        sock.raise_error()
    if sock.shutdown & SEND_SHUTDOWN:
        raise EPIPE
    if sock.used >= sock.sndbuf:
        wait(task, sock.write_queue, sock.sndtimeo_ns, dont_wait)


# ---- streams


def check_stream(sock: UnixSocket, addressed: bool) -> UnixSocket:
    """Whom a stream socket sends to. ENOTCONN. EISCONN, EOPNOTSUPP: `addressed`. unix_stream_sendmsg"""
    if addressed:
        raise EISCONN if sock.state == CONNECTED else EOPNOTSUPP
    if sock.peer is None:
        raise ENOTCONN
    return sock.peer


def send_piece(sock: UnixSocket, task: Task, data: bytes, out: Outgoing, dont_wait: bool, first: bool) -> int:
    """Send the first bytes of `data`, as many as one message of a stream holds; returns how many.

    `first`: the files go along.

    Raises:
        EPIPE: the other end receives no more. ENOBUFS. Blocked, EAGAIN: no room.
    """
    other = sock.peer
    if other is None:
        raise ENOTCONN
    size = min(len(data), (sock.sndbuf >> 1) - 64, STREAM_PIECE)
    _wait_for_buffer(sock, task, dont_wait)
    if other.dead or other.shutdown & RCV_SHUTDOWN:
        raise EPIPE
    other.queue(_make(sock, other, data[:size] if size < len(data) else data, out, task, first))
    return size


class Piece:
    """What a look into a queue found.

    Attributes:
        data: the bytes.
        size: the length of the whole message, of datagrams.
        messages: what the bytes came from, with how many of each.
        last: nothing may follow in the same call: files, another sender, the rest of a message.
    """

    __slots__ = ("data", "last", "messages", "size")

    def __init__(self, data: bytes, messages: list[tuple[Message, int]], size: int, last: bool) -> None:
        self.data = data
        self.messages = messages
        self.size = size
        self.last = last

    @property
    def first(self) -> Message:
        """The message that credentials, files and the sender's address come from."""
        return self.messages[0][0]

    @property
    def files(self) -> tuple[File, ...]:
        """The files that come along."""
        return self.messages[-1][0].files


def next_piece(sock: UnixSocket, size: int, sender: Sender | None) -> Piece | None:
    """Up to `size` bytes of a stream; None: nothing came. `sender`: whose bytes were read before in the same call.

    Bytes of different senders are not mixed when the receiver wants credentials; bytes after a message with files
    are left for the next call. unix_stream_read_generic
    """
    if not sock.messages:
        return None
    parts: list[bytes] = []
    found: list[tuple[Message, int]] = []
    total = 0
    last = False
    for message in sock.messages:
        if sock.pass_cred:
            if sender is not None and message.sender != sender:
                last = True
                break
            sender = message.sender
        count = min(message.left, size - total)
        data = message.data
        whole = not message.start and count == len(data)
        parts.append(data if whole else data[message.start:message.start + count])
        found.append((message, count))
        total += count
        if message.files or count < message.left:
            last = True
            break
        if total == size:
            break
    return Piece(parts[0] if len(parts) == 1 else b"".join(parts), found, total, last)


def taken(sock: UnixSocket, piece: Piece, count: int) -> tuple[File, ...]:
    """The first `count` bytes of a piece of a stream were read; returns the files that came along, held."""
    files: tuple[File, ...] = ()
    for message, size in piece.messages:
        if size and not count:
            break
        size = min(size, count)
        count -= size
        message.start += size
        if message.files:
            files = sock.fs.in_flight.detach(message)
        if not message.left:
            sock.remove(message)
    return files


def wait_for_stream(sock: UnixSocket, task: Task, dont_wait: bool) -> None:
    """Nothing came: wait for more, or (returning) see the end.

    Raises:
        ECONNRESET and its like: an error waits. EAGAIN. Blocked.
    """
    sock.raise_error()
    if sock.shutdown & RCV_SHUTDOWN:
        return
    wait(task, sock.read_queue, sock.rcvtimeo_ns, dont_wait)


# ---- messages


def send_message(sock: UnixSocket, task: Task, size: int, load: Loader, out: Outgoing, dont_wait: bool) -> int:
    """Send one datagram or seqpacket of `size` bytes, which `load` brings. unix_dgram_sendmsg

    Raises:
        ENOTCONN: no address and no peer. EMSGSIZE. EPERM: the receiver has another peer. ECONNREFUSED: it is closed.
        EPIPE: it receives no more. ENOBUFS. ETOOMANYREFS. Blocked, EAGAIN: no room here or there.
        And what finding the address raises.
    """
    fs = sock.fs
    other = None
    if sock.kind == SOCK_SEQPACKET:
        sock.raise_error()
        if sock.state != CONNECTED:
            raise ENOTCONN
    if out.address is None or sock.kind == SOCK_SEQPACKET:
        other = sock.peer
        if other is None:
            raise ENOTCONN
    if sock.pass_cred:
        fs.autobind(sock)
    if size > sock.sndbuf - DATAGRAM_OVERHEAD:
        raise EMSGSIZE
    _wait_for_buffer(sock, task, dont_wait)
    data = load()
    if other is None:
        assert out.address is not None
        other = fs.find(out.address, sock.kind, task)
    if not sock.may_send_to(other):
        raise EPERM
    if other.dead:
        if sock.kind == SOCK_SEQPACKET:
            raise EPIPE
        sock.lose_dead_peer()
        raise ECONNREFUSED
    if other.shutdown & RCV_SHUTDOWN:
        raise EPIPE
    if sock.peer_is_full(other):
        wait(task, other.room_queue, sock.sndtimeo_ns, dont_wait)
    other.queue(_make(sock, other, data, out, task, True))
    return size


class Loader(Protocol):
    """Brings the bytes of a message when there is room for them. EFAULT."""

    def __call__(self) -> bytes: ...


class Ready:
    """Bytes that are there already."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def __call__(self) -> bytes:
        return self.data


def next_message(sock: UnixSocket, task: Task, dont_wait: bool) -> Message | None:
    """The message that is next to be received; None: there is none and none will come.

    net/core/datagram.c:__skb_wait_for_more_packets

    Raises:
        an error that waits. ENOTCONN: a seqpacket socket without a connection. EAGAIN. Blocked.
    """
    if sock.kind == SOCK_SEQPACKET and sock.state != CONNECTED:
        raise ENOTCONN
    sock.raise_error()
    if sock.messages:
        return sock.messages[0]
    ended = sock.shutdown & RCV_SHUTDOWN
    if ended and (sock.kind == SOCK_SEQPACKET or not dont_wait):
        return None
    if dont_wait:
        raise EAGAIN
    return wait(task, sock.read_queue, sock.rcvtimeo_ns, False)


def take_message(sock: UnixSocket, message: Message) -> tuple[File, ...]:
    """A message was received; returns its files, held."""
    files = sock.fs.in_flight.detach(message)
    sock.remove(message)
    return files


# ---- for callers that know files only


def read(sock: UnixSocket, task: Task, size: int, dont_wait: bool) -> bytes:
    """As recv: bytes of a stream or one message, cut; b"" at the end. Errors as receiving."""
    if not sock.is_stream:
        message = next_message(sock, task, dont_wait)
        if message is None:
            return b""
        sock.fs.in_flight.put(take_message(sock, message))
        return message.data[:size]
    if sock.state != CONNECTED:
        raise EINVAL
    piece = next_piece(sock, size, None)
    if piece is None:
        wait_for_stream(sock, task, dont_wait)
        return b""
    sock.fs.in_flight.put(taken(sock, piece, len(piece.data)))
    return piece.data


def write(sock: UnixSocket, task: Task, data: bytes, dont_wait: bool) -> int:
    """As send: what fits of a stream, or one message. Errors as sending."""
    if not sock.is_stream:
        return send_message(sock, task, len(data), Ready(data), PLAIN, dont_wait)
    check_stream(sock, False)
    if sock.shutdown & SEND_SHUTDOWN and not has_waited(task):
        raise EPIPE
    return send_piece(sock, task, data, PLAIN, dont_wait, True) if data else 0
