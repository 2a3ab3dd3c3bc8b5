"""What the engine does on RISC-V, as far as the gate relies on it. If a newer Unicorn fails here, look at the gate.

The engine is used bare: no gate, no hart of ours. RAM is at 0x80000000.
"""

import mmap
import struct
from ctypes import addressof, c_char
from typing import Any

import pytest
from bare import A0, A1, EBREAK, ECALL, ILLEGAL, NOP, RDCYCLE_A0, RDTIME_A0, WFI, addi, jal, ld, lr_d, sc_d, sd, words
from unicorn import Uc, UcError
from unicorn import riscv_const as rv
from unicorn import unicorn_const as uc_const
from unicorn.unicorn_py3.unicorn import uclib

RAM = 0x8000_0000
SIZE = 1 << 20
CODE = RAM + 0x1000
ROOT = RAM + 0x1_0000
VIRTUAL = 0x4000_0000
U_MODE, S_MODE, M_MODE = 0, 1, 3
V, R, W, X, U, A, D = 1, 2, 4, 8, 16, 64, 128
C_LD_A0_A0 = 0x6108
FADD_S = 0x0010_7053
RDSTATUS = 0x1000_2573  # csrr a0, sstatus


class Engine:
    """A bare engine with shared RAM that notes traps and blocks."""

    def __init__(self, *code: int, priv: int = M_MODE) -> None:
        self.ram = mmap.mmap(-1, SIZE)
        self._anchor = c_char.from_buffer(self.ram)
        self.uc: Any = Uc(uc_const.UC_ARCH_RISCV, uc_const.UC_MODE_RISCV64)
        self.uc.ctl_exits_enabled(True)
        self.uc.mem_map_ptr(RAM, SIZE, uc_const.UC_PROT_ALL, addressof(self._anchor))
        self.uc.reg_write(rv.UC_RISCV_REG_MSTATUS, 3 << 13)
        self.traps: list[tuple[int, int]] = []
        self.blocks: list[int] = []
        self.uc.hook_add(uc_const.UC_HOOK_INTR, self._trap)
        self.put(CODE, *code)
        self.pc = CODE
        self.priv = priv

    def _trap(self, uc: Any, cause: int, _: object) -> None:
        self.traps.append((cause, uc.reg_read(rv.UC_RISCV_REG_PC)))
        uc.emu_stop()

    def note_blocks(self) -> None:
        self.uc.hook_add(uc_const.UC_HOOK_BLOCK, lambda uc, address, size, _: self.blocks.append(address))

    @property
    def priv(self) -> int:
        return int(self.uc.reg_read(rv.UC_RISCV_REG_PRIV))

    @priv.setter
    def priv(self, value: int) -> None:
        self.uc.reg_write(rv.UC_RISCV_REG_PRIV, value)

    def put(self, address: int, *code: int) -> None:
        data = words(code)
        self.ram[address - RAM:address - RAM + len(data)] = data

    def store(self, address: int, value: int) -> None:
        self.ram[address - RAM:address - RAM + 8] = struct.pack("<Q", value)

    def map(self, virtual: int, physical: int, flags: int) -> None:
        """Map a page by tables at ROOT, ROOT + 0x1000 and ROOT + 0x2000 (one of each: 2 MB of addresses)."""
        self.store(ROOT + (virtual >> 30) * 8, (ROOT + 0x1000) >> 12 << 10 | V)
        self.store(ROOT + 0x1000 + (virtual >> 21 & 511) * 8, (ROOT + 0x2000) >> 12 << 10 | V)
        self.store(ROOT + 0x2000 + (virtual >> 12 & 511) * 8, physical >> 12 << 10 | flags)

    def translate(self, priv: int = U_MODE) -> None:
        """Turn Sv39 on and go on at VIRTUAL in `priv`."""
        self.priv = M_MODE
        self.uc.reg_write(rv.UC_RISCV_REG_SATP, 8 << 60 | ROOT >> 12)
        self.priv = priv
        self.pc = VIRTUAL

    def run(self, count: int = 0) -> list[tuple[int, int]]:
        self.traps.clear()
        self.uc.emu_start(self.pc, 0, 0, count)
        self.pc = self.uc.reg_read(rv.UC_RISCV_REG_PC)
        return self.traps

    def flush_tlb(self) -> None:
        """The binding has no name for it. UC_CTL_WRITE(UC_CTL_TLB_FLUSH, 0) of unicorn.h."""
        assert uclib.uc_ctl(self.uc._uch, uc_const.UC_CTL_TLB_FLUSH | uc_const.UC_CTL_IO_WRITE << 30) == 0

    def x(self, number: int) -> int:
        return int(self.uc.reg_read(rv.UC_RISCV_REG_X0 + number))

    def set_x(self, number: int, value: int) -> None:
        self.uc.reg_write(rv.UC_RISCV_REG_X0 + number, value)


def test_the_default_model_is_rv64gc_with_supervisor_mode() -> None:
    engine = Engine()
    misa = engine.uc.reg_read(rv.UC_RISCV_REG_MISA)
    assert "".join(chr(65 + bit) for bit in range(26) if misa >> bit & 1) == "ACDFIMSU"


def test_floating_point_traps_unless_it_is_switched_on() -> None:
    engine = Engine(FADD_S, ECALL)
    assert engine.run() == [(8, CODE + 8)]
    engine = Engine(FADD_S, ECALL)
    engine.uc.reg_write(rv.UC_RISCV_REG_MSTATUS, 0)
    assert engine.run() == [(2, CODE + 4)]


@pytest.mark.parametrize("priv", [U_MODE, S_MODE, M_MODE])
def test_an_ecall_is_cause_8_from_any_privilege_and_is_delivered_nowhere(priv: int) -> None:
    engine = Engine(NOP, ECALL)
    engine.uc.reg_write(rv.UC_RISCV_REG_MEDELEG, 0xFFFF)
    engine.uc.reg_write(rv.UC_RISCV_REG_STVEC, RAM + 0x8000)
    engine.priv = priv
    assert engine.run() == [(8, CODE + 8)]
    assert engine.priv == priv
    engine.priv = M_MODE
    assert engine.uc.reg_read(rv.UC_RISCV_REG_SCAUSE) == 0


def test_in_the_hook_pc_is_four_past_the_fault_even_of_a_compressed_instruction() -> None:
    engine = Engine(C_LD_A0_A0)
    engine.map(VIRTUAL, CODE, V | R | X | U | A | D)
    engine.translate()
    assert engine.run() == [(13, VIRTUAL + 4)]


def test_ebreak_is_an_error_and_runs_the_invalid_instruction_hook() -> None:
    engine = Engine(NOP, EBREAK)
    seen: list[int] = []
    engine.uc.hook_add(uc_const.UC_HOOK_INSN_INVALID, lambda uc, _: seen.append(uc.reg_read(rv.UC_RISCV_REG_PC)))
    with pytest.raises(UcError):
        engine.run()
    assert seen == [CODE + 4]
    assert engine.traps == []


@pytest.mark.parametrize("priv", [S_MODE, M_MODE])
def test_wfi_ends_the_run_with_no_error_and_no_hook(priv: int) -> None:
    engine = Engine(WFI, NOP, priv=priv)
    assert engine.run() == []
    assert engine.pc == CODE + 4


def test_wfi_is_illegal_in_user_mode() -> None:
    assert Engine(WFI, priv=U_MODE).run() == [(2, CODE + 4)]


def test_rdtime_is_illegal_and_rdcycle_is_not_whatever_mcounteren_says() -> None:
    engine = Engine(RDTIME_A0)
    assert engine.run() == [(2, CODE + 4)]
    engine = Engine(RDCYCLE_A0, ECALL)
    engine.uc.reg_write(rv.UC_RISCV_REG_MCOUNTEREN, 0)
    engine.priv = U_MODE
    assert engine.run() == [(8, CODE + 8)]
    assert engine.x(A0) != 0


def test_a_csr_access_ends_its_block() -> None:
    engine = Engine(NOP, RDSTATUS, NOP, ECALL)
    engine.note_blocks()
    engine.run()
    assert engine.blocks == [CODE, CODE + 8]


def test_the_engine_tells_of_a_new_block_before_it_runs_once_any_block_was_finished() -> None:
    engine = Engine(jal(0, 4), RDSTATUS, ECALL)
    made: list[tuple[int, int]] = []

    def new_block(uc: Any, block: Any, before: Any, _: object) -> None:
        made.append((block.pc, block.size))
        if block.pc == CODE + 4:
            uc.emu_stop()

    engine.uc.hook_add(uc_const.UC_HOOK_EDGE_GENERATED, new_block)
    engine.set_x(A0, 77)
    assert engine.run() == []
    assert made == [(CODE + 4, 4)]  # nothing was said of the first one
    assert engine.pc == CODE + 4
    assert engine.x(A0) == 77
    assert engine.run() == [(8, CODE + 12)]
    assert made == [(CODE + 4, 4), (CODE + 8, 4)]


def test_the_faulting_address_is_in_the_context_and_in_no_register() -> None:
    engine = Engine(ld(A0, A0))
    engine.map(VIRTUAL, CODE, V | R | X | U | A | D)
    engine.translate()
    engine.set_x(A0, 0x12_3456_7890)
    assert engine.run() == [(13, VIRTUAL + 4)]
    engine.set_x(A0, 0)
    engine.priv = M_MODE
    assert engine.uc.reg_read(rv.UC_RISCV_REG_STVAL) == engine.uc.reg_read(rv.UC_RISCV_REG_MTVAL) == 0
    assert bytes(engine.uc.context_save()).count(struct.pack("<Q", 0x12_3456_7890)) == 1


def test_a_csr_can_only_be_reached_at_its_privilege() -> None:
    engine = Engine(priv=S_MODE)
    engine.uc.reg_write(rv.UC_RISCV_REG_SSCRATCH, 99)
    engine.priv = U_MODE
    engine.uc.reg_write(rv.UC_RISCV_REG_SSCRATCH, 1)
    engine.priv = S_MODE
    assert engine.uc.reg_read(rv.UC_RISCV_REG_SSCRATCH) == 99


@pytest.mark.parametrize("between", [False, True])
def test_setting_the_privilege_drops_a_reservation(between: bool) -> None:
    engine = Engine(lr_d(A1, A0), ECALL, sc_d(A1, A1, A0), ECALL)
    engine.set_x(A0, RAM)
    engine.run()
    if between:
        engine.priv = M_MODE
    engine.run()
    assert engine.x(A1) == int(between)


def test_a_page_that_gains_a_permission_needs_no_flush_and_one_that_loses_it_does() -> None:
    engine = Engine(sd(A0, A0), ECALL)
    engine.map(VIRTUAL, CODE, V | R | X | U | A | D)
    engine.map(VIRTUAL + 0x1000, RAM, V | R | U | A | D)
    engine.translate()
    engine.set_x(A0, VIRTUAL + 0x1000)
    assert engine.run() == [(15, VIRTUAL + 4)]
    engine.map(VIRTUAL + 0x1000, RAM, V | R | W | U | A | D)
    engine.pc = VIRTUAL
    assert engine.run() == [(8, VIRTUAL + 8)]
    engine.map(VIRTUAL + 0x1000, RAM, V | R | U | A | D)
    engine.pc = VIRTUAL
    assert engine.run() == [(8, VIRTUAL + 8)]
    engine.flush_tlb()
    engine.pc = VIRTUAL
    assert engine.run() == [(15, VIRTUAL + 4)]


def test_a_context_restore_keeps_the_tlb_and_a_changed_satp_flushes_it() -> None:
    engine = Engine(ld(A1, A0), ECALL)
    engine.map(VIRTUAL, CODE, V | R | X | U | A | D)
    engine.map(VIRTUAL + 0x1000, RAM, V | R | U | A | D)
    engine.translate()
    engine.set_x(A0, VIRTUAL + 0x1000)
    saved = engine.uc.context_save()
    assert engine.run() == [(8, VIRTUAL + 8)]
    engine.map(VIRTUAL + 0x1000, RAM, 0)
    engine.uc.context_restore(saved)
    engine.pc = VIRTUAL
    assert engine.run() == [(8, VIRTUAL + 8)]
    engine.priv = M_MODE
    engine.uc.reg_write(rv.UC_RISCV_REG_SATP, 8 << 60 | 1 << 44 | ROOT >> 12)
    engine.priv = U_MODE
    engine.pc = VIRTUAL
    assert engine.run() == [(13, VIRTUAL + 4)]


@pytest.mark.parametrize("priv", [U_MODE, M_MODE])
def test_code_that_the_host_changes_stays_cached_until_it_is_removed(priv: int) -> None:
    """`ctl_remove_cache` takes an address of the current mode: virtual below M-mode, physical in it."""
    engine = Engine(addi(A0, 0, 1), ECALL)
    engine.map(VIRTUAL, CODE, V | R | X | U | A | D)
    engine.translate()
    engine.run()
    engine.put(CODE, addi(A0, 0, 2))
    engine.pc = VIRTUAL
    engine.run()
    assert engine.x(A0) == 1
    engine.priv = priv
    address = VIRTUAL if priv == U_MODE else CODE
    engine.uc.ctl_remove_cache(address, address + 4)
    engine.priv = U_MODE
    engine.pc = VIRTUAL
    engine.run()
    assert engine.x(A0) == 2


def test_a_hook_is_compiled_into_blocks_made_after_it() -> None:
    engine = Engine(NOP, ECALL)
    engine.run()
    engine.note_blocks()
    engine.pc = CODE
    engine.run()
    assert engine.blocks == []
    engine.uc.ctl_flush_tb()
    engine.pc = CODE
    engine.run()
    assert engine.blocks == [CODE]


def test_a_block_that_the_block_hook_stops_has_not_run() -> None:
    engine = Engine(addi(A0, 0, 1), ECALL)
    engine.uc.hook_add(uc_const.UC_HOOK_BLOCK, lambda uc, address, size, _: uc.emu_stop())
    assert engine.run() == []
    assert (engine.pc, engine.x(A0)) == (CODE, 0)


def test_a_code_hook_at_one_address_stops_before_that_instruction() -> None:
    engine = Engine(addi(A0, 0, 1), addi(A0, 0, 2), ECALL)
    engine.uc.hook_add(uc_const.UC_HOOK_CODE, lambda uc, address, size, _: uc.emu_stop(), None, CODE + 4, CODE + 4)
    assert engine.run() == []
    assert (engine.pc, engine.x(A0)) == (CODE + 4, 1)


def test_a_fetch_fault_in_a_block_is_raised_before_the_block_runs() -> None:
    """The engine's pc is then the start of the block, not the instruction that reaches into the next page."""
    engine = Engine(priv=U_MODE)
    start = RAM + 0x2000 - 6
    engine.put(start, addi(A0, 0, 1))
    engine.ram[start + 4 - RAM:start + 6 - RAM] = struct.pack("<H", NOP & 0xFFFF)
    engine.map(VIRTUAL, CODE, V | R | X | U | A | D)
    engine.translate()
    engine.pc = VIRTUAL + 0x1000 - 6
    assert engine.run() == [(12, VIRTUAL + 0x1000 - 2)]
    assert engine.x(A0) == 0


def test_an_exit_ends_a_block_before_what_cannot_be_fetched() -> None:
    engine = Engine(addi(A0, 0, 1), ECALL)
    engine.uc.ctl_set_exits([CODE + 4])
    assert engine.run() == []
    assert (engine.pc, engine.x(A0)) == (CODE + 4, 1)
    engine.uc.ctl_set_exits([])
    assert engine.run() == [(8, CODE + 8)]


def test_a_step_enters_the_block_after_its_last_instruction() -> None:
    """So the block hook has counted a block of which nothing ran, and the gate takes it back."""
    engine = Engine(jal(0, 8), NOP, ECALL)
    engine.note_blocks()
    engine.run(count=1)
    assert (engine.pc, engine.blocks) == (CODE + 8, [CODE, CODE + 8])


def test_an_interrupt_is_delivered_natively_to_stvec() -> None:
    engine = Engine(jal(0, 0))
    handler = RAM + 0x4000
    engine.put(handler, ILLEGAL)
    for register, value in ((rv.UC_RISCV_REG_MIDELEG, 0x222), (rv.UC_RISCV_REG_STVEC, handler),
                            (rv.UC_RISCV_REG_MIE, 0x20), (rv.UC_RISCV_REG_MIP, 0x20)):
        engine.uc.reg_write(register, value)
    engine.priv = U_MODE
    assert engine.run() == [(2, handler + 4)]
    assert engine.priv == S_MODE
    assert engine.uc.reg_read(rv.UC_RISCV_REG_SCAUSE) == 1 << 63 | 5
    assert engine.uc.reg_read(rv.UC_RISCV_REG_SEPC) == CODE
