"""`rvsim run --save`, `--save-at` and `--restore`, as a person uses them."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from rvsim.tests.guest import TIMEOUT_S
from rvsim.tests.terminal import CTRL_C, ENTER, START, Terminal
from rvsim.tools.errors import OWN_ERROR

SCRIPT = "echo begin; sleep 5; ls / | wc; echo $0; exit 3"
SHELL = "/ $ "


def rvsim(*words: str | Path, stdin: bytes = b"") -> tuple[int, str, str]:
    """Status, output and errors of `rvsim run WORDS`."""
    done = subprocess.run([sys.executable, "-c", START, "run", *map(str, words)], input=stdin, capture_output=True,
                          check=False, timeout=TIMEOUT_S)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A machine that was saved while its only programs slept."""
    path = tmp_path_factory.mktemp("saved") / "a.snap"
    status, output, errors = rvsim("--save", path, "sh", "-c", SCRIPT)
    assert (status, output.splitlines()[0], errors) == (3, "begin", "")
    return path


def test_a_machine_goes_on(kept: Path) -> None:
    whole = rvsim("sh", "-c", SCRIPT)
    for _ in range(2):
        status, output, errors = rvsim("--restore", kept)
        assert (status, "begin\n" + output, errors) == whole
    status, output, errors = rvsim("--restore", kept, "--stats", "--strace")
    assert (status, "begin\n" + output) == whole[:2]
    assert "+++ exited with 3 +++" in errors
    assert "system calls: " in errors


def test_saved_after_some_time(tmp_path: Path) -> None:
    path = tmp_path / "late.snap"
    script = "echo one; sleep 2; echo two; sleep 2; echo three"
    assert rvsim("--save", path, "--save-at", "3s", "sh", "-c", script) == (0, "one\ntwo\nthree\n", "")
    assert rvsim("--restore", path) == (0, "three\n", "")
    again = tmp_path / "again.snap"
    assert rvsim("--restore", path, "--save", again) == (0, "three\n", "")
    assert rvsim("--restore", again) == (0, "three\n", "")


@pytest.mark.parametrize(("words", "line"), [
    (("--save-at", "1h"), "--save: the machine was not saved: it ended before that time; give another --save-at"),
    ((), "--save: the machine was not saved: nothing was ever idle before it ended; give another --save-at"),
])
def test_nothing_was_saved(tmp_path: Path, words: tuple[str, ...], line: str) -> None:
    path = tmp_path / "none.snap"
    assert rvsim("--save", path, *words, "true") == (OWN_ERROR, "", f"rvsim: {line}\n")
    assert not path.exists()


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    path = tmp_path / "none" / "a"
    assert rvsim("--save", path, "sleep", "1") == (
        OWN_ERROR, "", f"rvsim: --save: {path}: no such file or directory\n")


@pytest.mark.parametrize(("words", "line"), [
    (("--cwd", "/"), "--cwd cannot be changed with --restore; the snapshot says it"),
    (("--env", "A=b"), "--env cannot be changed with --restore; the snapshot says it"),
    (("--clock", "host"), "--clock cannot be changed with --restore; the snapshot says it"),
    (("true",), "--restore goes on with the programs of a snapshot; leave PROGRAM away"),
])
def test_what_the_snapshot_says(kept: Path, words: tuple[str, ...], line: str) -> None:
    assert rvsim("--restore", kept, *words) == (OWN_ERROR, "", f"rvsim: {line}\n")


def test_no_program() -> None:
    assert rvsim() == (OWN_ERROR, "", "rvsim: no PROGRAM given; see `rvsim run --help`\n")


def test_what_is_no_snapshot(kept: Path, tmp_path: Path) -> None:
    (tmp_path / "short").write_bytes(kept.read_bytes()[:5000])
    lines = {Path(__file__): "it is no snapshot of rvsim's", tmp_path: "is a directory",
             tmp_path / "short": "the snapshot is damaged", tmp_path / "none": "no such file or directory"}
    for path, line in lines.items():
        assert rvsim("--restore", path) == (OWN_ERROR, "", f"rvsim: --restore: {path}: {line}\n")


def test_memory_must_be_allowed(tmp_path: Path) -> None:
    path = tmp_path / "a.snap"
    assert rvsim("--memory", "2G", "--save", path, "sleep", "1")[0] == 0
    assert rvsim("--restore", path) == (OWN_ERROR, "", f"rvsim: --restore: {path}: the machine has 2048 MiB of memory, "
                                        "and 1024 MiB are allowed; allow more with --memory\n")
    assert rvsim("--restore", path, "--memory", "2G") == (0, "", "")


def test_what_it_had_of_the_host(tmp_path: Path) -> None:
    path, folder = tmp_path / "a.snap", tmp_path / "folder"
    folder.mkdir()
    (folder / "file").write_text("text\n")
    share = f"{folder}:/mnt:ro"
    assert rvsim("-v", share, "--save", path, "sh", "-c", "sleep 1; cat /mnt/file") == (0, "text\n", "")
    assert rvsim("--restore", path) == (OWN_ERROR, "", f"rvsim: --restore: the machine had {folder} of the host; allow "
                                        "it again with -v or --root\n")
    assert rvsim("--restore", path, "-v", share) == (0, "text\n", "")


def test_a_root(tmp_path: Path) -> None:
    path, root = tmp_path / "a.snap", tmp_path / "root"
    (root / "bin").mkdir(parents=True)
    apps = Path(__file__).resolve().parent.parent.parent / "user_apps" / "bin"
    for name in ("sh", "sleep", "cat", "echo"):
        (root / "bin" / name).write_bytes((apps / name).read_bytes())
        (root / "bin" / name).chmod(0o755)
    (root / "file").write_text("text\n")
    script = "echo new > /new; sleep 1; cat /file /new"
    assert rvsim("--root", root, "--save", path, "sh", "-c", script) == (0, "text\nnew\n", "")
    assert rvsim("--root", root, "--restore", path) == (0, "text\nnew\n", "")
    assert rvsim("--root", tmp_path, "--restore", path)[0] == OWN_ERROR
    assert sorted(entry.name for entry in root.iterdir()) == ["bin", "file"]


def test_an_archive_as_root(tmp_path: Path) -> None:
    path, archive = tmp_path / "a.snap", tmp_path / "root.tar"
    apps = Path(__file__).resolve().parent.parent.parent / "user_apps"
    subprocess.run(["tar", "cf", archive, "-C", apps, "bin/sh", "bin/sleep", "bin/cat", "bin/echo"], check=True)
    script = "echo new > /new; sleep 1; cat /new"
    assert rvsim("--root", archive, "--save", path, "sh", "-c", script) == (0, "new\n", "")
    assert rvsim("--root", archive, "--restore", path) == (0, "new\n", "")
    assert "allow it again with --root" in rvsim("--restore", path)[2]
    with open(archive, "ab") as file:
        file.write(bytes(10240))
    assert rvsim("--root", archive, "--restore", path) == (
        OWN_ERROR, "", f"rvsim: --restore: {archive}: the archive is not the one that the machine had\n")


def test_a_shell_at_its_prompt(tmp_path: Path) -> None:
    path = tmp_path / "prompt.snap"
    with closing(Terminal("--save", str(path), "sh")) as first:
        first.expect(SHELL.encode())
        first.await_file(path)          # a key that comes too early finds the shell still at work
        first.enter(b"cd /tmp", b"/tmp $ ")
        first.type(b"exit" + ENTER)
        assert first.wait() == 0, first.seen
    for _ in range(2):
        with closing(Terminal("--restore", str(path))) as again:
            again.enter(b"echo $$ here; sleep 1000", b"1 here\r\n")
            again.hit(CTRL_C, b"$ ")
            again.type(b"exit 4" + ENTER)
            assert again.wait() == 4, again.seen


def test_a_machine_without_a_terminal(kept: Path) -> None:
    with closing(Terminal("--restore", str(kept))) as terminal:
        terminal.expect(b"the machine had no terminal; redirect what is one here")
        assert terminal.wait() == OWN_ERROR
