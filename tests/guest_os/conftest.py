"""A machine-free world for the file system tests: clock, mount table, root tmpfs, one process's view."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rvsim.guest_os.abi.errno import Errno
from rvsim.guest_os.abi.fcntl import O_CREAT, O_RDONLY, O_RDWR, O_WRONLY
from rvsim.guest_os.fs.char_device import DeviceTable, register_memory_devices
from rvsim.guest_os.fs.devfs import DevFs
from rvsim.guest_os.fs.pipe import PipeFs
from rvsim.guest_os.fs.random import RandomSource
from rvsim.guest_os.fs.tmpfs import TmpFs
from rvsim.guest_os.vfs import attr, entries, namei
from rvsim.guest_os.vfs.credentials import Credentials
from rvsim.guest_os.vfs.file import File
from rvsim.guest_os.vfs.fs_context import FsContext
from rvsim.guest_os.vfs.inode import Stat
from rvsim.guest_os.vfs.mount import MountTable, Path
from rvsim.guest_os.vfs.open import open_file
from rvsim.guest_os.vfs.super_block import MountOptions, SuperBlock
from rvsim.tests.fake_clock import FakeClock


class World:
    """The tree of one machine, and short names for what a process does in it; root unless told otherwise."""

    def __init__(self, root: SuperBlock | None = None, umask: int = 0o022) -> None:
        self.clock = FakeClock()
        self.devices = DeviceTable()
        self.random = RandomSource(b"seed")
        register_memory_devices(self.devices, self.random)
        self.table = MountTable(self.devices)
        self.tmpfs = TmpFs(self.clock)
        self.table.register(self.tmpfs)
        self.table.register(DevFs(self.clock))
        self.root = self.table.mount_root(root or self.tmpfs.mount(b"none", MountOptions(b"mode=755")))
        self.context = FsContext(self.root, umask=umask)
        self.cred = Credentials()
        self.pipefs = PipeFs(self.clock, self.table)

    def user(self, uid: int, gid: int | None = None, groups: tuple[int, ...] = ()) -> Credentials:
        return Credentials(uid, uid if gid is None else gid, groups)

    def path(self, name: bytes, *, follow: bool = True, cred: Credentials | None = None) -> Path:
        return namei.lookup(self.context, cred or self.cred, name, follow=follow)

    def open(self, name: bytes, flags: int = O_RDONLY, mode: int = 0o644, cred: Credentials | None = None) -> File:
        return open_file(self.context, cred or self.cred, name, flags, mode)

    def write(self, name: bytes, data: bytes, flags: int = O_CREAT | O_WRONLY, mode: int = 0o644) -> None:
        file = self.open(name, flags, mode)
        assert file.write(data) == len(data)
        file.put()

    def read(self, name: bytes) -> bytes:
        file = self.open(name)
        data = file.read(1 << 24)
        file.put()
        return data

    def create(self, name: bytes, mode: int = 0o644) -> File:
        return self.open(name, O_CREAT | O_RDWR, mode)

    def mkdir(self, name: bytes, mode: int = 0o755, cred: Credentials | None = None) -> Path:
        return entries.mkdir(self.context, cred or self.cred, name, mode)

    def symlink(self, target: bytes, name: bytes) -> None:
        entries.symlink(self.context, self.cred, target, name)

    def link(self, old: bytes, new: bytes) -> None:
        entries.link(self.context, self.cred, old, new)

    def unlink(self, name: bytes, cred: Credentials | None = None) -> None:
        entries.unlink(self.context, cred or self.cred, name)

    def rmdir(self, name: bytes, cred: Credentials | None = None) -> None:
        entries.rmdir(self.context, cred or self.cred, name)

    def rename(self, old: bytes, new: bytes, flags: int = 0, cred: Credentials | None = None) -> None:
        entries.rename(self.context, cred or self.cred, old, new, flags=flags)

    def stat(self, name: bytes, *, follow: bool = True) -> Stat:
        return namei.Walk(self.context, self.cred).look(name, follow)

    def chmod(self, name: bytes, mode: int, cred: Credentials | None = None) -> None:
        attr.chmod(self.path(name), cred or self.cred, mode)

    def chown(self, name: bytes, uid: int, gid: int, cred: Credentials | None = None) -> None:
        attr.chown(self.path(name, follow=False), cred or self.cred, uid, gid)

    def chdir(self, name: bytes) -> None:
        self.context.cwd = namei.lookup_dir(self.context, self.cred, name)

    def parse_dirents(self, data: bytes) -> list[tuple[bytes, int, int]]:
        """See `parse_dirents`."""
        return parse_dirents(data)

    def names(self, name: bytes) -> list[bytes]:
        return [entry for entry, _, _ in self.dirents(name) if entry not in (b".", b"..")]

    def dirents(self, name: bytes) -> list[tuple[bytes, int, int]]:
        """(name, ino, DT_*) of every entry."""
        file = self.open(name)
        result = []
        while data := file.getdents64(4096):
            result += parse_dirents(data)
        file.put()
        return result

    def error(self, call: Callable[..., object], *args: object, **kwargs: object) -> type[Errno] | None:
        """The errno class that a call raises, None when it succeeds."""
        try:
            call(*args, **kwargs)
        except Errno as error:
            return type(error)
        return None


def parse_dirents(data: bytes) -> list[tuple[bytes, int, int]]:
    """(name, ino, DT_*) of each linux_dirent64 record."""
    result = []
    while data:
        ino = int.from_bytes(data[:8], "little")
        length = int.from_bytes(data[16:18], "little")
        assert length % 8 == 0
        result.append((data[19:length].split(b"\0")[0], ino, data[18]))
        data = data[length:]
    return result


@pytest.fixture
def world() -> World:
    """A fresh world."""
    return World()


@pytest.fixture
def make_world() -> type[World]:
    """To make worlds over other root file systems."""
    return World
