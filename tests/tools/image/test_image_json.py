"""Indexes, manifests and configs that make no sense, or mean harm. OCI image specification, "Content Descriptors"."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rvsim.tests.guest_os.fs.archives import Member, tar_bytes
from rvsim.tests.tools.image.images import (
    CONFIG,
    INDEX,
    LAYER,
    MANIFEST,
    REF_NAME,
    RISCV,
    Files,
    blob,
    blob_json,
    config_of,
    docker,
    in_folder,
    in_tar,
    oci,
    oci_with,
    put_image,
    sha256,
)
from rvsim.tests.tools.image.refusing import refused

GOOD = tar_bytes(Member("f", data=b"x" * 3000))
DIGITS = sha256(GOOD)
DEEP = b"[" * 100_000
TWICE = b'{"manifests": [], "manifests": []}'


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.mark.parametrize("text", [
    b"", b"{", b"[]", b"5", b"null", b'"x"', b"\xff\xfe{", b"{'a': 1}", DEEP, b'{"a":' * 50_000, TWICE, b"{}",
    b'{"manifests": 5}', b'{"manifests": [5]}', b'{"manifests": [[]]}', b'{"manifests": [{}]}',
    b'{"manifests": ' + b"9" * 10_000 + b"}", b'{"manifests": null}', b'{"a": NaN, "manifests": []}',
    b'{"manifests": [' + b",".join([b"{}"] * 5000) + b"]}", b" " * (5 << 20),
    '{"\ud800"}'.encode("utf-8", "surrogatepass"),
])  # fmt: skip
def test_an_index(text: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    refused(in_tar(tmp_path / "a", {**oci(GOOD), "index.json": text}), capsys)
    refused(in_tar(tmp_path / "b", {**docker(GOOD), "manifest.json": text}), capsys)


@pytest.mark.parametrize("more", [
    {"digest": None}, {"digest": 5}, {"digest": ""}, {"digest": "sha256:"}, {"digest": f"sha256:{DIGITS[:-1]}"},
    {"digest": f"sha256:{DIGITS.upper()}"}, {"digest": f"md5:{DIGITS[:32]}"}, {"digest": "sha256:../../../etc/passwd"},
    {"digest": f"../../x:{DIGITS}"}, {"digest": f"sha256:{DIGITS}\n"}, {"digest": f"sha512:{DIGITS}"},
    {"digest": f"sha256:{'٣' * 64}"}, {"size": -1}, {"size": 1.5}, {"size": "5"}, {"size": True}, {"size": 1 << 70},
    {"size": None}, {"size": 10**400}, {"platform": 5}, {"platform": {"os": 5}}, {"annotations": [1]},
    {"annotations": {"a": 1}}, {"mediaType": 5}, {"mediaType": INDEX}, {"digest": "sha256:" + "\x1b[2J" * 16},
])  # fmt: skip
def test_a_descriptor(more: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of a manifest, of a config and of a layer."""
    files: Files = {}
    refused(in_tar(tmp_path / "a", oci_with(files, [{**put_image(files, [GOOD]), **more}])), capsys)
    for number in (0, 1):
        files = {}
        inner = blob_json(files, config_of([GOOD]), CONFIG, **(more if number == 0 else {}))
        layer = blob(files, GOOD, LAYER)
        if number == 1:
            if more.get("mediaType") == INDEX:
                continue                # what a layer is, its bytes say
            layer |= more
        manifest = blob_json(files, {"config": inner, "layers": [layer]}, MANIFEST)
        refused(in_tar(tmp_path / str(number), oci_with(files, [manifest])), capsys)


@pytest.mark.parametrize("text", [
    b"{}", b"[]", b"5", DEEP, TWICE, b'{"config": 5}', b'{"config": {}, "layers": 5}', b'{"config": null}',
    b'{"schemaVersion": 1, "fsLayers": []}', b'{"config": {}, "manifests": []}',
])  # fmt: skip
def test_a_manifest(text: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files: Files = {}
    one = blob(files, text, MANIFEST)
    refused(in_tar(tmp_path / "a", oci_with(files, [one])), capsys)


@pytest.mark.parametrize("text", [
    b"[]", b"5", DEEP, TWICE, b'{"rootfs": 5}', b'{"config": 5}', b'{"rootfs": {"diff_ids": 5}}', b'{"os": 5}',
    b'{"rootfs": {"diff_ids": [5]}}', b'{"rootfs": {"diff_ids": ["sha256:../x"]}}', b'{"config": {"Env": 5}}',
    b'{"rootfs": {"diff_ids": ["sha512:%s"]}}' % (b"0" * 128), b'{"architecture": "\\ud800"}', b'{"os": "a\\u0000"}',
    b'{"architecture": "\\u001b[2J\\n"}', b'{"os": "%s"}' % (b"x" * 100_000),
])  # fmt: skip
def test_a_config(text: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files: Files = {}
    inner = blob(files, text, CONFIG)
    manifest = blob_json(files, {"config": inner, "layers": [blob(files, GOOD, LAYER)]}, MANIFEST)
    refused(in_tar(tmp_path / "a", oci_with(files, [manifest])), capsys)
    whole = {f"{sha256(text)}.json": text, "l": GOOD}
    top = json.dumps([{"Config": f"{sha256(text)}.json", "Layers": ["l"]}]).encode()
    refused(in_tar(tmp_path / "b", {**whole, "manifest.json": top}), capsys)


@pytest.mark.parametrize("value", [
    {}, 5, {"Config": 5}, {"Config": "none", "Layers": []}, {"Config": "", "Layers": []}, {"Config": "c"},
    {"Config": "c", "Layers": "l"}, {"Config": "c", "Layers": [5]}, {"Config": "c", "Layers": ["none"]},
    {"Config": "c", "Layers": ["l", "l"]}, {"Config": "c", "Layers": ["l"], "RepoTags": 5},
    {"Config": "\x1b[2J\n" * 50, "Layers": []}, {"Config": "c", "Layers": ["\x1b[2J\n" * 50]}, {"Config": "l"},
    {"Config": "c\0", "Layers": ["l"]}, {"Config": "x" * 100_000, "Layers": []}, {"Config": "..", "Layers": []},
])  # fmt: skip
def test_what_docker_save_writes(value: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = {"c": json.dumps(config_of([GOOD])).encode(), "l": GOOD, "manifest.json": json.dumps([value]).encode()}
    refused(in_tar(tmp_path / "a", files), capsys)
    refused(in_folder(tmp_path / "b", files), capsys)


@pytest.mark.parametrize("name", ["../secret", "../../secret", "/{home}/secret", "sub/../../secret", "link",
                                  "out/secret"])
def test_names_that_lead_out_of_a_folder(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What they lead to would do as a config and as a layer."""
    (tmp_path / "secret").write_bytes(json.dumps(config_of([GOOD])).encode())
    (tmp_path / "layer").write_bytes(GOOD)
    name = name.replace("/{home}", str(tmp_path))
    inner = json.dumps(config_of([GOOD])).encode()
    for number, (config, layer) in enumerate(((name, "l"), ("c", name.replace("secret", "layer")))):
        path = tmp_path / f"image{number}"
        top = json.dumps([{"Config": config, "Layers": [layer]}]).encode()
        in_folder(path, {"c": inner, "l": GOOD, "manifest.json": top, "sub/x": b""})
        (path / "link").symlink_to("../secret" if number == 0 else "../layer")
        (path / "out").symlink_to("..")
        assert "leads out of it" in refused(path, capsys) or name.startswith("../../")
        in_tar(tmp_path / f"tar{number}", {"c": inner, "l": GOOD, "manifest.json": top})
        refused(tmp_path / f"tar{number}", capsys)


def test_links_within_a_folder(tmp_path: Path) -> None:
    """Old `docker save` archives have them where a layer comes twice."""
    from rvsim.tests.tools.image.images import opened

    path = in_folder(tmp_path / "image", {"c": json.dumps(config_of([GOOD])).encode(), "a/l": GOOD,
                                          "manifest.json": b'[{"Config": "c", "Layers": ["b/l"]}]'})
    (path / "b").mkdir()
    (path / "b/l").symlink_to("../a/l")
    assert opened(path, tmp_path / "cache").root


# ---- many, and deep

def test_indexes_in_indexes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files: Files = {}
    one = put_image(files, [GOOD])
    for _ in range(20):
        one = blob_json(files, {"manifests": [one, one]}, INDEX)
    assert "nested more than 8 deep" in refused(in_tar(tmp_path / "deep", oci_with(files, [one])), capsys)
    many = [blob_json(files, {"manifests": [], "x": number}, INDEX) for number in range(100)]
    assert "more than 64 indexes" in refused(in_tar(tmp_path / "many", oci_with(files, many)), capsys)
    itself = {"mediaType": INDEX, "digest": f"sha256:{DIGITS}", "size": 10}
    data = json.dumps({"manifests": [itself]}).encode()
    files = {f"blobs/sha256/{DIGITS}": data}
    assert "does not have its digest" in refused(
        in_tar(tmp_path / "loop", oci_with(files, [{**itself, "size": len(data)}])), capsys)
    assert "has no image in it" in refused(in_tar(tmp_path / "none", oci_with({}, [])), capsys)


def test_many_images_and_many_layers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files: Files = {}
    images = [put_image(files, [GOOD], {"Cmd": [str(number)]}, annotations={REF_NAME: f"n{number}" + "x" * 200})
              for number in range(300)]
    assert "it holds several images" in refused(in_tar(tmp_path / "images", oci_with(files, images)), capsys)
    files = {}
    layers = blob_json(files, {"config": blob_json(files, config_of([GOOD] * 600), CONFIG),
                               "layers": [blob(files, GOOD, LAYER)] * 600}, MANIFEST)
    assert "has 600 entries where 512 are enough" in refused(
        in_tar(tmp_path / "layers", oci_with(files, [layers])), capsys)


def test_what_is_no_image_of_a_container(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Anything may be kept as an OCI artifact: charts, signatures, models."""
    files: Files = {}
    inner = blob_json(files, {**RISCV, "name": "chart"}, "application/vnd.cncf.helm.config.v1+json")
    chart = blob_json(files, {"config": inner, "layers": []}, MANIFEST)
    assert "it is no image of a container: its config is of the type 'application/vnd.cncf.helm" in refused(
        in_tar(tmp_path / "a", oci_with(files, [chart])), capsys)
