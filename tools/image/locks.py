"""Locks of the cache of images, which the host lets go when a process ends, however it ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType


class Lock:
    """A lock on a file, until it is closed or forgotten. Where the host has no locks, it does nothing."""

    def __init__(self, path: Path, *, alone: bool = False, wait: bool = True, make: bool = True) -> None:
        """`alone`: nobody else has it; `make`: the file is made if it is not there.

        Raises:
            BlockingIOError: another has it, and `wait` is false.
            OSError: the file is not there, or cannot be opened.
        """
        self.fd = -1
        try:
            self.fd = os.open(path, os.O_RDWR | os.O_CLOEXEC | (os.O_CREAT if make else 0), 0o644)
        except PermissionError:
            self.fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(self.fd, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            self.close()
            raise
        except OSError:
            pass

    def close(self) -> None:
        fd, self.fd = self.fd, -1
        if fd >= 0:
            os.close(fd)

    def __del__(self) -> None:
        self.close()

    def __enter__(self) -> Lock:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()
