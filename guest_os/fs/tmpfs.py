"""tmpfs: a tree in the kernel's memory. mm/shmem.c, tmpfs(5)"""

from __future__ import annotations

from rvsim.guest_os.abi.errno import ENOSPC
from rvsim.guest_os.abi.fcntl import NAME_MAX
from rvsim.guest_os.abi.stat import S_IFDIR
from rvsim.guest_os.fs.mem_dir import MemDir
from rvsim.guest_os.vfs.clock import Clock
from rvsim.guest_os.vfs.super_block import FileSystemType, MountOptions, StatFs, SuperBlock

PAGE_BYTES = 4096
TMPFS_MAGIC = 0x01021994


class PagePool:
    """The pages that all trees in memory share, so that no guest fills the host's memory however much it mounts."""

    __slots__ = ("limit_pages", "used_pages")

    def __init__(self, limit_pages: int) -> None:
        self.limit_pages = limit_pages
        self.used_pages = 0

    def take(self, count: int) -> None:
        """Count pages as used. Raises ENOSPC, and takes none, when there are not so many."""
        if self.used_pages + count > self.limit_pages:
            raise ENOSPC
        self.used_pages += count


class MemSuperBlock(SuperBlock):
    """A tree in memory with limits.

    Attributes:
        limit_pages, used_pages: pages of file data; a limit of 0 is none.
        limit_inodes, used_inodes: inodes; a limit of 0 is none.
        attribute_bytes: names and values of extended attributes, which count as pages too.
        pool: where its pages come from besides; None: from nowhere.
    """

    __slots__ = ("attribute_bytes", "limit_inodes", "limit_pages", "options", "pool", "used_inodes", "used_pages")

    magic = TMPFS_MAGIC

    def __init__(
        self, type_name: str, clock: Clock, *, mode: int = 0o1777, uid: int = 0, gid: int = 0, size: int = 0,
        inodes: int = 0, options: bytes = b"", pool: PagePool | None = None,
    ) -> None:  # fmt: skip
        super().__init__(type_name, clock)
        self.pool = pool
        self.attribute_bytes = 0
        self.limit_pages = (size + PAGE_BYTES - 1) // PAGE_BYTES
        self.used_pages = 0
        self.limit_inodes = inodes
        self.used_inodes = 0
        self.options = options
        self.set_root(MemDir(self, S_IFDIR | mode & 0o7777, uid, gid))

    def take_pages(self, count: int) -> None:
        """Count pages as used. Raises ENOSPC, and takes none, when the limit does not allow all."""
        used = self.used_pages + count
        if used > self.limit_pages and self.limit_pages:
            raise ENOSPC
        if self.pool is not None:
            self.pool.take(count)
        self.used_pages = used

    def give_pages(self, count: int) -> None:
        """Count pages as free again."""
        self.used_pages -= count
        if self.pool is not None:
            self.pool.used_pages -= count

    def shut_down(self) -> None:
        """Nothing reaches the tree any more: its pages go back to the pool. fs/super.c:generic_shutdown_super"""
        self.give_pages(self.used_pages)

    def take_inode(self) -> None:
        """Count an inode as used. Raises ENOSPC."""
        if self.used_inodes >= self.limit_inodes and self.limit_inodes:
            raise ENOSPC
        self.used_inodes += 1

    def take_attribute_bytes(self, count: int) -> None:
        """Count bytes of extended attributes as used, or (negative) as free. Raises ENOSPC, and takes none.

        Differs: they count as data, in whole pages of the tree (Linux takes them from the space for inodes).
        """
        total = self.attribute_bytes + count
        pages = -(-total // PAGE_BYTES) - -(-self.attribute_bytes // PAGE_BYTES)
        if pages > 0:
            self.take_pages(pages)
        elif pages:
            self.give_pages(-pages)
        self.attribute_bytes = total

    def give_inode(self) -> None:
        """Count an inode as free again."""
        self.used_inodes -= 1

    def statfs(self) -> StatFs:
        free = max(self.limit_pages - self.used_pages, 0)
        free_inodes = max(self.limit_inodes - self.used_inodes, 0)
        return StatFs(
            self.magic, PAGE_BYTES, self.limit_pages, free, free, self.limit_inodes, free_inodes, NAME_MAX
        )  # fmt: skip

    def show_options(self) -> bytes:
        return self.options


class TmpFs(FileSystemType):
    """Files in kernel memory. Options: size=BYTES[k|m|g] (0: no limit), nr_blocks=, nr_inodes=, mode=OCTAL, uid=, gid=.

    `default_size` is the limit of a mount that names none.
    """

    name = "tmpfs"

    def __init__(self, clock: Clock, default_size: int = 0, pool: PagePool | None = None) -> None:
        self.clock = clock
        self.default_size = default_size
        self.pool = pool

    def mount(self, source: bytes, options: MountOptions) -> MemSuperBlock:
        options.only(
            "size", "nr_blocks", "nr_inodes", "mode", "uid", "gid", "noswap", "huge", "mpol", "inode32", "inode64"
        )
        size = options.size("size", self.default_size)
        size = options.size("nr_blocks", 0) * PAGE_BYTES or size
        shown = b"".join(
            b",%s=%s" % (key, value) for key, value in options.values.items() if key not in (b"noswap", b"mpol")
        )
        return MemSuperBlock(
            self.name, self.clock, mode=options.octal("mode", 0o1777), uid=options.number("uid", 0),
            gid=options.number("gid", 0), size=size, inodes=options.size("nr_inodes", 0), options=shown,
            pool=self.pool,
        )  # fmt: skip
