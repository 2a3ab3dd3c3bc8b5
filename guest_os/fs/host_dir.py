"""Directories of a mounted host directory."""

from __future__ import annotations

import errno
import os
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from rvsim.guest_os.abi.errno import EACCES, EINVAL, EOPNOTSUPP, EPERM, ESTALE
from rvsim.guest_os.abi.fcntl import RENAME_EXCHANGE, RENAME_NOREPLACE
from rvsim.guest_os.abi.stat import DT_LNK, DT_UNKNOWN, S_IFBLK, S_IFCHR, S_IFLNK, S_IFMT
from rvsim.guest_os.fs.host_fds import LISTING_FLAGS, guest_errno
from rvsim.guest_os.fs.host_node import HostNode, host_call
from rvsim.guest_os.vfs.inode import Dirent, Inode, Stat
from rvsim.guest_os.vfs.regular_file import DirectoryFile

if TYPE_CHECKING:
    from rvsim.guest_os.vfs.credentials import Credentials
    from rvsim.guest_os.vfs.file import File
    from rvsim.guest_os.vfs.mount import Path

_NEW_FILE = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK


_NO_NAMES = frozenset((b"", b".", b".."))


def _check(name: bytes) -> bytes:
    """A name is one step down, whoever asks. Raises EINVAL."""
    if name in _NO_NAMES or b"/" in name or b"\0" in name:
        raise EINVAL
    return name


class HostDir(HostNode):
    """A directory of the host. What the host does in it meanwhile shows at the next look.

    Attributes:
        entries: name to (position, name, ino, DT_*) as last read from the host, in rising position. A name keeps its
            position for readers as long as it is there.
        listing: the same in a list; None: to be made of `entries`.
    """

    __slots__ = ("entries", "last_position", "listing")

    volatile = True
    confirms = True

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.entries: dict[bytes, Dirent] = {}
        self.listing: list[Dirent] | None = None
        self.last_position = 1

    def _fd(self) -> int:
        return self.sb.fds.directory(self)

    @contextmanager
    def _steady(self) -> Iterator[int]:
        """A descriptor of this directory that stays good while another one is looked for."""
        host = self.sb.host
        fd = host.dup(self._fd())
        try:
            yield fd
        finally:
            host.close(fd)

    def update(self) -> None:
        fds = self.sb.fds
        fd = fds.root_fd if self.is_root else fds.directories.get(self)
        if fd is None:
            with suppress(ESTALE, EACCES):
                super().update()
            return
        try:
            self.refresh(self.sb.host.fstat(fd))
        except OSError:
            return

    def lookup(self, name: bytes) -> Inode:
        sb = self.sb
        try:
            st = sb.host.stat(_check(name), dir_fd=sb.fds.directory(self), follow_symlinks=False)
        except OSError as error:
            raise guest_errno(error) from None
        return sb.node(st, self, name)

    def confirm(self, names: list[bytes], inode: Inode) -> bool:
        """One look at the host for the whole path below: it is the known one if it leads to the known file.

        A directory between that the host has replaced, with the same file in it, shows when it is looked at itself.
        """
        assert isinstance(inode, HostNode)
        try:
            st = self.sb.host.stat(b"/".join(names), dir_fd=self._fd(), follow_symlinks=False)
        except (OSError, ESTALE, EACCES):
            return False
        if (st.st_dev, st.st_ino) != inode.key or st.st_mode & S_IFMT != inode.mode & S_IFMT:
            return False
        inode.refresh(st)
        return True

    def reach(self, names: list[bytes], directory: Inode, facts: bool) -> Inode | Stat | None:
        """One look for a name that was read in its directory: what the path below leads to is that file if it has the
        number that was read, and is on our device. Else nothing is known of where it leads.

        Who lists a directory and asks for the facts of each name gets no inode; who asks for others may ask again.
        """
        assert isinstance(directory, HostDir)
        sb = self.sb
        name = names[-1]
        entry = directory.entries.get(name)
        if directory is self:
            try:
                st = sb.host.stat(_check(name), dir_fd=sb.fds.directory(self), follow_symlinks=False)
            except OSError as error:
                raise guest_errno(error) from None
        else:
            if entry is None or entry[3] == DT_LNK or directory.dead:
                return None
            try:
                fd = sb.fds.root_fd if self.is_root else sb.fds.directory(self)
                st = sb.host.stat(b"/".join(names), dir_fd=fd, follow_symlinks=False)
            except (OSError, ESTALE, EACCES):
                return None
            if st.st_ino != entry[2] or st.st_dev != sb.root_dev or st.st_mode & S_IFMT == S_IFLNK:
                return None
        if facts and entry is not None:
            told = sb.facts(st)
            if told is not None:
                return told
        return sb.node(st, directory, name)

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
                sb.host.fchown(fd, sb.host_uid(uid), sb.host_gid(gid))
            sb.host.fchmod(fd, mode & 0o7777)
            node = sb.node(sb.host.fstat(fd), self, name)
        except OSError:
            sb.host.close(fd)
            raise
        sb.fds.drop(node)
        sb.fds.keep(node, fd, True)
        return node

    @host_call
    def mkdir(self, name: bytes, mode: int, uid: int, gid: int) -> Inode:
        self.check_writable()
        self.sb.host.mkdir(_check(name), 0o700, self._fd())
        return self._finish(name, mode, uid, gid)

    @host_call
    def mknod(self, name: bytes, mode: int, uid: int, gid: int, rdev: int) -> Inode:
        """FIFOs and sockets are made on the host too. Raises EPERM for device nodes."""
        self.check_writable()
        if mode & S_IFMT in (S_IFCHR, S_IFBLK):
            raise EPERM
        self.sb.host.mknod(_check(name), mode & S_IFMT | 0o600, self._fd())
        return self._finish(name, mode, uid, gid)

    @host_call
    def symlink(self, name: bytes, target: bytes, uid: int, gid: int) -> Inode:
        self.check_writable()
        if b"\0" in target:
            raise EINVAL
        self.sb.host.symlink(target, _check(name), self._fd())
        return self._finish(name, None, uid, gid)

    def _finish(self, name: bytes, mode: int | None, uid: int, gid: int) -> Inode:
        sb = self.sb
        if sb.may_chown:
            sb.host.chown(name, sb.host_uid(uid), sb.host_gid(gid), self._fd())
        node = sb.node(sb.host.stat(name, dir_fd=self._fd(), follow_symlinks=False), self, name)
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
            self.sb.host.link_open(held, _check(name), self._fd())
        else:
            with self._steady() as fd:
                source_fd, source = fds.place(inode)
                self.sb.host.link(source, source_fd, _check(name), fd)
        inode.places[self, name] = None
        inode.nlink += 1
        inode.update()

    # Take away, move --------------------------------------------------------------------------------------------------

    def _forget(self, name: bytes, inode: HostNode) -> None:
        inode.places.pop((self, name), None)
        if self.entries.pop(name, None) is not None:
            self.listing = None

    @host_call
    def unlink(self, name: bytes, inode: Inode) -> None:
        self.check_writable()
        assert isinstance(inode, HostNode)
        self.sb.host.unlink(_check(name), self._fd())
        self._forget(name, inode)
        inode.nlink -= 1
        self._recount(inode)

    def _recount(self, inode: HostNode) -> None:
        """Where the file is open, the host knows how many names are left."""
        held = self.sb.fds.held(inode)
        if held is not None:
            inode.refresh(self.sb.host.fstat(held))

    @host_call
    def rmdir(self, name: bytes, inode: Inode) -> None:
        self.check_writable()
        assert isinstance(inode, HostNode)
        self.sb.host.rmdir(_check(name), self._fd())
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
            self.sb.host.rename(self._fd(), _check(name), new_fd, _check(new_name), flags)
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

    def open(self, path: Path, flags: int, cred: Credentials) -> File:
        with suppress(OSError, ESTALE, EACCES):
            self._fd()                     # whoever opens it will look at it, and be told then what the host says
        return DirectoryFile(self, path, flags, cred)

    def readdir(self, position: int) -> Iterable[Dirent]:
        if position <= 2 or not self.entries:
            try:
                self._scan()
            except OSError as error:
                raise guest_errno(error) from None
        listing = self.listing
        if listing is None:
            listing = self.listing = list(self.entries.values())
        return listing[bisect_left(listing, (position,)):] if position > 2 else listing

    def _scan(self) -> None:
        """Read the directory; names that are new get positions after all others, in order of name."""
        now = {entry[0]: entry for entry in self._listed()}
        before, entries = self.entries, {}
        for name, old in before.items():
            if name in now:
                entries[name] = (old[0], *now[name])
        at = self.last_position
        for name in sorted(now.keys() - before.keys() if before else now):
            at += 1
            entries[name] = (at, *now[name])
        self.last_position = at
        self.entries = entries
        self.listing = None

    def read_again(self) -> None:
        """Believe nothing of `entries` but the positions, which readers may be at: they come from a snapshot."""
        self.entries = {
            name: (old[0], name, 0, DT_UNKNOWN) for name, old in self.entries.items()
            if isinstance(old, tuple) and old and isinstance(old[0], int) and old[0] <= self.last_position
        }
        try:
            self._scan()
        except (OSError, ESTALE, EACCES):
            self.entries = {}
            self.listing = None

    def _listed(self) -> list[tuple[bytes, int, int]]:
        """What the host has in it now: (name, ino, DT_*). Raises OSError."""
        host = self.sb.host
        try:
            return host.scan(self._fd())
        except OSError as error:
            if error.errno != errno.EBADF:
                raise
        fd = self.sb.fds.open(b".", LISTING_FLAGS, self._fd())      # it could not be read when it was opened
        try:
            return host.scan(fd)
        finally:
            host.close(fd)

    @host_call
    def sync(self) -> None:
        if not self.sb.readonly:
            fd = self.sb.fds.open(b".", LISTING_FLAGS, self._fd())
            try:
                self.sb.host.fsync(fd)
            finally:
                self.sb.host.close(fd)


class StillHostDir(HostDir):
    """A directory that the host does not change while it is mounted: names that were looked up are remembered."""

    __slots__ = ()

    volatile = False
    confirms = False
