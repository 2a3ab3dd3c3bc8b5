"""An OCI image layout: from `index.json` to one manifest, its config and its layers.

OCI image specification, "Image Layout", "Image Index", "Image Manifest". What the index names, a digest names too, and
it is checked when it is read.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from rvsim.tools.image.blobs import Blobs, read_small
from rvsim.tools.image.choosing import Found, check_platform, listed, named, wrong_platform
from rvsim.tools.image.config import config_from
from rvsim.tools.image.errors import ImageError
from rvsim.tools.image.image import LayerBlob
from rvsim.tools.image.text import digest, items, obj, parsed, shown, string, texts

INDEX_TYPE = "application/vnd.oci.image.index.v1+json"
MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
CONFIG_TYPE = "application/vnd.oci.image.config.v1+json"
LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar"
REF_NAME = "org.opencontainers.image.ref.name"
_INDEX_TYPES = (INDEX_TYPE, "application/vnd.docker.distribution.manifest.list.v2+json")
_CONFIG_TYPES = ("", CONFIG_TYPE, "application/vnd.docker.container.image.v1+json")
_FULL_NAME = "io.containerd.image.name"
_DEPTH_LIMIT = 8
_INDEXES_LIMIT = 64
_LAYERS_LIMIT = 512


@dataclass(frozen=True)
class Descriptor:
    """What names a file. `platform`: empty where nothing is said; `names`: of the image."""

    name: str
    algorithm: str
    digits: str
    size: int
    media_type: str
    platform: str
    names: tuple[str, ...]

    @property
    def digest(self) -> str:
        return f"{self.algorithm}:{self.digits}"


def descriptor(value: Any, what: str) -> Descriptor:
    """Raises ImageError."""
    one = obj(value, what)
    algorithm, digits = digest(one.get("digest"), what)
    size = one.get("size")
    if type(size) is not int or not 0 <= size < 1 << 62:
        raise ImageError(f"{what} is damaged: {shown(size)} is no size")
    platform = obj(one.get("platform") or {}, what)
    notes = texts(one.get("annotations"), what)
    text = "/".join(string(platform.get(key), what) for key in ("os", "architecture")) if platform else ""
    names = tuple(notes[key] for key in (REF_NAME, _FULL_NAME) if notes.get(key))
    return Descriptor(f"blobs/{algorithm}/{digits}", algorithm, digits, size, string(one.get("mediaType"), what), text,
                      names)


def read_checked(blobs: Blobs, one: Descriptor) -> bytes:
    """A small file that a descriptor names. Raises ImageError: it is not there, or another one."""
    data = read_small(blobs, one.name)
    if len(data) != one.size:
        raise ImageError(f"{one.name} has {len(data)} bytes, and {one.size} were promised")
    if hashlib.new(one.algorithm, data).hexdigest() != one.digits:
        raise ImageError(f"{one.name} is damaged: it does not have its digest")
    return data


class _Indexes:
    """The indexes of a layout, walked down."""

    def __init__(self, blobs: Blobs) -> None:
        self.blobs = blobs
        self.seen: set[str] = set()
        self.manifests: list[Descriptor] = []

    def walk(self, index: dict[str, Any], names: tuple[str, ...], depth: int, what: str) -> None:
        """Collect the manifests below an index. `names`: those of the index. Raises ImageError."""
        if depth > _DEPTH_LIMIT:
            raise ImageError(f"its indexes are nested more than {_DEPTH_LIMIT} deep")
        for value in items(index.get("manifests"), what):
            one = descriptor(value, what)
            if one.media_type not in _INDEX_TYPES:
                known = tuple(dict.fromkeys((*one.names, *names)))
                self.manifests.append(Descriptor(one.name, one.algorithm, one.digits, one.size, one.media_type,
                                                 one.platform, known))
                continue
            if one.digest in self.seen:
                continue                        # a circle cannot be made of digests, but the same index twice
            self.seen.add(one.digest)
            if len(self.seen) > _INDEXES_LIMIT:
                raise ImageError(f"it has more than {_INDEXES_LIMIT} indexes")
            inner = obj(parsed(read_checked(self.blobs, one), one.name), one.name)
            self.walk(inner, (*one.names, *names), depth + 1, one.name)


def find(blobs: Blobs, name: str | None, platform: str | None) -> Found:
    """The image that is meant. Raises ImageError."""
    what = "index.json"
    indexes = _Indexes(blobs)
    indexes.walk(obj(parsed(read_small(blobs, what), what), what), (), 0, what)
    found = [one for one in indexes.manifests if one.platform != "unknown/unknown"]      # attestations
    if name is not None:
        found = [one for one in found if name == one.digest] or named(name, [(one.names, one) for one in found])
    if not found:
        raise ImageError("it has no image in it")
    if platform is not None:
        fitting = [one for one in found if one.platform in ("", platform)]
        if not fitting:
            raise wrong_platform(platform, (one.platform for one in found))
        found = [one for one in fitting if one.platform] or fitting
    different = {one.digest: one for one in found}
    if len(different) > 1:
        return _only_fitting(blobs, list(different.values()), platform)
    return read_manifest(blobs, found[0], platform)


def _only_fitting(blobs: Blobs, found: list[Descriptor], platform: str | None) -> Found:
    """Of several, the one whose config says the platform. Raises ImageError: none does, or several do."""
    fitting: list[tuple[Descriptor, Found]] = []
    platforms = []
    for one in found[:_INDEXES_LIMIT]:
        image = read_manifest(blobs, one, None)
        platforms.append(image.config.platform)
        if platform is None or image.config.platform == platform:
            fitting.append((one, image))
    if not fitting and platform is not None:
        raise wrong_platform(platform, platforms)
    if len(fitting) > 1:
        names = listed(one.names[0] if one.names else one.digest for one, _ in fitting)
        raise ImageError(f"it holds several images; add :NAME to the path to choose one of {names}")
    return fitting[0][1]


def read_manifest(blobs: Blobs, one: Descriptor, platform: str | None) -> Found:
    """The image of a manifest. Raises ImageError."""
    data = read_checked(blobs, one)
    manifest = obj(parsed(data, one.name), one.name)
    if "config" not in manifest or "manifests" in manifest:
        raise ImageError(f"{one.name} is no manifest of an image")
    inner = descriptor(manifest["config"], one.name)
    if inner.media_type not in _CONFIG_TYPES:
        raise ImageError(f"it is no image of a container: its config is of the type {shown(inner.media_type)}")
    config = config_from(parsed(read_checked(blobs, inner), "its config"))
    check_platform(config, platform)
    blobs_of = [descriptor(value, one.name) for value in items(manifest.get("layers"), one.name, _LAYERS_LIMIT)]
    if len(blobs_of) != len(config.diff_ids):
        raise ImageError(f"its manifest has {len(blobs_of)} layers, and its config {len(config.diff_ids)}")
    for layer in blobs_of:
        if layer.algorithm != "sha256":
            raise ImageError(f"its layers are named by {layer.algorithm}; rvsim knows sha256")
    layers = tuple(LayerBlob(layer.name, layer.digits, diff_id, layer.media_type, layer.size)
                   for layer, diff_id in zip(blobs_of, config.diff_ids, strict=True))
    return Found(one.digest, "an OCI image", config, layers, data)
