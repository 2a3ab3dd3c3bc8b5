"""`guests/situation.c` on the host and in a machine: what its commands print, and what the kernel knows meanwhile."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from guest_tree import ENVIRONMENT, install_file, make_dirs

from rvsim.emu.console import CapturedConsole
from rvsim.guest_os.boot import Machine, MachineConfig
from rvsim.guest_os.mm import user_memory
from rvsim.guest_os.proc.system_files import all_tasks
from rvsim.guest_os.task.task import Task
from rvsim.tests.guest import host_program, musl_program, nothing_left

NOT_ALLOWED = 77
START, END = b"\x1e", b"\x1f"
VARIABLES = ENVIRONMENT | {"COLUMNS": "200"}


@dataclass
class Process:
    """One process of the machine's own table, as its kernel's objects have it."""

    pid: int
    ppid: int
    pgid: int
    sid: int
    state: str
    comm: str
    threads: int
    uid: int
    euid: int
    nice: int
    argv: list[str]
    vsize_kib: int
    rss_kib: int
    utime_ns: int
    start_ns: int
    files: dict[int, str]
    tids: dict[int, str]


@dataclass
class Moment:
    """The machine when a command began."""

    processes: dict[int, Process]
    total_kib: int
    now_ns: int


@dataclass
class Said:
    """What the situation and its commands printed. `moments` has the machine's own view, of a run in the guest."""

    pids: dict[str, int] = field(default_factory=dict)
    outputs: list[str] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    moments: list[Moment] = field(default_factory=list)


def parse(text: bytes) -> Said:
    """Read what `situation.c` prints."""
    said = Said()
    head, *parts = text.split(START)
    for line in head.decode().splitlines():
        name, _, pid = line.rpartition(" ")
        assert pid.isdigit(), text
        said.pids[name] = int(pid)
    for part in parts:
        output, _, status = part.partition(END)
        said.outputs.append(output.split(b"\n", 1)[1].decode(errors="surrogateescape"))
        said.statuses.append(int(status))
    return said


def look(task: Task) -> Process:
    """One process of the table."""
    group, mm = task.group, task.mm
    argv: list[str] = []
    if mm is not None:
        raw = user_memory.read(mm, mm.arg_start, mm.arg_end - mm.arg_start)
        argv = raw.removesuffix(b"\0").decode(errors="surrogateescape").split("\0")
    files = {fd: file.path.display().decode() for fd, file in task.fds} if task.files_shared is not None else {}
    return Process(
        pid=group.tgid, ppid=group.parent.tgid if group.parent is not None else 0, pgid=group.pgrp.numbers[0][0],
        sid=group.session.numbers[0][0], state=task.state.value, comm=task.comm.decode(), threads=group.live_threads,
        uid=task.cred.uid, euid=task.cred.euid, nice=task.nice, argv=argv,
        vsize_kib=mm.total_vm * 4 if mm is not None else 0, rss_kib=mm.rss_pages * 4 if mm is not None else 0,
        utime_ns=group.usage.utime_ns, start_ns=task.start_ns, files=files,
        tids={thread.tid: thread.comm.decode() for thread in group.threads})


class Watching(CapturedConsole):
    """A console that looks at the machine whenever a command begins."""

    def __init__(self, begins: Callable[[], Moment]) -> None:
        super().__init__()
        self.begins = begins
        self.moments: list[Moment] = []

    def write(self, data: bytes) -> None:
        super().write(data)
        for _ in range(data.count(START)):
            self.moments.append(self.begins())


def run_in_guest(root: Path | None, program: Path, folder: Path, commands: Sequence[str],
                 during: Callable[[Machine], None] | None = None, **config: Any) -> Said:
    """Make the situation in a machine. `during` gets the machine when the last command begins."""
    machine: Machine

    def begins() -> Moment:
        kernel = machine.kernel
        tasks = [task for task in all_tasks(kernel) if task is task.group.leader]
        if during is not None and len(console.moments) == len(commands) - 1:
            during(machine)
        return Moment({task.tid: look(task) for task in tasks}, kernel.memory.frames.total * 4,
                      kernel.clock.monotonic_ns())

    console = Watching(begins)
    settings: dict[str, Any] = {"memory_bytes": 256 << 20, "timeout_ns": 300 * 10**9,
                                "root": None if root is None else os.fsencode(root),
                                "env": {name.encode(): value.encode() for name, value in VARIABLES.items()}} | config
    machine = Machine(MachineConfig(**settings), console)
    make_dirs(machine, os.fsencode(folder))
    make_dirs(machine, os.fsencode(program.parent))
    install_file(machine, musl_program("situation.c"), os.fsencode(program))
    words = [os.fsencode(program), os.fsencode(folder), *(command.encode() for command in commands)]
    status = machine.run(os.fsencode(program), words)
    nothing_left(machine)
    assert status == 0, bytes(console.output)
    said = parse(bytes(console.output))
    said.moments = console.moments
    return said


def run_on_host(program: Path, folder: Path, commands: Sequence[str], path: str,
                variables: Mapping[str, str] = VARIABLES) -> Said:
    """Make the situation on this host; `path` is the commands' PATH. Skips where pid namespaces are not allowed."""
    program.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(host_program("situation.c"), program)
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run([program, folder, *commands], stdin=subprocess.DEVNULL, capture_output=True, check=False,
                           timeout=300, env=dict(variables) | {"PATH": path})
    if os.geteuid() or done.returncode == NOT_ALLOWED:
        pytest.skip("a pid namespace on the host takes root")
    assert done.returncode == 0, done.stderr
    return parse(done.stdout)
