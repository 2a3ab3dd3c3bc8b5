"""mounts and mountinfo. fs/proc_namespace.c"""

from __future__ import annotations

from rvsim.guest_os.abi.errno import EINVAL
from rvsim.guest_os.abi.fcntl import (
    MS_NOATIME,
    MS_NODEV,
    MS_NODIRATIME,
    MS_NOEXEC,
    MS_NOSUID,
    MS_NOSYMFOLLOW,
    MS_RDONLY,
)
from rvsim.guest_os.proc.node import Subject
from rvsim.guest_os.vfs.mount import Mount, Path

_FLAGS = ((MS_NOSUID, b",nosuid"), (MS_NODEV, b",nodev"), (MS_NOEXEC, b",noexec"), (MS_NOATIME, b",noatime"),
          (MS_NODIRATIME, b",nodiratime"))
_MORE = ((MS_NOSYMFOLLOW, b",nosymfollow"),)
_ESCAPES = ((b"\\", b"\\134"), (b" ", b"\\040"), (b"\t", b"\\011"), (b"\n", b"\\012"), (b"#", b"\\043"))


def _escape(text: bytes) -> bytes:
    for raw, shown in _ESCAPES:
        text = text.replace(raw, shown)
    return text


def _own_options(mount: Mount, readonly: bool) -> bytes:
    """fs/proc_namespace.c:show_mnt_opts"""
    return b"".join((
        b"ro" if readonly else b"rw", *(text for flag, text in _FLAGS if mount.flags & flag),
        b",relatime" if mount.relatime else b"", *(text for flag, text in _MORE if mount.flags & flag)))


def _visible(subject: Subject) -> list[tuple[Mount, bytes]]:
    task = subject.task
    if task.fs_shared is None:
        raise EINVAL
    root = task.fs.root
    found = []
    for mount in subject.kernel.mounts:
        text, below = Path(mount, mount.root).text_below(root)
        if below:
            found.append((mount, text))
    return found


def mounts(subject: Subject) -> bytes:
    """Source, place, kind, options. fs/proc_namespace.c:show_vfsmnt"""
    return b"".join(
        b"%s %s %s %s%s 0 0\n" % (_escape(mount.source), _escape(place), mount.sb.type_name.encode(),
                                  _own_options(mount, mount.readonly), mount.sb.show_options())
        for mount, place in _visible(subject))


def mountinfo(subject: Subject) -> bytes:
    """As mounts, with numbers. fs/proc_namespace.c:show_mountinfo"""
    lines = []
    for mount, place in _visible(subject):
        dev = mount.sb.dev
        parent = mount.parent.id if mount.parent is not None else mount.id
        inner = mount.root
        names: list[bytes] = []
        while inner.parent is not None:
            names.append(inner.name)
            inner = inner.parent
        shown = b"/" + b"/".join(reversed(names)) + (b"//deleted" if mount.root.deleted else b"")
        lines.append(b"%d %d %d:%d %s %s %s %s- %s %s %s%s\n" % (
            mount.id, parent, dev >> 8 & 0xFFF, dev & 0xFF | dev >> 12 & 0xFFF00, _escape(shown),
            _escape(place), _own_options(mount, bool(mount.flags & MS_RDONLY)),
            b"unbindable " if mount.unbindable else b"", mount.sb.type_name.encode(), _escape(mount.source),
            b"ro" if mount.sb.readonly else b"rw", mount.sb.show_options()))
    return b"".join(lines)
