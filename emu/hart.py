"""One RV64GC hart on Unicorn: makes the engine, sets its control registers and hands its functions to the trap gate.

Besides the gate, this is the only module that knows Unicorn.

Differs: single-precision results are not NaN-boxed, and operands that are not boxed are taken as they are.
Differs: fmin and fmax of a signalling NaN give a NaN (IEEE 754-2008), not the other operand.
Differs: a fused multiply-add of infinity times zero and a quiet NaN does not raise NV.
"""

from __future__ import annotations

import ctypes
import enum
import mmap
import struct
from typing import Any

from unicorn import riscv_const as rv
from unicorn import unicorn_const as uc_const
from unicorn.unicorn_py3 import unicorn as binding

from rvsim.emu._gate import PTE_A, PTE_D, PTE_R, PTE_U, PTE_X, Context, Frames, Gate, PageTable
from rvsim.emu.exit_check import switch_offset
from rvsim.emu.physical_memory import PhysicalMemory

RAM_BASE = 0x8000_0000
"""Physical address of the first byte of RAM."""

PAGE_SIZE = 4096

MSTATUS_FS = 3 << 13
"""mstatus.FS = Dirty: floating-point instructions do not trap. Volume II, "Extension Context Status in mstatus"."""

ACCESS_FAULTS = {
    uc_const.UC_ERR_FETCH_UNMAPPED: 1, uc_const.UC_ERR_READ_UNMAPPED: 5, uc_const.UC_ERR_WRITE_UNMAPPED: 7,
}
"""What `Hart.error` says of an access outside RAM, and the exception that it stands for."""

_PROBE_ADDRESS = 0x15_DEAD_B000


class Csr(enum.IntEnum):
    """The engine's numbers of control and status registers, for `Hart.csr` and `Hart.set_csr`."""

    MSTATUS = rv.UC_RISCV_REG_MSTATUS
    MIDELEG = rv.UC_RISCV_REG_MIDELEG
    MIE = rv.UC_RISCV_REG_MIE
    MIP = rv.UC_RISCV_REG_MIP
    SATP = rv.UC_RISCV_REG_SATP
    SCAUSE = rv.UC_RISCV_REG_SCAUSE
    SCOUNTEREN = rv.UC_RISCV_REG_SCOUNTEREN
    SEPC = rv.UC_RISCV_REG_SEPC
    STVAL = rv.UC_RISCV_REG_STVAL
    STVEC = rv.UC_RISCV_REG_STVEC


class Hart(Gate):
    """The hart and its RAM. `memory_bytes` is rounded up to whole pages; none of it is touched before it is used.

    Raises:
        MemoryError: the host refuses to reserve the memory.
    """

    def __init__(self, memory_bytes: int) -> None:
        size = -(-memory_bytes // PAGE_SIZE) * PAGE_SIZE
        try:
            self._memory = _reserve(size)
        except (OSError, ValueError, OverflowError) as error:
            raise MemoryError(f"cannot reserve {size} bytes of memory: {error}") from None
        self._anchor = ctypes.c_char.from_buffer(self._memory)
        address = ctypes.addressof(self._anchor)
        engine: Any = binding.Uc  # the binding has no types
        self._engine = engine(uc_const.UC_ARCH_RISCV, uc_const.UC_MODE_RISCV64)
        self._engine.ctl_exits_enabled(True)
        self._engine.mem_map_ptr(RAM_BASE, size, uc_const.UC_PROT_ALL, address)
        self._engine.reg_write(rv.UC_RISCV_REG_MSTATUS, MSTATUS_FS)
        self._context = self._engine.context_save()
        super().__init__(self._functions(), Frames(self._memory, address, RAM_BASE, size))
        self.set_tval_offset(self._find_tval())
        self.ticks = self.traps = 0
        self.memory = PhysicalMemory(memoryview(self._memory), RAM_BASE, self.forget)
        """RAM by physical address, frames or not."""

    def _functions(self) -> dict[str, Any]:
        library = binding.uclib
        names = ("emu_start", "emu_stop", "reg_read", "reg_write", "reg_read_batch", "reg_write_batch", "hook_add",
                 "context_save", "ctl", "vmem_read")
        offset = switch_offset()
        table: dict[str, Any] = {
            name: ctypes.cast(getattr(library, f"uc_{name}"), ctypes.c_void_p).value for name in names
        }
        table |= {
            "no_exit_check": self._engine._uch.value + offset if offset is not None else 0,
            "uc": self._engine._uch.value, "context": self._context.context.value,
            "x0": rv.UC_RISCV_REG_X0, "f0": rv.UC_RISCV_REG_F0, "pc": rv.UC_RISCV_REG_PC,
            "priv": rv.UC_RISCV_REG_PRIV, "satp": rv.UC_RISCV_REG_SATP, "fcsr": rv.UC_RISCV_REG_FCSR,
            "mstatus": Csr.MSTATUS, "scause": Csr.SCAUSE, "sepc": Csr.SEPC, "stval": Csr.STVAL, "stvec": Csr.STVEC,
            "ctl_tlb_flush": uc_const.UC_CTL_TLB_FLUSH, "ctl_tb_flush": uc_const.UC_CTL_TB_FLUSH,
            "ctl_remove_cache": uc_const.UC_CTL_TB_REMOVE_CACHE, "ctl_exits": uc_const.UC_CTL_UC_EXITS,
            "ctl_use_exits": uc_const.UC_CTL_UC_USE_EXITS, "scounteren": Csr.SCOUNTEREN,
            "hook_code": uc_const.UC_HOOK_CODE,
            "hook_kinds": (uc_const.UC_HOOK_BLOCK, uc_const.UC_HOOK_INTR, uc_const.UC_HOOK_INSN_INVALID,
                           uc_const.UC_HOOK_EDGE_GENERATED),
        }
        return table

    def _find_tval(self) -> int:
        """Where the engine keeps the faulting address in a saved context: fault on a known address and look.

        No register shows it, and its place differs between builds of the engine.
        """
        size = int(self._context.size)       # what lies behind it is not ours, and may hold an older answer
        table = PageTable(self.frames)
        code = self.frames.alloc()
        # j .+4; ld a0, 0(a0). The jump makes a block that runs to its end: the gate needs one before it is told of
        # new blocks.
        self.frames.write(code, 0, struct.pack("<II", 0x0040_006F, 0x0005_3503))
        table.map(0x1000, code, PTE_R | PTE_X | PTE_U | PTE_A | PTE_D)
        found: set[int] | None = None
        for address in (_PROBE_ADDRESS, _PROBE_ADDRESS + 0x1238):
            context = Context()
            context.pc = 0x1000
            context.set(10, address)
            self.load(context, table)
            self.run(None, None, 1000)
            data = self.context_bytes(size)
            needle = address.to_bytes(8, "little")
            offsets = {at for at in range(0, size - 7, 8) if data[at:at + 8] == needle}
            found = offsets if found is None else found & offsets
        # One of the places is register a0 itself; change it and look again.
        self.set_x(10, 0)
        data = self.context_bytes(size)
        needle = (_PROBE_ADDRESS + 0x1238).to_bytes(8, "little")
        places = [at for at in sorted(found or ()) if data[at:at + 8] == needle]
        self.unload()
        touched = self.frames.used * PAGE_SIZE
        table.free()
        self._memory[:touched] = bytes(touched)
        if len(places) != 1:
            raise RuntimeError(f"the engine keeps the faulting address in {len(places)} places, not one")
        return places[0]


def _reserve(size: int) -> mmap.mmap:
    flags = getattr(mmap, "MAP_PRIVATE", 0) | getattr(mmap, "MAP_ANONYMOUS", 0) | getattr(mmap, "MAP_NORESERVE", 0)
    return mmap.mmap(-1, size, flags=flags) if flags else mmap.mmap(-1, size)
