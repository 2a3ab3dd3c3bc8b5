"""devfs: /dev, a tmpfs that comes with its nodes. drivers/base/devtmpfs.c"""

from __future__ import annotations

from rvsim.guest_os.abi.stat import S_IFCHR
from rvsim.guest_os.fs.char_device import CONSOLE, FULL, NULL, PTMX, RANDOM, TTY, URANDOM, ZERO
from rvsim.guest_os.fs.tmpfs import MemSuperBlock, PagePool
from rvsim.guest_os.vfs.clock import Clock
from rvsim.guest_os.vfs.super_block import FileSystemType, MountOptions

_NODES = (
    (b"null", 0o666, NULL), (b"zero", 0o666, ZERO), (b"full", 0o666, FULL), (b"random", 0o666, RANDOM),
    (b"urandom", 0o666, URANDOM), (b"tty", 0o666, TTY), (b"console", 0o600, CONSOLE), (b"ptmx", 0o666, PTMX),
)  # fmt: skip
_LINKS = (
    (b"fd", b"/proc/self/fd"), (b"stdin", b"/proc/self/fd/0"), (b"stdout", b"/proc/self/fd/1"),
    (b"stderr", b"/proc/self/fd/2"),
)  # fmt: skip


class DevFs(FileSystemType):
    """The device nodes. One instance per machine: every mount shows the same."""

    name = "devtmpfs"

    def __init__(self, clock: Clock, pool: PagePool | None = None) -> None:
        self.sb = MemSuperBlock(self.name, clock, mode=0o755, options=b",mode=755", pool=pool)
        self.sb.kept = True
        root = self.sb.root.inode
        for node, mode, rdev in _NODES:
            root.mknod(node, S_IFCHR | mode, 0, 0, rdev)
        for link, target in _LINKS:
            root.symlink(link, target, 0, 0)
        root.mkdir(b"pts", 0o040755, 0, 0)
        root.mkdir(b"shm", 0o041777, 0, 0)
        root.mkdir(b"mqueue", 0o041777, 0, 0)

    def mount(self, source: bytes, options: MountOptions) -> MemSuperBlock:
        return self.sb
