"""mounts and mountinfo. fs/proc_namespace.c"""

from __future__ import annotations

from rvsim.guest_os.abi.errno import EINVAL
from rvsim.guest_os.abi.fcntl import MS_NOATIME, MS_NODEV, MS_NODIRATIME, MS_NOEXEC, MS_NOSUID
from rvsim.guest_os.proc.node import Subject
from rvsim.guest_os.vfs.mount import Mount, Path

_FLAGS = ((MS_NOSUID, b",nosuid"), (MS_NODEV, b",nodev"), (MS_NOEXEC, b",noexec"), (MS_NOATIME, b",noatime"),
          (MS_NODIRATIME, b",nodiratime"))
_ESCAPES = ((b"\\", b"\\134"), (b" ", b"\\040"), (b"\t", b"\\011"), (b"\n", b"\\012"), (b"#", b"\\043"))


def escape(text: bytes) -> bytes:
    """A name as these files show it: blanks and backslashes in octal. fs/seq_file.c:mangle_path"""
    for raw, shown in _ESCAPES:
        text = text.replace(raw, shown)
    return text


def _own_options(mount: Mount) -> bytes:
    return (b"ro" if mount.readonly else b"rw") + b"".join(text for flag, text in _FLAGS if mount.flags & flag) + (
        b"" if mount.flags & MS_NOATIME else b",relatime")


def visible(subject: Subject) -> list[tuple[Mount, bytes]]:
    """Each mount that the process can reach, and its place. EINVAL: the process has no root any more."""
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
        b"%s %s %s %s%s 0 0\n" % (escape(mount.source), escape(place), mount.sb.type_name.encode(),
                                  _own_options(mount), mount.sb.show_options())
        for mount, place in visible(subject))


def mountinfo(subject: Subject) -> bytes:
    """As mounts, with numbers. fs/proc_namespace.c:show_mountinfo"""
    lines = []
    for mount, place in visible(subject):
        dev = mount.sb.dev
        parent = mount.parent.id if mount.parent is not None else mount.id
        inner = Path(mount, mount.root).dentry
        names: list[bytes] = []
        while inner.parent is not None:
            names.append(inner.name)
            inner = inner.parent
        lines.append(b"%d %d %d:%d /%s %s %s - %s %s %s%s\n" % (
            mount.id, parent, dev >> 8 & 0xFFF, dev & 0xFF | dev >> 12 & 0xFFF00, b"/".join(reversed(names)),
            escape(place), _own_options(mount), mount.sb.type_name.encode(), escape(mount.source),
            b"ro" if mount.sb.readonly else b"rw", mount.sb.show_options()))
    return b"".join(lines)
