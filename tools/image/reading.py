"""Opens an image, whatever it is: finds out what a file or directory holds, and the one image in it that is meant."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rvsim.guest_os.fs.archive_entry import BadArchive
from rvsim.guest_os.fs.archive_source import MAGIC_BYTES, HostSource
from rvsim.tools.errors import reason
from rvsim.tools.image import docker, layout
from rvsim.tools.image.blobs import Blobs, FolderBlobs, TarBlobs
from rvsim.tools.image.cache import DEFAULT_LIMIT_BYTES, Cache
from rvsim.tools.image.choosing import Found
from rvsim.tools.image.config import PLATFORM, ImageConfig
from rvsim.tools.image.errors import ImageError
from rvsim.tools.image.image import Image, LayerBlob

_PACKED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd")


def open_image(path: Path, *, platform: str | None = PLATFORM, limit_bytes: int = DEFAULT_LIMIT_BYTES,
               cache: Cache | None = None) -> Image:
    """The image in a directory or file: an OCI image layout or a tar archive of it, what `docker save` writes, or a
    plain tree in a tar archive; compressed or not.

    Where it holds several images, `PATH:NAME` names one. `platform` is OS/ARCHITECTURE; None: whatever there is.

    Raises:
        ImageError: it is none, damaged, hostile, or for another platform.
    """
    found, name = _named(path)
    cache = cache or Cache()
    guard = cache.guard()
    try:
        if found.is_dir():
            image = _from_folder(found, name, platform, limit_bytes, cache)
        else:
            image = _from_file(found, name, platform, limit_bytes, cache)
        image.guard = guard
        return image
    except ImageError as error:
        text = str(error)
        raise ImageError(text if text.startswith(f"{found}: ") else f"{found}: {text}") from None
    except BadArchive as error:
        raise ImageError(f"{found}: {error}") from None
    except OSError as error:
        raise ImageError(f"{found}: {reason(error)}; give an image: an OCI layout, what `docker save` writes, or a "
                         "root file system in a tar archive") from None


def _named(path: Path) -> tuple[Path, str | None]:
    """A path, and the name after it, as in `images.tar:debian:13`."""
    text = str(path)
    if "\0" in text:
        raise ImageError("the name of the image has a NUL in it")
    if not os.path.lexists(path):
        at = text.find(":")
        while at > 0:
            if os.path.lexists(text[:at]):
                return Path(text[:at]), text[at + 1 :]
            at = text.find(":", at + 1)
    return path, None


def _from_folder(path: Path, name: str | None, platform: str | None, limit_bytes: int, cache: Cache) -> Image:
    blobs = FolderBlobs(path)
    finder = _finder(blobs)
    if finder is None:
        raise ImageError("it is no image: it has neither index.json nor manifest.json; for a plain directory use "
                         "--root")
    return _image(path, blobs, finder(blobs, name, platform), limit_bytes, cache)


def _from_file(path: Path, name: str | None, platform: str | None, limit_bytes: int, cache: Cache) -> Image:
    source = HostSource(os.fsencode(path))
    if not source.size:
        raise ImageError("it is empty; give an image")
    known = cache.remembered(path)
    stored, tree = known if known is not None else (None, False)
    if not tree:
        if stored is None and source.read_at(0, MAGIC_BYTES).startswith(_PACKED):
            stored = cache.plain(path, limit_bytes, tree=False)
        blobs = TarBlobs(path if stored is None else stored.path)
        finder = _finder(blobs)
        if finder is not None:
            return _image(path, blobs, finder(blobs, name, platform), limit_bytes, cache)
        if blobs.has("oci-layout") or any(name.startswith("blobs/sha256/") for name in blobs.places):
            raise ImageError("it is part of an image, without its index.json or manifest.json; it may be cut off")
        stored = cache.plain(path, limit_bytes, tree=True)
    assert stored is not None
    if name is not None:
        raise ImageError("it is a plain tree, which has no names in it")
    config = ImageConfig(os="linux", architecture="riscv64", diff_ids=(stored.digest,))
    layer = LayerBlob(path.name, None, stored.digest)
    return Image(str(path), f"sha256:{stored.digest}", "a root file system in a tar archive", config, (layer,),
                 FolderBlobs(path.parent), cache, limit_bytes, whiteouts=False)


def _finder(blobs: Blobs) -> Callable[[Any, str | None, str | None], Found] | None:
    """What finds the image in files like these; None: they hold none."""
    if blobs.has("oci-layout") or (blobs.has("index.json") and not blobs.has("manifest.json")):
        return layout.find if blobs.has("index.json") else None
    return docker.find if blobs.has("manifest.json") else None


def _image(path: Path, blobs: Blobs, found: Found, limit_bytes: int, cache: Cache) -> Image:
    return Image(str(path), found.digest, found.kind, found.config, found.layers, blobs, cache, limit_bytes,
                 found.manifest)
