"""Directories of a mounted host directory."""

from __future__ import annotations

import os
import stat as host_stat
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from rvsim.guest_os.abi.errno import EACCES, EINVAL, EOPNOTSUPP, EPERM, ESTALE
from rvsim.guest_os.abi.fcntl import RENAME_EXCHANGE, RENAME_NOREPLACE
from rvsim.guest_os.abi.stat import DT_DIR, DT_LNK, DT_REG, DT_UNKNOWN, S_IFBLK, S_IFCHR, S_IFMT
from rvsim.guest_os.fs import host_calls
from rvsim.guest_os.fs.host_fds import guest_errno
from rvsim.guest_os.fs.host_node import HostNode, host_call
from rvsim.guest_os.vfs.inode import Dirent, Inode

_NEW_FILE = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK

_LIST = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


_NO_NAMES = frozenset((b"", b".", b".."))


def _check(name: bytes) -> bytes:
    """A name is one step down, whoever asks. Raises EINVAL."""
    if name in _NO_NAMES or b"/" in name or b"\0" in name:
        raise EINVAL
    return name


class HostDir(HostNode):
    """A directory of the host. What the host does in it meanwhile shows at the next look.

    Attributes:
        positions: name to its position for readers, which it keeps as long as it is there.
        listing: (position, name, ino, DT_*) as last read from the host, in rising position.
    """

    __slots__ = ("last_position", "listing", "positions")

    volatile = True
    confirms = True

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.positions: dict[bytes, int] = {}
        self.listing: list[Dirent] = []
        self.last_position = 1

    def _fd(self) -> int:
        return self.sb.fds.directory(self)

    @contextmanager
    def _steady(self) -> Iterator[int]:
        """A descriptor of this directory that stays good while another one is looked for."""
        fd = os.dup(self._fd())
        try:
            yield fd
        finally:
            os.close(fd)

    def update(self) -> None:
        with suppress(OSError, ESTALE):
            if self.is_root:
                self.refresh(os.fstat(self._fd()))
            else:
                super().update()

    def lookup(self, name: bytes) -> Inode:
        sb = self.sb
        try:
            st = os.stat(_check(name), dir_fd=sb.fds.directory(self), follow_symlinks=False)
        except OSError as error:
            raise guest_errno(error) from None
        return sb.node(st, self, name)

    def confirm(self, names: list[bytes], inode: Inode) -> bool:
        """One look at the host for the whole path below: it is the known one if it leads to the known file.

        A directory between that the host has replaced, with the same file in it, shows when it is looked at itself.
        """
        assert isinstance(inode, HostNode)
        try:
            st = os.stat(b"/".join(names), dir_fd=self._fd(), follow_symlinks=False)
        except (OSError, ESTALE, EACCES):
            return False
        if (st.st_dev, st.st_ino) != inode.key or st.st_mode & S_IFMT != inode.mode & S_IFMT:
            return False
        inode.refresh(st)
        return True

    # Make -------------------------------------------------------------------------------------------------------------

    @host_call
    def create(self, name: bytes, mode: int, uid: int, gid: int) -> Inode:
        self.check_writable()
        fd = self.sb.fds.open(_check(name), _NEW_FILE, self._fd(), 0o600, keep=True)
        return self._finish_file(fd, name, mode, uid, gid)

    def _finish_file(self, fd: int, name: bytes | None, mode: int, uid: int, gid: int) -> Inode:
        sb = self.sb
        try:
            if sb.may_chown:
                os.fchown(fd, sb.host_uid(uid), sb.host_gid(gid))
            os.fchmod(fd, mode & 0o7777)
            node = sb.node(os.fstat(fd), self, name)
        except OSError:
            os.close(fd)
            raise
        sb.fds.drop(node)
        sb.fds.keep(node, fd, True)
        return node

    @host_call
    def mkdir(self, name: bytes, mode: int, uid: int, gid: int) -> Inode:
        self.check_writable()
        os.mkdir(_check(name), 0o700, dir_fd=self._fd())
        return self._finish(name, mode, uid, gid)

    @host_call
    def mknod(self, name: bytes, mode: int, uid: int, gid: int, rdev: int) -> Inode:
        """FIFOs and sockets are made on the host too. Raises EPERM for device nodes."""
        self.check_writable()
        if mode & S_IFMT in (S_IFCHR, S_IFBLK):
            raise EPERM
        os.mknod(_check(name), mode & S_IFMT | 0o600, dir_fd=self._fd())
        return self._finish(name, mode, uid, gid)

    @host_call
    def symlink(self, name: bytes, target: bytes, uid: int, gid: int) -> Inode:
        self.check_writable()
        if b"\0" in target:
            raise EINVAL
        os.symlink(target, _check(name), dir_fd=self._fd())
        return self._finish(name, None, uid, gid)

    def _finish(self, name: bytes, mode: int | None, uid: int, gid: int) -> Inode:
        sb = self.sb
        if sb.may_chown:
            os.chown(name, sb.host_uid(uid), sb.host_gid(gid), dir_fd=self._fd(), follow_symlinks=False)
        node = sb.node(os.stat(name, dir_fd=self._fd(), follow_symlinks=False), self, name)
        if mode is not None:
            node.set_mode(mode)
        return node

    @host_call
    def tmpfile(self, mode: int, uid: int, gid: int) -> Inode:
        self.check_writable()
        flag = getattr(os, "O_TMPFILE", None)
        if flag is None:
            raise EOPNOTSUPP
        fd = self.sb.fds.open(b".", flag | os.O_RDWR | os.O_CLOEXEC, self._fd(), 0o600, keep=True)
        node = self._finish_file(fd, None, mode, uid, gid)
        node.nlink = 0
        return node

    @host_call
    def link(self, name: bytes, inode: Inode) -> None:
        self.check_writable()
        assert isinstance(inode, HostNode)
        fds = self.sb.fds
        held = fds.held(inode)
        if held is not None:
            os.link(b"/proc/self/fd/%d" % held, _check(name), dst_dir_fd=self._fd(), follow_symlinks=True)
        else:
            with self._steady() as fd:
                source_fd, source = fds.place(inode)
                os.link(source, _check(name), src_dir_fd=source_fd, dst_dir_fd=fd, follow_symlinks=False)
        inode.places[self, name] = None
        inode.nlink += 1
        inode.update()

    # Take away, move --------------------------------------------------------------------------------------------------

    def _forget(self, name: bytes, inode: HostNode) -> None:
        inode.places.pop((self, name), None)
        self.positions.pop(name, None)

    @host_call
    def unlink(self, name: bytes, inode: Inode) -> None:
        self.check_writable()
        assert isinstance(inode, HostNode)
        os.unlink(_check(name), dir_fd=self._fd())
        self._forget(name, inode)
        inode.nlink -= 1
        self._recount(inode)

    def _recount(self, inode: HostNode) -> None:
        """Where the file is open, the host knows how many names are left."""
        held = self.sb.fds.held(inode)
        if held is not None:
            inode.refresh(os.fstat(held))

    @host_call
    def rmdir(self, name: bytes, inode: Inode) -> None:
        self.check_writable()
        assert isinstance(inode, HostNode)
        os.rmdir(_check(name), dir_fd=self._fd())
        self._forget(name, inode)
        inode.nlink = 0

    @host_call
    def rename(
        self, name: bytes, inode: Inode, new_dir: Inode, new_name: bytes, target: Inode | None, flags: int
    ) -> None:
        """Raises EINVAL for a whiteout, and for an exchange where the host knows none."""
        self.check_writable()
        assert isinstance(inode, HostNode)
        assert isinstance(new_dir, HostDir)
        if flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE):
            raise EINVAL
        with new_dir._steady() as new_fd:
            host_calls.rename(self._fd(), _check(name), new_fd, _check(new_name), flags)
        self._forget(name, inode)
        if isinstance(target, HostNode) and flags & RENAME_EXCHANGE:
            new_dir._forget(new_name, target)
            target.places[self, name] = None
            target.update()
        elif isinstance(target, HostNode):
            new_dir._forget(new_name, target)
            target.nlink = 0 if target.is_dir else target.nlink - 1
            self._recount(target)
        inode.places[new_dir, new_name] = None
        inode.update()

    # List -------------------------------------------------------------------------------------------------------------

    @host_call
    def readdir(self, position: int) -> Iterator[Dirent]:
        if position <= 2 or not self.listing:
            self._scan()
        return self._listed(position)

    def _listed(self, position: int) -> Iterator[Dirent]:
        listing, positions = self.listing, self.positions
        for index in range(bisect_left(listing, (position,)), len(listing)):
            if positions.get(listing[index][1]) == listing[index][0]:
                yield listing[index]

    def _scan(self) -> None:
        """Read the directory; names that are new get positions after all others, in order of name."""
        fd = self.sb.fds.open(b".", _LIST, self._fd())
        try:
            with os.scandir(fd) as entries:
                found = {os.fsencode(entry.name): (entry.inode(), _dtype(entry)) for entry in entries}
        finally:
            os.close(fd)
        self.positions = {name: at for name, at in self.positions.items() if name in found}
        for name in sorted(found.keys() - self.positions.keys()):
            self.last_position += 1
            self.positions[name] = self.last_position
        self.listing = [(at, name, *found[name]) for name, at in self.positions.items()]

    @host_call
    def sync(self) -> None:
        if not self.sb.readonly:
            fd = self.sb.fds.open(b".", _LIST, self._fd())
            try:
                os.fsync(fd)
            finally:
                os.close(fd)


class StillHostDir(HostDir):
    """A directory that the host does not change while it is mounted: names that were looked up are remembered."""

    __slots__ = ()

    volatile = False


def _dtype(entry: os.DirEntry[str]) -> int:
    if entry.is_file(follow_symlinks=False):
        return DT_REG
    if entry.is_dir(follow_symlinks=False):
        return DT_DIR
    if entry.is_symlink():
        return DT_LNK
    try:
        return host_stat.S_IFMT(entry.stat(follow_symlinks=False).st_mode) >> 12
    except FileNotFoundError:
        return DT_UNKNOWN
