"""umoci and skopeo read what rvsim makes, and rvsim reads what they make of it; where they are installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from rvsim.tools import cli
from rvsim.tools.image import open_image

needs_skopeo = pytest.mark.skipif(shutil.which("skopeo") is None, reason="needs skopeo")
needs_umoci = pytest.mark.skipif(shutil.which("umoci") is None, reason="needs umoci")


def tool(*words: str) -> str:
    """What another program says. No policy of the host's decides, and nothing is asked of the network."""
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def skopeo(*words: str) -> str:
    return tool("skopeo", "--insecure-policy", *words)


@pytest.fixture
def digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """An image of two layers, `app`, and as an archive, `app.tar`."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    for name, text in {"system/usr/bin/tool": "#!/bin/sh\n", "system/etc/old": "old", "system/etc/keep": "keep",
                       "system/a/" + "long" * 30: "long", "system/é": "utf-8"}.items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    Path("system/usr/bin/tool").chmod(0o755)
    Path("system/bin").symlink_to("usr/bin")
    os.link("system/etc/keep", "system/etc/same")
    Path("rvsim.toml").write_text("""
        entrypoint = "/bin/tool"
        cmd = "--help"
        env = { A = "1" }
        workdir = "/srv"
        user = "7"
        labels = { org = "example" }
        output = "app"
        [[layer]]
        dir = "system"
        [[layer]]
        remove = "/etc/old"
        files = { "/bin/new" = { text = "new", mode = "755" }, "/srv/x" = { link = "/etc/keep" } }
    """)
    for words in ([], ["-o", "app.tar"]):
        assert cli.main(["image", "build", *words]) == 0
    found = capsys.readouterr().out.split()
    assert found[0] == found[1]
    return found[0]


TREE = {
    "a": None, "a/" + "long" * 30: b"long", "bin": "usr/bin", "etc": None, "etc/keep": b"keep", "etc/same": b"keep",
    "srv": None, "srv/x": "/etc/keep", "usr": None, "usr/bin": None, "usr/bin/new": b"new",
    "usr/bin/tool": b"#!/bin/sh\n", "é": b"utf-8",
}  # fmt: skip


def tree(top: Path) -> dict[str, object]:
    """What lies below a directory: bytes of files, texts of links."""
    return {str(path.relative_to(top)): os.readlink(path) if path.is_symlink() else
            path.read_bytes() if path.is_file() else None for path in sorted(top.rglob("*"))}


@needs_skopeo
def test_skopeo_reads_it(digest: str) -> None:
    for name in ("oci:app:latest", "oci-archive:app.tar:latest"):
        shown = json.loads(skopeo("inspect", name))
        assert (shown["Digest"], shown["Architecture"], shown["Env"], shown["Labels"]) == (
            digest, "riscv64", ["A=1"], {"org": "example"})
    config = json.loads(skopeo("inspect", "--config", "oci:app:latest"))["config"]
    assert config == {"Entrypoint": ["/bin/tool"], "Cmd": ["--help"], "Env": ["A=1"], "WorkingDir": "/srv", "User": "7",
                      "Labels": {"org": "example"}}


@needs_skopeo
@pytest.mark.parametrize("target", ["docker-archive:theirs.tar:example.org/app:1", "oci:theirs:x",
                                    "oci-archive:theirs.tar", "dir:theirs"])
def test_what_skopeo_makes_of_it_is_the_same(digest: str, target: str, capsys: pytest.CaptureFixture[str]) -> None:
    skopeo("copy", "oci:app:latest", target)
    if target.startswith("dir:"):               # a format that rvsim does not read; and back again
        skopeo("copy", target, "oci-archive:again.tar:y")
        target = "oci-archive:again.tar"
    path = target.split(":")[1]
    assert cli.main(["image", "diff", "app", path]) == 0
    assert capsys.readouterr() == ("", "")


@needs_umoci
def test_umoci_unpacks_it(digest: str) -> None:
    assert tool("umoci", "list", "--layout", "app") == "latest\n"
    tool("umoci", "unpack", "--rootless", "--image", "app:latest", "bundle")
    assert tree(Path("bundle/rootfs")) == TREE
    assert Path("bundle/rootfs/etc/keep").samefile("bundle/rootfs/etc/same")
    assert os.access("bundle/rootfs/usr/bin/new", os.X_OK)
    process = json.loads(Path("bundle/config.json").read_text())["process"]
    assert (process["args"], process["cwd"], process["user"]["uid"]) == (["/bin/tool", "--help"], "/srv", 7)
    assert "A=1" in process["env"]


@needs_umoci
def test_a_layer_of_umocis_on_ours(digest: str, capsys: pytest.CaptureFixture[str]) -> None:
    tool("umoci", "unpack", "--rootless", "--image", "app:latest", "bundle")
    root = Path("bundle/rootfs")
    (root / "etc/keep").write_bytes(b"changed")
    (root / "a/new").write_bytes(b"new")
    shutil.rmtree(root / "srv")
    tool("umoci", "repack", "--image", "app:theirs", "bundle")
    tool("umoci", "config", "--image", "app:theirs", "--config.env", "B=2")
    assert cli.main(["image", "diff", "app:latest", "app:theirs"]) == 1
    assert [line for line in capsys.readouterr().out.splitlines() if "created" not in line] == [
        "config   env B  (none) -> 2", "removed  /srv", "removed  /srv/x", "added    /a/new",
        "changed  /etc/keep  size 4 -> 7", "changed  /etc/same  size 4 -> 7"]
    assert cli.main(["image", "build", "--base", "app:theirs", "--program", "true", "-o", "ours.tar"]) == 0
    assert open_image(Path("ours.tar")).layers[:-1] == tuple(
        layer for layer in open_image(Path("app:theirs")).layers)


def test_our_own_unpacking_is_the_same(digest: str) -> None:
    assert cli.main(["image", "extract", "app.tar", "-C", "ours"]) == 0
    found: Any = tree(Path("ours"))
    assert found == TREE
