"""A machine whose root is a directory of the host, and directories of the host in its tree."""

from __future__ import annotations

import gzip
import os
import shutil
import stat
from pathlib import Path
from typing import Any

import pytest

from rvsim.guest_os.boot import BootError, Share
from rvsim.tests import guest
from rvsim.tests.guest_os.fs.archives import Member, cpio_bytes, tar_bytes
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


@pytest.mark.parametrize("kind", ["tar", "tar.gz", "cpio"])
def test_an_archive_as_root(kind: str, root: Path, tmp_path: Path) -> None:
    path = tmp_path / f"root.{kind}"
    files = [
        Member(str(file.relative_to(root)), stat.S_IFREG | 0o755, file.read_bytes())
        for file in sorted(root.rglob("*")) if file.is_file()
    ]  # fmt: skip
    data = cpio_bytes(*files) if kind == "cpio" else tar_bytes(*files)
    path.write_bytes(gzip.compress(data, 1) if kind == "tar.gz" else data)
    before = path.read_bytes()
    result = guest.run("sh", stdin=SCRIPT, root=os.fsencode(path))
    assert result.status == 0
    assert b"from the host\n" in result.output
    assert b"changed\n" in result.output
    assert b"made" in result.output
    assert path.read_bytes() == before
    assert sorted(os.listdir(tmp_path)) == ["root", path.name]


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
        ({"root": b"none"}, "--root: none: no such file or directory; give a directory or an archive of this host"),
        ({"root": b"file"}, "--root: file: it is empty; give a directory, or a tar or cpio archive"),
        ({"root": b"text"}, "--root: text: it is neither a directory nor a tar or cpio archive"),
        ({"root": b"fifo"}, "--root: fifo: it is neither a directory nor a regular file"),
        ({"root": b"/dev/zero"}, "--root: /dev/zero: it is neither a directory nor a regular file"),
        ({"shares": (Share(b"none", b"/x"),)}, "-v: none: no such file or directory; give a directory or a file"),
        ({"shares": (Share(b"file", b"/bin"),)}, "-v: file cannot be mounted at /bin: is a directory"),
        ({"shares": (Share(b".", b"/dev/null/x"),)}, "/dev/null/x cannot be made in the guest's tree: not a directory"),
    ],
)
def test_mistakes(config: dict[str, Any], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("")
    Path("text").write_text("some text\n" * 100)
    os.mkfifo("fifo")
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


def test_a_program_of_the_host_does_not_stand_in_the_way(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a root, `sh` is the guest's, whatever lies in the working directory."""
    monkeypatch.chdir(tmp_path)
    Path("sh").write_bytes(b"no program")
    Path("bin").mkdir()
    Path("bin/sh").write_bytes(b"no program")
    for name in ("sh", "bin/sh", "/bin/sh"):
        assert guest.run(name, stdin=b"echo $0\n", root=os.fsencode(root)).status == 0
    Path("sh").unlink()
    Path("sh").mkdir()
    assert guest.run("sh", stdin=b"exit\n").status == 0


@pytest.mark.parametrize(
    ("name", "message", "status"),
    [
        ("./fifo", "./fifo: it is a FIFO; give a program", 126),
        ("./loop", "./loop: it is a symbolic link that leads in a circle; give a program", 126),
        ("./dangling", "./dangling: it is a symbolic link to /no/such/file, which cannot be reached: "
                       "no such file or directory", 127),
        ("./dir", "./dir: it is a directory; give a program", 126),
        ("/dev/null", "/dev/null: in the guest it is a device; give a program", 126),
        ("./file/x", "./file/x: not found, neither on this host nor in the guest", 127),
        ("./tmp", "./tmp: it cannot be put into the guest as /tmp: is a directory; give it another name", 126),
    ],
)  # fmt: skip
def test_what_cannot_be_a_program(
    name: str, message: str, status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("fifo")
    os.symlink("loop", "loop")
    os.symlink("/no/such/file", "dangling")
    os.mkdir("dir")
    Path("file").write_text("x")
    Path("tmp").write_text("x")
    with pytest.raises(BootError) as caught:
        guest.run(name)
    assert message in str(caught.value)
    assert caught.value.status == status


def test_what_cannot_be_a_program_in_a_root(root: Path) -> None:
    os.mkfifo(root / "bin/fifo")
    os.symlink("loop", root / "bin/loop")
    for name, message in (("/bin/fifo", "in the guest it is a FIFO"), ("/bin/loop", "too many symbolic links"),
                          ("/etc", "in the guest it is a directory"), ("/etc/greeting/x", "not a directory")):
        with pytest.raises(BootError, match=message) as caught:
            guest.run(name, root=os.fsencode(root))
        assert caught.value.status == 126
