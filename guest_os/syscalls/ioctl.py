"""ioctl: what every file answers, the rest goes to the file. fs/ioctl.c"""

from __future__ import annotations

from rvsim.guest_os.abi.errno import EMFILE, ENOTTY
from rvsim.guest_os.abi.fcntl import O_ASYNC, O_CLOEXEC, O_NONBLOCK
from rvsim.guest_os.abi.ioctl import FIOASYNC, FIOCLEX, FIONBIO, FIONCLEX, FIONREAD, FIOQSIZE, TIOCGPTPEER
from rvsim.guest_os.abi.stat import S_IFDIR, S_IFLNK, S_IFMT, S_IFREG
from rvsim.guest_os.fs.file_owner import set_async
from rvsim.guest_os.fs.pty import PtyMaster
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.mm.address_space import AddressSpace
from rvsim.guest_os.syscalls.args import Fd, UInt, ULong
from rvsim.guest_os.syscalls.dirfd import open_fd
from rvsim.guest_os.task.task import Task

FIGETBSZ = 2


class UserArg:
    """The third argument of ioctl: a number, or the address of something. See `vfs.file.IoctlArg`."""

    __slots__ = ("space", "value")

    def __init__(self, space: AddressSpace, value: int) -> None:
        self.space = space
        self.value = value

    def read(self, size: int) -> bytes:
        """`size` bytes there. EFAULT."""
        return user_memory.read(self.space, self.value, size)

    def write(self, data: bytes) -> None:
        """Store `data` there. EFAULT."""
        user_memory.write(self.space, self.value, data)


def sys_ioctl(task: Task, fd: Fd, request: UInt, arg: ULong) -> int:
    """A request to an open file. fs/ioctl.c:do_vfs_ioctl

    Raises:
        EBADF. ENOTTY: this file does not know it. EFAULT: `arg`. And what the request itself raises.
    """
    file = open_fd(task, fd)
    user = UserArg(task.space, arg)
    inode = file.inode
    kind = inode.mode & S_IFMT
    if request in (FIOCLEX, FIONCLEX):
        task.fds.set_cloexec(fd, request == FIOCLEX)
    elif request == FIONBIO:
        on = any(user.read(4))
        file.set_flags(file.flags | O_NONBLOCK if on else file.flags & ~O_NONBLOCK)
    elif request == FIOASYNC:
        on = any(user.read(4))
        if on != bool(file.flags & O_ASYNC) and not set_async(file, fd, on):
            raise ENOTTY
    elif request == FIOQSIZE:
        if kind not in (S_IFREG, S_IFDIR, S_IFLNK):
            raise ENOTTY
        user.write((inode.stat().blocks * 512).to_bytes(8, "little"))
    elif request == FIGETBSZ:
        user.write(inode.sb.block_size.to_bytes(4, "little"))
    elif request == TIOCGPTPEER and isinstance(file, PtyMaster):
        peer = file.open_peer(arg)
        try:
            return task.fds.install(peer, cloexec=bool(arg & O_CLOEXEC))
        except EMFILE:
            peer.put()
            raise
    elif request == FIONREAD and kind == S_IFREG:
        user.write((inode.size - file.offset & 0xFFFF_FFFF).to_bytes(4, "little"))
    else:
        return file.ioctl(request, user)
    return 0


__all__ = ["sys_ioctl"]
