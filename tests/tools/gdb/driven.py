"""A real gdb at a machine of its own, from one list of commands to the end of both."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

from rvsim.tests.guest import GUESTS

GDB = shutil.which("gdb-multiarch")
TIMEOUT_S = 120

_NEWER = re.compile(r"Reached end of recorded history; stopping\.\n(?:Backward execution from here not possible"
                    r"|Following forward execution will be added to history)\.")
"""What gdb 16 says where gdb 13 says that there is no more history."""

needs_gdb = pytest.mark.skipif(GDB is None, reason="gdb-multiarch is not installed")


@dataclass
class Driven:
    """What gdb showed, what the guest wrote, what rvsim said, and its exit status."""

    shown: str
    output: str
    errors: str
    status: int

    def count(self, pattern: str) -> int:
        """How many lines of gdb a pattern is found in."""
        return len(self.lines(pattern))

    def lines(self, pattern: str) -> list[str]:
        """The lines of gdb in which a pattern is found."""
        return [line for line in self.shown.splitlines() if re.search(pattern, line)]

    def in_order(self, *patterns: str) -> None:
        """Each pattern is found behind the one before it."""
        at = 0
        for pattern in patterns:
            found = re.compile(pattern, re.MULTILINE).search(self.shown, at)
            assert found is not None, f"{pattern!r} is not behind the others in\n{self.shown}\nrvsim: {self.errors}"
            at = found.end()


def line(text: str) -> str:
    """Where the first line with this text is in the program that most tests look at, for gdb."""
    source = (GUESTS / "gdb" / "gdb.c").read_text().splitlines()
    return f"gdb.c:{next(at for at, row in enumerate(source, 1) if text in row)}"


def start(*arguments: str | Path, options: tuple[str, ...] = (), stdin: int = subprocess.DEVNULL,
          ) -> tuple[subprocess.Popen[str], int]:
    """rvsim with `--gdb 0`, waiting for gdb: the process, and the port."""
    return _start(["run", "--gdb", "0", "--timeout", str(TIMEOUT_S), *options, *map(str, arguments)], stdin)


def _start(words: list[str], stdin: int = subprocess.DEVNULL) -> tuple[subprocess.Popen[str], int]:
    process = subprocess.Popen(
        [sys.executable, "-c", "import sys; from rvsim.tools.cli import main; sys.exit(main())", *words],
        stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace",
        env={"RVSIM_DEBUG": "1", "PYTHONPATH": ":".join(filter(None, sys.path)), "PATH": "/usr/bin:/bin"})
    assert process.stderr is not None
    line = process.stderr.readline()
    found = re.search(r"target remote :(\d+)", line)
    if found is None:
        process.kill()
        raise AssertionError(line + process.stderr.read())
    return process, int(found[1])


def drive(commands: list[str], *arguments: str | Path, options: tuple[str, ...] = (), stdin: str | None = None,
          before: tuple[str, ...] = (), target: str = "remote", status: int | None = 0,
          early: bool = False) -> Driven:
    """Run rvsim with these arguments, and gdb with these commands once it has connected.

    `before`: commands before that; `status`: what rvsim must exit with; `early`: `stdin` comes first, not last.
    """
    started = start(*arguments, options=options, stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE)
    return _drive(commands, started, stdin, before, target, status, early)


def drive_replay(commands: list[str], recording: Path, options: tuple[str, ...] = (), target: str = "remote",
                 status: int | None = 0) -> Driven:
    """The same with `rvsim replay --gdb`."""
    started = _start(["replay", "--gdb", "0", *options, str(recording)])
    return _drive(commands, started, None, (), target, status, False)


def _drive(commands: list[str], started: tuple[subprocess.Popen[str], int], stdin: str | None,
           before: tuple[str, ...], target: str, status: int | None, early: bool) -> Driven:
    process, port = started
    if early and process.stdin is not None:
        process.stdin.write(stdin or "")
        process.stdin.flush()
        stdin = ""
    words = [GDB or "", "-nx", "-batch", "-iex", "set debuginfod enabled off", "-iex", "set width 0"]
    for command in (*before, f"target {target} :{port}", *commands):
        words += ["-ex", command]
    gdb = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                           stdin=subprocess.DEVNULL)
    guard = threading.Timer(TIMEOUT_S, gdb.kill)
    guard.start()
    try:
        shown = _NEWER.sub("No more reverse-execution history.", gdb.communicate()[0])
        output, errors = process.communicate(stdin, timeout=TIMEOUT_S)
    finally:
        guard.cancel()
        gdb.kill()
        process.kill()
    assert "Traceback" not in errors, errors
    assert status in (None, process.returncode), f"{process.returncode}\n{shown}\n{errors}"
    return Driven(shown, output, errors, process.returncode)


INTERRUPT = """\
import gdb, os, signal, threading

def goes_on(event):
    gdb.events.cont.disconnect(goes_on)
    threading.Timer(SECONDS, os.kill, (os.getpid(), signal.SIGINT)).start()

gdb.events.cont.connect(goes_on)
"""


def interrupted(seconds: float = 1.0) -> list[str]:
    """Commands that type Ctrl-C at gdb, so long after it has let the guest go on the next time: one that comes before
    ends the command, and not the guest's run."""
    return [f"python exec({INTERRUPT.replace('SECONDS', str(seconds))!r}, globals())"]
