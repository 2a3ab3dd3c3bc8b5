"""Traces from strangers: damaged, cut off, or made to harm. One line each, no exception, no pile of memory."""

from __future__ import annotations

import json
import resource
import struct
import tempfile
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from recorded import made, pack, run, write

from rvsim.tools.cli import main
from rvsim.tools.trace import format as f
from rvsim.tools.trace.format import Kind, Record, TraceError
from rvsim.tools.trace.reader import TraceFile


def chunk(tag: bytes, plain: bytes, *, size: int | None = None, check: int | None = None) -> bytes:
    stored = zlib.compress(plain)
    return f.CHUNK_HEAD.pack(tag, len(stored), len(plain) if size is None else size,
                             zlib.crc32(stored) if check is None else check) + stored


FILE = f.FILE_HEAD.pack(f.MAGIC, f.VERSION, 14, 0)
HEAD = FILE + chunk(f.HEAD, b'{"argv":["x"],"stacks":1}')


def read_all(path: Path) -> list[Record]:
    with TraceFile(str(path)) as trace:
        return list(trace.records())


@pytest.mark.parametrize(("data", "expected"), [
    (b"", "this is no trace; `rvsim run --trace FILE` makes one"),
    (b"\x7fELF" + bytes(60), "this is no trace"),
    (f.MAGIC, "this is no trace"),
    (f.FILE_HEAD.pack(f.MAGIC, 2, 14, 0), "a trace of version 2; this rvsim reads version 1"),
    (f.FILE_HEAD.pack(f.MAGIC, 1, 15, 0), "a trace of version 1"),
    (FILE, "the trace ends before its beginning does"),
    (FILE + chunk(f.TEXTS, b"[]"), "damaged: it does not begin with its head"),
    (FILE + chunk(f.HEAD, b"[]"), "damaged: a part of another kind"),
    (FILE + chunk(f.HEAD, b"{"), "damaged: a part that is no JSON"),
    (FILE + chunk(f.HEAD, b"[" * 100_000), "damaged: a part that is no JSON"),
    (FILE + chunk(f.HEAD, b"\xff"), "damaged: a part that is no JSON"),
    (HEAD + b"\0" * 16, "damaged at byte "),
    (HEAD + chunk(f.TEXTS, b"[]", check=1), "the checksum is wrong"),
    (HEAD + chunk(f.TEXTS, b"[]", size=1), "its size is wrong"),
    (HEAD + chunk(f.TEXTS, b"[]", size=3), "its size is wrong"),
    (HEAD + chunk(f.TEXTS, bytes(1 << 20), size=10), "its size is wrong"),
    (HEAD + chunk(f.TEXTS, b"", size=f.MAX_PLAIN + 1), "damaged at byte"),
    (HEAD + f.CHUNK_HEAD.pack(b"TEXT", 3, 3, zlib.crc32(b"abc")) + b"abc", "damaged at byte"),
    (HEAD + chunk(f.TEXTS, b"[1]"), "another kind"),
    (HEAD + chunk(f.TEXTS, b'{"a":1}'), "another kind"),
    (HEAD + chunk(f.STACKS, b"[[1]]"), "another kind"),
    (HEAD + chunk(f.STACKS, b'[["a","b"]]'), "another kind"),
    (HEAD + chunk(f.STACKS, json.dumps([[0] * 5000]).encode()), "another kind"),
    (HEAD + chunk(f.MODULE, b"{}"), "another kind"),
    (HEAD + chunk(f.MODULE, b'{"path":"","build":"","symbols":[[1,2]]}'), "another kind"),
    (HEAD + chunk(f.MODULE, b'{"path":"","build":"","symbols":[[1,true,""]]}'), "another kind"),
    (HEAD + chunk(f.DONE, b'{"records":"many"}'), "another kind"),
    (HEAD + chunk(f.RECORDS, b""), "damaged: records that are none"),
    (HEAD + chunk(f.RECORDS, struct.pack("<I", 1 << 17)), "damaged: records that are none"),
    (HEAD + chunk(f.RECORDS, struct.pack("<I", 1)), "damaged: the records are damaged"),
    (HEAD + chunk(f.RECORDS, struct.pack("<I", 1) + b"\0\0\0"), "damaged: the records are damaged"),
])
def test_one_line_for_each_damage(data: bytes, expected: str, tmp_path: Path,
                                  capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "t"
    path.write_bytes(data)
    assert main(["trace", str(path), "--summary"]) == 125
    line, = capsys.readouterr().err.splitlines()
    assert line.startswith(f"rvsim: {path}: ")
    assert expected in line


def test_what_comes_before_a_damage_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "t", [made(number=172)], ends=False)
    path.write_bytes(path.read_bytes() + chunk(f.TEXTS, b"{"))
    assert main(["trace", str(path)]) == 125
    out, errors = capsys.readouterr()
    assert "getpid()" in out
    assert len(errors.splitlines()) == 1


def test_chunks_of_unknown_kinds_are_passed_over(tmp_path: Path) -> None:
    path = write(tmp_path / "t", (b"NEWS", {"what": "later versions know"}), [made()])
    assert len(read_all(path)) == 1


def test_cut_anywhere_it_gives_what_was_before(tmp_path: Path) -> None:
    whole = write(tmp_path / "whole", [made(ns=1)], [made(ns=2)])
    data, records = whole.read_bytes(), read_all(whole)
    path = tmp_path / "t"
    found = set()
    for size in range(write(tmp_path / "empty", ends=False).stat().st_size, len(data)):
        path.write_bytes(data[:size])
        with TraceFile(str(path)) as trace:
            some = list(trace.records())
            assert trace.cut
        assert some == records[:len(some)]
        found.add(len(some))
    assert found == {0, 1, 2}


def test_a_bomb_does_not_go_off(tmp_path: Path) -> None:
    """Sixty megabytes of zeros in sixty kilobytes, and many of them: no more than one is held at a time."""
    path = tmp_path / "t"
    bomb = chunk(b"BOMB", bytes(f.MAX_PLAIN - 1))
    path.write_bytes(HEAD + bomb * 8)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert read_all(path) == []
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300 << 10


def test_names_without_end_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from rvsim.tools.trace import reader

    monkeypatch.setattr(reader, "MOST_KEPT", 1000)
    path = write(tmp_path / "t", *[(f.TEXTS, ["x" * 100])] * 20)
    with pytest.raises(TraceError, match="more names than any run has"):
        read_all(path)


def test_processes_without_end_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                           capsys: pytest.CaptureFixture[str]) -> None:
    from rvsim.tools.trace import lives, timeline

    monkeypatch.setattr(lives, "MOST_PROCESSES", 10)
    monkeypatch.setattr(timeline, "MOST_TASKS", 10)
    path = write(tmp_path / "t", [made(Kind.FORK, a0=number, a1=number) for number in range(20)])
    for words in ([], ["--summary"], ["--export", "html", str(tmp_path / "x")],
                  ["--export", "chrome", str(tmp_path / "x")]):
        assert main(["trace", str(path), *words]) == 125
        assert len(capsys.readouterr().err.splitlines()) == 1


# ---- fuzz


WORD = st.one_of(st.integers(0, 70), st.integers(0, 2**64 - 1), st.just(2**64 - 1))
BYTE = st.one_of(st.integers(0, 20), st.integers(0, 255))
HALF = st.one_of(st.integers(0, 450), st.integers(0, 2**32 - 1))
RECORD = st.builds(
    Record, st.one_of(st.integers(1, 15), BYTE), BYTE, BYTE, BYTE, HALF, HALF, HALF, WORD, WORD, WORD, WORD,
    st.integers(-2**63, 2**63 - 1), WORD, WORD, WORD, WORD, WORD, WORD, WORD)
TEXT = st.text(st.characters(exclude_categories=()), max_size=8)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-1, 2**70), st.floats(), TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(
        st.sampled_from(["path", "build", "symbols", "argv", "stacks", "clock", "rvsim", "x"]), inner, max_size=4)),
    max_leaves=10)
MODULE = st.fixed_dictionaries({
    "path": TEXT, "build": TEXT,
    "symbols": st.lists(st.tuples(st.integers(-10, 2**65), st.integers(-10, 2**65), TEXT), max_size=5)})
CHUNK = st.one_of(
    st.lists(RECORD, max_size=12),
    st.tuples(st.just(f.TEXTS), st.lists(TEXT, max_size=3)),
    st.tuples(st.just(f.MODULE), MODULE),
    st.tuples(st.just(f.STACKS), st.lists(st.lists(st.integers(-4, 9), max_size=6).map(
        lambda row: row[:len(row) & -2]), max_size=3)),
    st.tuples(st.sampled_from([f.TEXTS, f.MODULE, f.STACKS, f.DONE, b"ABCD"]), JSON))
WAYS: tuple[list[str], ...] = (
    [], ["--where"], ["--summary"], ["--event", "turn,wait,wake,code,stack,fork", "--signal", "any"],
        ["--export", "html", "OUT"], ["--export", "chrome", "OUT"], ["--flame", "OUT.svg"], ["--flame", "OUT.folded"])


def survives(path: Path) -> None:
    """Every way of looking at a trace ends well, or with an error of one line."""
    import contextlib
    import io

    for words in WAYS:
        out, errors = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
            status = main(["trace", str(path), *(word.replace("OUT", f"{path}.out") for word in words)])
        text = errors.getvalue()
        assert status in (0, 125)
        assert "a bug" not in text
        assert text.count("\n") == (status == 125) + text.count("cut off") * (status == 0) + text.count("left out")
        assert all(line.isprintable() for line in out.getvalue().splitlines()), out.getvalue()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(CHUNK, max_size=8), JSON.filter(lambda value: isinstance(value, dict)) | st.just({"stacks": 1}))
def test_nothing_in_a_well_formed_trace_brings_it_down(chunks: list[Any], header: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        survives(write(Path(folder) / "t", *chunks, header=header))


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("trace") / "t"
    run("hello", trace=path)
    return path.read_bytes()


@settings(max_examples=60, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.data())
def test_bytes_changed_anywhere(real: bytes, data: st.DataObject) -> None:
    changed = bytearray(real)
    for at, value in data.draw(st.lists(st.tuples(st.integers(0, len(real) - 1), st.integers(0, 255)), min_size=1,
                                        max_size=4)):
        changed[at] = value
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t"
        path.write_bytes(changed[:data.draw(st.integers(len(real) // 2, len(real)))])
        survives(path)


def test_packing_is_as_documented() -> None:
    from rvsim.emu._gate import unpack_records

    records = [made(ns=5, a0=2**64 - 1), made(Kind.TRAP, ns=2**63, result=-1, tval=300), made()]
    data = pack(records)
    assert data[:6] == b"\x0f\x01\x02\x82\x80\x80"
    assert unpack_records(data, 3) == b"".join(f.RECORD.pack(*record) for record in records)
