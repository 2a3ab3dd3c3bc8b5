"""A snapshot in memory: taken from a machine at rest, and made into a machine again, as often as one likes."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from typing import Any

from rvsim.emu._gate import CallTable, frames_adopt, frames_state, gate_adopt, gate_state
from rvsim.emu.clock import HostClock, VirtualClock
from rvsim.emu.console import Console
from rvsim.emu.hart import Hart
from rvsim.guest_os.boot import Machine, call_tables
from rvsim.guest_os.fs.hostfs import HostSuperBlock, HostTime
from rvsim.guest_os.outside import Outside
from rvsim.guest_os.snapshot.checks import Bad
from rvsim.guest_os.snapshot.decoder import Decoder
from rvsim.guest_os.snapshot.encoder import Encoder
from rvsim.guest_os.snapshot.errors import SnapshotError
from rvsim.guest_os.snapshot.host import GrantedResources, HostResources, program_digest
from rvsim.guest_os.snapshot.memory_checks import check_machine, check_memory
from rvsim.guest_os.snapshot.records import Record
from rvsim.guest_os.snapshot.shapes import Shape


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
        foreign: it comes from a file, which anybody may have made.
        programs: of one from a file, what the built-in programs were that it only names.
        notes: anything that goes with it, for whoever takes it.
    """

    __slots__ = (
        "calls", "counts", "flags", "foreign", "free", "hart", "memory_bytes", "notes", "pages", "programs", "records",
        "shapes", "ticks", "time_ns",
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
        self.foreign = False
        self.programs: dict[str, str] = {}
        self.notes: dict[str, str | int] = {}


def take(machine: Machine, before: Snapshot | None = None) -> Snapshot:
    """The state of a machine at rest: between two turns of its scheduler. Nothing of the run changes.

    `before`: an earlier snapshot of the same run, whose pages are shared as far as they are still the same.

    Raises:
        SnapshotError: a task is running.
    """
    if machine.kernel.scheduler.current is not None:
        raise SnapshotError("a snapshot can be taken between two turns only, and a task is running")
    hart = machine.hart
    calls = machine.kernel.call_tables()
    outside = _surroundings(machine.console, machine.outside, hart, calls)
    encoder = Encoder({id(thing): name for name, thing in outside.items()})
    table = hart.page_table
    encoder.encode([machine, hart.context, table if table is not None and table.satp else None])
    return Snapshot(hart.frames.size, hart.time_ns(), gate_state(hart),
                    frames_state(hart.frames, before.pages if before else None),
                    {name: counted.counts() for name, counted in calls.items()}, encoder.records,
                    tuple(encoder.shapes))


def restore(snapshot: Snapshot, console: Console, host: HostResources | None = None,
            timeout_ns: int | None = None, into: Machine | None = None, outside: Outside | None = None,
            by_ticks: bool = False) -> Machine:
    """A machine that goes on from a snapshot, as often as one likes. `console` is its connection to the outside.

    Observers are not part of a snapshot: attach them again. `host`: where it finds what it had of the host; None: where
    it was, or, for a snapshot from a file, nothing. `timeout_ns`: the limit on the run from now on, in host time.
    `outside`: the log that the machine had, which is to be at the place where it was then (`InputLog.rewind`).
    `into`: a machine that is not needed any more. The new one takes its hart, with what that has translated, and its
    memory, of which only what differs is written; the old one must not be touched again, whatever comes of this.
    `by_ticks`: one that had the host's clock goes on in virtual time, so that what it does can be had again.

    Raises:
        SnapshotError: there is not enough memory on the host, something of the host is gone or not granted, or a
            snapshot from a file is not what a machine can have been.
    """
    if host is None:
        host = GrantedResources() if snapshot.foreign else HostResources()
    outside = outside if outside is not None else Outside()
    console = outside.wrap(console)
    try:
        if snapshot.foreign:
            machine = _restore_foreign(snapshot, console, outside, host, into, by_ticks)
        else:
            machine = _restore(snapshot, console, outside, host, into, by_ticks)
    except OSError as error:
        what = os.fsdecode(error.filename) if error.filename is not None else "the host"
        raise SnapshotError(f"{what}: {(error.strerror or str(error)).lower()}") from None
    except MemoryError as error:
        raise SnapshotError(f"{error}; the snapshot is of a machine with that much") from None
    outside.set_now(machine.now)
    machine.config.timeout_ns = timeout_ns
    machine.world.end_ns = None if timeout_ns is None else time.monotonic_ns() + timeout_ns
    return machine


def _restore_foreign(snapshot: Snapshot, console: Console, outside: Outside, host: HostResources,
                     into: Machine | None, by_ticks: bool) -> Machine:
    """From a file that anybody may have made."""
    for name, expected in snapshot.programs.items():
        host.program(name)
        if program_digest(name) != expected:
            raise SnapshotError(f"the built-in program {name} is not the one that the snapshot was made with")
    try:
        return _restore(snapshot, console, outside, host, into, by_ticks)
    except (Bad, ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError, RecursionError) as error:
        raise SnapshotError("the snapshot is damaged") from error


def _restore(snapshot: Snapshot, console: Console, outside: Outside, host: HostResources,
             into: Machine | None, by_ticks: bool) -> Machine:
    same = into is not None and into.hart.frames.size == snapshot.memory_bytes
    hart = into.hart if into is not None and same else Hart(snapshot.memory_bytes)
    hart.host_time = False
    frames_adopt(hart.frames, snapshot.pages, snapshot.free, snapshot.counts, snapshot.flags, same)
    calls = call_tables()
    for name, table in calls.items():
        table.set_counts(snapshot.calls[name])
    surroundings = _surroundings(console, outside, hart, calls)
    shapes = [Shape(VirtualClock, shape.names) if by_ticks and shape.kind is HostClock else shape
              for shape in snapshot.shapes]
    decoder = Decoder(snapshot.records, shapes, surroundings, hart.frames, host)
    machine, context, page_table = decoder.decode()
    host.settle(decoder.things)
    if snapshot.foreign:
        check_machine(machine, console)
        check_memory(hart.frames, snapshot.counts, decoder.tables, decoder.things)
    machine.outside = machine.world.outside = outside
    for thing in decoder.things:
        if isinstance(thing, HostSuperBlock | HostTime):
            thing.host = outside.host
    gate_adopt(hart, snapshot.hart, context, page_table)
    if machine.kernel.injector is not None:
        machine.kernel.injector.arm()
    hart.exact_slices = machine.kernel.scheduler.slices is not None
    if isinstance(machine.clock, HostClock):
        hart.host_time = True
        hart.time_offset_ns = 0
        hart.time_offset_ns = snapshot.time_ns - hart.time_ns() & (1 << 64) - 1
    elif by_ticks and machine.config.clock == "host":
        hart.time_offset_ns = max(0, snapshot.time_ns - snapshot.ticks)     # time never goes back
        machine.config.clock = "virtual"
    return machine  # type: ignore[no-any-return]


def _surroundings(console: Console, outside: Outside, hart: Hart, calls: dict[str, CallTable]) -> dict[str, Any]:
    """What is no part of the state but what the state hangs on, by name."""
    named = {f"calls:{name}": table for name, table in calls.items()}
    return {"console": console, "outside": outside, "host": outside.host, "hart": hart, "frames": hart.frames, **named}
