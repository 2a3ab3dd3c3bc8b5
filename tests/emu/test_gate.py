"""The trap gate on a bare hart: counters, exact traps, exact ticks."""

import itertools
import platform

import pytest
from bare import (
    A0,
    A1,
    C_NOP,
    CODE,
    ECALL,
    ILLEGAL,
    NOP,
    PAGE,
    RDCYCLE_A0,
    RDINSTRET_A0,
    RDTIME_A0,
    RW,
    RX,
    T0,
    WFI,
    Bare,
    addi,
    bnez,
    jal,
    ld,
    sd,
    words,
)

from rvsim.emu._gate import BREAK, SLICE_END, Context, PageTable

BREAKPOINT, ECALL_U, FETCH_PAGE, LOAD_PAGE = 3, 8, 12, 13
CSRRSI_A0_CYCLE = 0xC000_6573
CSRRW_CYCLE_A0 = 0xC005_1073
HALF_NOP = NOP & 0xFFFF


@pytest.mark.parametrize("instruction", [RDCYCLE_A0, CSRRSI_A0_CYCLE])
def test_cycles_are_the_ticks_before_the_instruction(instruction: int) -> None:
    bare = Bare(NOP, C_NOP, C_NOP, instruction, ECALL)
    assert bare.run() == ECALL_U
    assert bare.hart.x(A0) == 8
    assert bare.hart.ticks == 12


def test_the_very_first_instruction_of_a_machine_can_read_the_cycles() -> None:
    bare = Bare(RDCYCLE_A0, ECALL)
    assert bare.run() == ECALL_U
    assert bare.hart.x(A0) == 0


def test_writing_the_cycles_is_illegal() -> None:
    bare = Bare(CSRRW_CYCLE_A0, ECALL)
    assert bare.run() == 2
    assert bare.hart.tval == CSRRW_CYCLE_A0


def test_instret_counts_instructions_of_either_size_exactly() -> None:
    loop = [addi(T0, 0, 10), C_NOP, C_NOP, addi(T0, T0, -1), bnez(T0, -8)]
    bare = Bare(RDINSTRET_A0, addi(A1, A0, 0), *loop, RDINSTRET_A0, ECALL)
    assert bare.run() == ECALL_U
    assert bare.hart.x(A0) - bare.hart.x(A1) == 1 + 1 + 1 + 10 * 4
    assert bare.hart.retired == bare.hart.x(A0) + 1


def test_instret_does_not_count_an_ecall_nor_what_a_fault_cut_off() -> None:
    bare = Bare(RDINSTRET_A0, ECALL, NOP, ld(A1, 0), NOP, RDINSTRET_A0, ECALL)
    bare.run()
    first = bare.hart.x(A0)
    bare.hart.complete_call(0)
    assert bare.run() == LOAD_PAGE
    bare.skip()
    assert bare.run() == ECALL_U
    assert bare.hart.x(A0) - first == 1 + 1 + 1


def test_nothing_is_counted_before_somebody_asks() -> None:
    bare = Bare(NOP, ECALL)
    bare.run()
    assert bare.hart.retired is None
    bare.hart.retired = 5
    bare.hart.complete_call(0)
    assert bare.hart.retired == 5


def test_the_counters_read_the_same_when_stepped() -> None:
    code = [addi(T0, 0, 3), C_NOP, RDCYCLE_A0, addi(T0, T0, -1), RDTIME_A0, bnez(T0, -14), RDINSTRET_A0, ECALL]
    values = []
    for stepped in (False, True):
        bare = Bare(*code)
        while (bare.hart.step(1) if stepped else bare.run()) != ECALL_U:
            pass
        values.append((bare.hart.x(A0), bare.hart.ticks, bare.hart.epc))
    assert values[0] == values[1]


def test_an_address_is_watched_only_where_a_counter_read_stands() -> None:
    """Another address space has another instruction at the same address: it runs as it would."""
    bare = Bare(NOP, RDCYCLE_A0, ECALL)
    bare.run()
    other = PageTable(bare.hart.frames)
    frame = bare.hart.frames.alloc()
    bare.hart.frames.write(frame, 0, words([NOP, addi(A0, 0, 77), NOP, ECALL]))
    other.map(CODE, frame, RX)
    context = Context()
    context.pc = CODE
    bare.hart.ticks = 0
    bare.hart.load(context, other)
    assert bare.run() == ECALL_U
    assert (bare.hart.x(A0), bare.hart.ticks) == (77, 12)


def test_hundreds_of_counter_reads_still_read_the_ticks() -> None:
    bare = Bare(*[RDCYCLE_A0] * 300, NOP, ECALL)
    assert bare.run() == ECALL_U
    assert bare.hart.x(A0) == 299 * 4
    assert bare.hart.ticks == 301 * 4


def test_a_counter_read_across_two_pages() -> None:
    start = CODE + PAGE - 6
    bare = Bare(NOP, RDCYCLE_A0, ECALL, at=start)
    assert bare.run() == ECALL_U
    assert bare.hart.x(A0) == 4


def test_an_instruction_that_reaches_into_a_missing_page_faults_at_its_own_address() -> None:
    start = CODE + PAGE - 10
    bare = Bare()
    bare.put(start, words([addi(A0, 0, 5), addi(A1, A0, 1)]) + HALF_NOP.to_bytes(2, "little"))
    bare.start(start)
    for _ in range(2):
        assert bare.run() == FETCH_PAGE
        assert (bare.hart.epc, bare.hart.tval) == (CODE + PAGE - 2, CODE + PAGE)
        assert (bare.hart.x(A0), bare.hart.x(A1)) == (5, 6)
        assert bare.hart.ticks == 8
    bare.put(CODE + PAGE, (NOP >> 16).to_bytes(2, "little") + words([ECALL]))
    assert bare.run() == ECALL_U
    assert (bare.hart.epc, bare.hart.ticks) == (CODE + PAGE + 2, 12)


def test_such_an_instruction_faults_again_when_its_second_page_goes() -> None:
    start = CODE + PAGE - 6
    bare = Bare(addi(A0, A0, 1), NOP, ECALL, at=start)
    assert bare.run() == ECALL_U
    bare.table.unmap(CODE + PAGE, CODE + 2 * PAGE)
    bare.hart.pc = start
    assert bare.run() == FETCH_PAGE
    assert (bare.hart.epc, bare.hart.x(A0)) == (CODE + PAGE - 2, 2)


def test_a_trap_in_front_of_such_an_instruction_comes_first() -> None:
    start = CODE + PAGE - 10
    bare = Bare()
    bare.put(start, words([ld(A0, 0), addi(A1, 0, 1)]) + HALF_NOP.to_bytes(2, "little"))
    bare.start(start)
    assert bare.run() == LOAD_PAGE
    assert (bare.hart.epc, bare.hart.tval, bare.hart.ticks) == (start, 0, 0)
    bare.skip()
    assert bare.run() == FETCH_PAGE
    assert (bare.hart.epc, bare.hart.x(A1)) == (CODE + PAGE - 2, 1)


def test_stepping_up_to_such_an_instruction() -> None:
    start = CODE + PAGE - 6
    bare = Bare()
    bare.put(start, words([addi(A0, 0, 5)]) + HALF_NOP.to_bytes(2, "little"))
    bare.start(start)
    while (cause := bare.hart.step(1)) == SLICE_END:
        pass
    assert (cause, bare.hart.epc, bare.hart.x(A0), bare.hart.ticks) == (FETCH_PAGE, CODE + PAGE - 2, 5, 4)


def test_wfi_is_illegal_in_user_mode() -> None:
    bare = Bare(NOP, WFI)
    assert bare.run() == 2
    assert (bare.hart.epc, bare.hart.tval, bare.hart.ticks) == (CODE + 4, WFI, 4)


def test_steps_count_the_ticks_that_a_run_counts() -> None:
    code = [addi(T0, 0, 3), C_NOP, addi(T0, T0, -1), C_NOP, bnez(T0, -8), jal(0, 6), C_NOP, ECALL]
    run = Bare(*code)
    run.run()
    stepped = Bare(*code)
    seen = [0]
    while stepped.hart.step(1) == SLICE_END:
        seen.append(stepped.hart.ticks)
    assert stepped.hart.ticks == run.hart.ticks
    assert {after - before for before, after in itertools.pairwise(seen)} == {2, 4}


def test_a_step_of_a_loop_of_one_instruction_counts_one() -> None:
    bare = Bare(jal(0, 0))
    for steps in range(1, 5):
        assert bare.hart.step(1) == SLICE_END
        assert (bare.hart.pc, bare.hart.ticks) == (CODE, 4 * steps)


def test_a_fault_takes_back_what_its_block_did_not_run() -> None:
    bare = Bare(NOP, C_NOP, C_NOP, sd(A0, 0), NOP, NOP, ECALL)
    assert bare.run() == 15
    assert (bare.hart.epc, bare.hart.ticks) == (CODE + 8, 8)


def test_an_illegal_instruction_reports_itself() -> None:
    bare = Bare(NOP, 0xFFFF_FFFF)
    assert bare.run() == 2
    assert (bare.hart.epc, bare.hart.tval) == (CODE + 4, 0xFFFF_FFFF)
    bare = Bare(NOP, ILLEGAL)
    assert bare.run() == 2
    assert (bare.hart.epc, bare.hart.tval) == (CODE + 4, 0)


def test_an_access_that_crosses_into_a_missing_page_names_that_page() -> None:
    bare = Bare(ld(A1, A0), ECALL)
    bare.put(0x20000, bytes(PAGE), RW)
    bare.hart.set_x(A0, 0x20FFC)
    assert bare.run() == LOAD_PAGE
    assert (bare.hart.epc, bare.hart.tval) == (CODE, 0x21000)


LOOP = (addi(T0, 0, 50), C_NOP, addi(T0, T0, -1), C_NOP, bnez(T0, -8), ECALL)
PLACES = [CODE, 0x7FFF_F000, 0x8000_0000, 0xFFFF_F000, 0x1_0000_0000, 0x3F_FFFF_0000]


@pytest.mark.parametrize("place", PLACES)
def test_blocks_count_their_own_ticks_wherever_they_stand(place: int) -> None:
    bare = Bare(*LOOP, at=place)
    assert bare.run() == ECALL_U
    assert bare.hart.ticks == 4 + 50 * 12
    assert bare.hart.epc == place + 16
    if platform.machine() == "x86_64" and id(bare) >> 32:     # the engine's own addresses are long, as code expects
        assert bare.hart.counted_inside > 0


@pytest.mark.parametrize("place", PLACES)
def test_a_slice_ends_at_the_first_block_that_begins_at_its_end_or_later(place: int) -> None:
    ends = [4 + 12 * turn for turn in range(1, 51)]        # the first block is the head and the first turn together
    for budget in range(1, 120, 7):
        bare = Bare(*LOOP, at=place)
        for _ in range(3):
            before = bare.hart.ticks
            assert bare.run(budget) == SLICE_END
            assert bare.hart.ticks == next(end for end in ends if end - before >= budget)


@pytest.mark.parametrize(("before", "behind"), [(20, 20), (200, 20), (20, 200), (200, 200)])
def test_a_slice_never_ends_where_only_the_engine_ends_a_block(before: int, behind: int) -> None:
    """Straight code that goes from one page into the next: two blocks, and no place for a slice to end."""
    start = CODE + PAGE - 4 * before
    bare = Bare(*[NOP] * (before + behind), jal(0, -4 * (before + behind)), at=start)
    for budget in range(1, 1000, 7):
        assert bare.run(budget) == SLICE_END
        assert bare.hart.pc == start


def exact_ends(bare: Bare, budgets: range) -> list[tuple[int, int]]:
    """(ticks, pc) after slices of these lengths."""
    bare.hart.exact_slices = True
    found = []
    for budget in budgets:
        before = bare.hart.ticks
        assert bare.run(budget) == SLICE_END
        found.append((bare.hart.ticks - before, bare.hart.pc))
    return found


BRANCHY = [addi(T0, T0, 1), C_NOP, addi(T0, T0, 1), bnez(T0, 8), C_NOP, C_NOP, *[NOP] * 3, C_NOP, jal(0, -32)]


@pytest.mark.parametrize("place", [*PLACES, CODE + PAGE - 10, CODE + PAGE - 16])
def test_exact_slices_end_at_the_first_instruction_past_them(place: int) -> None:
    found = exact_ends(Bare(*BRANCHY, at=place), range(1, 200))
    assert len({pc for _, pc in found}) == 9        # every instruction that is ever reached
    again = Bare(*BRANCHY, at=place)
    for budget, (ticks, pc) in enumerate(found, 1):
        before = again.hart.ticks
        while again.hart.ticks - before < budget:
            assert again.hart.step(1) == SLICE_END
        assert (again.hart.ticks - before, again.hart.pc) == (ticks, pc)
        assert budget <= ticks < budget + 4


def test_exact_slices_with_traps_and_stops_in_between() -> None:
    bare = Bare(addi(T0, 0, 77), *[NOP] * 6, ECALL, *[C_NOP] * 9, jal(0, -50), at=CODE + PAGE - 14)
    bare.hart.exact_slices = True
    stops = [bare.context.pc + 12]
    bare.hart.set_stops(stops)
    causes = set()
    for budget in range(1, 120):
        end = bare.hart.ticks + budget
        while (cause := bare.run(max(end - bare.hart.ticks, 1))) != SLICE_END:
            causes.add(cause)
            if cause == ECALL_U:
                bare.skip()
                bare.hart.ticks += 4
            else:
                bare.hart.set_stops(())
                assert bare.hart.step(1) == SLICE_END
                bare.hart.set_stops(stops)
            if bare.hart.ticks >= end:
                break
        assert end <= bare.hart.ticks < end + 4
    assert causes == {ECALL_U, BREAK}


def test_the_trap_in_the_middle_of_a_block_that_counted_itself_takes_back_the_rest() -> None:
    bare = Bare(addi(T0, 0, 20), C_NOP, ld(A0, A1), addi(A1, A1, 8), addi(T0, T0, -1), bnez(T0, -12), ECALL)
    data = CODE + 16 * PAGE
    bare.put(data + PAGE - 80, bytes(80), RW)
    bare.hart.set_x(A1, data + PAGE - 80)
    assert bare.run() == LOAD_PAGE
    assert bare.hart.tval == data + PAGE
    assert bare.hart.ticks == 6 + 10 * 16


def test_a_long_block_counts_as_well() -> None:
    bare = Bare(*[NOP] * 100, ECALL)
    assert bare.run() == ECALL_U
    assert bare.hart.ticks == 400


def test_counting_instructions_from_the_middle_of_a_run_on() -> None:
    loop = [addi(T0, 0, 40), C_NOP, addi(T0, T0, -1), C_NOP, bnez(T0, -8)]
    bare = Bare(*loop, RDINSTRET_A0, *loop, RDINSTRET_A0 | 1 << 7, ECALL)
    assert bare.run() == ECALL_U
    assert bare.hart.x(A1) - bare.hart.x(A0) == 1 + 1 + 4 * 40
