"""Host descriptors behind the inodes of a mounted host directory.

A file of the host is reached in one way only: `openat` from the descriptor of its directory, by one name, without
following a symbolic link, and the descriptor counts only if it is of the very inode that was looked up. So neither `..`
nor a link nor a directory that the host moves away while the guest walks can lead out of the mounted tree.

Descriptors are kept for the directories and files that were used last, and for every file that the guest has open.
"""

from __future__ import annotations

import errno
import os
import stat as host_stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

from rvsim.guest_os.abi.errno import EACCES, EIO, ENFILE, ESTALE, Errno
from rvsim.guest_os.fs.host_os import HOST, HostOs

if TYPE_CHECKING:
    from rvsim.guest_os.fs.host_node import HostNode

_KEPT_FREE = 16
_LOOK_FDS = 64
_O_PATH = getattr(os, "O_PATH", os.O_RDONLY)
_NOFOLLOW = os.O_NOFOLLOW | os.O_CLOEXEC
DIRECTORY_FLAGS = _O_PATH | os.O_DIRECTORY | _NOFOLLOW
LISTING_FLAGS = os.O_RDONLY | os.O_DIRECTORY | _NOFOLLOW
FILE_FLAGS = os.O_NONBLOCK | os.O_NOCTTY | _NOFOLLOW
_GUEST = {getattr(errno, kind.__name__): kind for kind in Errno.__subclasses__() if hasattr(errno, kind.__name__)}

Key = tuple[int, int]
"""(st_dev, st_ino): what an inode of the host is known by."""


def guest_errno(error: OSError) -> Errno:
    """The guest's errno for the host's, by name: the numbers of hosts differ."""
    if error.errno == errno.EMFILE:
        return ENFILE()
    return _GUEST.get(error.errno or 0, EIO)()


def key_of(st: os.stat_result) -> Key:
    """What the inode of `st` is known by."""
    return st.st_dev, st.st_ino


class HostFds:
    """The descriptors of one mounted host directory; `limit` of each kind when the guest has nothing open.

    A snapshot of the machine carries none: they are opened again when they are needed.

    Attributes:
        highest: of the descriptors that were not too high, since the limit of this process was looked at.
    """

    __slots__ = ("directories", "files", "highest", "host", "limit", "root_fd", "root_path")

    def __init__(self, root_path: bytes, limit: int = 128, host: HostOs = HOST) -> None:
        """`root_path`: a directory, followed to where it leads. Raises OSError."""
        self.directories: dict[HostNode, int] = {}
        self.files: dict[HostNode, tuple[int, bool]] = {}
        self.root_fd = -1
        self.host = host
        self.root_path = root_path
        self.limit = limit
        self.highest = 0
        self.root_fd = self._open_root()

    def __getstate__(self) -> tuple[bytes, int]:
        return self.root_path, self.limit

    def __setstate__(self, state: tuple[bytes, int]) -> None:
        self.__init__(*state)  # type: ignore[misc]

    def numbers(self) -> tuple[Any, ...]:
        """What is open, flat: the root, `highest`, a number of pairs (directory, descriptor), these, and (file,
        descriptor, whether it can be written) of every file. Means something only if the host is not live."""
        return (self.root_fd, self.highest, len(self.directories),
                *(part for pair in self.directories.items() for part in pair),
                *(part for node, (fd, writable) in self.files.items() for part in (node, fd, writable)))

    @classmethod
    def with_numbers(cls, root_path: bytes, limit: int, host: HostOs, numbers: Sequence[Any]) -> HostFds:
        """Descriptors of a host that is not live, as `numbers` told them. Nothing is asked."""
        fds = cls.__new__(cls)
        fds.root_path, fds.limit, fds.host = root_path, limit, host
        fds.root_fd, fds.highest, count, *rest = numbers
        fds.directories = dict(zip(rest[:2 * count:2], rest[1:2 * count:2], strict=True))
        files = rest[2 * count:]
        fds.files = {node: (fd, writable) for node, fd, writable in
                     zip(files[::3], files[1::3], files[2::3], strict=True)}
        return fds

    @contextmanager
    def untouched(self) -> Iterator[None]:
        """While this lasts, descriptors come and go as ever; then it is as if nobody had asked for one."""
        directories, files, highest = self.directories.copy(), self.files.copy(), self.highest
        self.limit += _LOOK_FDS
        try:
            yield
        finally:
            self.limit -= _LOOK_FDS
            for fd in {*self.directories.values(), *(fd for fd, _ in self.files.values())} - {
                    *directories.values(), *(fd for fd, _ in files.values())}:
                self.host.close(fd)
            self.directories, self.files, self.highest = directories, files, highest

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """Close every descriptor; none can be opened any more."""
        fds = [*self.directories.values(), *(fd for fd, _ in self.files.values()), self.root_fd]
        self.directories.clear()
        self.files.clear()
        self.root_fd = -1
        for fd in fds:
            if fd >= 0:
                self.host.close(fd)

    def _open_root(self) -> int:
        try:
            return self.host.open(self.root_path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except PermissionError:
            return self.host.open(self.root_path, _O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)

    # Directories ------------------------------------------------------------------------------------------------------

    def directory(self, node: HostNode) -> int:
        """A descriptor to use as `dir_fd`; it is good until the next call here.

        Raises:
            EACCES: the directory is of another file system of the host, which was not mounted.
            ESTALE: it is no longer where the guest found it.
            OSError: the host does not allow it.
        """
        if node.is_root:
            return self.root_fd
        if node.foreign:
            raise EACCES
        fd = self.directories.pop(node, None)
        if fd is None:
            fd = self._walk_to(node)
        self.directories[node] = fd
        return fd

    def _walk_to(self, node: HostNode) -> int:
        while True:
            chain: dict[HostNode, bytes] = {}
            here = node
            while not here.is_root and here not in self.directories:
                if here in chain or not here.places:
                    raise ESTALE
                parent, chain[here] = next(iter(here.places))
                here = parent
            fd = self.root_fd if here.is_root else self.directories[here]
            for child, name in reversed(chain.items()):
                found = self._open_directory(child, name, fd)
                if found is None:
                    child.forget_place(name)
                    break
                self._trim_directories(self.limit - 1)
                if child is node:
                    return found
                self.directories[child] = fd = found

    def _open_directory(self, node: HostNode, name: bytes, parent_fd: int) -> int | None:
        """Open to be read if the host allows that, so that it can be listed."""
        try:
            try:
                fd = self.open(name, LISTING_FLAGS, parent_fd)
            except PermissionError:
                fd = self.open(name, DIRECTORY_FLAGS, parent_fd)
        except (FileNotFoundError, NotADirectoryError):
            return None
        if key_of(self.host.fstat(fd)) == node.key:
            return fd
        self.host.close(fd)
        return None

    def _trim_directories(self, most: int) -> None:
        while len(self.directories) > most:
            self.host.close(self.directories.pop(next(iter(self.directories))))

    # Files ------------------------------------------------------------------------------------------------------------

    def held(self, node: HostNode) -> int | None:
        """The descriptor of a file if there is one already."""
        entry = self.files.get(node)
        return entry[0] if entry is not None else None

    def file(self, node: HostNode, *, write: bool = False) -> int:
        """A descriptor of a regular file, to read or to read and write; it is good until the next call here.

        Raises:
            ESTALE: it is no longer where the guest found it.
            OSError: the host does not allow it.
        """
        files = self.files
        entry = files.pop(node, None)
        if entry is None or (write and not entry[1]):
            try:
                fd = self._open_file(node, os.O_RDWR if write else os.O_RDONLY, entry)
            except (OSError, Errno):
                if entry is not None:
                    files[node] = entry
                raise
            if entry is not None:
                self.host.close(entry[0])
            entry = (fd, write)
            self.keep(node, fd, write)
        else:
            files[node] = entry
        return entry[0]

    def keep(self, node: HostNode, fd: int, writable: bool) -> None:
        """Take over the descriptor of a file, and close a number that were not used for long if there are too many."""
        self.files[node] = (fd, writable)
        if len(self.files) > self.limit:
            self._drop_idle(len(self.files) - self.limit * 3 // 4, node)

    def _drop_idle(self, count: int, newest: HostNode | None) -> None:
        idle = (node for node in self.files if not node.open_count and node is not newest)
        for node in tuple(islice(idle, count)):
            self.host.close(self.files.pop(node)[0])

    def drop(self, node: HostNode) -> None:
        """Close the descriptor of a file or directory, if there is one."""
        entry = self.files.pop(node, None)
        if entry is not None:
            self.host.close(entry[0])
        fd = self.directories.pop(node, None)
        if fd is not None:
            self.host.close(fd)

    def _open_file(self, node: HostNode, access: int, old: tuple[int, bool] | None) -> int:
        if old is not None:
            return self.open(b"/proc/self/fd/%d" % old[0], (access | FILE_FLAGS) & ~os.O_NOFOLLOW, None, keep=True)
        for parent, name in tuple(node.places):
            try:
                fd = self.open(name, access | FILE_FLAGS, self.directory(parent), keep=True)
            except FileNotFoundError:
                node.places.pop((parent, name), None)
                continue
            st = self.host.fstat(fd)
            if (st.st_dev, st.st_ino) == node.key and host_stat.S_ISREG(st.st_mode):
                return fd
            self.host.close(fd)
            node.places.pop((parent, name), None)
        raise ESTALE

    def open(self, name: bytes, flags: int, dir_fd: int | None, mode: int = 0, *, keep: bool = False) -> int:
        """`openat`; when there are too many, the descriptors that nobody needs now are given up first. Raises OSError.

        Those to `keep`, of the guest's open files, leave the last few to what needs one for a moment.
        """
        try:
            return self._open_below_limit(name, flags, mode, dir_fd)
        except OSError as error:
            if error.errno != errno.EMFILE:
                raise
        self._drop_idle(len(self.files), None)
        for node in [node for node, fd in self.directories.items() if fd != dir_fd]:
            self.host.close(self.directories.pop(node))
        if keep:
            return self._open_below_limit(name, flags, mode, dir_fd)
        return self.host.open(name, flags, mode, dir_fd=dir_fd)

    def _open_below_limit(self, name: bytes, flags: int, mode: int, dir_fd: int | None) -> int:
        if flags & os.O_CREAT and dir_fd is not None:
            self.host.close(self._not_too_high(self.host.dup(dir_fd)))       # or a file would be made, and not opened
        fd = self.host.open(name, flags, mode, dir_fd=dir_fd)
        return fd if fd <= self.highest else self._not_too_high(fd)

    def _not_too_high(self, fd: int) -> int:
        """Close it and raise EMFILE if it is one of the last few: the host gives the lowest that is free."""
        if fd >= _KEPT_FREE:
            limit = self.host.soft_limit()
            if limit is not None and fd >= max(limit - _KEPT_FREE, limit // 2):
                self.host.close(fd)
                raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        self.highest = max(self.highest, fd)
        return fd

    # Names ------------------------------------------------------------------------------------------------------------

    def place(self, node: HostNode) -> tuple[int, bytes]:
        """(descriptor of the directory, name) by which an inode is reached now; good until the next call here.

        Raises:
            ESTALE: it is no longer where the guest found it.
        """
        return self._find(node)[:2]

    def facts(self, node: HostNode) -> os.stat_result:
        """What the host says of an inode, found by a name of it. Raises ESTALE."""
        return self._find(node)[2]

    def _find(self, node: HostNode) -> tuple[int, bytes, os.stat_result]:
        for parent, name in tuple(node.places):
            fd = self.directory(parent)
            try:
                st = self.host.stat(name, dir_fd=fd, follow_symlinks=False)
                if key_of(st) == node.key:
                    return fd, name, st
            except FileNotFoundError:
                pass
            node.places.pop((parent, name), None)
        raise ESTALE
