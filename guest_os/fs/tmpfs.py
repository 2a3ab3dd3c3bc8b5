"""tmpfs: a tree in the kernel's memory. mm/shmem.c, tmpfs(5)"""

from __future__ import annotations

from rvsim.guest_os.abi.errno import EINVAL, ENOSPC
from rvsim.guest_os.abi.fcntl import NAME_MAX
from rvsim.guest_os.abi.stat import S_IFDIR
from rvsim.guest_os.fs.mem_dir import MemDir
from rvsim.guest_os.vfs.clock import Clock
from rvsim.guest_os.vfs.super_block import FileSystemType, MountOptions, StatFs, SuperBlock

PAGE_BYTES = 4096
TMPFS_MAGIC = 0x01021994
_NO_LIMIT = 1 << 40


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

    def free_pages(self) -> int:
        """How many pages can be had."""
        return self.limit_pages - self.used_pages if self.limit_pages else _NO_LIMIT

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


class TmpSuperBlock(MemSuperBlock):
    """A mounted tmpfs: shows its limits, and can be given others."""

    __slots__ = ("default_pages",)

    def __init__(self, fs_type: TmpFs, options: MountOptions) -> None:
        """Raises EINVAL: an option."""
        self.default_pages = -(-fs_type.default_size // PAGE_BYTES)
        super().__init__(
            fs_type.name, fs_type.clock, mode=options.octal("mode", 0o1777), uid=options.number("uid", 0),
            gid=options.number("gid", 0), size=_size(options, fs_type.default_size, fs_type.default_size),
            inodes=options.size("nr_inodes", self.default_pages), pool=fs_type.pool,
        )  # fmt: skip
        self._describe(options.octal("mode", 0o1777), options.number("uid", 0), options.number("gid", 0))

    def _describe(self, mode: int, uid: int, gid: int) -> None:
        """mm/shmem.c:shmem_show_options"""
        shown = [b",size=%dk" % (4 * self.limit_pages)] if self.limit_pages != self.default_pages else []
        shown += [b",nr_inodes=%d" % self.limit_inodes] if self.limit_inodes != self.default_pages else []
        shown += [b",mode=%03o" % mode] if mode != 0o1777 else []
        shown += [b",%s=%d" % (name, number) for name, number in ((b"uid", uid), (b"gid", gid)) if number]
        self.options = b"".join(shown)

    def reconfigure(self, options: MountOptions, readonly: bool) -> None:
        """New limits, not below what is used; an unlimited tree stays so. mm/shmem.c:shmem_reconfigure. EINVAL."""
        options.only(*_OPTIONS)
        pages = -(-_size(options, self.limit_pages * PAGE_BYTES, self.default_pages * PAGE_BYTES) // PAGE_BYTES)
        inodes = options.size("nr_inodes", self.limit_inodes)
        for new, old, used in ((pages, self.limit_pages, self.used_pages),
                               (inodes, self.limit_inodes, self.used_inodes)):
            if new and (not old or new < used):
                raise EINVAL
        self.limit_pages, self.limit_inodes = pages, inodes
        root = self.root.inode
        self._describe(root.mode & 0o7777, root.uid, root.gid)
        self.readonly = readonly


_OPTIONS = (
    "size", "nr_blocks", "nr_inodes", "mode", "uid", "gid", "noswap", "huge", "mpol", "inode32", "inode64",
)  # fmt: skip


def _size(options: MountOptions, default: int, half: int) -> int:
    """The limit in bytes that size= (also in percent of memory, which is twice `half`) or nr_blocks= gives. EINVAL."""
    text = options.text("size")
    if text[-1:] == b"%":
        if not text[:-1].isdigit() or len(text) > 10:
            raise EINVAL
        size = int(text[:-1]) * 2 * half // 100
    else:
        size = options.size("size", default)
    return options.size("nr_blocks", 0) * PAGE_BYTES or size


class TmpFs(FileSystemType):
    """Files in kernel memory.

    Options: size=BYTES[k|m|g|%] (0: no limit), nr_blocks=, nr_inodes=, mode=OCTAL, uid=, gid=.
    `default_size` is the limit of a mount that names none: half of the memory.
    """

    name = "tmpfs"

    def __init__(self, clock: Clock, default_size: int = 0, pool: PagePool | None = None) -> None:
        self.clock = clock
        self.default_size = default_size
        self.pool = pool

    def mount(self, source: bytes, options: MountOptions) -> MemSuperBlock:
        options.only(*_OPTIONS)
        return TmpSuperBlock(self, options)
