"""A new program: execve, execveat. fs/exec.c"""

from __future__ import annotations

from rvsim.guest_os.abi.errno import E2BIG, EFAULT, ELOOP, ENOENT
from rvsim.guest_os.abi.fcntl import AT_EMPTY_PATH, AT_FDCWD, AT_SYMLINK_NOFOLLOW
from rvsim.guest_os.abi.stat import S_IFLNK, S_IFMT
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.mm.fault import OutOfMemory
from rvsim.guest_os.syscalls.args import Fd, Flags, Path, Ptr
from rvsim.guest_os.syscalls.dirfd import only_flags, place_at
from rvsim.guest_os.task.exec import ExecFile, Program, arg_limit, exec_program
from rvsim.guest_os.task.task import Task


def read_strings(task: Task, address: int) -> list[bytes]:
    """A NULL-terminated array of strings: argv or envp; a NULL array is an empty one. fs/exec.c:copy_strings

    Raises:
        EFAULT: a pointer is bad. E2BIG: too much of it.
    """
    if not address:
        return []
    space = task.space
    strings: list[bytes] = []
    total, limit = 0, arg_limit(task)
    while True:
        pointer = user_memory.read_u64(space, address + 8 * len(strings))
        if not pointer:
            return strings
        text = user_memory.string(space, pointer, 131072)
        if text is None:
            raise E2BIG
        total += len(text) + 9
        if total > limit:
            raise E2BIG
        strings.append(text)


def sys_execveat(task: Task, dfd: Fd, path: Path, argv: Ptr, envp: Ptr, flags: Flags) -> int | None:
    """As execve, from a directory, or (AT_EMPTY_PATH) of an open file. fs/exec.c:do_execveat_common

    Raises:
        EINVAL: an unknown flag. EBADF, ENOTDIR: `dfd`. ELOOP: a symbolic link with AT_SYMLINK_NOFOLLOW.
        ENOENT: a script whose name goes through a descriptor that exec closes. And as execve.
    """
    if not path and not flags & AT_EMPTY_PATH:
        raise ENOENT
    only_flags(flags, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW)
    place = place_at(task, dfd, path, flags)
    if place.inode.mode & S_IFMT == S_IFLNK:
        raise ELOOP
    name, closes = path, False
    if not path.startswith(b"/") and dfd != AT_FDCWD:
        name = b"/dev/fd/%d" % dfd + (b"/" + path if path else b"")
        closes = task.fds.get_cloexec(dfd)
    _execute(task, task.kernel.binfmt.open_at(task, place), name, argv, envp, closes)
    return None


def sys_execve(task: Task, path: Path, argv: Ptr, envp: Ptr) -> int | None:
    """Replace the program. fs/exec.c:do_execveat_common

    Raises:
        ENOENT, EACCES, ENOTDIR, ELOOP…: the path. EFAULT, E2BIG: argv or envp. ENOEXEC, ELIBBAD: the file.
        ENOMEM: it does not fit.
    """
    _execute(task, task.kernel.binfmt.open(task, path), path, argv, envp, False)
    return None


def _execute(task: Task, file: ExecFile, name: bytes, argv: int, envp: int, closes: bool) -> None:
    try:
        arguments = read_strings(task, argv)
        environment = read_strings(task, envp)
    except (EFAULT, E2BIG, OutOfMemory):
        file.put()
        raise
    execute(task, name, arguments, environment, file=file, closes=closes)


def execute(task: Task, path: bytes, argv: list[bytes], env: list[bytes], forced_abi: str | None = None,
            file: ExecFile | None = None, closes: bool = False) -> None:
    """exec by path, for both interfaces. Raises as `sys_execve`; nothing has changed then.

    `file`: the program, open already; `closes`: exec closes the descriptor that `path` goes through.
    """
    kernel = task.kernel
    program = file if file is not None else kernel.binfmt.open(task, path)
    if not argv:
        argv = [b""]          # Linux since 5.18: an empty argv gets one empty string. fs/exec.c
    exec_program(task, Program(program, argv, env, path, closes), kernel.binfmt, forced_abi)
    if kernel.observer is not None:
        kernel.observer.executed(task)
