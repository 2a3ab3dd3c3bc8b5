"""The trap log of the gate: what it writes, in which order, and that unpacking gives back what was packed."""

from __future__ import annotations

import contextlib
import struct

import pytest
from bare import A0, A7, CODE, ECALL, MANY, RDTIME_A0, RW, Bare, addi, bnez, ld, sd
from hypothesis import example, given
from hypothesis import strategies as st

from rvsim.emu._gate import (
    SLICE_END,
    TRACE_BY_COUNTER,
    TRACE_BY_ZERO_PAGE,
    TRACE_CALL,
    TRACE_GATE,
    TRACE_NO_RESULT,
    TRACE_OPEN,
    TRACE_TRAP,
    TRACE_WORDS,
    CallTable,
    TraceLog,
    unpack_records,
)

ECALL_U, ILLEGAL, STORE_PAGE = 8, 2, 15
SIZE = 8 * TRACE_WORDS
Words = tuple[int, ...]


class Sink:
    """Takes batches and unpacks them."""

    def __init__(self) -> None:
        self.records: list[Words] = []
        self.batches: list[int] = []

    def __call__(self, packed: bytes, count: int) -> None:
        data = unpack_records(packed, count)
        assert len(data) == count * SIZE
        self.records += struct.iter_unpack(f"<{TRACE_WORDS}Q", data)
        self.batches.append(count)


def head(kind: int, cause: int = 0, outcome: int = 0, flags: int = 0, number: int = 0) -> int:
    return kind | cause << 8 | outcome << 16 | flags << 24 | number << 32


def logged(*code: int, batch: int = 16) -> tuple[Bare, Sink, TraceLog]:
    bare, sink = Bare(*code), Sink()
    log = TraceLog(sink, batch)
    bare.hart.log = log
    log.who(7, 9)
    return bare, sink, log


def test_a_call_that_the_gate_answers() -> None:
    bare, sink, log = logged(addi(A7, 0, 172), addi(A0, 0, 5), ECALL, ECALL)
    table = CallTable()
    table.add(172, lambda owner: -3, 0)
    assert bare.hart.run(None, table, 12) == SLICE_END
    log.flush()
    assert sink.records == [(
        head(TRACE_CALL, ECALL_U, flags=TRACE_GATE, number=172), 7 | 9 << 32, 8, 8, CODE + 8, 0, 2**64 - 3, 4,
        5, 0, 0, 0, 0, 0)]


def test_a_call_without_a_result_and_one_that_raises() -> None:
    bare, sink, log = logged(addi(A7, 0, 1), ECALL)
    table = CallTable()

    def returns_nothing(_owner: object) -> None:
        bare.hart.pc += 4
        bare.hart.attention = True

    table.add(1, returns_nothing, 0)
    bare.hart.run(None, table, MANY)
    table.add(1, lambda owner: 1 // 0, 0)
    bare.start(CODE)
    with pytest.raises(ZeroDivisionError):
        bare.hart.run(None, table, MANY)
    assert log.open
    log.leave()
    log.flush()
    assert [record[0] for record in sink.records] == [
        head(TRACE_CALL, ECALL_U, flags=TRACE_GATE | TRACE_NO_RESULT, number=1),
        head(TRACE_CALL, ECALL_U, flags=TRACE_OPEN, number=1)]


def test_faults_and_counters_that_the_gate_answers() -> None:
    bare, sink, log = logged(RDTIME_A0, sd(0, A7), ECALL)
    bare.context.set(A7, 0x4000_0008)
    bare.start(CODE)
    bare.table.set_zero_window(0x4000_0000, 0x4000_2000, RW)
    bare.hart.timebase_ns = 1
    assert bare.run() == ECALL_U
    log.flush()
    assert [(record[0], record[2], record[4], record[5], record[6]) for record in sink.records] == [
        (head(TRACE_TRAP, ILLEGAL, TRACE_BY_COUNTER, TRACE_GATE), 0, CODE, RDTIME_A0, 0),
        (head(TRACE_TRAP, STORE_PAGE, TRACE_BY_ZERO_PAGE, TRACE_GATE), 4, CODE + 4, 0x4000_0008, 0)]


def test_what_is_not_answered_is_not_written() -> None:
    bare, sink, log = logged(ld(A0, A7), ECALL)
    bare.run()
    log.flush()
    assert sink.records == []


def test_events_and_answers_of_the_kernel() -> None:
    bare, sink, log = logged(ECALL)
    bare.run()
    bare.hart.log_begin(head(TRACE_TRAP, 13), 0x1234, (1, 2))
    bare.hart.log_event(99, 5, -1, (3, -4))
    assert log.open
    bare.hart.log_end(0, 6, -7)
    assert not log.open
    bare.hart.log_end(0, 1, 1)        # nothing is open
    log.flush()
    assert sink.records == [
        (head(TRACE_TRAP, 13, 6), 7 | 9 << 32, 0, 0, CODE, 0x1234, 2**64 - 7, 0, 1, 2, 0, 0, 0, 0),
        (99, 5, 0, 0, 0, 0, 2**64 - 1, 0, 3, 2**64 - 4, 0, 0, 0, 0)]
    with pytest.raises(ValueError, match="six"):
        bare.hart.log_event(1, 1, 0, (0,) * 7)


def test_an_open_record_stays_until_it_is_answered_however_much_follows() -> None:
    bare, sink, log = logged(ECALL)
    bare.run()
    for number in range(10):
        bare.hart.log_event(number, 0)
    bare.hart.log_begin(head(TRACE_CALL), 0, ())
    for number in range(50):
        bare.hart.log_event(100 + number, 0)
    assert len(sink.records) == 10
    bare.hart.log_end(0, 0, 8)
    log.flush()
    assert [record[0] for record in sink.records] == [*range(10), head(TRACE_CALL), *range(100, 150)]
    assert sink.records[10][6] == 8
    assert max(sink.batches) == 16
    assert log.waiting == 0


def test_batches_come_when_the_buffer_is_full() -> None:
    bare, sink, log = logged(addi(A7, 0, 1), addi(5, 0, 100), ECALL, addi(5, 5, -1), bnez(5, -8), addi(A7, 0, 2), ECALL)
    table = CallTable()
    table.add(1, lambda owner: 0, 0)
    assert bare.hart.run(None, table, MANY) == ECALL_U
    assert sink.batches == [16] * 6
    assert log.waiting == 4
    log.flush()
    assert [record[2] for record in sink.records] == [8 + 12 * number for number in range(100)]


def test_what_the_sink_raises_comes_out_of_the_run() -> None:
    def full(_packed: bytes, _count: int) -> None:
        raise OSError("disk full")

    bare = Bare(addi(A7, 0, 1), ECALL, bnez(A7, -4))
    bare.hart.log = TraceLog(full, 16)
    table = CallTable()
    table.add(1, lambda owner: 0, 0)
    with pytest.raises(OSError, match="disk full"):
        bare.hart.run(None, table, MANY)


@pytest.mark.parametrize("batch", [0, 15, 65537])
def test_sizes_that_are_refused(batch: int) -> None:
    with pytest.raises(ValueError):
        TraceLog(print, batch)


WORD = st.one_of(st.integers(0, 300), st.integers(0, 2**64 - 1), st.sampled_from([2**63, 2**64 - 1, 2**63 - 1]))


@given(st.lists(st.tuples(WORD, WORD, WORD), max_size=40))
def test_unpacking_gives_back_what_was_packed(rows: list[tuple[int, int, int]]) -> None:
    bare, sink, log = logged(ECALL)
    for kind, result, argument in rows:
        bare.hart.log_event(kind, argument, result, (argument, result, kind, 0, result, 0))
    log.flush()
    assert sink.records == [(kind, argument, 0, 0, 0, 0, result, 0, argument, result, kind, 0, result, 0)
                            for kind, result, argument in rows]


@given(st.binary(max_size=200), st.integers(-5, 300))
@example(b"\1\0" + b"\xff" * 20, 1)
@example(b"\0\0" * 3, 2)
@example(b"\0\xff", 1)
@example(b"", 1 << 40)
def test_what_is_no_pack_of_records_is_refused(data: bytes, count: int) -> None:
    unpacked = None
    with contextlib.suppress(ValueError):
        unpacked = unpack_records(data, count)
    assert unpacked is None or len(unpacked) == count * SIZE
