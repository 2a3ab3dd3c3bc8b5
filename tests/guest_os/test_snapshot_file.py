"""Snapshots in files: the same machine in another process, and nothing but one line from whatever is no snapshot."""

from __future__ import annotations

import json
import os
import random
import struct
import subprocess
import sys
import tracemalloc
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rvsim.emu.console import CapturedConsole
from rvsim.guest_os.boot import APPS, Share
from rvsim.guest_os.snapshot import GrantedResources, Snapshot, SnapshotError, file, load, restore, save, take
from rvsim.guest_os.snapshot.records import What
from rvsim.tests.guest import TIMEOUT_S, musl_program
from rvsim.tests.resumed import Run, go_on, goes_on_alike, started

ELSEWHERE = """
import json, sys
from rvsim.emu.console import CapturedConsole
from rvsim.guest_os.snapshot import load, restore
for path in sys.argv[1:]:
    console = CapturedConsole()
    machine = restore(load(path), console)
    status = machine.finish()
    machine.memory.reclaim()
    print(json.dumps([status, console.output.decode("latin-1"), machine.hart.ticks, str(machine.stats)]))
"""


def stopped(program: Path | str, *args: str, rounds: int, **config: Any) -> Snapshot:
    """A snapshot of a machine after so many rounds of its scheduler."""
    console = CapturedConsole()
    run = go_on(started(console, program, *args, **config), console, rounds.__eq__)
    return run.points[0].snapshot


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a shell that waits for its children."""
    path = tmp_path_factory.mktemp("snapshots") / "small.snap"
    save(stopped("sh", "-c", "sleep 1 | cat; echo end", rounds=6), path)
    return path


def test_in_another_process(tmp_path: Path) -> None:
    """Where this kernel has never run, and nothing is as it was: addresses, identifiers, order of imports."""
    runs: list[Run] = []
    paths: list[Path] = []
    programs: list[tuple[str | Path, tuple[str, ...]]] = [
        ("sh", ("-c", "sleep 5; ls | wc; echo $$")), ("forktree", ()), ("mpsc_sem", ()),
        (musl_program("linux_threads.c"), ()), (musl_program("calls/epoll_pwait.c"), ()),
    ]
    for program, args in programs:
        chance = random.Random(str(program))
        console = CapturedConsole()
        bare = go_on(started(console, program, *args), console)
        console = CapturedConsole()
        chosen = chance.sample(range(len(bare.rounds)), 3)
        run = go_on(started(console, program, *args), console, chosen.__contains__)
        for point in run.points:
            paths.append(tmp_path / f"{len(paths)}.snap")
            save(point.snapshot, paths[-1])
            runs.append(Run(run.rounds, [point], run.end))
    done = subprocess.run([sys.executable, "-c", ELSEWHERE, *paths], capture_output=True, text=True, check=True,
                          timeout=TIMEOUT_S)
    for run, line in zip(runs, done.stdout.splitlines(), strict=True):
        status, output, ticks, stats = json.loads(line)
        before = bytes(run.points[0].console.output)
        assert (status, before + output.encode("latin-1"), ticks, stats) == (run.end[0], run.end[1], *run.end[3:])


def test_a_file_holds_what_was_taken(tmp_path: Path) -> None:
    snapshot = stopped("forktree", rounds=9)
    snapshot.notes = {"position": 17, "name": "ä"}
    save(snapshot, tmp_path / "a")
    again = load(tmp_path / "a")
    assert again.foreign
    for name in ("memory_bytes", "time_ns", "hart", "pages", "free", "counts", "flags", "calls", "notes"):
        assert getattr(again, name) == getattr(snapshot, name), name
    assert list(again.records) == list(snapshot.records)
    assert [(shape.kind, shape.names) for shape in again.shapes] == [
        (shape.kind, shape.names) for shape in snapshot.shapes]
    save(again, tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_a_file_that_cannot_be_written(small: Path, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "none" / "a", tmp_path / "folder"):
        with pytest.raises(SnapshotError, match=path.name) as caught:
            save(load(small), path)
        one_line(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


# ---- what is no snapshot


def one_line(error: SnapshotError) -> None:
    assert "\n" not in str(error)
    assert len(str(error)) < 300


def refused(path: Path, data: bytes, match: str = ".") -> None:
    path.write_bytes(data)
    with pytest.raises(SnapshotError, match=match) as caught:
        load(path)
    one_line(caught.value)


def test_what_is_no_snapshot(small: Path, tmp_path: Path) -> None:
    path = tmp_path / "file"
    for data in (b"", b"\x93", b"#!/bin/sh\n", bytes(1000), b"\x7fELF" + bytes(100)):
        refused(path, data, "no snapshot of rvsim's")
    whole = small.read_bytes()
    refused(path, whole[:8] + struct.pack("<H", 2) + whole[10:], "format 2")
    refused(path, whole + b"\0", "damaged")
    os.mkfifo(tmp_path / "fifo")
    for other, match in ((tmp_path / "fifo", "no snapshot"), (tmp_path, "directory"), (tmp_path / "none", "no such")):
        with pytest.raises(SnapshotError, match=match):
            load(other)


def test_every_truncation_is_noticed(small: Path, tmp_path: Path) -> None:
    whole = small.read_bytes()
    ends = [*range(200), *range(200, len(whole), max(len(whole) // 200, 1)), len(whole) - 1]
    for end in ends:
        refused(tmp_path / "file", whole[:end])


@settings(max_examples=300, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(place=st.floats(0, 1, exclude_max=True), change=st.integers(1, 255))
def test_every_changed_byte_is_noticed(small: Path, tmp_path: Path, place: float, change: int) -> None:
    whole = bytearray(small.read_bytes())
    whole[int(place * len(whole))] ^= change
    refused(tmp_path / "file", bytes(whole))


@settings(max_examples=100, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.binary(max_size=400), start=st.sampled_from([0, 12, 36]))
def test_random_bytes(small: Path, tmp_path: Path, data: bytes, start: int) -> None:
    refused(tmp_path / "file", small.read_bytes()[:start] + data)


def section(tag: bytes, data: bytes, plain: int | None = None) -> bytes:
    stored = zlib.compress(data, 9)
    return struct.pack("<4sIQQ", tag, zlib.crc32(stored), len(data) if plain is None else plain, len(stored)) + stored


def head(**changes: Any) -> bytes:
    return json.dumps({"memory_bytes": 1 << 20, "time_ns": 0, "hart": [0] * 10, "calls": {}, "records": 1, "frames": 0,
                       "shapes": [], "schema": "", "programs": {}, "notes": {}} | changes).encode()


START = struct.pack("<8sHH", file.MAGIC, file.VERSION, 0)


@pytest.mark.parametrize("data", [
    section(b"HEAD", bytes(1 << 26)),
    section(b"HEAD", bytes(1 << 26), 100),
    section(b"HEAD", b"[" * 100_000),
    section(b"HEAD", b"[]"),
    section(b"HEAD", b"1" * 5000),
    section(b"HEAD", b"\xff"),
    section(b"HEAD", head(memory_bytes=1 << 60)),
    section(b"HEAD", head(memory_bytes=-1)),
    section(b"HEAD", head(memory_bytes=1.5)),
    section(b"HEAD", head(memory_bytes=None)),
    section(b"HEAD", head()) + section(b"RECS", bytes(1 << 28)),
    section(b"HEAD", head()) + section(b"RECS", b"[" * (1 << 20)) + section(b"DATA", b""),
    section(b"HEAD", head()) + section(b"RECS", b"[[-7,1152921504606846976]]") + section(b"DATA", b""),
    section(b"HEAD", head()) + section(b"RECS", b"[[-7,1]]") + section(b"DATA", b""),
    section(b"HEAD", head()) + section(b"RECS", b"[[NaN]]") + section(b"DATA", b""),
    section(b"HEAD", head()) + section(b"RECS", b'[[0, "' + b"a" * 1000) + section(b"DATA", b""),
    section(b"HEAD", head(), 1 << 63),
    struct.pack("<4sIQQ", b"HEAD", 0, 1 << 20, 1 << 62),
])
def test_bombs(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "file").write_bytes(START + data)
    tracemalloc.start()
    try:
        with pytest.raises(SnapshotError) as caught:
            load(tmp_path / "file")
        assert tracemalloc.get_traced_memory()[1] < 300 << 20
    finally:
        tracemalloc.stop()
    one_line(caught.value)


def test_a_machine_with_much_memory_must_be_allowed(tmp_path: Path) -> None:
    path = tmp_path / "snap"
    save(stopped("true", rounds=0, memory_bytes=96 << 20), path)
    with pytest.raises(SnapshotError, match=r"96 MiB of memory, and 64 MiB are allowed"):
        load(path, 64 << 20)
    assert load(path, 96 << 20).memory_bytes == 96 << 20


# ---- what somebody has written with care


def changed(snapshot: Snapshot, records: Iterable[Any]) -> Snapshot:
    """The same with other records."""
    again = Snapshot(snapshot.memory_bytes, snapshot.time_ns, snapshot.hart,
                     (snapshot.pages, snapshot.free, snapshot.counts, snapshot.flags), snapshot.calls, list(records),
                     snapshot.shapes)
    again.programs, again.foreign = snapshot.programs, True
    return again


def harmless(snapshot: Snapshot, path: Path) -> None:
    """A file is refused, or makes a machine: nothing else comes of it."""
    try:
        save(snapshot, path)
        machine = restore(load(path), CapturedConsole())
    except SnapshotError as error:
        one_line(error)
    else:
        machine.hart.frames.detach()


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-(1 << 64), 1 << 64), st.text(max_size=4), st.floats(),
    st.tuples(st.integers(-2, 3000)), st.sampled_from(["fs.host_fds:HostFds", "console", "task.task:Task", "../x"]),
)


@settings(max_examples=300, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_changed_records(small: Path, tmp_path: Path, data: st.DataObject) -> None:
    snapshot = load(small)
    records = list(snapshot.records)
    for _ in range(data.draw(st.integers(1, 4))):
        index = data.draw(st.integers(0, len(records) - 1))
        parts = list(records[index])
        what = data.draw(st.integers(0, 3))
        if what == 0 and len(parts) > 1:
            parts[data.draw(st.integers(1, len(parts) - 1))] = data.draw(VALUES)
        elif what == 1:
            parts[0] = data.draw(st.integers(-25, len(snapshot.shapes) + 1))
        elif what == 2:
            parts.append(data.draw(VALUES))
        else:
            parts = list(records[data.draw(st.integers(0, len(records) - 1))])
        records[index] = tuple(parts)
    try:
        harmless(changed(snapshot, records), tmp_path / "file")
    except (IndexError, TypeError, ValueError):
        # Not even the writer makes a file of this.
        assert any(not isinstance(part, bytes) for record in records if record[0] in (-7, -8, -14)
                   for part in record[1:2]) or any(len(record) < 2 for record in records)


def of(snapshot: Snapshot, name: str) -> tuple[int, list[int]]:
    """(shape, records) of a class."""
    number = next(number for number, shape in enumerate(snapshot.shapes) if shape.name == name)
    return number, [index for index, record in enumerate(snapshot.records) if record[0] == number]


def with_field(snapshot: Snapshot, name: str, field: str, value: Callable[[Any], Any], which: int = 0) -> Snapshot:
    """The snapshot with one field of one instance changed."""
    number, found = of(snapshot, name)
    at = snapshot.shapes[number].names.index(field) + 1
    records = list(snapshot.records)
    record = list(records[found[which]])
    record[at] = value(record[at])
    records[found[which]] = tuple(record)
    return changed(snapshot, records)


@pytest.mark.parametrize(("name", "field", "value"), [
    ("mm.vma:Vma", "end", lambda old: 1 << 39),
    ("mm.vma:Vma", "end", lambda old: old + 1),
    ("mm.vma:Vma", "start", lambda old: -4096),
    ("mm.vma:Vma", "offset", lambda old: 1 << 64),
    ("mm.page_cache:PageCache", "frames", lambda old: None),
    ("task.task:Task", "context", lambda old: (0,)),
    ("task.task:Task", "mm", lambda old: (0,)),
    ("task.task:Task", "nice", lambda old: "0"),
    ("task.kernel:Kernel", "hart", lambda old: (0,)),
    ("boot:Machine", "console", lambda old: None),
    ("vfs.dentry:Dentry", "name", lambda old: 5),
    ("vfs.dentry:Dentry", "children", lambda old: (0,)),
])
def test_wrong_fields_are_refused(small: Path, tmp_path: Path, name: str, field: str,
                                  value: Callable[[Any], Any]) -> None:
    save(with_field(load(small), name, field, value), tmp_path / "file")
    with pytest.raises(SnapshotError, match="damaged"):
        restore(load(tmp_path / "file"), CapturedConsole())


@pytest.mark.parametrize("ppn", [0, 1 << 44, 0x80000, 0x80000 + 5])
def test_a_page_cache_with_a_page_of_another(small: Path, tmp_path: Path, ppn: int) -> None:
    snapshot = load(small)
    number, found = of(snapshot, "mm.page_cache:PageCache")
    at = snapshot.shapes[number].names.index("pages") + 1
    pages = next(snapshot.records[index][at][0] for index in found if len(snapshot.records[snapshot.records[index][
        at][0]]) > 1)
    records = list(snapshot.records)
    records[pages] = (What.DICT, *records[pages][1:-1], ppn)
    save(changed(snapshot, records), tmp_path / "file")
    with pytest.raises(SnapshotError, match="damaged"):
        restore(load(tmp_path / "file"), CapturedConsole())


@pytest.mark.parametrize("name", ["fs.host_fds:HostFds", "snapshot.host:HostResources", "builtins:int", "os:_Environ"])
def test_other_classes_are_not_made(small: Path, tmp_path: Path, name: str) -> None:
    whole = small.read_bytes()
    size = struct.unpack_from("<Q", whole, 12 + 16)[0]
    plain = json.loads(zlib.decompress(whole[36:36 + size]))
    plain["shapes"][0] = [name, []]
    refused(tmp_path / "file", START + section(b"HEAD", json.dumps(plain).encode()) + whole[36 + size:], "damaged")


def test_another_version(small: Path, tmp_path: Path) -> None:
    whole = small.read_bytes()
    size = struct.unpack_from("<Q", whole, 12 + 16)[0]
    plain = json.loads(zlib.decompress(whole[36:36 + size]))
    plain["schema"] = "0" * 64
    refused(tmp_path / "file", START + section(b"HEAD", json.dumps(plain).encode()) + whole[36 + size:],
            "another version of rvsim")


@pytest.mark.parametrize("name", ["../bin/ls", "/etc/passwd", "..", "", "a\0b"])
def test_programs_are_the_built_in_ones(small: Path, tmp_path: Path, name: str) -> None:
    snapshot = load(small)
    index = next(index for index, record in enumerate(snapshot.records) if record[0] == What.HOST_FILE)
    records = list(snapshot.records)
    records[index] = (What.HOST_FILE, name)
    save(changed(snapshot, records), tmp_path / "file")
    with pytest.raises(SnapshotError, match="a program that cannot be"):
        restore(load(tmp_path / "file"), CapturedConsole())


def test_a_program_that_was_replaced(small: Path) -> None:
    snapshot = load(small)
    name = next(iter(snapshot.programs))
    assert (APPS / name).exists()
    snapshot.programs[name] = "0" * 64
    with pytest.raises(SnapshotError, match=f"the built-in program {name} is not the one"):
        restore(snapshot, CapturedConsole())


# ---- the host


def shared(folder: Path, readonly: bool = True) -> Share:
    return Share(os.fsencode(folder), b"/share", readonly)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "shared"
    (made / "below").mkdir(parents=True)
    (made / "words").write_text("words\n" * 500)
    (made / "below" / "more").write_text("more\n")
    return made


def test_a_directory_must_be_granted_again(folder: Path, tmp_path: Path) -> None:
    console = CapturedConsole()
    script = "cd /share/below; cat more; ls ..; cat ../words | wc"
    run = go_on(started(console, "sh", "-c", script, shares=(shared(folder),)), console, lambda number: True)
    assert len(run.points) > 4
    path = tmp_path / "snap"
    goes_on_alike(run, through=path, host=GrantedResources(shares=(shared(folder),)))
    for granted in ((), (shared(tmp_path),), (shared(folder / "below"),)):
        with pytest.raises(SnapshotError, match=r"had .*/shared of the host; allow it again with -v"):
            restore(load(path), CapturedConsole(), GrantedResources(shares=granted))
    with pytest.raises(SnapshotError, match="of the host"):
        restore(load(path), CapturedConsole())


def test_a_directory_may_be_elsewhere(folder: Path, tmp_path: Path) -> None:
    snapshot = stopped("sh", "-c", "sleep 1; cat /share/below/more", rounds=4, shares=(shared(folder),))
    save(snapshot, tmp_path / "snap")
    there = tmp_path / "moved"
    folder.rename(there)
    (there / "below" / "more").write_text("elsewhere\n")
    moved = ((os.fsencode(tmp_path / "other"), b"/"), (os.fsencode(folder), os.fsencode(there)))
    console = CapturedConsole()
    restore(load(tmp_path / "snap"), console, GrantedResources(shares=(shared(there),), moved=moved)).finish()
    assert b"elsewhere\n" in console.output
    with pytest.raises(SnapshotError, match=r"had .*/moved of the host; allow it again with -v"):
        restore(load(tmp_path / "snap"), CapturedConsole(), GrantedResources(moved=moved))


def test_what_is_granted_read_only_stays_so(folder: Path, tmp_path: Path) -> None:
    script = "sleep 1; echo new > /share/new; cat /share/new"
    snapshot = stopped("sh", "-c", script, rounds=4, shares=(shared(folder, False),))
    assert (folder / "new").read_text() == "new\n"
    (folder / "new").unlink()
    save(snapshot, tmp_path / "snap")
    console = CapturedConsole()
    restore(load(tmp_path / "snap"), console, GrantedResources(shares=(shared(folder),))).finish()
    assert not (folder / "new").exists()
    restore(load(tmp_path / "snap"), console, GrantedResources(shares=(shared(folder, False),))).finish()
    assert (folder / "new").read_text() == "new\n"


def test_a_directory_that_was_copied_elsewhere(folder: Path, tmp_path: Path) -> None:
    """What the host knows files by is looked up again."""
    snapshot = stopped("sh", "-c", "cd /share/below; sleep 1; cat more ../words | wc", rounds=4,
                       shares=(shared(folder),))
    save(snapshot, tmp_path / "snap")
    folder.rename(tmp_path / "old")
    (folder / "below").mkdir(parents=True)
    (folder / "words").write_text("other words\n")
    (folder / "below" / "more").write_text("")
    console = CapturedConsole()
    assert restore(load(tmp_path / "snap"), console, GrantedResources(shares=(shared(folder),))).finish() == 0
    assert console.output.split() == [b"1", b"2", b"12"]


@pytest.mark.parametrize("name", [b"..", b"../secret", b"/etc/passwd", b"", b"."])
@pytest.mark.parametrize("kind", [What.TUPLE, "vfs.dentry:Dentry"], ids=["place", "dentry"])
def test_names_lead_nowhere_else(folder: Path, tmp_path: Path, name: bytes, kind: int | str) -> None:
    snapshot = stopped("sh", "-c", "cat /share/words; sleep 1", rounds=4, shares=(shared(folder),))
    records = list(snapshot.records)
    words = [(index,) for index, record in enumerate(records) if record == (What.BYTES, b"words")]
    what = of(snapshot, kind)[0] if isinstance(kind, str) else kind
    users = [index for index, record in enumerate(records)
             if record[0] == what and any(word in record for word in words)]
    assert users
    for index in users:
        # A tuple's parts come before it.
        other = next(at for at, record in enumerate(records) if record[0] == What.BYTES and at < index and (
            (at,) not in words))
        records[index] = tuple((other,) if part in words else part for part in records[index])
        records[other] = (What.BYTES, name)
    save(changed(snapshot, records), tmp_path / "snap")
    with pytest.raises(SnapshotError, match="a name that cannot be"):
        restore(load(tmp_path / "snap"), CapturedConsole(), GrantedResources(shares=(shared(folder),)))


def test_one_file_is_granted_alone(folder: Path, tmp_path: Path) -> None:
    one = Share(os.fsencode(folder / "words"), b"/words", True)
    console = CapturedConsole()
    run = go_on(started(console, "sh", "-c", "sleep 1; cat /words | wc", shares=(one,)), console, (4).__eq__)
    goes_on_alike(run, through=tmp_path / "snap", host=GrantedResources(shares=(one,)))
    more = stopped("sh", "-c", "cat /share/words /share/below/more; sleep 1", rounds=4, shares=(shared(folder),))
    save(more, tmp_path / "snap")
    with pytest.raises(SnapshotError, match=r"had more of .* than words"):
        restore(load(tmp_path / "snap"), CapturedConsole(), GrantedResources(shares=(one,)))


def test_a_foreign_snapshot_can_be_taken_again(small: Path) -> None:
    machine = restore(load(small), CapturedConsole())
    again = take(machine)
    assert not again.foreign
    assert restore(again, CapturedConsole()).finish() == machine.finish() == 0
