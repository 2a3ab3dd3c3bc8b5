"""The log of what ran: it is asked of the hart itself, which executes the same code instruction by instruction."""

from __future__ import annotations

import struct

import pytest
from bare import (
    A0,
    A1,
    A2,
    CODE,
    EBREAK,
    ECALL,
    MANY,
    NOP,
    PAGE,
    RDCYCLE_A0,
    RDTIME_A0,
    RW,
    Bare,
    addi,
    bnez,
    jal,
    ld,
    sd,
    words,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from rvsim.emu._gate import SLICE_END, CoverLog

DATA = 0x40_0000
LOAD_PAGE, ECALL_U, ILLEGAL, BREAKPOINT = 13, 8, 2, 3


class Noted:
    """A hart whose notes are kept, as the addresses of every two bytes that ran."""

    def __init__(self, *code: int, at: int = CODE) -> None:
        self.bare = Bare(*code, at=at)
        self.ran: set[int] = set()
        self.calls = 0
        self.bare.hart.cover = CoverLog(self.take)

    def take(self, notes: bytes) -> None:
        self.calls += 1
        for start, end in struct.iter_unpack("<QQ", notes):
            assert start < end
            self.ran.update(range(start, end, 2))

    def instructions(self, at: int = CODE) -> set[int]:
        """Which of the instructions, counted by four bytes, ran."""
        return {(address - at) // 4 for address in self.ran}


def test_a_branch_that_is_never_taken() -> None:
    noted = Noted(addi(A0, 0, 0), bnez(A0, 12), addi(A1, 0, 1), ECALL, addi(A1, 0, 2), ECALL)
    assert noted.bare.run() == ECALL_U
    assert noted.instructions() == {0, 1, 2, 3}


def test_nothing_behind_an_instruction_that_traps() -> None:
    noted = Noted(NOP, ld(A0, A1), addi(A1, 0, 1), ECALL)
    assert noted.bare.run() == LOAD_PAGE
    assert noted.instructions() == {0, 1}


def test_what_runs_after_the_trap_was_answered() -> None:
    noted = Noted(NOP, ld(A0, A1), addi(A1, 0, 1), ECALL)
    noted.bare.run()
    noted.bare.table.map_zero(DATA, RW)
    noted.bare.hart.set_x(A1, DATA)
    assert noted.bare.run() == ECALL_U
    assert noted.instructions() == {0, 1, 2, 3}


def test_a_block_that_trapped_is_noted_when_it_first_comes_to_its_end() -> None:
    noted = Noted(NOP, ld(A0, A1), addi(A2, 0, 1), ECALL)
    noted.bare.run()
    assert noted.instructions() == {0, 1}
    noted.bare.hart.pc = CODE                   # as a handler that jumps away, and the caller that tries again
    noted.bare.run()
    assert noted.instructions() == {0, 1}
    noted.bare.table.map_zero(DATA, RW)
    noted.bare.hart.set_x(A1, DATA)
    noted.bare.hart.pc = CODE
    assert noted.bare.run() == ECALL_U
    assert noted.instructions() == {0, 1, 2, 3}


@pytest.mark.parametrize("turns", [1, 2, 3, 4])
def test_a_loop_whose_block_traps_in_a_later_turn(turns: int) -> None:
    """What came to its end once has run, however the block was left afterwards."""
    noted = Noted(ld(A0, A1), addi(A1, A1, 8), addi(A2, A2, -1), bnez(A2, -12), ECALL)
    noted.bare.table.map_zero(DATA, RW)
    noted.bare.hart.set_x(A1, DATA + PAGE - 8 * turns)
    noted.bare.hart.set_x(A2, 100)
    assert noted.bare.run() == LOAD_PAGE
    assert noted.instructions() == {0, 1, 2, 3}


def test_a_counter_that_is_read_and_what_is_behind() -> None:
    for word in (RDTIME_A0, RDCYCLE_A0):
        noted = Noted(NOP, word, addi(A1, 0, 1), ECALL, NOP)
        assert noted.bare.run() == ECALL_U
        assert noted.instructions() == {0, 1, 2, 3}


def test_a_stop_has_not_run_and_a_breakpoint_has() -> None:
    noted = Noted(NOP, NOP, NOP, EBREAK, NOP)
    noted.bare.hart.set_stops([CODE + 8])
    noted.bare.run()
    assert noted.instructions() == {0, 1}
    noted.bare.hart.set_stops([])
    assert noted.bare.run() == BREAKPOINT
    assert noted.instructions() == {0, 1, 2, 3}


def test_steps() -> None:
    noted = Noted(NOP, NOP, NOP, NOP, ECALL)
    for count in range(1, 5):
        assert noted.bare.hart.step(1) == SLICE_END
        assert noted.instructions() == set(range(count))


def test_a_slice_that_ends_in_a_block() -> None:
    noted = Noted(*[NOP] * 8, ECALL)
    noted.bare.hart.exact_slices = True
    assert noted.bare.run(12) == SLICE_END
    assert noted.instructions() == {0, 1, 2}
    assert noted.bare.run() == ECALL_U
    assert noted.instructions() == set(range(9))


def test_another_address_space_with_other_code_at_the_same_place() -> None:
    noted = Noted(NOP, NOP, ECALL)
    noted.bare.run()
    hart, seen = noted.bare.hart, set(noted.ran)
    other = Bare(memory_bytes=PAGE * 16)        # only for its helpers
    other.hart, other.table = hart, type(noted.bare.table)(hart.frames)
    other.put(CODE, words([jal(0, 8), ECALL, ECALL]))
    noted.ran.clear()
    other.start(CODE)
    assert hart.run(None, None, MANY) == ECALL_U
    assert noted.instructions() == {0, 2}
    assert seen == {CODE + 2 * i for i in range(6)}


def test_code_that_is_replaced_is_noted_anew() -> None:
    noted = Noted(NOP, ECALL)
    noted.bare.run()
    noted.ran.clear()
    noted.bare.table.unmap(CODE, CODE + PAGE)
    noted.bare.put(CODE, words([NOP, ECALL]))
    noted.bare.hart.pc = CODE
    noted.bare.run()
    assert noted.instructions() == {0, 1}


def test_a_log_that_is_attached_late_and_taken_away() -> None:
    bare = Bare(NOP, jal(0, 4), ECALL)
    for _ in range(3):
        bare.hart.pc = CODE
        bare.run()
    noted = Noted()
    bare.hart.cover = CoverLog(noted.take)
    bare.hart.pc = CODE
    bare.run()
    assert noted.instructions() == {0, 1, 2}
    bare.hart.cover = None
    noted.ran.clear()
    bare.hart.pc = CODE
    bare.run()
    assert not noted.ran


def test_what_runs_long_is_noted_and_then_costs_no_call() -> None:
    noted = Noted(addi(A0, 0, 2000), addi(A0, A0, -1), jal(0, 4), bnez(A0, -8), ECALL)
    assert noted.bare.run() == ECALL_U
    assert noted.calls == 1
    assert noted.instructions() == {0, 1, 2, 3, 4}


def test_blocks_beyond_the_first_room_for_notes() -> None:
    count = 9000
    noted = Noted(*[jal(0, 4)] * count, ECALL)
    assert noted.bare.run() == ECALL_U
    assert noted.calls == 1
    assert noted.instructions() == set(range(count + 1))


def test_an_error_of_the_sink_comes_out_of_the_run() -> None:
    bare = Bare(NOP, ECALL)
    bare.hart.cover = CoverLog(lambda notes: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        bare.run()


# ---- any code, beside the hart that runs it instruction by instruction

BEFORE, BEHIND = 12, 12         # so many instructions that a jump can lead to
BUDGET = 1200


def prepared(code: list[int]) -> Bare:
    """A hart that comes to an `ecall` wherever it leaves the code, and traps at loads and stores after some turns."""
    bare = Bare(*[NOP] * BEFORE, *code, *[ECALL] * BEHIND)
    bare.table.map_zero(DATA, RW)
    bare.hart.set_x(A1, DATA + PAGE - 64)
    bare.hart.set_x(A2, 9)
    return bare


def goes_on(bare: Bare, cause: int, end: int) -> bool:
    """After a run: go past the instruction that trapped, unless that was the end."""
    if cause < 0:
        return True
    if bare.hart.epc >= end:
        return False
    bare.hart.pc = bare.hart.epc + 4
    return True


def stepped(code: list[int], end: int) -> tuple[set[int], int, bool]:
    """(addresses of what ran, ticks, whether it came to its end), one instruction at a time."""
    bare = prepared(code)
    ran: set[int] = set()
    while bare.hart.ticks < BUDGET:
        ran.add(bare.hart.pc)
        if not goes_on(bare, bare.hart.step(1), end):
            return ran, bare.hart.ticks, True
    return ran, bare.hart.ticks, False


INSTRUCTION = st.one_of(
    st.sampled_from([NOP, ECALL, RDTIME_A0, ld(A0, A1), sd(A0, A1), addi(A1, A1, 8), addi(A1, A1, -16),
                     addi(A2, A2, -1), addi(A0, A0, 1)]),
    st.integers(-10, 10).map(lambda by: bnez(A2, 4 * by)),
    st.integers(-10, 10).map(lambda by: bnez(A0, 4 * by)),
    st.integers(1, 10).map(lambda by: jal(0, 4 * by)),
)


@settings(deadline=None, max_examples=60)
@given(st.lists(INSTRUCTION, min_size=4, max_size=30), st.integers(1, 200), st.booleans())
def test_any_code(code: list[int], slice_ticks: int, exact: bool) -> None:
    """All that ran is noted and nothing else, however the run is cut; and it runs as if nothing were noted."""
    end = CODE + 4 * (BEFORE + len(code))
    expected, ticks, ended = stepped(code, end)
    bare, noted, plain = prepared(code), Noted(), prepared(code)
    bare.hart.cover = CoverLog(noted.take)
    for one in bare, plain:
        one.hart.exact_slices = exact
        while one.hart.ticks < ticks or ended:
            budget = min(slice_ticks, max(ticks - one.hart.ticks, 1))
            if not goes_on(one, one.hart.run(None, None, budget), end):
                break
    assert (bare.hart.ticks, bare.hart.pc) == (plain.hart.ticks, plain.hart.pc)
    ran = {address for address in noted.ran if address % 4 == 0}
    if ended or exact:
        assert ran == expected
    else:
        assert ran >= expected      # the last slice went on to a jump
