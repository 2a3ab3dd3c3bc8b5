"""The tree of an image, for commands that look at it: paths, and one after another all that is in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from rvsim.guest_os.abi.errno import ENOENT, ENOTDIR, Errno
from rvsim.guest_os.abi.stat import S_IFDIR, S_IFLNK, S_IFMT, S_IFREG
from rvsim.guest_os.fs.archive import ArchiveFile, ArchiveNode, ArchiveSuperBlock
from rvsim.tools.image.errors import ImageError
from rvsim.tools.image.image import Image
from rvsim.tools.plain import plain
from rvsim.tools.progress import Progress

_LINKS_LIMIT = 40
_CHUNK_BYTES = 1 << 20
_DEPTH_LIMIT = 200


class Merged:
    """The tree of an image. Every method raises ImageError where the cache cannot be read any more."""

    def __init__(self, image: Image) -> None:
        """Raises ImageError: a layer is damaged, hostile, too large, or not there."""
        self.image = image
        with Progress(image.path) as progress:
            if image.cache.tree(image.chain_id()) is None:
                progress.say("its layers are unpacked")
            self.sb = cast(ArchiveSuperBlock, image.tree())
        self.top = self.sb.top

    def find(self, path: bytes, *, follow: bool = True) -> ArchiveNode:
        """What a path leads to, as for a program whose root this is. Raises ImageError: nothing."""
        way: list[ArchiveNode] = [self.top]
        left = path.split(b"/")[::-1]
        links = 0
        with self._readable(path):
            while left:
                name = left.pop()
                if name in (b"", b"."):
                    continue
                if name == b"..":
                    del way[max(1, len(way) - 1) :]
                    continue
                child = cast(ArchiveNode, way[-1].lookup(name))
                if child.mode & S_IFMT == S_IFLNK and (follow or any(left)):
                    links += 1
                    if links > _LINKS_LIMIT:
                        raise self._error(path, "too many symbolic links")
                    if child.target.startswith(b"/"):
                        del way[1:]
                    left += child.target.split(b"/")[::-1]
                    continue
                way.append(child)
        return way[-1]

    def children(self, folder: ArchiveNode, path: bytes) -> list[tuple[bytes, ArchiveNode]]:
        """What is in a directory, by name. `path` is for messages."""
        with self._readable(path):
            return sorted((name, cast(ArchiveNode, folder.lookup(name))) for _, name, _, _ in folder.readdir(2))

    def listed(self, node: ArchiveNode, path: bytes) -> list[tuple[bytes, ArchiveNode]]:
        """What `ls` shows of a path: what is in a directory, or else the file itself."""
        return self.children(node, path) if node.mode & S_IFMT == S_IFDIR else [(path, node)]

    def walk(self, node: ArchiveNode, path: bytes) -> Iterator[tuple[bytes, ArchiveNode]]:
        """All that is below a directory, by path: each directory before what is in it, names in order."""
        left = [(path, node)]
        while left:
            here, node = left.pop()
            if here != path:
                yield here, node
            if node.mode & S_IFMT == S_IFDIR:
                check_depth(self.image, here)
                left += [(here.rstrip(b"/") + b"/" + name, child)
                         for name, child in reversed(self.children(node, here))]

    def parts(self, node: ArchiveFile, path: bytes) -> Iterator[tuple[int, bytes]]:
        """What is in a file, but for its holes: (offset, data)."""
        with self._readable(path):
            for start, _, length in node.extents:
                end = min(start + length, node.size)
                while start < end:
                    data = node.read_raw(start, min(_CHUNK_BYTES, end - start))
                    yield start, data
                    start += len(data)

    def read(self, node: ArchiveFile, path: bytes, offset: int, size: int) -> bytes:
        """Some bytes of a file; holes are zeros."""
        with self._readable(path):
            return node.read_raw(offset, size)

    @contextmanager
    def _readable(self, path: bytes) -> Iterator[None]:
        try:
            yield
        except ENOENT:
            raise self._error(path, "no such file in the image") from None
        except ENOTDIR:
            raise self._error(path, "a part of this path is no directory") from None
        except Errno as error:
            raise self._error(path, f"{error.text.lower()}; remove rvsim/images in the cache folder") from None

    def _error(self, path: bytes, message: str) -> ImageError:
        return ImageError(f"{self.image.path}: {shown(path)}: {message}")


def shown(path: bytes) -> str:
    """A path for a person's terminal: nothing in it acts there."""
    return plain(path.decode("utf-8", "replace"))


def is_file(node: ArchiveNode) -> bool:
    """Whether it is a regular file."""
    return node.mode & S_IFMT == S_IFREG


def check_depth(image: Image, path: bytes) -> None:
    """Raises ImageError: a directory lies deeper than any that is meant well."""
    if path.count(b"/") > _DEPTH_LIMIT:
        raise ImageError(f"{image.path}: {shown(path[:60])}…: it is more than {_DEPTH_LIMIT} directories deep")
