"""Debian's dynamically linked programs from `--root`: each script in `debian/` ends as it does under qemu-user.

qemu-user runs no children of its own, so the PATH outside is a folder of wrappers, one for each program of the tree:
the host's kernel starts them, and they start the emulator.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from busybox_cases import make_tree
from guest_tree import ENVIRONMENT, Ended, install_tree, make_machine, run_guest

from rvsim.tools import corpus

SCRIPTS = sorted(Path(__file__).with_name("debian").glob("*.sh"))
ONE_STREAM = "exec 2>&1 < /dev/null\n"
"""Before each script, so that the order of output and errors is compared too."""

_KILLED = re.compile(r"^(bash: line \d+:) +\d+ (Killed|Terminated)", re.MULTILINE)


@pytest.fixture(scope="session")
def root() -> Path:
    """The tree of Debian's programs for riscv64."""
    try:
        return corpus.fetch()
    except corpus.CorpusError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def emulated(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of wrappers that run each program of the tree under qemu-user."""
    emulator = shutil.which("qemu-riscv64-static") or shutil.which("qemu-riscv64")
    if emulator is None:
        pytest.skip("qemu-riscv64 is not installed")
    folder = tmp_path_factory.mktemp("emulated")
    write_wrappers(emulator, root, folder)
    return folder


def write_wrappers(emulator: str, root: Path, folder: Path) -> None:
    """A script for each program of `root`. A program that is a script itself is given to its interpreter."""
    for program in sorted((root / "usr/bin").iterdir()):
        with program.open("rb") as file:
            start = file.readline(256)
        words = [str(program)]
        if start.startswith(b"#!"):
            interpreter, *options = os.fsdecode(start[2:]).split()
            words = [f"{root}{interpreter}", *options, str(program)]
        wrapper = folder / program.name
        wrapper.write_text(f'#!/bin/sh\nexec {emulator} -L {root} -0 {program.name} {shlex.join(words)} "$@"\n')
        wrapper.chmod(0o755)


def run_emulated(folder: Path, script: str, cwd: Path) -> Ended:
    """Run `script` by the tree's bash under qemu-user, on the host's own kernel."""
    done = subprocess.run([folder / "bash", "-c", script], cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          check=False, timeout=300, env=ENVIRONMENT | {"PATH": str(folder)})
    return Ended(done.returncode, done.stdout.decode(errors="surrogateescape"))


def run_in_guest(root: Path, script: str, tree: Path) -> Ended:
    """Run `script` by the tree's bash in a new machine, on a copy of `tree` at the same place."""
    machine = make_machine(root=root, timeout_s=300)
    install_tree(machine, tree, os.fsencode(tree))
    machine.config.cwd = os.fsencode(tree)
    return run_guest(machine, "/bin/bash", ["bash", "-c", script])


def plain(ended: Ended) -> Ended:
    """Without the numbers of processes that bash names when a signal ended them."""
    return Ended(ended.status, _KILLED.sub(r"\1 \2", ended.output))


@pytest.mark.parametrize("path", SCRIPTS, ids=[path.stem for path in SCRIPTS])
def test_script(path: Path, root: Path, emulated: Path, tmp_path: Path) -> None:
    place = make_tree(tmp_path / "w")
    script = ONE_STREAM + path.read_text()
    actual = run_in_guest(root, script, place)
    assert plain(actual) == plain(run_emulated(emulated, script, place))
