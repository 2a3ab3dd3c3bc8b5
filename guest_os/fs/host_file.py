"""Regular files of a mounted host directory."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from rvsim.guest_os.abi.errno import ENXIO
from rvsim.guest_os.abi.fcntl import FALLOC_FL_KEEP_SIZE, MAX_FILE_BYTES, O_ACCMODE, O_RDONLY
from rvsim.guest_os.fs.host_fds import guest_errno
from rvsim.guest_os.fs.host_node import HostNode, host_call
from rvsim.guest_os.vfs.inode import Inode
from rvsim.guest_os.vfs.regular_file import RegularFile

if TYPE_CHECKING:
    from rvsim.guest_os.vfs.credentials import Credentials
    from rvsim.guest_os.vfs.file import File
    from rvsim.guest_os.vfs.mount import Path


SMALL_READ = 1 << 16
"""So many bytes are asked for at once; for more, room is made only for what the file has."""


class HostFile(HostNode):
    """A regular file of the host, read and written in place.

    Differs: pages that a guest has mapped do not show what the host writes into the file meanwhile.
    """

    __slots__ = ()

    @property
    def size(self) -> int:
        fd = self.sb.fds.held(self)
        if fd is not None:
            self.last_size = self.sb.host.fstat(fd).st_size
        return self.last_size

    @size.setter
    def size(self, value: int) -> None:
        self.last_size = value

    def open(self, path: Path, flags: int, cred: Credentials) -> File:
        """Raises EACCES where the host does not let rvsim's user."""
        try:
            self.sb.fds.file(self, write=flags & O_ACCMODE != O_RDONLY)
        except OSError as error:
            raise guest_errno(error) from None
        return RegularFile(self, path, flags, cred)

    def map_target(self) -> Inode:
        return self

    def read_at(self, offset: int, size: int) -> bytes:
        if size <= SMALL_READ and offset + size < MAX_FILE_BYTES and self.mapping is None:
            try:
                return self.sb.host.pread(self.sb.fds.file(self), size, offset) if size > 0 else b""
            except OSError as error:
                raise guest_errno(error) from None
        return self._read_much(offset, size)

    @host_call
    def _read_much(self, offset: int, size: int) -> bytes:
        fd = self.sb.fds.file(self)
        left = self.sb.host.fstat(fd).st_size - offset
        if left <= 0 or size <= 0:
            return b""
        if self.mapping is not None:
            return self.mapping.read(offset, min(size, left))
        return self.sb.host.pread(fd, min(size, left), offset)

    @host_call
    def read_raw(self, offset: int, size: int) -> bytes:
        fd = self.sb.fds.file(self)
        left = self.sb.host.fstat(fd).st_size - offset
        return self.sb.host.pread(fd, min(size, left), offset) if left > 0 and size > 0 else b""

    @host_call
    def write_at(self, offset: int, data: bytes) -> int:
        self.check_writable()
        fd = self.sb.fds.file(self, write=True)
        written = self.sb.host.pwrite(fd, data, offset)
        if self.mapping is not None:
            self.mapping.write(offset, data[:written])
            self.refresh(self.sb.host.fstat(fd))
        return written

    @host_call
    def write_raw(self, offset: int, data: bytes) -> None:
        self.check_writable()
        fd = self.sb.fds.file(self, write=True)
        view = memoryview(data)
        while view:
            written = self.sb.host.pwrite(fd, view, offset)
            offset += written
            view = view[written:]
        self.refresh(self.sb.host.fstat(fd))

    @host_call
    def truncate(self, size: int) -> None:
        self.check_writable()
        fd = self.sb.fds.file(self, write=True)
        self.sb.host.ftruncate(fd, size)
        if self.mapping is not None:
            self.mapping.truncate(size)
        self.refresh(self.sb.host.fstat(fd))

    @host_call
    def fallocate(self, mode: int, offset: int, size: int) -> None:
        """Raises EOPNOTSUPP for what the host's file system does not serve."""
        self.check_writable()
        fd = self.sb.fds.file(self, write=True)
        self.sb.host.fallocate(fd, mode, offset, size)
        if self.mapping is not None:
            if mode & ~FALLOC_FL_KEEP_SIZE:
                self.mapping.zero(offset, offset + size)
            self.refresh(self.sb.host.fstat(fd))

    @host_call
    def seek_data(self, offset: int, hole: bool) -> int:
        whence = getattr(os, "SEEK_HOLE" if hole else "SEEK_DATA", None)
        if whence is None:
            return super().seek_data(offset, hole)
        fd = self.sb.fds.file(self)
        if offset >= self.sb.host.fstat(fd).st_size:
            raise ENXIO
        return self.sb.host.lseek(fd, offset, whence)

    @host_call
    def sync(self) -> None:
        fd = self.sb.fds.held(self)
        if fd is not None and not self.sb.readonly:
            self.sb.host.fsync(fd)
