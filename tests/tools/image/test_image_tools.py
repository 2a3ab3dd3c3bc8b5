"""Images that other programs make: umoci and skopeo, as their users call them."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from rvsim.tests.guest_os.fs.archives import Member, tar_bytes
from rvsim.tests.tools.image.images import content, folder, in_folder, listed, oci, opened, tree
from rvsim.tools.image import ImageError

UMOCI, SKOPEO = shutil.which("umoci"), shutil.which("skopeo")
LOW = tar_bytes(folder("etc"), Member("etc/motd", data=b"low\n"), Member("etc/gone", data=b"x"))
HIGH = tar_bytes(folder("etc"), Member("etc/.wh.gone"), Member("etc/motd", data=b"high\n"))
needs_umoci = pytest.mark.skipif(UMOCI is None, reason="umoci is not installed")
needs_skopeo = pytest.mark.skipif(SKOPEO is None, reason="skopeo is not installed")


def run(*words: str | Path | None, home: Path) -> None:
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False, timeout=60,
                          env={**os.environ, "HOME": str(home), "TMPDIR": str(home)})
    assert done.returncode == 0, done.stderr


def copied(tmp_path: Path, target: str, *options: str) -> None:
    """An image of ours, copied by skopeo."""
    source = in_folder(tmp_path / "ours", oci(LOW, HIGH, config={"Cmd": ["/bin/app"], "User": "5"}, name="v1"))
    run(SKOPEO, "copy", "--insecure-policy", "--override-arch", "riscv64", "--override-os", "linux", *options,
        f"oci:{source}:v1", target, home=tmp_path)


def check(path: Path | str, tmp_path: Path) -> None:
    image = opened(Path(path), tmp_path / "cache")
    assert (image.config.cmd, image.config.user) == (("/bin/app",), "5")
    root = tree(image)
    assert (listed(root, "etc"), content(root, "etc/motd")) == (["motd"], b"high\n")


@needs_skopeo
@pytest.mark.parametrize("options", [(), ("--dest-compress-format", "gzip"), ("--dest-compress-format", "zstd")],
                         ids=["as it is", "gzip", "zstd"])
@pytest.mark.parametrize("kind", ["oci", "oci-archive"])
def test_skopeo_copies_an_oci_image(kind: str, options: tuple[str, ...], tmp_path: Path) -> None:
    copied(tmp_path, f"{kind}:{tmp_path}/copy:name:v2", *options)
    check(tmp_path / "copy", tmp_path)
    check(f"{tmp_path}/copy:name:v2", tmp_path)


@needs_skopeo
def test_skopeo_writes_what_docker_loads(tmp_path: Path) -> None:
    """It writes docker.io/library/app:v2; whoever asked for app:v2 asks for that again."""
    copied(tmp_path, f"docker-archive:{tmp_path}/copy.tar:app:v2")
    check(tmp_path / "copy.tar", tmp_path)
    for name in ("app:v2", "library/app:v2", "docker.io/library/app:v2"):
        check(f"{tmp_path}/copy.tar:{name}", tmp_path)
    with pytest.raises(ImageError, match=r"it has no image 'app'; it has docker.io/library/app:v2"):
        opened(Path(f"{tmp_path}/copy.tar:app"), tmp_path / "cache")


@needs_skopeo
def test_all_copies_have_one_tree(tmp_path: Path) -> None:
    copied(tmp_path, f"oci-archive:{tmp_path}/a:v2", "--dest-compress-format", "gzip")
    copied(tmp_path, f"docker-archive:{tmp_path}/b:app:v2")
    assert opened(tmp_path / "a", tmp_path / "cache").root == opened(tmp_path / "b", tmp_path / "cache").root


@needs_umoci
def test_an_image_that_umoci_makes(tmp_path: Path) -> None:
    layout = tmp_path / "layout"
    run(UMOCI, "init", "--layout", layout, home=tmp_path)
    run(UMOCI, "new", "--image", f"{layout}:new", home=tmp_path)
    run(UMOCI, "config", "--image", f"{layout}:new", "--architecture", "riscv64", "--os", "linux",
        "--config.entrypoint", "/bin/app", "--config.env", "A=b", "--config.workingdir", "/w",
        "--config.label", "k=v", home=tmp_path)
    tree_of_host = in_folder(tmp_path / "files", {"etc/motd": b"low\n", "etc/gone": b"x", "bin/app": b"app"})
    run(UMOCI, "insert", "--rootless", "--image", f"{layout}:new", tree_of_host, "/", home=tmp_path)
    run(UMOCI, "insert", "--rootless", "--image", f"{layout}:new", "--whiteout", "/etc/gone", home=tmp_path)
    run(UMOCI, "insert", "--rootless", "--image", f"{layout}:new", "--opaque", tree_of_host / "bin", "/etc/new",
        home=tmp_path)
    image = opened(layout, tmp_path / "cache")
    assert (image.config.entrypoint, image.config.env, image.config.working_dir, image.config.labels) == (
        ("/bin/app",), ("A=b",), "/w", {"k": "v"})
    root = tree(image)
    assert (sorted(listed(root, "etc")), listed(root, "etc/new")) == (["motd", "new"], ["app"])


@needs_umoci
def test_an_image_that_umoci_repacks(tmp_path: Path) -> None:
    """Its layer of what changed: whiteouts, a file in the place of a directory, a hard link, facts."""
    source = in_folder(tmp_path / "ours", oci(LOW, tar_bytes(folder("d"), Member("d/f", data=b"x")), name="v1"))
    bundle = tmp_path / "bundle"
    run(UMOCI, "unpack", "--rootless", "--image", f"{source}:v1", bundle, home=tmp_path)
    root = bundle / "rootfs"
    (root / "etc/gone").unlink()
    shutil.rmtree(root / "d")
    (root / "d").write_bytes(b"a file now")
    os.link(root / "etc/motd", root / "etc/motd2")
    (root / "l").symlink_to("etc")
    (root / "etc").chmod(0o700)
    run(UMOCI, "repack", "--image", f"{source}:v2", bundle, home=tmp_path)
    found = tree(opened(Path(f"{source}:v2"), tmp_path / "cache"))
    assert (sorted(listed(found)), sorted(listed(found, "etc"))) == (["d", "etc", "l"], ["motd", "motd2"])
    assert (content(found, "d"), content(found, "etc/motd2"), found.lookup(b"etc").mode) == (
        b"a file now", b"low\n", 0o040700)
