"""Opening programs for exec. fs/exec.c:do_open_execat"""

from __future__ import annotations

from rvsim.guest_os.task.task import Task
from rvsim.guest_os.vfs.file import File
from rvsim.guest_os.vfs.inode import Inode
from rvsim.guest_os.vfs.mount import Path
from rvsim.guest_os.vfs.namei import lookup
from rvsim.guest_os.vfs.open import allow_write, open_exec


class RunningProgram:
    """A program that is executed: nobody may write it until the last address space lets go of it (ETXTBSY)."""

    __slots__ = ("count", "file")

    def __init__(self, file: File) -> None:
        self.file = file
        self.count = 1

    @property
    def inode(self) -> Inode:
        return self.file.inode

    @property
    def path(self) -> Path:
        return self.file.path

    def get(self) -> RunningProgram:
        """Hold it once more."""
        self.count += 1
        return self

    def put(self) -> None:
        """Let go of it; the last one allows writing again."""
        self.count -= 1
        if self.count == 0:
            allow_write(self.file)
            self.file.put()


class ProgramOpener:
    """What exec asks for files."""

    def open(self, task: Task, path: bytes, base: Path | None = None) -> RunningProgram:
        """Open `path` for execution.

        Raises:
            ENOENT, ENOTDIR, ELOOP, EACCES, ETXTBSY: the path, or the file's permissions.
        """
        return self.open_at(task, lookup(task.fs, task.cred, path, base))

    @staticmethod
    def open_at(task: Task, path: Path) -> RunningProgram:
        """As `open`, for a place that is found already."""
        return RunningProgram(open_exec(path, task.cred))
