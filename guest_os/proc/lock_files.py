"""locks, and the lock lines of fdinfo. fs/locks.c:lock_get_status"""

from __future__ import annotations

from collections.abc import Iterator

from rvsim.guest_os.abi.fcntl import F_WRLCK, LOCK_EX
from rvsim.guest_os.proc.system_files import all_tasks
from rvsim.guest_os.task.kernel import Kernel
from rvsim.guest_os.vfs.fd_table import FdTable
from rvsim.guest_os.vfs.file import File
from rvsim.guest_os.vfs.inode import Inode
from rvsim.guest_os.vfs.locks import LOCK_END, FileLocks, RecordLock


def _place(inode: Inode) -> bytes:
    dev = inode.sb.dev
    return b"%02x:%02x:%d" % (dev >> 8 & 0xFFF, dev & 0xFF | dev >> 12 & 0xFFF00, inode.ino)


def _record(lock: RecordLock, inode: Inode) -> bytes:
    kind = b"OFDLCK" if isinstance(lock.owner, File) else b"POSIX "
    end = b"EOF" if lock.end >= LOCK_END else b"%d" % (lock.end - 1)
    return b"%s ADVISORY  %s %d %s %d %s" % (
        kind, b"WRITE" if lock.type == F_WRLCK else b"READ", lock.pid, _place(inode), lock.start, end)


def _flock(operation: int, pid: int, inode: Inode) -> bytes:
    return b"FLOCK  ADVISORY  %s %d %s 0 EOF" % (b"WRITE" if operation == LOCK_EX else b"READ", pid, _place(inode))


def _open_files(kernel: Kernel) -> Iterator[tuple[int, File]]:
    """(process, open file) of every descriptor, by number of the process."""
    seen: dict[int, None] = {}
    for task in all_tasks(kernel):
        if task.files_shared is not None and id(task.fds) not in seen:
            seen[id(task.fds)] = None
            for _, file in task.fds:
                yield task.group.tgid, file


def locks(kernel: Kernel) -> bytes:
    """Every lock on a file, with who waits for it. fs/locks.c:locks_show

    Differs: of a lock by flock, the process is the first that has the file open, not the one that asked for it. Locks
    come in the order of the processes, not of their making.
    """
    holders: dict[int, int] = {}
    found: dict[int, tuple[FileLocks, Inode]] = {}
    for pid, file in _open_files(kernel):
        holders.setdefault(id(file), pid)
        if file.inode.locks is not None:
            found.setdefault(id(file.inode.locks), (file.inode.locks, file.inode))
    lines: list[bytes] = []
    for held, inode in found.values():
        for file, operation in held.flocks.items():
            lines.append(_flock(operation, holders.get(id(file), 0), inode))
        lines += [_record(lock, inode) for lock in held.records]
    return b"".join(b"%d: %s\n" % (number, line) for number, line in enumerate(lines, 1))


def of_file(file: File, table: FdTable, pid: int) -> bytes:
    """The `lock:` lines of a descriptor's fdinfo: what was locked through it. fs/locks.c:show_fd_locks"""
    held = file.inode.locks
    if held is None:
        return b""
    lines = [_flock(held.flocks[file], pid, file.inode)] if file in held.flocks else []
    lines += [_record(lock, file.inode) for lock in held.records if lock.owner is table or lock.owner is file]
    return b"".join(b"lock:\t%d: %s\n" % (number, line) for number, line in enumerate(lines, 1))
