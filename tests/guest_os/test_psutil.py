"""psutil of the host reads a copy of the guest's /proc: what it finds is what the machine's own table has."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from proc_export import export_proc
from situation import Moment, Process, Said, run_in_guest

from rvsim.guest_os.boot import Machine

psutil = pytest.importorskip("psutil")

FILES = ("data", "locked", "a name", "mnt/inside")
STATES = {"R": "running", "S": "sleeping", "T": "stopped", "Z": "zombie", "D": "disk-sleep"}


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Said, Path]]:
    """The situation, its /proc exported when its only command began."""
    place = tmp_path_factory.mktemp("psutil")

    def during(machine: Machine) -> None:
        export_proc(machine, place / "proc")

    found = run_in_guest(None, place / "bin/situation", place / "made", ["no-such-command"], during)
    for name in FILES:                           # psutil shows only files that are there
        (place / "made" / name).parent.mkdir(parents=True, exist_ok=True)
        (place / "made" / name).touch()
    before, psutil.PROCFS_PATH = psutil.PROCFS_PATH, os.fspath(place / "proc")
    yield found, place
    psutil.PROCFS_PATH = before


@pytest.fixture
def moment(said: tuple[Said, Path]) -> Moment:
    return said[0].moments[0]


def _named(said: tuple[Said, Path], name: str) -> Any:
    return psutil.Process(said[0].pids[name])


def test_every_process_is_there(moment: Moment) -> None:
    assert psutil.pids() == sorted(moment.processes)


def _state(process: Process) -> str:
    waits_for_child = process.comm == "vforks" and process.ppid == 1
    return STATES["D" if waits_for_child else process.state]


def test_facts_of_every_process(moment: Moment, said: tuple[Said, Path]) -> None:
    for pid, process in moment.processes.items():
        found = psutil.Process(pid)
        assert found.ppid() == process.ppid
        assert found.status() == _state(process)
        assert (found.uids().real, found.uids().effective) == (process.uid, process.euid)
        assert [thread.id for thread in found.threads()] == sorted(process.tids)
        assert found.num_threads() == len(process.tids)
        assert abs(found.create_time() - 1_735_689_600 - process.start_ns / 1e9) <= 0.011
        assert abs(found.cpu_times().user - process.utime_ns / 1e9) <= 0.011
        assert found.memory_info().rss == process.rss_kib * 1024
        assert found.memory_info().vms == process.vsize_kib * 1024
        if process.state == "Z":
            with pytest.raises(psutil.ZombieProcess):
                found.cmdline()
            continue
        assert found.num_fds() == len(process.files)
        assert found.exe() == os.fspath(said[1] / "bin/situation")
        if process.comm not in ("title", "situation"):
            assert found.cmdline() == process.argv
        assert found.name().startswith(process.comm)


def test_odd_names_and_arguments(said: tuple[Said, Path]) -> None:
    plain = _named(said, "plain")
    assert plain.cmdline() == ["plain", "a b", "tab\there", "back\\slash", '"quoted"', "caf\xe9", "", "new\nline", "*"]
    assert plain.environ() == {"ROLE": "plain", "KEY": "value"}
    assert _named(said, "odd) R (x").name() == "odd) R (x"
    assert _named(said, "much-longer-than-fifteen").name() == "much-longer-than-fifteen"   # taken from the arguments
    assert _named(said, "renamed").name() == "new (name)\\"
    assert _named(said, "title").cmdline()[0] == "title: serving"


def test_open_files(said: tuple[Said, Path]) -> None:
    made = said[1] / "made"
    found = {file.fd: (file.path, file.position, file.mode) for file in _named(said, "files").open_files()}
    assert found == {
        20: (os.fspath(made / "data"), 5, "r+"), 24: (os.fspath(made / "locked"), 10, "r+"),
        25: (os.fspath(made / "a name"), 0, "r"), 26: (os.fspath(made / "mnt/inside"), 0, "r+"),
    }
    assert _named(said, "files").cwd() == os.fspath(made / "sub")


def test_memory(said: tuple[Said, Path], moment: Moment) -> None:
    memory = _named(said, "memory")
    maps = {entry.path: entry for entry in memory.memory_maps()}
    assert maps["/dev/zero"].rss == 65536
    assert maps["/dev/zero"].size == 1 << 20
    assert maps[os.fspath(said[1] / "made/mapped")].private_dirty == 4096
    assert sum(entry.rss for entry in maps.values()) == memory.memory_info().rss
    full = memory.memory_full_info()
    assert (2 << 20) + 65536 < full.uss <= full.pss <= full.rss
    machine = psutil.virtual_memory()
    assert machine.total == moment.total_kib * 1024
    assert machine.shared == 65536
    assert 0 < machine.used < machine.total
    assert psutil.swap_memory().total == 0


def test_bytes_that_were_written(said: tuple[Said, Path]) -> None:
    counts = _named(said, "files").io_counters()
    assert (counts.write_count, counts.write_chars) == (4, 10 + 5 + 10 + 1)
    assert (counts.read_count, counts.read_chars) == (0, 0)


def test_the_tree(said: tuple[Said, Path], moment: Moment) -> None:
    leaves = {pid for pid, process in moment.processes.items() if process.comm == "leaf"}
    assert {child.pid for child in _named(said, "branch").children()} == leaves
    everybody = {child.pid for child in psutil.Process(1).children(recursive=True)}
    assert everybody == set(moment.processes) - {1}


def test_the_machine(said: tuple[Said, Path], moment: Moment) -> None:
    assert psutil.boot_time() == 1_735_689_600
    times = psutil.cpu_times()
    assert times.user >= 0.3
    assert abs(times.user + times.nice + times.idle - moment.now_ns / 1e9) < 0.05
    assert psutil.cpu_stats().ctx_switches > 30
    mounted = {part.mountpoint: (part.device, part.fstype) for part in psutil.disk_partitions(all=True)}
    assert mounted[os.fspath(said[1] / "made/mnt")] == ("tank", "tmpfs")
    assert mounted["/proc"] == ("proc", "proc")
    assert not psutil.disk_io_counters()
    assert psutil.net_connections() == []
