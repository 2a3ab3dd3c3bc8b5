"""Every file of a process, used in every way, alive, as a zombie and when it is gone: as the host's own Linux has it.

The rules stand in fs/proc/base.c, fd.c, task_mmu.c and fs/seq_file.c; what the program prints is compared line by line.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from rvsim.tests.guest import host_program, musl_program, run

Results = dict[tuple[str, str, str], str]

PLACES = ("exe", "cwd", "root")
"""What is used through these is a file of another file system."""

LENGTHS = ("read_on", "pread_8")
"""Whether something is left to read depends on how long the text is."""

VERSIONS = {
    ("zombie", "auxv"), ("zombie", "environ"), ("zombie", "mem"), ("zombie", "pagemap"), ("zombie", "smaps_rollup"),
}
"""Older kernels let these be opened, and give no bytes or ESRCH then."""


def _results(text: str) -> Results:
    found: Results = {}
    for line in text.splitlines():
        stage, file, use, result = line.split()
        if file in PLACES or (stage, file) in VERSIONS:
            continue
        if os.geteuid() != 0 and use in ("write", "write_open", "create", "chmod", "rename", "readlink", "open"):
            continue
        if use in LENGTHS and result == "+":
            result = "0"
        found[stage, file, use] = result
    return found


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Results, Results]:
    folder: Path = tmp_path_factory.mktemp("matrix")
    host = subprocess.run([host_program("proc_matrix.c")], capture_output=True, text=True, check=True, cwd=folder)
    guest = run(musl_program("proc_matrix.c"))
    assert guest.status == 0
    return _results(host.stdout), _results(guest.output.decode())


@pytest.mark.parametrize("stage", ["alive", "zombie", "held_zombie", "reaped", "held_reaped"])
def test_each_use_of_each_file(both: tuple[Results, Results], stage: str) -> None:
    here, there = both
    assert sum(key[0] == stage for key in there) > 40
    different = {key: (here[key], there.get(key)) for key in here if key[0] == stage and here[key] != there.get(key)}
    assert different == {}


CHANGEABLE = ("mode", "write_open", "read_write_only", "create", "unlink", "rmdir", "mkdir")
"""What depends on whether a setting can be changed, which most cannot be here."""

OWN = {("/proc/cmdline", "size")}


def _of_the_system(text: str) -> dict[tuple[str, str], str]:
    """By file and use. How much there is to read of a file, but for a setting, is the machine's own affair."""
    lines = (line.split() for line in text.splitlines())
    return {(file, use): "0" if result == "+" and "read" in use and not file.startswith("/proc/sys/") else result
            for file, use, result in lines}


def test_each_use_of_the_files_of_the_system() -> None:
    host = subprocess.run([host_program("proc_globals.c")], capture_output=True, text=True, check=True).stdout
    result = run(musl_program("proc_globals.c"))
    assert result.status == 0
    here, there = _of_the_system(host), _of_the_system(result.output.decode())
    modes = {file: value for (file, use), value in there.items() if use == "mode" and (file, use) in here}
    writable = {file for file, mode in modes.items() if mode != here[file, "mode"]}
    different = {}
    for (file, use), value in there.items():
        if (file, use) not in here or (file, use) in OWN or (file in writable and use in CHANGEABLE):
            continue
        if os.geteuid() != 0 and (use in CHANGEABLE or use == "open"):
            continue
        if value != here[file, use]:
            different[file, use] = (here[file, use], value)
    assert different == {}
    assert sum(use == "mode" for _, use in there) > 80
    assert writable == {file for file in writable if file.startswith("/proc/sys/")
                        and (here[file, "mode"], there[file, "mode"]) == ("100644", "100444")}


def test_what_a_zombie_has_not() -> None:
    """Linux since 6.14: what would show memory cannot be opened."""
    guest = run(musl_program("proc_matrix.c")).output.decode().splitlines()
    for _, name in sorted(VERSIONS):
        assert f"zombie {name} open -3" in guest
