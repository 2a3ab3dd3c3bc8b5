"""Makes an image: the layers of another one below, new ones on them, and a config.

The same input gives the same digest on every machine: see `contents.py` for what is taken of files, `tar_writer.py` for
the archives. The config has no dates in it.
"""

from __future__ import annotations

import dataclasses
import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, BinaryIO

from rvsim.guest_os.fs import tar
from rvsim.guest_os.fs.archive_entry import BadArchive
from rvsim.guest_os.fs.archive_source import HostSource
from rvsim.guest_os.fs.layer_tree import LayerTree
from rvsim.tools.errors import reason
from rvsim.tools.image.cache import Cache
from rvsim.tools.image.config import ABI_LABEL, PLATFORM, ImageConfig, config_json
from rvsim.tools.image.contents import Facts, Member, members
from rvsim.tools.image.docker import config_data
from rvsim.tools.image.errors import ImageError
from rvsim.tools.image.image import TREE_LIMIT_BYTES, Image
from rvsim.tools.image.layer_file import opened_layer
from rvsim.tools.image.layout import descriptor, read_checked
from rvsim.tools.image.placing import Placing
from rvsim.tools.image.reading import open_image
from rvsim.tools.image.recipe import LayerKeys, Recipe
from rvsim.tools.image.tar_writer import TarWriter, parts_of
from rvsim.tools.image.text import obj, parsed
from rvsim.tools.image.writing import Layout, NewBlob, check_output, compressed, new_layout
from rvsim.tools.progress import Progress

DEFAULT_NAME = "latest"
EPOCH = "SOURCE_DATE_EPOCH"
_EPOCH_LIMIT = 1 << 33
_PACKED = (b"BZh", b"\xfd7zXZ\0")


@dataclass
class Built:
    """An image that was written. `digest`: of its manifest, sha256:…; `notes`: what its maker should know."""

    digest: str
    notes: list[str] = field(default_factory=list)


def epoch_of(text: str | None) -> int:
    """The seconds that SOURCE_DATE_EPOCH says; nothing is 0. Raises ImageError."""
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and int(text[:20]) < _EPOCH_LIMIT and len(text) <= 20):
        raise ImageError(f"{EPOCH}: {ascii(text)[:40]} is no time; give seconds since 1970, such as 0")
    return int(text)


def build(recipe: Recipe, layers: Sequence[tuple[LayerKeys, Path]], out: Path, *, folder: Path, limit_bytes: int,
          cache: Cache | None = None) -> Built:
    """Make the image that a recipe describes, with these `layers`, each with the folder that its paths begin in, and
    write it to `out`. `folder`: where the path of the recipe's base begins.

    Raises:
        ImageError: something is missing, cannot be read, or cannot be in an image; `out` is what it was.
    """
    epoch_s = epoch_of(os.environ.get(EPOCH))
    check_output(out)
    for layer, inside in layers:
        if layer.dir is not None and out.resolve().is_relative_to((inside / layer.dir).resolve()):
            raise ImageError(f"{out}: it would lie inside {inside / layer.dir}, which goes into it; write it elsewhere")
    made = _Build(recipe, epoch_s)
    with Progress("building") as progress, new_layout(out) as (layout, keep):
        made.progress = progress
        base = None
        if recipe.base is not None:
            base = open_image(folder / recipe.base, limit_bytes=limit_bytes, cache=cache)
            made.lay_base(layout, base)
        for layer, inside in layers:
            made.lay(layout, layer, inside)
        digest = layout.finish(made.config(base), made.blobs, recipe.name or DEFAULT_NAME)
        keep()
    return Built(f"sha256:{digest}", made.notes)


class _Build:
    """One image while it is made: the tree so far, its layers, what is to be told."""

    def __init__(self, recipe: Recipe, epoch_s: int) -> None:
        self.recipe = recipe
        self.epoch_s = epoch_s
        self.tree = LayerTree(TREE_LIMIT_BYTES)
        self.blobs: list[NewBlob] = []
        self.diff_ids: list[str] = []
        self.notes: list[str] = []
        self.progress: Progress | None = None

    # ---- layers

    def lay_base(self, layout: Layout, base: Image) -> None:
        """Take the layers of another image as they are."""
        for layer, stored in zip(base.layers, base.stored_layers(), strict=True):
            source = HostSource(os.fsencode(stored.path))
            if not base.whiteouts:
                _check_plain(base, source)
            try:
                self.tree.add_layer(source, bytes.fromhex(stored.digest), whiteouts=base.whiteouts)
            except BadArchive as error:
                raise ImageError(f"{base.path}: the layer {layer.name}: {error}") from None
            with opened_layer(base, layer) as (file, size):
                start = file.read(6)
                file.seek(-len(start), os.SEEK_CUR)
                if start.startswith(_PACKED):           # OCI knows no layers like these
                    with open(stored.path, "rb") as unpacked:
                        blob = layout.add(parts_of(unpacked.read))
                else:
                    blob = layout.add(_exactly(file, size))
            if layer.blob_digest is not None and layer.blob_digest != blob.digest:
                raise ImageError(f"{base.path}: the layer {layer.name} is damaged: its digest is sha256:{blob.digest}")
            self.blobs.append(blob)
            self.diff_ids.append(stored.digest)

    def lay(self, layout: Layout, layer: LayerKeys, folder: Path) -> None:
        """Make a layer and lay it on the others."""
        facts = Facts(layer.owner or self.recipe.owner, frozenset(), self.epoch_s)
        placing = Placing(self.tree.sb.top, facts)
        for path in layer.remove:
            placing.remove(os.fsencode(path).strip(b"/"))
        placing.add(members(layer, folder, self.recipe, self.epoch_s, self.notes))
        with tempfile.TemporaryFile(dir=layout.folder, buffering=1 << 20) as file:
            writer = TarWriter(file)
            for member in placing.in_order():
                self._write(writer, member)
            writer.end()
            file.flush()
            self._hang_in(file, writer)
            file.seek(0)
            self.blobs.append(layout.add(compressed(parts_of(file.read), self.recipe.compress)))
        self.diff_ids.append(writer.digest)

    def _hang_in(self, file: IO[bytes], writer: TarWriter) -> None:
        """Let the layers above see this one; so the names in it are checked too, as if somebody else had made them."""
        try:
            self.tree.add_layer(_Written(file, writer.size), bytes.fromhex(writer.digest))
        except BadArchive as error:
            raise ImageError(f"the new layer cannot be: {error}") from None

    def _write(self, writer: TarWriter, member: Member) -> None:
        if self.progress is not None:
            self.progress.tell(f"{writer.size >> 20} MiB, {os.fsdecode(member.entry.name)}")
        if member.entry.link is not None or not isinstance(member.data, Path):
            writer.add(member.entry, iter([member.data] if isinstance(member.data, bytes) and member.data else []))
            return
        try:
            with open(os.open(member.data, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb", buffering=0) as file:
                writer.add(member.entry, parts_of(file.read))
        except OSError as error:
            raise ImageError(f"{member.data}: {reason(error)}") from None
        except ValueError:
            raise ImageError(f"{member.data}: it changed while it was read; build again") from None

    # ---- config

    def config(self, base: Image | None) -> dict[str, Any]:
        """The config: what the base says, and what the recipe says instead."""
        recipe = self.recipe
        system, _, architecture = PLATFORM.partition("/")
        old = ImageConfig() if base is None else base.config
        env = dict(text.partition("=")[::2] for text in old.env) | dict(sorted(recipe.env.items()))
        labels = old.labels | recipe.labels | ({} if recipe.abi is None else {ABI_LABEL: recipe.abi})
        cmd = recipe.cmd if recipe.cmd is not None else () if recipe.entrypoint is not None else old.cmd
        new = config_json(dataclasses.replace(
            old, entrypoint=old.entrypoint if recipe.entrypoint is None else recipe.entrypoint, cmd=cmd,
            env=tuple(f"{name}={value}" for name, value in env.items()),
            working_dir=old.working_dir if recipe.workdir is None else recipe.workdir,
            user=old.user if recipe.user is None else recipe.user, labels=labels,
            architecture=architecture, os=system, created="", diff_ids=tuple(self.diff_ids),
        ))  # fmt: skip
        known = set(config_json(ImageConfig(("a",), ("a",), ("a",), "a", "a", {"a": "a"}))["config"])
        more = {} if base is None else {key: value for key, value in _config_of(base).items() if key not in known}
        new["config"] |= more
        return new


class _Written:
    """A file that was just written, as a source."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self.file = file
        self.size = size

    def read_at(self, offset: int, size: int) -> bytes:
        """Up to `size` bytes from `offset`."""
        return os.pread(self.file.fileno(), size, offset)


def _exactly(file: BinaryIO, size: int) -> Iterator[bytes]:
    """So many bytes of a file. Raises ImageError: it is cut off."""
    while size:
        part = file.read(min(size, 1 << 20))
        if not part:
            raise ImageError("a layer of the base is cut off")
        size -= len(part)
        yield part


def _check_plain(base: Image, source: HostSource) -> None:
    """Raises ImageError: as a layer, a plain tree would mean something else."""
    for entry in tar.members(source):
        if entry.name.rstrip(b"/").rpartition(b"/")[2].startswith(b".wh."):
            raise ImageError(f"{base.path}: {ascii(entry.name)[1:]} cannot be in an image: names that begin with .wh. "
                             "have a meaning of their own there")


def _config_of(image: Image) -> dict[str, Any]:
    """What the config of an image says under `config`, whatever it is. Raises ImageError."""
    if not image.whiteouts:                     # a plain tree
        return {}
    if image.manifest:
        manifest = obj(json.loads(image.manifest), "its manifest")
        data = read_checked(image.blobs, descriptor(manifest.get("config"), "its manifest"))
    else:
        data = config_data(image.blobs, image.digest)
    return obj(obj(parsed(data, "its config"), "its config").get("config") or {}, "its config")
