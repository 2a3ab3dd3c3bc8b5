"""Where the bytes of an image's tree are: the tree file and the unpacked layers, as one range of addresses.

Tree files and layers are named by their digests, so what is found under a name is what it was:

    HOME/trees/CHAINID.tree        see `fs/tree_file.py`
    HOME/layers/DIGEST             a layer, an uncompressed tar archive
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any

from rvsim.guest_os.fs.archive_entry import BadArchive, Source
from rvsim.guest_os.fs.archive_source import HostSource, open_source
from rvsim.guest_os.fs.tree_file import LAYER_SHIFT, MAGIC, header_size, parse_header

try:
    import fcntl
except ImportError:  # not a POSIX host
    fcntl = None  # type: ignore[assignment]

SUFFIX = b".tree"
_START_BYTES = 4096
_WITHIN = (1 << LAYER_SHIFT) - 1


class LayeredSource:
    """The files of one tree. A snapshot opens them again."""

    __slots__ = ("files", "path", "size")

    def __init__(self, path: bytes) -> None:
        """Raises OSError, and BadArchive for a damaged tree file, or a layer that is missing."""
        tree = HostSource(path)
        if fcntl is not None:
            with suppress(OSError):             # whoever prunes the cache looks for this lock
                fcntl.flock(tree.fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
        self.path = tree.path
        start = tree.read_at(0, _START_BYTES)
        size = header_size(start)
        header = parse_header(start[:size] if size <= len(start) else tree.read_at(0, size))
        self.files = [tree]
        self.size = tree.size
        layers = os.path.join(os.path.dirname(os.path.dirname(self.path)), b"layers")
        for layer in header.layers:
            name = layer.digest.hex()
            try:
                file = HostSource(os.path.join(layers, os.fsencode(name)))
            except FileNotFoundError:
                raise BadArchive(f"the layer sha256:{name} of the image is not in the cache any more; give the image "
                                 "with --image again") from None
            if file.size != layer.size:
                raise BadArchive(f"the cached layer sha256:{name} is damaged; remove rvsim/images in the cache "
                                 "folder")
            self.files.append(file)
            self.size += file.size

    def __reduce__(self) -> tuple[Any, ...]:
        return LayeredSource, (self.path,)

    def read_at(self, offset: int, size: int) -> bytes:
        """Up to `size` bytes from the address `offset`, of one file. Raises OSError."""
        number = offset >> LAYER_SHIFT
        return self.files[number].read_at(offset & _WITHIN, size) if 0 <= number < len(self.files) else b""


def open_any(path: bytes, limit_bytes: int) -> Source:
    """The archive in the host's file `path`, see `open_source`; of a tree file, the tree and its layers.

    Raises:
        OSError, BadArchive: it cannot be read.
    """
    if HostSource(path).read_at(0, len(MAGIC)) == MAGIC:
        return LayeredSource(path)
    return open_source(path, limit_bytes)
