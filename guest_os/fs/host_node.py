"""The inodes of a mounted host directory: what they have in common, links, FIFOs and devices, and regular files.

The host's devices, FIFOs and sockets are never opened: a device node is the guest's device of that number, a FIFO a
pipe of the guest's kernel.
Differs: times of these files are the host's; access times are kept as the host's mount says.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from rvsim.guest_os.abi.errno import EINVAL, EOPNOTSUPP, EROFS
from rvsim.guest_os.abi.stat import S_IFLNK, S_IFMT
from rvsim.guest_os.fs.host_fds import Key, guest_errno
from rvsim.guest_os.vfs.inode import Inode, Stat

if TYPE_CHECKING:
    from rvsim.guest_os.fs.hostfs import HostSuperBlock

HAS_BLOCKS = hasattr(os.stat_result, "st_blocks")
_Node = TypeVar("_Node", bound="HostNode")
_Args = ParamSpec("_Args")
_Result = TypeVar("_Result")


def host_call(
    method: Callable[Concatenate[_Node, _Args], _Result],
) -> Callable[Concatenate[_Node, _Args], _Result]:
    """A method that talks to the host: its OSError becomes the guest's errno."""

    @wraps(method)
    def call(self: _Node, /, *args: _Args.args, **kwargs: _Args.kwargs) -> _Result:
        try:
            return method(self, *args, **kwargs)
        except OSError as error:
            raise guest_errno(error) from None

    return call


class HostNode(Inode):
    """An inode of the host; by itself a symbolic link, FIFO, socket or device node.

    Attributes:
        key: what the host knows it by; two names with one key are one inode here too.
        places: where it was found, (directory, name), oldest first.
        foreign: a directory of another file system, mounted on the host below ours: it cannot be entered.
        seen: (mtime, size) when the host was last asked.
    """

    __slots__ = ("foreign", "host_blocks", "is_root", "key", "last_size", "places", "seen")

    has_btime = False

    sb: HostSuperBlock

    def __init__(self, sb: HostSuperBlock, st: os.stat_result, key: Key) -> None:
        self.sb = sb
        self.key = key
        self.ino = key[1] if key[0] == sb.root_dev else sb.synthetic_ino()
        self.places: dict[tuple[HostNode, bytes], None] = {}
        self.foreign = False
        self.is_root = False
        self.btime_ns = st.st_mtime_ns
        self.seen = (st.st_mtime_ns, st.st_size)
        self._begin()
        self.refresh(st)

    @property
    def size(self) -> int:
        """Of a file that is open, as the host has it now."""
        return self.last_size

    @size.setter
    def size(self, value: int) -> None:
        self.last_size = value

    def refresh(self, st: os.stat_result) -> None:
        """Take the host's facts over. Pages of a file that the host changed meanwhile, and nobody uses, are dropped."""
        sb = self.sb
        uid, gid, size, mtime_ns, ctime_ns = st.st_uid, st.st_gid, st.st_size, st.st_mtime_ns, st.st_ctime_ns
        self.mode = st.st_mode
        self.uid = 0 if uid == sb.own_uid else uid
        self.gid = 0 if gid == sb.own_gid else gid
        self.nlink = st.st_nlink
        self.rdev = st.st_rdev
        self.last_size = size
        self.host_blocks = st.st_blocks if HAS_BLOCKS else size + 511 >> 9
        self.atime_ns = st.st_atime_ns
        self.mtime_ns = mtime_ns
        self.ctime_ns = ctime_ns
        if mtime_ns < self.btime_ns or ctime_ns < self.btime_ns:
            self.btime_ns = min(mtime_ns, ctime_ns)
        seen = (mtime_ns, size)
        if seen != self.seen:
            self.seen = seen
            if self.mapping is not None and not self.open_count:
                self.mapping.truncate(0)

    def forget_place(self, name: bytes) -> None:
        """The host has something else at the oldest place, whose name is `name`."""
        place = next(iter(self.places))
        if place[1] == name:
            del self.places[place]

    def check_writable(self) -> None:
        """Raises EROFS where the mount was made read-only."""
        if self.sb.readonly:
            raise EROFS

    def blocks(self) -> int:
        return self.host_blocks

    def stat(self) -> Stat:
        self.update()
        return self.stat_as_found()

    def stat_as_found(self) -> Stat:
        sb = self.sb
        return Stat(
            sb.dev, self.ino, self.mode, self.nlink, self.uid, self.gid, self.rdev, self.last_size, sb.block_size,
            self.host_blocks, self.atime_ns, self.mtime_ns, self.ctime_ns, self.btime_ns,
        )  # fmt: skip

    def update(self) -> None:
        """Ask the host for the facts; of a file that is gone there, the last ones stay."""
        fds = self.sb.fds
        try:
            fd = fds.held(self)
            if fd is None:
                self.refresh(fds.facts(self))
            else:
                self.refresh(self.sb.host.fstat(fd))
        except OSError:
            return

    @host_call
    def readlink(self) -> bytes:
        if self.mode & S_IFMT != S_IFLNK:
            raise EINVAL
        fd, name = self.sb.fds.place(self)
        return self.sb.host.readlink(name, fd)

    def touch_atime(self) -> None:
        """The host does that."""

    # Facts that change ------------------------------------------------------------------------------------------------

    @host_call
    def set_mode(self, mode: int) -> None:
        self.check_writable()
        self._chmod(mode & 0o7777)
        self.update()

    def _chmod(self, mode: int) -> None:
        if self.mode & S_IFMT == S_IFLNK:
            raise EOPNOTSUPP
        with self.sb.handle(self) as fd:
            self.sb.host.chmod(b"/proc/self/fd/%d" % fd, mode)

    @host_call
    def set_owner(self, uid: int, gid: int, mode: int) -> None:
        """Owner and group, as far as the host lets rvsim's user change them. Raises EPERM."""
        self.check_writable()
        sb = self.sb
        if (uid, gid) != (self.uid, self.gid):
            host_uid = -1 if uid == self.uid else sb.host_uid(uid)
            host_gid = -1 if gid == self.gid else sb.host_gid(gid)
            held = sb.fds.held(self)
            if held is not None:
                sb.host.fchown(held, host_uid, host_gid)
            else:
                fd, name = sb.fds.place(self)
                sb.host.chown(name, host_uid, host_gid, fd)
            self.update()
        if mode & 0o7777 != self.mode & 0o7777 and self.mode & S_IFMT != S_IFLNK:
            self._chmod(mode & 0o7777)
        self.update()

    @host_call
    def set_times(self, atime_ns: int | None, mtime_ns: int | None) -> None:
        self.check_writable()
        self.update()
        times = (self.atime_ns if atime_ns is None else atime_ns, self.mtime_ns if mtime_ns is None else mtime_ns)
        held = self.sb.fds.held(self)
        if held is not None:
            self.sb.host.futime(held, times)
        else:
            fd, name = self.sb.fds.place(self)
            self.sb.host.utime(name, times, fd)
        self.update()

    def evict(self) -> None:
        if self.mapping is not None:
            self.mapping.truncate(0)
        self.sb.forget(self)
