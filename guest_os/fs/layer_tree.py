"""What the layers of an image come to. OCI image specification, "Image Layer Filesystem Changeset"

A layer is a tar archive of what it adds and changes. A member `.wh.NAME` takes NAME of the layers below away, and
`.wh..wh..opq` all that they have in its directory; what the same layer puts there stays, wherever the member stands.
What a layer puts where something is takes its place, but a directory on a directory, which keeps what is in it. A
symbolic link in a member's path leads inside the tree, as for a program whose root it is. A hard link may name what
the layer takes away.
"""

from __future__ import annotations

from rvsim.guest_os.abi.fcntl import PATH_MAX
from rvsim.guest_os.abi.stat import S_IFDIR, S_IFLNK, S_IFMT
from rvsim.guest_os.fs import tar
from rvsim.guest_os.fs.archive import ArchiveDir, ArchiveNode, ArchiveSuperBlock
from rvsim.guest_os.fs.archive_entry import BadArchive, Entry, Source, shown
from rvsim.guest_os.fs.archive_tree import Tree
from rvsim.guest_os.fs.tree_file import Layer, layer_address, tree_bytes

_WHITEOUT = b".wh."
_META = b".wh..wh."
_OPAQUE = b".wh..wh..opq"
_LINKS_LIMIT = 40
_STEPS_LIMIT = 20_000_000
_UNNAMED_BYTES = 16 << 10
"""What a directory counts that no member makes: one name can ask for two thousand."""


class NoTime:
    """The clock of a tree that no machine has: what no member dates is as old as time."""

    def realtime_ns(self) -> int:
        return 0

    def monotonic_ns(self) -> int:
        return 0


class _Nothing:
    """The source of a tree that nobody reads files of."""

    size = 0

    def read_at(self, _offset: int, _size: int) -> bytes:
        return b""


class LayerTree(Tree):
    """The tree while layers are laid on each other, from the lowest up."""

    def __init__(self, limit_bytes: int) -> None:
        """Raises BadArchive from `add_layer` where the tree takes more than `limit_bytes` of memory."""
        super().__init__(ArchiveSuperBlock(_Nothing(), NoTime()), limit_bytes)
        self.layers: list[Layer] = []
        self.lower: dict[bytes, ArchiveNode] = {}
        """What hard links of this layer name in the layers below, before whiteouts."""
        self.steps_left = _STEPS_LIMIT

    def add_layer(self, source: Source, digest: bytes, *, whiteouts: bool = True) -> None:
        """Lay a layer, unpacked, on what is there. Its `digest` is kept. Without `whiteouts`, `.wh.` is a name.

        Raises:
            OSError: the host's file cannot be read.
            BadArchive: it is no tar archive, damaged, hostile, or too large.
        """
        base = layer_address(len(self.layers))
        kept: list[Entry] = []
        taken: list[Entry] = []
        directories: set[tuple[bytes, ...]] = set()
        self.lower.clear()
        start = source.read_at(0, 512)
        if not tar.is_tar(start) and start.strip(b"\0"):
            raise BadArchive("it is no tar archive")
        for entry in tar.members(source) if start else ():
            name = entry.name.rstrip(b"/").rpartition(b"/")[2]
            if whiteouts and name.startswith(_WHITEOUT):
                taken.append(entry)
                self._count(len(entry.name))
                continue
            if entry.link is not None:
                node = self._target(entry.link)
                if node is not None:
                    self.lower[entry.link] = node
            entry.extents = tuple((offset, base + at, length) for offset, at, length in entry.extents)
            self._count(len(entry.name) + len(entry.target))
            kept.append(entry)
            if entry.mode & S_IFMT == S_IFDIR:
                directories.add(tuple(self._names(entry.name)))
        for entry in taken:
            names = self._names(entry.name)
            if not any(self._is_link(names[:depth], entry.name) for depth in range(1, len(names))
                       if tuple(names[:depth]) in directories):
                self._take_away(names, entry.name)
        for entry in kept:
            self.add(entry)
        if whiteouts:                          # where aufs kept hard links: only their other names are files
            for name in [name for name in self.sb.top.children if name.startswith(_META)]:
                del self.sb.top.children[name]
        self.layers.append(Layer(digest, source.size))

    def to_bytes(self) -> bytes:
        """The tree file."""
        return tree_bytes(self.sb.top, self.layers)

    def _is_link(self, names: list[bytes], path: bytes) -> bool:
        """Whether the lower layers have a symbolic link there. A directory of the layer then takes its place, and a
        whiteout in that directory says nothing of what the link leads to."""
        parent = self._found(names[:-1], path)
        found = None if parent is None else parent.children.get(names[-1])
        return found is not None and found.mode & S_IFMT == S_IFLNK

    def _take_away(self, names: list[bytes], path: bytes) -> None:
        """Obey a whiteout, before anything of its layer is there."""
        parent = self._found(names[:-1], path)
        if names[-1] == _OPAQUE:
            if parent is not None:
                parent.children.clear()
        elif not names[-1].startswith(_META):
            name = names[-1][len(_WHITEOUT) :]
            if name in (b"", b".", b".."):
                raise BadArchive(f"the whiteout {shown(path)} names nothing")
            if parent is not None:
                parent.children.pop(name, None)

    # ---- what differs from one archive

    def _too_large(self) -> str:
        return "its layers have too many members"

    def _directory(self, names: list[bytes], path: bytes) -> ArchiveDir:
        found = self._found(names, path, make=True)
        assert found is not None
        return found

    def _put(self, parent: ArchiveDir, name: bytes, old: ArchiveNode | None, node: ArchiveNode, path: bytes) -> None:
        if old is not None:
            del parent.children[name]          # a new one is listed last
        parent.children[name] = node

    def _target(self, path: bytes) -> ArchiveNode | None:
        names = self._names(path)
        if not names:
            return self.sb.top
        parent = self._found(names[:-1], path)
        found = None if parent is None else parent.children.get(names[-1])
        return self.lower.get(path) if found is None else found

    def _found(self, names: list[bytes], path: bytes, *, make: bool = False) -> ArchiveDir | None:
        """The directory that `names` lead to, links followed; None, or made, where there is none.

        Raises:
            BadArchive: it is to be made, and the way leads through a file or too many links; or all ways together are
                too long.
        """
        way = [self.sb.top]
        left = names[::-1]
        links = 0
        while left:
            name = left.pop()
            self.steps_left -= 1
            if name in (b"", b"."):
                continue
            if name == b"..":
                del way[max(1, len(way) - 1) :]
                continue
            child = way[-1].children.get(name)
            if child is not None and child.mode & S_IFMT == S_IFLNK:
                links += 1
                too_many = links > _LINKS_LIMIT or len(left) > PATH_MAX
                if too_many and not make and self.steps_left >= 0:
                    return None
                if too_many or self.steps_left < 0:
                    raise BadArchive(f"the name {shown(path)} leads through too many symbolic links")
                if child.target.startswith(b"/"):
                    del way[1:]
                left += child.target.split(b"/")[::-1]
                continue
            if child is None:
                if not make:
                    return None
                self._count(_UNNAMED_BYTES)
                child = self.sb.node(Entry(name, S_IFDIR | 0o755))
                self._put(way[-1], name, None, child, path)
            if not isinstance(child, ArchiveDir):
                if not make:
                    return None
                raise BadArchive(f"the name {shown(path)} leads through what is no directory, {shown(name)}")
            way.append(child)
        return way[-1]
