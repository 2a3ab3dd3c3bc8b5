"""Images for tests: members in, an OCI layout or what `docker save` writes out, as a directory or a tar archive."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import importlib
import json
import lzma
import os
import stat
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rvsim.guest_os.fs.archive_tree import open_archive
from rvsim.guest_os.fs.layer_tree import NoTime
from rvsim.guest_os.vfs.inode import Inode
from rvsim.tests.guest_os.fs.archives import Member, tar_bytes
from rvsim.tools.image import Image, open_image
from rvsim.tools.image.cache import Cache

Files = dict[str, bytes]
"""The files of an image, by their names in it."""
Json = dict[str, Any]

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"
REF_NAME = "org.opencontainers.image.ref.name"
RISCV = {"os": "linux", "architecture": "riscv64"}
DIR, FILE, LINK, FIFO, CHAR, BLOCK = 0o040755, 0o100644, 0o120777, 0o010644, 0o020644, 0o060640


def folder(name: str, mode: int = 0o755, **facts: Any) -> Member:
    return Member(f"{name}/", 0o040000 | mode, **facts)


def symlink(name: str, target: str) -> Member:
    return Member(name, LINK, target=target)


def _zstd(data: bytes) -> bytes:
    for name in ("compression.zstd", "backports.zstd"):
        try:
            packed: bytes = importlib.import_module(name).compress(data)
        except ImportError:
            continue
        return packed
    raise ImportError("zstd")


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "plain": lambda data: data, "gzip": lambda data: gzip.compress(data, 1, mtime=0), "zstd": _zstd,
    "bzip2": bz2.compress, "xz": lzma.compress,
}  # fmt: skip


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def blob(files: Files, data: bytes, media_type: str, **more: Any) -> Json:
    """Put a blob in, and give its descriptor."""
    files[f"blobs/sha256/{sha256(data)}"] = data
    return {"mediaType": media_type, "digest": f"sha256:{sha256(data)}", "size": len(data), **more}


def blob_json(files: Files, value: Any, media_type: str, **more: Any) -> Json:
    return blob(files, json.dumps(value).encode(), media_type, **more)


def config_of(layers: Sequence[bytes], config: Mapping[str, Any] = {}, platform: Json = RISCV) -> Json:
    """The config of an image with these layers, not packed. `config`: Entrypoint, Env and so on."""
    return {**platform, "config": dict(config),
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{sha256(one)}" for one in layers]}}


def put_image(files: Files, layers: Sequence[bytes], config: Mapping[str, Any] = {}, made_for: Json = RISCV,
              pack: str = "plain", **more: Any) -> Json:
    """Put an image in, and give the descriptor of its manifest."""
    inner = blob_json(files, config_of(layers, config, made_for), CONFIG)
    blobs = [blob(files, PACKERS[pack](one), LAYER) for one in layers]
    return blob_json(files, {"schemaVersion": 2, "config": inner, "layers": blobs}, MANIFEST, **more)


def oci_with(files: Files, manifests: Sequence[Json]) -> Files:
    """`files` with an index of these descriptors."""
    index = json.dumps({"schemaVersion": 2, "manifests": list(manifests)}).encode()
    return {"oci-layout": b'{"imageLayoutVersion": "1.0.0"}', "index.json": index, **files}


def oci(*layers: bytes, config: Mapping[str, Any] = {}, platform: Json = RISCV, pack: str = "plain",
        name: str | None = None) -> Files:
    """The files of an OCI image layout with one image."""
    files: Files = {}
    notes = {} if name is None else {"annotations": {REF_NAME: name}}
    return oci_with(files, [put_image(files, layers, config, platform, pack, **notes)])


def docker(*layers: bytes, config: Mapping[str, Any] = {}, platform: Json = RISCV, names: Sequence[str] = ()) -> Files:
    """What `docker save` wrote before it wrote an OCI layout as well."""
    inner = json.dumps(config_of(layers, config, platform)).encode()
    places = [f"{sha256(b'v1' + one)}/layer.tar" for one in layers]
    top = [{"Config": f"{sha256(inner)}.json", "RepoTags": list(names) or None, "Layers": places}]
    return {f"{sha256(inner)}.json": inner, **dict(zip(places, layers, strict=True)),
            "manifest.json": json.dumps(top).encode()}


def docker_new(*layers: bytes, config: Mapping[str, Any] = {}, names: Sequence[str] = ()) -> Files:
    """What `docker save` has written since version 25: an OCI layout, and a manifest.json that names its blobs."""
    files = oci(*layers, config=config)
    inner = json.dumps(config_of(layers, config)).encode()
    top = [{"Config": f"blobs/sha256/{sha256(inner)}", "RepoTags": list(names) or None,
            "Layers": [f"blobs/sha256/{sha256(one)}" for one in layers]}]
    return {**files, "manifest.json": json.dumps(top).encode()}


def in_folder(path: Path, files: Files) -> Path:
    for name, data in files.items():
        place = path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    return path


def in_tar(path: Path, files: Files, pack: str = "plain") -> Path:
    path.write_bytes(PACKERS[pack](tar_bytes(*(Member(name, data=data) for name, data in files.items()))))
    return path


def opened(path: Path, cache: Path, **options: Any) -> Image:
    return open_image(path, cache=Cache(cache), **options)


def tree(image: Image) -> Inode:
    """The root directory of what the guest gets."""
    return open_archive(image.root, NoTime(), 1 << 30).root.inode


def laid(tmp_path: Path, *layers: Sequence[Member]) -> Inode:
    """The root directory of an image with these layers."""
    files = oci(*(tar_bytes(*members) for members in layers))
    return tree(opened(in_tar(tmp_path / "image.tar", files), tmp_path / "cache"))


def at(root: Inode, path: str) -> Any:
    """What a path leads to, links not followed."""
    here: Any = root
    for name in path.split("/"):
        here = here.lookup(name.encode("utf-8", "surrogateescape"))
    return here


def listed(root: Inode, path: str = "") -> list[str]:
    """The names in a directory."""
    where = at(root, path) if path else root
    return [name.decode("utf-8", "surrogateescape") for _, name, _, _ in where.readdir(2)]


def content(root: Inode, path: str) -> bytes:
    inode = at(root, path)
    data: bytes = inode.read_at(0, inode.size)
    return data


def everything(folder: Path) -> dict[str, bytes | None]:
    """All that is below a directory of the host, to see whether it changes."""
    found: dict[str, bytes | None] = {}
    for top, names, files in os.walk(folder):
        for name in names:
            found[os.path.join(top, name)] = None
        for name in files:
            path = os.path.join(top, name)
            found[path] = Path(path).read_bytes() if stat.S_ISREG(os.lstat(path).st_mode) else None
    return found
