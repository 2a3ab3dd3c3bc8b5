"""Archives for tests: members in, a tar or cpio file out."""

from __future__ import annotations

import io
import tarfile
from dataclasses import dataclass, field
from pathlib import Path

from rvsim.guest_os.fs.archive import ArchiveSuperBlock
from rvsim.guest_os.fs.archive_tree import open_archive
from rvsim.tests.fake_clock import FakeClock

LIMIT_BYTES = 64 << 20
_TAR_TYPES = {
    0o040000: tarfile.DIRTYPE, 0o100000: tarfile.REGTYPE, 0o120000: tarfile.SYMTYPE, 0o020000: tarfile.CHRTYPE,
    0o060000: tarfile.BLKTYPE, 0o010000: tarfile.FIFOTYPE,
}  # fmt: skip


@dataclass
class Member:
    """`mode` with its type; `target` of a symbolic link; `link`: a hard link to that name."""

    name: str
    mode: int = 0o100644
    data: bytes = b""
    uid: int = 0
    gid: int = 0
    mtime: float = 0
    target: str = ""
    link: str | None = None
    device: tuple[int, int] = (0, 0)
    pax: dict[str, str] = field(default_factory=dict)


def tar_bytes(*members: Member, form: int = tarfile.PAX_FORMAT) -> bytes:
    """A tar archive."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as tar:
        for member in members:
            info = tarfile.TarInfo(member.name)
            info.mode = member.mode & 0o7777
            info.type = tarfile.LNKTYPE if member.link is not None else _TAR_TYPES[member.mode & 0o170000]
            info.linkname = member.target if member.link is None else member.link
            info.uid, info.gid, info.mtime = member.uid, member.gid, member.mtime
            info.devmajor, info.devminor = member.device
            info.pax_headers = member.pax
            info.size = len(member.data)
            tar.addfile(info, io.BytesIO(member.data))
    return out.getvalue()


def cpio_bytes(*members: Member, magic: bytes = b"070701", trailer: bool = True) -> bytes:
    """A cpio archive: newc, or odc for the magic 070707. A hard link has the inode number of what it names."""
    out = bytearray()
    inos = {member.name: ino for ino, member in enumerate(members, 1) if member.link is None}
    names = [member.link for member in members if member.link is not None]
    ends = (Member("TRAILER!!!", 0),) if trailer else ()
    for member in (*members, *ends):
        data = member.target.encode() if member.mode & 0o170000 == 0o120000 else member.data
        name = member.name.encode("utf-8", "surrogateescape") + b"\0"
        origin = member.name if member.link is None else member.link
        nlink = 1 + names.count(origin)
        ino, mtime = inos.get(origin, 0), int(member.mtime)
        if magic == b"070707":
            rdev = member.device[0] << 8 | member.device[1]
            fields = (1, ino, member.mode, member.uid, member.gid, nlink, rdev)
            out += magic + b"".join(b"%06o" % value for value in fields)
            out += b"%011o%06o%011o" % (mtime, len(name), len(data)) + name + data
            continue
        fields = (ino, member.mode, member.uid, member.gid, nlink, mtime, len(data))
        out += magic + b"".join(b"%08X" % value for value in (*fields, 8, 1, *member.device, len(name), 0)) + name
        out += bytes(-len(out) % 4) + data
        out += bytes(-len(out) % 4)
    return bytes(out)


def opened(path: Path, data: bytes, limit_bytes: int = LIMIT_BYTES) -> ArchiveSuperBlock:
    """The tree of an archive with these bytes."""
    path.write_bytes(data)
    return open_archive(bytes(path), FakeClock(), limit_bytes)
