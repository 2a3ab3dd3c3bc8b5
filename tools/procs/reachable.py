"""The machine's side of `rvsim ps PID`: it says where it is, and answers who asks.

Until somebody asks this is a file, a lock and a handler of SIGUSR2; a question is answered between two turns of the
scheduler, or at once if the machine waits. `runtime_dir` has the places. Nothing in the guest changes.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from rvsim.tools.procs.asking import give_back
from rvsim.tools.procs.runtime_dir import FORM, MACHINE, home, is_private, lock, pid_namespace, remove

if TYPE_CHECKING:
    from rvsim.guest_os.boot import Machine

PAUSES_S = (0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128)
"""A search for machines that are gone may hold the place for a moment: so long is waited until the next try."""


class Place:
    """The directory of a running machine, locked."""

    def __init__(self, path: Path, fd: int) -> None:
        self.path = path
        self._fd = fd

    def give_up(self) -> None:
        """The machine is gone. What was asked meanwhile gets no answer."""
        remove(self.path)
        os.close(self._fd)


def take_place(words: Sequence[bytes]) -> Place | None:
    """Make the directory of a machine that runs `words`; None: the host has no place that is this user's alone."""
    above = home()
    if above is None:
        return None
    path = above / str(os.getpid())
    try:
        above.mkdir(mode=0o700, exist_ok=True)
        if not is_private(above):
            return None
        for pause_s in PAUSES_S:
            path.mkdir(mode=0o700, exist_ok=True)
            with suppress(FileNotFoundError):       # who cleared a place of a dead machine took ours away with it
                place = _lock_place(path, words)
                if place is not None:
                    return place
            time.sleep(pause_s)
    except OSError:
        pass                # a full disk, a read-only one: the machine runs all the same
    return None


def _lock_place(path: Path, words: Sequence[bytes]) -> Place | None:
    name = path / MACHINE
    fd = os.open(name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        if lock(fd) and os.path.samestat(os.fstat(fd), name.lstat()):
            for left in os.listdir(path):           # by a machine that was killed and had the same pid
                if left != MACHINE:
                    (path / left).unlink()
            os.truncate(fd, 0)
            os.write(fd, b"\n".join((FORM, pid_namespace(), b"".join(word + b"\0" for word in words))))
            return Place(path, fd)
    except BaseException:
        os.close(fd)
        raise
    os.close(fd)
    return None


def answer_all(machine: Machine, place: Path) -> None:
    """Answer what is asked. A question that nothing can be said to goes away without an answer."""
    import json

    from rvsim.tools.procs import snapshot

    for name in sorted(os.listdir(place)):
        if not name.endswith(".ask"):
            continue
        ask = place / name
        with suppress(OSError, ValueError, RecursionError):
            wanted = json.loads(ask.read_bytes())
            pids = wanted["pids"] if isinstance(wanted, dict) and isinstance(wanted.get("pids"), list) else None
            about = wanted.get("about") if isinstance(wanted, dict) else None
            snapshot.write(machine, ask.with_suffix(".answer"), areas=about == "pmap", frames=about == "pstack",
                           pids=pids)
        ask.unlink(missing_ok=True)


@contextmanager
def reachable(machine: Machine, words: Sequence[bytes]) -> Iterator[None]:
    """While this lasts, the commands of this user find the machine, which runs `words`. Only in the main thread."""
    if threading.current_thread() is not threading.main_thread() or home() is None:
        yield
        return
    place: Place | None = None

    def visit() -> None:
        if place is not None:
            with suppress(FileNotFoundError):       # somebody cleared the user's runtime directory
                answer_all(machine, place.path)

    # Who sees the place may send the signal at once, and it must not end us.
    before = signal.signal(signal.SIGUSR2, lambda _number, _frame: machine.world.request_visit(visit))
    try:
        place = take_place(words)
        yield
    finally:
        if place is not None:
            place.give_up()
        give_back(signal.SIGUSR2, before)
