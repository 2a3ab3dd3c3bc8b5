"""Which file a call is about: the path that it is given, or that of the open file behind its descriptor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rvsim.guest_os.abi.errno import Errno
from rvsim.guest_os.faults.transfers import file_of
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.mm.fault import OutOfMemory
from rvsim.guest_os.syscalls.args import parameters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rvsim.guest_os.syscalls.args import Handler
    from rvsim.guest_os.task.task import Task

PATHS = {
    "setxattr": (0,), "lsetxattr": (0,), "getxattr": (0,), "lgetxattr": (0,), "listxattr": (0,), "llistxattr": (0,),
    "removexattr": (0,), "lremovexattr": (0,), "inotify_add_watch": (1,), "mknodat": (1,), "mkdirat": (1,),
    "unlinkat": (1,), "symlinkat": (0, 2), "linkat": (1, 3), "umount2": (0,), "mount": (0, 1), "pivot_root": (0, 1),
    "statfs": (0,), "truncate": (0,), "faccessat": (1,), "faccessat2": (1,), "chdir": (0,), "chroot": (0,),
    "fchmodat": (1,), "fchmodat2": (1,), "fchownat": (1,), "openat": (1,), "openat2": (1,), "readlinkat": (1,),
    "newfstatat": (1,), "statx": (1,), "utimensat": (1,), "execve": (0,), "execveat": (1,), "renameat2": (1, 3),
    "open": (0,), "exec": (0,),
}  # fmt: skip
"""The registers with paths, by call; those of the ABI `rcore` have names of their own."""
_OTHER_NUMBERS = ("dfd", "old_dfd", "new_dfd", "new", "targetfd", "pidfd", "mqdes")
"""Arguments that are numbers of descriptors, but not of a file that the call does something with."""


def descriptors(handler: Handler) -> tuple[int, ...]:
    """The registers of a call with descriptors of files that it works on."""
    return tuple(at for at, (name, kind) in enumerate(parameters(handler))
                 if kind == "fd" and name not in _OTHER_NUMBERS)


def paths_of(task: Task, name: str, descriptors: Sequence[int], registers: Sequence[int]) -> list[str]:
    """The paths that a call is given, as the program wrote them, or those of its files, as /proc/PID/fd shows them.

    What cannot be read is left out.
    """
    found = []
    for at in PATHS.get(name, ()):
        try:
            found.append(user_memory.path(task.space, registers[at]))
        except (Errno, OutOfMemory):
            continue
    for at in descriptors:
        file = file_of(task, registers[at])
        if file is not None:
            found.append(file.path.display())
    return [path.decode("utf-8", "surrogateescape") for path in found]


__all__ = ["PATHS", "descriptors", "paths_of"]
