"""Reading and writing another process's memory. mm/process_vm_access.c"""

from __future__ import annotations

import struct

from rvsim.guest_os.abi.errno import EFAULT, EINVAL, EPERM, ESRCH
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.mm.address_space import AddressSpace
from rvsim.guest_os.syscalls.args import Int, Ptr, ULong
from rvsim.guest_os.syscalls.iovec import UIO_MAXIOV, UserBuffers, import_iovec
from rvsim.guest_os.task.access import may_access
from rvsim.guest_os.task.pid import PidType, find_vpid, pid_task
from rvsim.guest_os.task.task import Task

CHUNK = 65536


def sys_process_vm_readv(task: Task, pid: Int, lvec: Ptr, liovcnt: ULong, rvec: Ptr, riovcnt: ULong,
                         flags: ULong) -> int:
    """Copy memory of another process to the caller's; returns how many bytes. mm/process_vm_access.c

    Raises:
        EINVAL: a flag, more than 1,024 pieces, a length that is negative. ESRCH, EPERM: the process.
        EFAULT: a list, or nothing could be moved.
    """
    return _move(task, pid, (lvec, liovcnt), (rvec, riovcnt), flags, write=False)


def sys_process_vm_writev(task: Task, pid: Int, lvec: Ptr, liovcnt: ULong, rvec: Ptr, riovcnt: ULong,
                          flags: ULong) -> int:
    """Copy memory of the caller to another process's; as process_vm_readv. mm/process_vm_access.c"""
    return _move(task, pid, (lvec, liovcnt), (rvec, riovcnt), flags, write=True)


def _pieces(space: AddressSpace, vector: int, count: int) -> list[tuple[int, int]]:
    """(address, size) of another process, whose addresses are not looked at yet. lib/iov_iter.c:iovec_from_user"""
    if count > UIO_MAXIOV:
        raise EINVAL
    words = struct.unpack(f"<{2 * count}Q", user_memory.read(space, vector, 16 * count)) if count else ()
    if any(size >> 63 for size in words[1::2]):
        raise EINVAL
    return list(zip(words[::2], words[1::2], strict=True))


def _move(task: Task, pid: int, local: tuple[int, int], remote: tuple[int, int], flags: int, *, write: bool) -> int:
    if flags:
        raise EINVAL
    own = import_iovec(task.space, *local)
    if not own.size:
        return 0
    pieces = _pieces(task.space, *remote)
    if not any(size for _, size in pieces):
        return 0
    other = pid_task(find_vpid(pid, task), PidType.PID)
    if other is None:
        raise ESRCH
    if not may_access(task, other, real=True):
        raise EPERM
    if other.mm is None:
        raise ESRCH
    done = 0
    for address, size in pieces:
        size = min(size, own.size - done)
        moved = _move_piece(own, done, other.mm, address, size, write)
        done += moved
        if moved < size:
            break
    if not done:
        raise EFAULT
    return done


def _move_piece(own: UserBuffers, offset: int, space: AddressSpace, address: int, size: int, write: bool) -> int:
    """Move up to `size` bytes; fewer when either side cannot be reached any further."""
    done = 0
    while done < size:
        wanted = min(CHUNK, size - done)
        if write:
            count = user_memory.writable(space, address + done, own.readable(offset + done, wanted))
            user_memory.write(space, address + done, own.load(offset + done, count))
        else:
            count = own.writable(offset + done, user_memory.readable(space, address + done, wanted))
            own.store(offset + done, user_memory.read(space, address + done, count))
        done += count
        if count < wanted:
            break
    return done


__all__ = ["sys_process_vm_readv", "sys_process_vm_writev"]
