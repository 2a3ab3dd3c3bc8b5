"""Reads of any size, at any offset and after any seek, on every file of both procfs: what comes is always that piece of
the text that a single large read gives. fs/seq_file.c, fs/proc/base.c; illumos: fs/proc/prvnops.c
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rvsim.guest_os.abi.errno import EINVAL, EIO, ENXIO, EOVERFLOW, Errno
from rvsim.guest_os.abi.fcntl import MAX_FILE_BYTES, SEEK_CUR, SEEK_DATA, SEEK_END, SEEK_HOLE, SEEK_SET
from rvsim.guest_os.boot import Machine
from rvsim.guest_os.proc.maps import MapsFile
from rvsim.guest_os.proc.sysctl import NumberFile
from rvsim.guest_os.task.observer import Observer
from rvsim.guest_os.task.task import Task
from rvsim.guest_os.vfs.file import File
from rvsim.guest_os.vfs.namei import lookup
from rvsim.guest_os.vfs.open import open_file
from rvsim.tests.guest import make, musl_program, nothing_left

GETPPID = 173
BY_ADDRESS = {b"mem", b"as", b"pagemap"}
NOT_TEXT = {b"ctl", b"lwpctl", b"pagedata", b"clear_refs", b"uuid"}
"""Written only, or other at each read."""

WHOLE_BYTES = 1 << 20
sizes = st.integers(0, 20) | st.sampled_from((64, 4095, 4096, 4097, 65536))
places = st.integers(0, 300) | st.sampled_from((4095, 4096, 4097, 10**6, MAX_FILE_BYTES, MAX_FILE_BYTES + 1, 1 << 62))
operations = st.lists(
    st.tuples(st.just("read"), sizes, st.just(0)) | st.tuples(st.just("pread"), sizes, places)
    | st.tuples(st.just("seek"), places | st.integers(-300, -1), st.sampled_from((0, 0, 0, 1, 1, 2, 3, 4, 5))),
    min_size=1, max_size=12)


class Look(Observer):
    """Calls `look` at the program's getppid, with the machine at rest."""

    def __init__(self, look: Callable[[Task], None]) -> None:
        self.look = look
        self.times = 0

    def enter(self, task: Task, number: int, registers: Sequence[int]) -> None:
        if number == GETPPID:
            self.times += 1
            self.look(task)


def looked(look: Callable[[Machine, Task], None]) -> None:
    """Run solproc_state.c, whose processes are of all kinds when it asks for its parent."""
    machine = make()
    observer = Look(lambda first: look(machine, first))
    machine.kernel.observe(observer)
    program = os.fsencode(musl_program("solproc_state.c"))
    assert machine.run(program, [program, b"look"]) == 0
    assert observer.times == 1
    nothing_left(machine)


def names_below(machine: Machine, path: bytes, depth: int = 0) -> list[bytes]:
    """The regular files below a directory, links not followed."""
    found: list[bytes] = []
    entries = []
    with suppress(Errno):                       # net of a zombie
        entries = list(lookup(machine.context, machine.cred, path).inode.readdir(2))
    for _, name, _, kind in entries:
        if kind == 8 and name not in NOT_TEXT:
            found.append(path + b"/" + name)
        elif kind == 4 and name not in (b"map_files", b"object", b"fd") and depth < 4 and not (
                name.isdigit() and path == b"/proc"):
            found += names_below(machine, path + b"/" + name, depth + 1)
    return found


def opened(machine: Machine, path: bytes) -> File | None:
    try:
        return open_file(machine.context, machine.cred, path, 0, 0)
    except Errno:
        return None                             # of the dead, or not for reading


def whole_of(machine: Machine, path: bytes) -> bytes:
    """All that reads of the largest size give, one after the other."""
    file = opened(machine, path)
    assert file is not None
    parts = []
    while data := file.read(WHOLE_BYTES):
        parts.append(data)
    file.put()
    return b"".join(parts)


def expect(file: File, whole: bytes, data: bytes, size: int, offset: int) -> None:
    """`data` is what a read of `size` at `offset` may give."""
    if isinstance(file, NumberFile) and offset:
        assert data == b""
    elif isinstance(file, MapsFile):            # by whole records, but never nothing before the end
        assert data == whole[offset:offset + len(data)]
        assert len(data) <= size
        assert bool(data) == bool(size and offset < len(whole))
    else:
        assert data == whole[offset:offset + size]


def play(file: File, whole: bytes, script: list[tuple[str, int, int]]) -> None:
    """Do all of `script`, and compare each answer with the text."""
    for kind, number, other in script:
        offset = file.offset
        if kind == "read":
            if offset > MAX_FILE_BYTES:
                continue
            data = file.read(number)
            expect(file, whole, data, number, offset)
            assert file.offset == offset + len(data)
        elif kind == "pread":
            expect(file, whole, file.pread(number, other), number, other)
            assert file.offset == offset
        else:
            try:
                reached = file.seek(number, other)
            except (EINVAL, ENXIO, EOVERFLOW):
                assert file.offset == offset
                assert other not in (SEEK_SET, SEEK_CUR) or not 0 <= number + offset * other <= MAX_FILE_BYTES
            else:
                assert file.offset == reached == number + (offset if other == SEEK_CUR else 0)
                assert other in (SEEK_SET, SEEK_CUR, SEEK_END)
                assert other not in (SEEK_DATA, SEEK_HOLE)


def test_any_reads_and_seeks() -> None:
    def look(machine: Machine, first: Task) -> None:
        processes = [group.tgid for group in (first.group, *first.group.children)]
        paths = [path for path in names_below(machine, b"/proc") if path.rpartition(b"/")[2] not in BY_ADDRESS]
        for pid in processes:
            for place in (b"/proc/%d", b"/system/proc/%d"):
                paths += [path for path in names_below(machine, place % pid)
                          if path.rpartition(b"/")[2] not in BY_ADDRESS]
        files = {}
        for path in paths:
            file = opened(machine, path)
            if file is not None:
                with suppress(Errno):            # a zombie's
                    files[path] = whole_of(machine, path)
                file.put()
        assert len(files) > 300
        names = {path.rpartition(b"/")[2] for path in files}
        assert names > {b"status", b"maps", b"smaps", b"psinfo", b"meminfo", b"pid_max"}

        @settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        @given(st.sampled_from(sorted(files)), operations)
        def reads(path: bytes, script: list[tuple[str, int, int]]) -> None:
            file = opened(machine, path)
            assert file is not None
            try:
                play(file, files[path], script)
            finally:
                file.put()

        reads()
        for path in sorted(files):               # every one of them, at least with these
            file = opened(machine, path)
            assert file is not None
            play(file, files[path], [("read", 7, 0), ("read", 4097, 0), ("pread", 5, 3), ("read", 3, 0), ("seek", 2, 0),
                                     ("read", 100, 0), ("pread", 10, 10**6), ("seek", 0, 0), ("read", 1, 0)])
            file.put()

    looked(look)


@pytest.mark.parametrize("name", sorted(BY_ADDRESS))
def test_any_places_of_memory(name: bytes) -> None:
    """mem, as and pagemap: the offset is the address; where nothing is mapped, each has its own answer."""
    def look(machine: Machine, first: Task) -> None:
        task = next(iter(first.group.children)).leader
        space = task.space
        path = (b"/system/proc/%d/%s" if name == b"as" else b"/proc/%d/%s") % (task.tid, name)
        edges = sorted({edge for area in space.areas for edge in (area.start, area.end)})
        near = st.builds(lambda edge, by: edge + by, st.sampled_from(edges), st.integers(-5000, 5000))
        anywhere = near | st.integers(0, (1 << 38) + 5000) | st.sampled_from((0, 1 << 38, 1 << 62, (1 << 63) - 8))

        @settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        @given(anywhere, st.integers(0, 9000))
        def reads(address: int, size: int) -> None:
            file = opened(machine, path)
            assert file is not None
            stack = space.areas.find(space.start_stack)
            assert stack is not None
            if name == b"mem" and stack.start - (8 << 20) <= address + size and address < stack.start:
                address = stack.start           # a stack grows to where it is read
            there = 0
            while there < size and (area := space.areas.find(address + there)) is not None:
                there = min(area.end - address, size)
            try:
                if name == b"pagemap":
                    offset, count = address >> 12 << 3, size // 8 * 8
                    data = file.pread(count, offset)
                    assert len(data) == min(count, max((1 << 38 >> 12 << 3) - offset, 0))
                    for at in range(0, len(data), 8):
                        entry = int.from_bytes(data[at:at + 8], "little")
                        assert bool(entry >> 63) == bool(space.table.walk((offset + at) // 8 << 12))
                elif name == b"as" or there or not size:
                    assert len(file.pread(size, address)) == there
                else:
                    with pytest.raises(EIO):
                        file.pread(size, address)
            finally:
                file.put()

        reads()

    looked(look)
