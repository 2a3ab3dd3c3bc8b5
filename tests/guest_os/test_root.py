"""A machine whose root is a directory of the host, and directories of the host in its tree."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from rvsim.guest_os.boot import BootError, Share
from rvsim.tests import guest
from rvsim.tools import guest_build

SCRIPT = b"""\
cat /etc/greeting
echo changed > /etc/greeting
cat /etc/greeting
echo made > /etc/made
ls /etc
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small system of our own programs."""
    tree = tmp_path / "root"
    for name in ("bin", "etc"):
        (tree / name).mkdir(parents=True)
    for name in ("sh", "cat", "ls", "echo"):
        shutil.copy(guest_build.DEFAULT_OUT / name, tree / "bin" / name)
    (tree / "etc/greeting").write_text("from the host\n")
    return tree


def snapshot(tree: Path) -> dict[str, bytes | None]:
    return {str(path): path.read_bytes() if path.is_file() else None for path in sorted(tree.rglob("*"))}


def test_changes_stay_in_the_machine(root: Path) -> None:
    before = snapshot(root)
    result = guest.run("sh", stdin=SCRIPT, root=os.fsencode(root))
    assert result.status == 0
    assert b"from the host\n" in result.output
    assert b"changed\n" in result.output
    assert b"greeting" in result.output
    assert b"made" in result.output
    assert snapshot(root) == before


def test_shared_directories(root: Path, tmp_path: Path) -> None:
    for name in ("rw", "ro"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "in").write_text(f"{name} in\n")
    (tmp_path / "one").write_text("one file\n")
    shares = (
        Share(os.fsencode(tmp_path / "rw"), b"/deep/rw"), Share(os.fsencode(tmp_path / "ro"), b"/ro", readonly=True),
        Share(os.fsencode(tmp_path / "one"), b"/etc/one"),
    )  # fmt: skip
    script = b"cat /deep/rw/in /ro/in /etc/one\necho out > /deep/rw/out\necho out > /ro/out\n"
    result = guest.run("sh", stdin=script, root=os.fsencode(root), shares=shares)
    assert b"rw in\nro in\none file\n" in result.output
    assert (tmp_path / "rw/out").read_text() == "out\n"
    assert os.listdir(tmp_path / "ro") == ["in"]
    assert not (root / "deep").exists()


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"root": b"none"}, "--root: none: no such file or directory; give a directory of this host"),
        ({"root": b"file"}, "--root: file: it is not a directory; give a directory of this host"),
        ({"shares": (Share(b"none", b"/x"),)}, "-v: none: no such file or directory; give a directory or a file"),
        ({"shares": (Share(b"file", b"/bin"),)}, "-v: file cannot be mounted at /bin: is a directory"),
        ({"shares": (Share(b".", b"/dev/null/x"),)}, "/dev/null/x cannot be made in the guest's tree: not a directory"),
    ],
)
def test_mistakes(config: dict[str, Any], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("")
    with pytest.raises(BootError) as caught:
        guest.make(**config)
    assert message in str(caught.value)
    assert caught.value.status == 125


def test_a_program_is_looked_up_in_the_root_alone(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine").write_bytes((root / "bin/sh").read_bytes())
    with pytest.raises(BootError) as caught:
        guest.run("mine", root=os.fsencode(root))
    assert caught.value.status == 127
