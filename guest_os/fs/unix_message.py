"""Messages on their way between AF_UNIX sockets, and what each costs its sender. net/core/skbuff.c

A sender is charged for the buffer that Linux would allocate, so that as many messages fit into a socket as there: a
header of 256 bytes, data and trailer in a block of the slab allocator, and pages for what is longer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rvsim.guest_os.mm.layout import PAGE_SIZE, page_up

if TYPE_CHECKING:
    from rvsim.guest_os.fs.unix_socket import UnixSocket
    from rvsim.guest_os.task.pid import Pid
    from rvsim.guest_os.vfs.file import File

NOBODY = 65534
HEADER_BYTES = 256
TRAILER_BYTES = 320
STREAM_HEAD = PAGE_SIZE - TRAILER_BYTES
STREAM_PIECE = STREAM_HEAD + 32768
"""The most that one message of a stream holds. net/unix/af_unix.c:UNIX_SKB_FRAGS_SZ"""
DATAGRAM_HEAD = 4 * PAGE_SIZE - TRAILER_BYTES

Sender = tuple["Pid | None", int, int]
"""Whose message: the process, uid and gid; (None, NOBODY, NOBODY) when nobody asked for it."""
UNKNOWN: Sender = (None, NOBODY, NOBODY)


def cost(size: int, stream: bool) -> int:
    """Bytes that a message of `size` bytes counts for. net/core/sock.c:sock_alloc_send_pskb"""
    paged = page_up(max(size - (STREAM_HEAD if stream else DATAGRAM_HEAD), 0))
    paged = min(paged, size)
    block = ((size - paged + 63) & ~63) + TRAILER_BYTES
    return max(512, 1 << (block - 1).bit_length()) + HEADER_BYTES + page_up(paged)


class Message:
    """What one send put into a queue: bytes, credentials, open files. `start`: bytes of it that were read already.

    The message holds its files; `owner` is the uid that their number is counted for.
    """

    __slots__ = ("cost", "data", "files", "origin", "owner", "sender", "start")

    def __init__(self, origin: UnixSocket, data: bytes, sender: Sender, cost: int) -> None:
        self.origin = origin
        self.data = data
        self.sender = sender
        self.cost = cost
        self.start = 0
        self.files: tuple[File, ...] = ()
        self.owner = 0

    @property
    def left(self) -> int:
        """Bytes not read yet."""
        return len(self.data) - self.start
