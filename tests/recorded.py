"""Runs that are recorded and had again: what happened in one, down to the last trap, to be compared."""

from __future__ import annotations

import hashlib
import io
import os
import struct
import sys
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any, NamedTuple

from rvsim.emu.console import CapturedConsole
from rvsim.guest_os.boot import BootError, Machine
from rvsim.guest_os.recording.file import read_recording
from rvsim.guest_os.recording.log import End, ReplayLog
from rvsim.guest_os.task.observer import Observer
from rvsim.guest_os.task.task import Task
from rvsim.tests.guest import nothing_left
from rvsim.tools import cli, recording
from rvsim.tools.replay import Playback

START = "import sys; from rvsim.tests.recorded import main; sys.exit(main(sys.argv[1:]))"
DIGEST_PATH = "RVSIM_TEST_DIGEST"


class TrapDigest(Observer):
    """A checksum of (tick, tid, cause, epc) of every trap."""

    def __init__(self) -> None:
        self.state = hashlib.sha256()
        self.count = 0

    def trap(self, task: Task, cause: int, epc: int, tval: int) -> None:
        self.state.update(struct.pack("<QqqQ", task.kernel.hart.ticks, task.tid, cause, epc))
        self.count += 1

    def told(self) -> str:
        return f"{self.count} {self.state.hexdigest()}"


def main(arguments: list[str]) -> int:
    """The command line; a recorded run also writes the digest of its traps to the file that the environment names."""
    run = recording.RunRecorder.run

    def watched(self: recording.RunRecorder, machine: Machine, argv: list[bytes]) -> int:
        digest = TrapDigest()
        machine.kernel.observe(digest)
        try:
            return run(self, machine, argv)
        finally:
            Path(os.environ[DIGEST_PATH]).write_text(f"{digest.told()} {machine.hart.ticks}")

    if DIGEST_PATH in os.environ:
        recording.RunRecorder.run = watched  # type: ignore[method-assign]
    return cli.main(arguments)


class Outcome(NamedTuple):
    """What a replay came to. `traps`: its digest and the ticks, as `main` writes them; empty if nobody looked."""

    status: int
    output: bytes
    errors: bytes
    traps: str


def again(path: Path, traps: bool = True, controller: Any = None) -> Outcome:
    """Replay a recording; everything that was recorded is compared, too. Raises Diverged."""
    found = read_recording(str(path))
    header = recording.Header(found.header)
    log = ReplayLog(found)
    screen = CapturedConsole()
    machine = Machine(header.config, Playback(screen, header.kinds), log)
    digest = TrapDigest()
    if traps:
        machine.kernel.observe(digest)
    if controller is not None:
        machine.kernel.controller = controller(machine.kernel)
    try:
        status = machine.run(header.argv[0], header.argv)
        log.check_end(End(status, ""))
        if header.config.root is None and not header.config.shares:
            nothing_left(machine)               # it asks after files
    except BootError as error:
        status = error.status
        log.check_end(End(status, str(error)))
    except KeyboardInterrupt:
        end = log.left_here()
        assert end is not None
        log.check_end(end)
        status = end.status
    told = f"{digest.told()} {machine.hart.ticks}" if traps else ""
    return Outcome(status, bytes(screen.output), bytes(screen.errors), told)


def complaint(*arguments: str) -> tuple[int, str]:
    """The status of a command line that has something to complain of, and what it says."""
    said = io.StringIO()
    with redirect_stderr(said):
        status = cli.main(arguments)
    return status, said.getvalue()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
