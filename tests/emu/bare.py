"""A bare hart in U-mode for tests: code at 0x10000, no kernel. And the few instructions that such tests spell out."""

import struct
from collections.abc import Iterable

from rvsim.emu._gate import PTE_A, PTE_D, PTE_R, PTE_U, PTE_W, PTE_X, Context, PageTable
from rvsim.emu.hart import Hart

CODE = 0x10000
PAGE = 4096
RX = PTE_R | PTE_X | PTE_U | PTE_A | PTE_D
RW = PTE_R | PTE_W | PTE_U | PTE_A | PTE_D
MANY = 1 << 40

A0, A1, A2, A3, A7, T0 = 10, 11, 12, 13, 17, 5

ECALL = 0x0000_0073
EBREAK = 0x0010_0073
WFI = 0x1050_0073
NOP = 0x0000_0013
C_NOP = 0x0001
RDCYCLE_A0 = 0xC000_2573
RDTIME_A0 = 0xC010_2573
RDINSTRET_A0 = 0xC020_2573
ILLEGAL = 0x0000_0000


def addi(rd: int, rs1: int, imm: int) -> int:
    return (imm & 0xFFF) << 20 | rs1 << 15 | rd << 7 | 0x13


def jal(rd: int, offset: int) -> int:
    high = (offset >> 20 & 1) << 31 | (offset >> 1 & 0x3FF) << 21
    return high | (offset >> 11 & 1) << 20 | (offset >> 12 & 0xFF) << 12 | rd << 7 | 0x6F


def bnez(rs1: int, offset: int) -> int:
    high = (offset >> 12 & 1) << 31 | (offset >> 5 & 0x3F) << 25
    return high | rs1 << 15 | 1 << 12 | (offset >> 1 & 0xF) << 8 | (offset >> 11 & 1) << 7 | 0x63


def ld(rd: int, rs1: int, imm: int = 0) -> int:
    return (imm & 0xFFF) << 20 | rs1 << 15 | 3 << 12 | rd << 7 | 0x03


def sd(rs2: int, rs1: int, imm: int = 0) -> int:
    return (imm >> 5 & 0x7F) << 25 | rs2 << 20 | rs1 << 15 | 3 << 12 | (imm & 0x1F) << 7 | 0x23


def lr_d(rd: int, rs1: int) -> int:
    return 0b00010 << 27 | rs1 << 15 | 3 << 12 | rd << 7 | 0x2F


def sc_d(rd: int, rs2: int, rs1: int) -> int:
    return 0b00011 << 27 | rs2 << 20 | rs1 << 15 | 3 << 12 | rd << 7 | 0x2F


def words(code: Iterable[int]) -> bytes:
    """Little-endian code: two bytes for a compressed instruction, four for any other."""
    return b"".join(struct.pack("<I", word) if word & 3 == 3 or word == 0 else struct.pack("<H", word) for word in code)


class Bare:
    """A hart with one address space and one context, ready to run at `CODE`."""

    def __init__(self, *code: int, at: int = CODE, memory_bytes: int = 1 << 20) -> None:
        self.hart = Hart(memory_bytes)
        self.table = PageTable(self.hart.frames)
        self.context = Context()
        self.put(at, words(code))
        self.start(at)

    def put(self, va: int, data: bytes, flags: int = RX) -> None:
        """Map what pages are missing at `va`, which may be at any byte, and store `data`."""
        done = 0
        while done < len(data):
            page, offset = (va + done) & -PAGE, (va + done) % PAGE
            if self.table.walk(page) == 0:
                self.table.map_zero(page, flags)
            physical = self.table.translate(page)
            assert physical is not None
            chunk = data[done:done + PAGE - offset]
            self.hart.frames.write(physical // PAGE, offset, chunk)
            done += len(chunk)

    def start(self, pc: int) -> None:
        self.context.pc = pc
        self.hart.load(self.context, self.table)

    def run(self, budget: int = MANY) -> int:
        return self.hart.run(None, None, budget)

    def skip(self) -> None:
        """Go past the instruction that trapped."""
        self.hart.pc += 4
