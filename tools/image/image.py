"""An image: what it says of itself, its layers, and the tree that they come to."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rvsim.guest_os.fs.archive_entry import BadArchive
from rvsim.tools.image.blobs import Blobs
from rvsim.tools.image.cache import Cache, Stored
from rvsim.tools.image.config import ImageConfig
from rvsim.tools.image.errors import ImageError, reason

if TYPE_CHECKING:
    from rvsim.guest_os.vfs.clock import Clock
    from rvsim.guest_os.vfs.super_block import SuperBlock

TREE_LIMIT_BYTES = 2 << 30
"""What the names and facts of all files may take while a tree is made: about two million files."""


@dataclass(frozen=True)
class LayerBlob:
    """A layer as the image has it.

    Attributes:
        name: of its file in the image.
        blob_digest, diff_id: sha256 of the file, and of what it unpacks to; None: nobody says.
        media_type: as the manifest says it.
        size: of the file; None: nobody says.
    """

    name: str
    blob_digest: str | None
    diff_id: str | None
    media_type: str = ""
    size: int | None = None


@dataclass
class Image:
    """An image that was opened; its layers are read when they are needed.

    Attributes:
        path: as it was given.
        digest: `sha256:…` of the manifest; of an image without one, of its config; of a plain tree, of its archive.
        kind: what it is, in words.
        config: what it says of its programs.
        layers: the lowest first.
        manifest: its manifest as it stands; empty: it has none.
    """

    path: str
    digest: str
    kind: str
    config: ImageConfig
    layers: tuple[LayerBlob, ...]
    blobs: Blobs
    cache: Cache
    limit_bytes: int
    manifest: bytes = b""
    whiteouts: bool = True
    _stored: list[Stored] = field(default_factory=list)

    def stored_layers(self) -> list[Stored]:
        """The layers, unpacked, in the cache. Raises ImageError: one is damaged, too large, or not there."""
        if not self._stored and self.layers:
            left = self.limit_bytes
            found = []
            for layer in self.layers:
                one = self._stored_layer(layer, left)
                left -= os.stat(one.path).st_size
                if left < 0:
                    raise self._error(f"it unpacks to more than {self.limit_bytes >> 20} MiB; --image-limit allows "
                                      "more")
                found.append(one)
            self._stored = found
        return self._stored

    def _stored_layer(self, layer: LayerBlob, left: int) -> Stored:
        if layer.diff_id is not None:
            there = self.cache.layer(layer.diff_id)
            if there is not None:
                return Stored(layer.diff_id, there)
        try:
            with self.blobs.opened(layer.name) as (file, size):
                if layer.size is not None and size != layer.size:
                    raise ImageError(f"the layer {layer.name} has {size} bytes, and {layer.size} were promised")
                return self.cache.add_layer(file, size, blob_digest=layer.blob_digest, diff_id=layer.diff_id,
                                            limit_bytes=left, what=f"the layer {layer.name}")
        except ImageError as error:
            raise self._error(str(error)) from None

    def chain_id(self) -> str:
        """What names the tree: sha256 over the layers. OCI image specification, "Layer ChainID". Raises ImageError.

        A tree in which `.wh.` is a name like any other has a name of its own.
        """
        ids = [layer.diff_id for layer in self.layers]
        if None in ids:
            ids = [one.digest for one in self.stored_layers()]
        chain = ""
        for one in ids:
            chain = hashlib.sha256(f"sha256:{chain} sha256:{one}".encode()).hexdigest() if chain else str(one)
        if not chain:
            chain = hashlib.sha256(b"").hexdigest()
        return chain if self.whiteouts else hashlib.sha256(f"plain {chain}".encode()).hexdigest()

    @property
    def root(self) -> bytes:
        """The tree as `MachineConfig.root` takes it: a file of the cache, made now if it is not there.

        Raises:
            ImageError: a layer is damaged, hostile, too large, or not there.
        """
        chain = self.chain_id()
        there = self.cache.tree(chain)
        if there is not None and all(layer.diff_id is None or self.cache.layer(layer.diff_id) is not None
                                     for layer in self.layers):
            return os.fsencode(there)
        layers = self.stored_layers()
        return os.fsencode(self.cache.add_tree(chain, lambda: self._tree_bytes(layers)))

    def _tree_bytes(self, layers: list[Stored]) -> bytes:
        from rvsim.guest_os.fs.archive_source import HostSource
        from rvsim.guest_os.fs.layer_tree import LayerTree

        tree = LayerTree(TREE_LIMIT_BYTES)
        for one, layer in zip(layers, self.layers, strict=True):
            try:
                tree.add_layer(HostSource(os.fsencode(one.path)), bytes.fromhex(one.digest), whiteouts=self.whiteouts)
            except BadArchive as error:
                raise self._error(f"the layer {layer.name}: {error}") from None
            except OSError as error:
                raise self._error(f"the layer {layer.name} cannot be read: {reason(error)}") from None
        return tree.to_bytes()

    def tree(self, clock: Clock | None = None) -> SuperBlock:
        """The file system for `/`, lazily read and never written: what the guest writes goes into an overlay above.

        Raises:
            ImageError: as `root`.
        """
        from rvsim.guest_os.fs.archive_tree import open_archive
        from rvsim.guest_os.fs.layer_tree import NoTime

        try:
            return open_archive(self.root, clock or NoTime(), TREE_LIMIT_BYTES)
        except BadArchive as error:
            raise self._error(str(error)) from None
        except OSError as error:
            raise self._error(reason(error)) from None

    def _error(self, message: str) -> ImageError:
        return ImageError(f"{self.path}: {message}")


def sha256_of(data: bytes) -> str:
    """Of bytes, as hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


