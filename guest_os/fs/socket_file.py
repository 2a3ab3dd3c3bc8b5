"""The open file of a socket. net/socket.c"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rvsim.guest_os.abi.fcntl import O_NONBLOCK, O_RDWR
from rvsim.guest_os.abi.ioctl import FIONREAD
from rvsim.guest_os.abi.poll import POLLOUT, POLLWRBAND, POLLWRNORM
from rvsim.guest_os.abi.signals import POLL_IN, POLL_OUT
from rvsim.guest_os.abi.socket import SIOCOUTQ
from rvsim.guest_os.fs import unix_transfer
from rvsim.guest_os.vfs.file import File, IoctlArg
from rvsim.guest_os.wait import WaitQueue

if TYPE_CHECKING:
    from rvsim.guest_os.fs.unix_socket import UnixSocket
    from rvsim.guest_os.vfs.credentials import Credentials
    from rvsim.guest_os.vfs.inode import Inode
    from rvsim.guest_os.vfs.mount import Path


class SocketFile(File):
    """A socket's open file description. The calls on sockets use `sock`; `read` and `write` are for all others."""

    __slots__ = ("sock",)

    is_socket = True
    splice_read = splice_write = True

    def __init__(self, inode: Inode, path: Path, flags: int, cred: Credentials, sock: UnixSocket) -> None:
        super().__init__(inode, path, O_RDWR | flags & O_NONBLOCK, cred)
        self.sock = sock
        sock.file = self
        sock.ino = inode.ino

    def put(self) -> None:
        super().put()
        sock = self.sock
        if self.count and self.count == sock.in_flight:
            sock.fs.in_flight.collect()

    def release(self) -> None:
        self.sock.release()
        super().release()

    @property
    def dont_wait(self) -> bool:
        """O_NONBLOCK is set."""
        return bool(self.flags & O_NONBLOCK)

    def read(self, size: int) -> bytes:
        """As recv without flags; files that come along are closed."""
        return unix_transfer.read(self.sock, self.sock.fs.current(), size, self.dont_wait)

    def write(self, data: bytes) -> int:
        """As send without flags; of a stream, what fits."""
        return unix_transfer.write(self.sock, self.sock.fs.current(), data, self.dont_wait)

    def poll(self) -> int:
        return self.sock.poll()

    def async_queues(self) -> tuple[tuple[WaitQueue, int], ...]:
        return ((self.sock.read_queue, POLL_IN), (self.sock.write_queue, POLL_OUT))

    def poll_queues(self) -> tuple[WaitQueue, ...]:
        return (self.sock.read_queue, self.sock.write_queue)

    def woken_for(self, queue: WaitQueue) -> int:
        return POLLOUT | POLLWRNORM | POLLWRBAND if queue is self.sock.write_queue else -1

    def fdinfo(self, ns: object) -> bytes:
        """How many files wait to be received. net/unix/af_unix.c:unix_show_fdinfo"""
        sock = self.sock
        files = sum(len(message.files) for queue in (sock, *sock.pending) for message in queue.messages)
        return b"scm_fds: %d\n" % files

    def ioctl(self, request: int, arg: IoctlArg) -> int:
        """FIONREAD (SIOCINQ), SIOCOUTQ. EINVAL: a listener has nothing to read."""
        if request == FIONREAD:
            arg.write(self.sock.unread().to_bytes(4, "little"))
        elif request == SIOCOUTQ:
            arg.write((self.sock.used & 0x7FFF_FFFF).to_bytes(4, "little"))
        else:
            return super().ioctl(request, arg)
        return 0


class StreamSocketFile(SocketFile):
    """A stream socket's: a write goes on until everything is written."""

    __slots__ = ()

    writes_all = True
