"""The state of frames, page tables, registers and hart as data, and what of it is refused when it is brought back."""

from __future__ import annotations

import struct
from array import array
from typing import Any

import pytest
from bare import A0, CODE, ECALL, PAGE, RW, RX, Bare, ld
from hypothesis import given, settings
from hypothesis import strategies as st

from rvsim.emu._gate import (
    PTE_V,
    ZERO_PAGE,
    Context,
    PageTable,
    context_adopt,
    context_state,
    frames_adopt,
    frames_state,
    gate_adopt,
    gate_state,
    table_adopt,
    table_references,
    table_state,
)
from rvsim.emu.hart import RAM_BASE, Hart

FIRST = RAM_BASE // PAGE
DATA = 0x40000
INNER = PTE_V


def table_of(hart: Hart, value: int) -> PageTable:
    """An address space with code that loads the word at DATA, which is `value`."""
    table = PageTable(hart.frames)
    code, data = hart.frames.alloc(), hart.frames.alloc()
    hart.frames.write(code, 0, struct.pack("<II", ld(A0, A0), ECALL))
    hart.frames.write(data, 0, value.to_bytes(8, "little"))
    table.map(CODE, code, RX)
    table.map(DATA, data, RW)
    return table


def loaded(hart: Hart, table: PageTable) -> int:
    """What the program of `table_of` finds."""
    context = Context()
    context.pc = CODE
    context.set(A0, DATA)
    hart.load(context, table)
    assert hart.run(None, None, 1000) == 8
    return hart.x(A0)


def test_tables_with_one_identifier_are_told_apart() -> None:
    """The engine keeps translations when `satp` changes in nothing but the table's place."""
    hart = Hart(1 << 20)
    one = table_of(hart, 1)
    for _ in range((1 << 16) - 1):
        PageTable(hart.frames).free()
    other = table_of(hart, 2)
    assert (one.satp ^ other.satp) >> 44 == 0
    assert [loaded(hart, table) for table in (one, other, one)] == [1, 2, 1]


def test_a_table_that_was_given_back_is_not_loaded() -> None:
    hart = Hart(1 << 20)
    table = table_of(hart, 1)
    table.free()
    with pytest.raises(ValueError, match="given back"):
        hart.load(Context(), table)


def brought_over(hart: Hart, tables: list[PageTable]) -> tuple[Hart, list[PageTable]]:
    """Another hart with the same memory."""
    new = Hart(1 << 20)
    frames_adopt(new.frames, *frames_state(hart.frames))
    return new, [table_adopt(new.frames, *table_state(table)) for table in tables]


def test_memory_goes_over_to_another_hart() -> None:
    hart = Hart(1 << 20)
    tables = [table_of(hart, 1), table_of(hart, 2)]
    gone = table_of(hart, 3)
    gone.free()
    new, copies = brought_over(hart, [*tables, gone])
    assert table_state(copies[2])[0] == 0
    assert [loaded(new, table) for table in copies[:2]] == [1, 2]
    assert (new.frames.used, new.frames.free) == (hart.frames.used, hart.frames.free)
    assert [new.frames.alloc() for _ in range(8)] == [hart.frames.alloc() for _ in range(8)]
    for table in copies[:2]:
        table.free()


def test_memory_goes_back_in_place() -> None:
    """What the hart has translated stays only where the code is the same."""
    hart = Hart(1 << 20)
    table = table_of(hart, 1)
    assert loaded(hart, table) == 1
    memory, state = frames_state(hart.frames), table_state(table)
    code, data = (table.translate(address) or 0 for address in (CODE, DATA))
    more = table_of(hart, 5)
    assert loaded(hart, more) == 5
    hart.frames.write(data // PAGE, 0, b"\7")
    hart.frames.write(code // PAGE, 4, struct.pack("<I", 0x0015_0513))      # addi a0, a0, 1, and no ecall behind it
    context = Context()
    context.pc = CODE
    hart.load(context, table)
    hart.run(None, None, 8)
    for _ in range(2):
        frames_adopt(hart.frames, *memory, replace=True)
        hart.unload()
        hart.flush_tlb()
        assert frames_state(hart.frames)[:3] == memory[:3]
        assert loaded(hart, table_adopt(hart.frames, *state)) == 1
        fresh = [hart.frames.alloc() for _ in range(3)]
        assert all(hart.frames.read(frame) == bytes(PAGE) for frame in fresh)
        for frame in fresh:
            hart.frames.write(frame, 0, b"z")


def test_references_are_those_of_the_trees() -> None:
    hart = Hart(1 << 20)
    one, other = table_of(hart, 1), PageTable(hart.frames)
    one.share(other, DATA, DATA + PAGE, True)
    found = array("I", table_references(hart.frames, [one, other]))
    assert list(found) == [hart.frames.count(FIRST + index) for index in range(len(found))]
    assert sorted(found) == [1] * 7 + [2]


def test_zero_pages_and_pages_that_stayed_are_shared() -> None:
    hart = Hart(1 << 20)
    zero, written, free, later = [hart.frames.alloc() for _ in range(4)]
    hart.frames.write(written, 0, b"x")
    hart.frames.put(free)
    first = frames_state(hart.frames)[0]
    assert [first[frame - FIRST] is ZERO_PAGE for frame in (zero, written, later)] == [True, False, True]
    assert first[free - FIRST] is None
    hart.frames.write(later, 0, b"y")
    second = frames_state(hart.frames, first)[0]
    assert second[written - FIRST] is first[written - FIRST]
    assert second[later - FIRST] == b"y".ljust(PAGE, b"\0")


def words_of(*numbers: int) -> bytes:
    return array("I", numbers).tobytes()


PAGE_ONE = b"1" * PAGE


@pytest.mark.parametrize(("pages", "free", "counts", "flags"), [
    ([PAGE_ONE], b"", b"", b"\0"),
    ([PAGE_ONE], b"", words_of(1), b""),
    ([PAGE_ONE], b"", words_of(0), b"\0"),
    ([None], b"", words_of(0), b"\0"),
    ([None], words_of(0), words_of(1), b"\0"),
    ([None], words_of(1), words_of(0), b"\0"),
    ([None, None], words_of(0, 0), words_of(0, 0), b"\0\0"),
    ([None, PAGE_ONE], words_of(1), words_of(0, 1), b"\0\0"),
    ([PAGE_ONE[1:]], b"", words_of(1), b"\0"),
    ([PAGE_ONE] * 257, b"", words_of(*[1] * 257), bytes(257)),
    ([bytearray(PAGE)], b"", words_of(1), b"\0"),
    ([PAGE_ONE], b"\0", words_of(1), b"\0"),
])
def test_impossible_frames_are_refused(pages: list[bytes | None], free: bytes, counts: bytes, flags: bytes) -> None:
    hart = Hart(1 << 20)
    with pytest.raises(ValueError, match="frame"):
        frames_adopt(hart.frames, pages, free, counts, flags)
    assert hart.frames.used == 0
    frames_adopt(hart.frames, [None, PAGE_ONE], words_of(0), words_of(0, 1), b"\0\0")
    assert hart.frames.used == 1


def test_frames_in_use_are_not_replaced() -> None:
    hart = Hart(1 << 20)
    hart.frames.alloc()
    with pytest.raises(ValueError, match="in use"):
        frames_adopt(hart.frames, [], b"", b"", b"")


def refused(hart: Hart, tables: list[PageTable]) -> None:
    with pytest.raises(ValueError, match="page table"):
        table_references(hart.frames, tables)


def entry_at(hart: Hart, table: PageTable, level: int) -> tuple[int, int]:
    """(frame, offset) of the entry for CODE: level 2 in the root, 0 in the leaf table."""
    ppn = table.satp & (1 << 44) - 1
    for at in range(2, level, -1):
        index = CODE >> 12 + 9 * at & 511
        ppn = int.from_bytes(hart.frames.read(ppn, 8 * index, 8 * index + 8), "little") >> 10 & (1 << 44) - 1
    return ppn, 8 * (CODE >> 12 + 9 * level & 511)


@pytest.mark.parametrize("entry", [
    (FIRST + 200) << 10 | INNER, (FIRST - 1) << 10 | INNER, (FIRST + (1 << 30)) << 10 | INNER,
    1 << 63 | FIRST << 10 | INNER,
], ids=["free", "below", "above", "reserved"])
@pytest.mark.parametrize("level", [2, 1, 0])
def test_entries_that_lead_out_are_refused(entry: int, level: int) -> None:
    hart = Hart(1 << 20)
    table = table_of(hart, 1)
    ppn, offset = entry_at(hart, table, level)
    hart.frames.write(ppn, offset, (entry | (RX if level == 0 else 0)).to_bytes(8, "little"))
    refused(hart, [table])


@pytest.mark.parametrize("flags", [RX, RW, 0x80 | INNER, 0x100 | INNER])
@pytest.mark.parametrize("level", [2, 1])
def test_large_pages_and_odd_tables_are_refused(flags: int, level: int) -> None:
    hart = Hart(1 << 20)
    table = table_of(hart, 1)
    ppn, offset = entry_at(hart, table, level)
    old = int.from_bytes(hart.frames.read(ppn, offset, offset + 8), "little")
    hart.frames.write(ppn, offset, (old & ~0x3FF | flags | INNER).to_bytes(8, "little"))
    refused(hart, [table])


@pytest.mark.parametrize("level", [2, 1, 0])
def test_no_program_sees_a_table(level: int) -> None:
    """A page that a program may write is no part of a tree."""
    hart = Hart(1 << 20)
    table = table_of(hart, 1)
    inner, _ = entry_at(hart, table, level)
    leaf, offset = entry_at(hart, table, 0)
    hart.frames.write(leaf, offset, (inner << 10 | RW | INNER).to_bytes(8, "little"))
    refused(hart, [table])


def test_no_two_trees_share_a_table() -> None:
    hart = Hart(1 << 20)
    one, other = table_of(hart, 1), table_of(hart, 2)
    source, offset = entry_at(hart, one, 2)
    target, _ = entry_at(hart, other, 2)
    hart.frames.write(target, offset, hart.frames.read(source, offset, offset + 8))
    refused(hart, [one, other])


def test_the_kernels_half_is_empty() -> None:
    hart = Hart(1 << 20)
    table = table_of(hart, 1)
    root, offset = entry_at(hart, table, 2)
    hart.frames.write(root, 8 * 300, hart.frames.read(root, offset, offset + 8))
    refused(hart, [table])


@pytest.mark.parametrize("change", [
    {0: FIRST + 200}, {0: 1}, {1: 1 << 16}, {3: 8192, 4: 4096}, {4: 1 << 39}, {3: 1, 4: 2}, {5: 1 << 10}, {5: 1},
])
def test_impossible_tables_are_refused(change: dict[int, int]) -> None:
    hart = Hart(1 << 20)
    state: list[Any] = list(table_state(table_of(hart, 1)))
    for index, value in change.items():
        state[index] = value
    with pytest.raises(ValueError, match="page table"):
        table_adopt(hart.frames, *state)


@pytest.mark.parametrize("index", [7, 8, 9])
def test_wrong_counts_are_refused(index: int) -> None:
    hart = Hart(1 << 20)
    state: list[Any] = list(table_state(table_of(hart, 1)))
    state[index] += 1
    refused(hart, [table_adopt(hart.frames, *state)])


@settings(max_examples=200, deadline=None)
@given(st.binary(min_size=8, max_size=8), st.integers(0, 2), st.integers(0, 511))
def test_any_entry_is_refused_or_harmless(entry: bytes, level: int, index: int) -> None:
    hart = Hart(1 << 20)
    table = table_of(hart, 1)
    ppn, _ = entry_at(hart, table, level)
    hart.frames.write(ppn, 8 * index, entry)
    try:
        found = array("I", table_references(hart.frames, [table]))
    except ValueError:
        return
    assert all(count <= hart.frames.count(FIRST + at) for at, count in enumerate(found)) or level == 0


def test_registers_and_clock() -> None:
    bare = Bare(ECALL)
    bare.run()
    context = Context()
    for number in range(32):
        context.set(number, number * 3)
        context.set_f(number, number * 5)
    context.pc, context.fcsr = 0x1234, 0x9F
    again = context_adopt(context_state(context))
    assert again == context
    assert again.moved() == context.moved()
    with pytest.raises(ValueError, match="552"):
        context_adopt(b"")
    hart = Hart(1 << 20)
    bare.hart.time_offset_ns = 77
    gate_adopt(hart, gate_state(bare.hart), None, None)
    assert gate_state(hart) == gate_state(bare.hart)
    with pytest.raises(ValueError, match="clock"):
        gate_adopt(hart, (1 << 62, *gate_state(hart)[1:]), None, None)
