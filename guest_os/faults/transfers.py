"""Calls that move bytes: how many they were asked for, between the program and what, and how fewer are moved."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rvsim.guest_os.abi.errno import Errno
from rvsim.guest_os.abi.fcntl import O_DIRECT, O_NONBLOCK
from rvsim.guest_os.fs.pipe import PipeEnd, PipeFile
from rvsim.guest_os.fs.pty import PtyMaster
from rvsim.guest_os.fs.socket_file import SocketFile
from rvsim.guest_os.fs.tty import TtyFile
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.mm.fault import OutOfMemory
from rvsim.guest_os.syscalls.iovec import UserBuffers, import_iovec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rvsim.guest_os.task.task import Task
    from rvsim.guest_os.vfs.file import File


class Transfer(NamedTuple):
    """Where a call's registers say how much: `size` is the register with a number of bytes, `vector` that with an
    array of struct iovec (its length is in the next), `message` that with a struct msghdr; -1: there is none.

    `way`: whether bytes come in (1), go out (2), or go from file to file (3).
    """

    way: int
    size: int = -1
    vector: int = -1
    message: int = -1
    file: int = 0


READING, WRITING, COPYING = 1, 2, 3
TRANSFERS = {
    "read": Transfer(READING, 2), "pread64": Transfer(READING, 2), "recvfrom": Transfer(READING, 2),
    "readv": Transfer(READING, vector=1), "preadv": Transfer(READING, vector=1),
    "preadv2": Transfer(READING, vector=1), "recvmsg": Transfer(READING, message=1),
    "write": Transfer(WRITING, 2), "pwrite64": Transfer(WRITING, 2), "sendto": Transfer(WRITING, 2),
    "writev": Transfer(WRITING, vector=1), "pwritev": Transfer(WRITING, vector=1),
    "pwritev2": Transfer(WRITING, vector=1), "sendmsg": Transfer(WRITING, message=1),
    "sendfile": Transfer(COPYING, 3), "copy_file_range": Transfer(COPYING, 4), "splice": Transfer(COPYING, 4),
}
_MSG_IOV, _MSG_IOVLEN = 16, 24


def file_of(task: Task, number: int) -> File | None:
    """The open file of a register with a descriptor."""
    fd = (number & 0xFFFF_FFFF ^ 0x8000_0000) - 0x8000_0000
    return task.fds.files.get(fd)


def wanted(task: Task, transfer: Transfer, registers: Sequence[int]) -> int:
    """How many bytes the call is to move; 0 if its buffers are not even readable as such."""
    if transfer.size >= 0:
        return registers[transfer.size]
    try:
        if transfer.vector >= 0:
            return import_iovec(task.space, registers[transfer.vector], registers[transfer.vector + 1]).size
        header = registers[transfer.message]
        head = user_memory.read(task.space, header, _MSG_IOVLEN + 8)
        at, count = (int.from_bytes(head[start:start + 8], "little") for start in (_MSG_IOV, _MSG_IOVLEN))
        buffers: UserBuffers = import_iovec(task.space, at, count)
        return buffers.size
    except (Errno, OutOfMemory):
        return 0


def comes_in_bytes(file: File) -> bool:
    """Whether what is read or written may come in pieces of any size: not messages and records."""
    if file.is_socket:
        assert isinstance(file, SocketFile)
        return file.sock.is_stream
    if file.record_bytes or (isinstance(file, PipeFile) and file.flags & O_DIRECT):
        return False
    return file.seekable or is_stream(file)


def is_stream(file: File) -> bool:
    """Pipes, sockets of streams, terminals, and the host's streams: where Linux gives what there is."""
    if file.is_socket:
        assert isinstance(file, SocketFile)
        return file.sock.is_stream
    return isinstance(file, PipeEnd | TtyFile | PtyMaster)


def does_not_wait(file: File) -> bool:
    """O_NONBLOCK is set."""
    return bool(file.flags & O_NONBLOCK)


def shortened(transfer: Transfer, registers: tuple[int, ...], limit: int) -> tuple[int, ...]:
    """The registers with which the call moves at most `limit` bytes; other buffers have `AddressSpace.transfer_max`."""
    at = transfer.size
    if at < 0:
        return registers
    return (*registers[:at], min(registers[at], limit), *registers[at + 1:])


__all__ = ["COPYING", "READING", "TRANSFERS", "WRITING", "Transfer", "comes_in_bytes", "does_not_wait", "file_of",
           "is_stream", "shortened", "wanted"]
