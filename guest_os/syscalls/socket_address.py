"""Socket addresses and descriptors, as the calls give and take them. net/socket.c, net/unix/af_unix.c"""

from __future__ import annotations

from rvsim.guest_os.abi.errno import EINVAL, ENOTSOCK
from rvsim.guest_os.abi.socket import AF_UNIX, SOCKADDR_STORAGE_BYTES, SUN_PATH_MAX, SUN_PATH_OFFSET
from rvsim.guest_os.fs.socket_file import SocketFile
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.syscalls.dirfd import open_fd
from rvsim.guest_os.task.task import Task

_FAMILY = AF_UNIX.to_bytes(2, "little")


def socket_of(task: Task, fd: int) -> SocketFile:
    """The socket that `fd` is. EBADF. ENOTSOCK. net/socket.c:sockfd_lookup"""
    file = open_fd(task, fd)
    if not isinstance(file, SocketFile):
        raise ENOTSOCK
    return file


def read_address(task: Task, address: int, length: int) -> bytes:
    """A sockaddr with its family. EINVAL: negative or too long. EFAULT. net/socket.c:move_addr_to_kernel"""
    if not 0 <= length <= SOCKADDR_STORAGE_BYTES:
        raise EINVAL
    return user_memory.read(task.space, address, length) if length else b""


def unix_name(data: bytes) -> bytes:
    """What stands after the family of a sockaddr_un, at least one byte. EINVAL. unix_validate_addr"""
    if not SUN_PATH_OFFSET < len(data) <= SUN_PATH_OFFSET + SUN_PATH_MAX or data[:2] != _FAMILY:
        raise EINVAL
    return data[2:]


def write_address(task: Task, name: bytes | None, address: int, length_address: int) -> None:
    """Store an address, cut to the length that stands at `length_address`, and there its full length.

    net/socket.c:move_addr_to_user

    Raises:
        EFAULT. EINVAL: a negative length.
    """
    full = _FAMILY + (name or b"")
    room = user_memory.read_u32(task.space, length_address)
    if room >> 31:
        raise EINVAL
    if min(room, len(full)):
        user_memory.write(task.space, address, full[:room])
    user_memory.write_u32(task.space, length_address, len(full))
