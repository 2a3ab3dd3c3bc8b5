"""A snapshot of the guest's processes: taken while nothing runs, written as JSON, read by `rvsim ps` and its like.

The file is an object: `rvsim_processes` is the version of its form; `uptime_ns` the machine's time; `processes` a
list by pid. Addresses and sizes are numbers of bytes, times nanoseconds, names text with what is no UTF-8 replaced.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rvsim.guest_os.abi.mman import PROT_EXEC, PROT_READ, PROT_WRITE
from rvsim.guest_os.abi.syscall_names import NAMES
from rvsim.guest_os.mm.layout import PAGE_SIZE
from rvsim.guest_os.proc.maps import area_name
from rvsim.guest_os.proc.solproc.views import context_of
from rvsim.guest_os.task.pid import PidType
from rvsim.tools.errors import reason
from rvsim.tools.procs.asking import give_back
from rvsim.tools.procs.saved import VERSION
from rvsim.tools.procs.symbols import SymbolCache
from rvsim.tools.procs.unwind import Unwinder
from rvsim.tools.strace import memory

if TYPE_CHECKING:
    from rvsim.guest_os.boot import Machine
    from rvsim.guest_os.mm.address_space import AddressSpace
    from rvsim.guest_os.task.task import Task
    from rvsim.guest_os.task.thread_group import ThreadGroup

A7 = 17
LONGEST_ARGUMENTS = 4096


def _text(data: bytes) -> str:
    return data.decode(errors="replace")


def _arguments(space: AddressSpace | None) -> str:
    if space is None or not space.arg_end:
        return ""
    data = memory.read(space, space.arg_start, min(space.arg_end - space.arg_start, LONGEST_ARGUMENTS)) or b""
    return _text(data.rstrip(b"\0").replace(b"\0", b" "))


def _areas(space: AddressSpace) -> Iterator[dict[str, Any]]:
    for area in space.areas:
        mode = "".join(letter if area.prot & bit else "-" for letter, bit in
                       (("r", PROT_READ), ("w", PROT_WRITE), ("x", PROT_EXEC)))
        yield {"start": area.start, "end": area.end, "mode": mode + ("s" if area.shared else "-"),
               "name": _text(area_name(space, area)), "offset": area.offset,
               "resident": sum(1 for _ in space.table.entries(area.start, area.end)) * PAGE_SIZE}


def _thread(task: Task, symbols: SymbolCache | None) -> dict[str, Any]:
    shown: dict[str, Any] = {"tid": task.pid.numbers[0][0], "state": task.state.value[0], "name": _text(task.comm)}
    if task.alive:
        if task.in_call:
            number = context_of(task).get(A7)
            shown["waits_in"] = NAMES.get(number, str(number)) if task.abi.name == "linux" else str(number)
        if task.mm is not None and symbols is not None:
            frames = Unwinder(task.mm, symbols).frames(task)
            shown["frames"] = [{"pc": frame.pc, "where": frame.text()} for frame in frames]
    return shown


def _process(group: ThreadGroup, symbols: SymbolCache | None, areas: bool) -> dict[str, Any]:
    leader = group.leader
    space = next((thread.mm for thread in group.threads if thread.mm is not None), None)
    terminal = group.terminal
    return {
        "pid": group.pid.numbers[0][0], "ppid": group.parent.pid.numbers[0][0] if group.parent is not None else 0,
        "pgid": group.pgrp.numbers[0][0], "sid": group.session.numbers[0][0], "uid": leader.cred.euid,
        "terminal": [terminal.rdev >> 8 & 0xFFF, terminal.rdev & 0xFF] if terminal is not None else None,
        "state": leader.state.value[0], "name": _text(leader.comm), "arguments": _arguments(space),
        "start_ns": group.start_ns, "cpu_ns": group.usage.utime_ns + group.usage.stime_ns,
        "size": space.total_vm * PAGE_SIZE if space is not None else 0,
        "resident": space.rss_pages * PAGE_SIZE if space is not None else 0,
        "areas": list(_areas(space)) if areas and space is not None else [],
        "threads": [_thread(task, symbols) for task in group.threads],
    }


def take(machine: Machine, *, areas: bool = True, frames: bool = True,
         pids: Collection[int] | None = None) -> dict[str, Any]:
    """The processes as they are, all or those of `pids`. Nothing may run meanwhile; nothing is changed or touched.

    Without `areas` or `frames` these are left out, which takes less time where there are many processes.
    """
    kernel = machine.kernel
    symbols = SymbolCache() if frames else None
    processes = []
    for leader in kernel.root_ns.tasks(PidType.TGID):
        if pids is None or leader.group.pid.nr in pids:
            processes.append(_process(leader.group, symbols, areas))
    return {"rvsim_processes": VERSION, "uptime_ns": kernel.clock.monotonic_ns(), "processes": processes}


def write(machine: Machine, path: Path, *, areas: bool = True, frames: bool = True,
          pids: Collection[int] | None = None) -> None:
    """Take a snapshot and put it where `path` says, in one step. Raises OSError."""
    shown = take(machine, areas=areas, frames=frames, pids=pids)
    new = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        new.write_text(json.dumps(shown, separators=(",", ":")) + "\n", encoding="utf-8")
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


@contextmanager
def on_request(machine: Machine, path: Path, complain: Callable[[str], None]) -> Iterator[None]:
    """While this lasts, SIGUSR1 has a snapshot written, and so has an end that the programs have not chosen."""

    def visit() -> None:
        try:
            write(machine, path)
        except OSError as error:
            complain(f"--snapshot-procs {path}: {reason(error)}")

    def ask(_number: int, _frame: object) -> None:
        machine.world.request_visit(visit)

    machine.world.visitor = visit
    before = signal.signal(signal.SIGUSR1, ask)
    try:
        yield
    finally:
        give_back(signal.SIGUSR1, before)
        machine.world.visitor = None
