"""layered: the tree that the layers of an image come to, never written; meant to lie below an overlay.

It is read from a tree file (`fs/tree_file.py`): the names of a directory when somebody first looks into it, an inode
when it is first looked up, bytes of files from the unpacked layers when they are needed. So it costs the same to mount
whatever the image's size.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from rvsim.guest_os.abi.errno import EIO, ENOENT
from rvsim.guest_os.abi.stat import S_IFDIR, S_IFMT, S_IFREG
from rvsim.guest_os.fs.archive import ArchiveDir, ArchiveFile, ArchiveNode, ArchiveSuperBlock
from rvsim.guest_os.fs.archive_entry import BadArchive, Source
from rvsim.guest_os.fs.tree_file import (
    MAGIC,
    Node,
    block_index,
    header_size,
    ino_and_type,
    parse_header,
    parse_node,
)
from rvsim.guest_os.vfs.clock import Clock
from rvsim.guest_os.vfs.inode import Dirent, Inode

_PAGE_BYTES = 4096


class LayeredDir(ArchiveDir):
    """A directory of the tree.

    Attributes:
        place: (offset, size) of its block in the tree file.
        block: the block, once it was read.
        index: where in it the record of each name is.
    """

    __slots__ = ("block", "index", "place")

    sb: LayeredSuperBlock

    def __init__(self, sb: LayeredSuperBlock, node: Node) -> None:
        super().__init__(sb, node.entry)
        self.place = node.block
        self.block = b""
        self.index: dict[bytes, int] = {}

    def _read(self) -> None:
        """Read the names. Raises EIO: the tree file cannot be read, or is not what it was."""
        if self.block:
            return
        at, size = self.place
        try:
            block = self.sb.source.read_at(at, size)
            self.index = block_index(block)
        except (OSError, ValueError):
            raise EIO from None
        self.block = block

    def lookup(self, name: bytes) -> Inode:
        found = self.children.get(name)
        if found is None:
            self._read()
            at = self.index.get(name)
            if at is None:
                raise ENOENT
            try:
                found = self.sb.inode(parse_node(self.block, at))
            except ValueError:
                raise EIO from None
            self.children[name] = found
        return found

    def readdir(self, position: int) -> Iterable[Dirent]:
        self._read()
        if not self.listing:
            self.listing = [(at, name, *ino_and_type(self.block, where))
                            for at, (name, where) in enumerate(self.index.items(), 2)]
        return islice(self.listing, position - 2, None)


class LayeredSuperBlock(ArchiveSuperBlock):
    """The tree of one image.

    Attributes:
        linked: what has several names and was looked up, by inode number.
    """

    __slots__ = ("linked",)

    def __init__(self, source: Source, clock: Clock) -> None:
        """Raises OSError, and BadArchive for a damaged tree file."""
        super().__init__(source, clock)
        start = source.read_at(0, _PAGE_BYTES)
        size = header_size(start)
        header = parse_header(start[:size] if size <= len(start) else source.read_at(0, size))
        self.linked: dict[int, ArchiveNode] = {}
        self.files = header.files
        self.data_pages = -(-header.data_bytes // _PAGE_BYTES)
        try:
            top = self.inode(parse_node(header.top, 0))
        except ValueError as error:
            raise BadArchive(str(error)) from None
        if not isinstance(top, LayeredDir):
            raise BadArchive("its root is not a directory")
        self.top = top
        self.set_root(top)

    def inode(self, node: Node) -> ArchiveNode:
        """The inode of a record; always the same one for a file of several names."""
        known = self.linked.get(node.ino)
        if known is not None:
            return known
        kind = node.entry.mode & S_IFMT
        inode: ArchiveNode
        if kind == S_IFDIR:
            inode = LayeredDir(self, node)
        else:
            inode = ArchiveFile(self, node.entry) if kind == S_IFREG else ArchiveNode(self, node.entry)
            if node.nlink > 1:
                self.linked[node.ino] = inode
        inode.ino, inode.nlink = node.ino, node.nlink
        return inode


def is_tree(start: bytes) -> bool:
    """Whether a file that begins with `start` is a tree file."""
    return start.startswith(MAGIC)
