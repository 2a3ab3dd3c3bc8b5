"""Where a process stands in the tree. include/linux/fs_struct.h"""

from __future__ import annotations

from rvsim.guest_os.vfs.mount import Path


class FsContext:
    """Root directory, working directory and umask."""

    __slots__ = ("cwd", "root", "umask")

    def __init__(self, root: Path, cwd: Path | None = None, umask: int = 0o022) -> None:
        self.root = root
        self.cwd = cwd or root
        self.umask = umask

    def copy(self) -> FsContext:
        """An independent copy, as fork makes one."""
        return FsContext(self.root, self.cwd, self.umask)
