"""An image: what it says of itself, its layers, and the tree that they come to."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from rvsim.guest_os.fs.archive_entry import BadArchive
from rvsim.tools.errors import reason
from rvsim.tools.image.blobs import Blobs, named_file
from rvsim.tools.image.cache import Cache, Stored, TooLarge, limit_of
from rvsim.tools.image.config import ImageConfig
from rvsim.tools.image.errors import ImageError
from rvsim.tools.image.locks import Lock

if TYPE_CHECKING:
    from rvsim.guest_os.vfs.clock import Clock
    from rvsim.guest_os.vfs.super_block import SuperBlock

TREE_LIMIT_BYTES = 1 << 30
"""What the names and facts of all files may take while a tree is made: about a million files."""

_HELD: dict[bytes, Lock | None] = {}
"""Trees that this process needs until it ends."""


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
        guard: keeps what was found in the cache there, until `root` holds the tree.
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
    guard: Lock | None = None
    _hold: Lock | None = None

    def stored_layers(self) -> list[Stored]:
        """The layers, unpacked, in the cache. Raises ImageError: one is damaged, too large, or not there."""
        if not self._stored and self.layers:
            self._guarded()
            left = self.limit_bytes
            found = []
            for layer in self.layers:
                one = self._stored_layer(layer, left)
                left -= os.stat(one.path).st_size
                if left < 0:
                    raise self._too_large(self.limit_bytes)
                found.append(one)
            self._stored = found
        return self._stored

    def _stored_layer(self, layer: LayerBlob, left: int) -> Stored:
        if layer.diff_id is not None:
            there = self.cache.layer(layer.diff_id)
            if there is not None:
                return Stored(layer.diff_id, there)
        what = f"the layer {named_file(layer.name)}"
        allowed = left
        try:
            with self.blobs.opened(layer.name) as (file, size):
                if layer.size is not None and size != layer.size:
                    raise ImageError(f"{what} has {size} bytes, and {layer.size} were promised")
                allowed = min(left, limit_of(size, self.limit_bytes))
                return self.cache.add_layer(file, size, blob_digest=layer.blob_digest, diff_id=layer.diff_id,
                                            limit_bytes=allowed, what=what)
        except TooLarge:
            raise self._too_large(self.limit_bytes if allowed == left else allowed) from None
        except ImageError as error:
            raise self._error(str(error)) from None

    def _too_large(self, limit_bytes: int) -> ImageError:
        return self._error(f"it unpacks to more than {limit_bytes >> 20} MiB; --image-limit allows more")

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

        It stays there as long as this object does, and as a machine has it as its root.

        Raises:
            ImageError: a layer is damaged, hostile, too large, or not there.
        """
        self._guarded()
        chain = self.chain_id()
        there = self.cache.tree(chain)
        if there is None or not self._is_whole(there):
            layers = self.stored_layers()
            there = self.cache.add_tree(chain, lambda: self._tree_bytes(layers))
        try:
            self._hold = Lock(there, make=False)
        except OSError as error:
            raise self._error(f"its tree in the cache cannot be read: {reason(error)}") from None
        self.guard = None
        self.cache.make_room()
        return os.fsencode(there)

    def keep(self) -> None:
        """Let nobody remove the tree from the cache until this process ends. Raises ImageError, as `root`."""
        root = self.root
        _HELD.setdefault(root, self._hold)

    def _guarded(self) -> None:
        """Let nobody remove anything from the cache, until the tree is held."""
        if self.guard is None:
            self.guard = self.cache.guard()

    def _is_whole(self, tree: Path) -> bool:
        """Whether a tree and its layers are as they were made; what is not goes. Raises ImageError: it is too large."""
        from rvsim.guest_os.fs.layered_source import LayeredSource

        found = [None if layer.diff_id is None else self.cache.layer(layer.diff_id) for layer in self.layers]
        try:
            size = sum(os.stat(path).st_size for path in found if path is not None)
            LayeredSource(os.fsencode(tree))
        except (BadArchive, OSError):
            self.cache.forget(tree)
            for layer in self.layers:
                if layer.diff_id is not None:
                    self.cache.check_layer(layer.diff_id)
            self._stored = []
            return False
        if size > self.limit_bytes:
            raise self._too_large(self.limit_bytes)
        return True

    def _tree_bytes(self, layers: list[Stored]) -> bytes:
        from rvsim.guest_os.fs.archive_source import HostSource
        from rvsim.guest_os.fs.layer_tree import LayerTree

        tree = LayerTree(TREE_LIMIT_BYTES)
        for one, layer in zip(layers, self.layers, strict=True):
            try:
                tree.add_layer(HostSource(os.fsencode(one.path)), bytes.fromhex(one.digest), whiteouts=self.whiteouts)
            except BadArchive as error:
                raise self._error(f"the layer {named_file(layer.name)}: {error}") from None
            except OSError as error:
                raise self._error(f"the layer {named_file(layer.name)} cannot be read: {reason(error)}") from None
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


