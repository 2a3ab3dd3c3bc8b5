"""The inode: what every file is to the VFS, with Linux's errno for every operation a file system does not serve.

A file system subclasses `Inode` and writes only what it supports. Path walk, mounts, permissions, symlinks and the
cache of names are the VFS's; an inode method runs after these have been checked.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from rvsim.guest_os.abi.errno import (
    EACCES,
    EINVAL,
    EISDIR,
    ENODEV,
    ENOTDIR,
    ENOTTY,
    ENXIO,
    EOPNOTSUPP,
    EPERM,
)
from rvsim.guest_os.abi.stat import S_IFDIR, S_IFMT, S_IFREG
from rvsim.guest_os.vfs.permission import check_mode
from rvsim.guest_os.vfs.regular_file import DirectoryFile, RegularFile

if TYPE_CHECKING:
    from rvsim.guest_os.vfs.credentials import Credentials
    from rvsim.guest_os.vfs.file import File
    from rvsim.guest_os.vfs.locks import FileLocks
    from rvsim.guest_os.vfs.mapping import PageMapping
    from rvsim.guest_os.vfs.mount import Path
    from rvsim.guest_os.vfs.super_block import SuperBlock

Dirent = tuple[int, bytes, int, int]
"""(position, name, ino, DT_*) of an entry; reading goes on at position + 1."""


class Stat(NamedTuple):
    """What stat and statx tell; times in ns, `dev` and `rdev` encoded as `makedev` does, `blocks` of 512 bytes."""

    dev: int
    ino: int
    mode: int
    nlink: int
    uid: int
    gid: int
    rdev: int
    size: int
    blksize: int
    blocks: int
    atime_ns: int
    mtime_ns: int
    ctime_ns: int
    btime_ns: int


class Inode:
    """A file, directory, link, device, FIFO or socket. include/linux/fs.h:inode

    `mode` holds type and permission bits. `open_count` counts open file descriptions (memory maps hold one too);
    `writers` is positive for open writers, negative while executed. `special` is the FIFO's or socket's live part.
    `dead` is a directory that was removed; `linkable` a file without a name (O_TMPFILE) that link may give one.
    """

    __slots__ = (
        "__weakref__", "atime_ns", "btime_ns", "ctime_ns", "dead", "gid", "ino", "linkable", "locks", "mapping", "mode",
        "mtime_ns", "nlink", "open_count", "rdev", "sb", "size", "special", "uid", "writers",
    )  # fmt: skip

    has_btime = True
    """`btime_ns` is when the file was made; without, statx does not tell it."""

    volatile = False
    """A directory whose names come and go by themselves: a cached name is looked up again each time."""

    knows_exclusive = False
    """`open` is told of O_EXCL, which means something here for what exists already."""

    closed = False
    """A directory in which nobody makes names: one that is not found is ENOENT, whatever was to be done with it."""

    confirms = False
    """A volatile directory that can check several names at once, see `confirm` and `reach`; its mode bits are all that
    keeps anybody from searching it."""

    def __init__(self, sb: SuperBlock, mode: int, uid: int = 0, gid: int = 0, *, ino: int = 0, rdev: int = 0) -> None:
        self.sb = sb
        self.ino = ino or sb.new_ino()
        self.mode = mode
        self.uid = uid
        self.gid = gid
        self.nlink = 2 if mode & S_IFMT == S_IFDIR else 1
        self.rdev = rdev
        self.size = 0
        self.atime_ns = self.mtime_ns = self.ctime_ns = self.btime_ns = sb.clock.realtime_ns()
        self._begin()

    def _begin(self) -> None:
        """What no inode has at first; for a subclass that takes all the facts from elsewhere."""
        self.mapping: PageMapping | None = None
        self.locks: FileLocks | None = None
        self.special: Any = None
        self.open_count = 0
        self.writers = 0
        self.dead = False
        self.linkable = False

    # Facts -----------------------------------------------------------------------------------------------------------

    @property
    def is_dir(self) -> bool:
        """Whether this is a directory."""
        return self.mode & S_IFMT == S_IFDIR

    @property
    def dtype(self) -> int:
        """The DT_* of directory entries. include/linux/fs_types.h:S_DT"""
        return self.mode >> 12 & 0o17

    def stat(self) -> Stat:
        """The facts of stat(2). fs/stat.c:generic_fillattr"""
        return Stat(
            self.sb.dev, self.ino, self.mode, self.nlink, self.uid, self.gid, self.rdev, self.size, self.sb.block_size,
            self.blocks(), self.atime_ns, self.mtime_ns, self.ctime_ns, self.btime_ns,
        )  # fmt: skip

    def stat_as_found(self) -> Stat:
        """The facts of an inode that `lookup` or `confirm` of a volatile directory gave a moment ago."""
        return self.stat()

    def blocks(self) -> int:
        """Space in use, in units of 512 bytes."""
        return (self.size + 511) >> 9 if self.mode & S_IFMT == S_IFREG else 0

    def permission(self, cred: Credentials, mask: int) -> None:
        """Check `mask` (R_OK | W_OK | X_OK). fs/namei.c:generic_permission

        Raises:
            EACCES: the mode does not allow it and no capability does.
        """
        check_mode(self, cred, mask)

    # Directories ------------------------------------------------------------------------------------------------------

    def _no_entries(self, missing: type[Exception]) -> Exception:
        return missing() if self.is_dir else ENOTDIR()

    def lookup(self, name: bytes) -> Inode:
        """The inode that `name` is in this directory.

        Raises:
            ENOENT: there is none.
            ENOTDIR: this is no directory.
        """
        raise ENOTDIR

    def confirm(self, names: list[bytes], inode: Inode) -> bool:
        """Whether `names`, one after the other from this directory on, still lead to `inode`, whose facts it renews."""
        return False

    def reach(self, names: list[bytes], directory: Inode, facts: bool) -> Inode | Stat | None:
        """What `names` lead to, one after the other from this directory on, when the last is not known yet.

        `directory`: what the names before it led to, of this file system; this one itself if there are none.
        `facts`: nothing but the facts is asked for, so for what is neither a directory nor a link no inode is needed.
        None: it cannot be said at one look, and each name is to be looked up by itself.
        Raises what `lookup` raises, for a single name.
        """
        return None

    def create(self, name: bytes, mode: int, uid: int, gid: int) -> Inode:
        """Make a regular file; `mode` is final and has its type."""
        raise self._no_entries(EACCES)

    def mkdir(self, name: bytes, mode: int, uid: int, gid: int) -> Inode:
        """Make a directory."""
        raise self._no_entries(EPERM)

    def mknod(self, name: bytes, mode: int, uid: int, gid: int, rdev: int) -> Inode:
        """Make a device node, FIFO or socket."""
        raise self._no_entries(EPERM)

    def symlink(self, name: bytes, target: bytes, uid: int, gid: int) -> Inode:
        """Make a symbolic link."""
        raise self._no_entries(EPERM)

    def link(self, name: bytes, inode: Inode) -> None:
        """Make `name` another name of `inode`, which is of the same superblock and no directory."""
        raise self._no_entries(EPERM)

    def unlink(self, name: bytes, inode: Inode) -> None:
        """Take away the name of `inode`, which is no directory."""
        raise self._no_entries(EPERM)

    def rmdir(self, name: bytes, inode: Inode) -> None:
        """Take away the directory `inode`.

        Raises:
            ENOTEMPTY: it has entries.
        """
        raise self._no_entries(EPERM)

    def rename(
        self, name: bytes, inode: Inode, new_dir: Inode, new_name: bytes, target: Inode | None, flags: int
    ) -> None:
        """Move `inode` to `new_name` in `new_dir` (same superblock), over `target` or, by flag, in exchange for it.

        Raises:
            ENOTEMPTY: `target` is a directory that has entries.
            EINVAL: a flag that this file system does not serve.
        """
        raise self._no_entries(EPERM)

    def tmpfile(self, mode: int, uid: int, gid: int) -> Inode:
        """Make a regular file that has no name (nlink 0)."""
        raise EOPNOTSUPP

    def readdir(self, position: int) -> Iterable[Dirent]:
        """The entries from `position` (at least 2) on, in rising position; `.` and `..` are the VFS's (0 and 1).

        A position stays valid while other names come and go: no entry that stays is shown twice or left out.
        """
        raise ENOTDIR

    # Links ------------------------------------------------------------------------------------------------------------

    def readlink(self) -> bytes:
        """The text of this symbolic link.

        Raises:
            EINVAL: this is none.
        """
        raise EINVAL

    def follow(self) -> bytes | Path:
        """Where path walk goes on: a text, or the place itself (the links of procfs)."""
        return self.readlink()

    # Open files and data ----------------------------------------------------------------------------------------------

    def open(self, path: Path, flags: int, cred: Credentials) -> File:
        """An open file description of this inode; permissions are checked.

        Raises:
            ENXIO: a device, FIFO or socket that nothing here serves.
        """
        kind = self.mode & S_IFMT
        if kind == S_IFREG:
            return RegularFile(self, path, flags, cred)
        if kind == S_IFDIR:
            return DirectoryFile(self, path, flags, cred)
        raise ENXIO

    def read_at(self, offset: int, size: int) -> bytes:
        """Up to `size` bytes from `offset`, fewer only at the end of the file."""
        raise EISDIR if self.is_dir else EINVAL

    def write_at(self, offset: int, data: bytes) -> int:
        """Store `data` at `offset` and return how many bytes were stored (fewer when space ends).

        Raises:
            ENOSPC: no space for the first byte.
        """
        raise EISDIR if self.is_dir else EINVAL

    def read_raw(self, offset: int, size: int) -> bytes:
        """As `read_at`, but what the file system itself holds, past `mapping`; the page cache fills its pages so."""
        raise EINVAL

    def write_raw(self, offset: int, data: bytes) -> None:
        """Where the page cache puts a page back; changes neither size nor times."""
        raise EINVAL

    def resident(self, index: int) -> bool:
        """Whether page `index` of 4,096 bytes is in memory, whoever maps it: what mincore says."""
        return False

    def charge(self, offset: int, size: int) -> None:
        """Reserve the blocks of a range before a page of it becomes writable in a shared mapping.

        Raises:
            ENOSPC: there are not enough.
        """

    def map_target(self) -> Inode | None:
        """The inode whose pages a memory map of this one shows; None: anonymous memory.

        Raises:
            ENODEV: files of this kind cannot be mapped.
        """
        raise ENODEV

    def check_shared_map(self, write: bool) -> bool:
        """Whether a shared map of this file, which begins now, may ever be written; `write`: it is to be from now on.

        Raises:
            EPERM: it may not.
        """
        return True

    def truncate(self, size: int) -> None:
        """Make the file `size` bytes long; what is added reads as zeros."""
        raise EISDIR if self.is_dir else EINVAL

    def fallocate(self, mode: int, offset: int, size: int) -> None:
        """Reserve, punch or zero a range. Raises EOPNOTSUPP by default."""
        raise EOPNOTSUPP

    def seek_data(self, offset: int, hole: bool) -> int:
        """The next offset from `offset` (below the size) on that holds data, or a hole (the end is one).

        Raises:
            ENXIO: no data there or later.
        """
        return self.size if hole else offset

    def sync(self) -> None:
        """Bring data and facts to the medium."""

    def ioctl(self, file: File, request: int, arg: Any) -> int:
        """A request to this file. Raises ENOTTY by default."""
        raise ENOTTY

    def evict(self) -> None:
        """The last name and the last open file are gone: give back what the data used."""

    # Facts that change ------------------------------------------------------------------------------------------------

    def set_mode(self, mode: int) -> None:
        """Set the permission bits (07777) of `mode`."""
        self.mode = self.mode & S_IFMT | mode & ~S_IFMT
        self.ctime_ns = self.sb.clock.realtime_ns()

    def set_owner(self, uid: int, gid: int, mode: int) -> None:
        """Set owner and group, and the permission bits with them."""
        self.uid = uid
        self.gid = gid
        self.mode = self.mode & S_IFMT | mode & ~S_IFMT
        self.ctime_ns = self.sb.clock.realtime_ns()

    def set_times(self, atime_ns: int | None, mtime_ns: int | None) -> None:
        """Set the times that are not None."""
        if atime_ns is not None:
            self.atime_ns = atime_ns
        if mtime_ns is not None:
            self.mtime_ns = mtime_ns
        self.ctime_ns = self.sb.clock.realtime_ns()

    def touch_atime(self) -> None:
        """Note a read; a file system that keeps no times does nothing."""
        self.atime_ns = self.sb.clock.realtime_ns()

    # Extended attributes ----------------------------------------------------------------------------------------------

    def getxattr(self, name: bytes) -> bytes:
        """The value of `name`. Raises ENODATA if it has none, EOPNOTSUPP if this kind of name is not kept."""
        raise EOPNOTSUPP

    def setxattr(self, name: bytes, value: bytes, flags: int) -> None:
        """Set `name`; XATTR_CREATE gives EEXIST, XATTR_REPLACE ENODATA."""
        raise EOPNOTSUPP

    def listxattr(self) -> list[bytes]:
        """The names, in order of their making."""
        return []

    def removexattr(self, name: bytes) -> None:
        """Take `name` away. Raises ENODATA if there is none."""
        raise EOPNOTSUPP
