"""A snapshot in memory: taken from a machine at rest, and made into a machine again, as often as one likes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from rvsim.emu._gate import CallTable, frames_adopt, frames_state, gate_adopt, gate_state
from rvsim.emu.clock import HostClock
from rvsim.emu.console import Console
from rvsim.emu.hart import Hart
from rvsim.guest_os.boot import Machine, call_tables
from rvsim.guest_os.fs.host_fds import HostFds
from rvsim.guest_os.snapshot.decoder import Decoder, HostResources
from rvsim.guest_os.snapshot.encoder import Encoder
from rvsim.guest_os.snapshot.records import Record
from rvsim.guest_os.snapshot.shapes import Shape


class SnapshotError(Exception):
    """A snapshot cannot be taken, kept, read or restored: one line for the user."""


class Snapshot:
    """The whole state of a machine as data. It never changes, and nothing that runs changes it.

    Attributes:
        ticks, time_ns: when it was taken.
        memory_bytes: of the machine's RAM.
        hart: what `gate_state` gave.
        pages: the contents of each frame, None for one that is free. Pages that are equal to those of the snapshot
            it was taken after are the very same objects.
        free, counts, flags: the rest of what `frames_state` gave.
        calls: how often each call was answered, by table.
        records, shapes: the kernel, see `records`.
    """

    __slots__ = (
        "calls", "counts", "flags", "free", "hart", "memory_bytes", "pages", "records", "shapes", "ticks", "time_ns",
    )  # fmt: skip

    def __init__(self, memory_bytes: int, time_ns: int, hart: tuple[Any, ...],
                 memory: tuple[list[bytes | None], bytes, bytes, bytes], calls: dict[str, dict[int, int]],
                 records: Sequence[Record], shapes: Sequence[Shape]) -> None:
        self.memory_bytes = memory_bytes
        self.time_ns = time_ns
        self.hart = hart
        self.ticks: int = hart[0]
        self.pages, self.free, self.counts, self.flags = memory
        self.calls = calls
        self.records = records
        self.shapes = shapes


def take(machine: Machine, before: Snapshot | None = None) -> Snapshot:
    """The state of a machine at rest: between two turns of its scheduler. Nothing of the run changes.

    `before`: an earlier snapshot of the same run, whose pages are shared as far as they are still the same.

    Raises:
        SnapshotError: a task is running.
    """
    if machine.kernel.scheduler.current is not None:
        raise SnapshotError("a snapshot can be taken between two turns only, and a task is running")
    hart = machine.hart
    calls: dict[str, CallTable] = {}
    for name, abi in machine.kernel.abis.items():
        if abi.calls not in calls.values():
            calls[name] = abi.calls
    outside = _outside(machine.console, hart, calls)
    encoder = Encoder({id(thing): name for name, thing in outside.items()})
    table = hart.page_table
    encoder.encode([machine, hart.context, table if table is not None and table.satp else None])
    return Snapshot(hart.frames.size, hart.time_ns(), gate_state(hart),
                    frames_state(hart.frames, before.pages if before else None),
                    {name: counted.counts() for name, counted in calls.items()}, encoder.records,
                    tuple(encoder.shapes))


def restore(snapshot: Snapshot, console: Console, host: HostResources | None = None) -> Machine:
    """A machine that goes on from a snapshot, as often as one likes. `console` is its connection to the outside.

    The limit on the run (`timeout_ns`) counts from now. Observers are not part of a snapshot: attach them again.
    `host`: where it finds what it had of the host; None: where it was.

    Raises:
        SnapshotError: there is not enough memory on the host, or something of the host is gone.
    """
    try:
        hart = Hart(snapshot.memory_bytes)
        frames_adopt(hart.frames, snapshot.pages, snapshot.free, snapshot.counts, snapshot.flags)
    except MemoryError as error:
        raise SnapshotError(f"{error}; the snapshot is of a machine with that much") from None
    calls = call_tables()
    for name, table in calls.items():
        table.set_counts(snapshot.calls[name])
    decoder = Decoder(snapshot.records, snapshot.shapes, _outside(console, hart, calls), hart.frames,
                      host or SameHost())
    try:
        machine, context, page_table = decoder.decode()
    except OSError as error:
        raise SnapshotError(f"{error.filename or ''}: {error.strerror or error}") from None
    gate_adopt(hart, snapshot.hart, context, page_table)
    if isinstance(machine.clock, HostClock):
        hart.host_time = True
        hart.time_offset_ns = 0
        hart.time_offset_ns = snapshot.time_ns - hart.time_ns() & (1 << 64) - 1
    timeout_ns = machine.config.timeout_ns
    machine.world.end_ns = None if timeout_ns is None else time.monotonic_ns() + timeout_ns
    return machine  # type: ignore[no-any-return]


def _outside(console: Console, hart: Hart, calls: dict[str, CallTable]) -> dict[str, Any]:
    """What is no part of the state but what the state hangs on, by name."""
    named = {f"calls:{name}": table for name, table in calls.items()}
    return {"console": console, "hart": hart, "frames": hart.frames, **named}


class SameHost(HostResources):
    """Everything of the host is where it was when the snapshot was taken, in this process."""

    def descriptors(self, path: bytes, limit: int) -> HostFds:
        return HostFds(path, limit)

    def source(self, path: bytes) -> Any:
        from rvsim.guest_os.fs.archive_source import HostSource

        return HostSource(path)

    def program(self, path: str) -> str:
        return path
