"""Open regular files and directories, over their inode. mm/filemap.c, fs/read_write.c, fs/readdir.c"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from rvsim.guest_os.abi.errno import EBADF, EFBIG, EINVAL, EISDIR, ENODEV, ENOENT, ENXIO, EOPNOTSUPP, ETXTBSY
from rvsim.guest_os.abi.fcntl import (
    FALLOC_FL_COLLAPSE_RANGE,
    FALLOC_FL_INSERT_RANGE,
    FALLOC_FL_KEEP_SIZE,
    FALLOC_FL_PUNCH_HOLE,
    FALLOC_FL_UNSHARE_RANGE,
    FALLOC_FL_ZERO_RANGE,
    MAX_FILE_BYTES,
    MS_NOATIME,
    MS_NODIRATIME,
    MS_STRICTATIME,
    O_APPEND,
    O_NOATIME,
    SEEK_CUR,
    SEEK_DATA,
    SEEK_END,
    SEEK_HOLE,
    SEEK_SET,
)
from rvsim.guest_os.abi.stat import DT_DIR
from rvsim.guest_os.vfs.file import File
from rvsim.guest_os.vfs.permission import killed_privileges

if TYPE_CHECKING:
    from rvsim.guest_os.vfs.credentials import Credentials
    from rvsim.guest_os.vfs.inode import Inode
    from rvsim.guest_os.vfs.mount import Path

_FALLOCATE_MODES = {
    0: (0, FALLOC_FL_KEEP_SIZE), FALLOC_FL_UNSHARE_RANGE: (0, FALLOC_FL_KEEP_SIZE),
    FALLOC_FL_ZERO_RANGE: (0, FALLOC_FL_KEEP_SIZE), FALLOC_FL_PUNCH_HOLE: (FALLOC_FL_KEEP_SIZE,),
    FALLOC_FL_COLLAPSE_RANGE: (0,), FALLOC_FL_INSERT_RANGE: (0,),
}  # fmt: skip
"""What each mode of fallocate may be asked with."""

_DIRENT = struct.Struct("<QqHB")
_RECORDS: dict[int, struct.Struct] = {}
"""A linux_dirent64 of so many bytes, with its name and NULs up to its end."""


def check_fallocate(mode: int, offset: int, size: int) -> None:
    """What fallocate asks for makes sense at all. fs/open.c:vfs_fallocate

    Raises:
        EINVAL: a negative or empty range.
        EOPNOTSUPP: unknown modes, or modes that do not go together.
    """
    if offset < 0 or size <= 0:
        raise EINVAL
    if mode & FALLOC_FL_KEEP_SIZE not in _FALLOCATE_MODES.get(mode & ~FALLOC_FL_KEEP_SIZE, ()):
        raise EOPNOTSUPP


class RegularFile(File):
    """A file of bytes at offsets.

    Differs: with relatime (the default) an access time older than 24 hours is not renewed by that alone.
    """

    __slots__ = ("keeps_atime", "strict")

    seekable = True
    splice_read = splice_write = True

    def __init__(self, inode: Inode, path: Path, flags: int, cred: Credentials) -> None:
        """Raises ETXTBSY for writing while it is executed."""
        super().__init__(inode, path, flags, cred)
        if self.writable:
            if inode.writers < 0:
                inode.open_count -= 1
                path.mount.opens -= 1
                raise ETXTBSY
            inode.writers += 1
            path.mount.writers += 1
        mount = path.mount
        self.keeps_atime = not mount.flags & MS_NOATIME and not mount.readonly
        self.strict = bool(mount.flags & MS_STRICTATIME)

    def release(self) -> None:
        if self.writable:
            self.inode.writers -= 1
            self.path.mount.writers -= 1
        super().release()

    def read(self, size: int) -> bytes:
        if not self.readable:
            raise EBADF
        inode = self.inode
        data = inode.read_at(self.offset, size)
        self.offset += len(data)
        if (
            (inode.atime_ns <= inode.mtime_ns or inode.atime_ns <= inode.ctime_ns or self.strict)
            and self.keeps_atime
            and not self.flags & O_NOATIME
        ):
            inode.touch_atime()
        return data

    def pread(self, size: int, offset: int) -> bytes:
        if offset < 0:
            raise EINVAL
        if not self.readable:
            raise EBADF
        inode = self.inode
        if (
            (inode.atime_ns <= inode.mtime_ns or inode.atime_ns <= inode.ctime_ns or self.strict)
            and self.keeps_atime
            and not self.flags & O_NOATIME
        ):
            inode.touch_atime()
        return inode.read_at(offset, size)

    def write(self, data: bytes) -> int:
        if not self.writable:
            raise EBADF
        if not data:
            return 0
        inode = self.inode
        offset = inode.size if self.flags & O_APPEND else self.offset
        written = self._store(offset, data)
        self.offset = offset + written
        return written

    def pwrite(self, data: bytes, offset: int) -> int:
        # With O_APPEND Linux's pwrite appends too (pwrite(2), BUGS).
        if offset < 0:
            raise EINVAL
        if not self.writable:
            raise EBADF
        return self._store(self.inode.size if self.flags & O_APPEND else offset, data)

    def _store(self, offset: int, data: bytes) -> int:
        if not data:
            return 0
        inode = self.inode
        limit = inode.sb.max_bytes
        if offset + len(data) > limit:
            if offset >= limit:
                raise EFBIG
            data = data[: limit - offset]
        if inode.mode & 0o6000:
            self._drop_privileges()
        return inode.write_at(offset, data)

    def _drop_privileges(self) -> None:
        """Who changes a program takes its set-id bits. fs/inode.c:file_remove_privs"""
        inode = self.inode
        kill = killed_privileges(inode, self.path.mount.table.acting(self.cred))
        if kill:
            inode.set_mode(inode.mode & ~kill & 0o7777)

    def seek(self, offset: int, whence: int) -> int:
        if whence == SEEK_SET:
            target = offset
        elif whence == SEEK_CUR:
            target = self.offset + offset
        elif whence == SEEK_END:
            target = self.inode.size + offset
        elif whence in (SEEK_DATA, SEEK_HOLE):
            if offset < 0 or offset >= self.inode.size:
                raise ENXIO
            target = self.inode.seek_data(offset, whence == SEEK_HOLE)
        else:
            raise EINVAL
        if target < 0 or target > self.inode.sb.max_bytes:
            raise EINVAL
        self.offset = target
        return target

    def truncate(self, size: int) -> None:
        if size < 0 or not self.writable:
            raise EINVAL
        if size > self.inode.sb.max_bytes:
            raise EFBIG
        inode = self.inode
        if inode.mode & 0o6000:
            self._drop_privileges()
        inode.truncate(size)

    def fallocate(self, mode: int, offset: int, size: int) -> None:
        check_fallocate(mode, offset, size)
        if not self.writable:
            raise EBADF
        if offset + size > self.inode.sb.max_bytes:
            raise EFBIG
        self.inode.fallocate(mode, offset, size)
        if self.inode.mode & 0o6000:
            self._drop_privileges()

    def sync(self) -> None:
        self.inode.sync()


class DirectoryFile(File):
    """An open directory. Its offset is a position as `Inode.readdir` knows them: 0 is `.`, 1 is `..`."""

    __slots__ = ()

    seekable = True

    def read(self, size: int) -> bytes:
        raise EISDIR

    def pread(self, size: int, offset: int) -> bytes:
        raise EISDIR

    def write(self, data: bytes) -> int:
        raise EBADF

    def pwrite(self, data: bytes, offset: int) -> int:
        raise EBADF

    def seek(self, offset: int, whence: int) -> int:
        if whence == SEEK_CUR:
            offset += self.offset
        elif whence != SEEK_SET:
            raise EINVAL
        if not 0 <= offset <= MAX_FILE_BYTES:
            raise EINVAL
        self.offset = offset
        return offset

    def getdents64(self, size: int) -> bytes:
        inode = self.inode
        if inode.dead:
            raise ENOENT
        records: list[bytes] = []
        room = size
        position = self.offset
        if position < 2:
            parent = self.path.dentry.parent or self.path.dentry
            dots = ((0, b".", inode.ino), (1, b"..", parent.inode.ino))
            for at, name, ino in dots[position:]:
                if room < 24:
                    break
                records.append(_DIRENT.pack(ino, at + 1, 24, DT_DIR) + name.ljust(5, b"\0"))
                room -= 24
                position = at + 1
        if position >= 2:
            for at, name, ino, dtype in inode.readdir(position):
                length = len(name) + 27 & ~7       # 19 bytes of header, the name and its NUL, rounded up to 8
                if room < length:
                    break
                record = _RECORDS.get(length)
                if record is None:
                    record = _RECORDS[length] = struct.Struct(f"<QqHB{length - 19}s")
                records.append(record.pack(ino, at + 1, length, dtype, name))
                room -= length
                position = at + 1
            else:
                self._accessed()
                self.offset = position
                return b"".join(records)
        if not records:
            raise EINVAL
        self._accessed()
        self.offset = position
        return b"".join(records)

    def _accessed(self) -> None:
        inode = self.inode
        mount = self.path.mount
        if mount.flags & (MS_NOATIME | MS_NODIRATIME) or mount.readonly or self.flags & O_NOATIME:
            return
        if inode.atime_ns <= inode.mtime_ns or inode.atime_ns <= inode.ctime_ns or mount.flags & MS_STRICTATIME:
            inode.touch_atime()

    def fallocate(self, mode: int, offset: int, size: int) -> None:
        check_fallocate(mode, offset, size)
        raise EBADF if not self.writable else ENODEV

    def sync(self) -> None:
        self.inode.sync()
