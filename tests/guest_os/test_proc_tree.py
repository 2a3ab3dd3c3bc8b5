"""The names of /proc: their order, modes and types are those of the host's own Linux, as far as both have them."""

from __future__ import annotations

import subprocess

import pytest

from rvsim.tests.guest import host_program, musl_program, run

DIRECTORIES = ["/proc/self", "/proc/thread-self", "/proc/self/ns", "/proc/sys/kernel/random"]
MUST = {
    "/proc/self": "task fd map_files fdinfo ns net environ auxv status personality limits sched comm syscall cmdline "
                  "stat statm maps mem cwd root exe mounts mountinfo mountstats clear_refs smaps smaps_rollup pagemap "
                  "wchan stack schedstat cgroup oom_score oom_adj oom_score_adj loginuid sessionid coredump_filter io "
                  "uid_map gid_map projid_map setgroups timers timerslack_ns",
}


def _listing(text: str) -> dict[str, list[tuple[str, str, str]]]:
    found: dict[str, list[tuple[str, str, str]]] = {}
    for line in text.splitlines():
        path, mode, kind = line.split()
        directory, _, name = path.rpartition("/")
        found.setdefault(directory, []).append((name, mode, kind))
    return found


@pytest.fixture(scope="module")
def both() -> tuple[dict[str, list[tuple[str, str, str]]], dict[str, list[tuple[str, str, str]]]]:
    here = subprocess.run([host_program("proc_names.c"), *DIRECTORIES], capture_output=True, text=True, check=True)
    there = run(musl_program("proc_names.c"), *DIRECTORIES)
    return _listing(here.stdout), _listing(there.output.decode())


@pytest.mark.parametrize("directory", DIRECTORIES)
def test_names_come_in_linux_order_with_linux_modes(
    both: tuple[dict[str, list[tuple[str, str, str]]], dict[str, list[tuple[str, str, str]]]], directory: str
) -> None:
    here, there = both[0].get(directory, []), both[1][directory]
    known = {name for name, _, _ in here}
    ours = {name for name, _, _ in there}
    assert [entry for entry in there if entry[0] in known] == [entry for entry in here if entry[0] in ours]
    assert ours - known <= {"oom_adj", "children", "stack"}, "a name that Linux does not have"


def test_nothing_is_missing(
    both: tuple[dict[str, list[tuple[str, str, str]]], dict[str, list[tuple[str, str, str]]]]
) -> None:
    for directory, names in MUST.items():
        assert [name for name, _, _ in both[1][directory]] == names.split()
