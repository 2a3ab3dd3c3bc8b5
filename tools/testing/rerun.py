"""A failed test's run once more, this time watched: what it did last, and files from which the stepper has it again."""

from __future__ import annotations

import os
import re
import shlex
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rvsim.guest_os.boot_error import BootError
from rvsim.guest_os.outside import Diverged, InputLog, Position
from rvsim.guest_os.recording.log import End
from rvsim.guest_os.snapshot import SnapshotError, save, take
from rvsim.guest_os.snapshot.host import moved_path
from rvsim.tools.recording import bytes_of, header_of, text_of
from rvsim.tools.strace.tracer import Tracer

if TYPE_CHECKING:
    from rvsim.guest_os.boot import Machine
    from rvsim.tools.testing.guest import Guest
    from rvsim.tools.testing.options import Moved, Results

SHOWN_LINES = 20
_LONGEST_NAME = 80


class _Arrived(BaseException):
    """The run has come as far as the first time."""


@dataclass(frozen=True)
class LastTraps:
    """Lines of strace, each with the number of the trap at which it began. `same`: the run went as the first time."""

    lines: tuple[tuple[int, str], ...]
    same: bool


class _Lines:
    """Takes pieces of text; keeps the last lines that began at or before a trap."""

    def __init__(self, machine: Machine, last_trap: int | None) -> None:
        self.machine = machine
        self.last_trap = last_trap
        self.kept: deque[tuple[int, str]] = deque(maxlen=SHOWN_LINES)
        self._line = ""
        self._began = 0

    def write(self, piece: str) -> None:
        for part in piece.splitlines(keepends=True):
            if not self._line:
                self._began = int(self.machine.hart.traps)
            self._line += part
            if part.endswith("\n"):
                self._keep()

    def _keep(self) -> None:
        if self._line and (self.last_trap is None or self._began <= self.last_trap):
            self.kept.append((self._began, self._line.rstrip("\n")))
        self._line = ""

    def end(self) -> None:
        self._keep()


def last_traps(guest: Guest, last_trap: int | None) -> LastTraps:
    """What the guest asked of its kernel last, up to a trap if one is to blame. The guest must not be closed."""
    console = guest.console.another()
    end = Position(guest.log.moment, guest.log.question)
    log = InputLog(guest.log.answers, end)
    machine = guest.origin(console, log)
    log.moment = log.question = log.at = 0
    lines = _Lines(machine, last_trap)
    tracer = Tracer(lines.write)
    final_ticks, final_traps = guest.machine.hart.ticks, guest.machine.hart.traps
    if machine.kernel.init is not None and not guest.begun:
        tracer.executed(machine.kernel.init)
    machine.kernel.observe(tracer)

    def look() -> None:
        if machine.hart.ticks >= final_ticks and log.moment >= end.moment:
            raise _Arrived

    machine.kernel.scheduler.at_rest = look
    with suppress(_Arrived, Diverged):
        machine.kernel.scheduler.run()
    lines.end()
    same = (machine.hart.ticks, machine.hart.traps) == (final_ticks, final_traps)
    return LastTraps(tuple(lines.kept), same)


@dataclass(frozen=True)
class Kept:
    """What was kept of a failed run, and how to have it again."""

    recording: Path
    command: str


def keep(guest: Guest, results: Results, name: str, trap: int | None) -> Kept:
    """Write the recording of a run, its beginning as a snapshot, and its console below the directory of results.

    Raises:
        OSError, SnapshotError: it cannot be written.
    """
    place = results.folder / file_name(name)
    place.mkdir(parents=True, exist_ok=True)
    console = guest.console.another()
    machine = guest.origin(console, None)
    init = machine.kernel.init
    argv = list(guest.argv) or [init.comm if init is not None else b"guest"]
    (place / "console.txt").write_bytes(bytes(guest.console.transcript))
    save(take(machine), str(place / "start.snap"))
    header = header_of(machine.config, argv, console) | {"snapshot": "start.snap"}
    if results.moved:
        header |= _moved(header, results.moved)
    recording = place / "run.rec"
    guest.log.write(str(recording), header, _end_of(guest))
    return Kept(recording, replay_command(results.shown / file_name(name) / recording.name, trap))


def _moved(header: dict[str, Any], moved: Moved) -> dict[str, Any]:
    """What a header says of the host, as it is where the files come from."""
    pairs = [(os.fsencode(there), os.fsencode(here)) for there, here in moved]

    def here(path: str) -> str:
        return text_of(moved_path(bytes_of(path), pairs))

    return {"moved": [[text_of(there), text_of(here)] for there, here in pairs],
            "root": None if header["root"] is None else here(header["root"]),
            "image": None if header["image"] is None else [here(header["image"][0]), *header["image"][1:]],
            "shares": [[here(host), *more] for host, *more in header["shares"]]}


def _end_of(guest: Guest) -> End | None:
    if not guest.ended:
        return None
    try:
        return End(guest.machine.ending(), "")
    except BootError as error:
        return End(error.status, str(error))


def replay_command(recording: Path, trap: int | None) -> str:
    """What to type to stand in the stepper where it went wrong."""
    words = ["rvsim", "step", "--replay", str(recording)]
    if trap:
        words += ["--at", str(trap)]
    return shlex.join(words)


def file_name(name: str) -> str:
    """A test's name as the name of a directory."""
    return re.sub(r"[^\w.=+-]+", "_", name).strip("._")[:_LONGEST_NAME] or "test"


def table_of(guest: Guest) -> str:
    """The process table, a line for each process."""
    rows = ["  PID  PPID S COMMAND"]
    for process in guest.processes():
        waits = next((f" in {one['waits_in']}" for one in process["threads"] if "waits_in" in one), "")
        rows.append(f"{process['pid']:5} {process['ppid']:5} {process['state']} "
                    f"{process['arguments'] or process['name']}{waits}")
    return "\n".join(rows)


__all__ = ["Kept", "LastTraps", "SnapshotError", "file_name", "keep", "last_traps", "table_of"]
