"""The functions of the vDSO, in the machine's own instructions, assembled here: no compiler is needed to make them.

arch/riscv/kernel/vdso. A function gets its arguments in a0 to a5, may use t0 to t6 and calls nothing, so none has a
stack frame. Instructions: The RISC-V Instruction Set Manual Volume I, "RV32/64G Instruction Set Listings".
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from rvsim.guest_os.abi.clocks import (
    CLOCK_BOOTTIME,
    CLOCK_MONOTONIC,
    CLOCK_MONOTONIC_COARSE,
    CLOCK_MONOTONIC_RAW,
    CLOCK_REALTIME,
    CLOCK_REALTIME_COARSE,
    CLOCK_TAI,
    COARSE_NS,
    NS,
)
from rvsim.guest_os.abi.hwprobe import HWPROBE
from rvsim.guest_os.abi.syscall_names import NAMES

ZERO, RA, T0, T1, T2, T3, T4, T5 = 0, 1, 5, 6, 7, 28, 29, 30
A0, A1, A2, A3, A4, A7 = 10, 11, 12, 13, 14, 17

NOP = 0x0000_0013
ECALL = 0x0000_0073
RET = 0x0000_8067
RDTIME = 0xC010_2073

REAL = (CLOCK_REALTIME, CLOCK_REALTIME_COARSE, CLOCK_TAI)
MONOTONIC = (CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW, CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME)
COARSE = (CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE)
CLOCKS = CLOCK_TAI + 1
"""The clocks that the data page has a place for; the system call answers for others, and for CPU time."""

_NUMBERS = {name: number for number, name in NAMES.items()}


def data_page(realtime_base_ns: int) -> bytes:
    """What stands on the page in front of the code: for each clock by number, what to add to the counter `time`."""
    return struct.pack(f"<{CLOCKS}Q", *(realtime_base_ns if clock in REAL else 0 for clock in range(CLOCKS)))


@dataclass(frozen=True)
class Function:
    """A function's name, and where it stands in the code: half-open, in bytes."""

    name: str
    start: int
    end: int


class Assembler:
    """Instructions one after the other; branches go to labels, which may come later.

    `data` and `answers` are where the data page and the answers of riscv_hwprobe begin, in bytes from the start of the
    code (negative: in front of it).
    """

    def __init__(self, data: int, answers: int) -> None:
        self.data = data
        self.answers = answers
        self.words: list[int] = []
        self.labels: dict[str, int] = {}
        self.branches: list[tuple[int, str]] = []
        self.functions: list[Function] = []

    @property
    def here(self) -> int:
        """The next instruction's place, in bytes."""
        return 4 * len(self.words)

    def emit(self, *words: int) -> None:
        """Instructions as they are."""
        self.words += words

    def bytes(self) -> bytes:
        """The code, with all branches resolved. KeyError: a label that was never set."""
        words = list(self.words)
        for at, label in self.branches:
            words[at // 4] |= _branch_offset(self.labels[label] - at)
        return struct.pack(f"<{len(words)}I", *words)

    def label(self, name: str) -> None:
        """Give the next instruction a name."""
        self.labels[name] = self.here

    # ---- instructions by format

    def reg(self, funct7: int, funct3: int, rd: int, rs1: int, rs2: int) -> None:
        """R-type of the opcode OP."""
        self.emit(funct7 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | 0x33)

    def imm(self, opcode: int, funct3: int, rd: int, rs1: int, value: int) -> None:
        """I-type; `value` fits in 12 bits, signed."""
        self.emit((value & 0xFFF) << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode)

    def store(self, funct3: int, rs2: int, offset: int, rs1: int) -> None:
        """S-type: sw is 2, sd is 3."""
        self.emit((offset >> 5 & 0x7F) << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | (offset & 31) << 7 | 0x23)

    def branch(self, funct3: int, rs1: int, rs2: int, label: str) -> None:
        """B-type: beq 0, bne 1, bltu 6, bgeu 7."""
        self.branches.append((self.here, label))
        self.emit(rs2 << 20 | rs1 << 15 | funct3 << 12 | 0x63)

    # ---- instructions by name

    def add(self, rd: int, rs1: int, rs2: int) -> None:
        self.reg(0, 0, rd, rs1, rs2)

    def addi(self, rd: int, rs1: int, value: int) -> None:
        self.imm(0x13, 0, rd, rs1, value)

    def ld(self, rd: int, offset: int, rs1: int) -> None:
        self.imm(0x03, 3, rd, rs1, offset)

    def sd(self, rs2: int, offset: int, rs1: int) -> None:
        self.store(3, rs2, offset, rs1)

    def beqz(self, rs1: int, label: str) -> None:
        self.branch(0, rs1, ZERO, label)

    def bnez(self, rs1: int, label: str) -> None:
        self.branch(1, rs1, ZERO, label)

    def bgeu(self, rs1: int, rs2: int, label: str) -> None:
        self.branch(7, rs1, rs2, label)

    def shift_left(self, rd: int, rs1: int, amount: int) -> None:
        self.imm(0x13, 1, rd, rs1, amount)

    def li(self, rd: int, value: int) -> None:
        """A constant of 32 bits, signed."""
        upper, lower = value + 0x800 >> 12, (value + 0x800 & 0xFFF) - 0x800
        if upper:
            self.emit((upper & 0xFFFFF) << 12 | rd << 7 | 0x37)
            if lower:
                self.imm(0x1B, 0, rd, rd, lower)        # addiw
        else:
            self.addi(rd, ZERO, lower)

    def address(self, rd: int, target: int) -> None:
        """The address of what stands `target` bytes from the start of the code: auipc, addi."""
        distance = target - self.here
        self.emit((distance + 0x800 >> 12 & 0xFFFFF) << 12 | rd << 7 | 0x17)
        self.addi(rd, rd, (distance + 0x800 & 0xFFF) - 0x800)

    def syscall(self, name: str) -> None:
        """Ask the kernel, with the arguments as they are in their registers."""
        self.li(A7, _NUMBERS[name])
        self.emit(ECALL)


def _branch_offset(offset: int) -> int:
    """The immediate of a B-type instruction in its place."""
    return ((offset >> 12 & 1) << 31 | (offset >> 5 & 0x3F) << 25 | (offset >> 1 & 0xF) << 8
            | (offset >> 11 & 1) << 7)


def _mask(clocks: tuple[int, ...]) -> int:
    return sum(1 << clock for clock in clocks)


def _unless_clock(asm: Assembler, clocks: tuple[int, ...], label: str) -> None:
    """Go to `label` unless a0 is one of `clocks`."""
    asm.li(T0, CLOCKS)
    asm.bgeu(A0, T0, label)
    asm.li(T1, _mask(clocks))
    asm.reg(0, 5, T1, T1, A0)               # srl
    asm.imm(0x13, 7, T1, T1, 1)             # andi
    asm.beqz(T1, label)


def _now(asm: Assembler) -> None:
    """t3, t4 = seconds and nanoseconds, of the clock whose place in the data page is at t1."""
    asm.ld(T1, 0, T1)
    asm.emit(RDTIME | T0 << 7)
    asm.add(T0, T0, T1)
    asm.li(T2, NS)
    asm.reg(1, 5, T3, T0, T2)               # divu
    asm.reg(1, 7, T4, T0, T2)               # remu


def _return_0(asm: Assembler) -> None:
    asm.addi(A0, ZERO, 0)
    asm.emit(RET)


def clock_gettime(asm: Assembler) -> None:
    """(clock, struct timespec *). lib/vdso/gettimeofday.c:__cvdso_clock_gettime"""
    _unless_clock(asm, REAL + MONOTONIC, "gettime by call")
    asm.address(T1, asm.data)
    asm.shift_left(T0, A0, 3)
    asm.add(T1, T1, T0)
    _now(asm)
    asm.sd(T3, 0, A1)
    asm.sd(T4, 8, A1)
    _return_0(asm)
    asm.label("gettime by call")
    asm.syscall("clock_gettime")
    asm.emit(RET)


def gettimeofday(asm: Assembler) -> None:
    """(struct timeval *, struct timezone *), each of them or not. lib/vdso/gettimeofday.c:__cvdso_gettimeofday"""
    asm.beqz(A0, "zone")
    asm.address(T1, asm.data + 8 * CLOCK_REALTIME)
    _now(asm)
    asm.li(T2, 1000)
    asm.reg(1, 5, T4, T4, T2)               # divu
    asm.sd(T3, 0, A0)
    asm.sd(T4, 8, A0)
    asm.label("zone")
    asm.beqz(A1, "day done")
    asm.store(2, ZERO, 0, A1)
    asm.store(2, ZERO, 4, A1)
    asm.label("day done")
    _return_0(asm)


def clock_getres(asm: Assembler) -> None:
    """(clock, struct timespec * or NULL). lib/vdso/gettimeofday.c:__cvdso_clock_getres"""
    _unless_clock(asm, REAL + MONOTONIC, "getres by call")
    asm.beqz(A1, "res done")
    asm.li(T2, 1)
    asm.li(T1, _mask(COARSE))
    asm.reg(0, 5, T1, T1, A0)               # srl
    asm.imm(0x13, 7, T1, T1, 1)             # andi
    asm.beqz(T1, "fine")
    asm.li(T2, COARSE_NS)
    asm.label("fine")
    asm.sd(ZERO, 0, A1)
    asm.sd(T2, 8, A1)
    asm.label("res done")
    _return_0(asm)
    asm.label("getres by call")
    asm.syscall("clock_getres")
    asm.emit(RET)


def getcpu(asm: Assembler) -> None:
    """(cpu, node, unused). arch/riscv/kernel/vdso/getcpu.S"""
    asm.syscall("getcpu")
    asm.emit(RET)


def flush_icache(asm: Assembler) -> None:
    """(start, end, flags). arch/riscv/kernel/vdso/flush_icache.S"""
    asm.syscall("riscv_flush_icache")
    asm.emit(RET)


def riscv_hwprobe(asm: Assembler) -> None:
    """(pairs, how many, size of a CPU set, CPU set, flags); here if it asks for all CPUs and has no flags, so that
    programs that start need no call. arch/riscv/kernel/vdso/hwprobe.c"""
    asm.reg(0, 6, T0, A2, A3)               # or
    asm.reg(0, 6, T0, T0, A4)
    asm.bnez(T0, "probe by call")
    asm.shift_left(T1, A1, 4)
    asm.add(T1, A0, T1)
    asm.address(T2, asm.answers)
    asm.li(T4, len(HWPROBE))
    asm.label("pair")
    asm.bgeu(A0, T1, "probed")
    asm.ld(T3, 0, A0)
    asm.bgeu(T3, T4, "unknown")
    asm.shift_left(T3, T3, 3)
    asm.add(T3, T2, T3)
    asm.ld(T3, 0, T3)
    asm.sd(T3, 8, A0)
    asm.addi(A0, A0, 16)
    asm.branch(0, ZERO, ZERO, "pair")
    asm.label("unknown")
    asm.addi(T3, ZERO, -1)
    asm.sd(T3, 0, A0)
    asm.sd(ZERO, 8, A0)
    asm.addi(A0, A0, 16)
    asm.branch(0, ZERO, ZERO, "pair")
    asm.label("probed")
    _return_0(asm)
    asm.label("probe by call")
    asm.syscall("riscv_hwprobe")
    asm.emit(RET)


def rt_sigreturn(asm: Assembler) -> None:
    """Where handlers return to. Unwinders also know it by these two instructions' bytes; `li` must be one of four.

    arch/riscv/kernel/vdso/rt_sigreturn.S
    """
    asm.syscall("rt_sigreturn")


def hwprobe_answers() -> bytes:
    """The values of riscv_hwprobe's keys, from key 0 on."""
    return struct.pack(f"<{len(HWPROBE)}Q", *HWPROBE)


def assemble(data: int, answers: int) -> tuple[bytes, list[Function]]:
    """All of the code, and its functions in their order; for the arguments see `Assembler`.

    A `nop` stands in front of each function: an unwinder looks for the instruction before a return address, and
    that of a signal handler is the first of `rt_sigreturn`.
    """
    asm = Assembler(data, answers)
    for body in (rt_sigreturn, clock_gettime, gettimeofday, clock_getres, getcpu, flush_icache, riscv_hwprobe):
        asm.emit(NOP)
        start = asm.here
        body(asm)
        asm.functions.append(Function(f"__vdso_{body.__name__}", start, asm.here))
    return asm.bytes(), asm.functions
