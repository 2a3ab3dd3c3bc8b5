"""Writes an OCI image layout: blobs under their digests, a manifest, an index; as a directory or as an archive of it.

OCI image specification, "Image Layout". Every byte follows from what is in the image.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from rvsim.guest_os.abi.stat import S_IFDIR, S_IFREG
from rvsim.guest_os.fs.archive_entry import Entry
from rvsim.tools.errors import reason
from rvsim.tools.image.errors import ImageError
from rvsim.tools.image.layout import CONFIG_TYPE, INDEX_TYPE, LAYER_TYPE, MANIFEST_TYPE, REF_NAME
from rvsim.tools.image.tar_writer import TarWriter, parts_of

_LAYOUT = b'{"imageLayoutVersion":"1.0.0"}'
_BLOBS = "blobs/sha256"
_GZIP_LEVEL = 9
_SUFFIXES = {b"\x1f\x8b": "+gzip", b"\x28\xb5": "+zstd"}


@dataclass(frozen=True)
class NewBlob:
    """A file of the layout: sha256 as hexadecimal digits, size in bytes."""

    digest: str
    size: int
    media_type: str

    def descriptor(self) -> dict[str, Any]:
        """OCI image specification, "Content Descriptors" """
        return {"mediaType": self.media_type, "digest": f"sha256:{self.digest}", "size": self.size}


class Layout:
    """A layout while it is written into the directory `folder`, which is new."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / _BLOBS).mkdir(parents=True)

    def add(self, parts: Iterable[bytes], media_type: str | None = None) -> NewBlob:
        """Add a file. Without `media_type` it is a layer, and its first bytes say how it is compressed."""
        new = self.folder / _BLOBS / "new"
        digest, size, start = hashlib.sha256(), 0, b""
        with open(new, "wb") as out:
            for part in parts:
                start = start or part[:2]
                digest.update(part)
                size += len(part)
                out.write(part)
        os.replace(new, new.with_name(digest.hexdigest()))
        return NewBlob(digest.hexdigest(), size, media_type or LAYER_TYPE + _SUFFIXES.get(start, ""))

    def add_json(self, value: Any, media_type: str) -> NewBlob:
        """Add a file of JSON."""
        return self.add([_json(value)], media_type)

    def finish(self, config: dict[str, Any], layers: list[NewBlob], name: str) -> str:
        """Write config, manifest and index; returns the digest of the manifest."""
        manifest = self.add_json({
            "schemaVersion": 2, "mediaType": MANIFEST_TYPE,
            "config": self.add_json(config, CONFIG_TYPE).descriptor(),
            "layers": [layer.descriptor() for layer in layers],
        }, MANIFEST_TYPE)  # fmt: skip
        entry = manifest.descriptor() | {
            "platform": {"architecture": config["architecture"], "os": config["os"]}, "annotations": {REF_NAME: name},
        }  # fmt: skip
        index = {"schemaVersion": 2, "mediaType": INDEX_TYPE, "manifests": [entry]}
        (self.folder / "index.json").write_bytes(_json(index))
        (self.folder / "oci-layout").write_bytes(_LAYOUT)
        return manifest.digest

    def pack(self, out: BinaryIO) -> None:
        """Write all of it as a tar archive."""
        writer = TarWriter(out)
        for name in ("oci-layout", "index.json"):
            self._pack_file(writer, name)
        for folder in ("blobs", _BLOBS):
            writer.add(Entry(folder.encode(), S_IFDIR | 0o755))
        for name in sorted(os.listdir(self.folder / _BLOBS)):
            self._pack_file(writer, f"{_BLOBS}/{name}")
        writer.end()

    def _pack_file(self, writer: TarWriter, name: str) -> None:
        with open(self.folder / name, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            writer.add(Entry(name.encode(), S_IFREG | 0o644, size=size), parts_of(file.read))


def _json(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode("ascii")


def compressed(parts: Iterable[bytes], how: str) -> Iterator[bytes]:
    """The parts, compressed with gzip or zstd, or as they are. Raises ImageError: this Python has no zstd."""
    if how == "none":
        yield from parts
        return
    compressor = _compressor(how)
    for part in parts:
        yield compressor.compress(part)
    yield compressor.flush()


def _compressor(how: str) -> Any:
    if how == "gzip":
        import zlib

        return zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    for name in ("compression.zstd", "backports.zstd"):
        try:
            return importlib.import_module(name).ZstdCompressor()
        except ImportError:
            continue
    raise ImageError("zstd is in Python from 3.14 on; install backports.zstd, or give --compress gzip")


def check_output(out: Path) -> None:
    """Raises ImageError: what is there is not to be replaced, or is no place for an image."""
    if not out.name or out.name == "..":
        raise ImageError(f"{out}: it has no name; give -o a name to write to")
    if not out.parent.is_dir():
        raise ImageError(f"{out.parent}: no such directory; make it first")
    archive = out.suffix == ".tar"
    if archive and out.is_dir():
        raise ImageError(f"{out}: it is a directory; give another name, or remove it")
    if not archive and out.name.endswith((".gz", ".tgz", ".zst", ".xz")):
        raise ImageError(f"{out}: an image is written as a directory or, where the name ends in .tar, as an archive; "
                         "--compress packs its layers")
    if not archive and os.path.lexists(out):
        if not out.is_dir() or out.is_symlink():
            raise ImageError(f"{out}: it is a file; a name that ends in .tar makes an archive, any other a directory")
        others = set(os.listdir(out)) - {"oci-layout", "index.json", "blobs"}
        if others or (os.listdir(out) and not (out / "oci-layout").is_file()):
            raise ImageError(f"{out}: it is a directory that is no image, and stays as it is; give another name")
        _check_single(out)


def _check_single(out: Path) -> None:
    try:
        images = json.loads((out / "index.json").read_bytes())["manifests"]
        single = isinstance(images, list) and len(images) <= 1
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        single = not os.listdir(out)
    if not single:
        raise ImageError(f"{out}: it has other images in it, and stays as it is; give another name")


@contextmanager
def new_layout(out: Path) -> Iterator[tuple[Layout, Callable[[], None]]]:
    """A layout beside `out`, and what puts it in the place of `out` when it is complete.

    Raises:
        ImageError: it cannot be written.
    """
    beside = out.parent / f".{out.name}.{os.getpid()}"
    folder, old, archive = (beside.with_name(beside.name + suffix) for suffix in (".new", ".old", ".tar"))
    try:
        folder.mkdir()
        layout = Layout(folder)

        def keep() -> None:
            if out.suffix == ".tar":
                with open(archive, "xb") as file:
                    layout.pack(file)
                os.replace(archive, out)
                return
            if not out.exists():
                os.rename(folder, out)
                return
            os.rename(out, old)
            try:
                os.rename(folder, out)
            except OSError:
                os.rename(old, out)
                raise

        yield layout, keep
    except OSError as error:
        raise ImageError(f"{out}: it cannot be written: {reason(error)}") from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if os.path.lexists(out):
            shutil.rmtree(old, ignore_errors=True)
        archive.unlink(missing_ok=True)
