"""Conditions in bytecode: every operation, against what the manual says, and what can be wrong with one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rvsim.guest_os.task.task import Task
from rvsim.tests.tools.gdb.stopped import stopped_stub
from rvsim.tools.gdb.agent import Expression, Wrong, signed
from rvsim.tools.gdb.ids import BadPacket
from rvsim.tools.gdb.points import parse_conditions

MASK = (1 << 64) - 1


def task() -> Task:
    return stopped_stub().commands.thread()


def value(text: str) -> int:
    return signed(Expression.parse(text.replace(" ", "").encode()).value(task()))


def constant(number: int) -> str:
    return f"25 {number & MASK:016x} "


@pytest.mark.parametrize(("text", "expected"), [
    ("22ff 27", 255), ("23ffff 27", 0xFFFF), ("24ffffffff 27", 0xFFFF_FFFF), ("25" + "ff" * 8 + "27", -1),
    ("2207 2203 02 27", 10), ("2203 2207 03 27", -4), ("2207 2203 04 27", 21),
    (constant(-7) + "2202 05 27", -3), (constant(-7) + "2202 07 27", -1), ("2207 2202 06 27", 3),
    ("2207 2202 08 27", 1),
    ("2201 223f 09 27", -(1 << 63)), ("2201 2240 09 27", 0), (constant(-8) + "2201 0a 27", -4),
    (constant(-8) + "2260 0a 27", -1), (constant(-1) + "223f 0b 27", 1), (constant(-1) + "2260 0b 27", 0),
    ("2200 0e 27", 1), ("2205 0e 27", 0), ("220c 220a 0f 27", 8), ("220c 220a 10 27", 14), ("220c 220a 11 27", 6),
    ("2200 12 27", -1), ("2203 2203 13 27", 1), ("2203 2204 13 27", 0), (constant(-1) + "2201 14 27", 1),
    (constant(-1) + "2201 15 27", 0), ("22ff 16 08 27", -1), ("227f 16 08 27", 127), (constant(-1) + "2a 08 27", 255),
    (constant(-1) + "16 40 27", -1), ("2203 28 02 27", 6), ("2203 2204 29 27", 3), ("2203 2204 2b 03 27", 1),
    ("2201 2202 2203 32 02 27", 1), ("2201 2202 2203 33 27", 2), ("2201 2202 2203 33 29 27", 1),
    ("2201 2202 2203 33 29 29 27", 3), ("2201 20 0008 2205 27 2206 27", 6), ("2200 20 0008 2205 27 2206 27", 5),
    ("21 0004 27 2209 27", 9), ("2200 20 0000 2205 27", 5), ("26 0000 27", 0),
])
def test_operations(text: str, expected: int) -> None:
    assert value(text) == expected


def test_registers_and_memory() -> None:
    stopped = task()
    pointer = int(stopped.context.get(2))
    assert value("26 0002 27") == pointer
    assert value("26 0020 27") == int(stopped.context.pc)
    assert value("26 0002 1a 27") & 0xFF == value("26 0002 17 27")
    assert value("26 0002 18 27") & 0xFFFF == value("26 0002 1a 27") & 0xFFFF
    assert value("26 0002 19 27") == 1                          # argc


def test_an_address_that_gdb_cuts_stays_whole() -> None:
    pointer = int(task().context.get(2))
    assert pointer > 1 << 32
    assert value("26 0002 16 20 27") == pointer
    assert value("26 0002 2a 08 27") == pointer
    assert value("26 0002 2a 40 27") == pointer
    assert value("26 0020 2a 08 27") == int(task().context.pc) & 0xFF       # pc is no frame's base


@pytest.mark.parametrize("text", [
    "27", "02 27", "2201", "22", "2201 2200 05 27", "2201 2200 08 27", "2200 1a 27", "26 ffff 27", "26 00", "21 0000",
    "21 ffff", "2201 28 21 0002", "00 27", "01 27", "2201 32 05 27", "2201 16 00 27", "2201 16 41 27", "30 0000 27",
    "2201 33 27", "2b 27", "2c 0000 27", "34 00",
])
def test_what_has_no_value_counts_as_true(text: str) -> None:
    expression = Expression.parse(text.replace(" ", "").encode())
    with pytest.raises(Wrong):
        expression.value(task())
    assert expression.holds(task())


@given(st.binary(min_size=1, max_size=40))
def test_any_bytes(code: bytes) -> None:
    assert Expression(code).holds(task()) in (True, False)


def test_lists_of_conditions() -> None:
    assert [one.code for one in parse_conditions(b"X3,220127X3,220027")] == [b"\x22\x01\x27", b"\x22\x00\x27"]
    assert [one.code for one in parse_conditions(b"X3,220127;X1,27;cmds:0,X1,27")] == [b"\x22\x01\x27", b"\x27"]
    for bad in (b"X", b"X3", b"X3,22", b"Y3,220127", b"X0,", b"Xffff,22", b"X3,22012g", b"X1,27" * 100, b"X-1,27"):
        with pytest.raises(BadPacket):
            parse_conditions(bad)
