"""Every form that an image comes in, and every compression: the same tree, and the same words to run."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from rvsim.tests.guest_os.fs.archives import Member, tar_bytes
from rvsim.tests.tools.image.images import (
    INDEX,
    MANIFEST,
    PACKERS,
    REF_NAME,
    RISCV,
    Files,
    Json,
    blob,
    blob_json,
    content,
    docker,
    docker_new,
    folder,
    in_folder,
    in_tar,
    listed,
    oci,
    oci_with,
    opened,
    put_image,
    sha256,
    tree,
)
from rvsim.tools.image import ImageError

LOW = tar_bytes(folder("etc"), Member("etc/motd", data=b"low\n"), Member("etc/gone", data=b"x"))
HIGH = tar_bytes(folder("etc"), Member("etc/.wh.gone"), Member("etc/motd", data=b"high\n"), folder("bin"))
CONFIG = {"Entrypoint": ["/bin/app"], "Cmd": ["-v"]}
FORMS = {
    "oci": lambda: oci(LOW, HIGH, config=CONFIG),
    "docker": lambda: docker(LOW, HIGH, config=CONFIG),
    "docker, new": lambda: docker_new(LOW, HIGH, config=CONFIG),
}


@pytest.mark.parametrize("place", ["folder", *PACKERS])
@pytest.mark.parametrize("form", FORMS)
def test_forms(form: str, place: str, tmp_path: Path) -> None:
    files = FORMS[form]()
    path = tmp_path / "image"
    if place == "folder":
        in_folder(path, files)
    else:
        in_tar(path, files, place)
    image = opened(path, tmp_path / "cache")
    assert (image.config.entrypoint, image.config.cmd) == (("/bin/app",), ("-v",))
    root = tree(image)
    assert listed(root) == ["etc", "bin"]
    assert listed(root, "etc") == ["motd"]
    assert content(root, "etc/motd") == b"high\n"


def test_all_forms_are_one_tree_in_the_cache(tmp_path: Path) -> None:
    roots = {opened(in_tar(tmp_path / str(number), make()), tmp_path / "cache").root
             for number, make in enumerate(FORMS.values())}
    assert len(roots) == 1
    assert sorted(os.listdir(tmp_path / "cache/layers")) == sorted([sha256(LOW), sha256(HIGH)])


@pytest.mark.parametrize("pack", PACKERS)
def test_layers_are_packed_in_any_way(pack: str, tmp_path: Path) -> None:
    """OCI image specification, "Image Layer Filesystem Changeset", "+gzip Media Types", "+zstd Media Types"."""
    root = tree(opened(in_tar(tmp_path / "i", oci(LOW, HIGH, pack=pack)), tmp_path / "cache"))
    assert content(root, "etc/motd") == b"high\n"


def test_a_layer_of_several_compressed_streams(tmp_path: Path) -> None:
    """As pigz and estargz write them."""
    files: Files = {}
    descriptor = put_image(files, [LOW])
    manifest = json.loads(files[f"blobs/sha256/{descriptor['digest'][7:]}"])
    gzip = PACKERS["gzip"]
    manifest["layers"] = [blob(files, gzip(LOW[:700]) + gzip(LOW[700:]), "x")]
    path = in_tar(tmp_path / "i", oci_with(files, [blob_json(files, manifest, MANIFEST)]))
    assert content(tree(opened(path, tmp_path / "cache")), "etc/motd") == b"low\n"


@pytest.mark.parametrize("pack", PACKERS)
def test_a_plain_tree(pack: str, tmp_path: Path) -> None:
    """It has no whiteouts: `.wh.` begins a name like any other. Nothing says what to run."""
    path = tmp_path / "rootfs.tar"
    path.write_bytes(PACKERS[pack](HIGH))
    for _ in range(2):
        image = opened(path, tmp_path / "cache")
        assert listed(tree(image), "etc") == [".wh.gone", "motd"]
        assert (image.config.entrypoint, image.config.cmd, image.config.user) == ((), (), "")


def test_the_same_archive_as_a_plain_tree_and_as_a_layer(tmp_path: Path) -> None:
    """The whiteouts count in one of them only, whichever came first."""
    (tmp_path / "rootfs").write_bytes(HIGH)
    in_tar(tmp_path / "image", oci(HIGH))
    names = {name: listed(tree(opened(tmp_path / name, tmp_path / "cache")), "etc") for name in ("rootfs", "image")}
    assert names == {"rootfs": [".wh.gone", "motd"], "image": ["motd"]}


def test_a_plain_tree_that_changes(tmp_path: Path) -> None:
    path = tmp_path / "rootfs.tar"
    path.write_bytes(LOW)
    assert content(tree(opened(path, tmp_path / "cache")), "etc/motd") == b"low\n"
    path.write_bytes(HIGH)
    assert content(tree(opened(path, tmp_path / "cache")), "etc/motd") == b"high\n"


def test_an_image_without_layers(tmp_path: Path) -> None:
    for number, files in enumerate((oci(), docker())):
        assert listed(tree(opened(in_tar(tmp_path / str(number), files), tmp_path / "cache"))) == []


@pytest.mark.parametrize("layer", [bytes(1024), bytes(10240), b""], ids=len)
def test_an_empty_layer(layer: bytes, tmp_path: Path) -> None:
    """The layer of an instruction that changes nothing."""
    root = tree(opened(in_tar(tmp_path / "i", oci(LOW, layer)), tmp_path / "cache"))
    assert listed(root) == ["etc"]


# ---- several images in one place

ARM = {"os": "linux", "architecture": "arm64", "variant": "v8"}


def shipped(files: Files, word: str, made_for: Json, **more: Any) -> Json:
    return put_image(files, [tar_bytes(Member(word))], {"Cmd": [word]}, made_for, **more)


def command(path: Path, tmp_path: Path) -> tuple[str, ...]:
    return opened(path, tmp_path / "cache").config.cmd


def test_the_image_of_our_platform_is_taken(tmp_path: Path) -> None:
    """OCI image specification, "Image Index": `platform`. What buildx says of how it built comes as unknown/unknown."""
    files: Files = {}
    other = shipped(files, "arm", ARM, platform=ARM)
    ours = shipped(files, "ours", RISCV,
                   platform=RISCV)
    proof = blob_json(files, {"schemaVersion": 2, "config": {}, "layers": []}, MANIFEST,
                      platform={"os": "unknown", "architecture": "unknown"})
    assert command(in_tar(tmp_path / "a", oci_with(files, [other, ours, proof])), tmp_path) == ("ours",)
    nested = blob_json(files, {"schemaVersion": 2, "manifests": [other, proof, ours]}, INDEX)
    assert command(in_folder(tmp_path / "b", oci_with(files, [nested])), tmp_path) == ("ours",)
    # where the index says nothing, the config does
    plain = [{key: value for key, value in one.items() if key != "platform"} for one in (other, ours)]
    assert command(in_tar(tmp_path / "c", oci_with(files, plain)), tmp_path) == ("ours",)


def test_no_image_of_our_platform(tmp_path: Path) -> None:
    files: Files = {}
    other = shipped(files, "arm", ARM, platform=ARM)
    amd = shipped(files, "amd", {"os": "linux", "architecture": "amd64"},
                  platform={"os": "linux", "architecture": "amd64"})
    for name, manifests in (("a", [other, amd]), ("b", [{**other, "platform": None}, {**amd, "platform": None}])):
        with pytest.raises(ImageError, match=r"it is for linux/arm64, linux/amd64, not for linux/riscv64; give "):
            command(in_tar(tmp_path / name, oci_with(files, manifests)), tmp_path)
    with pytest.raises(ImageError, match=r"it is for linux/arm64, not for linux/riscv64; give an image for linux/r"):
        command(in_tar(tmp_path / "c", docker(LOW, platform=ARM)), tmp_path)
    assert opened(tmp_path / "c", tmp_path / "cache", platform=None).config.platform == "linux/arm64"
    assert opened(tmp_path / "c", tmp_path / "cache", platform="linux/arm64").config.platform == "linux/arm64"


def test_an_index_that_lies_about_the_platform(tmp_path: Path) -> None:
    files: Files = {}
    lie = shipped(files, "arm", ARM, platform=RISCV)
    with pytest.raises(ImageError, match="it is for linux/arm64, not for linux/riscv64"):
        command(in_tar(tmp_path / "a", oci_with(files, [lie])), tmp_path)


def test_names_choose(tmp_path: Path) -> None:
    files: Files = {}
    one, two = (shipped(files, word, RISCV, annotations={REF_NAME: word})
                for word in ("one", "two:v1"))
    path = in_tar(tmp_path / "all.tar", oci_with(files, [one, two]))
    assert command(Path(f"{path}:one"), tmp_path) == ("one",)
    assert command(Path(f"{path}:two:v1"), tmp_path) == ("two:v1",)
    assert command(Path(f"{path}:{two['digest']}"), tmp_path) == ("two:v1",)
    with pytest.raises(ImageError, match="it holds several images; add :NAME to the path to choose one of one, two:v1"):
        command(path, tmp_path)
    with pytest.raises(ImageError, match="it has no image 'three'; it has one, two:v1"):
        command(Path(f"{path}:three"), tmp_path)


def several(*named: tuple[str, str]) -> Files:
    """What `docker save ONE TWO…` writes: (word, name) of each."""
    files: Files = {}
    top = []
    for word, name in named:
        one = docker(tar_bytes(Member(word)), config={"Cmd": [word]}, names=[name])
        top += json.loads(one["manifest.json"])
        files |= one
    return {**files, "manifest.json": json.dumps(top).encode()}


@pytest.mark.parametrize(("said", "word"), [
    ("docker.io/library/app:latest", "a"), ("app:latest", "a"), ("app", "a"), ("library/app", "a"),
    ("docker.io/app", "a"), ("app:2", "b"), ("docker.io/library/app:2", "b"), ("me/app", "c"),
    ("docker.io/me/app:latest", "c"), ("host.example:5000/app", "d"), ("host.example:5000/app:latest", "d"),
])  # fmt: skip
def test_short_names_mean_what_they_mean_to_docker(said: str, word: str, tmp_path: Path) -> None:
    """skopeo writes docker.io/library/app:latest where docker writes app:latest. Docker, "docker image tag"."""
    files = several(("a", "docker.io/library/app:latest"), ("b", "app:2"), ("c", "docker.io/me/app:latest"),
                    ("d", "host.example:5000/app:latest"))
    path = in_tar(tmp_path / "all.tar", files)
    assert command(Path(f"{path}:{said}"), tmp_path) == (word,)


def test_an_exact_name_goes_first(tmp_path: Path) -> None:
    path = in_tar(tmp_path / "all.tar", several(("a", "docker.io/library/app:latest"), ("b", "app")))
    assert command(Path(f"{path}:app"), tmp_path) == ("b",)


def test_colons_in_paths(tmp_path: Path) -> None:
    path = in_tar(tmp_path / "a:b", oci(LOW, name="n:1"))
    assert content(tree(opened(path, tmp_path / "cache")), "etc/motd") == b"low\n"
    assert content(tree(opened(Path(f"{path}:n:1"), tmp_path / "cache")), "etc/motd") == b"low\n"
    with pytest.raises(ImageError, match="it has no image 'other'"):
        opened(Path(f"{path}:other"), tmp_path / "cache")
