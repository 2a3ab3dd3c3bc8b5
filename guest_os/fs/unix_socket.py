"""One AF_UNIX socket: its state, its peer, its queue. net/unix/af_unix.c, unix(7)

A stream or seqpacket connection is two sockets that are each other's peer. The socket that connects makes the other
one and puts it among the `pending` of the listener, from where accept takes it; so data can be sent before that.
A datagram socket has a peer for itself alone.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from rvsim.guest_os.abi.errno import BY_NUMBER, ECONNRESET, EINVAL, EISCONN, EOPNOTSUPP, EPERM
from rvsim.guest_os.abi.poll import POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDHUP, POLLRDNORM, POLLWRBAND, POLLWRNORM
from rvsim.guest_os.abi.socket import (
    MAX_DGRAM_QLEN,
    RCV_SHUTDOWN,
    RCVBUF_DEFAULT,
    SEND_SHUTDOWN,
    SHUTDOWN_MASK,
    SNDBUF_DEFAULT,
    SOCK_DGRAM,
    SOCK_SEQPACKET,
    SOCK_STREAM,
)
from rvsim.guest_os.fs.unix_message import Message
from rvsim.guest_os.wait import WaitQueue

if TYPE_CHECKING:
    from rvsim.guest_os.fs.socket_file import SocketFile
    from rvsim.guest_os.fs.socket_fs import SocketFs
    from rvsim.guest_os.task.pid import Pid
    from rvsim.guest_os.task.task import Task
    from rvsim.guest_os.vfs.credentials import Credentials
    from rvsim.guest_os.vfs.mount import Path

CLOSED, LISTENING, CONNECTED = range(3)
Peer = tuple["Pid", "Credentials"]

_READABLE = POLLIN | POLLRDNORM
_WRITABLE = POLLOUT | POLLWRNORM | POLLWRBAND


class UnixSocket:
    """A socket, with or without a file.

    Attributes:
        kind: SOCK_STREAM, SOCK_DGRAM or SOCK_SEQPACKET.
        file: the open file, None before accept and after the last close.
        name: the bound address after its family (a path with its NUL, or a NUL and an abstract name); None: none.
        place: where the path name was made.
        peer: who is at the other end; of a connection that may be a `dead` one, of datagrams only when connected.
        senders: datagram sockets whose peer this is.
        messages: what came and was not read, oldest first.
        pending: sockets of connections not accepted yet.
        backlog: of a listener, how many of these may wait beyond one; of others, how many messages.
        used: what messages of this socket that others have not read cost; `sndbuf` is the limit.
        shutdown: RCV_SHUTDOWN, SEND_SHUTDOWN.
        error: the number that the next call gets once.
        peer_cred: who connected or listened, for SO_PEERCRED.
        in_flight: how many messages hold this socket's file.
        options: numbers of options that are kept and do nothing here, with their values.
        read_queue, write_queue, room_queue: who waits for messages or connections, for room to send, and for room in
            this socket's own queue.
    """

    __slots__ = (
        "backlog", "dead", "error", "file", "fs", "in_flight", "ino", "kind", "messages", "name", "options",
        "pass_cred", "peer", "peer_cred", "pending", "place", "rcvbuf", "rcvlowat", "rcvtimeo_ns", "read_queue",
        "room_queue", "senders", "shutdown", "sndbuf", "sndtimeo_ns", "state", "used", "write_queue",
    )  # fmt: skip

    def __init__(self, fs: SocketFs, kind: int) -> None:
        self.fs = fs
        self.kind = kind
        self.state = CLOSED
        self.dead = False
        self.file: SocketFile | None = None
        self.ino = 0
        self.name: bytes | None = None
        self.place: Path | None = None
        self.peer: UnixSocket | None = None
        self.senders: dict[UnixSocket, None] = {}
        self.messages: deque[Message] = deque()
        self.pending: deque[UnixSocket] = deque()
        self.backlog = MAX_DGRAM_QLEN
        self.used = 0
        self.sndbuf = SNDBUF_DEFAULT
        self.rcvbuf = RCVBUF_DEFAULT
        self.rcvlowat = 1
        self.sndtimeo_ns: int | None = None
        self.rcvtimeo_ns: int | None = None
        self.shutdown = 0
        self.error = 0
        self.pass_cred = False
        self.peer_cred: Peer | None = None
        self.in_flight = 0
        self.options: dict[int, int] = {}
        self.read_queue = WaitQueue()
        self.write_queue = WaitQueue()
        self.room_queue = WaitQueue()

    # ---- facts

    @property
    def is_stream(self) -> bool:
        """Bytes without bounds."""
        return self.kind == SOCK_STREAM

    @property
    def connects(self) -> bool:
        """A kind with connections: stream, seqpacket."""
        return self.kind != SOCK_DGRAM

    @property
    def queue_full(self) -> bool:
        """Whether senders or connecting sockets must wait. net/unix/af_unix.c:unix_recvq_full"""
        return len(self.pending if self.state == LISTENING else self.messages) > self.backlog

    @property
    def writable(self) -> bool:
        """A quarter or less of the room to send is in use. net/unix/af_unix.c:unix_writable"""
        return self.state != LISTENING and self.used << 2 <= self.sndbuf

    def may_send_to(self, other: UnixSocket) -> bool:
        """Whether `other` takes messages of this socket: it has no peer, or this one. unix_may_send"""
        return other.peer is None or other.peer is self

    def peer_is_full(self, other: UnixSocket) -> bool:
        """Whether a message must wait for room in `other`, which is not the far end of a connection."""
        return other is not self and other.peer is not self and other.queue_full

    def take_error(self) -> int:
        """SO_ERROR: the error that waits, and no more. net/core/sock.c:sock_error"""
        error, self.error = self.error, 0
        return error

    def raise_error(self) -> None:
        """Raises the error that waits, if there is one."""
        if self.error:
            raise BY_NUMBER[self.take_error()]

    def unread(self) -> int:
        """Bytes that came; of a datagram socket, those of the next message. EINVAL: a listener. unix_inq_len"""
        if self.state == LISTENING:
            raise EINVAL
        if self.kind == SOCK_DGRAM:
            return len(self.messages[0].data) if self.messages else 0
        return sum(message.left for message in self.messages)

    def poll(self) -> int:
        """The POLL* events. net/unix/af_unix.c:unix_poll, unix_dgram_poll"""
        mask = POLLERR if self.error else 0
        if self.shutdown & RCV_SHUTDOWN:
            mask |= POLLRDHUP | _READABLE
        if self.shutdown == SHUTDOWN_MASK:
            mask |= POLLHUP
        if self.messages or self.pending:
            mask |= _READABLE
        if self.kind != SOCK_DGRAM and self.state == CLOSED:
            mask |= POLLHUP
        if self.writable:
            peer = self.peer
            if self.is_stream or peer is None or peer.dead or peer.peer is self or not peer.queue_full:
                mask |= _WRITABLE
        return mask

    def wake_all(self) -> None:
        """The state changed: whoever waits shall look. net/core/sock.c:sock_def_wakeup"""
        self.read_queue.wake_all()
        self.write_queue.wake_all()

    def wake_for_room(self) -> None:
        """Its own queue has room again, or never will: wake who waits to send to it or to connect."""
        self.room_queue.wake_all()
        for sender in tuple(self.senders):
            sender.write_queue.wake_all()

    # ---- connections

    def listen(self, backlog: int, task: Task) -> None:
        """net/unix/af_unix.c:unix_listen

        Raises:
            EOPNOTSUPP: datagrams. EINVAL: not bound, or connected.
        """
        if not self.connects:
            raise EOPNOTSUPP
        if self.name is None or self.state == CONNECTED:
            raise EINVAL
        grew = backlog > self.backlog
        self.backlog = backlog
        self.state = LISTENING
        self.peer_cred = (task.group.pid, task.cred.copy())
        if grew:
            self.room_queue.wake_all()

    def connect_to(self, listener: UnixSocket, task: Task) -> None:
        """Make the socket at the other end and let `listener`, which has room, accept it. unix_stream_connect

        Raises:
            EISCONN: connected. EINVAL: a listener. ENFILE: too many sockets.
        """
        if self.state != CLOSED:
            raise EISCONN if self.state == CONNECTED else EINVAL
        far = self.fs.make(self.kind)
        far.name, far.peer, far.state = listener.name, self, CONNECTED
        far.peer_cred = (task.group.pid, task.cred.copy())
        self.peer, self.state, self.peer_cred = far, CONNECTED, listener.peer_cred
        listener.pending.append(far)
        listener.read_queue.wake_all()
        self.wake_all()

    def join(self, other: UnixSocket, task: Task) -> None:
        """Make two new sockets each other's peer. net/unix/af_unix.c:unix_socketpair"""
        for one, two in ((self, other), (other, self)):
            one.set_peer(two)
            one.state = CONNECTED
            one.peer_cred = (task.group.pid, task.cred.copy())

    def set_peer(self, peer: UnixSocket | None) -> None:
        """Change the peer; a datagram socket is then among the new one's `senders`."""
        if self.kind == SOCK_DGRAM:
            if self.peer is not None:
                self.peer.senders.pop(self, None)
            if peer is not None:
                peer.senders[self] = None
        self.peer = peer

    def connect_datagrams(self, other: UnixSocket | None) -> None:
        """Send to `other` from now on, and receive from it alone; None: end that. unix_dgram_connect

        Raises:
            EPERM: `other` has another peer.
        """
        if other is not None:
            if not self.may_send_to(other):
                raise EPERM
            self.state = other.state = CONNECTED
        old = self.peer
        self.set_peer(other)
        if old is None:
            return
        if other is None:
            self.state = CLOSED
        self.write_queue.wake_all()
        if other is not old:
            self.forget_messages_of(old)
            if old.peer is None:
                old.state = CLOSED

    def forget_messages_of(self, old: UnixSocket) -> None:
        """The peer changed: what came is lost, and the old peer is told if it was connected back.

        net/unix/af_unix.c:unix_dgram_disconnected
        """
        if not self.messages:
            return
        self.purge()
        self.wake_for_room()
        if not old.dead and old.peer is self:
            old.error = ECONNRESET.number
            old.wake_all()

    def lose_dead_peer(self) -> None:
        """A datagram found its receiver closed."""
        old = self.peer
        self.set_peer(None)
        self.state = CLOSED
        self.write_queue.wake_all()
        if old is not None:
            self.forget_messages_of(old)

    def shut(self, how: int) -> None:
        """End receiving, sending or both, here and at the other end of a connection. unix_shutdown"""
        self.shutdown |= how
        self.wake_all()
        self.room_queue.wake_all()
        peer = self.peer
        if peer is not None and self.connects:
            if how & RCV_SHUTDOWN:
                peer.shutdown |= SEND_SHUTDOWN
            if how & SEND_SHUTDOWN:
                peer.shutdown |= RCV_SHUTDOWN
            peer.wake_all()

    # ---- messages

    def queue(self, message: Message) -> None:
        """Take a message that a peer has charged to itself."""
        self.messages.append(message)
        if self.read_queue.waiters:
            self.read_queue.wake_all()

    def remove(self, message: Message) -> None:
        """Take a message, whose files are gone, out of the queue: its sender has room again."""
        if self.messages[0] is message:
            self.messages.popleft()
        else:
            self.messages.remove(message)
        self._free(message)
        if self.room_queue.waiters or self.senders:
            self.wake_for_room()

    def _free(self, message: Message) -> None:
        origin = message.origin
        origin.used -= message.cost
        self.fs.bytes_held -= message.cost
        if origin.write_queue.waiters and origin.writable:
            origin.write_queue.wake_all()

    def purge(self) -> None:
        """Throw every message away, with its files."""
        while self.messages:
            message = self.messages.popleft()
            self.fs.in_flight.drop(message)
            self._free(message)

    # ---- the end

    def release(self, embryo: bool = False) -> None:
        """The file is closed, or (`embryo`) was never made: no one sends or receives any more. unix_release_sock"""
        fs = self.fs
        fs.forget(self)
        was_listening = self.state == LISTENING
        self.file = None
        self.dead = True
        self.shutdown = SHUTDOWN_MASK
        self.state = CLOSED
        peer = self.peer
        self.set_peer(None)
        self.wake_all()
        self.wake_for_room()
        if peer is not None and self.kind in (SOCK_STREAM, SOCK_SEQPACKET):
            peer.shutdown = SHUTDOWN_MASK
            if self.messages or embryo:
                peer.error = ECONNRESET.number
            peer.wake_all()
        if was_listening:
            while self.pending:
                self.pending.popleft().release(embryo=True)
        self.purge()
