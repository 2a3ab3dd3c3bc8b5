"""Members of a tar archive: v7, ustar, GNU and PAX, by Python's `tarfile`. tar(5), pax(1)

Only headers are read here, none of the data. What `tarfile` lets pass is checked: an end in the middle, a damaged
header, sizes that lead backwards, PAX headers of any length.
"""

from __future__ import annotations

import re
import tarfile
from base64 import b64decode
from collections.abc import Iterator
from typing import IO, Any, cast
from urllib.parse import unquote_to_bytes

from rvsim.guest_os.abi.stat import S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFREG, makedev
from rvsim.guest_os.fs.archive_entry import BadArchive, Entry, Extent, Source, shown

_BLOCK = 512
_HEADER_LIMIT = 16 << 20
"""The longest PAX header, long name or map of a sparse file that is read."""
_SECOND_NS = 1_000_000_000
_TIME = re.compile(r"(-?)(\d{1,12})(?:\.(\d*))?", re.ASCII)
_TIME_LIMIT_S = 1 << 36
_SKIPPED = (b"V",)                          # a volume's label
_KINDS = {
    tarfile.DIRTYPE: S_IFDIR, tarfile.SYMTYPE: S_IFLNK, tarfile.CHRTYPE: S_IFCHR, tarfile.BLKTYPE: S_IFBLK,
    tarfile.FIFOTYPE: S_IFIFO,
}  # fmt: skip
# What `tarfile` says of a header that makes no sense. It subtracts, splits and converts what the header says.
_ERRORS = (tarfile.TarError, ValueError, IndexError, KeyError, OverflowError, RecursionError)


class _Headers:
    """The source as the file that `tarfile` reads headers from."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.at = 0

    def read(self, size: int) -> bytes:
        """Raises BadArchive for a header longer than any that is meant well."""
        if not 0 <= size <= _HEADER_LIMIT or self.at < 0:
            raise BadArchive(f"it is damaged: a header of {size} bytes near byte {self.at}")
        data = self.source.read_at(self.at, size)
        if not data and size == 1 and self.at < -(-self.source.size // _BLOCK) * _BLOCK:
            data = b"\0"                       # whether the last block is whole: some writers leave its end away
        self.at += len(data)
        return data

    def seek(self, offset: int) -> int:
        self.at = offset
        return offset

    def tell(self) -> int:
        return self.at


def is_tar(start: bytes) -> bool:
    """Whether an archive that begins with `start` (512 bytes) is one of these: its first header's sum is right."""
    if len(start) < _BLOCK:
        return False
    try:
        said = int(start[148:156].strip(b" \0") or b"x", 8)
    except ValueError:
        return False
    rest = start[:148] + b" " * 8 + start[156:_BLOCK]
    return said == sum(rest) or said == sum(byte - 256 if byte > 127 else byte for byte in rest)


def members(source: Source) -> Iterator[Entry]:
    """Every member in order.

    Raises:
        BadArchive: damaged or cut off.
        OSError: the host's file cannot be read.
    """
    headers = _Headers(source)
    last = -1
    try:
        tar: Any = tarfile.TarFile(fileobj=cast(IO[bytes], headers), encoding="utf-8", errors="surrogateescape")
        while (member := tar.next()) is not None:
            if tar.offset <= last or member.size < 0:
                raise BadArchive(f"it is damaged: the size of {shown(_bytes(member.name))} leads backwards")
            last = tar.offset
            tar.members = []                # it would keep them all
            if member.type not in _SKIPPED:
                yield _entry(source, member)
    except _ERRORS as error:
        what = str(error) if isinstance(error, tarfile.ReadError) else "a header makes no sense"
        raise BadArchive(f"it is damaged: {what} near byte {headers.at}") from None
    # `tarfile` takes whatever is no header for the end. The end is two blocks of zeros, one, or the file's own.
    end = source.read_at(tar.offset, _BLOCK)
    if end.strip(b"\0") or 0 < len(end) < _BLOCK:
        raise BadArchive(f"it is damaged: no header at byte {tar.offset}")


def _entry(source: Source, member: tarfile.TarInfo) -> Entry:
    name = _bytes(member.name)
    link = _bytes(member.linkname)
    headers = cast(dict[str, str], member.pax_headers)
    entry = Entry(name, 0, member.uid, member.gid, _time(headers.get("mtime"), member.mtime))
    if "atime" in headers:
        entry.atime_ns = _time(headers["atime"], member.mtime)
    entry.xattrs = _xattrs(headers)
    if member.islnk():
        entry.mode = S_IFREG
        entry.link = link
        return entry
    if member.isreg():
        entry.mode = S_IFREG
        entry.size = member.size
        entry.extents = _extents(source, member, name)
    elif member.type in _KINDS:
        entry.mode = _KINDS[member.type]
        entry.target = link
        if member.isdev() and not member.isfifo():
            if not (0 <= member.devmajor < 1 << 12 and 0 <= member.devminor < 1 << 20):
                raise BadArchive(f"the device {shown(name)} has the number {member.devmajor}:{member.devminor}")
            entry.rdev = makedev(member.devmajor, member.devminor)
    else:
        raise BadArchive(f"{shown(name)} is of the kind {shown(member.type)}, which rvsim cannot unpack")
    entry.mode |= member.mode & 0o7777
    return entry


def _extents(source: Source, member: tarfile.TarInfo, name: bytes) -> tuple[Extent, ...]:
    """Where the data is; a sparse file's pieces stand one after another."""
    pieces = cast("list[tuple[int, int]] | None", getattr(member, "sparse", None))
    at = member.offset_data
    if pieces is None:
        if at + member.size > source.size:
            raise BadArchive(f"it is damaged: unexpected end of data near byte {source.size}")
        return ((0, at, member.size),) if member.size else ()
    extents: list[Extent] = []
    end = 0
    for offset, length in pieces:
        if not length:
            continue
        if offset < end or length < 0 or offset + length > member.size or at + length > source.size:
            raise BadArchive(f"it is damaged: the map of the sparse file {shown(name)} makes no sense")
        extents.append((offset, at, length))
        at += length
        end = offset + length
    return tuple(extents)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _time(text: str | None, header: float) -> int:
    """A time in ns: PAX's text where there is one, else the header's whole seconds; far ones are brought nearer."""
    found = None if text is None else _TIME.fullmatch(text)
    if found is None:
        seconds, fraction, sign = int(header) if header == header and abs(header) < 1 << 62 else 0, 0, 1
    else:
        seconds, fraction = int(found[2]), int((found[3] or "")[:9].ljust(9, "0"))
        sign = -1 if found[1] else 1
    seconds = max(-_TIME_LIMIT_S, min(seconds, _TIME_LIMIT_S))
    return sign * (seconds * _SECOND_NS + fraction)


def _xattrs(headers: dict[str, str]) -> dict[bytes, bytes]:
    """Extended attributes, as GNU tar and star write them, or as bsdtar does."""
    found: dict[bytes, bytes] = {}
    for key, value in headers.items():
        if key.startswith("SCHILY.xattr."):
            found[_bytes(key[13:])] = _bytes(value)
        elif key.startswith("LIBARCHIVE.xattr."):
            found.setdefault(unquote_to_bytes(_bytes(key[17:])), b64decode(_bytes(value) + b"=="))
    return found
