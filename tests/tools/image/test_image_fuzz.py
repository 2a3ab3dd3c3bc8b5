"""Images with changed bytes, and with changed values that have right digests: a tree or one line, nothing else."""

from __future__ import annotations

import copy
import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rvsim.guest_os.fs.overlay import OverlaySuperBlock
from rvsim.tests.fake_clock import FakeClock
from rvsim.tests.guest_os.fs.archives import Member, tar_bytes
from rvsim.tests.guest_os.fs.test_archive import sparse_member
from rvsim.tests.guest_os.fs.test_archive_hostile import look, summed
from rvsim.tests.tools.image.images import (
    CONFIG,
    LAYER,
    MANIFEST,
    PACKERS,
    Files,
    blob,
    blob_json,
    config_of,
    docker,
    folder,
    in_tar,
    oci,
    oci_with,
    opened,
    symlink,
)
from rvsim.tests.tools.image.refusing import whole_cache
from rvsim.tools.image import ImageError
from rvsim.tools.image.start import start_of

LIMIT_BYTES = 4 << 20
LOW = tar_bytes(folder("d"), Member("d/f", data=b"x" * 700, pax={"SCHILY.xattr.user.a": "b", "mtime": "1.5"}),
                symlink("l", "d"), Member("h", link="d/f"), Member("n" * 150, data=b"y"))
HIGH = tar_bytes(Member("d/.wh.f"), Member("e/.wh..wh..opq"), Member("l/g", data=b"z"), Member("h2", link="h"),
                 Member("c", 0o020600, device=(1, 3)))
SPARSE = sparse_member(1 << 20, [(0, b"a" * 512), (1 << 19, b"b" * 100)])
CONFIG_VALUES = {"Entrypoint": ["/bin/x"], "Cmd": ["a"], "Env": ["A=b"], "User": "root", "Labels": {"a": "b"}}
SEEDS = [tar_bytes(*(Member(name, data=data) for name, data in files.items())) for files in (
    oci(LOW, HIGH, config=CONFIG_VALUES), oci(LOW, config=CONFIG_VALUES, pack="gzip", name="n"),
    docker(LOW, HIGH, config=CONFIG_VALUES, names=["n:1"]))] + [LOW]
LAYERS = [LOW, HIGH, SPARSE, LOW[:-1024] + HIGH]
PARTS = st.sampled_from([b"\0", b"\xff", b"\x80", b"7" * 11, b"9", b"-1", b"..", b"/", b"L", b"x", b"g", b"S", b"1",
                         b"2", b"5", b".wh.", b".wh..wh..opq", b'"', b"{", b"[", b"sha256:", b"9" * 400, b"\\ud800",
                         b"null"])
QUICK = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
LONG = settings(max_examples=3000, deadline=None, suppress_health_check=list(HealthCheck))


def use(files: Files | bytes) -> None:
    """Open what may be an image, and look at everything in it and over it."""
    with tempfile.TemporaryDirectory(prefix="rvsim-fuzz-") as name:
        place = Path(name)
        path = place / "image"
        if isinstance(files, bytes):
            path.write_bytes(files)
        else:
            in_tar(path, files)
        try:
            image = opened(path, place / "rvsim/images", limit_bytes=LIMIT_BYTES)
            with suppress(ImageError):
                image.stored_layers()
            sb = image.tree(FakeClock())
            look(sb.root.inode)
            look(OverlaySuperBlock(sb, FakeClock()).root.inode)
            start_of(image)
        except ImageError as error:
            text = str(error)
            assert text.isprintable()
            assert text.startswith(str(path))
            assert len(text) < 700
        assert sorted(os.listdir(place)) in (["image"], ["image", "rvsim"])
        whole_cache(place)


def mutated(data: st.DataObject, seed: bytes) -> bytes:
    """With a few bytes changed, taken out or put in."""
    out = bytearray(seed)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, max(len(out) - 1, 0)))
        part = data.draw(PARTS | st.binary(min_size=1, max_size=8))
        how = data.draw(st.sampled_from(["over", "over", "over", "in", "out", "end"]))
        if how == "end":
            del out[at:]
        elif how == "out":
            del out[at : at + data.draw(st.sampled_from([1, 512, 1024]))]
        else:
            out[at : at + len(part) if how == "over" else at] = part
    for start in range(0, len(out) - 511, 512):       # else every change ends at a checksum
        header = out[start : start + 512]
        if header[257:262] == b"ustar" and data.draw(st.booleans()):
            out[start : start + 512] = summed(header)
    return bytes(out)


def changed_bytes(data: st.DataObject) -> None:
    use(mutated(data, data.draw(st.sampled_from(SEEDS))))


def changed_layers(data: st.DataObject) -> None:
    """Digests fit, so what is changed is read."""
    files: Files = {}
    layers = [data.draw(st.sampled_from(LAYERS)) for _ in range(data.draw(st.integers(1, 3)))]
    at = data.draw(st.integers(0, len(layers) - 1))
    layers[at] = mutated(data, layers[at])
    packed = list(layers)
    if data.draw(st.booleans()):
        packed[at] = PACKERS[data.draw(st.sampled_from(sorted(PACKERS)))](layers[at])
        if data.draw(st.booleans()):
            packed[at] = mutated(data, packed[at])
    inner = blob_json(files, config_of(layers, CONFIG_VALUES), CONFIG)
    blobs = [blob(files, one, LAYER) for one in packed]
    manifest = blob_json(files, {"config": inner, "layers": blobs}, MANIFEST)
    use(oci_with(files, [manifest]))


VALUES: st.SearchStrategy[Any] = st.sampled_from([
    None, 0, -1, 1 << 64, 1.5, True, "", "x", "\0", "\ud800", "a" * 5000, [], {}, [[]], ["\x1b[2J\n"], {"a": 1},
    "sha256:" + "0" * 64, "../../x", "linux", "NaN", float("nan"), 10**400, "root:x",
])  # fmt: skip


def spoiled(data: st.DataObject, value: Any) -> Any:
    """With one value changed somewhere in it."""
    value = copy.deepcopy(value)
    here = value
    while True:
        keys = list(here) if isinstance(here, dict) else list(range(len(here)))
        if not keys:
            return value
        key = data.draw(st.sampled_from(keys))
        if isinstance(here[key], dict | list) and here[key] and data.draw(st.integers(0, 3)):
            here = here[key]
            continue
        how = data.draw(st.integers(0, 4))
        if how == 0:
            del here[key]
        elif how == 1 and isinstance(here, list):
            here += [here[key]] * data.draw(st.sampled_from([1, 5000]))
        else:
            here[key] = data.draw(VALUES)
        return value


def changed_values(data: st.DataObject) -> None:
    """What JSON says, with digests that fit all the same."""
    which = data.draw(st.sampled_from(["config", "manifest", "index", "docker"]))
    if which == "docker":
        files = docker(LOW, HIGH, config=CONFIG_VALUES, names=["n:1"])
        files["manifest.json"] = json.dumps(spoiled(data, json.loads(files["manifest.json"]))).encode()
        use(files)
        return
    files = {}
    said: Any = config_of([LOW, HIGH], CONFIG_VALUES)
    inner = blob_json(files, spoiled(data, said) if which == "config" else said, CONFIG)
    said = {"schemaVersion": 2, "config": inner, "layers": [blob(files, one, LAYER) for one in (LOW, HIGH)]}
    said = blob_json(files, spoiled(data, said) if which == "manifest" else said, MANIFEST,
                     platform={"os": "linux", "architecture": "riscv64"}, annotations={"a": "b"})
    whole = oci_with(files, [said])
    if which == "index":
        whole["index.json"] = json.dumps(spoiled(data, json.loads(whole["index.json"]))).encode()
    use(whole)


WAYS = {"bytes": changed_bytes, "layers": changed_layers, "values": changed_values}


@pytest.mark.parametrize("way", WAYS)
@QUICK
@given(data=st.data())
def test_changed_images(way: str, data: st.DataObject) -> None:
    WAYS[way](data)


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
@LONG
@given(data=st.data())
def test_many_changed_images(way: str, data: st.DataObject) -> None:
    WAYS[way](data)
