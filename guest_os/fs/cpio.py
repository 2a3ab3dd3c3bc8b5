"""Members of a cpio archive: newc, crc and odc. cpio(5); usr/gen_init_cpio.c, init/initramfs.c

```
newc, crc: magic "070701" or "070702", then 13 fields of 8 hexadecimal digits:
           ino mode uid gid nlink mtime filesize devmajor devminor rdevmajor rdevminor namesize check
           name and data each end at a multiple of 4
odc:       magic "070707", then octal: dev ino mode uid gid nlink rdev (6 digits each) mtime (11) namesize (6)
           filesize (11); nothing is padded
```
Names that share device and inode number are one file; its data comes with the first or the last of them. After
`TRAILER!!!` another archive may follow, as in an initramfs.
"""

from __future__ import annotations

from collections.abc import Iterator

from rvsim.guest_os.abi.fcntl import PATH_MAX
from rvsim.guest_os.abi.stat import S_IFDIR, S_IFLNK, S_IFMT, S_IFREG, makedev
from rvsim.guest_os.fs.archive_entry import BadArchive, Entry, Source, shown

_NEWC_HEADER = 110
_ODC_HEADER = 76
_ODC_WIDTHS = (6, 6, 6, 6, 6, 6, 6, 11, 6, 11)
_TRAILER = b"TRAILER!!!"
_SECOND_NS = 1_000_000_000
_ZEROS_BYTES = 1 << 16

_Seen = dict[tuple[int, int, int], bytes]
"""(major, minor, inode number) to the first name, of files with several names."""


def is_cpio(start: bytes) -> bool:
    """Whether an archive that begins with `start` (6 bytes or more) is one of these."""
    return start[:6] in (b"070701", b"070702", b"070707")


class _Header:
    """The fields of one header; `align` is 4 or 1."""

    __slots__ = ("align", "data_bytes", "gid", "length", "mode", "mtime", "name_bytes", "nlink", "rdev", "same", "uid")

    def __init__(self, raw: bytes, offset: int) -> None:
        """Raises BadArchive: it is none, or cut off."""
        try:
            if raw[:6] == b"070707":
                self._odc(raw)
            elif is_cpio(raw):
                self._newc(raw)
            else:
                raise ValueError
        except ValueError:
            what = "ends in the middle of a header" if len(raw) < _ODC_HEADER else "has no cpio header"
            raise BadArchive(f"it is damaged: it {what} at byte {offset}") from None

    def _newc(self, raw: bytes) -> None:
        if len(raw) < _NEWC_HEADER:
            raise ValueError
        fields = [_digits(raw[at : at + 8], 16) for at in range(6, _NEWC_HEADER, 8)]
        ino, self.mode, self.uid, self.gid, self.nlink, self.mtime, self.data_bytes = fields[:7]
        self.same = (fields[7], fields[8], ino)
        self.rdev = makedev(fields[9] & 0xFFF, fields[10] & 0xFFFFF)
        self.name_bytes = fields[11]
        self.length = _NEWC_HEADER
        self.align = 4

    def _odc(self, raw: bytes) -> None:
        if len(raw) < _ODC_HEADER:
            raise ValueError
        fields = []
        at = 6
        for width in _ODC_WIDTHS:
            fields.append(_digits(raw[at : at + width], 8))
            at += width
        dev, ino, self.mode, self.uid, self.gid, self.nlink, rdev, self.mtime, self.name_bytes, self.data_bytes = fields
        self.same = (dev, 0, ino)
        self.rdev = makedev(rdev >> 8, rdev & 0xFF)
        self.length = _ODC_HEADER
        self.align = 1


def _digits(text: bytes, base: int) -> int:
    """A number of fixed width. Raises ValueError."""
    if text.strip(b"0123456789abcdefABCDEF"):
        raise ValueError
    return int(text, base)


def members(source: Source) -> Iterator[Entry]:
    """Every member in order.

    Raises:
        BadArchive: damaged or cut off.
        OSError: the host's file cannot be read.
    """
    offset = 0
    seen: _Seen = {}
    while True:
        header = _Header(source.read_at(offset, _NEWC_HEADER), offset)
        if not 1 <= header.name_bytes <= PATH_MAX:
            raise BadArchive(f"it is damaged: a name of {header.name_bytes} bytes at byte {offset}")
        name_at = offset + header.length
        name = source.read_at(name_at, header.name_bytes).rstrip(b"\0")
        data_at = _round_up(name_at + header.name_bytes, header.align)
        data_end = data_at + header.data_bytes
        if data_end > source.size:
            raise BadArchive(f"it ends in the middle of the member {shown(name)}")
        offset = _round_up(data_end, header.align)
        if name == _TRAILER:
            seen.clear()
            offset = _after_trailer(source, offset)
            if offset == source.size:
                return
            continue
        yield _entry(source, header, name, data_at, seen)


def _entry(source: Source, header: _Header, name: bytes, data_at: int, seen: _Seen) -> Entry:
    kind = header.mode & S_IFMT or S_IFREG
    entry = Entry(name, kind | header.mode & 0o7777, header.uid, header.gid, header.mtime * _SECOND_NS,
                  rdev=header.rdev)
    if kind == S_IFLNK:
        if header.data_bytes >= PATH_MAX:
            raise BadArchive(f"the symbolic link {shown(name)} has a text of {header.data_bytes} bytes")
        entry.target = source.read_at(data_at, header.data_bytes)
    elif kind == S_IFREG and header.data_bytes:
        entry.size = header.data_bytes
        entry.extents = ((0, data_at, header.data_bytes),)
    if header.nlink > 1 and kind != S_IFDIR:
        first = seen.setdefault(header.same, name)
        if first != name:
            entry.link = first
    return entry


def _after_trailer(source: Source, offset: int) -> int:
    """Where the next archive begins: past zeros; the source's size if none does."""
    while offset < source.size:
        part = source.read_at(offset, _ZEROS_BYTES)
        rest = part.lstrip(b"\0")
        if rest:
            offset += len(part) - len(rest)
            if not is_cpio(source.read_at(offset, 6)):
                raise BadArchive(f"after its end, at byte {offset}, comes something that is no cpio archive")
            return offset
        if not part:
            break
        offset += len(part)
    return source.size


def _round_up(offset: int, align: int) -> int:
    return -(-offset // align) * align
