"""This user's running machines, and what they say when they are asked. Needs no kernel.

`runtime_dir` has the places and `reachable` the other side.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rvsim.tools.errors import CliError, reason
from rvsim.tools.procs import saved
from rvsim.tools.procs.runtime_dir import FORM, MACHINE, home, is_private, lock, pid_namespace, remove

PATIENCE_S = 10.0
"""A machine answers between two turns of its scheduler, so usually in hundredths of a second."""

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.002, 0.05
NOT_FOUND = 1


@dataclass(frozen=True)
class Running:
    """A machine: its host pid, the words that it was started with, its directory."""

    pid: int
    words: tuple[bytes, ...]
    path: Path

    @property
    def command(self) -> str:
        """The words, for people."""
        return b" ".join(self.words).decode(errors="replace")


def running() -> list[Running]:
    """The machines of this user, by pid. Places of machines that are gone are cleared away."""
    above = home()
    if above is None or not is_private(above):
        return []
    found = [_look(above / name, int(name)) for name in os.listdir(above) if name.isdecimal()]
    return sorted((machine for machine in found if machine is not None), key=lambda machine: machine.pid)


def find(pid: int) -> Running:
    """The machine with this host pid. Raises CliError: there is none."""
    for machine in running():
        if machine.pid == pid:
            return machine
    raise CliError(f"{pid}: no machine of yours has this pid; `rvsim ps` lists them", NOT_FOUND)


def _look(path: Path, pid: int) -> Running | None:
    try:
        fd = os.open(path / MACHINE, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return None                     # it is about to be there, or has just gone
    try:
        if lock(fd):
            remove(path)
            return None
        form, namespace, words = (os.read(fd, 1 << 20).split(b"\n", 2) + [b""] * 3)[:3]
        if form != FORM or namespace != pid_namespace():
            return None                 # of another version, or of another container: the pid means nothing here
        return Running(pid, tuple(words.split(b"\0")[:-1]), path)
    finally:
        os.close(fd)


def ask(machine: Running, about: str, pids: Sequence[int] | None = None) -> dict[str, Any]:
    """A snapshot of a machine's processes as of now: `about` is the command that shows it, `pids` whom it shows.

    Raises:
        CliError: the machine has ended, does not answer, or cannot.
    """
    question = machine.path / f"{os.getpid()}.ask"
    answer = question.with_suffix(".answer")
    with _signal_to(machine) as tell:
        try:
            new = question.with_suffix(".new")
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "w") as file:
                json.dump({"about": about, "pids": pids}, file)
            new.replace(question)
            tell()
            _await(machine, question)
            with suppress(FileNotFoundError):
                return saved.parse(answer.read_bytes(), f"the answer of machine {machine.pid}")
        except (FileNotFoundError, ProcessLookupError):
            raise _gone(machine) from None
        except OSError as error:
            raise CliError(f"machine {machine.pid}: {reason(error)}") from None
        finally:
            for path in (new, question, answer):
                with suppress(OSError):
                    path.unlink()
    if not machine.path.exists():
        raise _gone(machine)
    raise CliError(f"machine {machine.pid} could not write its answer; is there room in {machine.path.parent}?")


def _gone(machine: Running) -> CliError:
    return CliError(f"machine {machine.pid} has ended", NOT_FOUND)


def _await(machine: Running, question: Path) -> None:
    """Until the question is gone. Raises CliError: that takes too long, or the machine is gone before."""
    end = time.monotonic() + PATIENCE_S
    pause = FIRST_PAUSE_S
    while question.exists():
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE_S)
        if _look(machine.path, machine.pid) is None:
            raise _gone(machine)
        if time.monotonic() > end:
            raise CliError(f"machine {machine.pid} does not answer; is it stopped?")


@contextmanager
def _signal_to(machine: Running) -> Iterator[Any]:
    """What tells the machine to look. It reaches this machine or nothing, never another process that got its pid."""
    if not hasattr(signal, "pidfd_send_signal"):
        yield lambda: os.kill(machine.pid, signal.SIGUSR2)
        return
    try:
        fd = os.pidfd_open(machine.pid)
    except ProcessLookupError:
        raise _gone(machine) from None
    except OSError:                     # a kernel before 5.3
        yield lambda: os.kill(machine.pid, signal.SIGUSR2)
        return
    try:
        if _look(machine.path, machine.pid) is None:        # since it still is there, the descriptor is of it
            raise _gone(machine)
        yield lambda: signal.pidfd_send_signal(fd, signal.SIGUSR2)
    finally:
        os.close(fd)
