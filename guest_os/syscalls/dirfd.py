"""From descriptors and names to files and places, as the calls give them. fs/file.c, fs/namei.c:path_init"""

from __future__ import annotations

from rvsim.guest_os.abi.errno import EBADF, EINVAL, ENOENT, ENOTDIR
from rvsim.guest_os.abi.fcntl import AT_EMPTY_PATH, AT_FDCWD, AT_SYMLINK_NOFOLLOW, O_PATH
from rvsim.guest_os.task.task import Task
from rvsim.guest_os.vfs import namei
from rvsim.guest_os.vfs.file import File
from rvsim.guest_os.vfs.mount import Path as Place


def open_fd(task: Task, fd: int) -> File:
    """The file of `fd`. EBADF: closed, or opened with O_PATH. fs/file.c:fdget"""
    file = task.fds.files.get(fd)
    if file is None or file.flags & O_PATH:
        raise EBADF
    return file


def base(task: Task, dfd: int, name: bytes, empty: bool = False) -> Place | None:
    """Where `name` starts: None for the root or the working directory. fs/namei.c:path_init

    Raises:
        ENOENT: an empty name, unless `empty`.
        EBADF: `dfd` is closed and needed.
        ENOTDIR: it is no directory, and the name not empty.
    """
    if not name:
        if not empty:
            raise ENOENT
    elif name[0] == 47:
        return None
    if dfd == AT_FDCWD:
        return None
    file = task.fds.get(dfd)
    if name and not file.inode.is_dir:
        raise ENOTDIR
    return file.path


def place_at(task: Task, dfd: int, name: bytes, flags: int = 0) -> Place:
    """What `name` leads to from `dfd`; `flags` may have AT_SYMLINK_NOFOLLOW and AT_EMPTY_PATH. fs/namei.c:user_path_at

    Raises:
        As `base`, and what the path walk raises.
    """
    empty = bool(flags & AT_EMPTY_PATH)
    start = base(task, dfd, name, empty)
    return namei.lookup(task.fs, task.cred, name, start, follow=not flags & AT_SYMLINK_NOFOLLOW, empty=empty)


def facts_at(task: Task, dfd: int, name: bytes, flags: int = 0) -> namei.Walk:
    """As `place_at`, for the facts alone: the walk with its `facts`. fs/stat.c:vfs_statx"""
    start = None if name[:1] == b"/" else base(task, dfd, name, bool(flags & AT_EMPTY_PATH))
    walk = namei.Walk(task.fs, task.cred, start)
    walk.look(name, not flags & AT_SYMLINK_NOFOLLOW)
    return walk


def only_flags(flags: int, known: int) -> None:
    """EINVAL: a bit that is not `known`."""
    if flags & ~known:
        raise EINVAL
