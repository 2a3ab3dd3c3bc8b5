"""Debian's unmodified static busybox: each applet and script prints what the same one prints outside.

Applets compare with the same binary under qemu-user, called through wrappers on the PATH. Scripts, and applets that run
other programs, compare with the host's busybox: qemu-user does not run children of its own.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from busybox_cases import APPLETS, SCRIPTS, make_tree
from guest_tree import ENVIRONMENT, Ended, install_file, install_tree, make_dirs, make_machine, run_guest

from rvsim.guest_os.vfs import entries
from rvsim.tools import corpus

RUNS_CHILDREN = {"find", "xargs", "env", "timeout", "nohup", "nice", "time", "awk", "kill", "tar", "run-parts"}
"""Applets that execute other programs."""

BUILT_IN = {"echo", "printf", "test", "false", "pwd", "sh", "sleep"}
"""Applets that the shell under the wrappers would do itself."""

_LONG_NAME = re.compile(r"^(d[-rwxst]{9} +\d+ +\S+ +\S+) +\d+", re.MULTILINE)
_TOTAL = re.compile(r"^total \d+$", re.MULTILINE)
_NOW = re.compile(r"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d")
_SHELL = re.compile(r"^sh: (line )?\d+: ", re.MULTILINE)


@pytest.fixture(scope="session")
def busybox() -> Path:
    """Debian's static busybox for riscv64."""
    try:
        return corpus.fetch(("busybox-static", "base-passwd")) / "usr/bin/busybox"
    except corpus.CorpusError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def applets(busybox: Path) -> list[str]:
    """The names of its applets."""
    machine = make_machine()
    make_dirs(machine, b"/bb")
    install_file(machine, busybox, b"/bb/busybox")
    return run_guest(machine, "/bb/busybox", ["busybox", "--list"]).output.split()


@pytest.fixture(scope="session")
def emulated(busybox: Path, applets: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of wrappers that run each applet under qemu-user."""
    emulator = shutil.which("qemu-riscv64-static") or shutil.which("qemu-riscv64")
    shell = shutil.which("dash") or shutil.which("bash")
    if emulator is None or shell is None:
        pytest.skip("qemu-riscv64 is not installed")
    folder = tmp_path_factory.mktemp("emulated")
    for name in applets:
        wrapper = folder / name
        wrapper.write_text(f'#!{shell}\nexec {emulator} {busybox} {name} "$@"\n')
        wrapper.chmod(0o755)
    return folder


@pytest.fixture(scope="session")
def native(applets: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of links to the host's busybox, a link per applet."""
    host = shutil.which("busybox")
    if host is None:
        pytest.skip("busybox is not installed")
    folder = tmp_path_factory.mktemp("native")
    for name in applets:
        (folder / name).symlink_to(host)
    return folder


def run_peer(folder: Path, script: str, cwd: Path) -> Ended:
    """Run `script` on the host by the `sh` that the PATH `folder` has."""
    shell = folder / "sh" if (folder / "sh").is_symlink() else Path(shutil.which("dash") or "/bin/bash")
    done = subprocess.run(["sh", "-c", script], executable=shell, cwd=cwd, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=60,
                          env=ENVIRONMENT | {"PATH": str(folder)})
    status = done.returncode if done.returncode >= 0 else 128 - done.returncode
    return Ended(status, done.stdout.decode(errors="surrogateescape"))


def run_in_guest(busybox: Path, applets: list[str], script: str, tree: Path) -> Ended:
    """Run `script` by busybox's `sh` on a copy of `tree` in a new machine."""
    machine = make_machine(cwd="/")
    make_dirs(machine, b"/bb")
    install_file(machine, busybox, b"/bb/busybox")
    entries.unlink(machine.context, machine.cred, b"/bin/sh")
    entries.symlink(machine.context, machine.cred, b"/bb/busybox", b"/bin/sh")
    for name in applets:
        if name != "busybox":
            entries.symlink(machine.context, machine.cred, b"busybox", b"/bb/" + name.encode())
    for name in ("passwd", "group"):
        install_file(machine, busybox.parents[2] / "etc" / name, f"/etc/{name}".encode())
    install_tree(machine, tree, b"/t/w")
    machine.config.cwd = b"/t/w"
    # one stream for both, so that their order can be compared
    return run_guest(machine, "/bb/sh", ["sh", "-c", f"exec 2>&1 < /dev/null\n{script}"])


def plain(ended: Ended) -> Ended:
    """Without what the file system or the day decides: sizes of directories, block totals, the date of new files."""
    text = _SHELL.sub("sh: ", _NOW.sub("now", _TOTAL.sub("total", _LONG_NAME.sub(r"\1 size", ended.output))))
    return Ended(ended.status, text)


@pytest.mark.parametrize(("applet", "script"), APPLETS, ids=[f"{applet}-{n}" for n, (applet, _) in enumerate(APPLETS)])
def test_applet(applet: str, script: str, busybox: Path, applets: list[str], request: pytest.FixtureRequest,
                tmp_path: Path) -> None:
    peer = request.getfixturevalue("native" if applet in RUNS_CHILDREN | BUILT_IN else "emulated")
    expected = run_peer(peer, script, make_tree(tmp_path / "host/w"))
    actual = run_in_guest(busybox, applets, script, make_tree(tmp_path / "guest/w"))
    assert plain(actual) == plain(expected)


@pytest.mark.parametrize("script", [script for _, script in SCRIPTS], ids=[name for name, _ in SCRIPTS])
def test_script(script: str, busybox: Path, applets: list[str], native: Path, tmp_path: Path) -> None:
    expected = run_peer(native, script, make_tree(tmp_path / "host/w"))
    actual = run_in_guest(busybox, applets, script, make_tree(tmp_path / "guest/w"))
    assert plain(actual) == plain(expected)
