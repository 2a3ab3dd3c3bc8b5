"""Programs that nobody here wrote look at processes: Debian's procps, psmisc, lsof and busybox, unmodified.

The situation of `guests/situation.c` is made twice. On the host its commands are the same programs, under qemu-user,
and look at the host's own Linux; what they say must be what they say in the guest. In the guest, what they say must
also be what the machine's own table of tasks has at that moment.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
from client_commands import COMMANDS, Keep
from situation import VARIABLES, Process, Said, run_in_guest, run_on_host
from test_debian import write_wrappers

from rvsim.tools import corpus

OWN_COMMANDS = (
    "ps aux", "ps -eo pid,vsz,rss,sz,thcount,etimes,cputimes,stat,comm", "top -b -n1 -w 200", "free -k", "uptime -s",
    "vmstat", "vmstat -s", "pmap -X @memory", "pmap -x @memory", "busybox free -k", "busybox ps -o pid,vsz,rss",
    "lsof -p @files", "cat /proc/uptime", "ps -eLo pid,tid,comm", "uptime", "busybox uptime",
)  # fmt: skip
"""What depends on the machine and not only on what runs: compared with the machine's own view."""


@pytest.fixture(scope="module")
def root() -> Path:
    """The tree of Debian's programs for riscv64."""
    try:
        return corpus.fetch()
    except corpus.CorpusError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the situation is made, at the same place on the host and in the guest."""
    return tmp_path_factory.mktemp("situation")


@pytest.fixture(scope="module")
def in_guest(root: Path, place: Path) -> Said:
    commands = [*OWN_COMMANDS, *(command for command, _ in COMMANDS)]
    return run_in_guest(root, place / "bin/situation", place / "made", commands)


@pytest.fixture(scope="module")
def on_host(root: Path, place: Path) -> Said:
    emulator = shutil.which("qemu-riscv64-static") or shutil.which("qemu-riscv64")
    if emulator is None:
        pytest.skip("qemu-riscv64 is not installed")
    wrappers = place / "wrappers"
    wrappers.mkdir()
    write_wrappers(emulator, root, wrappers)
    return run_on_host(place / "bin/situation", place / "made", [command for command, _ in COMMANDS],
                       os.fspath(wrappers), VARIABLES | {"EMULATED_PROC": os.fspath(root / "proc")})


def test_the_situation_is_the_same(on_host: Said, in_guest: Said) -> None:
    assert in_guest.pids == on_host.pids


@pytest.mark.parametrize(("command", "keep"), COMMANDS, ids=[command for command, _ in COMMANDS])
def test_as_on_the_host(command: str, keep: Keep, on_host: Said, in_guest: Said) -> None:
    at = [other for other, _ in COMMANDS].index(command)
    here, there = on_host.outputs[at], in_guest.outputs[len(OWN_COMMANDS) + at]
    last = max(in_guest.pids.values())
    assert keep(there, last) == keep(here, last)
    assert in_guest.statuses[len(OWN_COMMANDS) + at] == on_host.statuses[at]


# ---- in the guest alone: the machine's own table


def _table(said: Said, command: str) -> tuple[list[dict[str, str]], dict[int, Process]]:
    """The rows of a table that a command printed, by column, and the processes when it began."""
    at = OWN_COMMANDS.index(command)
    assert said.statuses[at] == 0
    lines = said.outputs[at].splitlines()
    start = next(number for number, line in enumerate(lines) if "PID" in line.split())
    names = lines[start].split()
    rows = [dict(zip(names, line.split(None, len(names) - 1), strict=True)) for line in lines[start + 1:]]
    return rows, said.moments[at].processes


def _is_there(rows: list[dict[str, str]], processes: dict[int, Process]) -> None:
    """Every process has its row, and no other row is there but the tool's own."""
    pids = [int(row["PID"]) for row in rows]
    assert len(set(pids)) == len(pids)
    assert set(processes) <= set(pids)
    assert len(pids) == len(processes) + 1


def _output(said: Said, command: str) -> str:
    at = OWN_COMMANDS.index(command)
    assert said.statuses[at] == 0
    return said.outputs[at]


USERS = {0: "root", 1: "daemon", 65534: "nobody", 4242: "4242"}


def test_ps_aux(in_guest: Said) -> None:
    rows, processes = _table(in_guest, "ps aux")
    _is_there(rows, processes)
    for row in rows:
        process = processes.get(int(row["PID"]))
        if process is None or process.pid == 1:
            continue
        assert row["USER"] == USERS[process.euid]
        assert (int(row["VSZ"]), int(row["RSS"])) == (process.vsize_kib, process.rss_kib)
        assert row["STAT"][0] == ("D" if process.comm == "vforks" and process.ppid == 1 else process.state)
        assert ("N" in row["STAT"]) == (process.nice > 0)
        assert ("l" in row["STAT"]) == (process.threads > 1)
        assert ("s" in row["STAT"]) == (process.sid == process.pid)
        minutes, seconds = row["TIME"].split(":")
        assert int(minutes) * 60 + int(seconds) == process.utime_ns // 10**9
        if process.state == "Z":
            assert row["COMMAND"] == f"[{process.comm}] <defunct>"
        elif process.comm in ("reader", "writer", "files", "leaf"):
            assert row["COMMAND"] == " ".join(process.argv)


def test_ps_sizes_and_times(in_guest: Said) -> None:
    command = "ps -eo pid,vsz,rss,sz,thcount,etimes,cputimes,stat,comm"
    rows, processes = _table(in_guest, command)
    _is_there(rows, processes)
    now = in_guest.moments[OWN_COMMANDS.index(command)].now_ns
    for row in rows:
        process = processes.get(int(row["PID"]))
        if process is None:
            continue
        assert int(row["VSZ"]) == process.vsize_kib
        assert int(row["SZ"]) == process.vsize_kib // 4
        assert int(row["THCNT"]) == max(process.threads, 1)
        assert abs(int(row["ELAPSED"]) - (now - process.start_ns) // 10**9) <= 1
        assert int(row["TIME"]) == process.utime_ns // 10**9
        assert row["COMMAND"].removesuffix(" <defunct>") == process.comm


def test_ps_shows_every_thread(in_guest: Said) -> None:
    rows, processes = _table(in_guest, "ps -eLo pid,tid,comm")
    shown = {(int(row["PID"]), int(row["TID"])): row["COMMAND"].removesuffix(" <defunct>") for row in rows}
    expected = {(process.pid, tid): name for process in processes.values() for tid, name in process.tids.items()}
    assert {key: name for key, name in shown.items() if key[0] in processes} == expected
    assert "w)three" in expected.values()


def test_top(in_guest: Said) -> None:
    rows, processes = _table(in_guest, "top -b -n1 -w 200")
    _is_there(rows, processes)
    total = in_guest.moments[0].total_kib
    for row in rows:
        process = processes.get(int(row["PID"]))
        if process is None or process.pid == 1:
            continue
        assert (int(row["VIRT"]), int(row["RES"])) == (process.vsize_kib, process.rss_kib)
        assert (int(row["PR"]), int(row["NI"])) == (20 + process.nice, process.nice)
        assert abs(float(row["%MEM"]) - 100 * process.rss_kib / total) < 0.1
        minutes, seconds = row["TIME+"].split(":")
        assert abs(int(minutes) * 60 + float(seconds) - process.utime_ns / 1e9) <= 0.01
    text = _output(in_guest, "top -b -n1 -w 200")
    states = [process.state for process in processes.values()]
    counted = re.search(r"Tasks: +(\d+) total, +(\d+) running, +(\d+) sleeping, +(\d+) stopped, +(\d+) zombie", text)
    assert counted is not None
    assert [int(number) for number in counted.groups()] == [
        len(states) + 1, 1, len([state for state in states if state in "SR"]), states.count("T"), states.count("Z")]
    burner = next(process for process in processes.values() if process.comm == "burner")
    assert 0.3 <= burner.utime_ns / 1e9 < 0.35


def test_free(in_guest: Said) -> None:
    total = in_guest.moments[0].total_kib
    for command in ("free -k", "busybox free -k"):
        row = _output(in_guest, command).splitlines()[1].split()
        assert int(row[1]) == total
        used, free, shared, cache, available = (int(cell) for cell in row[2:7])
        assert shared == 64                      # what `memory` touched of its shared map
        assert 0 < used < total
        assert free < available <= total
        assert abs(used + free + cache - total) <= total // 10
    pages = re.search(r"(\d+) K free memory", _output(in_guest, "vmstat -s"))
    assert pages is not None
    assert abs(int(pages[1]) - free) < 8192


def test_vmstat(in_guest: Said) -> None:
    text = _output(in_guest, "vmstat -s")
    moment = in_guest.moments[OWN_COMMANDS.index("vmstat -s")]
    found = {name: int(number) for number, name in re.findall(r"(\d+) (?:K )?(.*)", text)}
    assert found["total memory"] == moment.total_kib
    assert found["boot time"] == 1_735_689_600   # of a machine on virtual time
    threads = sum(len(process.tids) for process in moment.processes.values())
    assert found["forks"] == threads + OWN_COMMANDS.index("vmstat -s") + 1
    ticks = found["non-nice user cpu ticks"] + found["nice user cpu ticks"] + found["idle cpu ticks"]
    assert abs(ticks - moment.now_ns // 10**7) <= 5
    assert found["non-nice user cpu ticks"] >= 30    # what `burner` alone used
    assert found["CPU context switches"] > 50
    one = _output(in_guest, "vmstat").splitlines()
    cells = dict(zip(one[1].split(), one[2].split(), strict=True))
    assert int(cells["us"]) + int(cells["sy"]) + int(cells["id"]) == 100
    assert int(cells["free"]) < moment.total_kib


def test_uptime(in_guest: Said) -> None:
    up, idle = (float(word) for word in _output(in_guest, "cat /proc/uptime").split())
    now = in_guest.moments[OWN_COMMANDS.index("cat /proc/uptime")].now_ns
    assert abs(up - now / 1e9) < 0.1
    assert 0 < idle < up
    assert _output(in_guest, "uptime -s") == "2025-01-01 00:00:00\n"
    for command in ("uptime", "busybox uptime"):
        assert re.fullmatch(r" 00:00:0\d up 0 min, +0 users, +load average: 0\.00, 0\.00, 0\.00\n",
                            _output(in_guest, command))


def test_pmap(in_guest: Said) -> None:
    for command in ("pmap -x @memory", "pmap -X @memory"):
        process = next(process for process in in_guest.moments[0].processes.values() if process.comm == "memory")
        lines = _output(in_guest, command).splitlines()
        total = [int(word) for word in re.findall(r"\d+", lines[-1])]
        assert total[:2] == [process.vsize_kib, process.rss_kib]
    lines = _output(in_guest, "pmap -x @memory").splitlines()
    found = [re.split(r" +", line, maxsplit=5)[1:] for line in lines[2:-2]]
    sizes = {(int(size), int(rss), int(dirty), mode): name for size, rss, dirty, mode, name in found}
    assert sizes[8192, 2048, 2048, "rw---"] == "  [ anon ]".strip()
    assert sizes[1024, 64, 64, "rw-s-"].startswith("zero")
    assert sizes[1024, 0, 0, "-----"] == "[ anon ]"
    assert sizes[16, 16, 16, "rw---"] == "[ anon ]"      # locked
    assert sizes[12, 4, 4, "rw-s-"] == "mapped"
    head, *rows = _output(in_guest, "pmap -X @memory").splitlines()[1:]
    names = head.split()
    for row in rows:
        cells = dict(zip(names, row.split(), strict=False))
        if cells.get("Size") == "16":
            assert cells["Locked"] == "16"


def test_lsof_shows_what_the_table_has(in_guest: Said) -> None:
    files = next(process for process in in_guest.moments[0].processes.values() if process.comm == "files")
    shown = {}
    for line in _output(in_guest, "lsof -p @files").splitlines()[1:]:
        words = line.split(None, 8)
        if words[3][0].isdigit():
            shown[int(re.sub(r"\D", "", words[3]))] = line[line.index("/"):]
    assert shown == files.files
    assert [name for name in shown.values() if name.endswith("(deleted)")]
