"""mounts and mountinfo. fs/proc_namespace.c"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rvsim.guest_os.abi.errno import EBADF, EINVAL
from rvsim.guest_os.abi.fcntl import (
    MS_NOATIME,
    MS_NODEV,
    MS_NODIRATIME,
    MS_NOEXEC,
    MS_NOSUID,
    MS_NOSYMFOLLOW,
    MS_RDONLY,
    SEEK_CUR,
    SEEK_SET,
)
from rvsim.guest_os.abi.poll import POLLERR, POLLIN, POLLPRI, POLLRDNORM
from rvsim.guest_os.abi.stat import S_IFREG
from rvsim.guest_os.proc.node import ProcInode, ProcSuperBlock
from rvsim.guest_os.vfs.file import File
from rvsim.guest_os.vfs.mount import Mount, Path
from rvsim.guest_os.wait import WaitQueue

if TYPE_CHECKING:
    from rvsim.guest_os.task.kernel import Kernel
    from rvsim.guest_os.task.pid import Pid
    from rvsim.guest_os.vfs.credentials import Credentials
    from rvsim.guest_os.vfs.inode import Inode

_FLAGS = ((MS_NOSUID, b",nosuid"), (MS_NODEV, b",nodev"), (MS_NOEXEC, b",noexec"), (MS_NOATIME, b",noatime"),
          (MS_NODIRATIME, b",nodiratime"))
_MORE = ((MS_NOSYMFOLLOW, b",nosymfollow"),)
_ESCAPES = ((b"\\", b"\\134"), (b" ", b"\\040"), (b"\t", b"\\011"), (b"\n", b"\\012"), (b"#", b"\\043"))


def escape(text: bytes) -> bytes:
    """A name as these files show it: blanks and backslashes in octal. fs/seq_file.c:mangle_path"""
    for raw, shown in _ESCAPES:
        text = text.replace(raw, shown)
    return text


def _own_options(mount: Mount, readonly: bool) -> bytes:
    """fs/proc_namespace.c:show_mnt_opts"""
    return b"".join((
        b"ro" if readonly else b"rw", *(text for flag, text in _FLAGS if mount.flags & flag),
        b",relatime" if mount.relatime else b"", *(text for flag, text in _MORE if mount.flags & flag)))


def visible(kernel: Kernel, root: Path) -> list[tuple[Mount, bytes]]:
    """Each mount that can be reached from `root`, and its place below it."""
    found = []
    for mount in kernel.mounts:
        text, below = Path(mount, mount.root).text_below(root)
        if below:
            found.append((mount, text))
    return found


def mounts(kernel: Kernel, root: Path) -> bytes:
    """Source, place, kind, options. fs/proc_namespace.c:show_vfsmnt"""
    return b"".join(
        b"%s %s %s %s%s 0 0\n" % (escape(mount.source), escape(place), mount.sb.type_name.encode(),
                                  _own_options(mount, mount.readonly), mount.sb.show_options())
        for mount, place in visible(kernel, root))


def mountinfo(kernel: Kernel, root: Path) -> bytes:
    """As mounts, with numbers. fs/proc_namespace.c:show_mountinfo"""
    lines = []
    for mount, place in visible(kernel, root):
        dev = mount.sb.dev
        parent = mount.parent.id if mount.parent is not None else mount.id
        inner = mount.root
        names: list[bytes] = []
        while inner.parent is not None:
            names.append(inner.name)
            inner = inner.parent
        shown = b"/" + b"/".join(reversed(names)) + (b"//deleted" if mount.root.deleted else b"")
        lines.append(b"%d %d %d:%d %s %s %s %s- %s %s %s%s\n" % (
            mount.id, parent, dev >> 8 & 0xFFF, dev & 0xFF | dev >> 12 & 0xFFF00, escape(shown),
            escape(place), _own_options(mount, bool(mount.flags & MS_RDONLY)),
            b"unbindable " if mount.unbindable else b"", mount.sb.type_name.encode(), escape(mount.source),
            b"ro" if mount.sb.readonly else b"rw", mount.sb.show_options()))
    return b"".join(lines)


def mountstats(kernel: Kernel, root: Path) -> bytes:
    """Each mount in words. fs/proc_namespace.c:show_vfsstat"""
    return b"".join(
        b"device %s mounted on %s with fstype %s\n" % (escape(mount.source), escape(place), mount.sb.type_name.encode())
        for mount, place in visible(kernel, root))


class MountsInode(ProcInode):
    """A file that shows the mounts as the process saw them at open."""

    __slots__ = ("show",)

    def __init__(self, sb: ProcSuperBlock, pid: Pid | None, show: Callable[[Kernel, Path], bytes],
                 mode: int = 0o444) -> None:
        super().__init__(sb, S_IFREG | mode, pid)
        self.show = show

    def open(self, path: Path, flags: int, cred: Credentials) -> File:
        task = self.task()
        if task.fs_shared is None:
            raise EINVAL
        kind = MountStatsFile if self.show is mountstats else MountsFile
        return kind(self, path, flags, cred, task.fs.root)


class MountStatsFile(File):
    """Text of now at each read from the start or elsewhere; a read that goes on drains it."""

    __slots__ = ("expected", "root", "text")

    seekable = True
    splice_read = True
    inode: MountsInode

    def __init__(self, inode: MountsInode, path: Path, flags: int, cred: Credentials, root: Path) -> None:
        super().__init__(inode, path, flags, cred)
        self.root = root
        self.text: bytes | None = None
        self.expected = 0

    def pread(self, size: int, offset: int) -> bytes:
        if not self.readable:
            raise EBADF
        if self.text is None or offset == 0 or offset != self.expected:
            self.text = self.inode.show(self.inode.sb.kernel, self.root)
        data = self.text[offset:offset + size]
        self.expected = offset + len(data)
        return data

    def read(self, size: int) -> bytes:
        data = self.pread(size, self.offset)
        self.offset += len(data)
        return data

    def seek(self, offset: int, whence: int) -> int:
        target = offset + self.offset if whence == SEEK_CUR else offset
        if whence not in (SEEK_SET, SEEK_CUR) or target < 0:
            raise EINVAL
        self.offset = target
        return target


class MountsFile(MountStatsFile):
    """poll tells when the mounts have changed since it told last."""

    __slots__ = ("seen",)

    def __init__(self, inode: MountsInode, path: Path, flags: int, cred: Credentials, root: Path) -> None:
        super().__init__(inode, path, flags, cred, root)
        self.seen = inode.sb.kernel.mounts.changes

    def poll(self) -> int:
        events = POLLIN | POLLRDNORM
        changes = self.inode.sb.kernel.mounts.changes
        if changes != self.seen:
            self.seen = changes
            events |= POLLERR | POLLPRI
        return events

    def poll_queues(self) -> tuple[WaitQueue, ...]:
        return (self.inode.sb.kernel.mounts.change_queue,)


def mounts_inode(sb: ProcSuperBlock, pid: Pid | None) -> Inode:
    """mounts of a process."""
    return MountsInode(sb, pid, mounts)


def mountinfo_inode(sb: ProcSuperBlock, pid: Pid | None) -> Inode:
    """mountinfo of a process."""
    return MountsInode(sb, pid, mountinfo)


def mountstats_inode(sb: ProcSuperBlock, pid: Pid | None) -> Inode:
    """mountstats of a process."""
    return MountsInode(sb, pid, mountstats, 0o400)
