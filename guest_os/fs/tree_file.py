"""The tree of an image in a file: what the layers of the image come to, so that nobody has to read their headers again.

    header     magic, checksum of the rest, counts, where the root's block is, and of each layer digest and size
    blocks     one for each directory: a checksum, then one record for each name in it, in the order of the layers

A record holds the name, all facts of the file, its extended attributes, where its bytes are in the layers, and for a
directory where its block is. What has several names has a record under each, with the same inode number. All numbers
are little-endian. The bytes of files are not in here: layer n, unpacked, is a file beside this one, and its byte i has
the address `layer_address(n) + i`.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rvsim.guest_os.abi.stat import S_IFDIR, S_IFMT, S_IFREG
from rvsim.guest_os.fs.archive import ArchiveDir, ArchiveFile, ArchiveNode
from rvsim.guest_os.fs.archive_entry import BadArchive, Entry, Extent

MAGIC = b"RVTREE1\0"
LAYER_SHIFT = 44
_HEADER = struct.Struct("<8sIIQQQQI")
"""magic, crc32 of what follows it in the header, layers, files, bytes of their data, the root's block and its size,
size of the root's record."""
_LAYER = struct.Struct("<32sQ")
_RECORD = struct.Struct("<IBHIIIIqIqIQQIHI")
"""size of the record; length of the name; mode; ino; nlink; uid; gid; mtime and atime, seconds and ns each; rdev;
size; number of extents; length of the link's text; length of the extended attributes."""
_EXTENT = struct.Struct("<QQQ")
_XATTR = struct.Struct("<HI")
_CRC = struct.Struct("<I")
_SECOND_NS = 1_000_000_000
_LAYERS_LIMIT = 4096
_BLOCK_LIMIT = 1 << 30
_DAMAGED = "the cached tree of the image is damaged; remove rvsim/images in the cache folder"


def layer_address(number: int) -> int:
    """Where the bytes of a layer (from 0) begin; the file itself is at 0."""
    return (number + 1) << LAYER_SHIFT


class Layer(NamedTuple):
    """sha256 and size of a layer, unpacked."""

    digest: bytes
    size: int


@dataclass(frozen=True, slots=True)
class Header:
    """`files`: how many there are; `data_bytes`: their sizes together; `top`: the record of the root."""

    layers: tuple[Layer, ...]
    files: int
    data_bytes: int
    top: bytes


@dataclass(slots=True)
class Node:
    """One record: an entry with its inode number and links. `block`: of a directory, (address, size)."""

    entry: Entry
    ino: int
    nlink: int
    block: tuple[int, int]


def header_size(start: bytes) -> int:
    """How many bytes the header takes in a file that begins with `start`. Raises BadArchive."""
    if len(start) < _HEADER.size:
        raise BadArchive(_DAMAGED)
    _, _, layers, *_, top_size = _HEADER.unpack_from(start)
    if layers > _LAYERS_LIMIT or not _RECORD.size <= top_size <= _BLOCK_LIMIT:
        raise BadArchive(_DAMAGED)
    return int(_HEADER.size + layers * _LAYER.size + top_size)


def parse_header(data: bytes) -> Header:
    """The header, from all of its bytes. Raises BadArchive."""
    if len(data) < _HEADER.size or header_size(data) != len(data):
        raise BadArchive(_DAMAGED)
    _, crc, count, files, data_bytes, _, _, _ = _HEADER.unpack_from(data)
    if zlib.crc32(data[12:]) != crc:
        raise BadArchive(_DAMAGED)
    at = _HEADER.size
    layers = tuple(Layer(*_LAYER.unpack_from(data, at + index * _LAYER.size)) for index in range(count))
    return Header(layers, files, data_bytes, data[at + count * _LAYER.size :])


def read_header(start: bytes) -> Header:
    """The header of a file that begins with `start`, all of it. Raises BadArchive."""
    return parse_header(start[: header_size(start)])


def parse_node(data: bytes, at: int) -> Node:
    """The record at `at` of a block. Raises ValueError: it makes no sense."""
    try:
        (size, name_size, mode, ino, nlink, uid, gid, mtime, mtime_part, atime, atime_part, rdev, length, extents,
         target_size, xattr_size) = _RECORD.unpack_from(data, at)
        end = at + size
        at += _RECORD.size
        name = data[at : at + name_size]
        at += name_size
        target = data[at : at + target_size]
        at += target_size
        xattrs: dict[bytes, bytes] = {}
        stop = at + xattr_size
        while at < stop:
            key_size, value_size = _XATTR.unpack_from(data, at)
            at += _XATTR.size
            xattrs[data[at : at + key_size]] = data[at + key_size : at + key_size + value_size]
            at += key_size + value_size
        where: list[Extent] = [_EXTENT.unpack_from(data, at + index * _EXTENT.size) for index in range(extents)]
        at += extents * _EXTENT.size
    except struct.error:
        raise ValueError(_DAMAGED) from None
    if at != end or at > len(data):
        raise ValueError(_DAMAGED)
    block = (0, 0)
    if mode & S_IFMT == S_IFDIR:
        if len(where) != 1:
            raise ValueError(_DAMAGED)
        block = where[0][1:]
        where = []
    entry = Entry(name, mode, uid, gid, mtime * _SECOND_NS + mtime_part, atime * _SECOND_NS + atime_part, rdev, length,
                  tuple(where), target, None, xattrs)
    return Node(entry, ino, nlink, block)


def block_index(block: bytes) -> dict[bytes, int]:
    """Where the record of each name is in a directory's block. Raises ValueError: it makes no sense."""
    if len(block) < _CRC.size or zlib.crc32(block[_CRC.size :]) != _CRC.unpack_from(block)[0]:
        raise ValueError(_DAMAGED)
    found: dict[bytes, int] = {}
    at = _CRC.size
    while at < len(block):
        if at + _RECORD.size > len(block):
            raise ValueError(_DAMAGED)
        size = _CRC.unpack_from(block, at)[0]
        if size < _RECORD.size:
            raise ValueError(_DAMAGED)
        name = block[at + _RECORD.size : at + _RECORD.size + block[at + _CRC.size]]
        found[name] = at
        at += size
    return found


def ino_and_type(block: bytes, at: int) -> tuple[int, int]:
    """Inode number and DT_* of the record at `at`, which `block_index` has found."""
    mode = block[at + 5] | block[at + 6] << 8
    return int.from_bytes(block[at + 7 : at + 11], "little"), mode >> 12 & 0o17


class _Writer:
    """The file while it grows."""

    def __init__(self, start: int) -> None:
        self.start = start
        self.blocks = bytearray()
        self.inos: dict[ArchiveNode, int] = {}
        self.nlinks: dict[ArchiveNode, int] = {}
        self.data_bytes = 0

    def number(self, top: ArchiveDir) -> list[ArchiveDir]:
        """Give every file its number and its links; the directories, each before those in it."""
        directories = [top]
        self.inos[top] = 1
        for directory in directories:
            self.nlinks[directory] = 2
            for child in directory.children.values():
                if isinstance(child, ArchiveDir):
                    self.nlinks[directory] += 1
                    directories.append(child)
                else:
                    self.nlinks[child] = self.nlinks.get(child, 0) + 1
                if child not in self.inos:
                    self.inos[child] = len(self.inos) + 1
                    self.data_bytes += child.size if child.mode & S_IFMT == S_IFREG else 0
        return directories

    def record(self, name: bytes, node: ArchiveNode, extents: Sequence[Extent]) -> bytes:
        xattrs = b"".join(_XATTR.pack(len(key), len(value)) + key + value for key, value in node.xattrs.items())
        mtime, atime = divmod(node.mtime_ns, _SECOND_NS), divmod(node.atime_ns, _SECOND_NS)
        rest = name + node.target + xattrs + b"".join(_EXTENT.pack(*extent) for extent in extents)
        return _RECORD.pack(
            _RECORD.size + len(rest), len(name), node.mode, self.inos[node], self.nlinks[node], node.uid, node.gid,
            *mtime, *atime, node.rdev, node.size, len(extents), len(node.target), len(xattrs),
        ) + rest  # fmt: skip

    def block(self, records: Iterator[bytes]) -> Extent:
        body = b"".join(records)
        at = self.start + len(self.blocks)
        self.blocks += _CRC.pack(zlib.crc32(body)) + body
        return 0, at, len(body) + _CRC.size


def tree_bytes(top: ArchiveDir, layers: Sequence[Layer]) -> bytes:
    """The file for a tree. Its files' extents are addresses as `layer_address` gives them."""
    writer = _Writer(0)
    directories = writer.number(top)
    where: dict[ArchiveNode, tuple[Extent, ...]] = dict.fromkeys(directories, ((0, 0, 0),))
    top_size = len(writer.record(b"", top, where[top]))
    writer.start = _HEADER.size + len(layers) * _LAYER.size + top_size
    for directory in reversed(directories):
        where[directory] = (writer.block(
            writer.record(name, child, child.extents if isinstance(child, ArchiveFile) else where.get(child, ()))
            for name, child in directory.children.items()),)
    root = writer.record(b"", top, where[top])
    rest = b"".join(_LAYER.pack(*layer) for layer in layers) + root
    fixed = _HEADER.pack(MAGIC, 0, len(layers), len(writer.inos), writer.data_bytes, *where[top][0][1:], len(root))
    return MAGIC + _CRC.pack(zlib.crc32(fixed[12:] + rest)) + fixed[12:] + rest + bytes(writer.blocks)
