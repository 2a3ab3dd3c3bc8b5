"""The same program under the host's strace and in rvsim: the same lines, but for addresses, pids and the processor."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from traced import trace

from rvsim.tools import guest_build

STRACE = shutil.which("strace")
SOURCES = [Path(__file__).parent / name for name in ("calls.c", "sockets.c", "ipc.c")]

_RULES = (
    (r"SA_RESTORER\|?", ""), (r"sa_flags=(?=, )", "sa_flags=0"), (r", sa_restorer=0x[0-9a-f]+", ""),
    (r"0x[0-9a-f]{4,}\b", "ADDRESS"), (r"\bsi_pid=\d+", "si_pid=PID"),
    (r"\b(kill|tgkill|rt_sigqueueinfo|wait4)\((\d+)", r"\1(PID"), (r"(tgkill\(PID, )\d+(?=, SIG)", r"\1PID"),
    (r"waitid\(P_PID, \d+", "waitid(P_PID, PID"),
    (r"((?:getpid|gettid|clone|wait4)\(.*\) +)= \d+$", r"\1= PID"), (r"tv_usec=\d+\}, ru_stime.*\}", "RUSAGE}"),
    (r"(si_[us]time)=\d+( /\*.*?\*/)?", r"\1=TIME"), (r"left \{.*?\}", "left TIME"),
    (r"((?:shm_[cl]|msg_l[sr])pid)=\d+", r"\1=PID"), (r"((?:shm_[adc]|sem_[oc]|msg_[src])time)=[1-9]\d*", r"\1=TIME"),
    (r"(semctl\(\d+, \d+, GETPID, NULL\)) += \d+", r"\1 = PID"),
    (r" && WCOREDUMP\(s\)| \(core dumped\)", ""), (r"CLD_DUMPED", "CLD_KILLED"), (r" +=", " ="),
)


def whole_lines(text: str) -> list[str]:
    """The calls of each process in its own order, cut-off lines put together, the processes one after the other."""
    by_process: dict[str, list[str]] = {}
    open_lines: dict[str, str] = {}
    for line in text.splitlines():
        found = re.match(r"(?:\[pid +)?(\d+)\]? +(.*)", line)     # rvsim's; with a file, strace has the pid alone
        process, line = (found[1], found[2]) if found else ("1", line)
        resumed = re.match(r"<\.\.\. \w+ resumed>(.*)", line)
        if resumed:
            line = open_lines.pop(process) + resumed[1]
        if line.endswith(" <unfinished ...>"):
            open_lines[process] = line.removesuffix(" <unfinished ...>")
            continue
        by_process.setdefault(process, []).append(line)
    return [line for lines in by_process.values() for line in lines]


def normal(text: str) -> list[str]:
    """The part between BEGIN and END without what must differ."""
    lines = whole_lines(text)
    start = next(at for at, line in enumerate(lines) if "BEGIN" in line)
    for pattern, new in _RULES:
        lines = [re.sub(pattern, new, line) for line in lines]
    lines = lines[start:]
    # On the host, a child may be gone before its parent waits for it, or after.
    return [line for line in lines if "--- SIGCHLD" not in line] + [line for line in lines if "--- SIGCHLD" in line]


@pytest.mark.skipif(STRACE is None, reason="no strace on this host")
@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_traces_are_the_same(source: Path, tmp_path: Path) -> None:
    assert STRACE
    try:
        host = guest_build.compile_host(source, tmp_path / "calls", ["-w", "-O1"])
        guest = guest_build.compile_musl(source, tmp_path / "calls.riscv", ["-w", "-O1"])
    except guest_build.BuildError as error:
        pytest.skip(str(error))
    work = tmp_path / "work"
    work.mkdir()
    file = tmp_path / "trace"
    done = subprocess.run([STRACE, "-f", "-o", file, host], cwd=work, capture_output=True, check=False,
                          stdin=subprocess.DEVNULL, env=os.environ | {"TZ": "UTC0"})      # it shows times as dates
    expected = file.read_text() if file.exists() else ""
    if "BEGIN" not in expected:
        pytest.skip(f"strace may not trace here: {done.stderr.decode()[:200]}")
    traced = trace(guest.read_bytes(), cwd=b"/tmp")
    assert normal(traced.text) == normal(expected)
