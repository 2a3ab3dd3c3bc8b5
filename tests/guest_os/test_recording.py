"""The file of a recording: what is written is read; what was damaged, cut off or made up gives one line."""

from __future__ import annotations

import json
import os
import tempfile
import zlib
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rvsim.guest_os.fs.host_os import HostOs
from rvsim.guest_os.recording.codec import Damaged, Reader, encode
from rvsim.guest_os.recording.file import BadRecording, Recording, Writer, read_recording
from rvsim.guest_os.recording.host import QUESTIONS, checksum_of
from rvsim.guest_os.recording.log import contents
from rvsim.tests.recorded import complaint
from rvsim.tools import cli
from rvsim.tools.errors import OWN_ERROR
from rvsim.tools.recording import Header

ATOMS = st.none() | st.booleans() | st.integers(-(1 << 80), 1 << 80) | st.binary() | st.text()
VALUES = st.recursive(ATOMS, lambda inner: st.lists(inner, max_size=4).map(tuple), max_leaves=12)


@given(st.lists(VALUES))
def test_values_come_back(values: list[Any]) -> None:
    data = bytearray()
    for value in values:
        encode(value, data)
    reader = Reader(bytes(data))
    found = []
    while reader:
        found.append(reader.value())
    assert found == values
    assert [type(value) for value in found] == [type(value) for value in values]


@given(st.binary(max_size=60))
def test_any_bytes_are_values_or_damaged(data: bytes) -> None:
    reader = Reader(data)
    try:
        while reader:
            reader.value()
    except Damaged:
        pass
    assert reader.at <= len(data)


def test_what_cannot_be_a_value() -> None:
    with pytest.raises(TypeError):
        encode(1.5, bytearray())
    deep = b"\x06\x01" * 9 + b"\x00"
    for data in (b"\x03" + b"\xff" * 100, b"\x07\x00", b"\x06\xff\xff\x03", deep, b"\x04\x05ab", b"\x03"):
        with pytest.raises(Damaged):
            Reader(data).value()


@cache
def good() -> bytes:
    """A recording of a short run."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rec"
        assert cli.main(["run", "--clock", "virtual", "--record", str(path), "--seed", "1", "hello_world"]) == 0
        return path.read_bytes()


def chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """(kind, payload) of each chunk."""
    at, found = data.index(b"\n") + 1, []
    while at < len(data):
        size = int.from_bytes(data[at + 1:at + 5], "little")
        found.append((data[at:at + 1], data[at + 9:at + 9 + size]))
        at += 9 + size
    return found


def sealed(parts: list[tuple[bytes, bytes]]) -> bytes:
    """A file of these chunks, with checksums that are right."""
    return b"rvsim recording 1\n" + b"".join(
        kind + len(payload).to_bytes(4, "little") + zlib.crc32(kind + payload).to_bytes(4, "little") + payload
        for kind, payload in parts)


def packed(*entries: object) -> bytes:
    data = bytearray()
    for entry in entries:
        encode(entry, data)
    return len(data).to_bytes(4, "little") + zlib.compress(bytes(data))


def looked_through(data: bytes) -> None:
    recording = Recording(data)
    Header(recording.header)
    contents(recording)


def test_a_recording_is_read() -> None:
    recording = Recording(good())
    header = Header(recording.header)
    assert header.argv == [b"hello_world"]
    assert header.config.seed == 1
    found = contents(recording)
    assert found.end == (0, "")
    assert found.ticks > 100
    assert found.host_answers > 0


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 1 << 20), st.sampled_from(("flip", "cut", "drop", "more")), st.binary(min_size=1, max_size=40))
def test_damage_is_noticed(place: int, change: str, extra: bytes) -> None:
    """Any byte may be another, anything may be missing or too much."""
    data = good()
    at = place % len(data)
    bad = {
        "flip": data[:at] + bytes((data[at] ^ extra[0],)) + data[at + 1:],
        "cut": data[:at],
        "drop": data[:at] + data[at + len(extra):],
        "more": data[:at] + extra + data[at:],
    }[change]
    try:
        recording = Recording(bad)
        Header(recording.header)
        found = contents(recording)
    except BadRecording:
        return
    assert bad == data or found.end is None or found == contents(Recording(data))


@settings(max_examples=150)
@given(st.lists(st.tuples(st.sampled_from("AHCPEX"), VALUES, VALUES, VALUES, VALUES, VALUES) | VALUES, max_size=5))
def test_entries_that_somebody_made_up(entries: list[Any]) -> None:
    header = json.dumps(HEADER).encode()
    try:
        looked_through(sealed([(b"H", header), (b"D", packed(*entries))]))
    except BadRecording:
        return


HEADER: dict[str, Any] = {
    "rvsim": "1", "arguments": ["hello"], "memory": 64 << 20, "clock": "virtual", "abi": None, "environment": [],
    "cwd": "/", "root": None, "shares": [], "processes": 10, "seed": 0, "timeout_ns": None,
    "streams": ["pipe", "pipe", "pipe"],
}
JSON = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.lists(st.integers() | st.text(max_size=3))


@given(st.sampled_from(sorted(HEADER)), JSON)
def test_headers_that_somebody_made_up(name: str, value: Any) -> None:
    header = json.dumps(HEADER | {name: value}).encode()
    try:
        looked_through(sealed([(b"H", header)]))
    except BadRecording:
        return


@pytest.mark.parametrize(("data", "why"), [
    (b"", "no recording of rvsim"),
    (b"\x7fELF" + bytes(100), "no recording of rvsim"),
    (b"rvsim recording \n", "no recording of rvsim"),
    (b"rvsim recording 2\n", "has version 2 of the format, and this rvsim reads version 1"),
    (b"rvsim recording 1\n", "there is no header"),
    (sealed([(b"D", packed())]), "there is no header"),
    (sealed([(b"H", b"{")]), "no JSON"),
    (sealed([(b"H", b"[]")]), "there is no header"),
    (sealed([(b"H", b"{}")]), "its header is not complete"),
    (sealed([(b"H", json.dumps(HEADER).encode()), (b"Q", b"")]), "a chunk of an unknown kind"),
    (sealed([(b"H", json.dumps(HEADER).encode()), (b"D", b"\xff\xff\xff\xff")]), "too large"),
    (sealed([(b"H", json.dumps(HEADER).encode()), (b"D", b"\x01\0\0\0junk")]), "cannot be unpacked"),
    (sealed([(b"H", json.dumps(HEADER).encode()), (b"D", b"\x01\0\0\0" + zlib.compress(bytes(99)))]), "the size"),
    (sealed([(b"H", json.dumps(HEADER).encode()), (b"D", packed(("A", 1, 2, "input", 5, 0, 0)))]), "of no kind"),
    (sealed([(b"H", json.dumps(HEADER).encode()), (b"D", packed(("H", "stat", 0, None, (1,))))]), "of no kind"),
    (sealed([(b"H", json.dumps(HEADER | {"clock": "host"}).encode())]), "its header is not complete"),
    (sealed([(b"H", json.dumps(HEADER).encode())]), "cut off"),
])
def test_each_gives_one_line(tmp_path: Path, data: bytes, why: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    status, said = complaint("replay", str(path))
    assert status == OWN_ERROR
    assert why in said
    assert str(path) in said
    assert said.count("\n") == 1


def test_a_run_replayed_with_one_entry_missing_is_noticed(tmp_path: Path) -> None:
    parts = chunks(good())
    entries = list(Recording(good()).entries())
    for index, entry in enumerate(entries):
        if entry[0] in ("H", "E"):
            path = tmp_path / f"{index}"
            path.write_bytes(sealed([parts[0], (b"D", packed(*entries[:index], *entries[index + 1:]))]))
            status, said = complaint("replay", str(path))
            assert status == OWN_ERROR, entry[:2]
            assert said.count("\n") == 1


def test_a_full_disk_ends_the_recording_and_not_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(fd: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    writer = Writer(str(tmp_path / "file"), {})
    monkeypatch.setattr(os, "write", full)
    writer.add(("P", 1, 2))
    writer.flush()
    writer.add(("P", 1, 2))
    writer.close()
    assert writer.error is not None
    assert writer.error.errno == 28


def test_a_directory_is_no_recording(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="directory"):
        read_recording(str(tmp_path))


def test_questions_are_told_apart() -> None:
    assert {"stat", "open", "pread", "pwrite", "scan", "rename", "program", "realtime_ns"} < set(QUESTIONS)
    assert "close" not in QUESTIONS
    assert all(callable(getattr(HostOs, name)) for name in QUESTIONS)
    assert len({checksum_of(arguments) for arguments in ((1, 2), (12,), (b"12",), (2, 1), ())}) == 5
