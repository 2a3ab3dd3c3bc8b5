"""Container images as what machines are made of: a layout as a tar, one of `docker save`, and a bare root."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rvsim.guest_os.boot import APPS, BootError
from rvsim.tools.testing.collect import RvtestFile
from rvsim.tools.testing.factory import Image

CONFIG = {"architecture": "riscv64", "os": "linux",
          "config": {"Entrypoint": ["sh", "-c"], "Cmd": ["echo $WORD; pwd"], "Env": ["PATH=/bin", "WORD=inside"],
                     "WorkingDir": "/srv"}}


def archive(*members: tuple[str, bytes, int]) -> bytes:
    """A tar: name, contents, permissions of each file; a name with / at its end is a directory."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, data, mode in members:
            member = tarfile.TarInfo(name.rstrip("/"))
            member.type = tarfile.DIRTYPE if name.endswith("/") else tarfile.REGTYPE
            member.size, member.mode = len(data), mode
            tar.addfile(member, io.BytesIO(data))
    return out.getvalue()


def rootfs() -> bytes:
    programs = [(f"bin/{name}", (APPS / name).read_bytes(), 0o755) for name in ("sh", "cat", "echo", "ls", "wc")]
    return archive(("bin/", b"", 0o755), ("srv/", b"", 0o755), ("tmp/", b"", 0o777), *programs,
                   ("srv/greeting", b"hello\n", 0o644))


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def oci_layout() -> bytes:
    """An OCI image layout as a tar, with one layer."""
    layer = rootfs()
    config = json.dumps(CONFIG | {"rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest(layer)}"]}}).encode()

    def points(kind: str, data: bytes) -> dict[str, Any]:
        return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": f"sha256:{digest(data)}",
                "size": len(data)}

    manifest = json.dumps({"schemaVersion": 2, "config": points("config.v1+json", config),
                           "layers": [points("layer.v1.tar", layer)]}).encode()
    index = json.dumps({"schemaVersion": 2, "manifests": [points("manifest.v1+json", manifest)]}).encode()
    blobs = [(f"blobs/sha256/{digest(data)}", data, 0o644) for data in (layer, config, manifest)]
    return archive(("oci-layout", b'{"imageLayoutVersion": "1.0.0"}', 0o644), ("index.json", index, 0o644), *blobs)


def docker_save() -> bytes:
    layer = rootfs()
    config = json.dumps(CONFIG | {"rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest(layer)}"]}}).encode()
    manifest = [{"Config": f"{digest(config)}.json", "RepoTags": ["app:1"], "Layers": ["one/layer.tar"]}]
    return archive(("manifest.json", json.dumps(manifest).encode(), 0o644), (f"{digest(config)}.json", config, 0o644),
                   ("one/layer.tar", layer, 0o644))


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.mark.parametrize("make", [oci_layout, docker_save])
def test_what_an_image_says_counts(make: Callable[[], bytes], rvsim_image: Callable[..., Image],
                                   tmp_path: Path) -> None:
    path = tmp_path / "app.tar"
    path.write_bytes(make())
    image = rvsim_image(path)
    sh = image.spawn("sh")
    sh.sendline("pwd; echo $WORD; cat greeting; echo mine > greeting; exit")
    assert sh.wait() == 0
    assert "/srv\r\ninside\r\nhello\r\n" in sh.output
    assert sh.read_file("/srv/greeting") == b"mine\n"
    again = image.spawn("cat", "/srv/greeting", terminal=False, stdin="")
    assert (again.wait(), again.output) == (0, "hello\n")
    other = rvsim_image(path, env={"WORD": "given"}, cwd="/").spawn("sh", "-c", "pwd; echo $WORD", terminal=False,
                                                                    stdin="")
    assert (other.wait(), other.output) == (0, "/\ngiven\n")


def test_a_machine_of_an_image_goes_on_from_a_point(rvsim_image: Callable[..., Image], tmp_path: Path) -> None:
    path = tmp_path / "app.tar"
    path.write_bytes(oci_layout())
    point = rvsim_image(path).snapshot("sh", ready=r"\$ ")
    for word in ("one", "two"):
        sh = point.spawn()
        sh.sendline(f"echo {word} > /tmp/f; ls /tmp; wc -l /srv/greeting; exit 3")
        assert sh.wait() == 3
        assert "\r\nf\r\n1 /srv/greeting\r\n" in sh.output


def test_a_bare_root(rvsim_image: Callable[..., Image], tmp_path: Path) -> None:
    path = tmp_path / "rootfs.tar"
    path.write_bytes(rootfs())
    cat = rvsim_image(path).spawn("cat", "/srv/greeting", terminal=False, stdin="")
    assert (cat.wait(), cat.output) == (0, "hello\n")


def test_an_image_that_is_none(rvsim_image: Callable[..., Image], tmp_path: Path) -> None:
    (tmp_path / "app.tar").write_bytes(b"no image")
    with pytest.raises(BootError, match=r"image: .*app\.tar") as caught:
        rvsim_image(tmp_path / "app.tar").spawn("sh")
    assert "\n" not in str(caught.value)
    layout = bytearray(oci_layout())
    at = layout.index(b"hello\n")
    layout[at:at + 5] = b"hullo"
    (tmp_path / "app.tar").write_bytes(layout)
    with pytest.raises(BootError, match=r"image: .*digest") as caught:
        rvsim_image(tmp_path / "app.tar").spawn("sh")
    assert "\n" not in str(caught.value)


def test_a_case_without_argv_runs_what_the_image_says(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    (tmp_path / "app.tar").write_bytes(oci_layout())
    file = tmp_path / "app.rvtest.toml"
    file.write_text('image = "app.tar"\n[[case]]\nname = "its own"\nexpect.output = "inside\\n/srv\\n"\n')
    collector = RvtestFile.from_parent(request.session, path=file)
    item, = collector.collect()
    item.runtest()
