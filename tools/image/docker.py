"""What `docker save` writes: `manifest.json`, a config and a tar archive for each layer.

Docker image specification v1.2, "Combined Image JSON + Filesystem Changeset Format". Newer ones are an OCI image layout
besides, and are read as that.
"""

from __future__ import annotations

import re

from rvsim.tools.image.blobs import Blobs, named_file, read_small
from rvsim.tools.image.choosing import Found, check_platform, listed, named, wrong_platform
from rvsim.tools.image.config import config_from
from rvsim.tools.image.errors import ImageError
from rvsim.tools.image.image import LayerBlob, sha256_of
from rvsim.tools.image.text import items, obj, parsed, string, strings

_WHAT = "manifest.json"
_LAYERS_LIMIT = 512
_DIGEST_NAME = re.compile(r"(?:.*/)?([0-9a-f]{64})(?:\.json)?", re.ASCII)


def find(blobs: Blobs, name: str | None, platform: str | None) -> Found:
    """The image that is meant. Raises ImageError."""
    images: list[tuple[tuple[str, ...], Found]] = []
    for value in items(parsed(read_small(blobs, _WHAT), _WHAT), _WHAT, 256):
        one = obj(value, _WHAT)
        found = _image(blobs, string(one.get("Config"), _WHAT), strings(one.get("Layers"), _WHAT))
        images.append((tuple(strings(one.get("RepoTags"), _WHAT)), found))
    if not images:
        raise ImageError("it has no image in it")
    chosen = images
    if name is not None:
        chosen = [one for one in images if name == one[1].digest] or named(name, [(one[0], one) for one in images])
    if platform is not None:
        fitting = [one for one in chosen if one[1].config.platform == platform]
        if not fitting:
            raise wrong_platform(platform, (one.config.platform for _, one in chosen))
        chosen = fitting
    if len({one.digest for _, one in chosen}) > 1:
        names = listed(tags[0] if tags else one.digest for tags, one in chosen)
        raise ImageError(f"it holds several images; add :NAME to the path to choose one of {names}")
    check_platform(chosen[0][1].config, platform)
    return chosen[0][1]


def _image(blobs: Blobs, config_name: str, names: list[str]) -> Found:
    data = read_small(blobs, config_name)
    digits = sha256_of(data)
    said = _DIGEST_NAME.fullmatch(config_name)
    if said is not None and said[1] != digits:
        raise ImageError(f"{named_file(config_name)} is damaged: it does not have its digest")
    config = config_from(parsed(data, "its config"))
    if len(names) != len(config.diff_ids):
        raise ImageError(f"manifest.json has {len(names)} layers, and the config {len(config.diff_ids)}")
    if len(names) > _LAYERS_LIMIT:
        raise ImageError(f"it has {len(names)} layers where {_LAYERS_LIMIT} are enough")
    layers = tuple(LayerBlob(name, None, diff_id) for name, diff_id in zip(names, config.diff_ids, strict=True))
    return Found(f"sha256:{digits}", "what `docker save` writes", config, layers)


def config_data(blobs: Blobs, digest: str) -> bytes:
    """The config with this digest, as it stands. Raises ImageError."""
    for value in items(parsed(read_small(blobs, _WHAT), _WHAT), _WHAT, 256):
        data = read_small(blobs, string(obj(value, _WHAT).get("Config"), _WHAT))
        if f"sha256:{sha256_of(data)}" == digest:
            return data
    raise ImageError(f"it has no config {digest}")
