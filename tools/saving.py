"""`rvsim run --save` and `--restore`: whole machines in files."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rvsim.guest_os.snapshot import GrantedResources, SnapshotError, load, restore, save, take
from rvsim.guest_os.snapshot.file import LIMIT_BYTES
from rvsim.tools.errors import CliError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rvsim.emu.console import Console
    from rvsim.guest_os.boot import Machine, MachineConfig


@contextmanager
def saved(machine: Machine, path: str, moment_ns: int) -> Iterator[None]:
    """While this lasts, a machine is written to `path`: at the first moment when nothing runs, if `moment_ns` is
    negative, else at the first turn that begins at this guest time or later. Then it goes on.

    Raises:
        CliError: the file cannot be written, or the machine ended before.
    """
    scheduler = machine.kernel.scheduler

    def look() -> None:
        if scheduler.runnable or scheduler.spinning if moment_ns < 0 else machine.clock.monotonic_ns() < moment_ns:
            return
        scheduler.at_rest = None
        try:
            save(take(machine), path)
        except SnapshotError as error:
            raise CliError(f"--save: {error}") from None

    scheduler.at_rest = look
    yield
    if scheduler.at_rest is look:
        when = "nothing was ever idle before it ended" if moment_ns < 0 else "it ended before that time"
        raise CliError(f"--save: the machine was not saved: {when}; give another --save-at")


def granted(config: MachineConfig) -> GrantedResources:
    """What the options grant, and the trees of images that are in the cache: their digests say what they are."""
    from rvsim.tools.image.cache import Cache

    return GrantedResources(config.root, config.shares, os.fsencode(Cache().home / "trees"))


def restored(path: str, config: MachineConfig, console: Console, allowed_bytes: int | None) -> Machine:
    """The machine in a file. Of `config` count what it grants of this host, and the limit on the run.

    Raises:
        CliError: it cannot be restored, or needs a console of another kind.
    """
    try:
        snapshot = load(path, allowed_bytes or LIMIT_BYTES)
        machine = restore(snapshot, console, granted(config), config.timeout_ns)
    except SnapshotError as error:
        raise CliError(f"--restore: {error}") from None
    if machine.tty is None and any(console.is_terminal(fd) for fd in range(3)):
        raise CliError(f"--restore: {path}: the machine had no terminal; redirect what is one here, as in "
                       f"`rvsim run --restore {path} </dev/null 2>&1 | cat`")
    return machine
