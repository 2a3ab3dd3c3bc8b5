"""A file system's type, and one mounted instance of it. include/linux/fs.h:file_system_type, super_block"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from rvsim.guest_os.abi.errno import EINVAL
from rvsim.guest_os.abi.fcntl import MAX_FILE_BYTES, NAME_MAX
from rvsim.guest_os.vfs.clock import Clock
from rvsim.guest_os.vfs.dentry import Dentry
from rvsim.guest_os.vfs.inode import Inode
from rvsim.guest_os.vfs.notify import Watch

_SUFFIX = {b"k": 10, b"m": 20, b"g": 30, b"t": 40}


@dataclass(frozen=True, slots=True)
class StatFs:
    """What statfs tells; counts in blocks of `bsize`."""

    type: int
    bsize: int
    blocks: int
    bfree: int
    bavail: int
    files: int
    ffree: int
    namelen: int
    fsid: int = 0
    flags: int = 0


class MountOptions:
    """The comma-separated options of mount(2): `size=1m,mode=0755,noswap`."""

    __slots__ = ("values",)

    def __init__(self, text: bytes = b"") -> None:
        self.values: dict[bytes, bytes] = {}
        for item in text.split(b","):
            key, _, value = item.partition(b"=")
            if key:
                self.values[key] = value

    def only(self, *known: str) -> None:
        """Check the names. Raises EINVAL for one that is not `known`."""
        if not self.values.keys() <= {name.encode() for name in known}:
            raise EINVAL

    def text(self, name: str, default: bytes = b"") -> bytes:
        """The value as it stands."""
        return self.values.get(name.encode(), default)

    def octal(self, name: str, default: int) -> int:
        """A mode. Raises EINVAL when it is not octal."""
        return self._number(name, default, 8)

    def number(self, name: str, default: int) -> int:
        """A decimal number. Raises EINVAL when it is none."""
        return self._number(name, default, 10)

    def size(self, name: str, default: int) -> int:
        """A size in bytes with one of the suffixes k, m, g, t. lib/cmdline.c:memparse"""
        raw = self.values.get(name.encode())
        if raw is None:
            return default
        shift = _SUFFIX.get(raw[-1:].lower(), 0)
        digits = raw[:-1] if shift else raw
        if not digits.isdigit() or len(digits) > 19:
            raise EINVAL
        return int(digits) << shift

    def _number(self, name: str, default: int, base: int) -> int:
        raw = self.values.get(name.encode())
        if raw is None:
            return default
        digits = b"01234567" if base == 8 else b"0123456789"
        if not raw or len(raw) > 19 or raw.strip(digits):
            raise EINVAL
        return int(raw, base)


class SuperBlock:
    """One instance of a file system. Subclasses hold its state and make the root inode.

    Attributes:
        dev: its device number, given by the mount table.
        watches: who watches which of its inodes; None: nobody watches any.
        kept: it lives on when its last mount goes: there is one per machine.
        pseudo: never mounted in the tree; paths of its files are their names alone (pipe:[7]).
    """

    __slots__ = ("block_size", "clock", "dev", "kept", "last_ino", "max_bytes", "readonly", "root", "type_name",
                 "watches")

    magic = 0
    pseudo = False

    def __init__(self, type_name: str, clock: Clock) -> None:
        self.type_name = type_name
        self.clock = clock
        self.dev = 0
        self.block_size = 4096
        self.max_bytes = MAX_FILE_BYTES
        self.readonly = self.kept = False
        self.last_ino = 0
        self.root: Dentry
        self.watches: dict[Inode, dict[Watch, None]] | None = None

    def set_root(self, inode: Inode) -> None:
        """Name the root inode; once, when the superblock is made."""
        self.root = Dentry(b"/", None, inode)

    def new_ino(self) -> int:
        """The next inode number."""
        self.last_ino += 1
        return self.last_ino

    def statfs(self) -> StatFs:
        """What statfs tells. fs/libfs.c:simple_statfs"""
        return StatFs(self.magic, self.block_size, 0, 0, 0, 0, 0, NAME_MAX)

    def show_options(self) -> bytes:
        """Its own options as /proc/mounts shows them, each with a comma before it."""
        return b""

    def sync(self) -> None:
        """Bring everything to the medium."""

    def reconfigure(self, options: MountOptions, readonly: bool) -> None:
        """Take new mount options; those that this kind of file system does not change are ignored. fs/super.c

        Raises:
            EINVAL: an option is wrong.
            EROFS: it can never be writable.
        """
        self.readonly = readonly

    def shut_down(self) -> None:
        """The last mount of it is gone, and nothing in it is open."""


class FileSystemType(ABC):
    """A kind of file system, registered under `name`."""

    name = ""
    needs_device = False
    """Whether the source must be a block device (/proc/filesystems shows `nodev` otherwise)."""

    @abstractmethod
    def mount(self, source: bytes, options: MountOptions) -> SuperBlock:
        """A new instance.

        Raises:
            EINVAL: an option is unknown or wrong.
        """
