"""Images that mean harm, are damaged, or are none: one line, the exit status, and nothing changes on the host.

What archives can do by themselves is in `tests/guest_os/fs/test_archive_hostile.py`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rvsim.tests.guest_os.fs.archives import Member, tar_bytes
from rvsim.tests.tools.image.images import (
    CONFIG,
    LAYER,
    LINK,
    MANIFEST,
    PACKERS,
    Files,
    blob,
    blob_json,
    config_of,
    docker,
    docker_new,
    folder,
    in_folder,
    in_tar,
    oci,
    oci_with,
    symlink,
)
from rvsim.tests.tools.image.refusing import refused
from rvsim.tools import cli
from rvsim.tools.image.cache import DEFAULT_LIMIT_BYTES, limit_of

GOOD = tar_bytes(folder("bin"), Member("f", data=b"x" * 3000))


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


# ---- trees that mean harm

HARM: dict[str, tuple[list[Member], str]] = {
    "upwards": ([Member("../../etc/passwd", data=b"x")], "leads upwards"),
    "upwards inside": ([Member("a/../../b")], "leads upwards"),
    "whiteout upwards": ([Member("../.wh.x")], "leads upwards"),
    "whiteout of upwards": ([Member("a/.wh...")], "names nothing"),
    "whiteout of itself": ([Member("a/.wh..")], "names nothing"),
    "whiteout of no name": ([Member("a/.wh.")], "names nothing"),
    "opaque upwards": ([Member("a/../../.wh..wh..opq")], "leads upwards"),
    "link outside": ([Member("f", link="../../etc/passwd")], "leads upwards"),
    "link to the host": ([Member("f", link="/etc/passwd")], "which is not in it"),
    "link through a link": ([symlink("out", "/etc"), Member("f", link="out/passwd")], "which is not in it"),
    "link to itself": ([Member("self", link="self")], "which is not in it"),
    "link to a directory": ([folder("d"), Member("g", link="d")], "a hard link to a directory"),
    "through a file": ([Member("f"), Member("f/g")], "leads through what is no directory, 'f'"),
    "circle of links": ([symlink("a", "b"), symlink("b", "a"), Member("a/f")], "too many symbolic links"),
    "root that is a file": ([Member("./", data=b"x")], "its root is not a directory"),
    "long part": ([Member("n" * 256)], "more than 255 bytes"),
    "long name": ([Member("n/" * 2100)], "impossible name"),
    "name with NUL": ([Member("x", pax={"path": "a\0b"})], "impossible name|a header makes no sense|damaged"),
    "text of a link": ([Member("l", LINK, target="t" * 4096)], "impossible text"),
    "user": ([Member("f", pax={"uid": "99999999999999999999"})], "impossible user"),
    "negative user": ([Member("f", pax={"gid": "-1"})], "impossible user"),
    "negative size": ([Member("f", pax={"size": "-512"})], "leads backwards|damaged"),
    "no number": ([Member("f", data=b"x" * 600, pax={"size": "x"})], "damaged|makes no sense|cut off"),
    "attribute": ([Member("f", pax={"SCHILY.xattr.user.x": "x" * 70000})], "too large to keep"),
    "escape codes": ([Member("\x1b[2J\n/../x")], "leads upwards"),
}


@pytest.mark.parametrize("case", HARM)
def test_trees_that_mean_harm(case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    members, message = HARM[case]
    layer = tar_bytes(*members)
    for number, files in enumerate((oci(GOOD, layer), docker(layer, GOOD))):
        error = refused(in_tar(tmp_path / str(number), files), capsys)
        assert any(part in error for part in message.split("|")), error
    plain = tmp_path / "rootfs.tar"
    plain.write_bytes(layer)
    if ".wh." not in members[0].name:
        refused(plain, capsys)


def test_what_leads_outside_stays_inside(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Absolute names, and links out of the tree: a file goes where it would for a program of the guest."""
    secret = tmp_path / "secret"
    secret.mkdir()
    layer = tar_bytes(symlink("out", str(secret)), Member("out/f", data=b"x"), Member(f"{secret}/g", data=b"y"))
    path = in_tar(tmp_path / "image", oci(layer))
    assert cli.main(["run", "--image", str(path), "/bin/true"]) == 127
    assert "not found in" in capsys.readouterr().err
    assert os.listdir(secret) == []


# ---- digests

def changed(files: Files, what: str, data: Callable[[bytes], bytes]) -> Files:
    """With the blob changed that has `what` in it."""
    return {name: data(old) if name.startswith("blobs") and what.encode() in old else old
            for name, old in files.items()}


FLIPPED = (
    ("schemaVersion", "is damaged: it does not have its digest"), ("diff_ids", "is damaged: it does not have its dig"),
    ("xxxx", "is damaged: its digest is sha256:"),
)  # fmt: skip


@pytest.mark.parametrize("place", [in_tar, in_folder])
@pytest.mark.parametrize(("what", "message"), FLIPPED)
def test_a_changed_blob(what: str, message: str, place: Any, tmp_path: Path,
                        capsys: pytest.CaptureFixture[str]) -> None:
    files = changed(oci(GOOD), what, lambda data: data[:-1] + bytes([data[-1] ^ 1]))
    assert message in refused(place(tmp_path / "image", files), capsys)


@pytest.mark.parametrize(("what", "message"), FLIPPED)
def test_a_blob_that_is_too_short_or_too_long(what: str, message: str, tmp_path: Path,
                                              capsys: pytest.CaptureFixture[str]) -> None:
    for number, change in enumerate((lambda data: data[:-1], lambda data: data + b" ", lambda data: b"")):
        files = changed(oci(GOOD), what, change)
        assert "were promised" in refused(in_tar(tmp_path / str(number), files), capsys)


@pytest.mark.parametrize("what", [what for what, _ in FLIPPED])
def test_a_blob_that_is_missing(what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = {name: data for name, data in oci(GOOD).items()
             if not (name.startswith("blobs") and what.encode() in data)}
    assert "is not in it" in refused(in_tar(tmp_path / "a", files), capsys)
    assert "is not in it" in refused(in_folder(tmp_path / "b", files), capsys)


def test_a_layer_that_is_not_the_one_of_the_config(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """OCI image specification, "Layer DiffID": of the archive that was not packed."""
    files: Files = {}
    inner = blob_json(files, config_of([b"another"]), CONFIG)
    manifest = blob_json(files, {"config": inner, "layers": [blob(files, GOOD, LAYER)]}, MANIFEST)
    assert "is damaged: its digest is" in refused(in_tar(tmp_path / "a", oci_with(files, [manifest])), capsys)
    files = docker(GOOD)
    name = next(name for name in files if name.endswith("layer.tar"))
    assert "is damaged: its digest is" in refused(in_tar(tmp_path / "b", {**files, name: GOOD + bytes(512)}), capsys)
    name = next(name for name in files if name.endswith(".json"))
    assert "does not have its digest" in refused(in_tar(tmp_path / "c", {**files, name: files[name] + b" "}), capsys)


def test_more_layers_than_the_config_knows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files: Files = {}
    inner = blob_json(files, config_of([GOOD]), CONFIG)
    manifest = blob_json(files, {"config": inner, "layers": [blob(files, GOOD, LAYER)] * 2}, MANIFEST)
    assert "has 2 layers, and its config 1" in refused(in_tar(tmp_path / "a", oci_with(files, [manifest])), capsys)


# ---- cut off and compressed

@pytest.mark.parametrize("pack", [pack for pack in PACKERS if pack != "plain"])
def test_compressed_layers_that_are_damaged(pack: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With digests that fit, so that nothing but the compression can tell."""
    packed = PACKERS[pack](tar_bytes(Member("f", data=os.urandom(6000))))
    middle = len(packed) // 2
    for number, data in enumerate((packed[:middle], packed[:6], packed[:middle] + bytes(99) + packed[middle + 99 :],
                                   packed + b"garbage")):
        files: Files = {}
        inner = blob_json(files, config_of([GOOD]), CONFIG)
        manifest = blob_json(files, {"config": inner, "layers": [blob(files, data, LAYER)]}, MANIFEST)
        error = refused(in_tar(tmp_path / str(number), oci_with(files, [manifest])), capsys)
        assert "data is damaged" in error or "ends too early" in error or "is damaged: its digest" in error
        if "digest" in error:
            continue            # zstd has no checksum of its own there
        plain = tmp_path / f"plain{number}"
        plain.write_bytes(data)
        refused(plain, capsys)


@pytest.mark.parametrize("make", [oci, docker, docker_new])
def test_an_archive_that_is_cut_off(make: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = in_tar(tmp_path / "image", make(GOOD)).read_bytes()
    end = whole.rstrip(b"\0")
    first = 1100 if make is docker else 0       # before that, it is a tree with one file in it
    for size in range(first, len(end) - 1, 479):
        path = tmp_path / f"cut{size}"
        path.write_bytes(whole[:size])
        refused(path, capsys)


@pytest.mark.parametrize("pack", ["gzip", "zstd", "bzip2", "xz"])
def test_bombs(pack: str, tmp_path: Path, cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bomb = tar_bytes(Member("f", data=bytes(20 << 20)))
    assert len(PACKERS[pack](bomb)) < 200_000
    one = in_tar(tmp_path / "one", oci(bomb, pack=pack))
    assert "unpacks to more than 8 MiB; --image-limit allows more" in refused(one, capsys, "--image-limit", "8M")
    plain = tmp_path / "plain"
    plain.write_bytes(PACKERS[pack](bomb))
    assert "unpacks to more than 8 MiB" in refused(plain, capsys, "--image-limit", "8M")
    many = in_tar(tmp_path / "many", oci(*(tar_bytes(Member("f", data=bytes([n]) * (3 << 20))) for n in range(4))))
    assert "unpacks to more than 8 MiB" in refused(many, capsys, "--image-limit", "8M")
    twice = in_tar(tmp_path / "twice", oci(GOOD, pack=pack), pack)
    assert cli.main(["run", "--image", str(twice), "--image-limit", "8M", "/bin/true"]) == 127


@pytest.mark.parametrize("pack", ["gzip", "xz"])
def test_a_bomb_does_not_fill_the_disk_where_no_limit_is_given(
        pack: str, tmp_path: Path, cache: Path, capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch) -> None:
    assert limit_of(100 << 20, DEFAULT_LIMIT_BYTES) == 5000 << 20
    assert limit_of(1, DEFAULT_LIMIT_BYTES) == 1 << 30
    assert limit_of(1 << 30, DEFAULT_LIMIT_BYTES) == DEFAULT_LIMIT_BYTES
    assert [limit_of(1, given) for given in (5, 16 << 30)] == [5, 16 << 30]
    monkeypatch.setattr("rvsim.tools.image.cache._ALWAYS_BYTES", 8 << 20)
    monkeypatch.setattr("rvsim.tools.image.cache._MOST_TIMES", 20)
    bomb = tar_bytes(Member("f", data=bytes(20 << 20)))
    for name, path in (("one", in_tar(tmp_path / "one", oci(bomb, pack="gzip"))), ("plain", tmp_path / "plain")):
        if name == "plain":
            path.write_bytes(PACKERS[pack](bomb))
        assert "unpacks to more than 8 MiB; --image-limit allows more" in refused(path, capsys)
        assert cli.main(["run", "--image", str(path), "--image-limit", "1G", "/bin/true"]) == 127
        capsys.readouterr()


def test_a_bomb_that_is_in_the_cache_already(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The limit says what the image may have, not what is still to unpack."""
    path = in_tar(tmp_path / "i", oci(tar_bytes(Member("f", data=bytes(20 << 20))), pack="gzip"))
    assert cli.main(["run", "--image", str(path), "/bin/true"]) == 127
    capsys.readouterr()
    assert "unpacks to more than 8 MiB" in refused(path, capsys, "--image-limit", "8M")


# ---- what takes long

@pytest.mark.parametrize("members", [
    [Member(f"{number}") for number in range(3000)], [Member("d/" * 100 + "f")], [Member(f"f{n}", link="f0") if n else
                                                                                   Member("f0") for n in range(3000)],
    [Member(f".wh.{number}") for number in range(3000)],
], ids=["files", "directories", "links", "whiteouts"])  # fmt: skip
def test_too_many_members(members: list[Member], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                          capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("rvsim.tools.image.image.TREE_LIMIT_BYTES", 1 << 20)
    assert "its layers have too many members" in refused(in_tar(tmp_path / "i", oci(tar_bytes(*members))), capsys)


def test_names_that_lead_through_ever_more_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                 capsys: pytest.CaptureFixture[str]) -> None:
    """Each name goes through 38 links of 2000 parts."""
    monkeypatch.setattr("rvsim.guest_os.fs.layer_tree._STEPS_LIMIT", 400_000)
    chain = [symlink(f"s{number}", "./" * 2000 + f"s{number + 1}") for number in range(38)]
    layer = tar_bytes(*chain, folder("s38"), *(Member(f"s0/{number}") for number in range(10)))
    assert "too many symbolic links" in refused(in_tar(tmp_path / "i", oci(layer)), capsys)


# ---- what is no regular file

def test_what_is_no_image(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "text").write_bytes(b"#!/bin/sh\n" * 100)
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "circle").symlink_to("circle")
    in_folder(tmp_path / "half", {"oci-layout": b"{}"})
    in_folder(tmp_path / "odd", {"oci-layout": b"{}", "index.json": b"{}"})
    (tmp_path / "odd/index.json").unlink()
    (tmp_path / "odd/index.json").mkdir()
    for name in ("empty", "text", "folder", "fifo", "circle", "half", "odd", "none"):
        refused(tmp_path / name, capsys)
