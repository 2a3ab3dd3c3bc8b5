"""`rvsim image inspect`: what an image says of itself."""

from __future__ import annotations

import shlex
from typing import Any

from rvsim.tools.image.image import Image, LayerBlob
from rvsim.tools.image.layer_file import opened_layer
from rvsim.tools.plain import plain
from rvsim.tools.quantities import rounded_size


def layer_size(image: Image, layer: LayerBlob) -> int:
    """Bytes of a layer's file. Raises ImageError: it is not there."""
    if layer.size is not None:
        return layer.size
    with opened_layer(image, layer) as (_, size):
        return size


def as_json(image: Image) -> dict[str, Any]:
    """All of it. Raises ImageError: a layer is not there."""
    config = image.config
    return {
        "path": image.path, "kind": image.kind, "digest": image.digest, "platform": config.platform,
        "created": config.created or None, "abi": config.abi, "entrypoint": list(config.entrypoint),
        "cmd": list(config.cmd), "env": list(config.env), "workdir": config.working_dir or "/",
        "user": config.user or "root", "labels": config.labels,
        "layers": [{
            "digest": None if layer.blob_digest is None else f"sha256:{layer.blob_digest}",
            "diff_id": None if layer.diff_id is None else f"sha256:{layer.diff_id}",
            "media_type": layer.media_type or None, "size": layer_size(image, layer),
        } for layer in image.layers],
    }  # fmt: skip


def lines(image: Image) -> list[str]:
    """For a person. Raises ImageError: a layer is not there."""
    facts = as_json(image)
    rows = [("image", facts["path"]), ("kind", facts["kind"]), ("digest", facts["digest"]),
            ("platform", facts["platform"])]
    rows += [(name, facts[name]) for name in ("created", "abi") if facts[name]]
    rows += [(name, " ".join(map(shlex.quote, facts[name])) or "(none)") for name in ("entrypoint", "cmd")]
    rows += [("env" if not at else "", text) for at, text in enumerate(facts["env"])]
    rows += [("workdir", facts["workdir"]), ("user", facts["user"])]
    rows += [("label" if not at else "", f"{name}={value}")
             for at, (name, value) in enumerate(sorted(facts["labels"].items()))]
    total = sum(layer["size"] for layer in facts["layers"])
    count = len(facts["layers"])
    rows.append(("layers", f"{count}, {rounded_size(total)}, the lowest first" if count else "none"))
    for layer in facts["layers"]:
        what = layer["media_type"] or "a tar archive"
        rows.append(("", f"{layer['digest'] or layer['diff_id']}  {rounded_size(layer['size'])}  {what}"))
    return [plain(f"{name:<11}{text}").rstrip() for name, text in rows]

