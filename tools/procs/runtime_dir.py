"""Where this user's running machines can be found: a directory for each, that nobody else may look into.

    HOME/4711/machine    held by a lock as long as the machine with host pid 4711 is there; says what it runs
    HOME/4711/12.ask     a question that host process 12 has; SIGUSR2 says that it is there
    HOME/4711/12.answer  a snapshot. It comes before the question goes

HOME is `$XDG_RUNTIME_DIR/rvsim`, or `/tmp/rvsim-UID` without that. Whatever in it is not this user's own is left alone.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # not a POSIX host: machines cannot be found there
    fcntl = None  # type: ignore[assignment]

MACHINE = "machine"
FORM = b"rvsim machine 1"
"""The first line of the file `machine`; the second names the host's pid namespace, behind it are NUL-ended words."""


def home() -> Path | None:
    """The directory of all machines, there or not; None on a host that has no such thing."""
    if fcntl is None:
        return None
    given = os.environ.get("XDG_RUNTIME_DIR", "")
    if os.path.isabs(given) and _is_own(Path(given)):
        return Path(given) / "rvsim"
    return Path(f"/tmp/rvsim-{os.geteuid()}")


def _is_own(path: Path) -> bool:
    """Whether this is a directory of this user's that nobody else can write to."""
    try:
        found = path.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o022


def is_private(path: Path) -> bool:
    """Whether this is a directory of this user's that nobody else can even look into."""
    return _is_own(path) and not path.lstat().st_mode & 0o077


def pid_namespace() -> bytes:
    """What names the pid namespace that we live in, where the host has such: a pid means something only there."""
    try:
        return os.fsencode(os.readlink("/proc/self/ns/pid"))
    except OSError:
        return b""


def lock(fd: int) -> bool:
    """Take the lock of an open file, without waiting. False: somebody has it."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def remove(machine: Path) -> None:
    """Take away the directory of a machine. The caller has its lock, and keeps it until this is done."""
    with suppress(OSError):
        for name in os.listdir(machine):
            (machine / name).unlink()
        machine.rmdir()
