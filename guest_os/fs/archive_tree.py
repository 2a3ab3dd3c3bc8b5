"""Opens an archive and hangs its members into a tree: names, hard links, and what a hostile archive may not do.

Names are taken from the root on, wherever they claim to start, and none may have `..` in it or lead through anything
but directories; so no member is ever outside. A later member takes the place of an earlier one of the same name; a
directory that comes twice keeps what is in it.
"""

from __future__ import annotations

from collections.abc import Iterator

from rvsim.guest_os.abi.fcntl import MAX_FILE_BYTES, NAME_MAX, PATH_MAX, XATTR_NAME_MAX, XATTR_SIZE_MAX
from rvsim.guest_os.abi.stat import S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG, S_IFSOCK
from rvsim.guest_os.fs import cpio, tar
from rvsim.guest_os.fs.archive import ArchiveDir, ArchiveFile, ArchiveNode, ArchiveSuperBlock
from rvsim.guest_os.fs.archive_entry import BadArchive, Entry, Source, shown
from rvsim.guest_os.fs.host_os import HOST, HostOs
from rvsim.guest_os.fs.layered import LayeredSuperBlock, is_tree
from rvsim.guest_os.vfs.clock import Clock

_ENTRY_BYTES = 1024
"""About what a member costs here besides its names."""
_START_BYTES = 512
_KINDS = (S_IFDIR, S_IFREG, S_IFLNK, S_IFCHR, S_IFBLK, S_IFIFO, S_IFSOCK)
_KEPT_XATTRS = (b"user.", b"trusted.", b"security.")
_ID_LIMIT = (1 << 32) - 1


def open_archive(path: bytes, clock: Clock, limit_bytes: int, host: HostOs = HOST) -> ArchiveSuperBlock:
    """The tree in the tar or cpio archive that is the host's file `path`, compressed or not; or of a tree file.

    Its tree, and what it unpacks to if it is compressed, take about `limit_bytes` of memory at most each.

    Raises:
        OSError: the file cannot be read.
        BadArchive: it is none, damaged, hostile, or too large.
    """
    source = host.archive(path, limit_bytes)
    start = source.read_at(0, _START_BYTES)
    if is_tree(start):
        return LayeredSuperBlock(source, clock)
    sb = ArchiveSuperBlock(source, clock)
    tree = Tree(sb, limit_bytes)
    for entry in _members(source, start):
        tree.add(entry)
    return sb


def _members(source: Source, start: bytes) -> Iterator[Entry]:
    if cpio.is_cpio(start):
        return cpio.members(source)
    if tar.is_tar(start):
        return tar.members(source)
    if not start:
        raise BadArchive("it is empty; give a directory, or a tar or cpio archive")
    if source.size % _START_BYTES == 0 and not start.strip(b"\0"):
        raise BadArchive("it has no members; give a directory, or a tar or cpio archive")
    raise BadArchive("it is neither a directory nor a tar or cpio archive")


class Tree:
    """The tree while it grows."""

    def __init__(self, sb: ArchiveSuperBlock, limit_bytes: int) -> None:
        self.sb = sb
        self.limit_bytes = limit_bytes
        self.left_bytes = limit_bytes

    def add(self, entry: Entry) -> None:
        """Hang a member in. Raises BadArchive."""
        names = self._names(entry.name)
        _check(entry)
        self._count(len(entry.name) + len(entry.target) + 96 * len(entry.extents)
                    + sum(len(name) + len(value) + 128 for name, value in entry.xattrs.items()))
        entry.xattrs = {name: value for name, value in entry.xattrs.items() if name.startswith(_KEPT_XATTRS)}
        if not names:
            if entry.mode & S_IFMT != S_IFDIR:
                raise BadArchive("its root is not a directory")
            self.sb.top.take_facts(entry)
            return
        parent = self._directory(names[:-1], entry.name)
        old = parent.children.get(names[-1])
        if entry.link is not None:
            self._link(parent, names[-1], old, entry)
        elif isinstance(old, ArchiveDir) and entry.mode & S_IFMT == S_IFDIR:
            old.take_facts(entry)
        else:
            self._put(parent, names[-1], old, self.sb.node(entry), entry.name)

    def _count(self, more_bytes: int) -> None:
        self.left_bytes -= _ENTRY_BYTES + more_bytes
        if self.left_bytes < 0:
            raise BadArchive(self._too_large())

    def _too_large(self) -> str:
        return f"its tree does not fit into the machine's memory, {self.limit_bytes >> 20} MiB; give --memory more"

    def _names(self, path: bytes) -> list[bytes]:
        if len(path) >= PATH_MAX or b"\0" in path:
            raise BadArchive(f"it has a member with an impossible name, {shown(path)}")
        names = [name for name in path.split(b"/") if name not in (b"", b".")]
        if b".." in names:
            raise BadArchive(f"the name {shown(path)} leads upwards")
        if any(len(name) > NAME_MAX for name in names):
            raise BadArchive(f"the name {shown(path)} has a part of more than {NAME_MAX} bytes")
        return names

    def _directory(self, names: list[bytes], path: bytes) -> ArchiveDir:
        """The directory that `names` lead to; those that no member has made yet are made."""
        here = self.sb.top
        for name in names:
            child = here.children.get(name)
            if child is None:
                self._count(len(name))
                child = self.sb.node(Entry(name, S_IFDIR | 0o755))
                self._put(here, name, None, child, path)
            if not isinstance(child, ArchiveDir):
                what = "a symbolic link" if child.mode & S_IFMT == S_IFLNK else "what is no directory"
                raise BadArchive(f"the name {shown(path)} leads through {what}, {shown(name)}")
            here = child
        return here

    def _put(self, parent: ArchiveDir, name: bytes, old: ArchiveNode | None, node: ArchiveNode, path: bytes) -> None:
        if isinstance(old, ArchiveDir):
            raise BadArchive(f"{shown(path)} is a directory, and then something else")
        if old is not None:
            old.nlink -= 1
        if isinstance(node, ArchiveDir):
            parent.nlink += 1
        parent.children[name] = node

    def _link(self, parent: ArchiveDir, name: bytes, old: ArchiveNode | None, entry: Entry) -> None:
        assert entry.link is not None
        node = self._target(entry.link)
        if node is None:
            raise BadArchive(f"{shown(entry.name)} is a hard link to {shown(entry.link)}, which is not in it")
        if isinstance(node, ArchiveDir):
            raise BadArchive(f"{shown(entry.name)} is a hard link to a directory, {shown(entry.link)}")
        if isinstance(node, ArchiveFile) and entry.extents:
            node.set_data(entry.size, entry.extents)
        if node is not old:
            self._put(parent, name, old, node, entry.name)
            node.nlink += 1

    def _target(self, path: bytes) -> ArchiveNode | None:
        """What a hard link names: a member that came before. Links on the way are not followed."""
        here: ArchiveNode = self.sb.top
        for name in self._names(path):
            child = here.children.get(name) if isinstance(here, ArchiveDir) else None
            if child is None:
                return None
            here = child
        return here


def _check(entry: Entry) -> None:
    """What no file system could hold. Raises BadArchive."""
    kind = entry.mode & S_IFMT
    name = shown(entry.name)
    if kind not in _KINDS:
        raise BadArchive(f"{name} has the impossible mode {entry.mode:o}")
    if not (0 <= entry.uid < _ID_LIMIT and 0 <= entry.gid < _ID_LIMIT):
        raise BadArchive(f"{name} belongs to the impossible user or group {entry.uid}:{entry.gid}")
    if entry.size > MAX_FILE_BYTES:
        raise BadArchive(f"{name} claims to have {entry.size} bytes")
    if kind == S_IFLNK and entry.link is None and (
        not entry.target or len(entry.target) >= PATH_MAX or b"\0" in entry.target
    ):
        raise BadArchive(f"the symbolic link {name} has the impossible text {shown(entry.target)}")
    for key, value in entry.xattrs.items():
        if len(key) > XATTR_NAME_MAX or len(value) > XATTR_SIZE_MAX or b"\0" in key:
            raise BadArchive(f"{name} has an extended attribute too large to keep, {shown(key)}")
